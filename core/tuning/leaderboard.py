"""What a search for hyper-parameters has found so far: a file that anybody may watch while it grows."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from segue.core.arrays import one_line
from segue.core.errors import SegueError
from segue.core.files import atomic_file, read_regular
from segue.core.manifest import parse_json
from segue.core.places import is_shipped, user_folder

FILE = "leaderboard.json"
STUDY = "tuning"
"""The folder of a library that holds its search."""


def study_of(library: Path) -> Path:
    """Name the folder that holds a library's search: in the library, or the user's where that is the demo."""
    return user_folder("data") / STUDY / library.name if is_shipped(library) else library / STUDY


TrialState = Literal["waiting", "running", "done", "pruned", "stopped"]
State = Literal["searching", "retraining", "finished"]
Value = float | int | str


@dataclass(frozen=True)
class Entry:
    """One trial: a configuration and its scores on validation pairs."""

    number: int
    name: str
    """What the configuration is called in its grid, or empty."""
    state: TrialState
    params: dict[str, Value]
    hit: float | None
    """hit@10 of `nearest` on all validation pairs; None until the trial is done."""
    ndcg: float | None
    epochs: tuple[float, ...]
    """hit@10 on the first validation pairs after each epoch."""
    seconds: float


@dataclass(frozen=True)
class Retrained:
    """The winner, trained once more from another seed. Test pairs are scored when all seeds are trained."""

    seed: int
    validation_hit: float
    validation_ndcg: float
    seconds: float
    test_hit: float | None = None
    test_ndcg: float | None = None


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation over training seeds."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class Result:
    """The end of a search."""

    winner: int
    """Number of the winning trial."""
    validation_hit: Spread
    validation_ndcg: Spread
    test_hit: Spread
    test_ndcg: Spread


@dataclass(frozen=True)
class Leaderboard:
    """A search as it stands."""

    library: str
    preset: str
    recipe: str
    state: State
    n_validation: int
    n_test: int
    entries: tuple[Entry, ...]
    importance: dict[str, float] = field(default_factory=dict)
    """Share of the scores' variation that each hyper-parameter explains; empty while trials are few."""
    retrained: tuple[Retrained, ...] = ()
    result: Result | None = None

    def ranked(self) -> list[Entry]:
        """The entries: finished ones by falling score, then pruned, running, waiting and stopped ones."""
        order = ("done", "pruned", "running", "waiting", "stopped")
        return sorted(self.entries, key=lambda one: (order.index(one.state), -reached(one), one.number))

    def best(self) -> Entry | None:
        """The finished entry with the highest score, or None."""
        return next((entry for entry in self.ranked() if entry.state == "done"), None)

    def to_json(self) -> dict[str, Any]:
        """The leaderboard as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave.

        Raises
        ------
        ValueError
            When it is something else.
        """
        import msgspec  # 6 ms, which only a search's own page needs

        return msgspec.convert(value, cls)


def reached(entry: Entry) -> float:
    """The score of an entry, or that after its last epoch where it did not run to its end."""
    if entry.hit is not None:
        return entry.hit
    return entry.epochs[-1] if entry.epochs else 0.0


def read_leaderboard(folder: Path) -> Leaderboard | None:
    """The leaderboard of a study folder, or None where no search has begun.

    Raises
    ------
    SegueError
        When the file is damaged.
    """
    path = folder / FILE
    try:
        return Leaderboard.from_json(parse_json(read_regular(path)))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise SegueError(
            f"{path}: no leaderboard ({one_line(error)}); remove it; the search writes it again"
        ) from error


def write_leaderboard(folder: Path, board: Leaderboard) -> None:
    """Replace the leaderboard of a study folder, seen whole or not at all."""
    with atomic_file(folder / FILE) as temporary:
        temporary.write_text(json.dumps(board.to_json(), indent=1) + "\n", encoding="utf-8")
