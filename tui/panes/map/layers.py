"""What is marked on the map. Each layer has signs of its own: no colour is needed to tell them apart."""

from dataclasses import dataclass, field, replace
from typing import Self

from segue.tui.glyphs import Glyphs

NAMES = ("here", "near", "path", "heard", "names")
"""The layers, in the order of the keys 1 to 5."""
STEPS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_HEARD = 400
"""Heard tracks that are marked, the latest first."""


@dataclass(frozen=True)
class Mark:
    """A sign on a track's cell."""

    row: int
    sign: str
    layer: str


@dataclass(frozen=True)
class Layers:
    """The tracks of each layer, and which layers are shown."""

    here: int | None = None
    near: tuple[int, ...] = ()
    path: tuple[int, ...] = ()
    heard: tuple[int, ...] = ()
    shown: frozenset[str] = field(default=frozenset(NAMES))

    def toggled(self, name: str) -> Self:
        """Show a layer, or hide it."""
        return replace(self, shown=self.shown ^ {name})

    def marks(self, glyphs: Glyphs) -> list[Mark]:
        """Give the signs to draw; where two fall on a cell the later one is seen."""
        ascii_only = glyphs.ascii_only
        found: list[Mark] = []
        if "heard" in self.shown:
            sign = "h" if ascii_only else "♪"
            found += [Mark(row, sign, "heard") for row in reversed(self.heard[:MOST_HEARD])]
        if "near" in self.shown:
            signs = [
                str(place) if place < 10 else "o" if ascii_only else "○"
                for place in range(1, len(self.near) + 1)
            ]
            found += [
                Mark(row, sign, "near") for row, sign in reversed(list(zip(self.near, signs, strict=True)))
            ]
        if "path" in self.shown:
            found += [Mark(row, STEPS[step % 26], "path") for step, row in enumerate(self.path)]
        if "here" in self.shown and self.here is not None:
            found.append(Mark(self.here, glyphs.here, "here"))
        return found
