"""`segue send`: what arrives, and what stands when a transfer breaks off."""

import csv
import json
import resource
import threading
import wave
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from segue.core.cli import main
from segue.core.errors import SegueError
from segue.core.library import Library
from segue.core.own_files import FileIndex
from segue.core.send.destinations import AsM3U8, AsTuneMyMusic, send_to
from segue.core.send.targets import (
    BESIDE,
    ListenBrainzPlaylists,
    Sent,
    in_own_files,
    send_playlist,
    write_m3u8,
)
from segue.core.subsonic import Subsonic
from segue.core.tracks import TrackInfo
from tests.subsonic_server import PASSWORD, USER, FakeSubsonic, subsonic

Captured = pytest.CaptureFixture[str]


def songs(count: int) -> list[dict[str, Any]]:
    return [{"id": f"s{number}", "title": f"T{number}", "artist": "A"} for number in range(count)]


def sent(fake: FakeSubsonic, name: str, ids: list[str]) -> str:
    return send_playlist(Subsonic(fake.url, USER, PASSWORD), name, ids)


@pytest.mark.parametrize("count", [1, 45, 46, 341])
def test_a_subsonic_playlist_is_made_and_replaced_whole(count: int) -> None:
    with subsonic(songs(400)) as fake:
        ids = [f"s{number}" for number in range(count)]
        fake.put("Mine", ["s399"], owner="somebody else")
        assert sent(fake, "Mine", ids) == "made the playlist Mine"
        assert sent(fake, "Mine", ids[::-1]) == "replaced the playlist Mine"
        lists = [(each["owner"], each["name"], each["ids"]) for each in fake.playlists.values()]
        assert lists == [("somebody else", "Mine", ["s399"]), (USER, "Mine", ids[::-1])]


@pytest.mark.parametrize("dies_after", range(9))
def test_a_lost_server_keeps_the_old_playlist_or_the_new_one(dies_after: int) -> None:
    with subsonic(songs(200)) as fake:
        old, new = ["s1", "s2"], [f"s{number}" for number in range(150)]
        number = fake.put("Mine", old)
        fake.dies_after = dies_after
        try:
            sent(fake, "Mine", new)
        except SegueError as error:
            message = str(error)
            assert "old" in message
            if "unchanged" in message:
                assert fake.playlists[number] == {"id": number, "name": "Mine", "owner": USER, "ids": old}
        standing = [each["ids"] for each in fake.playlists.values() if each["name"] == "Mine"]
        assert standing
        assert all(ids in (old, new) for ids in standing)
        fake.dies_after = None
        sent(fake, "Mine", new)  # and the next try cleans up
        assert BESIDE not in "".join(fake.lists())


def test_a_wrong_password_is_one_line_without_it() -> None:
    with subsonic(songs(1)) as fake:
        with pytest.raises(SegueError, match="Wrong username or password") as caught:
            send_playlist(Subsonic(fake.url, USER, "secret word"), "Mine", ["s0"])
        assert "secret" not in str(caught.value)


def test_a_server_that_takes_no_tokens_gets_the_password_where_nobody_listens() -> None:
    with subsonic(songs(2), takes_tokens=False) as fake:
        assert sent(fake, "Mine", ["s1"]) == "made the playlist Mine"
        assert fake.lists() == {"Mine": ["s1"]}
        elsewhere = Subsonic(fake.url.replace("127.0.0.1", "0.0.0.0"), USER, PASSWORD)  # noqa: S104 - this machine by a name not trusted
        with pytest.raises(SegueError, match="not sent unencrypted"):
            elsewhere.playlists()


def test_the_server_of_these_tests_is_as_strict_as_real_ones() -> None:
    with subsonic(songs(60)) as fake:
        server = Subsonic(fake.url, USER, PASSWORD)
        with pytest.raises(SegueError, match="too many songs"):
            server.create("Mine", [f"s{number}" for number in range(46)])
        with pytest.raises(SegueError, match="status 413"):
            server.create("M" * 8_000, ["s1"])
        with closing(HTTPConnection(fake.url.removeprefix("http://"), timeout=10)) as line:
            line.request("POST", f"/rest/ping?{'x' * 2_000}", b"")
            assert line.getresponse().status == 414
        assert not fake.playlists


def test_the_command_sends_a_crate_of_certain_songs(
    tiny_library: Library, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    infos = tiny_library.catalogue.infos([3, 60, 9])
    known = [{"id": f"nd{at}", "title": i.title, "artist": i.artist} for at, i in enumerate(infos[:2])]
    monkeypatch.setenv("SEGUE_SUBSONIC_USER", USER)
    monkeypatch.setenv("SEGUE_SUBSONIC_TOKEN", PASSWORD)
    with subsonic(known) as fake:
        call = ["send", "subsonic", *(info.track_id for info in infos), "--url", fake.url, "--name", "Mine"]
        call += ["--library", str(tiny_library.path)]
        assert main([*call, "--dry-run"]) == 0
        shown = capsys.readouterr()
        assert "nd0 (by exact)" in shown.out
        assert f"not there: {infos[2].label}" in shown.err
        assert not fake.playlists
        assert main([*call, "--json"]) == 0
        printed = json.loads(capsys.readouterr().out)
        assert (printed["matched"], fake.lists()) == (2, {"Mine": ["nd0", "nd1"]})


class FakeListenBrainz(BaseHTTPRequestHandler):
    """Answers as ListenBrainz does, with its limit on calls at a smaller scale."""

    made: list[dict[str, Any]]
    mode = "fine"
    asked: list[float]
    """When it was asked."""
    CALLS, WINDOW = 5, 0.2

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - the base class' signature
        pass

    def do_GET(self) -> None:
        now = monotonic()
        if self.mode != "busy" and (not self.asked or now - self.asked[0] > self.WINDOW):
            self.asked.clear()
        self.asked.append(now)
        known = "recording_name=Known" in self.path
        if self.mode == "busy" or len(self.asked) > self.CALLS:
            self._answer(429, {"code": 429, "error": "You have exceeded your rate limit."})
        else:
            self._answer(200, {"recording_mbid": "11111111-2222-3333-4444-555555555555"} if known else {})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Authorization"] != "Token right":
            self._answer(401, {"code": 401, "error": "Invalid authorization token."})
            return
        if self.mode != "lost before":
            self.made.append(body)
        if self.mode.startswith("lost"):
            self.close_connection = True
        else:
            self._answer(200, {"status": "ok", "playlist_mbid": "abc"})

    def _answer(self, status: int, value: object) -> None:
        raw = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("X-RateLimit-Remaining", str(max(self.CALLS - len(self.asked), 0)))
        self.send_header("X-RateLimit-Reset-In", str(self.WINDOW if self.mode == "fine" else 0))
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


@contextmanager
def listenbrainz(mode: str = "fine") -> Iterator[tuple[str, list[dict[str, Any]]]]:
    made: list[dict[str, Any]] = []
    handler = type("Handler", (FakeListenBrainz,), {"made": made, "mode": mode, "asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", made
    server.shutdown()
    server.server_close()


def test_listenbrainz_gets_recordings_in_jspf() -> None:
    own = "99999999-2222-3333-4444-555555555555"
    tracks = [TrackInfo(own), TrackInfo("track_1", "Known", "A"), TrackInfo("track_2", "Other", "A")]
    with listenbrainz() as (address, made):
        target = ListenBrainzPlaylists("right", address=address)
        found = target.recordings(tracks)
        assert [each.how for each in found] == ["id", "title and artist", ""]
        assert target.create("Mine", [each.where for each in found[:2]]).endswith("/playlist/abc")
        playlist = made[0]["playlist"]
        assert playlist["title"] == "Mine"
        assert playlist["track"][0] == {"identifier": [f"https://musicbrainz.org/recording/{own}"]}
        assert playlist["extension"]["https://musicbrainz.org/doc/jspf#playlist"] == {"public": False}
        with pytest.raises(SegueError, match="Invalid authorization token"):
            ListenBrainzPlaylists("wrong", address=address).create("Mine", [own])


@pytest.mark.parametrize("mode", ["lost before", "lost after"])
def test_a_lost_listenbrainz_has_made_a_whole_playlist_or_none(mode: str) -> None:
    with listenbrainz(mode) as (address, made):
        with pytest.raises(
            SegueError, match="created completely or not at all; older playlists are unchanged"
        ):
            ListenBrainzPlaylists("right", address=address).create("Mine", ["a", "b"])
        assert [len(each["playlist"]["track"]) for each in made] == ([2] if mode == "lost after" else [])


def test_listenbrainz_is_asked_no_faster_than_it_allows() -> None:
    tracks = [TrackInfo(f"track_{number}", "Known", "A") for number in range(12)]
    with listenbrainz() as (address, _):
        found = ListenBrainzPlaylists("right", address=address).recordings(tracks)
        assert all(each.where for each in found)
    with listenbrainz("busy") as (address, _), pytest.raises(SegueError, match="limits the rate"):
        ListenBrainzPlaylists("right", address=address).recordings(tracks)


@pytest.mark.parametrize("kind", ["m3u8", "tunemymusic"])
def test_a_file_that_cannot_be_written_to_its_end_stays_the_old_one(kind: str, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    sent = [Sent(TrackInfo(f"t{n}", "X" * 100, "A"), f"/music/{n}.wav", "id") for n in range(100)]
    destination = AsM3U8(out) if kind == "m3u8" else AsTuneMyMusic(out)
    send_to(destination, "Mine", sent[:2])
    before, limits = out.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, limits[1]))
    try:
        with pytest.raises((SegueError, OSError), match="the old one is unchanged"):
            send_to(destination, "Mine", sent)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert out.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]
    send_to(destination, "Mine", sent)
    assert out.read_bytes().count(b"X" * 100) == 100


def tone(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 8000)


def test_m3u8_of_own_files(tmp_path: Path) -> None:
    music, file = tmp_path / "music", tmp_path / "music" / "a" / "x.wav"
    tone(file)
    index = FileIndex(tmp_path / "files.sqlite")
    index.scan(music)
    found = in_own_files([TrackInfo(str(file), "X", "A"), TrackInfo("track_1", "Y", "A")], index)
    assert [each.where for each in found] == [str(file), ""]
    out = music / "lists" / "mine.m3u8"
    for options, line in (
        ({}, str(file)),
        ({"base": music}, "a/x.wav"),
        ({"relative": True}, "../a/x.wav"),
    ):
        write_m3u8(out, "Mine", found, **options)
        assert out.read_text().splitlines()[-1] == line
        assert "A - Y" not in out.read_text()
    with pytest.raises(SegueError, match="is not under"):
        write_m3u8(out, "Mine", [Sent(TrackInfo("x"), "/elsewhere/x.wav", "own file")], base=music)
    assert out.read_text().splitlines()[-1] == "../a/x.wav"


def test_tunemymusics_csv(tiny_library: Library, tmp_path: Path) -> None:
    out, info = tmp_path / "mine.csv", tiny_library.catalogue.info(3)
    call = ["send", "tunemymusic", info.track_id, "--name", "=Mine", "--out", str(out)]
    assert main([*call, "--library", str(tiny_library.path)]) == 0
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["Track name"] == info.title
    assert rows[0]["Playlist name"] == "'=Mine"
    assert "ISRC" in rows[0]


@pytest.mark.parametrize("target", ["m3u8", "tunemymusic"])
def test_a_file_that_exists_is_overwritten_only_with_replace(
    target: str, tiny_library: Library, tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "mine"
    out.write_text("a list made by hand")
    call = ["send", target, tiny_library.track_ids[3], "--out", str(out), "--library", str(tiny_library.path)]
    assert main(call) == 1
    assert "it exists; choose another name or add --replace" in capsys.readouterr().err
    assert main([*call, "--dry-run"]) == 0
    assert out.read_text() == "a list made by hand"
    if target == "tunemymusic":  # the track is in no file
        assert main([*call, "--replace"]) == 0
        assert out.read_text().startswith("Track name,")


def test_nothing_to_send_is_an_error(tiny_library: Library, tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "mine.m3u8"
    call = ["send", "m3u8", tiny_library.track_ids[3], "--out", str(out)]
    assert main([*call, "--library", str(tiny_library.path)]) == 1
    assert "nothing was sent" in capsys.readouterr().err
    assert not out.exists()
