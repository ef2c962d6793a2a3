"""Where the listener is and how they came there: places, and the walk through them.

Plain values without a screen: a place says *what* is listed, `tui.listing` finds out which tracks that is.
"""

from dataclasses import dataclass, replace
from typing import Any, Self


@dataclass(frozen=True)
class Place:
    """Something that has a list of tracks.

    `kind` is one of `KINDS`. What the other fields mean depends on it: a path's `rows` are its way-points, a
    blend's are its ingredients with their `weights`, an artist's or album's is one of its tracks.
    """

    kind: str = "browse"
    rows: tuple[int, ...] = ()
    weights: tuple[int, ...] = ()
    variant: int = 0
    """Which of the random variants of a path or a surprise."""
    name: str = ""
    """The name it was saved under, or the file a playlist came from."""

    @property
    def seed(self) -> int | None:
        """The track at its centre, if it has one."""
        return self.rows[0] if self.rows and self.kind in {"track", "artist", "album"} else None

    def to_json(self) -> dict[str, Any]:
        """Give the place as JSON."""
        return {**vars(self), "rows": list(self.rows), "weights": list(self.weights)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Read what `to_json` gave."""
        kind = str(value["kind"])
        if kind not in KINDS:
            raise ValueError(f"no place is of kind {kind!r}")
        rows, weights = (tuple(int(number) for number in value.get(key, ())) for key in ("rows", "weights"))
        return cls(kind, rows, weights, int(value.get("variant", 0)), str(value.get("name", "")))


KINDS = {
    "browse": "All tracks",
    "track": "Near",
    "artist": "Artist",
    "album": "Album",
    "path": "Path",
    "blend": "Blend",
    "playlist": "Playlist",
    "loves": "Loved",
    "bans": "Banned",
    "journal": "Heard",
}
"""Every kind of place, with the word that heads its list."""


@dataclass(frozen=True)
class Hop:
    """A place on the walk, and where its cursor stood."""

    place: Place
    cursor: int = 0


@dataclass(frozen=True)
class Walk:
    """The hops so far, of which one is where the listener is now. Like a browser's history."""

    hops: tuple[Hop, ...] = (Hop(Place()),)
    at: int = 0

    @property
    def here(self) -> Place:
        """The place where the listener is."""
        return self.hops[self.at].place

    @property
    def cursor(self) -> int:
        """Where this place's cursor stood when it was last left."""
        return self.hops[self.at].cursor

    def into(self, place: Place) -> Self:
        """Go on to a place. The hops that lay ahead are forgotten; a step to the same place is none."""
        if place == self.here:
            return self
        hops = (*self.hops[: self.at + 1], Hop(place))[-LONGEST:]
        return replace(self, hops=hops, at=len(hops) - 1)

    def instead(self, place: Place) -> Self:
        """Change the present place, as a reroll or a blend in the making does."""
        return replace(self, hops=(*self.hops[: self.at], Hop(place), *self.hops[self.at + 1 :]))

    def back(self) -> Self:
        """Go a hop back; at the first one stay."""
        return replace(self, at=max(self.at - 1, 0))

    def forward(self) -> Self:
        """Go a hop forward again; at the last one stay."""
        return replace(self, at=min(self.at + 1, len(self.hops) - 1))

    def resting(self, cursor: int) -> Self:
        """Remember where the cursor stands at the present place."""
        hops = (*self.hops[: self.at], replace(self.hops[self.at], cursor=cursor), *self.hops[self.at + 1 :])
        return replace(self, hops=hops)

    def trail(self, longest: int = 7) -> list[tuple[int, Place]]:
        """Give the last hops up to here, each with its number, for the breadcrumb."""
        return [(number, hop.place) for number, hop in enumerate(self.hops[: self.at + 1])][-longest:]

    def jump(self, number: int) -> Self:
        """Go to a hop by its number."""
        return replace(self, at=min(max(number, 0), len(self.hops) - 1))

    def to_json(self) -> dict[str, Any]:
        """Give the walk as JSON."""
        return {
            "at": self.at,
            "hops": [{"place": hop.place.to_json(), "cursor": hop.cursor} for hop in self.hops],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any], *, tracks: int) -> Self:
        """Read what `to_json` gave, dropping places with tracks that a library of `tracks` tracks has not."""
        hops = [Hop(Place.from_json(hop["place"]), int(hop["cursor"])) for hop in value["hops"]]
        kept = [hop for hop in hops if all(0 <= row < tracks for row in hop.place.rows)]
        lost_before = sum(hop not in kept for hop in hops[: int(value["at"])])
        if not kept:
            return cls()
        return cls(tuple(kept), min(max(int(value["at"]) - lost_before, 0), len(kept) - 1))


LONGEST = 200
"""Hops that are remembered."""
