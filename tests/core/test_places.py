"""Finding libraries by name and path."""

from pathlib import Path

import pytest

from segue.core import places
from segue.core.errors import SegueError, UsageError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "library.json").write_text("{}")
    return path


def test_a_name_is_looked_up_here_before_the_bundled_one(here: Path) -> None:
    assert places.find_library("demo") == places.BUNDLED / "demo"
    mine = make(here / "models" / "demo")
    assert places.find_library("demo").samefile(mine)


def test_the_environment_comes_first(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(here / "models" / "yes")
    other = make(here / "elsewhere" / "yes")
    monkeypatch.setenv("SEGUE_MODELS", str(other.parent))
    assert places.find_library("yes") == other
    assert places.new_library("new") == other.parent / "new"


def test_a_path_opens_what_it_names_and_nothing_else(here: Path) -> None:
    path = make(here / "anywhere" / "thing")
    assert places.find_library("anywhere/thing") == Path("anywhere/thing")
    assert places.find_library(path) == path
    with pytest.raises(SegueError, match="anywhere: no library there"):
        places.find_library("./anywhere")


def test_an_unknown_name_lists_the_known_ones(here: Path) -> None:
    make(here / "models" / "yes")
    with pytest.raises(SegueError, match=r"no library is named 'nope' \(available: .*yes"):
        places.find_library("nope")


def test_new_libraries_go_to_models_here_or_to_the_user(here: Path) -> None:
    assert places.new_library("a").parent == places.user_folder("data") / "models"
    (here / "models").mkdir()
    assert places.new_library("a") == Path("models/a")
    (here / "out").mkdir()
    for path in ("out/a", "./AC/DC", "../x", str(here / "new" / "b")):
        assert places.new_library(path) == Path(path)


@pytest.mark.parametrize("name", ["-x", ".hidden", "a b", "tab\t", "AC/DC", "a b/c", "x" * 5000 + "/y"])
def test_a_name_that_is_no_name_is_refused(here: Path, name: str) -> None:
    with pytest.raises(UsageError, match="letters, digits"):
        places.new_library(name)


def test_no_new_library_hides_the_one_that_comes_with_segue(here: Path) -> None:
    with pytest.raises(UsageError, match="'demo' is the library that comes with Segue"):
        places.new_library("demo")
    assert places.new_library("./demo") == Path("./demo")


def test_a_library_whose_writer_was_killed_is_still_found(here: Path) -> None:
    make(here / "models" / ".yes.old")
    assert places.find_library("yes").name == "yes"
