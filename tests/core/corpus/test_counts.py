from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.corpus import Corpus, Counts, Occurrences, Playlists, build_corpus, cooccurrence, following
from segue.core.corpus import counts as counts_module
from segue.core.errors import SegueError

ROWS = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=9), min_size=1, max_size=15).filter(any)


def as_dict(counts: Counts) -> dict[tuple[int, int], float]:
    return {
        (row, column): value
        for row in range(len(counts))
        for column, value in zip(*(part.tolist() for part in counts.row(row)), strict=True)
    }


def corpus_of(rows: list[list[str]]) -> Corpus:
    return build_corpus(Playlists.from_lists(rows), min_count=1)


@settings(max_examples=80)
@given(rows=ROWS, window=st.integers(1, 5), block=st.integers(1, 20), flat=st.booleans())
def test_cooccurrence_agrees_with_two_loops(
    rows: list[list[str]], window: int, block: int, flat: bool
) -> None:
    corpus = corpus_of(rows)
    expected: dict[tuple[int, int], float] = defaultdict(float)
    for number in range(corpus.n_playlists):
        row = corpus.playlist(number).tolist()
        for i, first in enumerate(row):
            for j, second in enumerate(row):
                if first != second and 0 < abs(i - j) <= window:
                    expected[first, second] += 1 if flat else 1 / abs(i - j)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts_module, "BLOCK", block)
        found = cooccurrence(corpus, window=window, weighting="flat" if flat else "1/distance")
    assert as_dict(found) == pytest.approx(dict(expected))
    for row in range(len(found)):
        assert (np.diff(found.row(row)[0]) > 0).all()


@settings(max_examples=80)
@given(rows=ROWS, block=st.integers(1, 20))
def test_following_agrees_with_a_loop(rows: list[list[str]], block: int) -> None:
    corpus = corpus_of(rows)
    expected: dict[tuple[int, int], float] = defaultdict(float)
    for number in range(corpus.n_playlists):
        row = corpus.playlist(number).tolist()
        for first, second in pairwise(row):
            if first != second:
                expected[first, second] += 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts_module, "BLOCK", block)
        assert as_dict(following(corpus)) == dict(expected)


@settings(max_examples=60)
@given(rows=ROWS)
def test_occurrences_agree_with_a_search(rows: list[list[str]]) -> None:
    corpus = corpus_of(rows)
    index = Occurrences.of(corpus)
    items = corpus.items.tolist()
    holding = [set(corpus.playlist(number).tolist()) for number in range(corpus.n_playlists)]
    for track in range(len(corpus.vocabulary)):
        assert index.positions_of(track).tolist() == [at for at, item in enumerate(items) if item == track]
        playlists = [number for number, held in enumerate(holding) if track in held]
        assert index.playlists_of(track).tolist() == playlists
        for other in range(len(corpus.vocabulary)):
            assert index.together(track, other) == sum({track, other} <= held for held in holding)


def test_counts_and_occurrences_open_as_they_were_saved(tmp_path: Path) -> None:
    corpus = corpus_of([["a", "b", "c", "a"], [], ["c", "b"]])
    counts, index = cooccurrence(corpus), Occurrences.of(corpus)
    for name, saved in (("counts", counts), ("index", index)):
        (tmp_path / name).mkdir()
        saved.save(tmp_path / name)
    assert as_dict(Counts.open(tmp_path / "counts")) == as_dict(counts)
    opened = Occurrences.open(tmp_path / "index")
    assert opened.playlists_of(0).tolist() == index.playlists_of(0).tolist()
    assert opened.together(0, 1) == index.together(0, 1) == 1


@pytest.mark.parametrize("name", ["indptr", "indices", "data"])
def test_damaged_counts_are_an_error(name: str, tmp_path: Path) -> None:
    cooccurrence(corpus_of([["a", "b", "c", "a"]])).save(tmp_path)
    array = np.load(tmp_path / f"{name}.npy")
    np.save(tmp_path / f"{name}.npy", array[:-1])
    with pytest.raises(SegueError, match="are inconsistent"):
        Counts.open(tmp_path)


@pytest.mark.parametrize(
    ("kind", "name"), [(Counts, "indptr"), (Occurrences, "starts"), (Occurrences, "offsets")]
)
def test_offsets_whose_differences_wrap_around_are_an_error(
    kind: type[Counts | Occurrences], name: str, tmp_path: Path
) -> None:
    corpus = corpus_of([["a", "b"], ["c", "d"], ["e", "a"], ["b", "c"], ["d", "e"]])
    (cooccurrence(corpus) if kind is Counts else Occurrences.of(corpus)).save(tmp_path)
    array = np.load(tmp_path / f"{name}.npy")
    array[1:4] = 2**63 - 1, -(2**63), -1
    assert (np.diff(array) >= 0).all()
    np.save(tmp_path / f"{name}.npy", array)
    with pytest.raises(SegueError, match="are inconsistent"):
        kind.open(tmp_path)


@pytest.mark.parametrize("name", ["positions", "starts", "offsets"])
def test_a_damaged_index_is_an_error(name: str, tmp_path: Path) -> None:
    Occurrences.of(corpus_of([["a", "b", "c", "a"]])).save(tmp_path)
    array = np.load(tmp_path / f"{name}.npy")
    np.save(tmp_path / f"{name}.npy", array[:-1])
    with pytest.raises(SegueError, match="are inconsistent"):
        Occurrences.open(tmp_path)


def test_a_corpus_without_neighbours_has_no_counts() -> None:
    counts = cooccurrence(corpus_of([["a"], ["a", "a"]]))
    assert len(counts) == 1
    assert counts.row(0)[0].tolist() == []
