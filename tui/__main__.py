"""The command `segue`: the explorer without a verb, the command line with one."""

import argparse
import sys
from collections.abc import Sequence

from segue.core.cli import main as run


def main(argv: Sequence[str] | None = None) -> int:
    """Run `segue` and return its exit code."""
    return run(argv, open_tui=_open_tui)


def _open_tui(args: argparse.Namespace) -> int:
    from segue.tui.opening import open_explorer  # asyncio: 60 ms, which verbs need not wait

    return open_explorer(args)


if __name__ == "__main__":
    sys.exit(main())
