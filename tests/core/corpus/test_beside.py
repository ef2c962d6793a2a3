"""Playlists read by another process are those that this one reads."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from segue.core.corpus.loading import load_beside, load_corpus
from segue.core.errors import SegueError


def test_it_is_what_this_process_reads_with_titles_and_what_was_left_out(tmp_path: Path) -> None:
    path, folder = tmp_path / "mpd.slice.0-39.json", tmp_path / "scratch"
    lists = [
        [
            {"track_uri": f"spotify:track:{at % 9}", "track_name": f"Título {at % 9}", "artist_name": "Ann"}
            for at in range(first, first + 6)
        ]
        for first in range(40)
    ]
    lists[3][0]["track_uri"] = lists[4][2]["track_uri"] = "two\nlines"
    playlists = [{"pid": number, "tracks": tracks} for number, tracks in enumerate(lists)]
    path.write_text(json.dumps({"playlists": playlists}), encoding="utf-8")
    done: list[str] = []
    counted: list[int] = []
    found = load_beside(
        path,
        folder,
        lambda: done.append("x"),
        min_count=2,
        format=None,
        columns=None,
        progress=counted.append,
    )
    expected = load_corpus(path, min_count=2)
    assert found.corpus.fingerprint == expected.corpus.fingerprint
    assert found.corpus.vocabulary.artist_ids == expected.corpus.vocabulary.artist_ids
    assert found.corpus.vocabulary.counts.tolist() == expected.corpus.vocabulary.counts.tolist()
    assert found.tracks == expected.tracks
    assert "Título 3" in {track.title for track in found.tracks.values()}
    assert asdict(found.report) == asdict(expected.report)
    assert found.report.skipped
    assert (found.min_count, found.dropped) == (expected.min_count, expected.dropped)
    assert done == ["x"]
    assert sum(counted) == found.corpus.n_positions
    assert not folder.exists()


@pytest.mark.parametrize("content", [None, b"\x93NUMPY\x01\x00 damaged", b""])
def test_what_can_not_be_read_is_explained_in_the_same_words(content: bytes | None, tmp_path: Path) -> None:
    path, folder = tmp_path / "music_2.npy", tmp_path / "scratch"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SegueError) as expected:
        load_corpus(path)
    with pytest.raises(SegueError) as found:
        load_beside(path, folder, lambda: None, min_count=2, format=None, columns=None, progress=None)
    assert str(found.value) == str(expected.value)
    assert not folder.exists()
