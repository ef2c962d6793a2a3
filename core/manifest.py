"""What a library says of itself: `library.json`."""

import json
import math
from pathlib import Path
from typing import Annotated, Any, NotRequired, Self, TypedDict

import msgspec
from msgspec import Struct, field
from msgspec.structs import asdict

from segue.core.errors import SegueError
from segue.core.files import atomic_file, read_regular

FORMAT = 1
"""Version of the folder's layout. A library of a later format is refused with a word on why."""

TRAIN_AGAIN = "train the library again"
LONGEST_NUMBER = 300
"""Digits; a larger number can't become a float."""
HEAVIEST = 1e6
"""No weight and no score is as large."""

Json = dict[str, Any]
Figure = Annotated[float, msgspec.Meta(gt=-HEAVIEST, lt=HEAVIEST)]
Weight = Annotated[float, msgspec.Meta(ge=0, lt=HEAVIEST)]


class Manifest(Struct):
    """What `library.json` says of how the library came to be."""

    name: str
    created: str
    """UTC, `YYYY-MM-DDTHH:MM:SSZ`."""
    recipe: str = "imported"
    parameters: Json = field(default_factory=dict)
    """The recipe's hyperparameters under their own names."""
    corpus: Json = field(default_factory=dict)
    """Source, fingerprint and sizes of the corpus, and the facts of its split."""
    training: Json = field(default_factory=dict)
    """Seconds, epochs, seed, and whether training was stopped early."""
    versions: dict[str, str] = field(default_factory=dict)
    scores: dict[str, dict[str, dict[str, Figure]]] = field(default_factory=dict)
    """Headline figures by set of pairs, ranker and metric; the whole report is in `report.json`."""
    next_weight: Weight | None = None
    """Weight of the counts in the ranker `next`, chosen on pairs that no report scores."""
    next_popularity: Weight = 0.0
    """Weight of the plays in it, chosen together with the other."""
    next_following: Weight = 0.0
    """Weight of how often a track came directly after the seed, likewise."""
    continue_weights: dict[str, Figure] = field(default_factory=dict)
    """Weights of the terms of the ranker `continue`, fitted on the same pairs; empty until they are."""
    folded: list[str] = field(default_factory=list)
    """The tracks that no training has seen, whose vectors were made from their companions'."""
    format: int = FORMAT

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read `library.json`, or raise a `SegueError` that names it."""
        value = read_json(path)
        found = value.get("format")
        if not isinstance(found, int) or found > FORMAT:
            raise SegueError(
                f"{path}: format {found!r} is not one this Segue reads (up to {FORMAT}); update Segue"
            )
        try:
            return msgspec.convert(value, cls)
        except (msgspec.ValidationError, UnicodeEncodeError) as error:  # the latter of half a letter
            raise SegueError(f"{path}: {error}; {TRAIN_AGAIN}") from None

    def write(self, path: Path) -> None:
        """Write `library.json` whole or not at all."""
        write_json(path, asdict(self))


def write_json(path: Path, value: Json) -> None:
    """Write a JSON object whole or not at all."""
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        json.dump(value, file, indent=1, allow_nan=False)
        file.write("\n")


def parse_json(text: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Parse JSON, whose numbers must be finite and below 10^300: nothing that a library measures is not.

    Raises `ValueError` when it is not JSON, or holds another number, and `RecursionError` when it is nested
    without end.
    """
    return json.loads(text, parse_float=_float, parse_int=_int, parse_constant=_float)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is not a finite number")
    return value


def _int(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text):,} digits")
    return int(text)


def read_json(path: Path) -> Json:
    """Read a JSON object, or raise a `SegueError` that names the file."""
    try:
        value = parse_json(read_regular(path))
    except FileNotFoundError:
        raise SegueError(f"{path}: is missing; train the library again") from None
    except (OSError, ValueError, RecursionError) as error:
        raise SegueError(f"{path}: can't be read ({error}); train the library again") from error
    if not isinstance(value, dict):
        raise SegueError(f"{path}: holds no JSON object; train the library again")
    return value


class Epoch(TypedDict):
    """A record of the training's curve; figures may be unknown. More may stand beside these."""

    epoch: float
    loss: NotRequired[float | None]
    hit_at_10: NotRequired[float | None]
    seconds: NotRequired[float | None]


def read_history(path: Path) -> list[Json]:
    """Read a training's curve, a record an epoch, or raise a `SegueError` that names the file."""
    hint = "safe to delete: it holds only the training curve"
    try:
        records = [parse_json(line) for line in read_regular(path).split(b"\n") if line.strip()]
        msgspec.convert(records, list[Epoch])
    except msgspec.ValidationError as error:
        raise SegueError(f"{path}: has a line that is not a record ({error}); {hint}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise SegueError(f"{path}: can't be read ({error}); {hint}") from error
    return records


def finite(record: Json) -> Json:
    """The record with what is not a number, as the loss of a training that diverged, as unknown."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in record.items()
    }
