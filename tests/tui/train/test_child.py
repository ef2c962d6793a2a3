"""A child process: its events come in order and whole, and it ends when it is asked to."""

import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from segue.tui import child
from segue.tui.child import Child


def made(monkeypatch: pytest.MonkeyPatch, script: str) -> Child:
    monkeypatch.setattr("segue.tui.child.COMMAND", (sys.executable, "-u", "-c", script))
    one = Child(("a", "b"), "test")
    one.start()
    return one


def test_events_come_in_order_and_other_lines_as_remarks(monkeypatch: pytest.MonkeyPatch) -> None:
    script = """
import sys, time
print('{"event": "one", "n": 1}')
sys.stdout.write('{"event": "tw'); sys.stdout.flush(); time.sleep(0.3); print('o"}')
print("a warning", file=sys.stderr)
print('{"no": "event"}')
print(sys.argv[1:])
sys.stdout.write('{"event": "last"}')
"""
    one = made(monkeypatch, script)
    reported = list(one.events())
    assert [event["event"] for event in reported] == ["one", "two", "remark", "remark", "last"]
    assert [event["text"] for event in reported if "text" in event] == ["a warning", "['a', 'b']"]
    assert one.code == 0
    assert list(one.events()) == reported, "who comes later hears everything too"
    assert Child.last("test") is one


def test_what_went_wrong_is_its_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made(monkeypatch, "import sys; print('segue: first'); sys.exit('segue: x.npy: is not a file')")
    assert list(one.events())
    assert (one.code, one.what_went_wrong) == (1, "x.npy: is not a file")
    silent = made(monkeypatch, "raise SystemExit(3)")
    assert list(silent.events()) == []
    assert f"code 3; see {silent.log}" in silent.what_went_wrong


def test_the_first_stop_asks_and_the_second_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    script = """
import signal, time
signal.signal(signal.SIGTERM, lambda *_: print('{"event": "asked"}'))
print('{"event": "ready"}')
while True: time.sleep(0.05)
"""
    one = made(monkeypatch, script)
    reported = []
    for event in one.events():
        reported.append(event["event"])
        one.stop()
    assert reported == ["ready", "asked"]
    assert one.code == -9
    one.stop()


def test_it_can_be_stopped_where_ctrl_c_was_ignored_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in `segue &`; children inherit it
    try:
        one = made(monkeypatch, 'import time; print(\'{"event": "ready"}\', flush=True); time.sleep(60)')
    finally:
        signal.signal(signal.SIGINT, before)
    for _ in one.events():
        one.stop()
        break
    assert one._process is not None
    assert one._process.wait(30) == -signal.SIGTERM


def test_who_gives_up_waits_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    one = made(monkeypatch, "import time; time.sleep(60)")
    given_up = threading.Event()
    listener = threading.Thread(target=lambda: list(one.events(given_up.is_set)))
    listener.start()
    given_up.set()
    listener.join(20)
    assert not listener.is_alive()
    one.stop()
    one.stop()
    deadline = time.monotonic() + 20
    while one.running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not one.running


def test_it_finds_segue_from_any_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    one = Child(("locate", "--json"), "locate")
    assert child.COMMAND[0] == sys.executable
    one.start()
    list(one.events())
    assert one.code == 0, one.what_went_wrong
