"""The log: a small file in the state folder that turns over, for when something went wrong.

It names commands, files, counts and errors. It lies in a folder that only its owner can read.
"""

import logging
import os
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from segue.core.places import user_folder
from segue.core.text import printable

LIMIT = 1_000_000
"""Bytes of one file."""
KEPT = 2
"""Older files beside the current one."""
logger = logging.getLogger("segue")


class _Plain(logging.Formatter):
    """Keeps control characters out of the log, which people read in a terminal too.

    A record is one line. The lines of a traceback follow it indented, so that none of them can pass for a
    record.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return printable(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - logging's name and type
        return "\n".join(f"    {printable(line)}" for line in super().formatException(ei).split("\n"))


def _private(path: Path) -> logging.Handler:
    """A log that turns over and that only its owner can read, the next file like the first."""
    from logging.handlers import RotatingFileHandler  # 8 ms, most of it shared with asyncio

    class Private(RotatingFileHandler):
        def _open(self) -> TextIOWrapper:
            def opener(name: str, flags: int) -> int:
                return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)

            return open(self.baseFilename, self.mode, encoding=self.encoding, opener=opener)  # type: ignore[return-value]  # opened as text

    return Private(path, maxBytes=LIMIT, backupCount=KEPT, encoding="utf-8")


def log_path() -> Path:
    """Name the log file."""
    return user_folder("state") / "segue.log"


def start_log(*, debug: bool = False) -> None:
    """Begin to write the log, in detail with `debug`. Where its folder can't be written there is none."""
    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
        handler.close()
    path = log_path()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(PermissionError):  # another owner's: as private as that owner made it
            path.parent.chmod(0o700)
        logger.addHandler(_private(path))
    except OSError:
        logger.addHandler(logging.NullHandler())
    for handler in logger.handlers:
        handler.setFormatter(_Plain("%(asctime)s %(process)d %(levelname)s %(message)s"))
        handler.handleError = lambda record: None  # type: ignore[method-assign]  # noqa: ARG005 - a full disk must not spoil the screen
    logger.propagate = False
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
