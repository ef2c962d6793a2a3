"""What the explorer gets from outside besides the library."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segue.core.audio import Player
    from segue.core.deezer.covers import Covers
    from segue.core.deezer.previews import PreviewSource
    from segue.core.explore.titles import DeezerTitles
    from segue.core.listenbrainz import ListenBrainz
    from segue.core.state import State


@dataclass(frozen=True)
class Equipment:
    """Handed in by whoever opens the explorer, so that tests hand in their own."""

    state: "State"
    previews: "PreviewSource"
    make_player: "Callable[[], Player]"
    """Makes the player when something is first played."""
    offline: bool = False
    """Whether to make no network requests."""
    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""
    seed: int | None = None
    """The random seed; None for a different one each time."""
    titles: "DeezerTitles | None" = None
    """Who is asked for titles that the library lacks; None to ask nobody."""
    make_covers: "Callable[[], Covers] | None" = None
    """Makes what brings covers when one is first shown; None to show none."""
    socket: Path | None = None
    """Where to listen for `segue ctl`; None not to listen."""
    scrobbler: "ListenBrainz | None" = None
    """Who is notified of what is heard; None for nobody."""
    bus: str = ""
    """The address of the desktop's session bus; empty to stay off it."""
