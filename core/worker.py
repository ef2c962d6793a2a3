"""Work that another process does beside this one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_START = (
    "import sys, importlib; root, module = sys.argv[1:3]; del sys.argv[1:3]; sys.path.append(root); "
    "importlib.import_module(module).main()"
)
_ROOT = Path(__file__).absolute().parents[2]
"""The folder that holds the package, for a checkout that is not installed."""


@contextmanager
def worker(module: str, *arguments: str, quiet: bool) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `main` of a module of this package in another process, which is killed at the end of the block.

    Ctrl-C is for this process, which decides what is kept; should it be killed, the other one notices that
    its standard input or output is closed. `module` is its whole name, and `arguments` are what its
    `sys.argv` holds after the first. With `quiet` what it writes to standard error is dropped, where this
    process does the work again if that one fails. Yields the process, with pipes for its standard input and
    output.
    """
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-P", "-c", _START, str(_ROOT), module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else None,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what it no longer reads
                    pipe.close()
        process.wait()
