"""What to train, as the listener filled it in, and a training as its events describe it.

Plain values; no screen here.
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

from segue.core.errors import SegueError
from segue.core.places import new_library, refuse_shipped, require_writable

RECIPES = ("fast", "notebook")


@dataclass(frozen=True)
class TrainSpec:
    """A filled-in form. Every field is text, as it was typed."""

    file: str = ""
    name: str = ""
    titles: str = ""
    """Metadata files, separated by spaces; quotes keep one with spaces together."""
    recipe: str = "fast"
    epochs: str = ""
    dim: str = ""
    settings: str = ""
    """`NAME=VALUE` pairs, separated by spaces."""

    def problem(self) -> tuple[str, str] | None:
        """Return the first field that is wrong and why, or None."""
        return next(self._problems(), None)

    def _problems(self) -> Iterator[tuple[str, str]]:
        if not self.file.strip():
            yield "file", "Enter a playlist file, or a corpus made by segue prepare."
        elif not self.source.exists():
            yield "file", f"{self.source} does not exist."
        if not self.name.strip():
            yield "name", "Enter a name for the library."
        try:
            refuse_shipped(self.target)
            require_writable(self.target)
        except SegueError as error:
            yield "name", str(error)
        yield from self._wrong_words()
        for name in ("epochs", "dim"):
            text = getattr(self, name).strip()
            if text and not (text.isdecimal() and int(text) > 0):
                yield name, "Enter a whole number above 0, or leave it empty for the recipe's default."

    def _wrong_words(self) -> Iterator[tuple[str, str]]:
        for name in ("titles", "settings"):
            try:
                shlex.split(getattr(self, name))
            except ValueError as error:
                yield name, f"{error}."
        yield from (("titles", f"{file} does not exist.") for file in self.metadata if not file.exists())
        pairs = shlex.split(self.settings)
        yield from (("settings", f"{pair!r} is not NAME=VALUE.") for pair in pairs if "=" not in pair)

    @property
    def source(self) -> Path:
        """The playlists."""
        return Path(self.file.strip()).expanduser()

    @property
    def metadata(self) -> list[Path]:
        """The files with titles."""
        return [Path(file).expanduser() for file in shlex.split(self.titles)]

    @property
    def target(self) -> Path:
        """The folder of the library."""
        return new_library(self.name.strip())

    def arguments(self, *, resume: bool = False, replace: bool = False) -> tuple[str, ...]:
        """Return the arguments for `segue`."""
        found = ["train", str(self.source), "--name", self.name.strip(), "--recipe", self.recipe, "--json"]
        for file in self.metadata:
            found += ["--metadata", str(file)]
        for name in ("epochs", "dim"):
            if text := getattr(self, name).strip():
                found += [f"--{name}", text]
        for pair in shlex.split(self.settings):
            found += ["--set", pair]
        flags = {"--resume": resume, "--replace": replace}
        return (*found, *(flag for flag, wanted in flags.items() if wanted))


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
