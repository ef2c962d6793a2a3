import numpy as np
import pytest

from segue.core.corpus import Corpus, Playlists, build_corpus, split_corpus
from segue.core.corpus.split import Protocol
from segue.core.errors import SegueError

Pair = tuple[int, int]


def make_corpus(n_playlists: int = 400, *, min_count: int = 1, seed: int = 1, n_tracks: int = 60) -> Corpus:
    rng = np.random.default_rng(seed)
    rows = [
        [f"t{track}" for track in np.floor(n_tracks * rng.random(rng.integers(0, 9)) ** 2).astype(int)]
        for _ in range(n_playlists)
    ]
    return build_corpus(Playlists.from_lists(rows), min_count=min_count)


def lists(corpus: Corpus) -> list[list[int]]:
    return [corpus.playlist(number).tolist() for number in range(corpus.n_playlists)]


def test_the_notebook_protocol_is_that_of_its_own_statements() -> None:
    corpus = make_corpus()
    split = split_corpus(corpus, seed=5)
    # the notebook's cell, with 400 playlists for 100,000
    corpus_num = lists(corpus)
    index_tst = np.random.default_rng(5).choice(400, 80)
    index_val = np.setdiff1d(range(400), index_tst)
    play_app = [row[: len(row) - 1] for row in corpus_num if len(row) > 1]
    play_tst = [row[-2:] for row in (corpus_num[i] for i in index_tst) if len(row) > 3]
    play_val = [row[-2:] for row in (corpus_num[i] for i in index_val) if len(row) > 3][:40]
    assert split.test.tolist() == play_tst
    assert split.validation.tolist() == play_val
    assert [row for row in lists(split.train) if row] == play_app
    assert split.train.vocabulary is corpus.vocabulary
    assert split.train.n_playlists == corpus.n_playlists


def test_the_paper_protocol_draws_without_replacement() -> None:
    corpus = make_corpus()
    split = split_corpus(corpus, protocol="paper", seed=5)
    drawn = np.random.default_rng(5).choice(400, 80, replace=False)
    corpus_num = lists(corpus)
    assert split.test.tolist() == [corpus_num[i][-2:] for i in drawn[:40] if len(corpus_num[i]) > 3]
    assert split.validation.tolist() == [corpus_num[i][-2:] for i in drawn[40:] if len(corpus_num[i]) > 3]
    everyone = [*split.test_playlists.tolist(), *split.validation_playlists.tolist()]
    assert len(set(everyone)) == len(everyone)


@pytest.mark.parametrize("protocol", ["notebook", "paper"])
@pytest.mark.parametrize("leak_free", [False, True])
def test_pairs_are_the_last_two_tracks_of_their_playlists(protocol: str, leak_free: bool) -> None:
    corpus = make_corpus()
    split = split_corpus(corpus, protocol=protocol, leak_free=leak_free)  # type: ignore[arg-type] # a literal
    old, new = corpus.vocabulary.track_ids, split.train.vocabulary.track_ids
    for pairs, playlists in (
        (split.validation, split.validation_playlists),
        (split.test, split.test_playlists),
        (split.choosing, split.choosing_playlists),
    ):
        assert len(pairs) > 10
        assert pairs.dtype == np.int32
        assert pairs.shape == (len(playlists), 2)
        for (seed, target), number in zip(pairs.tolist(), playlists.tolist(), strict=True):
            row = [old[item] for item in corpus.playlist(number)]
            assert len(row) >= 4
            assert row[-2:] == [new[seed], new[target]]
            # what is left of the playlist in training ends with the seed
            assert split.train.playlist(number)[-1] == seed


def test_validation_and_test_share_no_playlist() -> None:
    split = split_corpus(make_corpus())
    assert not set(split.validation_playlists.tolist()) & set(split.test_playlists.tolist())


@pytest.mark.parametrize("protocol", ["notebook", "paper"])
def test_the_pairs_to_choose_on_are_drawn_from_the_playlists_that_are_left(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = make_corpus()
    split = split_corpus(corpus, protocol=protocol)
    scored = {*split.validation_playlists.tolist(), *split.test_playlists.tolist()}
    left = [at for at, row in enumerate(lists(corpus)) if len(row) > 3 and at not in scored]
    assert split.choosing_playlists.tolist() == left
    monkeypatch.setattr("segue.core.corpus.split.CHOOSING", 30)
    drawn = split_corpus(corpus, protocol=protocol).choosing_playlists.tolist()
    assert len(set(drawn)) == 30
    assert set(drawn) < set(left)
    assert max(drawn) > np.median(left)
    assert drawn == split_corpus(corpus, protocol=protocol).choosing_playlists.tolist()
    assert drawn != split_corpus(corpus, protocol=protocol, seed=1).choosing_playlists.tolist()


def test_one_seed_one_split() -> None:
    corpus = make_corpus()
    one, same, other = (split_corpus(corpus, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(one.test, same.test)
    assert np.array_equal(one.validation, same.validation)
    assert not np.array_equal(one.test_playlists, other.test_playlists)


def test_the_facts_are_those_of_the_pairs() -> None:
    split = split_corpus(make_corpus(min_count=2), seed=2)
    heard = {item for row in lists(split.train) for item in row}
    for pairs, facts in ((split.validation, split.facts.validation), (split.test, split.facts.test)):
        rows: list[Pair] = [(seed, target) for seed, target in pairs.tolist()]
        assert facts.pairs == len(rows) > 20
        assert facts.target_is_seed == pytest.approx(sum(seed == target for seed, target in rows) / len(rows))
        assert facts.target_unseen == pytest.approx(
            sum(target not in heard for _, target in rows) / len(rows)
        )
        assert facts.dropped == 0


def test_leak_free_counts_training_positions_only() -> None:
    corpus = make_corpus(n_tracks=600)
    plain = split_corpus(corpus, seed=2)
    split = split_corpus(corpus, seed=2, leak_free=True)
    ids = corpus.vocabulary.track_ids
    counts: dict[str, int] = {}
    for row in lists(corpus):
        for item in row[:-1]:
            counts[ids[item]] = counts.get(ids[item], 0) + 1
    known = {track for track, count in counts.items() if count >= 2}
    vocabulary = split.train.vocabulary
    assert set(vocabulary.track_ids) == known < set(ids)
    assert vocabulary.counts.tolist() == [counts[track] for track in vocabulary.track_ids]
    assert vocabulary.counts.tolist() == sorted(vocabulary.counts.tolist(), reverse=True)
    assert [[vocabulary.track_ids[item] for item in row] for row in lists(split.train)] == [
        [ids[item] for item in row[:-1] if ids[item] in known] if row else [] for row in lists(corpus)
    ]
    expected = [[ids[item] for item in pair] for pair in plain.test.tolist()]
    kept = [pair for pair in expected if set(pair) <= known]
    assert [[vocabulary.track_ids[item] for item in pair] for pair in split.test.tolist()] == kept
    assert split.facts.test.dropped == len(expected) - len(kept) > 0
    assert split.facts.test.target_unseen == 0


def test_a_corpus_too_small_to_learn_from_is_an_error() -> None:
    corpus = build_corpus(Playlists.from_lists([["a"], ["b"]]), min_count=1)
    with pytest.raises(SegueError, match="nothing can be learned"):
        split_corpus(corpus)


def test_an_unknown_protocol_is_an_error() -> None:
    with pytest.raises(SegueError, match="unknown protocol 'other'; choose notebook or paper"):
        split_corpus(make_corpus(20), protocol="other")  # type: ignore[arg-type] # that is the point
