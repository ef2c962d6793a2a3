"""What strangers may put into imports, gatherings, dumps and own files: each ends in one line, or goes on."""

import io
import json
import sqlite3
import tarfile
import threading
import zipfile
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import zstandard
from PIL import Image

from segue.core.cli import main
from segue.core.cli.links import listening
from segue.core.corpus.dumps import _streamed
from segue.core.corpus.own import crate_names, read_own
from segue.core.corpus.readers.batch import Entry
from segue.core.corpus.readers.identities import OwnPlaylist
from segue.core.deezer.models import Track
from segue.core.deezer.source import decoded
from segue.core.errors import SegueError, UsageError
from segue.core.explore.gather import Gathering
from segue.core.own_files.index import FileIndex
from segue.core.subsonic import Song, Subsonic
from segue.core.tracks import TrackInfo


def test_an_archive_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segue.core.corpus.readers.streams.MOST_MEMBERS", 20)
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(21):
            archive.writestr(f"p{number}.m3u", "x.mp3\n")
    with pytest.raises(SegueError, match="holds more than 20 files"):
        read_own(path)


def test_thousands_of_playlists_of_one_name_become_crates_of_their_own() -> None:
    playlists = [
        OwnPlaylist(form="spotify", own_playlist="x", entries=[Entry(f"t{number}")])
        for number in range(3_000)
    ]
    names = [name for _, name, _ in crate_names(playlists, {}, {})]
    assert names[:3] == ["x", "x (2)", "x (3)"]
    assert len(set(names)) == 3_000


def test_a_gathering_follows_no_link_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "gathering.sqlite").symlink_to(tmp_path / "victim")
    with pytest.raises(SegueError, match="links are not followed"):
        Gathering(linked)
    assert not (tmp_path / "victim").exists()

    damaged = tmp_path / "damaged"
    damaged.mkdir()
    with closing(sqlite3.connect(damaged / "gathering.sqlite")) as connection:
        connection.execute("PRAGMA user_version=1")
    with (
        Gathering(damaged) as gathering,
        pytest.raises(SegueError, match=r"gathering\.sqlite: can't be used"),
    ):
        _ = gathering.has_agreed


def test_half_a_letter_in_a_title_of_deezers_is_a_question_mark() -> None:
    track = Track.from_json(json.loads(r'{"id": 1, "title": "p\ud800", "artist": {"name": "a"}}'))
    assert track.title == "p?"


def test_a_track_whose_id_is_a_path_too_long_has_no_own_file(tmp_path: Path) -> None:
    with closing(FileIndex(tmp_path / "files.sqlite")) as index:
        assert index.find(TrackInfo(f"/{'a' * 5_000}.mp3", "", "")) is None


@pytest.mark.parametrize("host", ["a..b", "b" * 80])
def test_a_host_that_is_none_is_one_line(host: str) -> None:
    with pytest.raises(SegueError, match="can't listen there"):
        listening(host, 0)
    with pytest.raises(UsageError, match="must be 0 to 65535"):
        listening("127.0.0.1", 99_999)


@pytest.mark.parametrize("place", ["file", "link", "nowhere"])
def test_an_import_to_where_no_folder_can_be_writes_nothing(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("a file")
    (tmp_path / "link").symlink_to(tmp_path / "gone" / "x")
    (tmp_path / "list.txt").write_text("Ann - One\nBob - Two\n")
    to = Path("/proc/x/y") if place == "nowhere" else tmp_path / place
    assert main(["import", str(tmp_path / "list.txt"), "--to", str(to)]) == 1
    assert capsys.readouterr().err.startswith(f"segue: {to}")


def _listens(folder: Path, member: bytes) -> Path:
    """A dump of ListenBrainz: a packed archive of one member."""
    path = folder / "dump.tar.zst"
    path.write_bytes(zstandard.ZstdCompressor().compress(member))
    return path


@pytest.mark.parametrize("kind", ["long name", pytest.param("repeated", marks=pytest.mark.slow)])
def test_a_dump_that_unpacks_to_far_more_than_it_holds_is_refused(kind: str, tmp_path: Path) -> None:
    info = tarfile.TarInfo("1.listens")
    line = b'{"listened_at": 1700000000, "user_name": "a", "track_metadata": {"track_name": "%s"}}\n'
    if kind == "long name":
        info.type, info.size = tarfile.GNUTYPE_LONGNAME, 6 << 30
        content = bytes(8 << 20)
    else:
        content = line % (b"T" * 2_000) * 160_000
        info.size = len(content)
    path = _listens(tmp_path, info.tobuf(tarfile.GNU_FORMAT) + content)
    with path.open("rb") as packed, pytest.raises(SegueError, match=r"far more than it holds|is damaged"):
        _streamed(packed, "https://example.org/dump", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_picture_of_thousands_of_scans_is_not_decoded() -> None:
    image = Image.new("L", (64, 64), 128)
    file = io.BytesIO()
    image.save(file, "JPEG", progressive=True)
    good = file.getvalue()
    assert decoded(good, 8, 8) is not None
    last = good.rindex(b"\xff\xda")
    assert decoded(good[:-2] + good[last:-2] * 1_000 + good[-2:], 8, 8) is None


@pytest.mark.parametrize(
    "answer",
    [
        '{"searchResult3": {"song": 5}}',
        '{"searchResult3": {"song": [{"id": "1", "isrc": 5}, 7]}}',
        '{"searchResult3": []}',
        '{"status": "failed", "error": "x"}',
        '{"searchResult3": {"song": [{"id": "\\ud800", "title": "\\ud800"}]}}',
        "[" * 200_000,
        "always the same",
    ],
)
def test_odd_answers_of_a_subsonic_server_are_one_line_or_no_song(answer: str) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            song = json.dumps({"searchResult3": {"song": [{"id": str(n), "title": "T"} for n in range(500)]}})
            given = song if answer == "always the same" else answer
            ok = "" if "status" in given else '"status": "ok", '
            body = given if given[0] == "[" else f'{{"subsonic-response": {{{ok}{given[1:]}}}'
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        client = Subsonic(f"http://127.0.0.1:{server.server_port}", "u", "p")
        found: list[Song] = []
        try:
            with suppress(SegueError):
                found.extend(client.songs())
        finally:
            client.close()
            server.shutdown()
    assert len(found) <= 500
