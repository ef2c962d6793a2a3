"""A disk that fills up under the explorer, the radio and the state: reported, and nothing is lost."""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from optuna.trial import create_trial

from segue.core.catalogue.overlay import TitleOverlay
from segue.core.cli import main
from segue.core.errors import SegueError
from segue.core.library import Library
from segue.core.own_files import FileIndex
from segue.core.radio.parts import Notice, Played
from segue.core.state import State
from segue.core.tracks import TrackInfo
from segue.core.tuning.space import preset_of
from segue.core.tuning.study import open_study
from tests.core.corpus.server import Behaviour, serving
from tests.core.corpus.test_fetch import CONTENT, FILE, run
from tests.core.own_files.sounds import write_wav
from tests.core.radio.doubles import Clock, Source
from tests.core.radio.test_hardship import Radio
from tests.faults.disks import Disk, small_disk
from tests.tui.support import make_stage, opened, press, until, write_small_library

FULL = r"can't be written \(the disk is full\); free some space"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    with small_disk(tmp_path / "disk", 400) as made:
        yield made


def fill_up(state: State) -> None:
    """Write until the last page of SQLite's own log is full too."""
    with suppress(SegueError):
        for number in range(200):
            state.save_session({"number": number, "much": "x" * 500}, name="filler")
        pytest.fail("the disk has room")


def test_lines_of_the_journal_wait_for_room(disk: Disk) -> None:
    with closing(State.open(disk.path / "state.sqlite")) as state:
        state.record("track_1", source="radio")
        disk.fill()
        for number in range(2, 80):  # some still fit into the log's last page
            try:
                state.record(f"track_{number}", source="radio")
            except SegueError as error:
                assert "free some space" in str(error)  # noqa: PT017 - it may come early or late
        with pytest.raises(SegueError, match=FULL):
            state.record("track_80", source="radio", seconds=3.0)
        disk.clear()
        state.record("track_81", source="radio")
        expected = [f"track_{number}" for number in range(81, 0, -1)]
        assert [line.track_id for line in state.journal(1000)] == expected
        assert state.journal(2)[1].seconds == 3.0


def test_lines_that_wait_are_written_at_the_end_or_forgotten_with_the_journal(disk: Disk) -> None:
    path = disk.path / "state.sqlite"
    for forget in (False, True):
        state = State.open(path)
        disk.fill()
        fill_up(state)
        with pytest.raises(SegueError, match=FULL):
            state.record("waits", source="radio")
        disk.clear()
        written = len(state.journal(10_000))
        if forget:
            state.forget_journal()
        state.close()
        with closing(State.open(path)) as again:
            assert len(again.journal(10_000)) == (0 if forget else written + 1)


@pytest.mark.parametrize("kept", [True, False])
def test_a_full_disk_does_not_send_anybody_to_throw_their_loves_away(
    disk: Disk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, kept: bool
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(disk.path))
    if kept:
        assert main(["state"]) == 0
    disk.fill()
    capsys.readouterr()
    assert main(["state"]) == 1
    shown = capsys.readouterr().err
    assert "state.sqlite: can't be written (the disk is full); free some space" in shown
    assert "move it away" not in shown
    assert shown.count("\n") == 1
    disk.clear()
    assert main(["state"]) == 0


def test_a_radio_goes_on_while_its_journal_waits(disk: Disk, tiny_library: Library) -> None:
    clock, source = Clock(), Source(10.0)
    radio = Radio(tiny_library, clock, source)
    with closing(State.open(disk.path / "state.sqlite")) as state:
        radio.session._journal = radio.state = state
        radio.run(60.0)
        disk.fill()
        radio.run(1200.0)
        reports = [notice.text for notice in radio.of(Notice) if isinstance(notice, Notice)]
        assert sum("the journal waits" in text and "free some space" in text for text in reports) == 1
        disk.clear()
        radio.run(60.0)
        assert any("the journal is written again" in str(notice) for notice in radio.of(Notice))
        heard = [event.track.track_id for event in radio.of(Played) if isinstance(event, Played)]
        assert [track_id for track_id, _ in radio.journal()] == heard
        assert len(heard) > 150


async def test_an_explorer_lives_through_a_full_disk_and_keeps_what_follows(
    disk: Disk, tmp_path: Path
) -> None:
    with closing(State.open(disk.path / "state.sqlite")) as state:
        async with opened(write_small_library(tmp_path / "small"), state=state) as (stage, pilot):
            await press(pilot, "f")
            loved = state.loves()
            disk.fill()
            fill_up(state)
            await press(pilot, "enter")  # to another place, which is to be kept
            for _ in range(3):
                stage.app.session.keep()
            assert sum("Your place could not be saved" in printed for printed in stage.toasts) == 1
            for keys in (["j", "f"], ["x"], ["X"], ["m", "a"], ["s", *"station", "enter"]):
                before = len(stage.toasts)
                await press(pilot, *keys)
                assert any("free some space" in printed for printed in stage.toasts[before:]), keys
            await press(pilot, "A")
            await until(pilot, lambda: stage.app.audio_trouble == "silent" and stage.playing is not None)
            stage.clock.now += 40
            stage.player._wake()
            await until(pilot, lambda: stage.app.playing is None)
            assert state.loves() == loved
            assert not state.bans().tracks
            disk.clear()
            await press(pilot, "f", "m", "a", "s", *"station", "enter", "r")
            stage.app.session.keep()
            assert len(state.loves()) == 2
            assert set(state.places()) == {"a"}
            assert set(state.stations()) == {"station"}
            assert state.session(name=stage.app.session.name)["version"] == 1
            state.record("later", source="test")
            assert [line.source for line in state.journal()] == ["test", "audition"]
        assert stage.app.broken_by is None


async def test_no_crate_and_no_queue_is_lost_on_a_full_disk(disk: Disk, tmp_path: Path) -> None:
    library = write_small_library(tmp_path / "small")
    with closing(State.open(disk.path / "state.sqlite")) as state:
        async with opened(library, state=state) as (stage, pilot):
            await press(pilot, "*", "j", "*", "i", "space")
            await until(pilot, lambda: stage.playing == 1)
            stage.app.session.keep()
            crates, kept = state.crates(), state.session(name=stage.app.session.name)
            disk.fill()
            fill_up(state)
            before = len(stage.toasts)
            await press(pilot, "j", "*")
            assert any("free some space" in printed for printed in stage.toasts[before:])
            await press(pilot, "I")  # the queue goes on in memory
            await until(pilot, lambda: stage.radio.upcoming[-1].row == stage.app.current_row())
            stage.app.session.keep()
            assert state.crates() == crates
            assert state.session(name=stage.app.session.name) == kept
            planned = [line.row for line in stage.radio.upcoming]
            disk.clear()
            await press(pilot, "*")
            stage.app.session.keep()
            assert [len(held) for held in state.crates().values()] == [3]
        assert stage.app.broken_by is None
    with closing(State.open(disk.path / "state.sqlite")) as state:
        again = make_stage(library, state=state, greeted=False)
        async with again.app.run_test(size=(100, 30)) as pilot:
            await until(pilot, lambda: again.radio.paused)
            assert [line.row for line in again.radio.upcoming] == [1, *planned]


def test_the_shell_on_a_full_disk_undoes_neither_crate_nor_queue(
    disk: Disk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(disk.path))
    with closing(State.open(disk.path / "segue" / "state.sqlite")) as state:
        state.set_crate("Evening", ["track_0"])
        state.set_crate("Evening", ["track_0", "track_1"])
        state.change_queue("here", {"first": 0}, {"first": 1})
        disk.fill()
        fill_up(state)
        assert main(["state", "undo"]) == 1
        assert "free some space" in capsys.readouterr().err
        assert state.crates() == {"Evening": ["track_0", "track_1"]}
        assert state.queue("here") == {"first": 1}
        disk.clear()
        assert main(["state", "undo"]) == 0
        assert capsys.readouterr().out == "queue here: back\n"
        assert state.queue("here") == {"first": 0}
        assert main(["state", "undo"]) == 0
        assert state.crates() == {"Evening": ["track_0"]}


def test_learned_titles_and_the_index_of_own_files_outlast_a_full_disk(disk: Disk, tmp_path: Path) -> None:
    (music := tmp_path / "music").mkdir()
    write_wav(music / "0.wav", 0.02)
    with closing(TitleOverlay(disk.path / "titles.sqlite")) as titles:
        index = FileIndex(disk.path / "files.sqlite")
        titles.keep([(TrackInfo("track_1", "Title", "Artist"), "")])
        index.scan(music)
        disk.fill()
        for number in range(100):
            shutil.copy(music / "0.wav", music / f"{'x' * 100}{number}.wav")
        with pytest.raises(SegueError, match="free some space"):
            index.scan(music)
        with pytest.raises(SegueError, match="free some space"):
            titles.keep([(TrackInfo(f"track_{number}", "T" * 200, "Artist"), "") for number in range(300)])
        assert titles.completed([TrackInfo("track_1")])[0].title == "Title"
        disk.clear()
        assert index.scan(music).files == 101
        assert index.scan(music).unchanged == 101


def test_a_search_on_a_full_disk_is_not_thrown_away(disk: Disk) -> None:
    folder = disk.path / "tuning"
    purpose = {"preset": "fast", "settings": {}, "validation pairs": 9}
    study = open_study(folder, preset_of("fast"), library="small", seed=0, purpose=purpose)
    study.add_trial(create_trial(value=0.5))
    disk.fill()
    with pytest.raises(SegueError, match=r"journal\.log: can't be written, the disk is full"):
        open_study(disk.path / "other", preset_of("fast"), library="small", seed=0, purpose=purpose)
    disk.clear()
    again = open_study(folder, preset_of("fast"), library="small", seed=0, purpose=purpose)
    assert [trial.value for trial in again.trials] == [0.5]


def test_a_download_goes_on_where_the_disk_was_full(disk: Disk) -> None:
    behaviour, target = Behaviour(CONTENT), disk.path / "deezer" / "music.npy"
    disk.fill(but=100)
    with serving(behaviour) as address:
        with pytest.raises(SegueError, match=r"music\.npy: can't be written, the disk is full"):
            run(address, target.parent)
        assert not target.exists()
        disk.clear()
        assert run(address, target.parent)[0].downloaded
    assert target.read_bytes() == CONTENT
    assert behaviour.requests[-1].startswith("bytes="), "what had come was not asked for again"


def test_a_copy_leaves_nothing_on_a_full_disk(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / FILE.name).write_bytes(CONTENT)
    disk.fill(but=100)
    with pytest.raises(SegueError, match=r"music\.npy: can't be written, the disk is full"):
        run(str(tmp_path), disk.path / "deezer")
    assert disk.files() == {"deezer"}


VERBS = {
    "world": ["world", "--scale", "tiny", "--npy", "--out", "DISK/out"],
    "prepare": ["prepare", "PLAYLISTS", "--out", "DISK/out"],
    "vectors": ["export-vectors", "-l", "LIBRARY", "--out", "DISK/out/v.npy"],
    "playlist": ["complete", "PLAYLIST", "-l", "LIBRARY", "-n", "200", "--save", "DISK/out/longer.csv"],
    "library": ["import-vectors", "VECTORS", "--playlists", "PLAYLISTS", "--name", "DISK/out"],
}


@pytest.fixture
def inputs(tiny_library: Library, tmp_path: Path) -> dict[str, Path]:
    """What the verbs read, by the word that stands for it."""
    lists, some, vectors = (tmp_path / name for name in ("lists.txt", "list.txt", "vectors.npy"))
    ids = tiny_library.track_ids
    lists.write_text("".join(f"{one},artist_1,{one},artist_1\n" * 9 for one in ids))
    some.write_text("".join(f"{track_id}\n" for track_id in ids[:3]))
    assert main(["export-vectors", "-l", str(tiny_library.path), "--out", str(vectors)]) == 0
    return {"LIBRARY": tiny_library.path, "PLAYLISTS": lists, "PLAYLIST": some, "VECTORS": vectors}


@pytest.mark.parametrize("room", [0, 4, 8])
@pytest.mark.parametrize("verb", list(VERBS))
def test_a_verb_says_that_the_disk_is_full_and_leaves_nothing(
    verb: str, room: int, disk: Disk, inputs: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = VERBS[verb]
    for name, path in {"DISK": disk.path, **inputs}.items():
        arguments = [re.sub(rf"\b{name}\b", str(path), argument) for argument in arguments]
    disk.fill(but=room)
    capsys.readouterr()
    assert main(arguments) == 1
    shown = capsys.readouterr().err
    assert "can't be written, the disk is full; free some space or choose another location" in shown
    assert str(disk.path / "out") in shown
    assert disk.files() <= {"out"}, "at most the folder that was asked for, and nothing in it"


def test_a_report_stays_when_there_is_no_room_for_the_next(
    disk: Disk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_small_library(disk.path / "small", copies=2).path
    assert main(["evaluate", "-l", str(path)]) == 0
    before, files = (path / "report.json").read_bytes(), disk.files()
    disk.fill()
    capsys.readouterr()
    assert main(["evaluate", "-l", str(path)]) == 0
    printed = capsys.readouterr()
    assert "nearest" in printed.out, "the scores are shown all the same"
    assert "report.json: can't be written, the disk is full" in printed.err
    assert (path / "report.json").read_bytes() == before
    assert disk.files() == files
