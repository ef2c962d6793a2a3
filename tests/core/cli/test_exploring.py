"""The exploring verbs: what they print for people and for machines, and how they fail."""

import csv
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import asdict

from segue.core.cli import main
from segue.core.explore.neighbours import neighbourhood
from segue.core.library import Library
from segue.core.state import State

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def named(tiny_library: Library) -> tuple[str, str]:
    """The ids of two tracks."""
    return tiny_library.track_ids[3], tiny_library.track_ids[60]


def machine(capsys: Captured, library: Library, *arguments: str) -> Any:  # noqa: ANN401 - any JSON value
    assert main([*arguments, "--library", str(library.path), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def person(capsys: Captured, library: Library, *arguments: str) -> str:
    assert main([*arguments, "--library", str(library.path)]) == 0
    shown = capsys.readouterr()
    return shown.out + shown.err


def test_search(tiny_library: Library, capsys: Captured) -> None:
    info = tiny_library.catalogue.info(3)
    found = machine(capsys, tiny_library, "search", *info.title.split(), *info.artist.split())
    assert found[0]["track_id"] == info.track_id
    assert info.title.split()[0] in person(capsys, tiny_library, "search", info.title)
    assert main(["search", "qqqqqqqq", "--library", str(tiny_library.path)]) == 1


def test_neighbours_are_those_of_the_engine(
    tiny_library: Library, capsys: Captured, named: tuple[str, str]
) -> None:
    reported = machine(capsys, tiny_library, "neighbours", named[0], "-n", "12")
    # as the command opens it: another test may have fitted the weights of the shared one in memory
    found = neighbourhood(Library.open(tiny_library.path), 3, 12)
    assert [track["row"] for track in reported["tracks"]] == [neighbour.row for neighbour in found.rows]
    assert reported["hidden"] == asdict(found.hidden)
    kdtree = machine(capsys, tiny_library, "neighbours", named[0], "--ranker", "nearest", "--index", "kdtree")
    exact = machine(capsys, tiny_library, "neighbours", named[0], "--ranker", "nearest")
    assert [track["similarity"] for track in kdtree["tracks"]] == pytest.approx(
        [track["similarity"] for track in exact["tracks"]], abs=1e-3
    )
    text = person(capsys, tiny_library, "neighbours", named[0], "--familiarity", "deep", "--artist-gap", "1")
    assert tiny_library.catalogue.info(3).label in text


def test_bans_and_the_journal_hold_on_the_command_line(
    tiny_library: Library, capsys: Captured, named: tuple[str, str]
) -> None:
    before = [track["track_id"] for track in machine(capsys, tiny_library, "neighbours", named[0])["tracks"]]
    machine(capsys, tiny_library, "state", "ban", before[0])
    with closing(State.open()) as state:
        state.record(before[1], source="test")
    after = [
        track["track_id"]
        for track in machine(capsys, tiny_library, "neighbours", named[0], "--unheard")["tracks"]
    ]
    assert not {before[0], before[1]} & set(after)
    assert before[0] in person(capsys, tiny_library, "state")
    assert before[1] in person(capsys, tiny_library, "state", "journal")
    assert machine(capsys, tiny_library, "state", "undo")["done"] == f"ban {before[0]}: gone"
    assert machine(capsys, tiny_library, "neighbours", named[0])["tracks"][0]["track_id"] == before[0]


def test_a_path(tiny_library: Library, capsys: Captured, named: tuple[str, str], tmp_path: Path) -> None:
    saved = tmp_path / "path.csv"
    reported = machine(
        capsys, tiny_library, "path", *named, "--between", "4", "--variance", "0.5", "--save", str(saved)
    )
    steps = [step["track_id"] for step in reported["steps"]]
    assert (steps[0], steps[-1]) == named
    with saved.open(newline="") as file:
        assert [record["track_id"] for record in csv.DictReader(file)] == steps
    assert "●" in person(capsys, tiny_library, "path", *named)


def test_a_blend(tiny_library: Library, capsys: Captured, named: tuple[str, str]) -> None:
    reported = machine(capsys, tiny_library, "blend", f"{named[0]}*2", named[1])
    assert len(reported["tracks"]) == 20
    reported = machine(capsys, tiny_library, "blend", named[0], "--minus", named[1])
    assert reported["emptied_by"] == ""
    assert main(["blend", f"{named[0]}*0", "--library", str(tiny_library.path)]) == 2


def test_completing_a_file_and_standard_input(
    tiny_library: Library, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    infos = tiny_library.catalogue.infos([3, 60])
    path = tmp_path / "mine.m3u"
    path.write_text(
        "".join(f"#EXTINF:1,{info.artist} - {info.title}\nx.mp3\n" for info in infos) + "qq qqqq.mp3\n"
    )
    reported = machine(capsys, tiny_library, "complete", str(path))
    assert (reported["matched"], reported["unmatched"]) == (2, ["qq qqqq"])
    with path.open() as file:
        monkeypatch.setattr("sys.stdin", file)
        assert "2 of 3 tracks found" in person(capsys, tiny_library, "complete", "-", "--ask", "missing")
    path.write_text("zzzz zzzz\n")
    assert main(["complete", str(path), "--library", str(tiny_library.path)]) == 1


def test_explain_artist_and_surprise(
    tiny_library: Library, capsys: Captured, named: tuple[str, str], tmp_path: Path
) -> None:
    assert machine(capsys, tiny_library, "explain", *named)["rank"] >= 1
    assert "similarity" in person(capsys, tiny_library, "explain", *named)
    playlist = tmp_path / "party.txt"
    playlist.write_text(f"{named[0]}\n")
    asked = ["explain", str(playlist), named[1], "--ask"]
    assert machine(capsys, tiny_library, *asked, "missing")["place"] >= 1
    assert "by continue: " in person(capsys, tiny_library, *asked, "continue")
    artist = tiny_library.catalogue.info(3).artist
    page = machine(capsys, tiny_library, "artist", artist)
    assert named[0] in page["tracks"]
    assert artist in person(capsys, tiny_library, "artist", artist)
    jump = machine(capsys, tiny_library, "surprise", named[0], "--seed", "1")
    assert jump["seed"] == named[0]
    assert jump["rank"] > 1
    assert "->" in person(capsys, tiny_library, "surprise", "--farther", "2", "--seed", "3")


def test_loves_and_artists_are_kept_under_their_ids(tiny_library: Library, capsys: Captured) -> None:
    info = tiny_library.catalogue.info(5)
    machine(capsys, tiny_library, "state", "love", info.track_id)
    machine(capsys, tiny_library, "state", "ban-artist", info.artist)
    kept = machine(capsys, tiny_library, "state")
    assert kept["loves"] == [info.track_id]
    assert kept["banned_artists"] == [info.artist_id]
    machine(capsys, tiny_library, "state", "unban-artist", info.artist_id)
    machine(capsys, tiny_library, "state", "unlove", info.track_id)
    kept = machine(capsys, tiny_library, "state")
    assert (kept["loves"], kept["banned_artists"]) == ([], [])


@pytest.mark.parametrize(
    "arguments",
    [
        ["neighbours"],
        ["neighbours", "x", "-n", "0"],
        ["neighbours", "x", "--familiarity", "7"],
        ["path", "track_1"],
        ["state", "love"],
        ["state", "undo", "x"],
        ["surprise", "x", "--farther", "9"],
    ],
)
def test_a_wrong_call_ends_with_2(tiny_library: Library, capsys: Captured, arguments: list[str]) -> None:
    if arguments[0] == "path":
        arguments = ["path", tiny_library.track_ids[1]]
    assert main([*arguments, "--library", str(tiny_library.path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_unknown_track_is_named_and_near_ones_offered(tiny_library: Library, capsys: Captured) -> None:
    assert main(["neighbours", "qqqqqqqq", "--library", str(tiny_library.path)]) == 1
    assert capsys.readouterr().err.startswith('segue: nothing found for "qqqqqqqq"')


def test_a_state_that_cannot_be_kept_does_not_stop_exploring(
    tiny_library: Library, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert "set XDG_STATE_HOME to a folder you own" in person(
        capsys, tiny_library, "neighbours", tiny_library.track_ids[3]
    )


def test_a_playlist_woven_in_flow_and_its_outliers(
    tiny_library: Library, capsys: Captured, tmp_path: Path
) -> None:
    ids = [tiny_library.track_ids[row] for row in (3, 60, 9, 21)]
    path, saved = tmp_path / "mine.txt", tmp_path / "out.txt"
    path.write_text("".join(f"{each}\n" for each in ids))
    placed = machine(capsys, tiny_library, "complete", str(path), "--ask", "woven", "--every", "2")["woven"]
    assert [track["track_id"] for track in placed if track["own"]] == ids
    assert len(placed) == 6
    flowing = machine(capsys, tiny_library, "complete", str(path), "--ask", "in-flow", "--save", str(saved))[
        "in_flow"
    ]
    assert sorted(track["track_id"] for track in flowing) == sorted(ids)
    assert len(saved.read_text().splitlines()) == 5
    doubts = machine(capsys, tiny_library, "complete", str(path), "--ask", "outliers")["outliers"]
    assert sorted(doubt["place"] for doubt in doubts) == [1, 2, 3, 4]
    assert "closest to" in person(capsys, tiny_library, "complete", str(path), "--ask", "outliers")


@pytest.mark.parametrize("verb", ["neighbours", "path", "blend", "complete"])
def test_a_list_is_not_saved_over_a_file_unless_that_is_asked_for(
    verb: str, tiny_library: Library, capsys: Captured, tmp_path: Path
) -> None:
    saved, playlist = tmp_path / "mine.m3u8", tmp_path / "party.txt"
    saved.write_text("made by hand\n")
    ids = tiny_library.track_ids[3:5]
    playlist.write_text("".join(f"{each}\n" for each in ids))
    named = {"neighbours": ids[:1], "complete": [str(playlist)]}.get(verb, list(ids))
    command = [verb, *named, "--library", str(tiny_library.path), "--save", str(saved)]
    assert main(command) == 1
    printed = capsys.readouterr()
    assert (
        printed.err == f"segue: {saved}: can't be written, it exists; choose another name or add --replace\n"
    )
    assert not printed.out, "it is refused before anything is listed"
    assert saved.read_text() == "made by hand\n"
    assert main([*command, "--replace"]) == 0
    assert saved.read_text().startswith("#EXTM3U")
