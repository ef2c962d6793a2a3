"""A track that no playlist of a library had gets a place among its companions, and the library stays."""

from pathlib import Path

import numpy as np
import pytest

from segue.core.corpus import Playlists, build_corpus
from segue.core.errors import SegueError
from segue.core.explore.explain import explain
from segue.core.explore.fold_in import PULL, TEMPERATURE, fold_in, fold_into_library
from segue.core.explore.neighbours import neighbourhood
from segue.core.explore.surgeon import complete
from segue.core.library import Library
from segue.core.tracks import TrackInfo
from tests.libraries import make_library


def contents(path: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Six kinds of twenty tracks each, whose playlists hold one kind."""
    rng = np.random.default_rng(0)
    lists = [[f"k{kind}-{n}" for n in rng.permutation(20)[:8]] for kind in rng.integers(0, 6, 300)]
    return make_library(tmp_path_factory.mktemp("fold") / "source", Playlists.from_lists(lists))


def test_a_new_track_joins_its_companions_and_the_library_stays_as_it_is(
    source: Library, tmp_path: Path
) -> None:
    before = contents(source.path)
    mine = [
        ["k3-1", "new", "k3-2", "k3-5"],
        ["k3-7", "k3-9", "new"],
        ["k1-1", "other", "k1-4"],
        ["alone", "lost"],
    ]
    tracks = {"new": TrackInfo("new", "A New Song", "Somebody")}
    folded = fold_into_library(source, mine, tracks, tmp_path / "mine")
    assert contents(source.path) == before
    assert sorted(folded.manifest.folded) == ["new", "other"]
    new = folded.catalogue.resolve("A New Song")
    assert new in folded.folded
    near = [folded.track_ids[each.row] for each in neighbourhood(folded, new, 8, ranker="nearest").rows]
    assert sum(name.startswith("k3-") for name in near) >= 7
    listed = complete(folded, [folded.catalogue.resolve("other")], 8, ranker="nearest").rows
    assert sum(folded.track_ids[each.row].startswith("k1-") for each in listed) >= 7
    suggested = complete(folded, [folded.catalogue.resolve(name) for name in ("k3-7", "k3-9")], 20).rows
    assert new in [each.row for each in suggested]
    assert explain(folded, folded.catalogue.resolve("k3-1"), new).together == 1
    assert "careful: this track was learned from 2 plays only" in explain(folded, 0, new).sentences()
    assert folded.counts[new] == 2
    assert (np.diff(folded.counts) <= 0).all()


def test_the_old_tracks_keep_their_vectors_pairs_and_plays(source: Library, tmp_path: Path) -> None:
    folded = fold_into_library(source, [["k3-1", "new", "k3-2"]], {}, tmp_path / "mine")
    rows = [folded.track_ids.index(track_id) for track_id in source.track_ids]
    np.testing.assert_array_equal(folded.vectors[rows], source.vectors)
    assert source.held_out is not None
    assert folded.held_out is not None
    assert source.corpus is not None
    assert folded.corpus is not None
    assert np.array_equal(np.array(rows)[source.held_out.test], folded.held_out.test)
    old = [
        [source.track_ids[row] for row in source.corpus.playlist(n)] for n in range(source.corpus.n_playlists)
    ]
    now = [
        [folded.track_ids[row] for row in folded.corpus.playlist(n)] for n in range(folded.corpus.n_playlists)
    ]
    assert now == [*old, ["k3-1", "new", "k3-2"]]


def test_the_vector_is_where_the_objective_is_highest() -> None:
    from scipy.optimize import minimize

    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((40, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    corpus = build_corpus(
        Playlists.from_lists([[*map(str, range(40)), *map(str, range(40))], ["3", "4", "40", "9"]]),
        min_count=1,
    )
    names = [int(name) for name in corpus.vocabulary.track_ids]
    assert names[-1] == 40
    ordered = vectors[names[:-1]]
    found = fold_in(ordered, corpus)[0]
    mean, pull = (vectors[3] / 2 + vectors[4] + vectors[9]) / 2.5, PULL / 2.5

    def less(vector: np.ndarray) -> float:
        scores = TEMPERATURE * vectors @ vector
        high = scores.max()
        return float(
            high
            + np.log(np.exp(scores - high).mean())
            - TEMPERATURE * vector @ mean
            + pull / 2 * vector @ vector
        )

    best = minimize(less, np.zeros(6)).x
    assert found @ best / np.linalg.norm(best) > 0.99


def test_nothing_to_fold_in_is_refused(source: Library, tmp_path: Path) -> None:
    with pytest.raises(SegueError, match="stands beside one that it has"):
        fold_into_library(source, [["alone", "lost"], ["k3-1", "k3-2"]], {}, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()
