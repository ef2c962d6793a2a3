"""What is trained on and what is held out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from segue.core.corpus.corpus import Corpus, Vocabulary, encode, number_by_count, offsets_of
from segue.core.errors import SegueError

Protocol = Literal["notebook", "paper"]

SHORTEST = 4
"""Playlists with fewer tracks give no pair."""
FEWEST_PAIRS = 10
"""With fewer pairs scores say nothing about the rankers, and none are given."""
CHOOSING = 2_000
"""Most pairs that the weights of a ranker are chosen on; 500 would give nearly the same weights."""


@dataclass(frozen=True)
class PairFacts:
    """What makes pairs easy or impossible, to be read beside a score."""

    pairs: int
    target_is_seed: float
    """Share of pairs whose target equals the seed: impossible for a ranker that never repeats."""
    target_unseen: float
    """Share of pairs whose target never occurs in the training playlists: nothing can learn it."""
    dropped: int
    """Pairs left out because seed or target is not in the vocabulary, where that was reduced."""


@dataclass(frozen=True)
class SplitFacts:
    """The facts on both sets of pairs."""

    validation: PairFacts
    test: PairFacts


@dataclass(frozen=True)
class Split:
    """A corpus cut into training playlists and pairs to predict."""

    train: Corpus
    """All but the last track of each playlist; one of a single track stays, empty, under its number."""
    validation: npt.NDArray[np.int32]
    """int32 (n, 2): seed, target."""
    test: npt.NDArray[np.int32]
    """int32 (m, 2): seed, target."""
    validation_playlists: npt.NDArray[np.int64]
    """int64 (n,): the playlist of each validation pair, in the whole corpus and in `train`."""
    test_playlists: npt.NDArray[np.int64]
    """int64 (m,): the playlist of each test pair, in the whole corpus and in `train`."""
    choosing: npt.NDArray[np.int32]
    """int32 (c, 2): seed, target; pairs to choose a ranker's weights on, never scored."""
    choosing_playlists: npt.NDArray[np.int64]
    """int64 (c,): the playlist of each of these, rising; none is a validation or a test playlist."""
    protocol: Protocol
    seed: int
    facts: SplitFacts


def split_corpus(
    corpus: Corpus,
    *,
    protocol: Protocol = "notebook",
    seed: int = 0,
    leak_free: bool = False,
    min_count: int = 2,
) -> Split:
    """Hold out the last track of every playlist, and draw the playlists whose last two tracks are the pairs.

    Parameters
    ----------
    corpus
        The whole corpus.
    protocol
        `notebook`: a fifth of the playlists is drawn with replacement for test; validation is the first tenth
        among the others. `paper` (Caselles-Dupré et al. 2018): a fifth is drawn without replacement, half for
        test and half for validation. Both take pairs only from playlists of four tracks or more.
    seed
        Start of the random draws. Under both protocols at most `CHOOSING` pairs are drawn from the playlists
        that are left.
    leak_free
        Count the vocabulary on training positions only: a track that is not heard `min_count` times there is
        unknown, in training and in the pairs. For the strict form build the corpus with `min_count=1`.
    min_count
        The threshold of `leak_free`.

    Raises
    ------
    SegueError
        When no playlist is long enough to train on.
    """
    if protocol not in ("notebook", "paper"):
        raise SegueError(f"unknown protocol {protocol!r}; choose notebook or paper")
    train = _without_last(corpus)
    draw = _notebook_draw if protocol == "notebook" else _paper_draw
    validation_playlists, test_playlists = draw(corpus, np.random.default_rng(seed))
    playlists = [
        validation_playlists,
        test_playlists,
        _choosing_draw(corpus, np.concatenate([validation_playlists, test_playlists]), seed),
    ]
    pairs = [_last_two(corpus, each) for each in playlists]
    split = _split(train, pairs, playlists, dropped=(0, 0), protocol=protocol, seed=seed)
    if leak_free:
        order, new = number_by_count(train.counts, min_count)
        split = reduce_split(split, new, corpus.vocabulary.take(order, train.counts[order]))
    if not split.train.n_positions:
        raise SegueError("no playlist keeps two known tracks, so nothing can be learned; add playlists")
    return split


def reduce_split(split: Split, new: npt.NDArray[np.int32], vocabulary: Vocabulary) -> Split:
    """Reduce a split to some of its tracks. What was held out stays held out.

    `new`, int32 (V,), has the new number of each track; -1 drops it from the playlists, with the pairs it is
    in. The vocabulary has the tracks by their new numbers.
    """
    train = Corpus(*encode(split.train.items, split.train.offsets, new), vocabulary)
    sets = [
        (split.validation, split.validation_playlists),
        (split.test, split.test_playlists),
        (split.choosing, split.choosing_playlists),
    ]
    known = [(new[pairs] >= 0).all(axis=1) for pairs, _ in sets]
    pairs = [new[pairs[kept]] for (pairs, _), kept in zip(sets, known, strict=True)]
    playlists = [playlists[kept] for (_, playlists), kept in zip(sets, known, strict=True)]
    dropped = [int(np.count_nonzero(~kept)) for kept in known]
    return _split(train, pairs, playlists, dropped=dropped, protocol=split.protocol, seed=split.seed)


def _split(
    train: Corpus,
    pairs: Sequence[npt.NDArray[np.int32]],
    playlists: Sequence[npt.NDArray[np.int64]],
    *,
    dropped: Sequence[int],
    protocol: Protocol,
    seed: int,
) -> Split:
    """A split from its sets in the order validation, test, choosing."""
    return Split(
        train=train,
        validation=pairs[0],
        test=pairs[1],
        validation_playlists=playlists[0],
        test_playlists=playlists[1],
        choosing=pairs[2],
        choosing_playlists=playlists[2],
        protocol=protocol,
        seed=seed,
        facts=SplitFacts(_facts(pairs[0], train, dropped[0]), _facts(pairs[1], train, dropped[1])),
    )


def _without_last(corpus: Corpus) -> Corpus:
    kept = np.ones(corpus.n_positions, bool)
    full = corpus.lengths > 0
    kept[corpus.offsets[1:][full] - 1] = False
    return Corpus(corpus.items[kept], offsets_of(np.maximum(corpus.lengths - 1, 0)), corpus.vocabulary)


def _notebook_draw(
    corpus: Corpus, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    n = corpus.n_playlists
    test = rng.choice(n, n // 5)
    others = np.setdiff1d(np.arange(n), test)
    return _long_enough(corpus, others)[: n // 10], _long_enough(corpus, test)


def _paper_draw(
    corpus: Corpus, rng: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    n = corpus.n_playlists
    drawn = rng.choice(n, n // 5, replace=False)
    half = len(drawn) // 2
    return _long_enough(corpus, drawn[half:]), _long_enough(corpus, drawn[:half])


def _choosing_draw(corpus: Corpus, taken: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.int64]:
    left = _long_enough(corpus, np.setdiff1d(np.arange(corpus.n_playlists), taken))
    # a stream of its own: the other draws of a seed stay as they are
    rng = np.random.default_rng([seed, CHOOSING])
    return np.sort(rng.choice(left, min(len(left), CHOOSING), replace=False))


def _long_enough(corpus: Corpus, playlists: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return playlists[corpus.lengths[playlists] >= SHORTEST]


def _last_two(corpus: Corpus, playlists: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    ends = corpus.offsets[playlists + 1]
    return np.stack([corpus.items[ends - 2], corpus.items[ends - 1]], axis=1)


def _facts(pairs: npt.NDArray[np.int32], train: Corpus, dropped: int) -> PairFacts:
    if not len(pairs):
        return PairFacts(0, 0.0, 0.0, dropped)
    seeds, targets = pairs.T
    return PairFacts(
        pairs=len(pairs),
        target_is_seed=float(np.mean(seeds == targets)),
        target_unseen=float(np.mean(train.counts[targets] == 0)),
        dropped=dropped,
    )
