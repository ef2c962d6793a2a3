"""The facts of a world, counted a second and plainer way; and the large world beside the real one."""

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from segue.core.corpus import Playlists
from segue.core.corpus.readers import read_playlists
from segue.core.synthetic import make_world
from segue.core.synthetic.world import TARGETS, calibrate, measure


def plainly(tracks: list[list[str]], artists: list[list[str]]) -> dict[str, float]:
    """The same facts by loops over lists."""
    plays = Counter(track for playlist in tracks for track in playlist)
    lengths = [len(playlist) for playlist in tracks]
    pairs = [one == two for playlist in artists for one, two in pairwise(playlist)]
    return {
        "playlists": len(tracks),
        "tracks per playlist, mean": np.mean(lengths).item(),
        "tracks per playlist, median": np.median(lengths).item(),
        "shortest playlist": min(lengths),
        "longest playlist": max(lengths),
        "distinct tracks": len(plays),
        "tracks played more than once": sum(count > 1 for count in plays.values()),
        "tracks played more than 5 times": sum(count > 5 for count in plays.values()),
        "tracks played more than 7 times": sum(count > 7 for count in plays.values()),
        "distinct artists": len({artist for playlist in artists for artist in playlist}),
        "neighbours by the same artist": sum(pairs) / len(pairs),
        "playlists that repeat a track": np.mean([len(set(row)) < len(row) for row in tracks]).item(),
        "playlists of one artist": np.mean([len(set(row)) == 1 for row in artists]).item(),
    }


def artist_rows(playlists: Playlists) -> list[list[str]]:
    artist_of = dict(zip(playlists.track_ids, playlists.artist_ids, strict=True))
    return [[artist_of[track] for track in playlist] for playlist in playlists.lists()]


def test_the_facts_are_those_that_loops_count() -> None:
    playlists = make_world("tiny", seed=2).playlists
    assert measure(playlists) == pytest.approx(plainly(playlists.lists(), artist_rows(playlists)))


def test_the_facts_of_a_few_playlists_by_hand() -> None:
    facts = measure(Playlists.from_lists([["a", "a", "b"], ["c"]], [["x", "x", "x"], ["y"]]))
    assert facts["neighbours by the same artist"] == 1
    assert facts["playlists of one artist"] == 1
    assert facts["playlists that repeat a track"] == 0.5
    assert facts["tracks played more than once"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_the_deezer_world_is_within_a_tenth_of_the_real_one(seed: int) -> None:
    for fact in calibrate(make_world("deezer", seed=seed).playlists):
        assert fact.ratio == pytest.approx(1, abs=0.1), fact


@pytest.mark.realdata
def test_the_targets_are_those_of_real_playlists(real_data: Path) -> None:
    path = real_data / "deezer_music2_first1000" / "music_2_first1000.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    facts = measure(read_playlists(path))
    assert facts == pytest.approx(plainly([row[::2] for row in rows], [row[1::2] for row in rows]), rel=1e-3)
    for name in ("neighbours by the same artist", "playlists that repeat a track", "playlists of one artist"):
        assert facts[name] == pytest.approx(TARGETS[name], abs=0.01)
