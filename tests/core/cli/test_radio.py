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
    assert shown.err.splitlines()[-1].startswith("finished: Segue runs with --offline")
    assert "as soon as Deezer answers" not in shown.err


def radio(library: Library, *options: str) -> list[str]:
    return ["radio", library.track_ids[5], "--library", str(library.path), *options]


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_radio_for_people(tiny_library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(radio(tiny_library, "--tracks", "2", "--duration", "0.3")) == 0
    printed = capsys.readouterr()
    seed = tiny_library.catalogue.info(5)
    heard = [line for line in printed.out.splitlines() if not line.startswith(" ")]
    assert heard[0] == f"{seed.label}  (10 s; where the radio starts)"
    assert len(heard) == 2
    assert "    A tune made up by Segue" in printed.out
    assert printed.err.splitlines()[-1] == "finished: that was the last track"
    assert "    next: " in printed.err


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
    assert capsys.readouterr().err.startswith(f"segue: argument {options[0]}: must be ")


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


def played(shown: list[dict[str, Any]]) -> list[int]:
    return [event["row"] for event in shown if event["event"] == "playing"]


def play(library: Library, *what: str) -> list[str]:
    return ["play", *what, "--library", str(library.path), "--duration", "0.1", "--crossfade", "0", "--json"]


def test_tracks_a_playlist_file_the_loves_and_a_crate_are_played_in_order(
    tiny_library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [tiny_library.track_ids[row] for row in (4, 2, 9)]
    assert main(play(tiny_library, *ids)) == 0
    events = lines(capsys)
    assert played(events) == [4, 2, 9]
    assert events[-1] == {"event": "stopped", "reason": "that was the last track"}
    file = tmp_path / "mine.txt"
    file.write_text("\n".join([*ids, "track_999999999"]))
    assert main(play(tiny_library, str(file))) == 0
    shown = capsys.readouterr()
    assert played([json.loads(line) for line in shown.out.splitlines()]) == [4, 2, 9]
    assert "not found" in shown.err
    state = State.open()
    for track_id in ids:
        state.love(track_id)
    state.set_crate("night", ids[::-1])
    state.close()
    assert main(play(tiny_library, "--loves")) == 0
    assert played(lines(capsys)) == [9, 2, 4]
    assert main(play(tiny_library, "--crate", "night")) == 0
    assert played(lines(capsys)) == [9, 2, 4]


def test_a_path_a_blend_and_an_artist_are_played(
    tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = [tiny_library.track_ids[row] for row in (4, 2)]
    assert main(play(tiny_library, "--path", *ids)) == 0
    path = played(lines(capsys))
    assert (path[0], path[-1]) == (4, 2)
    assert len(path) > 3
    assert main(play(tiny_library, "--blend", *ids, "--tracks", "3")) == 0
    assert len(played(lines(capsys))) == 3
    artist = tiny_library.catalogue.info(4)
    assert main(play(tiny_library, "--artist", artist.artist)) == 0
    rows = played(lines(capsys))
    assert 4 in rows
    assert {info.artist for info in tiny_library.catalogue.infos(rows)} == {artist.artist}


def test_a_radio_starts_from_an_artist(tiny_library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    artist = tiny_library.catalogue.info(4).artist
    options = ["--artist", artist, "--library", str(tiny_library.path), "--duration", "0.1", "--tracks", "2"]
    assert main(["radio", *options, "--distance", "1", "--drift", "0", "--json"]) == 0
    rows = played(lines(capsys))
    assert tiny_library.catalogue.info(rows[0]).artist == artist


def test_a_list_flows_on_into_a_radio(tiny_library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*play(tiny_library, tiny_library.track_ids[4]), "--then-radio", "--tracks", "3"]) == 0
    assert len(set(played(lines(capsys)))) == 3


@pytest.mark.parametrize(
    ("what", "code", "printed"),
    [
        ([], 2, "name tracks, a playlist, or one of --path, --blend, --artist, --crate and --loves"),
        (["Luna", "--loves"], 2, "name tracks, a playlist, or one of"),
        (["--path", "track_1"], 2, "--path needs at least two tracks"),
        (["--crate", "night"], 1, "no crate is named 'night'; Q in the explorer makes one"),
        (["--loves"], 1, "Loved has no tracks in the library"),
    ],
)
def test_what_cannot_be_played_is_said_in_a_line(
    tiny_library: Library, capsys: pytest.CaptureFixture[str], what: list[str], code: int, printed: str
) -> None:
    assert main(play(tiny_library, *what)) == code
    shown = capsys.readouterr()
    assert printed in shown.err
    assert shown.err.count("\n") == 1
