"""There is something to learn in a world, beyond who the artist is; and nothing once it is shuffled."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from segue.core.corpus import Split, build_corpus, cooccurrence, split_corpus
from segue.core.synthetic import World, make_world


@pytest.fixture(scope="module")
def demo() -> World:
    return make_world("demo")


def hits(split: Split, pairs: npt.NDArray[np.int32]) -> float:
    """hit@10 of the tracks that the seed has met most often."""
    counts = cooccurrence(split.train)
    found = 0
    for seed, target in pairs.tolist():
        columns, weights = counts.row(seed)
        found += target in columns[np.argsort(-weights, kind="stable")[:10]]
    return found / len(pairs)


def test_neighbours_predict_the_next_track_and_shuffled_ones_do_not(demo: World) -> None:
    split = split_corpus(build_corpus(demo.playlists))
    popular = float((split.validation[:, 1] < 10).mean())
    assert hits(split, split.validation) > 5 * popular

    rng = np.random.default_rng(0)
    shuffled = replace(demo.playlists, codes=rng.permutation(demo.playlists.codes))
    split = split_corpus(build_corpus(shuffled))
    assert hits(split, split.validation) < 1.5 * popular + 0.01


def test_they_do_so_across_artists_too(demo: World) -> None:
    split = split_corpus(build_corpus(demo.playlists))
    artists = np.array(split.train.vocabulary.artist_ids)
    across = split.validation[artists[split.validation[:, 0]] != artists[split.validation[:, 1]]]
    popular = float((across[:, 1] < 10).mean())
    assert len(across) > 100
    assert hits(split, across) > 3 * popular


def test_tracks_that_meet_are_of_one_mood_far_more_often_than_by_chance(demo: World) -> None:
    moods = demo.shelf.mood[demo.places]
    artists = demo.shelf.artist[demo.places]
    codes, offsets = demo.playlists.codes, demo.playlists.offsets
    inner = np.ones(len(codes) - 1, np.bool_)
    inner[offsets[1:-1] - 1] = False
    one, two = codes[:-1][inner], codes[1:][inner]
    other_artist = artists[one] != artists[two]
    together = (moods[one] == moods[two])[other_artist].mean()
    chance = (moods[one] == moods[np.random.default_rng(0).permutation(two)]).mean()
    assert together > 10 * chance
