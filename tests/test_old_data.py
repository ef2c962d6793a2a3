"""A library, a state file and settings that 0.1.0 wrote open today, in the shell and in the explorer."""

import shutil
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from segue.core.cli import main
from segue.core.evaluation.report import read_report
from segue.core.library import Library
from segue.core.state import State
from segue.tui.model.settings import read_settings
from tests.faults.terminal import Terminal
from tests.faults.test_killed import EXPLORE

OLD = Path(__file__).parent / "old" / "0.1.0"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A listener's folders as 0.1.0 left them, and its library beside them."""
    shutil.copytree(OLD / "library", tmp_path / "old")
    for folder, name in (("state", "state.sqlite"), ("config", "settings.toml")):
        (tmp_path / folder / "segue").mkdir(parents=True)
        shutil.copy(OLD / name, tmp_path / folder / "segue")
    return tmp_path


@pytest.mark.parametrize(
    ("verb", "expected"),
    [
        (("search", "song 13 of 0"), "spotify:track:013"),
        (("neighbours", "spotify:track:013", "--ranker", "nearest", "--familiarity", "any"), "Song 7 of 0"),
        (("metrics",), "item-knn       0.8333"),
        (("path", "spotify:track:013", "spotify:track:313"), "Song 13 of 3"),
        (("blend", "spotify:track:013", "spotify:track:113"), "Song"),
    ],
)
def test_the_verbs_read_an_old_library(
    verb: tuple[str, ...], expected: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*verb, "--library", str(home / "old")]) == 0
    assert expected in capsys.readouterr().out


def test_an_old_library_keeps_its_scores_and_its_training() -> None:
    library = Library.open(OLD / "library")
    assert len(library) == 60
    report = read_report(library)
    assert report is not None
    assert [scores.ranker for scores in report.rankers[:2]] == ["nearest", "next"]
    assert [point["epoch"] for point in library.history] == [1, 2, 3]


def test_an_old_state_keeps_everything(home: Path) -> None:
    with closing(State.open(home / "state" / "segue" / "state.sqlite")) as state:
        assert set(state.loves()) == {"spotify:track:107", "spotify:track:113"}
        assert state.bans().tracks == {"spotify:track:210"}
        assert set(state.stations()) == {"my station"}
        assert set(state.places()) == {"a", "b"}
        assert [line.outcome for line in state.journal()] == ["skipped", "played"]


def test_old_settings_are_read(home: Path) -> None:
    settings = read_settings(home / "config" / "segue" / "settings.toml")
    assert (settings.theme, settings.volume, settings.neighbours) == ("segue-light", 0.5, 40)
    assert settings.keys == {"radio.start": "r,ctrl+o", "taste.love": "f,F"}


def test_the_explorer_goes_on_where_an_old_one_was_left(home: Path) -> None:
    with Terminal(EXPLORE, ["--library", str(home / "old"), "--no-sound", "--offline"], home) as terminal:
        terminal.until(lambda: "Nothing plays" in terminal.drawn)
        assert "Welcome to Segue" not in terminal.drawn  # a listener of old knows the way
        while "my station" not in terminal.drawn:  # a key in the very first moment can be lost
            terminal.type("S")
            time.sleep(0.5)
        assert terminal.end(signal.SIGTERM) == 0
        assert terminal.in_order()
