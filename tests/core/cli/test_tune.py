"""`segue tune` as a person would run it, on a tiny library."""

import argparse
import json
import shutil
import signal
from pathlib import Path

import pytest

from segue.core.cli import tune
from segue.core.cli.main import main
from segue.core.cli.tune import seconds_of
from segue.core.library import Library
from segue.core.tuning.render import STUDY, write_leaderboard
from segue.core.tuning.search import Event
from tests.core.test_libraries import held
from tests.core.tuning.test_leaderboard import BOARD


@pytest.fixture
def library(tiny_library: Library, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_library.path, tmp_path / "tiny"))


def test_a_search_runs_to_its_test_score(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quick = ["--epochs", "1", "--set", "pool=32", "--set", "batch=128", "--seeds", "1"]
    assert main(["tune", "-l", str(library), "--trials", "2", *quick, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines[:2]] == ["epoch", "trial"]
    assert lines[0]["hit_at_10"] == pytest.approx(lines[1]["hit_at_10"])
    assert lines[1]["best"] == lines[1]["hit_at_10"]
    assert [line["event"] for line in lines[-2:]] == ["scored", "done"]
    board = lines[-1]
    assert board["state"] == "finished"
    assert {entry["params"]["pool"] for entry in board["entries"]} == {32}
    assert board["result"]["test_hit"]["mean"] > 0
    assert main(["tune", "-l", str(library), "--show"]) == 0
    shown = capsys.readouterr().out
    assert "winner: trial" in shown
    assert "segue train FILE --name NAME --recipe fast" in shown


def test_showing_needs_no_training(library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", "-l", str(library), "--show"]) == 1
    assert "no search there yet" in capsys.readouterr().err
    write_leaderboard(library / STUDY, BOARD)
    assert main(["tune", "-l", str(library), "--show"]) == 0
    shown = capsys.readouterr().out
    assert "A  dim: 32 … 128" in shown
    assert "--set dim=128 --set rate=0.2" in shown
    assert main(["tune", "-l", str(library), "--show", "--markdown"]) == 0
    assert capsys.readouterr().out.startswith("| trial | hit@10 |")
    picture = tmp_path / "search.png"
    assert main(["tune", "-l", str(library), "--show", "--plot", str(picture)]) == 0
    assert picture.exists()


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["--preset", "slow"], "unknown preset 'slow'"),
        (["--seeds", "0"], "at least 1"),
        (["--set", "pol=3"], "did you mean pool"),
    ],
)
def test_a_wrong_call_is_reported(
    library: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], printed: str
) -> None:
    assert main(["tune", "-l", str(library), *arguments]) == 2
    assert printed in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("1.5h", 5400), ("1d", 86400), ("7", 7)]
)
def test_times_are_read(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="write 90s"):
        seconds_of("soon")


def test_a_stopped_search_goes_on_later_and_ends_with_130(
    library: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = tune._as_json  # stop as a person would: after the first trial

    def stop(event: Event) -> dict[str, object]:
        if event.what == "trial":
            signal.raise_signal(signal.SIGINT)
        return shown(event)

    monkeypatch.setattr(tune, "_as_json", stop)
    quick = ["--epochs", "1", "--set", "pool=32", "--set", "batch=128", "--seeds", "1", "--json"]
    assert main(["tune", "-l", str(library), "--trials", "3", *quick]) == 130
    done = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (done["event"], done["stopped"], done["state"]) == ("done", True, "searching")
    monkeypatch.undo()
    assert main(["tune", "-l", str(library), "--trials", "2", *quick]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["stopped"] is False


def test_a_library_that_is_being_trained_is_not_searched_and_one_that_is_searched_not_trained(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with held(library, "claim"):
        assert main(["tune", "-l", str(library), "--trials", "1"]) == 1
        assert "another process trains or changes it; wait for it" in capsys.readouterr().err
        assert main(["tune", "-l", str(library), "--show"]) == 1
        assert "no search there yet" in capsys.readouterr().err
    train, remove = ["train", "missing.npy", "--name"], ["libraries", "remove", "--yes"]
    with held(library, "searched"):
        for call in (train, remove):
            assert main([*call, str(library)]) == 1
            assert "another process trains, tunes or changes it" in capsys.readouterr().err
    assert library.exists()
