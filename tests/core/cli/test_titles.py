"""`segue titles` against a server on loopback that answers as Deezer does."""

import json
from pathlib import Path

import pytest

from segue.core.catalogue.overlay import title_overlay
from segue.core.cli.main import main
from segue.core.explore.titles import AT_ONCE
from segue.core.library import Library
from tests.core.cli.killing import killed_and_run
from tests.end_to_end.deezer_server import FakeDeezer
from tests.libraries import write_untitled_library


@pytest.fixture
def untitled(tmp_path: Path) -> Library:
    return write_untitled_library(tmp_path / "untitled")


def asked(*arguments: str, capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    assert main(["titles", *arguments, "--json"]) == 0
    found: dict[str, int] = json.loads(capsys.readouterr().out)
    return found


def test_the_most_played_come_first_and_nothing_is_asked_twice(
    untitled: Library, deezer: FakeDeezer, capsys: pytest.CaptureFixture[str]
) -> None:
    library = str(untitled.path)
    first = [int(track_id.removeprefix("track_")) for track_id in untitled.track_ids[:12]]
    deezer.manners[first[4]] = "unknown"
    found = asked("--library", library, "--top", "8", capsys=capsys)
    assert (found["learned"], found["unknown"], found["not_deezers"]) == (7, 1, 0)
    assert sorted(deezer.paths()) == sorted(f"/track/{number}" for number in first[:8])
    found = asked("--library", library, "--top", "12", capsys=capsys)
    assert (found["learned"], found["unknown"]) == (4, 1)
    assert sorted(deezer.paths()) == sorted(f"/track/{number}" for number in first[:12])
    assert main(["search", "--library", library, f"song {first[0]}", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["track_id"] == f"track_{first[0]}"


def test_a_run_that_breaks_off_keeps_what_it_has_and_the_next_goes_on(
    untitled: Library, deezer: FakeDeezer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [int(track_id.removeprefix("track_")) for track_id in untitled.track_ids[:8]]
    deezer.manners[first[5]] = "vague"  # an error that does not say that the track is unknown
    assert main(["titles", "--library", str(untitled.path), "--top", "8"]) == 1
    assert "run the same command to ask for the others" in capsys.readouterr().err
    kept = sum(bool(info.title) for info in untitled.catalogue.infos(range(8)))
    assert 5 <= kept <= 7
    deezer.song(first[5]).manner = "fine"
    found = asked("--library", str(untitled.path), "--top", "8", capsys=capsys)
    assert found["learned"] == 8 - kept


@pytest.mark.slow
def test_killed_at_any_moment_it_ends_as_if_it_had_not_been(untitled: Library, deezer: FakeDeezer) -> None:
    numbers = [int(track_id.removeprefix("track_")) for track_id in untitled.track_ids[:30]]
    before = {path: path.read_bytes() for path in untitled.path.iterdir() if path.is_file()}
    deezer.quota = 10_000
    ended = killed_and_run(
        ["titles", "--library", str(untitled.path), "--top", "30"],
        modules=(
            "segue.core.explore.titles",
            "segue.core.catalogue.overlay",
            "segue.core.library",
            "requests",
        ),
    )
    assert ended[-1] == 0
    found = title_overlay().learned([f"track_{number}" for number in numbers])
    assert {track: info.title for track, (info, _) in found.items()} == {
        f"track_{number}": f"Song {number}" for number in numbers
    }
    # of what was under way when it was killed, and of nothing else, the next run asks again
    assert set(deezer.paths()) == {f"/track/{number}" for number in numbers}
    assert len(deezer.paths()) <= len(numbers) + 8 * AT_ONCE
    assert {path: path.read_bytes() for path in before} == before


def test_the_rate_limit_is_kept(
    untitled: Library, deezer: FakeDeezer, capsys: pytest.CaptureFixture[str]
) -> None:
    found = asked("--library", str(untitled.path), "--top", "36", capsys=capsys)
    assert found["learned"] == 36
    assert deezer.busiest() <= 40


def test_offline_asks_nothing(
    untitled: Library, deezer: FakeDeezer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["titles", "--library", str(untitled.path), "--offline"]) == 2
    assert "--offline" in capsys.readouterr().err
    assert deezer.asked == []
    assert main(["titles", "--library", "demo", "--offline"]) == 0
    assert "every track of demo has a title" in capsys.readouterr().out
