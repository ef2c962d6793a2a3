"""Libraries on disk: written, opened, broken."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from segue.core.corpus import Vocabulary, build_corpus, split_corpus
from segue.core.errors import SegueError
from segue.core.library import Library, Manifest, write_library
from segue.core.rankers import set_next_weights
from segue.core.synthetic import make_world
from segue.core.tracks import TrackInfo
from tests.libraries import make_library


@pytest.fixture
def copy(tiny_library: Library, tmp_path: Path) -> Path:
    """A copy of the tiny library that may be broken."""
    return Path(shutil.copytree(tiny_library.path, tmp_path / "copy"))


def test_what_is_written_is_what_is_opened(tiny_library: Library) -> None:
    world = make_world("tiny")
    split = split_corpus(build_corpus(world.playlists))
    opened = Library.open(tiny_library.path)
    assert list(opened.track_ids) == split.train.vocabulary.track_ids
    assert opened.counts.tolist() == split.train.vocabulary.counts.tolist()
    np.testing.assert_allclose(np.linalg.norm(opened.vectors, axis=1), 1, atol=1e-6)
    assert opened.corpus is not None
    assert opened.corpus.fingerprint == split.train.fingerprint
    assert opened.held_out is not None
    assert opened.held_out.validation.tolist() == split.validation.tolist()
    by_id = {track.track_id: track for track in world.tracks}
    assert opened.catalogue.info(7) == by_id[opened.track_ids[7]]


def test_a_held_out_pair_continues_its_training_playlist(tiny_library: Library) -> None:
    held, corpus = tiny_library.held_out, tiny_library.corpus
    assert held is not None
    assert corpus is not None
    assert len(held.validation) > 20
    for (seed, _), playlist in zip(held.validation, held.validation_playlists, strict=True):
        assert corpus.playlist(int(playlist))[-1] == seed


def test_occurrences_and_counts_belong_to_the_training_playlists(tiny_library: Library) -> None:
    corpus, occurrences, counts = tiny_library.corpus, tiny_library.occurrences, tiny_library.cooccurrence
    assert corpus is not None
    assert occurrences is not None
    assert counts is not None
    playlists = [set(corpus.playlist(number).tolist()) for number in range(corpus.n_playlists)]
    columns, _ = counts.row(3)
    other = int(columns[0])
    assert occurrences.together(3, other) == sum({3, other} <= playlist for playlist in playlists)


def test_a_library_of_vectors_alone_opens(tmp_path: Path) -> None:
    vocabulary = Vocabulary(["track_1", "track_2"], np.array([2, 1]), ["artist_9", ""])
    library = write_library(
        tmp_path / "alone",
        vectors=np.eye(2, dtype=np.float32),
        vocabulary=vocabulary,
        tracks={"track_2": TrackInfo("track_2", "Title", "Artist")},
        manifest=Manifest("alone", "2026-01-01T00:00:00Z"),
    )
    nothing = (library.corpus, library.occurrences, library.cooccurrence, library.held_out, library.positions)
    assert nothing == (None,) * 5
    assert library.catalogue.info(0).artist_id == "artist_9"
    assert library.report is None
    assert library.history == []


def test_a_report_is_kept_and_its_headline_with_it(copy: Path) -> None:
    library = Library.open(copy)
    set_next_weights(library, 0.3, 0.02, 0.1)
    library.save_report({"rows": []}, scores={"validation": {"nearest": {"hit@10": 0.5}}})
    again = Library.open(copy)
    assert again.report == {"rows": []}
    assert again.manifest.scores["validation"]["nearest"] == {"hit@10": 0.5}
    assert again.manifest.next_weight == pytest.approx(0.3)
    assert again.manifest.next_popularity == pytest.approx(0.02)
    assert again.manifest.next_following == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("broken", "content", "message"),
    [
        ("library.json", b"", "can't be read"),
        ("library.json", b"[]", "holds no JSON object"),
        ("library.json", b"[" * 100_000, "can't be read"),
        ("library.json", b'{"format": 99}', "update Segue"),
        ("library.json", b'{"format": 1}', "train the library again"),
        ("vectors.npy", b"", "is damaged"),
        ("vectors.npy", b"\x93NUMPY\x01\x00", "is damaged"),
        ("counts.npy", b"not an array", "is damaged"),
        ("catalogue.sqlite", b"not a database at all", "catalogue"),
    ],
)
def test_a_damaged_file_is_named_with_the_cure(copy: Path, broken: str, content: bytes, message: str) -> None:
    (copy / broken).write_bytes(content)
    with pytest.raises(SegueError, match=message) as caught:
        Library.open(copy)
    assert broken in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "vectors.npy").unlink()
    with pytest.raises(SegueError, match=r"vectors\.npy: is missing"):
        Library.open(copy)


def test_an_array_of_objects_is_never_unpickled(copy: Path) -> None:
    np.save(copy / "vectors.npy", np.array([print], dtype=object), allow_pickle=True)
    with pytest.raises(SegueError, match="is damaged"):
        Library.open(copy)


def test_files_that_disagree_are_refused(copy: Path) -> None:
    vectors = np.load(copy / "vectors.npy")
    np.save(copy / "vectors.npy", vectors[:-1])
    with pytest.raises(SegueError, match=r"disagree on the number of tracks \(vectors\.npy \d+, counts\.npy"):
        Library.open(copy)


def test_ids_that_disagree_are_refused_when_they_are_read(copy: Path) -> None:
    (copy / "tracks.txt").write_text("track_1\n")
    with pytest.raises(SegueError, match=r"tracks\.txt: 1 ids for"):
        _ = Library.open(copy).track_ids


def test_numbers_that_are_not_finite_never_reach_an_index(copy: Path) -> None:
    vectors = np.load(copy / "vectors.npy")
    vectors[5, 0] = np.nan
    np.save(copy / "vectors.npy", vectors)
    with pytest.raises(SegueError, match="length is not 1"):
        Library.open(copy).index()


def test_a_folder_that_is_no_library_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(SegueError, match="not a library and not empty"):
        make_library(tmp_path / "thesis")
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "years of work"


def test_a_track_id_with_a_line_break_is_refused_and_the_old_library_stays(copy: Path) -> None:
    before = json.loads((copy / "library.json").read_text())
    vocabulary = Vocabulary(["a\nb"], np.array([1]), [""])
    with pytest.raises(SegueError, match="line break"):
        write_library(
            copy,
            vectors=np.ones((1, 1), np.float32),
            vocabulary=vocabulary,
            tracks={},
            manifest=replace(Manifest("x", "now")),
        )
    assert Library.open(copy).manifest.name == before["name"]


def test_training_again_keeps_the_search_and_nothing_else(copy: Path) -> None:
    (copy / "tuning").mkdir()
    (copy / "tuning" / "journal.log").write_text("hours of work")
    (copy / "report.json").write_text("{}")
    again = make_library(copy)
    assert (copy / "tuning" / "journal.log").read_text() == "hours of work"
    assert again.report is None
