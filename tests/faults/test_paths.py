"""Paths that lead elsewhere: `..`, absolute ones, links and loops of links."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from segue.core.cli import main
from segue.core.corpus import Corpus
from segue.core.corpus.prepare import prepare
from segue.core.corpus.readers import read_playlists
from segue.core.errors import SegueError
from segue.core.explore.playlist_files import read_playlist
from segue.core.files import atomic_file, atomic_folder
from segue.core.library import Library
from tests.core.corpus.test_prepare import write_slices
from tests.libraries import make_library

_opened: list[str] | None = None


def _notice(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and _opened is not None and isinstance(arguments[0], str | bytes):
        _opened.append(str(arguments[0]))


sys.addaudithook(_notice)


@contextmanager
def noticing() -> Iterator[list[str]]:
    """Collect the names of all files that are opened meanwhile."""
    global _opened  # noqa: PLW0603 - an audit hook is for the life of the process
    found: list[str] = []
    _opened = found
    try:
        yield found
    finally:
        _opened = None


LINES = ("../../secret.mp3", "/etc/passwd", "..\\..\\secret.mp3", "file:///etc/shadow", "a/../../../b.mp3")


def test_what_a_playlist_names_is_never_opened(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    (tmp_path / "secret.mp3").write_text("secret")
    (folder / "one.m3u8").write_text("#EXTM3U\n" + "\n".join(LINES) + "\n")
    with noticing() as opened:
        playlists = read_playlists(folder)
        entries = read_playlist(str(folder / "one.m3u8"))
    assert len(playlists.codes) == len(entries) == len(LINES)
    assert playlists.lists()[0][0] == "../../secret.mp3", "an id, and nothing else"
    assert {Path(name).name for name in opened} & {"passwd", "shadow", "secret.mp3", "b.mp3"} == set()


def test_loops_and_dead_links_in_a_folder_of_playlists(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    (folder / "deep").mkdir(parents=True)
    (folder / "one.m3u").write_text("a.mp3\nb.mp3\n")
    (folder / "deep" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "self.m3u").symlink_to(folder / "self.m3u")
    (folder / "dead.m3u").symlink_to(tmp_path / "nowhere.m3u")
    assert read_playlists(folder).lists() == [["a.mp3", "b.mp3"]]
    with pytest.raises(SegueError, match=r"self\.m3u"):
        read_playlists(folder / "self.m3u")


def test_a_prepared_corpus_behind_a_link_is_prepared_again_in_its_place(tmp_path: Path) -> None:
    write_slices(tmp_path / "old", 1)
    write_slices(tmp_path / "new", 2)
    real, link = tmp_path / "real", tmp_path / "link"
    before, _ = prepare([tmp_path / "old"], real, processes=1)
    link.symlink_to(real, target_is_directory=True)
    for _ in range(2):
        after, _ = prepare([tmp_path / "new"], link, processes=1, again=True)
        assert Corpus.open(link).fingerprint == after.fingerprint
    assert Corpus.open(real).fingerprint == before.fingerprint, "what the link led to is left alone"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.slow
def test_a_library_behind_a_link_opens_and_is_trained_again(tmp_path: Path) -> None:
    real = make_library(tmp_path / "real")
    link = tmp_path / "link"
    link.symlink_to(real.path, target_is_directory=True)
    assert len(Library.open(link)) == len(real)
    for seed in (1, 2):
        make_library(link, seed=seed)
    assert len(Library.open(real.path)) == len(real)
    assert np.array_equal(Library.open(real.path).vectors, real.vectors)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_writing_never_goes_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    target = tmp_path / "list.csv"
    target.symlink_to(victim)
    with atomic_file(target) as temporary:
        temporary.write_text("new")
    assert victim.read_text() == "precious"
    assert target.read_text() == "new"
    folder, aside = tmp_path / "folder", tmp_path / ".folder.old"
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("precious")
    aside.symlink_to(precious, target_is_directory=True)
    folder.mkdir()
    with atomic_folder(folder) as temporary:
        (temporary / "file").write_text("new")
    assert (precious / "file").read_text() == "precious"


@pytest.mark.parametrize("name", ["a b", ".hidden", "-rf", "a\nb", "a\x1b[2J", "naïve;rm", "$(id)", "*", "~"])
def test_names_of_libraries_are_plain_words(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "nothing.txt", f"--name={name}"]) == 2
    assert f"{name!r} is not a name for a library" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["..", pytest.param(".", marks=pytest.mark.slow)])
def test_a_path_as_a_name_never_replaces_what_is_no_library(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "precious").write_text("precious")
    monkeypatch.chdir(here)
    with pytest.raises(SegueError, match=r"is not a (library and not empty|name for a library)"):
        make_library(Path(name))
    assert (here / "precious").read_text() == "precious"
    assert main(["neighbours", "x", "--library", name]) == 1


def test_a_library_without_the_right_to_write_opens(tmp_path: Path, tiny_library: Library) -> None:
    shutil.copytree(tiny_library.path, tmp_path / "locked")
    for file in (tmp_path / "locked").rglob("*"):
        file.chmod(0o444 if file.is_file() else 0o555)
    library = Library.open(tmp_path / "locked")
    assert library.catalogue.search("a")
    assert library.held_out is not None
