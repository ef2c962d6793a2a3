"""The weights of `next` against a conditional logit written set by set."""

from collections import Counter
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import minimize

from segue.core.evaluation.weight import CENTRE, NEAR, POPULAR, RIDGE, choose_weights
from segue.core.library import Library
from segue.core.rankers import next_ranker
from segue.core.rankers.vector import DEFAULT_WEIGHT
from tests.libraries import make_library

Pairs = npt.NDArray[np.int32]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return make_library(tmp_path_factory.mktemp("weighed") / "weighed")


def pairs_of(library: Library) -> Pairs:
    assert library.held_out is not None
    return library.held_out.choosing


def plainly(library: Library, pairs: Pairs) -> list[float]:
    """λ, β and φ by a general optimiser over sets of contenders that are put together one by one."""
    assert library.corpus is not None
    assert library.cooccurrence is not None
    plays = np.bincount(library.corpus.items, minlength=len(library))
    numbers = range(library.corpus.n_playlists)
    successors = [pair for number in numbers for pair in pairwise(library.corpus.playlist(number).tolist())]
    charts = sorted(range(len(library)), key=lambda track: (-plays[track], track))[:POPULAR]
    sets = []
    for seed, target in pairs.tolist():
        cosines = library.vectors @ library.vectors[seed]
        near = [track for track in np.argsort(-cosines, kind="stable").tolist() if track != seed][:NEAR]
        met = dict(zip(*(values.tolist() for values in library.cooccurrence.row(seed)), strict=True))
        contenders = sorted({*near, *charts, *met} - {seed})
        if target in contenders:
            after = Counter(b for a, b in successors if a == seed and b != seed)
            terms = [
                [cosines[x], np.log1p(met.get(x, 0)), np.log1p(plays[x]), np.log1p(after[x])]
                for x in contenders
            ]
            sets.append((np.array(terms, float), contenders.index(target)))

    def loss(weights: npt.NDArray[np.float64]) -> float:
        total = RIDGE / 2 * np.sum((weights - CENTRE) ** 2)
        for terms, chosen in sets:
            scores = terms @ weights
            total -= scores[chosen] - np.log(np.sum(np.exp(scores)))
        return float(total)

    found = minimize(loss, CENTRE, bounds=[(None, None), (0, None), (0, None), (0, None)], tol=1e-12).x
    return [float(weight / found[0]) for weight in found[1:]]


def test_they_are_those_of_a_plain_conditional_logit(library: Library) -> None:
    pairs = pairs_of(library)[:150]
    assert choose_weights(next_ranker(library), pairs) == pytest.approx(plainly(library, pairs), abs=2e-3)


def test_a_negative_weight_becomes_none(library: Library) -> None:
    """Targets that nobody plays and the seed never met: counts and plays would both be punished."""
    assert library.corpus is not None
    assert library.cooccurrence is not None
    rare = np.argsort(library.corpus.counts, kind="stable")[:100]
    rows = []
    for seed in range(100):
        met = library.cooccurrence.row(seed)[0]
        near = library.index().query(np.array([seed]), NEAR)[0][0]
        rows += [(seed, track) for track in near.tolist() if track in rare and track not in met][:1]
    pairs = np.array(rows, np.int32)
    assert len(pairs) > 20
    chosen = choose_weights(next_ranker(library), pairs)
    assert chosen == pytest.approx(plainly(library, pairs), abs=2e-3)
    assert 0.0 in chosen


def test_few_pairs_hardly_move_the_default_and_none_leave_it(library: Library) -> None:
    following = next_ranker(library)
    pairs = pairs_of(library)
    assert choose_weights(following, pairs[:0]) == (DEFAULT_WEIGHT, 0, 0)
    same = np.stack([pairs[:, 0], pairs[:, 0]], axis=1)
    assert choose_weights(following, same) == (DEFAULT_WEIGHT, 0, 0)
    weight, popularity, followed = choose_weights(following, pairs[:2])
    assert weight == pytest.approx(DEFAULT_WEIGHT, rel=0.5)
    assert popularity < 0.05
    assert followed < 0.1


def test_the_ranker_itself_is_left_alone(library: Library) -> None:
    following = next_ranker(library)
    before = (following.weight, following.popularity)
    choose_weights(following, pairs_of(library))
    assert (following.weight, following.popularity) == before
