"""What the start asks of the network: nothing, even where the network may be used."""

import json
import subprocess
import sys
from pathlib import Path

from segue.core.library import Library
from tests.faults.terminal import ROOT, Terminal
from tests.faults.test_killed import leave_tour

WATCH = """
import json, socket, sys

def watch(event, arguments, file=open(sys.argv.pop(1), "w", buffering=1)):
    if event.startswith("socket."):
        family = arguments[0].family if hasattr(arguments[0], "family") else None
        if event == "socket.__new__":
            family = arguments[1]
        kind = "local" if family == socket.AF_UNIX else "network"
        file.write(json.dumps([event, kind]) + "\\n")

sys.addaudithook(watch)
"""
EXPLORE = WATCH + "from segue.tui.__main__ import main; sys.exit(main(sys.argv[1:]))\n"
IMPORT_ALL = (
    WATCH
    + """
import importlib, pkgutil
import segue.core, segue.tui

for part in (segue.core, segue.tui):
    for module in pkgutil.walk_packages(part.__path__, part.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
            print(module.name)
"""
)
ASK = WATCH + "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9/', timeout=5)\n"


def events(log: Path) -> list[tuple[str, str]]:
    """What was done with sockets, in order: the audit event, and whether it left the machine's own files."""
    return [tuple(json.loads(line)) for line in log.read_text().splitlines()]


def _run(code: str, log: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code, log],
        capture_output=True, text=True, timeout=200, check=False, cwd=ROOT,
    )  # fmt: skip


def test_the_watch_sees_a_request(tmp_path: Path) -> None:
    assert _run(ASK, tmp_path / "log").returncode == 1
    assert ("socket.connect", "network") in events(tmp_path / "log")


def test_the_explorer_starts_walks_and_ends_without_a_word_to_the_network(
    tiny_library: Library, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    arguments = [str(log), "--library", str(tiny_library.path), "--no-sound"]
    with Terminal(EXPLORE, arguments, tmp_path) as terminal:
        terminal.until(lambda: "Nothing plays" in terminal.drawn)
        leave_tour(terminal)
        terminal.type("jj\rjq")
        assert terminal.end() == 0, terminal.drawn[-2000:]
    seen = events(log)
    assert ("socket.bind", "local") in seen  # the socket of `segue ctl`
    assert [event for event, kind in seen if kind == "network"] == []


def test_no_module_asks_the_network_when_it_is_imported(tmp_path: Path) -> None:
    done = _run(IMPORT_ALL, tmp_path / "log")
    assert done.returncode == 0, done.stderr[-2000:]
    assert len(done.stdout.split()) > 150
    # urllib3 binds a socket to its own machine to see whether that knows IPv6; nothing is asked of anybody
    assert {event for event, _ in events(tmp_path / "log")} <= {"socket.__new__", "socket.bind"}
