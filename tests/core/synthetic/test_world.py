"""A world differs from the next by its seed alone, and its playlists have habits."""

import hashlib
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from segue.core.errors import UsageError
from segue.core.library import Library
from segue.core.synthetic import SPECS, World, WorldSpec, make_world
from segue.core.synthetic.names import artist_id, track_id


@pytest.fixture(scope="module")
def demo() -> World:
    return make_world("demo")


def fingerprint(world: World) -> str:
    digest = hashlib.sha256()
    digest.update(world.playlists.codes.tobytes() + world.playlists.offsets.tobytes())
    digest.update("\n".join(map(repr, world.tracks)).encode())
    return digest.hexdigest()


def test_the_same_seed_gives_the_same_world_to_the_byte() -> None:
    assert fingerprint(make_world("tiny", seed=7)) == fingerprint(make_world("tiny", seed=7))


@pytest.mark.parametrize(
    ("scale", "seed", "digest"),
    [
        ("tiny", 7, "042a369a672878a6e06f323f25eccce04d57c5ac44172160c34776c569c7d0f6"),
        ("demo", 0, "0bcd0d7e2a5dabcbd8da92322f52d72a8bcdf4bad573410af041690b055e6da2"),
    ],
)
def test_the_playlists_are_those_that_the_benchmarks_were_measured_on(
    scale: str, seed: int, digest: str
) -> None:
    """Taken before names were made all at once. If they change, so do all tables of the world."""
    world = make_world(scale, seed=seed)
    playlists, artists = world.playlists, world.shelf.artist[world.places].tolist()
    names = "\n".join([*map(track_id, world.places.tolist()), *map(artist_id, artists)]).encode()
    content = playlists.codes.tobytes() + playlists.offsets.tobytes() + names
    assert hashlib.sha256(content).hexdigest() == digest


def test_another_seed_gives_another_world() -> None:
    assert fingerprint(make_world("tiny", seed=7)) != fingerprint(make_world("tiny", seed=8))


def test_no_two_worlds_share_an_id() -> None:
    """Loves and journal are kept by id: those of the demo are none of another world."""
    worlds = [make_world("demo", seed=7), make_world("tiny", seed=7), make_world("tiny", seed=8)]
    seen: set[str] = set()
    for world in worlds:
        ids = {info.track_id for info in world.tracks} | {info.artist_id for info in world.tracks}
        assert ids >= {*world.playlists.track_ids, *world.playlists.artist_ids}
        assert not ids & seen
        seen |= ids
    assert set(Library.open("demo").track_ids) <= {info.track_id for info in worlds[0].tracks}


def test_asking_for_names_first_changes_no_playlist() -> None:
    named, unnamed = make_world("tiny", seed=3), make_world("tiny", seed=3)
    assert named.tracks
    assert named.playlists.codes.tobytes() == unnamed.playlists.codes.tobytes()


@pytest.mark.parametrize(("scale", "tracks", "playlists"), [("tiny", 300, 800), ("demo", 3000, 10_000)])
def test_the_small_worlds_have_their_promised_size(scale: str, tracks: int, playlists: int) -> None:
    world = make_world(scale)
    assert len(world.playlists) == playlists
    assert len(world.tracks) == pytest.approx(tracks, rel=0.15)


def test_the_tables_fit_together(demo: World) -> None:
    playlists = demo.playlists
    assert playlists.codes.dtype == np.int32
    assert playlists.offsets.dtype == np.int64
    assert playlists.offsets[-1] == len(playlists.codes)
    assert [track.track_id for track in demo.tracks] == playlists.track_ids
    assert [track.artist_id for track in demo.tracks] == playlists.artist_ids
    assert len(set(playlists.track_ids)) == len(playlists.track_ids)


def test_tracks_are_numbered_in_order_of_first_appearance(demo: World) -> None:
    assert list(dict.fromkeys(demo.playlists.codes.tolist())) == list(range(len(demo.tracks)))


def test_playlists_have_3_to_50_tracks(demo: World) -> None:
    lengths = np.diff(demo.playlists.offsets)
    assert (lengths.min(), lengths.max()) == (3, 50)


def test_every_kind_of_habit_is_there(demo: World) -> None:
    """Counted the plain way, a playlist after another, on the names and not on the shelf."""
    tracks = demo.tracks
    seen: Counter[str] = Counter()
    genres = list(
        dict.fromkeys(np.array([track.genre for track in tracks])[np.argsort(demo.places)].tolist())
    )
    for playlist in np.split(demo.playlists.codes, demo.playlists.offsets[1:-1])[:2000]:
        infos = [tracks[code] for code in playlist]
        seen["one artist"] += len({info.artist_id for info in infos}) == 1
        seen["repeats"] += len(set(playlist.tolist())) < len(playlist)
        for one, two in pairwise(infos):
            seen["steps"] += 1
            seen["same artist"] += one.artist_id == two.artist_id
            seen["next on the album"] += _number(two.track_id) - _number(one.track_id) == 1
            seen["another artist of the genre"] += one.genre == two.genre and one.artist_id != two.artist_id
            seen["neighbouring genre"] += abs(genres.index(one.genre) - genres.index(two.genre)) == 1
            seen["far genre"] += abs(genres.index(one.genre) - genres.index(two.genre)) > 1
    share = {name: count / seen["steps"] for name, count in seen.items()}
    assert 0.1 < seen["one artist"] / 2000 < 0.4
    assert 0.1 < seen["repeats"] / 2000 < 0.5
    assert 0.3 < share["same artist"] < 0.6
    assert 0.1 < share["next on the album"] < 0.4
    assert share["another artist of the genre"] > 0.1
    assert share["neighbouring genre"] > 0.03
    assert share["far genre"] > 0.03


def test_a_few_tracks_are_played_far_more_than_most(demo: World) -> None:
    plays = np.sort(np.bincount(demo.playlists.codes))[::-1]
    assert plays[: len(plays) // 10].sum() > 0.3 * plays.sum()
    assert np.median(plays) < plays.mean()


def test_a_number_scales_the_deezer_world() -> None:
    world = make_world(0.01)
    assert len(world.playlists) == SPECS["deezer"].playlists // 100


def test_a_spec_of_ones_own() -> None:
    spec = WorldSpec("mine", playlists=10, artists=3, genres=1, scenes=1)
    world = make_world(spec)
    assert world.spec is spec
    assert len(world.playlists) == 10
    assert len({track.genre for track in world.tracks}) == 1


@pytest.mark.parametrize("scale", ["huge", 0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_is_none_is_refused(scale: str | float) -> None:
    with pytest.raises(UsageError):
        make_world(scale)


def _number(track_id: str) -> int:
    return int(track_id.removeprefix("track_"))
