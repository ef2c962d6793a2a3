"""The queue: what will be heard next, whatever filled it."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from segue.core.errors import SegueError
from segue.core.explore.radio import Planned, met_in_playlists

if TYPE_CHECKING:
    from segue.core.explore.radio import RadioPlanner
    from segue.core.library import Library

LONGEST = 1000
"""Tracks that are taken of a list: a caller with a longer one informs the listener."""
_EXPLAINED = 100
"""Tracks at the beginning of a list that say how they go with the one before."""
TRAILER_SECONDS = 6.0
"""How much a trailer plays of each track."""
_NEAR = 25
"""Tracks heard last that the radio after a list stays near."""
KEPT = 200
"""Tracks that `back` can go back over."""


class Snapshot(NamedTuple):
    """A queue as it was at a moment, for undo."""

    source: str
    upcoming: tuple[Planned, ...]
    current: Planned | None
    heard: tuple[Planned, ...]
    radio: "RadioPlanner | None"


def cut_note(count: int) -> str:
    """Return that a list of so many tracks is cut; empty where it is played whole."""
    return f"the first {LONGEST:,} of {count:,} tracks are played" if count > LONGEST else ""


def in_order(
    library: "Library", rows: Sequence[int], source: str, *, seconds: float | None = None
) -> list[Planned]:
    """Queue a list in its order; at most `LONGEST` of its tracks are taken.

    `source` is what the list is, for the listener: each track says its number there, and the first ones also
    in how many playlists they stand with the track before. `seconds` is how much of each is played:
    `TRAILER_SECONDS` makes a trailer.
    """
    taken = [int(row) for row in rows[:LONGEST]]
    vectors = np.asarray(library.vectors[taken])
    steps = [0.0, *np.einsum("nd,nd->n", vectors[1:], vectors[:-1]).tolist()]
    queued = []
    for at, (row, step) in enumerate(zip(taken, steps, strict=False)):
        met = met_in_playlists(library, taken[at - 1], row) if 0 < at < _EXPLAINED else ""
        where = f"{at + 1} of {len(rows)}, {met or source}" if source else met
        queued.append(Planned(row, where, step, seconds=seconds))
    return queued


class Queue:
    """What will be heard next: tracks in order, then what a radio plans, where there is one.

    It is the planner of a `RadioSession`. Its methods may be called from any thread; a session's own queue is
    changed through `RadioSession.steer`, so that what begins to play is what was first in line. `source` is
    where the tracks come from, for the listener, such as `Path from A to B`. The `radio` goes on where they
    end, or the one that `flow` plans near some rows when they run out.
    """

    def __init__(
        self,
        tracks: Sequence[Planned] = (),
        *,
        source: str = "",
        radio: "RadioPlanner | None" = None,
        flow: "Callable[[Sequence[int]], RadioPlanner] | None" = None,
    ) -> None:
        self.source = source
        self.flow = flow
        self._lock = threading.RLock()
        self._tracks: list[Planned] = list(tracks)
        self._radio = radio
        self._heard: list[Planned] = []
        """What was played before, the latest last."""
        self._current: Planned | None = None
        self._skipped: set[int] = set()
        """Rows that were skipped early."""
        self._flowed: RadioPlanner | None = None
        """The radio that goes on from what was heard."""
        self._by_radio = False
        """Whether what plays came from the radio."""

    # --- the planner of a session

    @property
    def plan(self) -> tuple[Planned, ...]:
        """What comes next, in order: the tracks, then the next five of the radio."""
        with self._lock:
            return (*self._tracks, *(self._radio.plan if self._radio else ()))

    @property
    def notice(self) -> str:
        """How the radio's search was widened; empty when it was not."""
        radio = self._radio
        return radio.notice if radio else ""

    def advance(self) -> Planned | None:
        """Go on to the next track; None when nothing is left."""
        with self._lock:
            self._by_radio = not self._tracks
            following: Planned | None = None
            if self._tracks:
                following = self._tracks.pop(0)
            elif self._radio is not None:
                following = self._radio.advance()
            if following is None:
                return None
            if self._current is not None:
                self._heard = [*self._heard, self._current][-KEPT:]
            self._current = following
            if not self._tracks and self._radio is None and self.flow is not None:
                self._radio = self._flowing(self.flow)
            return following

    def _flowing(self, flow: "Callable[[Sequence[int]], RadioPlanner]") -> "RadioPlanner | None":
        """A radio near what was heard last, without its tracks; None where there can't be one.

        It goes on from what was really heard: what was skipped early pushes it away.
        """
        heard, skipped = self._really_heard()
        try:
            radio = flow((heard or skipped)[::-1])
        except SegueError:
            return None
        self._flowed = radio
        radio.hear(heard, skipped)
        self.keep_from(radio)
        return radio

    def _really_heard(self) -> tuple[list[int], list[int]]:
        """The rows of the last tracks, oldest first: those that were heard, and those skipped early."""
        rows = [planned.row for planned in self.heard[-_NEAR:]]
        skipped = [row for row in rows if row in self._skipped]
        return [row for row in rows if row not in self._skipped], skipped

    def keep_from(self, radio: "RadioPlanner") -> None:
        """Keep a radio from planning what is in line or was heard."""
        with self._lock:
            for row in {planned.row for planned in (*self._tracks, *self.heard)}:
                radio.drop(row)

    def skip(self, heard: float) -> None:
        """Note a skip of what plays; a radio steers away from its own tracks and what it flowed on from."""
        from segue.core.explore.radio import EARLY  # loaded with any radio, which a list does not need

        with self._lock:
            if self._current is not None and heard < EARLY:
                self._skipped.add(self._current.row)
            if self._radio is None:
                return
            if self._by_radio:
                self._radio.skip(heard)
            elif self._radio is self._flowed:
                self._radio.hear(*self._really_heard())

    def drop(self, row: int) -> None:
        """Drop the next track if it is this one, else all of this one: it can't be played."""
        with self._lock:
            if any(planned.row == row for planned in self._tracks):
                self._tracks = [planned for planned in self._tracks if planned.row != row]
            elif self._radio is not None:
                self._radio.drop(row)

    # --- the listener's changes

    @property
    def radio(self) -> "RadioPlanner | None":
        """The radio that goes on after the tracks."""
        return self._radio

    @property
    def heard(self) -> tuple[Planned, ...]:
        """What was played, oldest first, the current track included."""
        with self._lock:
            return (*self._heard, *([self._current] if self._current is not None else ()))

    def fill(
        self, tracks: Sequence[Planned], *, source: str = "", radio: "RadioPlanner | None" = None
    ) -> None:
        """Put other tracks in the place of all that comes."""
        with self._lock:
            self._tracks, self._radio, self.source = list(tracks), radio, source

    def add(self, tracks: Sequence[Planned], *, first: bool = False) -> None:
        """Add tracks before all others, or after the ones in line; a radio goes on after them."""
        with self._lock:
            at = 0 if first else len(self._tracks)
            self._tracks[at:at] = tracks

    def take_out(self, tracks: Sequence[Planned]) -> None:
        """Take back what `add` put in, as far as it has not begun."""
        with self._lock:
            self._tracks = [
                planned for planned in self._tracks if not any(planned is track for track in tracks)
            ]

    def remove(self, line: int) -> None:
        """Take a line out of the plan."""
        with self._lock:
            if 0 <= line < len(self._tracks):
                del self._tracks[line]
            elif self._radio is not None and line < len(self.plan):
                self._radio.drop(self.plan[line].row)

    def move(self, line: int, to: int) -> None:
        """Move a line of the plan to another place; the radio's tracks up to there come into line."""
        with self._lock:
            last = len(self.plan) - 1
            if not (0 <= line <= last and 0 <= to <= last):
                return
            self._take_from_radio(max(line, to) + 1)
            self._tracks.insert(to, self._tracks.pop(line))

    def jump_to(self, line: int) -> None:
        """Pass over everything before a line of the plan."""
        with self._lock:
            self._take_from_radio(line)
            del self._tracks[:line]

    def _take_from_radio(self, length: int) -> None:
        """Bring the radio's next tracks into line, until so many are."""
        while len(self._tracks) < length and self._radio is not None:
            planned = self._radio.advance()
            if planned is None:
                return
            self._tracks.append(planned)

    def back(self) -> bool:
        """Put what plays back in line, after what was heard before it; return whether there is such."""
        with self._lock:
            self.again()
            if self._heard:
                self._tracks.insert(0, self._heard.pop())
                return True
            return False

    def put_first(self, planned: Planned) -> None:
        """Play this next, once: a radio does not offer it again."""
        with self._lock:
            if self.plan[:1] == (planned,):
                return
            if planned in self._tracks:
                self._tracks.remove(planned)
            elif self._radio is not None:
                self._radio.drop(planned.row)
            self._tracks.insert(0, planned)

    def again(self) -> None:
        """Put what plays back in line, to be played again or after something else."""
        with self._lock:
            if self._current is not None:
                self._tracks.insert(0, self._current)
                self._current = None

    def clear(self) -> None:
        """Take out everything that comes, and the radio."""
        self.fill(())

    # --- undo and the state file

    def snapshot(self) -> Snapshot:
        """The queue as it is."""
        with self._lock:
            return Snapshot(self.source, self.plan, self._current, tuple(self._heard), self._radio)

    def restore(self, was: Snapshot, *, playing: bool = False) -> None:
        """Bring back what was to come; with `playing` also what played then, to be played again."""
        with self._lock:
            self.source, self._radio = was.source, was.radio
            radios = was.radio.plan if was.radio is not None else ()
            self._tracks = [planned for planned in was.upcoming if planned not in radios]
            if playing:
                self._heard, self._current = list(was.heard), was.current
                self.again()

    def to_json(self) -> dict[str, Any]:
        """What plays, what comes and what was heard, as JSON; a radio is planned again."""
        with self._lock:
            current = [] if self._current is None else [self._current]
            return {
                "source": self.source,
                "tracks": [_to_json(planned) for planned in (*current, *self._tracks)],
                "heard": [_to_json(planned) for planned in self._heard],
                "radio": None if self._radio is None else list(self._radio.seeds),
            }

    def read_json(self, value: Mapping[str, Any], *, tracks: int) -> tuple[int, ...]:
        """Read what `to_json` wrote: what played is first in line; return the seeds of its radio.

        `tracks` is the size of the library; other rows are left out. Raises `KeyError`, `TypeError` or
        `ValueError` when it is not a queue.
        """
        lines = {
            part: [_from_json(line) for line in value[part] if 0 <= int(line[0]) < tracks]
            for part in ("tracks", "heard")
        }
        seeds = tuple(int(row) for row in value["radio"] or () if 0 <= int(row) < tracks)
        with self._lock:
            self.source = str(value["source"])
            self._tracks, self._heard = list(lines["tracks"]), list(lines["heard"])
            self._current = None
        return seeds


def _to_json(planned: Planned) -> list[Any]:
    return [planned.row, planned.reason, round(planned.similarity, 4), planned.seconds]


def _from_json(line: Sequence[Any]) -> Planned:
    row, reason, similarity, seconds = line
    length = None if seconds is None else float(seconds)
    return Planned(int(row), str(reason), float(similarity), seconds=length)
