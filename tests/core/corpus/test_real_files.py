"""The real playlists, where they are at hand."""

import json
from pathlib import Path

import numpy as np
import pytest

from segue.core.corpus import build_corpus, split_corpus
from segue.core.corpus.loading import load_corpus
from segue.core.corpus.prepare import prepare
from segue.core.corpus.readers import read_playlists
from tests.core.corpus.writers import python2_npy

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def deezer(real_data: Path) -> Path:
    return real_data / "deezer_music2_first1000" / "music_2_first1000.jsonl"


def test_the_first_thousand_deezer_playlists_have_their_printed_facts(deezer: Path) -> None:
    playlists = read_playlists(deezer)
    lengths = np.diff(playlists.offsets)
    assert (len(playlists), len(playlists.codes), len(playlists.track_ids)) == (1000, 12_516, 9_261)
    counts = np.bincount(playlists.codes)
    assert np.count_nonzero(counts > 1) == 1_700
    assert "" not in playlists.artist_ids
    assert len(set(playlists.artist_ids)) == 3_416
    assert (lengths.min(), np.median(lengths), lengths.max()) == (3, 8, 50)
    assert lengths.mean() == pytest.approx(12.5, abs=0.05)
    rows = playlists.lists()
    assert np.mean([len(set(row)) < len(row) for row in rows]) == pytest.approx(0.28, abs=0.005)
    assert playlists.report.skipped == {}


def test_the_same_rows_as_a_python_2_array_give_the_identical_corpus(deezer: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in deezer.read_text().splitlines()]
    path = tmp_path / "music_2.npy"
    path.write_bytes(python2_npy(rows))
    loaded = np.load(path, allow_pickle=True, encoding="latin1")  # what the notebook would read
    assert loaded.tolist() == rows
    one, other = load_corpus(deezer).corpus, load_corpus(path).corpus
    assert one.fingerprint == other.fingerprint
    assert one.vocabulary.artist_ids == other.vocabulary.artist_ids
    (tmp_path / "playlists2.txt").write_text("\n".join(" ".join(row) for row in rows))
    assert load_corpus(tmp_path / "playlists2.txt").corpus.fingerprint == one.fingerprint
    assert prepare([path], tmp_path / "corpus")[0].fingerprint == one.fingerprint


def test_the_corpus_of_the_deezer_rows_is_the_notebooks(deezer: Path) -> None:
    # the statements of the notebook, with its counting loop
    data = [json.loads(line) for line in deezer.read_text().splitlines()]
    playlist_track = [list(filter(lambda w: w.split("_")[0] == "track", playlist)) for playlist in data]
    tracks = np.unique(np.concatenate(playlist_track))
    track_counts = {str(track): 0 for track in tracks}
    for p in playlist_track:
        for a in p:
            track_counts[a] = track_counts[a] + 1
    filtered = [list(filter(lambda a: track_counts[a] > 1, playlist)) for playlist in playlist_track]
    corpus = load_corpus(deezer).corpus
    ids = corpus.vocabulary.track_ids
    assert [[ids[item] for item in corpus.playlist(i)] for i in range(corpus.n_playlists)] == filtered
    assert {ids[i]: count for i, count in enumerate(corpus.vocabulary.counts.tolist())} == {
        track: count for track, count in track_counts.items() if count > 1
    }


def test_the_radio_playlists_have_their_printed_facts(real_data: Path) -> None:
    playlists = read_playlists(real_data / "yes_small")
    lengths = np.diff(playlists.offsets)
    assert playlists.report.format == "yes"
    assert (len(playlists), len(playlists.codes), len(playlists.track_ids)) == (41_480, 175_911, 3_168)
    assert np.count_nonzero(lengths >= 2) == 24_754
    assert lengths.sum() - len(lengths) == 134_431  # the README's "train transitions"
    assert len({track.artist for track in playlists.tracks.values()}) == 1_326
    assert len(playlists.tracks) == 3_168
    assert playlists.report.skipped == {}
    titles = {track.title for track in playlists.tracks.values()}
    assert {"Get Back Up (w/ Chris Brown)", "Gucci Time (w/ Swizz Beatz)"} <= titles
    # the second line of the file says how often each song occurs
    shown = (real_data / "yes_small" / "train.txt").read_text().split("\n")[1].split()
    counts = np.bincount(playlists.codes)
    assert {track: str(count) for track, count in zip(playlists.track_ids, counts, strict=True)} == {
        f"yes_{number}": count for number, count in enumerate(shown)
    }


def test_the_radio_split_is_full_size(real_data: Path) -> None:
    split = split_corpus(build_corpus(read_playlists(real_data / "yes_small")))
    assert len(split.validation) == 4_148
    assert split.facts.validation.target_is_seed == 0
    assert 2_000 < len(split.test) < 8_296
