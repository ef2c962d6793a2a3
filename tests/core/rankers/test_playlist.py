"""The rankers of whole playlists against plain loops, and against `nearest` on worlds of different kinds."""

from collections.abc import Callable
from math import exp, log, sqrt
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import minimize

from segue.core.corpus import Corpus, Occurrences, Playlists, build_corpus, cooccurrence, following
from segue.core.evaluation import paired_bootstrap
from segue.core.evaluation.completion import found_shares, hidden_ends
from segue.core.evaluation.weight import LEADING, RIDGE, choose_continue_weights, choose_missing_weights
from segue.core.explore.neighbours import Filters
from segue.core.explore.surgeon import complete
from segue.core.explore.variety import OFF
from segue.core.library import Library
from segue.core.neighbours import unit
from segue.core.rankers.playlist import (
    DEFAULT_WEIGHTS,
    FAINT,
    LIFT,
    ContinueRanker,
    continue_ranker,
    recency_weights,
)
from segue.core.rankers.protocol import Scores
from segue.core.rankers.sessions import BEYOND, DAMPING, LONG, REACH, SESSIONS, STEP, SeedVotes, Sessions
from segue.core.rankers.sparse import count_ranker
from tests.libraries import make_library

Floats = npt.NDArray[np.float64]
PLAYLISTS = ([3], [1, 2, 3], [5, 0, 5, 7, 2, 9], [11, 4, 4, 11])


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    rng = np.random.default_rng(0)
    lists = [[f"t{track}" for track in rng.integers(0, 30, rng.integers(1, 12))] for _ in range(60)]
    return build_corpus(Playlists.from_lists(lists), min_count=1)


def plain_sessions(corpus: Corpus, playlist: list[int], weights: Floats, without: int | None) -> list[Floats]:
    """S-KNN, V-STAN and RP3 by loops over every playlist."""
    shares = {track: float(weights[at]) for at, track in enumerate(playlist)}
    last = {track: at for at, track in enumerate(playlist)}
    s_knn, v_stan, rp3 = np.zeros((3, len(corpus.vocabulary)))
    for number in range(corpus.n_playlists):
        session = corpus.playlist(number).tolist()
        shared = set(session) & set(playlist)
        if not shared or number == without:
            continue
        rarity = {track: log(1 + corpus.n_playlists / corpus.counts[track]) for track in shared}
        similarity = (sum(shares[track] * rarity[track] for track in shared) / sqrt(len(session))) ** 2
        walk = sum(shares[track] / corpus.counts[track] ** STEP for track in shared) / len(session) ** STEP
        latest = max(shared, key=last.__getitem__)
        anchor = max(at for at, track in enumerate(session) if track == latest)
        for at, track in enumerate(session):
            s_knn[track] += similarity
            rp3[track] += walk / corpus.counts[track] ** DAMPING
            if at > anchor:
                v_stan[track] += similarity * exp(-(at - anchor - 1) / REACH)
    for values in (s_knn, v_stan, rp3):
        values[playlist] = 0
    return [s_knn, v_stan, rp3]


@pytest.mark.parametrize("playlist", PLAYLISTS)
@pytest.mark.parametrize("without", [None, 7])
def test_sessions_are_those_of_plain_loops(corpus: Corpus, playlist: list[int], without: int | None) -> None:
    weights = recency_weights(len(playlist), 2.0)
    found = Sessions(corpus, Occurrences.of(corpus)).scores(playlist, weights, without=without)
    expected = plain_sessions(corpus, playlist, weights, without)
    size = len(corpus.vocabulary)
    every = [votes.every(size) for votes in map(found.__getitem__, ("s-knn", "v-stan", "rp3"))]
    np.testing.assert_allclose(every, expected, rtol=1e-9)
    assert every[0].max() > 0


@pytest.mark.parametrize("kind", ["s-knn", "v-stan", "rp3"])
def test_a_single_seed_is_a_playlist_of_one(corpus: Corpus, kind: Literal["s-knn", "v-stan", "rp3"]) -> None:
    one = SeedVotes(kind, corpus, Occurrences.of(corpus))
    for seed in range(len(corpus.vocabulary)):
        s_knn, v_stan, rp3 = plain_sessions(corpus, [seed], np.ones(1), None)
        expected = {"s-knn": s_knn, "v-stan": v_stan, "rp3": rp3}[kind]
        rows, values = one(seed)
        found = np.zeros(len(expected))
        found[rows] = values
        np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("playlist", PLAYLISTS)
def test_continue_adds_its_terms_up(corpus: Corpus, playlist: list[int]) -> None:
    size = len(corpus.vocabulary)
    vectors = unit(np.random.default_rng(1).standard_normal((size, 4)))
    counts = cooccurrence(corpus)
    weights = {name: 0.3 + number / 7 for number, name in enumerate(DEFAULT_WEIGHTS)}
    one = ContinueRanker(vectors, counts, corpus, Occurrences.of(corpus), weights)
    met, after = count_ranker("", counts, corpus.counts), count_ranker("", following(corpus), corpus.counts)
    shares = {half: recency_weights(len(playlist), half) for half in (1.0, 8.0)}
    shares = {half: values / values.sum() for half, values in shares.items()}
    s_knn, v_stan, rp3 = plain_sessions(corpus, playlist, shares[8.0], None)
    expected = np.zeros(size)
    for track in range(size):
        for half, values in shares.items():
            for seed, share in zip(playlist, values, strict=True):
                expected[track] += weights[f"cosine {half:g}"] * share * float(vectors[seed] @ vectors[track])
                if seed != track:
                    expected[track] += (
                        weights[f"meetings {half:g}"] * share * log(1 + met.scores(seed)[track])
                    )
        expected[track] += weights["following"] * log(1 + after.scores(playlist[-1])[track])
        expected[track] += weights["plays"] * log(1 + corpus.counts[track])
        for name, values in (("v-stan", v_stan), ("rp3", rp3), ("s-knn", s_knn)):
            expected[track] += weights[name] * values[track] / (values.max() or 1)
    np.testing.assert_allclose(one.scores(playlist), expected, rtol=1e-4, atol=1e-5)
    for row in set(range(size)) - set(playlist):
        parts = one.parts(playlist, row, one.votes(playlist))
        assert sum(parts.values()) == pytest.approx(expected[row], rel=1e-4)
    [(rows, terms)] = one.contenders([playlist], size)
    assert set(rows.tolist()) == set(range(size)) - set(playlist)
    np.testing.assert_allclose(terms @ np.array(list(weights.values())), expected[rows], rtol=1e-4)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return make_library(tmp_path_factory.mktemp("continued") / "continued")


def single_terms(library: Library) -> list[ContinueRanker]:
    """A ranker for each term, which scores by that term alone."""
    assert library.cooccurrence is not None
    assert library.corpus is not None
    assert library.occurrences is not None
    given = library.vectors, library.cooccurrence, library.corpus, library.occurrences
    return [ContinueRanker(*given, {name: 1.0}) for name in DEFAULT_WEIGHTS]


def plain_contenders(table: Scores, playlist: list[int]) -> list[int]:
    """The tracks outside the playlist that are among the best of any term and above 0."""
    found: set[int] = set()
    for line in table.tolist():
        rows = [row for row, value in enumerate(line) if value > 0 and row not in playlist]
        found |= set(sorted(rows, key=lambda row: (-line[row], row))[:LEADING])
    return sorted(found)


def test_the_weights_are_those_of_a_plain_conditional_logit(library: Library) -> None:
    held, corpus, one = library.held_out, library.corpus, continue_ranker(library)
    assert held is not None
    assert corpus is not None
    assert one is not None
    pairs, playlists = held.choosing[:50], held.choosing_playlists[:50]
    sets, terms = [], single_terms(library)
    for (_, target), number in zip(pairs.tolist(), playlists.tolist(), strict=True):
        playlist = corpus.playlist(number)
        table = np.stack([term.scores(playlist.tolist()) for term in terms])
        contenders = plain_contenders(table, playlist.tolist())
        [(rows, _)] = one.contenders([playlist.tolist()], LEADING)
        assert rows.tolist() == contenders
        if target in contenders:
            sets.append((table[:, contenders].T.astype(float), contenders.index(target)))
    centre = np.array(list(DEFAULT_WEIGHTS.values()))

    def loss(weights: Floats) -> float:
        total = RIDGE / 2 * np.sum((weights - centre) ** 2)
        for values, chosen in sets:
            scores = values @ weights
            total -= scores[chosen] - np.log(np.sum(np.exp(scores)))
        return float(total)

    expected = minimize(loss, centre, bounds=[(0, None)] * len(centre), tol=1e-10).x
    found = choose_continue_weights(one, pairs, playlists, corpus)
    np.testing.assert_allclose(list(found.values()), expected, atol=5e-3)
    assert choose_continue_weights(one, pairs[:0], playlists[:0], corpus) == dict(DEFAULT_WEIGHTS)


def plain_members(corpus: Corpus, playlist: list[int], without: int | None, most: int) -> Floats:
    """The votes of the most similar playlists for what a playlist misses, by loops over every playlist."""
    similar: list[tuple[float, int]] = []
    for number in range(corpus.n_playlists):
        session = corpus.playlist(number).tolist()
        rarity = [log(1 + corpus.n_playlists / corpus.counts[row]) for row in set(session) & set(playlist)]
        if rarity and number != without:
            similar.append((-(sum(rarity) ** 2 / len(session)), number))
    nearest, votes = sorted(similar)[:most], np.zeros(len(corpus.vocabulary))
    least = nearest[-1][0] * BEYOND if len(nearest) == most else 0
    for similarity, number in nearest:
        session = corpus.playlist(number).tolist()
        votes[list(set(session) - set(playlist))] -= (similarity - least) * len(session) ** LONG
    return votes


def test_what_a_playlist_misses_is_voted_for_by_the_most_similar(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    lists = [[f"t{track}" for track in rng.integers(0, 40, rng.integers(1, 15))] for _ in range(90)]
    corpus = build_corpus(Playlists.from_lists(lists), min_count=1)
    sessions = Sessions(corpus, Occurrences.of(corpus))
    for most in (7, 200):
        monkeypatch.setattr("segue.core.rankers.sessions.SESSIONS", most)
        for playlist, without in (([3], None), ([5, 0, 5, 7, 2, 9], 4), ([11, 4, 4, 11], None)):
            found = sessions.members(playlist, without=without)
            expected = plain_members(corpus, playlist, without, most)
            np.testing.assert_allclose(found.every(len(corpus.vocabulary)), expected, rtol=1e-9)
            assert expected.any()


def test_missing_is_the_votes_lifted_by_the_cosine_with_the_middle(library: Library) -> None:
    one, corpus = continue_ranker(library), library.corpus
    assert one is not None
    assert corpus is not None
    playlist = [4, 9, 20]
    votes = plain_members(corpus, playlist, 5, SESSIONS)
    middle = np.sum([library.vectors[row] for row in playlist], axis=0)
    cosines = library.vectors @ (middle / np.linalg.norm(middle))
    expected = votes / votes.max() * np.exp(LIFT * cosines) + FAINT * cosines
    others = np.setdiff1d(np.arange(len(library)), playlist)
    found = one.missing(playlist, votes=one.members(playlist, without=5))
    np.testing.assert_allclose(found[others], expected[others], atol=1e-5)
    rp3 = one.votes_on_the_whole(playlist, without=5)["rp3"].every(len(library))
    votes = votes / votes.max() + 4 * rp3 / rp3.max()
    one.use({"missing rp3": 4.0, "missing lift": 0.5})
    found = one.missing(playlist, votes=one.members(playlist, without=5))
    expected = votes / votes.max() * np.exp(0.5 * cosines) + FAINT * cosines
    np.testing.assert_allclose(found[others], expected[others], atol=1e-5)
    one.use({})
    scores = one.missing(playlist)
    scores[playlist] = -np.inf
    listed = complete(library, playlist, 5, ask="missing", filters=Filters(OFF)).rows
    np.testing.assert_allclose([row.score for row in listed], np.sort(scores)[::-1][:5], rtol=1e-5)


def _walks(rng: np.random.Generator) -> list[list[str]]:
    """Order matters: each track has few that follow it."""
    return [
        [f"t{(start + int(step)) % 120}" for step in np.cumsum(rng.integers(1, 4, 8))]
        for start in rng.integers(0, 120, 600)
    ]


def _kinds(rng: np.random.Generator) -> list[list[str]]:
    """Order says nothing: playlists are draws out of twelve kinds."""
    return [[f"t{12 * int(n) + kind}" for n in rng.integers(0, 10, 8)] for kind in rng.integers(0, 12, 600)]


def _charts(rng: np.random.Generator) -> list[list[str]]:
    """What is played much is played on."""
    return [[f"t{int(n)}" for n in np.minimum(rng.zipf(1.3, 8), 120)] for _ in range(600)]


def _albums(rng: np.random.Generator) -> list[list[str]]:
    """Two or three whole albums."""
    chosen = [rng.permutation(40)[: rng.integers(2, 4)] for _ in range(500)]
    return [[f"t{album}-{track}" for album in albums for track in range(8)] for albums in chosen]


@pytest.mark.parametrize("world", [_walks, _kinds, _albums])
def test_what_is_missing_is_never_below_a_single_ranker(
    tmp_path: Path, world: Callable[[np.random.Generator], list[list[str]]]
) -> None:
    library = make_library(tmp_path / "world", Playlists.from_lists(world(np.random.default_rng(0))))
    held, whole = library.held_out, continue_ranker(library)
    assert held is not None
    assert whole is not None
    ends = hidden_ends(library, held.choosing[:150], held.choosing_playlists[:150])[1]
    library.manifest.continue_weights = choose_missing_weights(whole, ends)
    assert (library.manifest.continue_weights["missing rp3"] > 0) == (world is _albums)
    cases = hidden_ends(library, held.test, held.test_playlists)[1]
    found = found_shares(library, "missing", cases, 10)
    for name in ("s-knn", "rp3"):
        ahead = paired_bootstrap(
            *(shares.sum(axis=1) for shares in (found, found_shares(library, name, cases, 10)))
        )
        assert ahead.high >= 0, name


@pytest.mark.parametrize("world", [_walks, _kinds, _charts])
def test_completing_by_default_is_never_below_nearest(
    tmp_path: Path, world: Callable[[np.random.Generator], list[list[str]]]
) -> None:
    lists = Playlists.from_lists(world(np.random.default_rng(0)))
    library = make_library(tmp_path / "world", lists)
    held, corpus, whole = library.held_out, library.corpus, continue_ranker(library)
    assert held is not None
    assert corpus is not None
    assert whole is not None
    library.manifest.continue_weights = choose_continue_weights(
        whole, held.choosing[:100], held.choosing_playlists[:100], corpus
    )
    pairs = dict(zip(held.test_playlists.tolist(), held.test.tolist(), strict=True))

    def hits(name: str | None) -> Floats:
        found = []
        for number, (_, target) in pairs.items():
            playlist = corpus.playlist(number).tolist()
            listed = complete(library, playlist, 10, ranker=name, filters=Filters(OFF)).rows
            found.append(float(target in {neighbour.row for neighbour in listed}))
        return np.array(found)

    assert paired_bootstrap(hits(None), hits("nearest")).high >= 0
