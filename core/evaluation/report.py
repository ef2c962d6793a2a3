"""What an evaluation found, and how it is written into a library."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from segue.core.arrays import one_line
from segue.core.corpus.split import FEWEST_PAIRS
from segue.core.errors import SegueError, UsageError
from segue.core.evaluation.completion import CompletionScores
from segue.core.evaluation.metrics import Measure
from segue.core.files import locked, try_lock
from segue.core.library import Library, Manifest
from segue.core.text import counted

PairSet = Literal["validation", "test"]
Json = dict[str, Any]
FORMAT = 2
SCORING = ".scoring"
"""The file in a library that is locked while it is scored."""
MODEL = ("next", "nearest")
"""The rankers that are the model at its best."""
OWN = (*MODEL, "like")
"""All rankers of the model; the others are baselines."""


@dataclass(frozen=True)
class Scores:
    """The three metrics over some pairs."""

    pairs: int
    hit: Measure
    ndcg: Measure
    mrr: Measure


@dataclass(frozen=True)
class Bucket:
    """Pairs whose target occurs between `least` and `most` times in the training playlists."""

    label: str
    least: int
    most: int | None
    """None: no upper end."""
    scores: Scores


@dataclass(frozen=True)
class RankerScores:
    """All that is known of one ranker."""

    ranker: str
    all: Scores
    """Every pair. One whose target is its own seed is a miss, since no ranker suggests the seed."""
    without_repeats: Scores
    """Only pairs whose target differs from the seed."""
    paper: Scores
    """Every pair, where a target that is the seed counts as found at rank 1, as the paper's authors did."""
    buckets: tuple[Bucket, ...]
    """By popularity of the target; only buckets that hold pairs."""
    coverage: float
    """Share of the catalogue that stands in at least one list."""
    hubness: float
    """Skewness of how often tracks stand in lists: 0 even, large when a few stand everywhere."""
    same_artist: float | None
    """Share of suggestions by the seed's own artist; None where artists are unknown."""
    seconds: float
    """Time to rank all seeds; half of it for each where `nearest` and `next` share a matrix product."""


@dataclass(frozen=True)
class Difference:
    """The model's better ranker against the best baseline on the same pairs."""

    one: str
    """The model's ranker."""
    other: str
    """The baseline."""
    hit: Measure
    """hit@k of `one` - `other`, pair by pair, as `segue compare` computes it."""


@dataclass(frozen=True)
class Lead:
    """The same under the three ways of counting, as in `RankerScores`."""

    all: Difference
    without_repeats: Difference
    paper: Difference


@dataclass(frozen=True)
class Report:
    """An evaluation of a library's rankers on one set of held-out pairs."""

    library: str
    pairs: PairSet
    k: int
    created: str
    """UTC, `YYYY-MM-DDTHH:MM:SSZ`."""
    n_pairs: int
    n_seeds: int
    """Distinct seeds: coverage, hubness and same-artist share count each one's list once."""
    n_tracks: int
    target_is_seed: float
    """Share of pairs whose target is the seed."""
    target_unseen: float
    """Share of pairs whose target occurs in no training playlist: out of reach for everybody."""
    next_weight: float | None
    next_popularity: float
    rankers: tuple[RankerScores, ...]
    next_following: float = 0.0
    n_choosing: int = 0
    """Pairs, none of them scored, that the weights of `next` are chosen on; 0 in reports of older versions,
    which chose on validation pairs."""
    lead: Lead | None = None
    """None where the model or every baseline was left out, and in reports of older versions."""
    completion: CompletionScores | None = None
    """How well playlists are completed; None where some rankers were left out, and in older reports."""

    def ranker(self, name: str) -> RankerScores:
        """The scores of one ranker, or a `UsageError` that names those there are."""
        for scores in self.rankers:
            if scores.ranker == name:
                return scores
        names = ", ".join(scores.ranker for scores in self.rankers)
        raise UsageError(f"the report has no ranker {name!r}; it has {names}")


def read_report(library: Library, pairs: PairSet = "validation") -> Report | None:
    """The report that `save_report` wrote last for this set of pairs, or None.

    Raises `SegueError` when the file holds something else.
    """
    kept = library.report
    if kept is None or pairs not in kept:
        return None
    hint = f"run segue evaluate --library {library.path} again"
    if kept.get("format") != FORMAT:
        raise SegueError(f"{library.path / 'report.json'}: a report of another format; {hint}")
    import msgspec  # 6 ms, which the explorer's first frame need not wait

    try:
        return msgspec.convert(kept[pairs], Report)
    except ValueError as error:
        raise SegueError(f"{library.path / 'report.json'}: damaged ({one_line(error)}); {hint}") from error


def save_report(library: Library, report: Report) -> None:
    """Write a report into the library, beside that on the other pairs, and its headline into the manifest."""
    kept = library.report or {}
    if kept.get("format") != FORMAT:
        kept = {"format": FORMAT}
    headline = {
        scores.ranker: {f"hit@{report.k}": scores.all.hit.mean, f"ndcg@{report.k}": scores.all.ndcg.mean}
        for scores in report.rankers
    }
    library.save_report(
        {**kept, report.pairs: asdict(report)}, scores={**library.manifest.scores, report.pairs: headline}
    )


def best_of_model(manifest: Manifest, pairs: str = "validation") -> tuple[str, dict[str, float]] | None:
    """The library's own ranker with the highest hit@10, and its scores; baselines don't count."""
    scores = manifest.scores.get(pairs, {})
    scored = [name for name in MODEL if "hit@10" in scores.get(name, {})]
    return max(((name, scores[name]) for name in scored), key=lambda one: one[1]["hit@10"], default=None)


@contextmanager
def scoring(library: Library) -> Iterator[None]:
    """Let other processes know that the library is being scored, by a lock that ends with this process."""
    with ExitStack() as stack:
        with suppress(OSError, SegueError):  # a library that can't be written to is scored all the same
            stack.enter_context(locked(library.path / SCORING))
        yield


def is_being_scored(library: Library) -> bool:
    """Whether another process is scoring the library now. Always False on Windows."""
    try:
        with (library.path / SCORING).open("rb") as file:
            return not try_lock(file)
    except OSError:
        return False


def held_out(library: Library, pairs: PairSet) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """The library's validation or test pairs, int32 (n, 2), and their playlists, int64 (n,), each once.

    The columns of the pairs are seed and target. The notebook's protocol draws its test playlists with
    replacement. What is drawn twice says nothing new, and would make every interval too narrow. Raises
    `SegueError` when it holds fewer than `FEWEST_PAIRS`.
    """
    if pairs not in ("validation", "test"):
        raise UsageError(f"the pairs are validation or test, not {pairs!r}")
    held = library.held_out
    if held is None:
        raise SegueError(
            f"{library.path}: was made without playlists, so there are no pairs to score; "
            "import the vectors with --playlists"
        )
    drawn, playlists = getattr(held, pairs), getattr(held, f"{pairs}_playlists")
    if len(drawn) < FEWEST_PAIRS:
        raise SegueError(
            f"{library.path}: too few playlists to score: {counted(len(drawn), f'{pairs} pair')}; train on "
            "more playlists of at least four tracks"
        )
    first = np.sort(np.unique(playlists, return_index=True)[1])
    return drawn[first], playlists[first]


def held_out_pairs(library: Library, pairs: PairSet) -> npt.NDArray[np.int32]:
    """The pairs of `held_out` alone."""
    return held_out(library, pairs)[0]
