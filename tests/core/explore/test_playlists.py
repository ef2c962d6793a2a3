"""Playlists in and out, and their completion."""

import csv
import io
import json
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.catalogue import Catalogue
from segue.core.cli import main
from segue.core.corpus.readers.batch import Entry
from segue.core.corpus.readers.reading import read_entries
from segue.core.corpus.readers.streams import Pasted
from segue.core.deezer.client import OVERRIDE
from segue.core.errors import SegueError, UsageError
from segue.core.explore.matching import match_playlist
from segue.core.explore.neighbours import Filters, neighbourhood
from segue.core.explore.playlist_files import FORMATS, read_playlist, save_playlist, write_playlist
from segue.core.explore.surgeon import complete
from segue.core.explore.variety import OFF
from segue.core.library import Library
from segue.core.rankers import ranker
from segue.core.rankers.playlist import recency_weights
from segue.core.state import State
from segue.core.tracks import TrackInfo
from tests.end_to_end.deezer_server import FakeDeezer

TRACKS = [
    TrackInfo("track_1", "Hallelujah", "Leonard Cohen", "Various Positions", duration=276.4),
    TrackInfo("track_2", "Hallelujah", "Jeff Buckley", "Grace"),
    TrackInfo("yes_7", "Hoppípolla (Remastered 2009)", "Sigur Rós"),
    TrackInfo("track_4", '=HYPERLINK("evil")', "+Plus, Inc.\r\nnext"),
    TrackInfo("track_5"),
    TrackInfo("track_6", "One - Two", "A - B"),
]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return Catalogue.create(tmp_path_factory.mktemp("c") / "c.sqlite", TRACKS, range(len(TRACKS), 0, -1))


def matched(catalogue: Catalogue, text: str) -> list[int | None]:
    return [match.row for match in match_playlist(catalogue, read_entries(Pasted(text.encode()))[0])]


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_written_is_read_back(catalogue: Catalogue, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"list.{'txt' if form == 'links' else form}"
    save_playlist(path, TRACKS, title="My\nlist")
    matches = match_playlist(catalogue, read_playlist(str(path)))
    assert [match.row for match in matches] == list(range(len(TRACKS)))
    assert {match.how for match in matches} == {"id"}


def test_a_share_link_is_followed_to_a_playlist_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeDeezer() as deezer:
        monkeypatch.setenv(OVERRIDE, deezer.base_url)
        deezer.playlists[9] = [1, 2, 3]
        deezer.shared = {
            "30abc": "https://www.deezer.com/en/playlist/9?host=0&utm_source=deezer&deferredFl=1",
            "song": "https://www.deezer.com/track/3135556",
            "astray": "https://example.com/playlist/9",
        }
        entries = read_playlist("https://link.deezer.com/s/30abc?x=1")
        assert entries == read_playlist("https://www.deezer.com/playlist/9")
        assert len(entries) == 2, "the last is withheld"
        for code in ("song", "astray", "unknown"):
            with pytest.raises(SegueError, match=f"s/{code}: does not lead to a playlist or an album"):
                read_playlist(f"link.deezer.com/s/{code}")
        assert deezer.paths().count("/s/astray") == 1


def test_what_the_listener_has_chosen_comes_before_all_matching(
    tiny_library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, right = tiny_library.catalogue.infos([0, 5])
    (entry,) = read_entries(Pasted(f"{wrong.artist} - {wrong.title}\n".encode()))[0]
    with closing(State.open()) as state:
        state.set_match(entry.identity, right.track_id)
    path = tmp_path / "mine.txt"
    path.write_text(entry.text)
    command = ["complete", str(path), "--library", str(tiny_library.path), "--ask", "in-flow", "--json"]
    for more, expected in ((), right), (["--no-state"], wrong):
        assert main([*command, *more]) == 0
        (track,) = json.loads(capsys.readouterr().out)["in_flow"]
        assert track["track_id"] == expected.track_id


@given(st.lists(st.builds(TrackInfo, st.text(min_size=1), st.text(), st.text(), st.text()), max_size=5))
@settings(max_examples=60)
def test_no_cell_of_a_csv_is_a_formula(tracks: list[TrackInfo]) -> None:
    text = write_playlist(tracks, "csv")
    records = list(csv.reader(io.StringIO(text, newline="")))
    assert len(records) == len(tracks) + 1
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for record in records for cell in record)


@given(st.lists(st.builds(TrackInfo, st.text(min_size=1), st.text(), st.text()), max_size=5))
@settings(max_examples=40)
def test_a_title_never_adds_a_line_or_steers_a_terminal(tracks: list[TrackInfo]) -> None:
    for form in ("m3u8", "links"):
        text = write_playlist(tracks, form, title="a\nb")
        assert len(text.splitlines()) <= 2 + 2 * len(tracks)
        assert "\x1b" not in text


def test_m3u_without_ids_is_matched_by_its_titles_and_file_names(catalogue: Catalogue) -> None:
    text = (
        "\ufeff#EXTM3U\n#EXTINF:276,Jeff Buckley - Hallelujah\n/music/x.mp3\n"
        "C:\\Music\\Leonard Cohen\\03 - Leonard Cohen - Hallelujah.flac\nfile:///m/Sigur%20R%C3%B3s%20-%20Hoppipolla.mp3\n"
    )
    assert matched(catalogue, text) == [1, 0, 2]


def test_json_of_several_shapes_is_read(catalogue: Catalogue) -> None:
    deezer = {"tracks": {"data": [{"id": 2, "title": "Hallelujah", "artist": {"name": "Jeff Buckley"}}]}}
    jspf = {"playlist": {"track": [{"title": "Hallelujah", "creator": "Leonard Cohen"}]}}
    assert matched(catalogue, json.dumps(deezer)) == [1]
    assert matched(catalogue, json.dumps(jspf)) == [0]
    assert matched(
        catalogue, json.dumps(["Hallelujah", {"name": "Hoppipolla", "artists": ["Sigur Ros"]}, 7, None])
    ) == [0, 2]


def test_pasted_lines_are_matched_in_either_order_and_the_unknown_reported(
    catalogue: Catalogue,
) -> None:
    pasted = (
        "# mine\nHallelujah — Leonard Cohen\nJeff Buckley - Hallelujah\n\n"
        "https://www.deezer.com/track/5\n6\nNever Heard Of It\n"
    )
    matches = match_playlist(catalogue, read_playlist(pasted))
    assert [match.row for match in matches] == [0, 1, 4, 5, None]
    assert [match.how for match in matches] == ["exact", "exact", "id", "id", ""]
    assert matches[-1].entry.label == "Never Heard Of It"


def test_csv_columns_have_many_names(catalogue: Catalogue) -> None:
    assert matched(catalogue, "Artist Name,Track Name\nJeff Buckley,Hallelujah\n") == [1]
    assert matched(catalogue, "title,artist\nHallelujah (Live),Leonard Cohen\n") == [0]


class _Deezer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        track = {"id": 2, "title": "Hallelujah", "artist": {"id": 1, "name": "Jeff Buckley"}}
        answer = {"id": 9, "title": "Mine", "nb_tracks": 1, "tracks": {"data": [track]}}
        body = json.dumps(answer if self.path == "/playlist/908622995" else {"error": {"code": 800}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_deezer_link_is_asked_for(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Deezer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("SEGUE_DEEZER_API", f"http://127.0.0.1:{server.server_port}")
        try:
            entries = read_playlist("https://www.deezer.com/fr/playlist/908622995?utm=x")
            assert read_playlist("HTTPS://WWW.DEEZER.COM/playlist/908622995") == entries
            assert entries == [Entry("track_2", "Hallelujah", "Jeff Buckley")]
            assert match_playlist(catalogue, entries)[0].row == 1
            with pytest.raises(SegueError):
                read_playlist("https://www.deezer.com/playlist/1")
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.m3u", None, "no such file"),
        ("broken.json", b"{", "not valid JSON"),
        ("deep.json", b"[" * 100_000, "not valid JSON"),
        ("empty.m3u", b"#EXTM3U\n", "holds no tracks"),
    ],
)
def test_a_bad_file_is_named_in_one_line(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SegueError, match=message) as caught:
        read_playlist(str(tmp_path / name))
    assert "\n" not in str(caught.value)


@given(st.text().map(str.encode) | st.binary())
@settings(max_examples=80)
def test_any_text_is_read_or_refused(catalogue: Catalogue, content: bytes) -> None:
    try:
        entries, _ = read_entries(Pasted(content))
    except SegueError:
        return
    match_playlist(catalogue, entries)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="m3u8"):
        save_playlist(tmp_path / "list.doc", TRACKS)


@pytest.mark.parametrize("name", ["nearest", "next", "item-knn"])
def test_completion_adds_up_what_each_track_says(tiny_library: Library, name: str) -> None:
    playlist = [4, 9, 4, 20]
    weights = recency_weights(4, 2.0)
    np.testing.assert_allclose(weights, [2**-1.5, 0.5, 2**-0.5, 1])
    slow = np.sum(
        [
            weight * ranker(tiny_library, name).scores(row)
            for row, weight in zip(playlist, weights, strict=True)
        ],
        axis=0,
    )
    slow[playlist] = -np.inf
    expected = np.sort(slow)[::-1][:15]
    found = complete(tiny_library, playlist, 15, ranker=name, half_life=2.0, filters=Filters(OFF))
    np.testing.assert_allclose([row.score for row in found.rows], expected, rtol=1e-4)
    assert not {row.row for row in found.rows} & set(playlist)


def test_completing_one_track_is_its_neighbourhood(tiny_library: Library) -> None:
    found = complete(tiny_library, [7], 20, ask="missing", ranker="next")
    assert [row.row for row in found.rows] == [row.row for row in neighbourhood(tiny_library, 7, 20).rows]


def test_nothing_can_not_be_completed(tiny_library: Library) -> None:
    with pytest.raises(UsageError, match="no known tracks"):
        complete(tiny_library, [])
