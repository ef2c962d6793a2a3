"""The walk: the places the listener has been to, like a browser's history."""

from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

from segue.tui.model.places import AllTracks, Place, place_from_json


class Hop(Struct, frozen=True):
    """A place on the walk, and the line of its list that the cursor is on."""

    place: Place
    cursor: int = 0


class Walk(Struct, frozen=True):
    """The hops so far; `at` is the one where the listener is now."""

    hops: tuple[Hop, ...] = (Hop(AllTracks()),)
    at: int = 0

    @property
    def here(self) -> Place:
        """The place where the listener is."""
        return self.hops[self.at].place

    @property
    def cursor(self) -> int:
        """The line under the cursor at this place; it is where the listener left it when they come back."""
        return self.hops[self.at].cursor

    def into(self, place: Place, cursor: int | None = None) -> Self:
        """Go on to a place and drop the hops ahead. Going to the same place changes nothing."""
        if place == self.here:
            return self
        hop = Hop(place, place.first_line if cursor is None else cursor)
        hops = (*self.hops[: self.at + 1], hop)[-LONGEST:]
        return replace(self, hops=hops, at=len(hops) - 1)

    def replaced(self, place: Place) -> Self:
        """Put another place in the place of this one, as a reroll or a change of the blend does."""
        return replace(self, hops=(*self.hops[: self.at], Hop(place), *self.hops[self.at + 1 :]))

    def back(self) -> Self:
        """Go back one hop; stay at the first one."""
        return replace(self, at=max(self.at - 1, 0))

    def forward(self) -> Self:
        """Go forward one hop; stay at the last one."""
        return replace(self, at=min(self.at + 1, len(self.hops) - 1))

    def with_cursor(self, cursor: int) -> Self:
        """Move the cursor at this place."""
        hops = (*self.hops[: self.at], replace(self.hops[self.at], cursor=cursor), *self.hops[self.at + 1 :])
        return replace(self, hops=hops)

    def trail(self, longest: int = 7) -> list[tuple[int, Place]]:
        """Return the last hops up to here, each with its number, for the breadcrumb."""
        return [(number, hop.place) for number, hop in enumerate(self.hops[: self.at + 1])][-longest:]

    def jump(self, number: int) -> Self:
        """Go to a hop by its number."""
        return replace(self, at=min(max(number, 0), len(self.hops) - 1))

    def to_json(self) -> dict[str, Any]:
        """Return the walk as JSON."""
        return {
            "at": self.at,
            "hops": [{"place": hop.place.to_json(), "cursor": hop.cursor} for hop in self.hops],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any], *, tracks: int) -> Self:
        """Read what `to_json` wrote, without the places whose tracks a library of `tracks` tracks lacks."""
        hops = [Hop(place_from_json(hop["place"]), int(hop["cursor"])) for hop in value["hops"]]
        kept = [hop for hop in hops if all(0 <= row < tracks for row in hop.place.rows)]
        lost_before = sum(hop not in kept for hop in hops[: int(value["at"])])
        if not kept:
            return cls()
        return cls(tuple(kept), min(max(int(value["at"]) - lost_before, 0), len(kept) - 1))


LONGEST = 200
"""How many hops are kept."""
