"""The state file: kept, undone, shared by processes, migrated."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.errors import SegueError
from segue.core.places import user_folder
from segue.core.state import State
from segue.core.state import file as state_file


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = State.open(tmp_path / "state.sqlite")
    yield state
    state.close()


def everything(state: State) -> tuple[object, ...]:
    return sorted(state.loves()), state.bans(), state.places(), state.stations()


def test_marks_of_a_track_that_has_another_id_are_undone_under_it(state: State) -> None:
    loved, banned, _ = state.love("old"), state.ban_track("old"), state.ban_artist("old")
    state.undo(again := state.love("undone"))
    state.rename_tracks({"old": "new", "undone": "other", "unknown": "x"})
    assert (state.loves(), *state.bans().tracks, *state.bans().artists) == (["new"], "new", "old")
    assert [str(state.undo(number)) for number in (loved, banned)] == ["love new: gone", "ban new: gone"]
    assert (state.loves(), state.bans().tracks) == ([], frozenset())
    assert str(state.redo(again)) == "love other: back"


def test_what_is_kept_is_there_after_reopening(tmp_path: Path) -> None:
    ticks = iter(range(100))
    state = State.open(tmp_path / "state.sqlite", clock=lambda: float(next(ticks)))
    state.love("track_1")
    state.love("track_2")
    state.ban_track("track_3")
    state.ban_artist("artist_9")
    state.set_place("a", {"seed": "track_1", "trail": [1, 2]})
    state.save_station("rainy", {"radio": "track_2"})
    state.record("track_1", source="radio", seconds=29.5)
    state.record("track_4", source="radio", outcome="no preview")
    state.save_session({"query": "hal"})
    state.close()
    again = State.open(tmp_path / "state.sqlite")
    assert again.loves() == ["track_2", "track_1"]
    assert again.bans().tracks == {"track_3"}
    assert again.bans().artists == {"artist_9"}
    assert again.places() == {"a": {"seed": "track_1", "trail": [1, 2]}}
    assert again.stations() == {"rainy": {"radio": "track_2"}}
    assert [(line.track_id, line.outcome) for line in again.journal()] == [
        ("track_4", "no preview"),
        ("track_1", "played"),
    ]
    assert again.heard() == {"track_1"}
    assert again.session() == {"query": "hal"}
    assert again.forget_journal() == 2
    assert again.heard() == frozenset()
    again.close()


def test_the_default_file_is_in_the_users_state_folder() -> None:
    state = State.open()
    assert state.path.parent == user_folder("state")
    assert state.session() is None
    state.close()


CHANGES = st.sampled_from(
    [
        ("love", "track_1"),
        ("love", "track_2"),
        ("unlove", "track_1"),
        ("ban_track", "track_1"),
        ("unban_track", "track_1"),
        ("ban_artist", "artist_1"),
        ("unban_artist", "artist_1"),
        ("set_place", "a", [1]),
        ("set_place", "a", [2]),
        ("save_station", "s", {"x": 1}),
        ("remove_station", "s"),
    ]
)


@given(st.lists(CHANGES, max_size=12))
@settings(max_examples=30)
def test_undo_after_do_is_identity_and_redo_after_undo_too(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, ...]]
) -> None:
    state = State.open(tmp_path_factory.mktemp("state") / "state.sqlite")
    seen = [everything(state)]
    for name, *values in changes:
        getattr(state, name)(*values)
        if everything(state) != seen[-1]:
            seen.append(everything(state))
    for before in reversed(seen[:-1]):
        assert state.undo() is not None
        assert everything(state) == before
    assert state.undo() is None
    for after in seen[1:]:
        assert state.redo() is not None
        assert everything(state) == after
    assert state.redo() is None
    state.close()


def test_a_change_is_undone_by_number_unless_its_mark_was_changed_since(state: State) -> None:
    first, second = state.love("a"), state.love("b")
    assert state.love("b") is None, "nothing changed"
    assert first is not None
    assert second is not None
    assert str(state.undo(first)) == "love a: gone"
    assert state.undo(first) is None, "once only"
    assert str(state.redo(first)) == "love a: back"
    assert state.redo(first) is None
    state.unlove("a")
    assert state.undo(first) is None, "somebody has taken it back since"
    assert str(state.undo()) == "love a: back"
    assert str(state.undo(second)) == "love b: gone"
    assert str(state.undo()) == "love a: gone"
    assert state.undo() is None


def test_a_new_change_ends_what_could_be_redone(state: State) -> None:
    state.love("a")
    assert str(state.undo()) == "love a: gone"
    state.love("b")
    assert state.redo() is None
    assert state.loves() == ["b"]


def test_many_processes_share_one_file(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    script = (
        "import sys; from pathlib import Path; from segue.core.state import State\n"
        "state = State.open(Path(sys.argv[1]))\n"
        "for n in range(40):\n"
        "    state.love(f'{sys.argv[2]}-{n}'); state.record(f'{sys.argv[2]}-{n}', source='test')\n"
        "state.close()"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(path), str(number)]) for number in range(4)
    ]
    assert [process.wait(timeout=100) for process in processes] == [0] * 4
    state = State.open(path)
    assert len(state.loves()) == 160
    assert len(state.heard()) == 160
    state.close()


def test_threads_share_one_state(state: State) -> None:
    def love_many(name: str) -> None:
        for number in range(20):
            state.love(f"{name}-{number}")

    threads = [threading.Thread(target=love_many, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(state.loves()) == 80


def test_what_another_process_writes_is_seen(tmp_path: Path) -> None:
    one, other = State.open(tmp_path / "s.sqlite"), State.open(tmp_path / "s.sqlite")
    one.ban_track("track_1")
    assert other.bans().tracks == {"track_1"}
    one.close()
    other.close()


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    State.open(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(SegueError, match="newer Segue"):
        State.open(path)


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be looked at" * 20])
def test_a_broken_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(content)
    with pytest.raises(SegueError, match=r"state\.sqlite"):
        State.open(path)
    with pytest.raises(SegueError, match="file"):
        State.open(path / "below" / "a file")


def test_an_older_file_is_brought_up_to_date_and_keeps_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.sqlite"
    old = State.open(path)
    old.love("track_1")
    monkeypatch.setattr(
        state_file, "MIGRATIONS", (*state_file.MIGRATIONS, "ALTER TABLE journal ADD COLUMN mood TEXT")
    )
    new = State.open(path)
    assert new.loves() == ["track_1"]
    new.record("track_1", source="test")
    assert [line.track_id for line in new.journal()] == ["track_1"]
    old.close()
    new.close()


def test_a_failed_migration_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.sqlite"
    State.open(path).close()
    with monkeypatch.context() as patch:
        patch.setattr(state_file, "MIGRATIONS", (*state_file.MIGRATIONS, "DROP TABLE marks; SELECT nonsense"))
        with pytest.raises(SegueError, match=r"state\.sqlite"):
            State.open(path)
    state = State.open(path)
    assert state.loves() == []
    state.close()


def test_a_file_that_somebody_else_keeps_writing_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    state = State(path, patience=0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(SegueError, match="close the other Segue"):
        state.love("track_1")
    other.execute("COMMIT")
    other.close()
    state.love("track_1")
    assert state.loves() == ["track_1"]
    state.close()


def test_what_was_heard_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        state = State.open(tmp_path / "new" / "state.sqlite")
        state.love("track_1")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "new").iterdir()}
        state.close()
    finally:
        os.umask(before)
    assert len(modes) == 3, "the file, its log and the log's index"
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_crates_keep_their_order_and_their_changes_are_undone(state: State, tmp_path: Path) -> None:
    state.set_crate("night", ["track_2", "track_1"])
    number = state.set_crate("night", ["track_2", "track_1", "track_3"])
    assert state.set_crate("night", ["track_2", "track_1", "track_3"]) is None
    assert state.undo(number) is not None
    assert state.crates() == {"night": ["track_2", "track_1"]}
    state.remove_crate("night")
    assert state.crates() == {}
    state.undo()
    again = State.open(tmp_path / "state.sqlite")  # the other was not closed: it was killed
    assert again.crates() == {"night": ["track_2", "track_1"]}
    again.close()
