"""The state of the explorer as immutable values, and what it is equipped with."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from segue.core.audio import AnyPlayer
    from segue.core.deezer.previews import PreviewSource
    from segue.core.deezer.source import Covers
    from segue.core.explore.radio import Planned
    from segue.core.explore.titles import DeezerTitles
    from segue.core.listenbrainz import ListenBrainz
    from segue.core.state import State


class Playing(Struct, frozen=True):
    """The track that is in the player."""

    row: int | None
    """Its row in the library."""
    label: str
    duration: float = 0.0
    """Seconds."""
    paused: bool = False
    credit: str = ""
    """Where the preview comes from."""
    link: str = ""
    """The page of the track."""
    note: str = ""
    """How the preview was found, unless it is simply the track's own."""
    by: str = "audition"
    """Who plays it: `audition`, or `radio` for what comes from the queue."""
    envelope: Sequence[float] = ()
    """How loud each two-hundredth of it is, from 0 to 1; empty where only a part is played."""
    cover: str = ""
    """The address of the album's cover; empty where none is known."""
    trailer: bool = False
    """Whether only a few seconds of it are played."""
    reason: str = ""
    """Why it plays: its number in the list, or what the radio says of it."""


class StartingPoint(Struct, frozen=True):
    """Something to listen to while nothing plays."""

    name: str
    remark: str
    start: Callable[[], object]


class Dials(Struct, frozen=True):
    """What shapes the neighbours and the radio."""

    ranker: str = "like"
    familiarity: str = "any"
    unheard: bool = False
    variety: bool = True

    def describe(self) -> str:
        """Name the dials that are not at their defaults, for the line above a list."""
        words = []
        if self.familiarity != "any":
            words.append(self.familiarity)
        if self.unheard:
            words.append("unheard")
        if not self.variety:
            words.append("no guard")
        return " · ".join(words)


class Basket(Struct, frozen=True):
    """The ingredients of a blend: a weight of 1 to 3 by row, negative for less of it."""

    weights: tuple[tuple[int, int], ...] = ()

    def weight(self, row: int) -> int:
        """Return the weight of a track, 0 if it is not in the basket."""
        return dict(self.weights).get(row, 0)

    def add(self, row: int, step: int) -> Self:
        """Add 1 or -1 to a track's weight, between -3 and 3; a weight of 0 leaves the basket."""
        weights = dict(self.weights)
        weights[row] = min(max(weights.get(row, 0) + step, -3), 3)
        return replace(self, weights=tuple((row, weight) for row, weight in weights.items() if weight))

    def __len__(self) -> int:
        return len(self.weights)


class Radio(Struct, frozen=True):
    """What the screen shows of the queue: a list, a radio, or a list before a radio."""

    on: bool = False
    """Whether something plays from it or will."""
    paused: bool = False
    source: str = ""
    """What fills it, such as the title of a list; empty for a radio from a track."""
    seed: int | None = None
    """The row of the track that its radio started from and stays near; None without a radio."""
    begins_at: float = 0.0
    """Where in its first track it begins, in seconds; 0 once something has played."""
    mode: Literal["walk", "steer"] = "steer"
    distance: int = 0
    """How many of the nearest tracks it passes over, in steps from 0 to 6."""
    drift: float = 0.5
    """0 stays near the seed, 1 follows the last track."""
    upcoming: tuple["Planned", ...] = ()
    remarks: tuple[str, ...] = ()
    """What was skipped and why, and other notes; the latest first."""


COVER_COLUMNS = 100
"""Columns of a screen that has room for a cover."""


class Equipment(Struct, frozen=True):
    """Passed in when the explorer is opened, so that tests can pass their own."""

    state: "State"
    previews: "PreviewSource"
    make_player: "Callable[[], AnyPlayer]"
    """Makes the player when something is first played."""
    offline: bool = False
    """Whether to make no network requests."""
    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""
    seed: int | None = None
    """The random seed; None for a different one each time."""
    titles: "DeezerTitles | None" = None
    """Who is asked for titles that the library lacks; None to ask no service."""
    make_covers: "Callable[[], Covers] | None" = None
    """Makes what brings covers when one is first shown; None to show none."""
    make_picture: Callable[[], Any] | None = None
    """Makes the widget that draws a cover in real pixels; None where half blocks have to do."""
    socket: Path | None = None
    """Where to listen for `segue ctl`; None not to listen."""
    scrobbler: "ListenBrainz | None" = None
    """Notified of what is heard; None for no one."""
    bus: str = ""
    """The address of the desktop's session bus; empty to stay off it."""
    seat: int = 1
    """Which of the explorers of one library this is, counted from 1: each keeps a place and a queue."""
