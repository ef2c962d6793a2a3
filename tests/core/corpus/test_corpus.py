import hashlib
import json
import subprocess
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.corpus import Corpus, Playlists, Vocabulary, build_corpus
from segue.core.corpus.loading import load_beside, load_corpus
from segue.core.errors import SegueError

ROWS = [["b", "a", "c"], ["a"], ["x"], [], ["a", "b", "y", "b"]]
PLAYLISTS = st.lists(st.lists(st.sampled_from("abcdefghij"), max_size=8), max_size=20)


def decoded(corpus: Corpus) -> list[list[str]]:
    ids = corpus.vocabulary.track_ids
    return [[ids[item] for item in corpus.playlist(number)] for number in range(corpus.n_playlists)]


def test_the_corpus_of_a_small_file() -> None:
    corpus = build_corpus(Playlists.from_lists(ROWS))
    # a and b occur three times, b comes first; c, x and y occur once and are dropped
    assert corpus.vocabulary.track_ids == ["b", "a"]
    assert corpus.vocabulary.counts.tolist() == [3, 3]
    assert decoded(corpus) == [["b", "a"], ["a"], [], [], ["a", "b", "b"]]
    assert corpus.items.dtype == np.int32
    assert corpus.offsets.dtype == np.int64
    assert (corpus.n_playlists, corpus.n_positions) == (5, 6)
    assert corpus.playlist_of.tolist() == [0, 0, 1, 4, 4, 4]


@settings(max_examples=100)
@given(rows=PLAYLISTS, min_count=st.integers(1, 4))
def test_counting_and_encoding_agree_with_the_notebooks_loops(rows: list[list[str]], min_count: int) -> None:
    counts = Counter(track for row in rows for track in row)
    expected = [[track for track in row if counts[track] >= min_count] for row in rows]
    first = list(dict.fromkeys(track for row in rows for track in row))
    ids = sorted((track for track in first if counts[track] >= min_count), key=lambda track: -counts[track])
    if not ids:
        with pytest.raises(SegueError, match=f"no track occurs {min_count} times"):
            build_corpus(Playlists.from_lists(rows), min_count=min_count)
        return
    corpus = build_corpus(Playlists.from_lists(rows), min_count=min_count)
    assert decoded(corpus) == expected
    assert corpus.vocabulary.track_ids == ids
    assert corpus.vocabulary.counts.tolist() == [counts[track] for track in ids]
    assert corpus.counts.tolist() == [counts[track] for track in ids]


def test_artists_follow_their_tracks_through_the_count() -> None:
    artists = [["B", "A", "C"], ["A"], ["X"], [], ["Other", "B", "", "B"]]
    vocabulary = build_corpus(Playlists.from_lists(ROWS, artists), min_count=1).vocabulary
    assert dict(zip(vocabulary.track_ids, vocabulary.artist_ids, strict=True)) == {
        "b": "B",
        "a": "A",
        "c": "C",
        "x": "X",
        "y": "",
    }
    assert vocabulary.artists == ["B", "A", "C", "X"]
    assert vocabulary.artist_codes.tolist() == [0, 1, 2, 3, -1]


def test_a_vocabulary_finds_its_tracks() -> None:
    vocabulary = build_corpus(Playlists.from_lists(ROWS)).vocabulary
    assert vocabulary.index("a") == 1
    assert "a" in vocabulary
    assert "zebra" not in vocabulary
    with pytest.raises(SegueError, match="no track 'zebra' among the 2 of the vocabulary"):
        vocabulary.index("zebra")


def test_the_fingerprint_is_that_of_items_offsets_and_ids() -> None:
    corpus = build_corpus(Playlists.from_lists(ROWS))
    digest = hashlib.sha256()
    for item in [0, 1, 1, 1, 0, 0]:
        digest.update(item.to_bytes(4, "little"))
    for offset in [0, 2, 3, 3, 3, 6]:
        digest.update(offset.to_bytes(8, "little"))
    digest.update(b"b\na")
    assert corpus.fingerprint == digest.hexdigest()
    other = build_corpus(Playlists.from_lists([*ROWS[:-1], ["b", "a", "y", "b"]]))
    assert other.fingerprint != corpus.fingerprint


@settings(max_examples=30)
@given(rows=PLAYLISTS.filter(any))
def test_a_saved_corpus_opens_as_it_was(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    corpus = build_corpus(Playlists.from_lists(rows, rows), min_count=1)
    corpus.save(folder)
    opened = Corpus.open(folder)
    assert opened.fingerprint == corpus.fingerprint
    assert opened.vocabulary.track_ids == corpus.vocabulary.track_ids
    assert opened.vocabulary.artist_ids == corpus.vocabulary.artist_ids
    assert opened.vocabulary.counts.tolist() == corpus.vocabulary.counts.tolist()
    assert decoded(opened) == decoded(corpus)


def test_a_corpus_may_keep_its_vocabulary_elsewhere(tmp_path: Path) -> None:
    corpus = build_corpus(Playlists.from_lists(ROWS))
    corpus.save(tmp_path, with_vocabulary=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["items.npy", "offsets.npy"]
    assert Corpus.open(tmp_path, corpus.vocabulary).fingerprint == corpus.fingerprint


@pytest.mark.parametrize("name", ["items.npy", "offsets.npy", "counts.npy", "tracks.txt", "artists.txt"])
@pytest.mark.parametrize("harm", ["missing", "empty", "short", "other"])
def test_a_damaged_corpus_is_an_error(name: str, harm: str, tmp_path: Path) -> None:
    build_corpus(Playlists.from_lists(ROWS * 40)).save(tmp_path)
    path = tmp_path / name
    content = path.read_bytes()
    if harm == "missing":
        path.unlink()
    elif harm == "other":
        np.save(path, np.full((3, 3), 7.5))
        (tmp_path / (name + ".npy")).unlink(missing_ok=True)
        if name.endswith(".txt"):
            path.write_bytes(b"\xff\xfe\n")
    else:
        path.write_bytes(content[: 0 if harm == "empty" else len(content) // 2])
    with pytest.raises(SegueError):
        Corpus.open(tmp_path)


@pytest.mark.parametrize(
    ("items", "offsets"),
    [
        ([0, 5], [0, 2]),
        ([0, -1], [0, 2]),
        ([0, 1], [0, 3]),
        ([0, 1], [1, 2]),
        ([0, 1, 1], [0, 2, 1, 3]),
        ([], []),
        ([0, 1], [0, 2**63 - 1, -(2**63), -1, 2]),  # the differences wrap around to lengths
    ],
)
def test_arrays_that_do_not_fit_together_are_an_error(
    items: list[int], offsets: list[int], tmp_path: Path
) -> None:
    np.save(tmp_path / "items.npy", np.array(items, np.int32))
    np.save(tmp_path / "offsets.npy", np.array(offsets, np.int64))
    vocabulary = Vocabulary(["a", "b"], np.array([1, 1]), ["", ""])
    with pytest.raises(SegueError, match="are inconsistent"):
        Corpus.open(tmp_path, vocabulary)


def test_the_room_itself_loads_little_beside_numpy() -> None:
    code = "import sys, segue.core.corpus; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    loaded = set(run.stdout.split())
    assert "numpy" in loaded
    assert not loaded & {"pandas", "pyarrow", "scipy", "zstandard", "requests", "multiprocessing"}


def test_opening_maps_the_arrays_instead_of_reading_them(tmp_path: Path) -> None:
    build_corpus(Playlists.from_lists(ROWS)).save(tmp_path)
    corpus = Corpus.open(tmp_path)
    assert not corpus.items.flags.writeable
    assert isinstance(corpus.items.base, np.memmap)
    assert type(corpus.items) is np.ndarray


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
