"""What a library says of itself: `library.json`."""

import json
import math
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

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


@dataclass
class Manifest:
    """What `library.json` says of how the library came to be."""

    name: str
    created: str
    """UTC, `YYYY-MM-DDTHH:MM:SSZ`."""
    recipe: str = "imported"
    parameters: Json = field(default_factory=dict)
    """The recipe's hyper-parameters under their own names."""
    corpus: Json = field(default_factory=dict)
    """Source, fingerprint and sizes of the corpus, and the facts of its split."""
    training: Json = field(default_factory=dict)
    """Seconds, epochs, seed, and whether training was stopped early."""
    versions: dict[str, str] = field(default_factory=dict)
    scores: Json = field(default_factory=dict)
    """Headline figures by set of pairs and ranker; the whole report is in `report.json`."""
    next_weight: float | None = None
    """Weight of the counts in the ranker `next`, chosen on pairs that no report scores."""
    next_popularity: float = 0.0
    """Weight of the plays in it, chosen together with the other."""
    next_following: float = 0.0
    """Weight of how often a track came directly after the seed, likewise."""
    continue_weights: dict[str, float] = field(default_factory=dict)
    """Weights of the terms of the ranker `continue`, fitted on the same pairs; empty until they are."""
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
        known = {name.name for name in fields(cls)}
        try:
            manifest = cls(**{key: item for key, item in value.items() if key in known})
        except TypeError as error:
            raise SegueError(f"{path}: {error}; train the library again") from error
        wrong = next((name for name, sound in manifest._sound().items() if not sound), None)
        if wrong is not None:
            raise SegueError(f"{path}: {wrong} can't be {value[wrong]!r:.60}; {TRAIN_AGAIN}")
        return manifest

    def write(self, path: Path) -> None:
        """Write `library.json` whole or not at all."""
        write_json(path, asdict(self))

    def _sound(self) -> dict[str, bool]:
        """Whether each value is of its kind, since a file may say anything."""
        texts, objects = ("name", "created", "recipe"), ("parameters", "corpus", "training", "versions")
        return (
            {name: isinstance(getattr(self, name), str) for name in texts}
            | {name: isinstance(getattr(self, name), dict) for name in objects}
            | {"continue_weights": _are_scores(self.continue_weights, 1)}
            | {"next_weight": self.next_weight is None or _is_weight(self.next_weight)}
            | {name: _is_weight(getattr(self, name)) for name in ("next_popularity", "next_following")}
            | {"scores": _are_scores(self.scores)}
        )


def write_json(path: Path, value: Json) -> None:
    """Write a JSON object whole or not at all."""
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        json.dump(value, file, indent=1, allow_nan=False)
        file.write("\n")


def parse_json(text: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Parse JSON, whose numbers must be finite and below 10^300: nothing that a library measures is not.

    Raises
    ------
    ValueError
        When it is not JSON, or holds another number.
    RecursionError
        When it is nested without end.
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


def _is_weight(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return _is_figure(value) and value >= 0


def _is_figure(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return isinstance(value, int | float) and abs(value) < HEAVIEST


def _are_scores(value: Any, depth: int = 3) -> bool:  # noqa: ANN401 - any JSON value
    """Whether it is figures by metric, by ranker, by set of pairs."""
    if not depth:
        return _is_figure(value)
    return isinstance(value, dict) and all(_are_scores(inner, depth - 1) for inner in value.values())
