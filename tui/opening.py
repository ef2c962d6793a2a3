"""Opening the explorer: the library, the state, the sound, and the screen."""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.state import State


@dataclass(frozen=True)
class Equipment:
    """What the app has from outside besides the library."""

    state: "State"
    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""


def open_explorer(args: argparse.Namespace) -> int:
    """Open the explorer and return the exit code when the listener leaves."""
    from core.library import Library
    from tui.app import SegueApp
    from tui.settings import read_settings

    settings = read_settings()
    library = Library.open(args.library)
    nothing: Any = None
    app = SegueApp(library, Equipment(nothing), settings)
    app.run(mouse=settings.mouse)
    return app.return_code or 0
