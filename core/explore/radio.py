"""The plan of an endless radio: the tracks that come next, and why.

Two modes. `walk` is the notebook's radio: each track is a random one of the nearest candidates of the track
before. `steer` goes on as playlists do (the ranker `continue`) from the seed and from what was really heard,
pulled by loves and pushed by skips, and takes a random one of the first candidates that the listener's dials
and the variety guard let pass. Without playlists it aims at a point between the seed and the last track.
Both modes share what was heard, the dials and the guard, so they share this file.
"""

import threading
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from segue.core.errors import SegueError
from segue.core.explore.neighbours import check_row, wanted_popularity
from segue.core.explore.variety import DEFAULT_GUARD, OFF, Admission, Guard, Taste, artist_key
from segue.core.library import Library
from segue.core.neighbours import top_k, unit
from segue.core.rankers.playlist import continue_ranker
from segue.core.state import State
from segue.core.text import counted

if TYPE_CHECKING:
    from segue.core.rankers.sessions import SessionScores

Mode = Literal["walk", "steer"]

PLANNED = 5
"""How many tracks are planned ahead."""
FARTHEST = 6
"""The last step of the distance dial."""
EARLY = 20.0
"""Seconds within which a skip says that the track was not wanted. Previews last 30."""
_MEMORY = 25
"""Tracks back to which the artist gap and the album cap look."""
_FEEDBACK = 20
"""Loves and skips that steer, the latest of each."""
CONTINUED = 30
"""Tracks heard last that what comes next goes on from."""
_PULL = 0.5
"""Length by which loves and skips near the aim move it at most, of the aim's own 1. Far ones hardly do."""
_FELT = 0.2
"""The cosine from which a love or skip is named as a reason."""
_NAMED = 0.2
"""The share of a track's score from which what makes it is named as a reason."""
_ALIKE = ("v-stan", "rp3", "s-knn")
"""The terms of `continue` that come from similar playlists."""
_WIDER = 4
_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}


@dataclass(frozen=True)
class RadioDials:
    """How the radio is steered. `walk` uses `candidates` only."""

    candidates: int = 10
    """A track is drawn at random from this many (the notebook's `nb_candidates`)."""
    distance: int = 0
    """How far from the aim they start: step d passes over the `candidates * (2 ** d - 1)` nearest; 0 to 6."""
    drift: float = 0.5
    """0 sticks to the seed, 1 follows the last track."""
    familiarity: float | None = None
    """0 for deep cuts, 1 for the much played, None for both."""
    unheard_only: bool = False
    """Leave out tracks in the journal."""
    guard: Guard = DEFAULT_GUARD

    def farther(self, steps: int = 1) -> "RadioDials":
        """The dials with the distance turned by some steps; negative for closer."""
        return replace(self, distance=min(max(self.distance + steps, 0), FARTHEST))


@dataclass(frozen=True, slots=True)
class Planned:
    """A track to come, in a radio or in line, and why."""

    row: int
    reason: str = "added by you"
    similarity: float = 0.0
    """The cosine to the track before it; 0 for the first of a list."""
    notice: str = ""
    """How the search had to be widened to find it; empty when it had not."""
    seconds: float | None = None
    """How many seconds of it are played; None for as many as the limits allow."""


_BestFirst = Callable[[int], NDArray[np.int32]]
"""The n best rows, best first."""


class _Order(NamedTuple):
    """The tracks that may follow in order, and what their scores are made of."""

    best: _BestFirst
    parts: Callable[[int], dict[str, float]]
    """What each term of `continue` adds to the score of a row, without loves and skips; empty without it."""


class _Felt(NamedTuple):
    """The rows of the loves and of the skips near the aim."""

    loved: list[int]
    skipped: list[int]


class _Drawn(NamedTuple):
    row: int
    reason: str
    notice: str = ""


class RadioPlanner:
    """Plans a radio five tracks ahead. Its methods may be called from any thread.

    Any change of dials, a love, a skip or a ban plans the upcoming tracks again, never the current one. It
    takes five queries. `seed` is the row where the radio starts, or several: the first is played first, and
    the radio stays near the middle of all. `state` has loves, bans and journal; without one, loves and bans
    last as long as the planner. At most `limit` tracks are played (the notebook's `nb_track`).
    """

    def __init__(
        self,
        library: Library,
        seed: int | Sequence[int],
        *,
        rng: np.random.Generator,
        mode: Mode = "steer",
        dials: RadioDials | None = None,
        state: State | None = None,
        limit: int | None = None,
    ) -> None:
        self.library = library
        self.mode: Mode = mode
        self._stay_near((seed,) if isinstance(seed, int) else seed)
        self._dials = dials or RadioDials()
        self._rng = rng
        self._state = state or State.in_memory()
        self._limit = limit
        self._lock = threading.RLock()
        self._played: list[int] = []
        self._skipped: list[int] = []
        self._before: list[int] = []
        """What was heard before this radio began."""
        self._unplayable: set[int] = set()
        self._plan: list[Planned] = []
        self.refresh()

    @property
    def seed(self) -> int:
        """The row that the radio starts from."""
        return self._seed

    @property
    def seeds(self) -> tuple[int, ...]:
        """The rows that it stays near."""
        return self._seeds

    def _stay_near(self, seeds: Sequence[int]) -> None:
        if not seeds:
            raise SegueError("a radio needs at least one track to start from")
        for row in seeds:
            check_row(self.library, row)
        self._seeds, self._seed = tuple(seeds), seeds[0]
        middle = self.library.vectors[list(seeds)].sum(axis=0)
        # tracks that cancel out have no middle
        self._middle = unit(middle if middle.any() else self.library.vectors[self._seed])
        self._after_seeds: tuple[NDArray[np.float32], SessionScores] | None = None

    @property
    def dials(self) -> RadioDials:
        """How it is steered now."""
        return self._dials

    @property
    def plan(self) -> tuple[Planned, ...]:
        """The next five tracks; fewer only where the limit or the bans leave fewer."""
        return tuple(self._plan)

    @property
    def notice(self) -> str:
        """How the search was widened for the first planned track that needed it; empty when none did."""
        return next((planned.notice for planned in self.plan if planned.notice), "")

    @property
    def current(self) -> int | None:
        """The row that plays; None before the first."""
        return self._played[-1] if self._played else None

    @property
    def history(self) -> tuple[int, ...]:
        """The rows played, oldest first, the current one included."""
        return tuple(self._played)

    def advance(self) -> Planned | None:
        """Go on to the next track and plan one more; None when the limit is reached or all is banned."""
        with self._lock:
            if not self._plan:
                return None
            following = self._plan.pop(0)
            self._played.append(following.row)
            self._extend()
            return following

    def drop(self, row: int) -> None:
        """Drop a track that cannot be played for the rest of this radio, and plan on without it."""
        with self._lock:
            self._unplayable.add(row)
            if self.current == row:
                self._played.pop()
                self._replan()
            else:
                rows = [planned.row for planned in self._plan]
                self._replan(keep=rows.index(row) if row in rows else len(rows))

    def hear(self, rows: Sequence[int], skipped: Sequence[int] = ()) -> None:
        """Go on from what was heard before this radio began, and steer away from what was skipped early.

        `rows` are tracks, oldest first, without those that were skipped; so are `skipped`.
        """
        with self._lock:
            own = [row for row in self._skipped if row in self._played]
            self._before, self._skipped = list(rows), [*skipped, *own]
            self._replan()

    def turn(self, dials: RadioDials) -> None:
        """Steer differently from the next track on."""
        unread = dials.unheard_only and not self._dials.unheard_only
        with self._lock:
            self._dials = dials
            if not unread:
                self._replan()
        if unread:
            self.refresh()

    def change_mode(self, mode: Mode) -> None:
        """Walk or steer from the next track on."""
        with self._lock:
            self.mode = mode
            self._replan()

    def reseed(self, row: int) -> None:
        """Stick to another track from now on."""
        with self._lock:
            self._stay_near((row,))
            self._replan()

    def skip(self, heard: float = 0.0) -> None:
        """Note that the listener skipped the track that plays, after so many seconds; steer away if early.

        `advance` then goes on to the next.
        """
        with self._lock:
            if self.current is not None and heard < EARLY:
                self._skipped.append(self.current)
                self._replan()

    def love(self, row: int | None = None) -> None:
        """Love a track, by default the one that plays, and steer towards it."""
        self._state.love(self._track_id(row))
        self.refresh()

    def ban(self, row: int | None = None) -> None:
        """Never play a track again, by default the one that plays."""
        self._state.ban_track(self._track_id(row))
        self.refresh()

    def ban_artist(self, row: int | None = None) -> None:
        """Never play the artist of a track again, by default the artist of the one that plays.

        Raises `SegueError` when the artist is unknown.
        """
        self._state.ban_artist(artist_key(self.library, self._row(row)))
        self.refresh()

    def refresh(self) -> None:
        """Read loves and bans again, after an undo or a change from elsewhere, and plan again."""
        taste = Taste.of(self.library, self._state, heard=self._dials.unheard_only)
        with self._lock:
            self._taste = taste
            self._replan()

    def _row(self, row: int | None) -> int:
        chosen = self.current if row is None else row
        if chosen is None:
            raise SegueError("nothing plays yet; name a track")
        return chosen

    def _track_id(self, row: int | None) -> str:
        return self.library.catalogue.info(self._row(row)).track_id

    def _replan(self, *, keep: int = 0) -> None:
        del self._plan[keep:]
        self._extend()

    def _extend(self) -> None:
        while len(self._plan) < PLANNED:
            after = self._played + [planned.row for planned in self._plan]
            if self._limit is not None and len(after) >= self._limit:
                return
            following = self._next(after)
            if following is None:
                return
            self._plan.append(following)

    def _next(self, after: Sequence[int]) -> Planned | None:
        """What follows some tracks: always something, unless all is banned."""
        out = self._unplayable | self._taste.banned
        if not after and self._seed not in out:
            return Planned(self._seed, "where the radio starts", 1.0)
        last = after[-1] if after else self._seed
        draw = self._walk if self.mode == "walk" else self._steer
        drawn = draw(last, after, out) or _longest_ago(after, last, out)
        if drawn is None:
            return None
        similarity = float(self.library.vectors[drawn.row] @ self.library.vectors[last])
        return Planned(drawn.row, drawn.reason, similarity, drawn.notice)

    def _walk(self, last: int, after: Sequence[int], out: Set[int]) -> _Drawn | None:
        """The notebook's step: one of the nearest candidates that was not played yet."""
        taken, width = out | set(after), 0
        while width < len(self.library):
            width = min(max(self._dials.candidates, 2 * width), len(self.library))
            found, _ = self.library.index().query(np.array([last]), width)
            free = [row for row in found[0].tolist() if row >= 0 and row not in taken]
            if free:
                notice = f"widened to the {width} nearest" if width > self._dials.candidates else ""
                row = int(self._rng.choice(free))
                reason = met_in_playlists(self.library, last, row) or f"near {self._title(last)}"
                return _Drawn(row, reason, notice)
        return None

    def _steer(self, last: int, after: Sequence[int], out: Set[int]) -> _Drawn | None:
        """One of the candidates around the aim. The rules are loosened only when nothing passes them."""
        aim, felt, pull = self._aim(last)
        order = self._order(last, after, aim, pull)
        dials = self._dials
        for loosened, notice in (
            (dials, ""),
            (replace(dials, guard=OFF), "widened past the variety guard"),
            (replace(dials, guard=OFF, unheard_only=False, familiarity=None), "widened past the filters"),
        ):
            allowed = self._allowed(order.best, after, out, loosened)
            if allowed:
                start = min(
                    dials.candidates * (2**dials.distance - 1), max(len(allowed) - dials.candidates, 0)
                )
                row = int(self._rng.choice(allowed[start : start + dials.candidates]))
                return _Drawn(row, ", ".join(self._reasons(last, row, order.parts(row), felt)), notice)
        return None

    def _order(
        self, last: int, after: Sequence[int], aim: NDArray[np.float32], pull: NDArray[np.float32]
    ) -> _Order:
        """The order of the tracks that may follow.

        It is that of the ranker `continue`, after the seeds and after what was heard, blended by the drift,
        with loves and skips added as cosines; without playlists that of the cosine with the aim alone.
        """
        library, drift = self.library, self._dials.drift
        whole = continue_ranker(library)
        if whole is None:
            return _Order(lambda n: library.index().query_vectors(aim[None], n)[0][0], lambda _: {})
        scores: NDArray[np.float32] = np.zeros(len(library), np.float32)
        asked: list[tuple[float, list[int], SessionScores]] = []
        if drift < 1:
            seeds = list(self._seeds[::-1][-CONTINUED:])
            if self._after_seeds is None:
                votes = whole.votes(seeds)
                self._after_seeds = whole.scores(seeds, votes=votes), votes
            scores += np.float32(1 - drift) * self._after_seeds[0]
            asked.append((1 - drift, seeds, self._after_seeds[1]))
        if drift > 0:
            skipped = set(self._skipped)
            heard = [row for row in (*self._before, *after) if row not in skipped][-CONTINUED:] or [last]
            votes = whole.votes(heard)
            scores += np.float32(drift) * whole.scores(heard, votes=votes)
            asked.append((drift, heard, votes))
        if pull.any():
            # as strong beside all terms as it is beside the aim's cosine
            scores += library.vectors @ (pull * np.float32(max(sum(whole.weights.values()), 1)))

        def parts(row: int) -> dict[str, float]:
            each = [(share, whole.parts(playlist, row, votes)) for share, playlist, votes in asked]
            return {name: sum(share * part[name] for share, part in each) for name in whole.weights}

        return _Order(lambda n: top_k(scores[None], n)[0][0], parts)

    def _allowed(self, best: _BestFirst, after: Sequence[int], out: Set[int], dials: RadioDials) -> list[int]:
        """The rows that may follow, the best first: as many as the distance asks, or all."""
        needed, size, pool = dials.candidates * 2**dials.distance, len(self.library), 0
        heard = self._taste.heard if dials.unheard_only else frozenset[int]()
        admission = Admission(
            self.library.catalogue,
            dials.guard,
            heard=heard,
            banned=out,
            without=after,
            before=after[-_MEMORY:],
        )
        allowed: list[int] = []
        while pool < size and len(allowed) < needed:
            pool = min(max(4 * needed + len(after) + 100, _WIDER * pool), size)
            found = best(pool)
            wanted = wanted_popularity(self.library.counts[found], dials.familiarity)
            allowed = [row for row in found[wanted].tolist() if admission.admits(row)]
        return allowed

    def _aim(self, last: int) -> tuple[NDArray[np.float32], _Felt, NDArray[np.float32]]:
        """The direction to look in, float32 (d,), the loves and skips that move it, and that movement."""
        dials, vectors = self._dials, self.library.vectors
        base = unit((1 - dials.drift) * self._middle + dials.drift * vectors[last])
        felt: list[list[int]] = []
        aim = base
        for rows, sign in ((self._taste.loved[:_FEEDBACK], 1), (self._skipped[-_FEEDBACK:], -1)):
            weights = np.maximum(vectors[list(rows)] @ base, 0)
            aim = aim + sign * _PULL * (weights @ vectors[list(rows)]) / max(float(weights.sum()), 1.0)
            felt.append([row for row, weight in zip(rows, weights, strict=True) if weight > _FELT])
        return unit(aim), _Felt(*felt), aim - base

    def _reasons(self, last: int, row: int, parts: Mapping[str, float], felt: _Felt) -> list[str]:
        """What makes a track's score, as far as the drift looks at the last track and at the seed.

        Being near is named where the cosines are `_NAMED` of the score or nothing else is known.
        """
        drift, only_seed = self._dials.drift, len(self._seeds) == 1
        score = sum(parts.values())
        cosines = sum(value for name, value in parts.items() if name.startswith("cosine"))
        alike = sum(parts.get(name, 0.0) for name in _ALIKE)
        reasons, near = [], []
        met = met_in_playlists(self.library, last, row)
        if met:
            reasons.append(met)
        elif drift > 0 and not (only_seed and last == self._seed and drift < 1):
            near.append(self._title(last))
        if drift < 1 and not (met and only_seed and last == self._seed):
            near.append(self._title(self._seed) if only_seed else "the tracks it started from")
        if not met and alike > 0 and alike >= _NAMED * score:
            reasons.append("in similar playlists")
        if near and (cosines >= _NAMED * score or not reasons):
            reasons.append(f"near {' and '.join(near)}")
        vectors = self.library.vectors
        if loved := int(np.count_nonzero(vectors[felt.loved] @ vectors[row] > _FELT)):
            reasons.append(f"you loved {_NUMBERS.get(loved, str(loved))} like it")
        if felt.skipped:
            reasons.append("away from what you skipped")
        if steps := self._dials.distance:
            reasons.append(f"{counted(steps, 'step')} farther")
        return reasons

    def _title(self, row: int) -> str:
        info = self.library.catalogue.info(row)
        return info.title or info.track_id


def _longest_ago(after: Sequence[int], last: int, out: Set[int]) -> _Drawn | None:
    """The track played longest ago, when every other one has been played."""
    latest = {row: at for at, row in enumerate(after)}
    again = min(
        (row for row in latest if row != last and row not in out), key=latest.__getitem__, default=None
    )
    return None if again is None else _Drawn(again, "played longest ago", "everything has been played")


def met_in_playlists(library: Library, before: int, row: int) -> str:
    """Return in how many playlists two tracks are together; empty where in none, or the library has none."""
    if library.occurrences is None or before == row:
        return ""
    count = library.occurrences.together(before, row)
    if not count:
        return ""
    info = library.catalogue.info(before)
    return f"in {counted(count, 'playlist')} with {info.title or info.track_id}"
