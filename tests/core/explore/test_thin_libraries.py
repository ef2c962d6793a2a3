"""Every way to explore on libraries so small or odd that nothing can be taken for granted."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from segue.core.corpus import Vocabulary
from segue.core.explore.artists import artist_page
from segue.core.explore.explain import explain
from segue.core.explore.neighbours import neighbourhood
from segue.core.explore.path import blend, find_path, surprise
from segue.core.explore.radio import Mode, RadioPlanner
from segue.core.explore.surgeon import complete
from segue.core.library import Library, Manifest, write_library
from segue.core.neighbours import unit
from segue.core.tracks import TrackInfo


def library(folder: Path, vectors: NDArray[np.float32], *, artists: int, titles: bool = True) -> Library:
    """A library of vectors alone, without playlists."""
    ids = [f"track_{number}" for number in range(len(vectors))]
    artist_ids = [f"artist_{number % artists}" if artists else "" for number in range(len(vectors))]
    tracks = {
        track_id: TrackInfo(track_id, f"Song {track_id}", f"The {artist_id}", "Album", artist_id)
        for track_id, artist_id in zip(ids, artist_ids, strict=True)
        if titles
    }
    return write_library(
        folder / "library",
        vectors=unit(vectors),
        vocabulary=Vocabulary(ids, np.arange(len(ids), 0, -1), artist_ids),
        tracks=tracks,
        manifest=Manifest("thin", "2026-01-01T00:00:00Z"),
    )


RNG = np.random.default_rng(0)
THIN = {
    "one track": (RNG.normal(size=(1, 4)), 1, True),
    "two tracks": (RNG.normal(size=(2, 4)), 2, True),
    "one artist": (RNG.normal(size=(12, 4)), 1, True),
    "equal vectors": (np.ones((12, 4)), 12, True),
    "opposite vectors": (np.array([[1, 0], [-1, 0]] * 6), 12, True),
    "zero vectors": (np.zeros((12, 4)), 12, True),
    "no metadata": (RNG.normal(size=(12, 4)), 0, False),
}


@pytest.fixture(params=THIN, scope="module")
def thin(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Library:
    vectors, artists, titles = THIN[request.param]
    folder = tmp_path_factory.mktemp("thin")
    return library(folder, vectors.astype(np.float32), artists=artists, titles=titles)


def obeys_the_guard(thin: Library, rows: list[int]) -> bool:
    artists = [info.artist_id or str(at) for at, info in enumerate(thin.catalogue.infos(rows))]
    return len(set(rows)) == len(rows) and all(
        artist not in artists[at + 1 : at + 4] for at, artist in enumerate(artists)
    )


def test_lists_obey_the_guard(thin: Library) -> None:
    seed = 0
    lists = [
        neighbourhood(thin, seed).rows,
        blend(thin, {seed: 1.0}).rows,
        complete(thin, [seed, len(thin) - 1]).rows,
    ]
    for rows in lists:
        assert obeys_the_guard(thin, [row.row for row in rows])
        assert seed not in [row.row for row in rows]
        assert all(np.isfinite(row.similarity) for row in rows)


def test_a_path_has_its_ends(thin: Library) -> None:
    if len(thin) < 2:
        return
    rows = [step.row for step in find_path(thin, [0, len(thin) - 1], between=3).steps]
    assert (rows[0], rows[-1]) == (0, len(thin) - 1)
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize("mode", ["walk", "steer"])
def test_the_radio_never_dies(thin: Library, mode: Mode) -> None:
    radio = RadioPlanner(thin, 0, mode=mode, rng=np.random.default_rng(0))
    rows = [planned.row for planned in (radio.advance() for _ in range(3 * len(thin))) if planned is not None]
    if len(thin) > 1:
        assert len(rows) == 3 * len(thin)
        assert sorted(rows[: len(thin)]) == list(range(len(thin)))
        assert all(one != other for one, other in pairwise(rows))
    else:
        assert rows == [0]


def test_the_rest_answers(thin: Library) -> None:
    last = len(thin) - 1
    if last:  # a track is not near itself
        assert explain(thin, 0, last).sentences()
    surprise(thin, 0, rng=np.random.default_rng(0))
    code = int(thin.catalogue.artist_codes[0])
    if code >= 0:
        page = artist_page(thin, thin.catalogue.artist(code).artist_id)
        assert 0 in page.rows
