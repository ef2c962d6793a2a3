"""Score a library's rankers on held-out pairs against the whole catalogue, never against a sample of it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean, stdev
from typing import Any

import numpy as np
import numpy.typing as npt

from segue.core.evaluation.completion import hidden_ends, score_completion
from segue.core.evaluation.metrics import (
    Ranks,
    bootstrap_counted,
    coverage,
    hit_at_k,
    hubness,
    ndcg_at_k,
    paired_bootstrap,
    ranks_of,
    reciprocal_rank,
    same_artist,
)
from segue.core.evaluation.report import (
    MODEL,
    OWN,
    Bucket,
    Difference,
    Lead,
    PairSet,
    RankerScores,
    Report,
    Scores,
    held_out,
)
from segue.core.evaluation.weight import (
    MISSING,
    choose_continue_weights,
    choose_missing_weights,
    choose_weights,
)
from segue.core.library import Library, Manifest
from segue.core.places import is_shipped
from segue.core.rankers import (
    Ranker,
    available_rankers,
    like_ranker,
    next_ranker,
    ranker,
    save_ppmi_svd,
    set_next_weights,
)
from segue.core.rankers.playlist import continue_ranker

BUCKETS = ((0, 0), (1, 3), (4, 9), (10, 29), (30, 99), (100, None))
"""Least and most occurrences of a target in the training playlists."""
CHUNK = 1024
FEWEST_CHOOSING = 20
"""With fewer pairs the weights of `next` keep their defaults."""

Pairs = npt.NDArray[np.int32]
Progress = Callable[[int], None]
RankedAlready = Callable[[Library, Pairs, int], "dict[str, Ranked]"]
"""By name, what rankers suggest for the seeds of a library's pairs, in lists of that length."""


def evaluate(
    library: Library,
    *,
    pairs: PairSet = "validation",
    rankers: Sequence[str] | None = None,
    k: int = 10,
    on_progress: Progress | None = None,
    created: datetime | None = None,
    ranked_already: RankedAlready | None = None,
) -> Report:
    """Score rankers, by default all that the library can give, on its held-out pairs, with lists of k.

    The weights of `next` are chosen first, on the library's choosing pairs, which are in no report, when that
    ranker is asked for, and those of `continue` when all rankers are; either where the pairs are the
    validation pairs or none were chosen yet. The library in memory then uses them. One with fewer than
    `FEWEST_CHOOSING` of them keeps the weights that it has. Nothing is written but the vectors of `ppmi-svd`,
    which are kept in the library's folder; `save_report` writes the report.

    `on_progress` is called with the number of seeds ranked since the last call; each ranker ranks every
    distinct seed. `created` is when this is done, by default now. `ranked_already` gives what rankers suggest
    that were asked elsewhere, and is called after those of the model. Raises `SegueError` when the library
    holds no such pairs, or not what a ranker needs.
    """
    held, playlists = held_out(library, pairs)
    names = available_rankers(library) if rankers is None else tuple(rankers)
    choosing = np.empty((0, 2), np.int32) if library.held_out is None else library.held_out.choosing
    if len(choosing) < FEWEST_CHOOSING:
        choosing = choosing[:0]
    if "next" in names and len(choosing) and (pairs == "validation" or library.manifest.next_weight is None):
        set_next_weights(library, *choose_weights(next_ranker(library), choosing))
    everything = set(names) >= set(available_rankers(library))
    if everything and len(choosing):
        _fit_continue(library, again=pairs == "validation")
    # the corpus holds training playlists only; the library's own counts include the held-out tracks
    counts = library.counts if library.corpus is None else library.corpus.counts
    artists = library.catalogue.artist_codes
    seeds, targets = held.T
    ranked: dict[str, Ranked] = {}
    if set(MODEL) <= set(names):
        ranked = _rank_together(library, seeds, k, on_progress, like="like" in names)
    if ranked_already is not None:
        ranked |= ranked_already(library, seeds, k)
    if "ppmi-svd" in names and not is_shipped(library.path):
        save_ppmi_svd(library)
    scored = []
    for name in names:
        found = ranked.get(name) or rank_seeds(ranker(library, name), seeds, k, on_progress)
        scored.append(_scored(name, found, held, counts=counts, artists=artists, k=k))
    return Report(
        library=library.name,
        pairs=pairs,
        k=k,
        created=f"{created or datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        n_pairs=len(held),
        n_seeds=len(np.unique(seeds)),
        n_tracks=len(library),
        target_is_seed=float(np.mean(seeds == targets)),
        target_unseen=float(np.mean(counts[targets] == 0)),
        next_weight=library.manifest.next_weight,
        next_popularity=library.manifest.next_popularity,
        next_following=library.manifest.next_following,
        n_choosing=len(choosing),
        rankers=tuple(scores for scores, _ in scored),
        lead=_lead({scores.ranker: ranks for scores, ranks in scored}, seeds == targets, k),
        completion=score_completion(library, held, playlists, k=k) if everything else None,
    )


def _fit_continue(library: Library, *, again: bool) -> None:
    """Fit the weights of `continue` on the choosing pairs, where there are none yet or it is done again."""
    whole, held, corpus = continue_ranker(library), library.held_out, library.corpus
    if whole is None or held is None or corpus is None:
        return
    if again or not library.manifest.continue_weights:
        weights = choose_continue_weights(whole, held.choosing, held.choosing_playlists, corpus)
        drawn = np.random.default_rng(len(held.choosing)).permutation(len(held.choosing))[:MISSING]
        _, ends = hidden_ends(library, held.choosing[drawn], held.choosing_playlists[drawn])
        library.manifest.continue_weights = weights | choose_missing_weights(whole, ends)


def score_ranker(
    one: Ranker,
    pairs: Pairs,
    *,
    counts: npt.NDArray[np.int64],
    artists: npt.NDArray[np.int32],
    k: int,
    on_progress: Progress | None = None,
) -> RankerScores:
    """Every score of one ranker, from lists of k.

    `pairs`, int32 (n, 2), are seeds and targets; `counts`, int64 (V,), how often each track occurs in the
    training playlists; `artists`, int32 (V,), each track's artist, -1 where unknown.
    """
    found = rank_seeds(one, pairs[:, 0], k, on_progress)
    return _scored(one.name, found, pairs, counts=counts, artists=artists, k=k)[0]


@dataclass(frozen=True)
class Ranked:
    """What a ranker suggests for some seeds, each of them ranked once."""

    distinct: Pairs
    """int32 (m,): the seeds, rising."""
    indices: Pairs
    """int32 (m, k): their suggestions."""
    place: npt.NDArray[np.intp]
    """intp (n,): where each seed that was asked for is in `distinct`."""
    seconds: float
    """How long that took."""


def rank_seeds(one: Ranker, seeds: Pairs, k: int, on_progress: Progress | None = None) -> Ranked:
    """Rank each distinct seed of int32 (n,) once, and take the time."""
    begun = time.perf_counter()
    distinct, place = np.unique(seeds, return_inverse=True)
    indices = np.empty((len(distinct), k), np.int32)
    for start in range(0, len(distinct), CHUNK):
        part = distinct[start : start + CHUNK]
        indices[start : start + CHUNK] = one.rank(part, k)[0]
        if on_progress is not None:
            on_progress(len(part))
    return Ranked(distinct, indices, place, time.perf_counter() - begun)


def _rank_together(
    library: Library, seeds: Pairs, k: int, on_progress: Progress | None, *, like: bool
) -> dict[str, Ranked]:
    """Rank with `nearest`, `next` and maybe `like` at once, the time shared out evenly."""
    begun = time.perf_counter()
    one, others = next_ranker(library), [like_ranker(library)] if like else []
    names = ("nearest", one.name, *(other.name for other in others))
    distinct, place = np.unique(seeds, return_inverse=True)
    found = np.empty((len(names), len(distinct), k), np.int32)
    for start in range(0, len(distinct), CHUNK):
        part = slice(start, start + CHUNK)
        found[:, part] = one.rank_with(others, distinct[part], k)
        if on_progress is not None:
            on_progress(len(names) * len(distinct[part]))
    seconds = (time.perf_counter() - begun) / len(names)
    return {
        name: Ranked(distinct, indices, place, seconds) for name, indices in zip(names, found, strict=True)
    }


def _scored(
    name: str,
    found: Ranked,
    pairs: Pairs,
    *,
    counts: npt.NDArray[np.int64],
    artists: npt.NDArray[np.int32],
    k: int,
) -> tuple[RankerScores, Ranks]:
    """The scores of a ranker, and the rank of each pair's target."""
    seeds, targets = pairs.T
    ranks = ranks_of(found.indices[found.place], targets)
    ways = _counted(ranks, seeds == targets)
    scores = RankerScores(
        ranker=name,
        all=scores_of(ways["all"], k),
        without_repeats=scores_of(ways["without_repeats"], k),
        paper=scores_of(ways["paper"], k),
        buckets=tuple(_buckets(ranks, counts[targets], k)),
        coverage=coverage(found.indices, len(counts)),
        hubness=hubness(found.indices, len(counts)),
        same_artist=same_artist(found.distinct, found.indices, artists),
        seconds=found.seconds,
    )
    return scores, ranks


def _counted(ranks: Ranks, repeats: npt.NDArray[np.bool_]) -> dict[str, Ranks]:
    """The ranks as the three ways of counting see them; `repeats` are pairs whose target is the seed."""
    return {"all": ranks, "without_repeats": ranks[~repeats], "paper": np.where(repeats, 1, ranks)}


def _lead(ranks: Mapping[str, Ranks], repeats: npt.NDArray[np.bool_], k: int) -> Lead | None:
    """Compare the model's better ranker with the best baseline under each way of counting."""
    hits = {
        name: {way: hit_at_k(counted, k) for way, counted in _counted(found, repeats).items()}
        for name, found in ranks.items()
    }

    def difference(way: str) -> Difference:
        best = sorted(hits, key=lambda name: -hits[name][way].sum())
        one = next(name for name in best if name in MODEL)
        other = next(name for name in best if name not in OWN)
        return Difference(one, other, paired_bootstrap(hits[one][way], hits[other][way]))

    if not set(MODEL) & set(hits) or not set(hits) - set(OWN):
        return None
    return Lead(difference("all"), difference("without_repeats"), difference("paper"))


def pair_ranks(one: Ranker, pairs: Pairs, k: int) -> Ranks:
    """The rank of each pair's target among a ranker's k suggestions, int32 (n,); 0 is a miss."""
    found = rank_seeds(one, pairs[:, 0], k)
    return ranks_of(found.indices[found.place], pairs[:, 1])


def scores_of(ranks: Ranks, k: int) -> Scores:
    """The three metrics over some ranks, with their intervals."""
    distinct, counts = np.unique(ranks, return_counts=True)
    values = np.stack([metric(distinct, k) for metric in (hit_at_k, ndcg_at_k, reciprocal_rank)])
    return Scores(len(ranks), *bootstrap_counted(values, counts))


def in_bucket(target_counts: npt.NDArray[np.int64], least: int, most: int | None) -> npt.NDArray[np.bool_]:
    """Which targets occur at least and at most so often: bool (n,)."""
    return (target_counts >= least) & (True if most is None else target_counts <= most)


def _buckets(ranks: Ranks, target_counts: npt.NDArray[np.int64], k: int) -> list[Bucket]:
    found = []
    for least, most in BUCKETS:
        inside = in_bucket(target_counts, least, most)
        if inside.any():
            found.append(Bucket(_label(least, most), least, most, scores_of(ranks[inside], k)))
    return found


def _label(least: int, most: int | None) -> str:
    if most is None:
        return f"{least}+"
    return f"{least}–{most}" if least < most else "never" if least == 0 else str(least)


TRAINED_RANKERS = ("next", "nearest")
"""Those that a training changes."""
MEASURES = ("hit@10", "ndcg@10")
SeedScores = dict[str, dict[str, float]]
"""For each ranker, its mean hit@10 and NDCG@10 over the validation pairs."""


def seed_scores(library: Library) -> SeedScores:
    """Score the rankers that a training changes on a library's validation pairs."""
    report = evaluate(library, rankers=TRAINED_RANKERS)
    return {one.ranker: {"hit@10": one.all.hit.mean, "ndcg@10": one.all.ndcg.mean} for one in report.rankers}


def note_seeds(library: Library, first: int, scores: Sequence[SeedScores]) -> None:
    """Write the scores of each seed, from `first` on, into the library's manifest."""
    library.manifest.training["seeds"] = {str(first + number): one for number, one in enumerate(scores)}
    library.save_manifest()


def seed_lines(manifest: Manifest) -> list[str]:
    """Mean and standard deviation over the seeds, a line a ranker; none where there was one seed."""
    held = manifest.training.get("seeds")
    if not isinstance(held, dict) or len(held) < 2:
        return []
    try:
        return [_line(ranker, list(held.values())) for ranker in TRAINED_RANKERS]
    except (KeyError, TypeError, ValueError, OverflowError):
        return []  # another program's manifest


def _line(ranker: str, scores: Sequence[Any]) -> str:
    parts = []
    for measure in MEASURES:
        values = [float(one[ranker][measure]) for one in scores]
        parts.append(f"{measure.replace('ndcg', 'NDCG')} {fmean(values):.4f} ± {stdev(values):.4f}")
    return f"{ranker:<14} {'  '.join(parts)}  (mean and s.d. of {len(scores)} seeds on validation pairs)"
