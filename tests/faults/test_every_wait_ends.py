"""Every door that waits for somebody else, against silence, drips, floods, cuts and garbage."""

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from segue.core.audio.player import Player
from segue.core.catalogue.overlay import TitleOverlay
from segue.core.cli import scripting
from segue.core.corpus import dumps
from segue.core.deezer import source
from segue.core.deezer.client import DeezerClient
from segue.core.deezer.previews import NoPreview, Preview
from segue.core.deezer.transport import TokenBucket, Transport
from segue.core.errors import SegueError
from segue.core.explore import gather, titles
from segue.core.http import Http, any_server
from segue.core.own_files import FileIndex
from segue.core.own_files.index import OwnFilesFirst
from segue.core.send import targets as playlists
from segue.core.send.targets import Sent
from segue.core.subsonic import Song, Subsonic
from segue.core.tracks import TrackInfo
from tests.core.http.hostile import MANNERS, hostile_server
from tests.core.http.test_deadlines import GENEROUS, http_threads, wait_until
from tests.core.own_files.sounds import write_wav
from tests.core.own_files.test_index import Nothing
from tests.faults.dead_mount import dead_mount

PHASES = ("status line", "one header", "body without end", "chunk extension")
"""Of an answer; all eleven are tried at the engine that these doors share (`tests/core/http`)."""
DEADLINE = 0.4
ODD = TrackInfo("track_7", "Title", "Artist")


def subsonic(address: str, _folder: Path) -> list[Song]:
    return list(Subsonic(address, "user", "password").songs())


def send_look_up(address: str, _folder: Path) -> list[Sent]:
    return playlists.ListenBrainzPlaylists("token", address=address).recordings([ODD])


def send_create(address: str, _folder: Path) -> str:
    return playlists.ListenBrainzPlaylists("token", address=address).create("Mine", ["1"])


def listens(address: str, folder: Path) -> list[dumps.Streamed]:
    return list(dumps.fetch_listens(1, folder, origin=address, sleep=lambda _seconds: None))


def a_dump(address: str, folder: Path) -> dumps.Streamed:
    with closing(Http(any_server(address))) as http:
        packed = dumps._Stream(http, address, lambda _read: None, lambda _seconds: None)
        return dumps._streamed(io.BufferedReader(packed), address, folder / "out")


def deezer(address: str) -> DeezerClient:
    return DeezerClient(address, Transport(loopback=True, bucket=TokenBucket()))


def title(address: str, folder: Path) -> bool:
    overlay = TitleOverlay(folder / f"{address.rpartition(':')[2]}.sqlite")
    return titles.DeezerTitles(client=deezer(address), overlay=overlay).ask("track_7")


def gathered(address: str, folder: Path) -> object:
    with gather.Gathering(folder / address.rpartition(":")[2]) as gathering:
        gathering.seed(deezer(address).within(DEADLINE), ["artist 3"])
        return None


def cover(address: str, _folder: Path) -> object:
    return source.Covers(deezer(address)).cover(ODD, f"{address}/x.jpg", 8, 8)


DOORS: tuple[Callable[[str, Path], Any], ...] = (
    subsonic, send_look_up, send_create, listens, a_dump, title, gathered, cover,
)  # fmt: skip


@pytest.mark.parametrize("manner", MANNERS)
def test_every_door_to_a_server_ends_in_one_line_or_with_nothing(
    manner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (playlists, titles, source, gather):
        monkeypatch.setattr(module, "SECONDS", DEADLINE)
    monkeypatch.setattr("segue.core.subsonic.SECONDS", DEADLINE)
    monkeypatch.setattr(dumps, "SILENCE", DEADLINE)
    monkeypatch.setattr(dumps, "CONNECTING", 0.0)
    monkeypatch.setattr(dumps, "LISTING", DEADLINE)
    monkeypatch.setattr(dumps, "TRIES", 1)
    monkeypatch.setattr(dumps, "LARGEST", 5_000_000)

    def ends(door: Callable[[str, Path], Any], phase: str) -> str:
        with hostile_server(phase, manner) as port:
            try:
                found = door(f"http://127.0.0.1:{port}", tmp_path)
            except SegueError as error:
                return str(error)
        assert not found, (door, phase, found)
        return ""

    with ThreadPoolExecutor(2 if manner == "flood" else 16) as pool:
        asked = [(door, phase, pool.submit(ends, door, phase)) for phase in PHASES for door in DOORS]
        for door, phase, line in asked:
            shown = line.result(timeout=GENEROUS)
            assert "\n" not in shown, (door, phase)
            assert shown or door is cover, (door, phase)
    assert wait_until(lambda: http_threads() == 0), "threads and connections are given back"


@contextmanager
def stranger(path: Path, speak: Callable[[socket.socket, threading.Event], None]) -> Iterator[None]:
    """Somebody who listens in the explorer's place."""
    over = threading.Event()

    def listen() -> None:
        line, _ = server.accept()
        with line, suppress(OSError):
            line.recv(100)
            speak(line, over)

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def drip(line: socket.socket, over: threading.Event) -> None:
    while not over.wait(0.05):
        line.sendall(b" ")


def flood(line: socket.socket, over: threading.Event) -> None:
    while not over.is_set():
        line.sendall(b" " * 65_536)


def silence(_line: socket.socket, over: threading.Event) -> None:
    over.wait(GENEROUS)


@pytest.mark.parametrize("speak", [drip, flood, silence])
@pytest.mark.parametrize("how", ["ask", "follow"])
def test_ctl_waits_for_no_answer_without_an_end(
    how: str, speak: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "follow" and speak is silence:
        return  # a follower waits for the next change, which may never come
    monkeypatch.setattr(scripting, "PATIENCE", DEADLINE)
    path = tmp_path / "s"
    with stranger(path, speak), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(
            lambda: scripting.ask("status", path) if how == "ask" else next(scripting.follow(path))
        )
        with pytest.raises(SegueError, match="does not answer"):
            waiting.result(timeout=GENEROUS)


def test_a_volume_that_is_no_number_is_silence() -> None:
    player = Player([], clock=time.monotonic, threaded=False)
    player.set_volume(float("nan"))
    assert player.volume == 0.0


def test_a_network_mount_whose_server_has_gone_holds_up_one_track_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.core.own_files.index.SILENCE", DEADLINE)
    others, here = Nothing(), write_wav(tmp_path / "here.wav", 0.1)
    own = OwnFilesFirst(FileIndex(tmp_path / "files.sqlite"), others)
    before = threading.active_count()
    with dead_mount(tmp_path / "dead") as dead:
        gone = [TrackInfo(str(dead / f"{number}.wav")) for number in range(20)]
        assert all(isinstance(own.fetch(track), NoPreview) for track in gone)
        assert others.asked == [track.track_id for track in gone], "as where there is no such file"
        assert threading.active_count() == before + 1, "one thread waits for all"
        assert isinstance(own.fetch(TrackInfo(str(here))), Preview)
    assert wait_until(lambda: threading.active_count() == before)
