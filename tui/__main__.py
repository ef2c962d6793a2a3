"""The command `segue`: the explorer without a verb, the command line with one."""

import sys
from collections.abc import Sequence

from segue.core.cli import main as run


def main(argv: Sequence[str] | None = None) -> int:
    """Run `segue` and return its exit code."""
    from segue.tui.opening import open_explorer

    return run(argv, open_tui=open_explorer)


if __name__ == "__main__":
    sys.exit(main())
