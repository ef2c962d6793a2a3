"""The log: a small file in the state folder that turns over, for when something went wrong.

It names commands, files, counts and errors. It lies in a folder that only its owner can read.
"""

import logging
from pathlib import Path

from segue.core.places import user_folder
from segue.core.text import printable

LIMIT = 1_000_000
"""Bytes of one file."""
KEPT = 2
"""Older files beside the current one."""
logger = logging.getLogger("segue")


class _Plain(logging.Formatter):
    """Keeps control characters out of the log, which people read in a terminal too."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(map(printable, super().format(record).split("\n")))


def log_path() -> Path:
    """Name the log file."""
    return user_folder("state") / "segue.log"


def start_log(*, debug: bool = False) -> None:
    """Begin to write the log, in detail with `debug`. Where its folder can't be written there is none."""
    from logging.handlers import RotatingFileHandler  # 8 ms, most of it shared with asyncio

    for handler in logger.handlers[:]:
        logger.removeHandler(handler)
        handler.close()
    path = log_path()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        logger.addHandler(RotatingFileHandler(path, maxBytes=LIMIT, backupCount=KEPT, encoding="utf-8"))
    except OSError:
        logger.addHandler(logging.NullHandler())
    for handler in logger.handlers:
        handler.setFormatter(_Plain("%(asctime)s %(process)d %(levelname)s %(message)s"))
        handler.handleError = lambda record: None  # type: ignore[method-assign]  # noqa: ARG005 - a full disk must not spoil the screen
    logger.propagate = False
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
