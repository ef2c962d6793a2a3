"""`segue radio` on the tunes of an invented world: no network, no device."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from segue.core.cli.main import main
from segue.core.library import Library
from segue.core.state import State
from tests.conftest import ROOT
from tests.faults.evil import make_evil_library


@pytest.fixture(autouse=True)
def _no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGUE_SINK", "silent")
    monkeypatch.setenv("SEGUE_DEEZER_API", "http://127.0.0.1:1")


def test_offline_a_radio_of_tracks_that_deezer_would_play_ends_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = make_evil_library(tmp_path / "real")
    assert main([*radio(library), "--offline"]) == 1
    shown = capsys.readouterr()
    assert shown.err.splitlines()[-1].startswith("the radio is over: Segue was started with --offline")
    assert "as soon as Deezer answers" not in shown.err


def radio(library: Library, *options: str) -> list[str]:
    return ["radio", library.track_ids[5], "--library", str(library.path), *options]


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_radio_for_people(tiny_library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(radio(tiny_library, "--tracks", "2", "--duration", "0.3")) == 0
    said = capsys.readouterr()
    seed = tiny_library.catalogue.info(5)
    heard = [line for line in said.out.splitlines() if not line.startswith(" ")]
    assert heard[0] == f"{seed.label}  (10 s; where the radio starts)"
    assert len(heard) == 2
    assert "    A tune made up by Segue" in said.out
    assert said.err.splitlines()[-1] == "the radio is over: that was the last track"
    assert "    next: " in said.err


@pytest.mark.parametrize("mode", ["walk", "steer"])
def test_a_radio_for_machines(tiny_library: Library, capsys: pytest.CaptureFixture[str], mode: str) -> None:
    options = ["--tracks", "3", "--duration", "0.2", "--json", "--mode", mode, "--candidates", "4"]
    assert main(radio(tiny_library, *options)) == 0
    events = lines(capsys)
    playing = [event for event in events if event["event"] == "playing"]
    assert playing[0]["track_id"] == tiny_library.track_ids[5]
    assert len({event["track_id"] for event in playing}) == 3
    for event in playing:
        info = tiny_library.catalogue.info(event["row"])
        assert (event["title"], event["artist"]) == (info.title, info.artist)
        assert event["reason"]
        assert -1 <= event["similarity"] <= 1
    plans = [event["tracks"] for event in events if event["event"] == "plan"]
    assert max(map(len, plans)) <= 5
    assert [plan[0]["track_id"] for plan in plans[: len(playing)]] == [event["track_id"] for event in playing]
    assert events[-1] == {"event": "stopped", "reason": "that was the last track"}
    state = State.open()
    assert [line.outcome for line in state.journal()] == ["played"] * 3
    state.close()


def test_the_same_seed_gives_the_same_radio(
    tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    plans = []
    for seed in ("1", "1", "2"):
        main(
            radio(
                tiny_library, "--tracks", "5", "--minutes", "0.01", "--json", "--seed", seed, "--mode", "walk"
            )
        )
        plans.append([track["row"] for track in lines(capsys)[0]["tracks"]])
    assert plans[0] == plans[1] != plans[2]


def test_minutes_end_it(tiny_library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    main(radio(tiny_library, "--minutes", "0.02", "--json"))
    assert lines(capsys)[-1] == {"event": "stopped", "reason": "time is up"}


@pytest.mark.parametrize(
    "options",
    [
        ["--minutes", "0"],
        ["--tracks", "-1"],
        ["--candidates", "0"],
        ["--duration", "nan"],
        ["--crossfade", "11"],
    ],
)
def test_senseless_numbers_are_refused(
    tiny_library: Library, capsys: pytest.CaptureFixture[str], options: tuple[str, str]
) -> None:
    assert main(radio(tiny_library, *options)) == 2
    assert capsys.readouterr().err.startswith(f"segue: {options[0]} must be ")


def test_an_unknown_track_is_refused_in_one_line(
    tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["radio", "no such song at all", "--library", str(tiny_library.path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_ctrl_c_stops_it_without_a_traceback(tiny_library: Library) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "segue", *radio(tiny_library, "--json")],
        cwd=ROOT,
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert any('"playing"' in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert errors == "segue: stopped\n"
    assert process.returncode == 130
    state = State.open()
    assert {line.outcome for line in state.journal()} == {"played"}, "what was heard is written down"
    state.close()
