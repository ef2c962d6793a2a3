"""Links, FIFOs, devices, sparse files and views where files of data are expected."""

import os
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from segue.core.cli import main
from segue.core.corpus.fetch import fetch
from segue.core.corpus.readers import read_playlists
from segue.core.errors import SegueError
from segue.core.explore.playlist_files import read_playlist
from segue.core.files import (
    ALWAYS_FINE,
    IrregularFileError,
    atomic_file,
    atomic_folder,
    open_regular,
    read_regular,
)
from segue.core.library import Library
from segue.core.places import user_folder
from tests.core.corpus.server import Behaviour, serving
from tests.core.corpus.test_fetch import CONTENT, FILE, QUICK
from tests.fuzz.libraries import LIBRARY_FILES, sound_library, use_library
from tests.libraries import make_library

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no FIFOs")


def make_sparse(path: Path, size: int = 480 << 30) -> None:
    """A file that claims so many bytes and holds one."""
    with path.open("wb") as file:
        file.write(b"x")
        file.truncate(size)


def make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


IRREGULAR: dict[str, Callable[[Path], None]] = {
    "fifo": os.mkfifo,
    "device": make_device,
    "sparse": make_sparse,
}


def copy_of_sound(folder: Path) -> Path:
    return Path(shutil.copytree(sound_library().path, folder))


@pytest.mark.parametrize("kind", IRREGULAR)
@pytest.mark.parametrize("part", LIBRARY_FILES)
def test_a_part_of_a_library_that_is_no_regular_file_is_refused(part: str, kind: str, tmp_path: Path) -> None:
    path = copy_of_sound(tmp_path / "library")
    (path / part).unlink()
    IRREGULAR[kind](path / part)
    use_library(path)


@pytest.mark.parametrize("kind", IRREGULAR)
@pytest.mark.parametrize("read", [read_playlists, lambda path: read_playlist(str(path))])
def test_playlists_that_are_no_regular_file_are_refused(
    kind: str, read: Callable[[Path], object], tmp_path: Path
) -> None:
    IRREGULAR[kind](tmp_path / "party.m3u8")
    with pytest.raises(SegueError, match=r"party\.m3u8: (is|more than)") as caught:
        read(tmp_path / "party.m3u8")
    assert "\n" not in str(caught.value)


def test_a_sparse_array_with_a_sound_header_is_refused(tmp_path: Path) -> None:
    path = copy_of_sound(tmp_path / "library")
    header = (path / "vectors.npy").read_bytes()[:128]
    rows = len(Library.open(path))
    wide = header.replace(b", 16), }", b", 9999999), }")[:128]
    assert len(wide) == 128
    (path / "vectors.npy").write_bytes(wide)
    os.truncate(path / "vectors.npy", 128 + 4 * rows * 9_999_999)
    with pytest.raises(SegueError, match=r"vectors\.npy.*(sparse|dimensions)"):
        Library.open(path)


def test_a_library_of_too_many_dimensions_is_refused(tmp_path: Path) -> None:
    path = copy_of_sound(tmp_path / "library")
    np.save(path / "vectors.npy", np.zeros((len(Library.open(path)), 5000), np.float32))
    with pytest.raises(SegueError, match=r"5,000 dimensions"):
        Library.open(path)


ENDLESS = "WITH RECURSIVE n(row) AS (SELECT 1 UNION ALL SELECT row + 1 FROM n) SELECT row FROM n"


@pytest.mark.parametrize(
    "statements",
    [
        f"DROP TABLE tracks; CREATE VIEW tracks AS {ENDLESS}",
        "ALTER TABLE tracks ADD COLUMN more AS (length(zeroblob(900000000)))",
        "CREATE TRIGGER t AFTER INSERT ON tracks BEGIN SELECT 1; END",
        "DROP TABLE arrays",
    ],
)
def test_a_catalogue_with_more_than_stored_values_is_refused(statements: str, tmp_path: Path) -> None:
    path = copy_of_sound(tmp_path / "library")
    with closing(sqlite3.connect(path / "catalogue.sqlite")) as connection:
        connection.executescript(statements)
    with pytest.raises(SegueError, match=r"catalogue\.sqlite: is damaged"):
        Library.open(path)


def test_a_title_that_fills_the_memory_is_not_read(tmp_path: Path) -> None:
    path = copy_of_sound(tmp_path / "library")
    with closing(sqlite3.connect(path / "catalogue.sqlite")) as connection, connection:
        connection.execute("UPDATE tracks SET title = CAST(zeroblob(70000000) AS TEXT) WHERE row = 3")
    catalogue = Library.open(path).catalogue
    assert catalogue.info(2).title
    with pytest.raises(SegueError, match=r"catalogue\.sqlite: is damaged"):
        catalogue.info(3)


def test_bad_libraries_do_not_keep_good_ones_from_being_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("library.json", "vectors.npy", "catalogue.sqlite"):
        for kind, make in IRREGULAR.items():
            path = copy_of_sound(tmp_path / f"bad-{kind}-{part.partition('.')[0]}")
            (path / part).unlink()
            make(path / part)
    copy_of_sound(tmp_path / "good")
    monkeypatch.setenv("SEGUE_MODELS", str(tmp_path))
    assert main(["libraries", "--json"]) == 0
    shown = capsys.readouterr()
    assert '"good"' in shown.out
    assert "bad-" not in shown.out
    assert len([line for line in shown.err.splitlines() if "bad-" in line]) == 9


# writing


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    path = tmp_path / "victim"
    path.write_text("precious, without a line end")
    return path


@pytest.mark.parametrize("mode", ["wb", "ab", "r+b"])
def test_opening_for_writing_follows_no_link(mode: str, victim: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(victim)
    (tmp_path / "dead").symlink_to(tmp_path / "new")
    os.mkfifo(tmp_path / "fifo")
    for name in ("link", "dead", "fifo"):
        with pytest.raises(SegueError, match=name):
            open_regular(tmp_path / name, mode)  # type: ignore[call-overload]  # one of its modes
    assert victim.read_text() == "precious, without a line end"
    assert not (tmp_path / "new").exists()


def test_reading_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * 101)
    assert len(read_regular(tmp_path / "long", 101)) == 101
    with pytest.raises(SegueError, match="larger than 100 bytes"):
        read_regular(tmp_path / "long", 100)


def test_a_sparse_file_below_the_bound_is_read(tmp_path: Path) -> None:
    make_sparse(tmp_path / "small", 1 << 20)
    make_sparse(tmp_path / "large", ALWAYS_FINE + 1)
    assert len(read_regular(tmp_path / "small")) == 1 << 20
    with pytest.raises(IrregularFileError, match="sparse file"):
        open_regular(tmp_path / "large")


def test_a_search_writes_through_no_link(
    victim: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = make_library(tmp_path / "library")
    tune = ["tune", "--library", str(library.path), "--trials", "1", "--epochs", "1"]
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (library.path / "tuning").symlink_to(elsewhere)
    assert main(tune) == 1
    assert "tuning: can't be written, it is a link" in capsys.readouterr().err
    assert not list(elsewhere.iterdir())
    (library.path / "tuning").unlink()
    (library.path / "tuning").mkdir()
    for name in ("journal.log", "journal.log.lock"):
        (library.path / "tuning" / name).symlink_to(victim)
        assert main(tune) == 1
        assert f"{name}: can't be written, it is a link" in capsys.readouterr().err
        (library.path / "tuning" / name).unlink()
    os.mkfifo(library.path / "tuning" / "journal.log")
    assert main(tune) == 1
    assert "journal.log: is a FIFO" in capsys.readouterr().err
    assert victim.read_text() == "precious, without a line end"


def test_training_again_copies_no_link_and_stumbles_over_nothing_odd(victim: Path, tmp_path: Path) -> None:
    path = make_library(tmp_path / "library").path
    (path / "tuning").mkdir()
    (path / "tuning" / "journal.log").write_text("hours")
    (path / "tuning" / "key").symlink_to(victim)
    (path / "tuning" / "dead").symlink_to(tmp_path / "nowhere")
    (path / "tuning" / "up").symlink_to("..")
    os.mkfifo(path / "tuning" / "fifo")
    make_library(path)
    assert (path / "tuning" / "journal.log").read_text() == "hours"
    assert (path / "tuning" / "key").is_symlink(), "not a copy of what it leads to"
    assert not (path / "tuning" / "fifo").exists()
    shutil.rmtree(path / "tuning")
    private = tmp_path / "private"
    private.mkdir()
    (private / "id_rsa").write_text("secret")
    (path / "tuning").symlink_to(private)
    make_library(path)
    assert (path / "tuning").is_symlink()


@pytest.mark.parametrize("by_http", [False, True])
def test_a_download_writes_through_no_link(by_http: bool, victim: Path, tmp_path: Path) -> None:
    source, folder = tmp_path / "source", tmp_path / "folder"
    source.mkdir()
    folder.mkdir()
    (source / FILE.name).write_bytes(CONTENT)
    (folder / f".{FILE.name}.part").symlink_to(victim)
    with serving(Behaviour(CONTENT)) as address, pytest.raises(SegueError, match="is a link"):
        list(fetch([FILE], folder, origin=address if by_http else str(source), limits=QUICK))
    assert victim.read_text() == "precious, without a line end"
    (folder / f".{FILE.name}.part").unlink()
    os.mkfifo(folder / f".{FILE.name}.part")
    with serving(Behaviour(CONTENT)) as address, pytest.raises(SegueError, match="not a regular file"):
        list(fetch([FILE], folder, origin=address if by_http else str(source), limits=QUICK))


def test_no_output_replaces_a_fifo_a_device_or_a_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "null").symlink_to(os.devnull)
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(tmp_path / "socket"))
        for name in ("fifo", "folder", "null", "socket"):
            with (
                pytest.raises(SegueError, match=f"{name}: can't be written, it is a"),
                atomic_file(tmp_path / name),
            ):
                pytest.fail("nothing is to be written")
    assert (tmp_path / "fifo").is_fifo()
    assert (tmp_path / "null").is_symlink()
    with pytest.raises(SegueError, match="not a folder"), atomic_folder(tmp_path / "fifo"):
        pytest.fail("nothing is to be written")


def test_vectors_are_not_exported_over_a_device(
    tmp_path: Path, tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "out.npy")
    assert (
        main(["export-vectors", "--library", str(tiny_library.path), "--out", str(tmp_path / "out.npy")]) == 1
    )
    assert "it is a FIFO; choose another location" in capsys.readouterr().err
    assert (tmp_path / "out.npy").is_fifo()


def test_a_fifo_in_place_of_the_state_file_is_refused_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    path = user_folder("state") / "state.sqlite"
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    assert main(["state", "show"]) == 1
    assert "state.sqlite" in capsys.readouterr().err


def test_a_library_name_of_thousands_of_letters_is_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a" * 5_000, "./" + "a" * 5_000):
        assert main(["search", "x", "-l", name]) in {1, 2}
        shown = capsys.readouterr().err
        assert "unexpected" not in shown
        assert shown.count("\n") == 1
