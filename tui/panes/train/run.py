"""A training as its events describe it. Plain values, no screen."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

Phase = Literal["reading", "training", "writing", "scoring", "done", "stopped", "failed"]
PHASES: dict[Phase, str] = {
    "reading": "reading the playlists",
    "training": "training",
    "writing": "writing the library",
    "scoring": "ready; its scores are being computed",
    "done": "done",
    "stopped": "stopped; the best so far is kept",
    "failed": "failed",
}
"""Every phase, in words."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Run:
    """How far a training is."""

    name: str
    phase: Phase = "reading"
    corpus: str = ""
    """What was read, in words."""
    fraction: float = 0.0
    epoch: int = 0
    epochs: int = 0
    speed: float = 0.0
    """Positives a second."""
    seconds: float = 0.0
    seconds_left: float = 0.0
    loss: tuple[Point, ...] = ()
    """By epoch; within one the last figure moves."""
    hit: tuple[Point, ...] = ()
    """hit@10 on validation pairs, by epoch."""
    remark: str = ""
    """The last line that was no event."""
    library: Path | None = None
    """What came of it."""

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.phase in {"done", "stopped", "failed"}

    def after(self, event: dict[str, Any]) -> Self:
        """Return the run after an event of `segue train --json`."""
        kind = event["event"]
        if kind == "corpus":
            facts = (("playlists", "playlists"), ("tracks", "tracks"), ("described", "with a title"))
            words = ", ".join(f"{event[key]:,} {name}" for key, name in facts)
            return replace(self, corpus=words, phase="training")
        if kind == "progress":
            return self._progressed(event)
        if kind == "written":
            return replace(self, phase="scoring", library=Path(event["library"]))
        if kind == "done":
            phase: Phase = "stopped" if event["stopped"] else "done"
            return replace(self, phase=phase, library=Path(event["library"]), fraction=1.0, seconds_left=0.0)
        if kind == "remark":
            return replace(self, remark=event["text"])
        return self

    def _progressed(self, event: dict[str, Any]) -> Self:
        epoch, hit = event["epoch"], event["hit_at_10"]
        at = float(epoch) if hit is not None else round(event["fraction"] * event["epochs"], 3)
        finished = tuple(point for point in self.loss if point[0].is_integer() and point[0] < at)
        return replace(
            self,
            phase="writing" if event["fraction"] >= 1 and hit is not None else "training",
            fraction=event["fraction"],
            epoch=epoch,
            epochs=event["epochs"],
            speed=event["pairs_per_second"],
            seconds=event["seconds"],
            seconds_left=event["seconds_left"],
            loss=(*finished, (at, event["loss"])),
            hit=self.hit if hit is None else (*self.hit, (float(epoch), hit)),
        )

    def ended(self, code: int | None, trouble: str) -> Self:
        """Return the run after its process has ended, failed unless it reported a library."""
        if self.over:
            return self
        return replace(self, phase="failed", remark=trouble or f"it ended with code {code}")
