"""Who may write a library's folder, and what may be replaced."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from segue.core import places
from segue.core.errors import SegueError
from segue.core.files import locked
from segue.core.libraries import claim, require_replaceable, searched
from segue.core.library import Library, Manifest, write_library
from tests.libraries import make_library

HOLD = """
import sys
from pathlib import Path
from segue.core.libraries import claim, searched
with {how}(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held(path: Path, how: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process that claims or searches the library until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD.format(how=how), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def copy(tiny_library: Library, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_library.path, tmp_path / "models" / "copy"))


def test_of_two_who_make_a_library_the_second_is_refused_until_the_first_has_died(tmp_path: Path) -> None:
    path = tmp_path / "new" / "library"
    with held(path, "claim") as process:
        with pytest.raises(SegueError, match="another process trains, tunes or changes it"), claim(path):
            pass
        with pytest.raises(SegueError, match="another process trains or changes it"), searched(path):
            pass
        process.kill()
        process.wait()
        with claim(path):
            pass
    assert list(tmp_path.iterdir()) == [tmp_path / "new"], "the other made it"
    assert list((tmp_path / "new").iterdir()) == [], "no lock is left behind"


def test_who_claims_without_writing_leaves_no_folder(tmp_path: Path) -> None:
    with claim(tmp_path / "a" / "b" / "library"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_searches_go_together_and_a_training_waits_for_their_end(copy: Path) -> None:
    with held(copy, "searched"), searched(copy), pytest.raises(SegueError, match="another process"):
        claim(copy).__enter__()
    with claim(copy):
        pass
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_a_lock_is_found_again_after_another_has_removed_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path) as mine:
        assert mine
        path.unlink()
        with locked(path) as second:
            assert second, "a file of its own"
            with locked(path) as third:
                assert not third
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (".", "not a name"),
        ("..", "not a name"),
        ("file", "not a folder"),
        ("file/inside", "Not a directory"),
        ("x" * 300, "File name too long"),
        ("x" * 230, "File name too long"),
        ("thesis", "not a library and not empty"),
        ("dead-link", "not a folder"),
        ("fifo", "not a folder"),
        ("/proc/x", "can't be written"),
        ("/proc/x/y", "can't be written"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_done(
    name: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").touch()
    (tmp_path / "dead-link").symlink_to("nowhere")
    os.mkfifo(tmp_path / "fifo")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SegueError, match=shown) as caught, claim(Path(name)):
        pass
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_shipped_library_is_never_claimed(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "BUNDLED", copy.parent)
    monkeypatch.setattr(places, "SHIPPED", "copy")
    link = copy.with_name("link")
    link.symlink_to(copy)
    for path in (copy, link, copy.parent / "." / "copy"):
        with pytest.raises(SegueError, match="comes with Segue"), claim(path):
            pass


def manifest(**facts: object) -> Manifest:
    return Manifest(
        "x",
        "2026-01-01T00:00:00Z",
        "fast",
        corpus={"fingerprint": "abc", "source": "a.npy"},
        training=dict(facts),
    )


@pytest.mark.parametrize(
    ("training", "fingerprint", "epochs", "shown"),
    [
        ({"stopped_early": False, "epochs": 5}, "other", 5, r"other playlists.*\(a\.npy, .*--replace"),
        ({"stopped_early": False, "epochs": 5}, "abc", 4, "5 epochs, more than 4; add --replace"),
        ({"stopped_early": False, "epochs": 5}, "abc", 5, ""),
        ({"stopped_early": True, "epochs": 5}, "abc", 4, ""),
        ({"stopped_early": True, "epochs": 5}, "other", 9, "other playlists"),
    ],
)
def test_what_a_training_may_replace(
    copy: Path, training: dict[str, object], fingerprint: str, epochs: int, shown: str
) -> None:
    library = Library.open(copy)
    library.manifest = manifest(**training)
    library.save_report({}, scores={})
    if shown:
        with pytest.raises(SegueError, match=shown):
            require_replaceable(copy, fingerprint=fingerprint, epochs=epochs)
    else:
        require_replaceable(copy, fingerprint=fingerprint, epochs=epochs)


def test_imported_vectors_and_what_cannot_be_read_are_not_replaced(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(SegueError, match="holds imported vectors; add --replace"):
        require_replaceable(copy, fingerprint="abc", epochs=9)
    (copy / "library.json").write_text("{")
    with pytest.raises(SegueError, match="can't be read"):
        require_replaceable(copy, fingerprint="abc", epochs=9)
    require_replaceable(tmp_path / "none", fingerprint="abc", epochs=1)


def test_a_search_survives_a_kill_between_the_two_renames_and_another_training(copy: Path) -> None:
    (copy / "tuning").mkdir()
    (copy / "tuning" / "journal.log").write_text("hours of work\n")
    copy.rename(copy.with_name(".copy.old"))  # what a kill between the two renames leaves
    make_library(copy)
    assert (copy / "tuning" / "journal.log").read_text() == "hours of work\n"
    assert [path.name for path in copy.parent.iterdir()] == ["copy"]


def test_what_is_written_into_a_search_while_the_library_is_written_is_kept(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (copy / "tuning").mkdir()
    journal = copy / "tuning" / "journal.log"
    journal.write_text("one\n")
    library = Library.open(copy)

    def history() -> Iterator[dict[str, object]]:
        with journal.open("a") as file:  # the search has been copied by now
            file.write("two\n")
        yield {"epoch": 1}

    assert library.corpus is not None
    write_library(
        copy,
        vectors=library.vectors,
        vocabulary=library.corpus.vocabulary,
        tracks={},
        manifest=library.manifest,
        history=history(),
    )
    assert journal.read_text() == "one\ntwo\n"


def test_anything_odd_in_a_search_does_not_end_a_training(copy: Path) -> None:
    tuning = copy / "tuning"
    tuning.mkdir()
    (tuning / "journal.log").write_text("hours")
    os.mkfifo(tuning / "fifo")
    (tuning / "dead").symlink_to("nowhere")
    (tuning / "up").symlink_to("..")
    make_library(copy)
    assert (tuning / "journal.log").read_text() == "hours"
    assert sorted(path.name for path in tuning.iterdir()) == ["dead", "journal.log", "up"]


def test_a_report_of_a_library_that_was_replaced_meanwhile_is_not_written_into_the_new_one(
    copy: Path,
) -> None:
    scored = Library.open(copy)
    make_library(copy)
    with pytest.raises(SegueError, match="changed on disk; reopen it"):
        scored.save_report({}, scores={})
    assert Library.open(copy).report is None
