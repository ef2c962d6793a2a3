"""What services answer of tracks is kept beside the library, and found by search at once."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from segue.core.catalogue import Catalogue
from segue.core.catalogue.overlay import ASK_AGAIN, TitleOverlay, title_overlay
from segue.core.deezer.client import DeezerClient
from segue.core.deezer.transport import TokenBucket, Transport
from segue.core.errors import SegueError
from segue.core.tracks import TrackInfo, service_id
from tests.core.radio.doubles import Clock
from tests.end_to_end.deezer_server import FakeDeezer


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """Five Deezer tracks without titles but one, and a track of another corpus with a bare number."""
    tracks = [TrackInfo(f"track_{number}", artist_id=f"artist_{number % 2}") for number in range(1, 5)]
    tracks += [TrackInfo("track_5", "Known already", "Somebody"), TrackInfo("6")]
    return Catalogue.create(tmp_path / "catalogue.sqlite", tracks, np.array([9, 8, 7, 6, 5, 4]))


def test_what_deezer_answers_is_shown_and_found_and_the_library_stays_as_it_is(catalogue: Catalogue) -> None:
    before = catalogue.path.read_bytes()
    assert catalogue.search("hoppípolla") == []
    with FakeDeezer() as deezer:
        deezer.add(3, "Hoppípolla", "Sigur Rós")
        deezer.add(5, "Another title", "Another artist")
        client = client_of(deezer)
        client.track(3)
        client.track(5)
    info = catalogue.info(2)
    assert (info.title, info.artist, info.album, info.isrc) == (
        "Hoppípolla",
        "Sigur Rós",
        "Album",
        "XX0000000003",
    )
    assert (info.release_date, info.duration, info.artist_id) == ("2001-02-03", 215.0, "artist_1")
    assert [hit.row for hit in catalogue.search("hoppipolla")] == [2]
    assert [hit.row for hit in catalogue.search("a: sigur t: hopp")] == [2]
    assert catalogue.find_track("Hoppípolla") == catalogue.resolve("hoppipolla") == 2
    assert catalogue.info(4).title == "Known already", "the library's own title stands"
    assert catalogue.search("another title") == []
    assert catalogue.path.read_bytes() == before


def test_a_playlist_of_deezers_teaches_the_titles_of_its_tracks(catalogue: Catalogue) -> None:
    with FakeDeezer() as deezer:
        client_of(deezer).playlist(1)
    assert [info.title for info in catalogue.infos(range(4))] == [f"Song {number}" for number in range(1, 5)]
    assert catalogue.info(5).title == "", "a bare number may be any corpus' own"
    assert len(title_overlay()) == 228


def test_a_title_that_changes_is_found_by_its_new_words_alone(tmp_path: Path) -> None:
    overlay = TitleOverlay(tmp_path / "titles.sqlite")
    overlay.keep([(TrackInfo("track_1", "Old name", "A"), "https://cover/1")])
    overlay.keep([(TrackInfo("track_1", "New name", "A"), "")])
    assert overlay.ids_matching('"old" *', 9) == []
    assert overlay.ids_matching('"new" *', 9) == ["track_1"]
    assert overlay.learned(["track_1"])["track_1"][1] == "https://cover/1", "what does not come again is kept"
    assert len(overlay) == 1


def test_a_track_that_is_not_known_is_asked_for_again_after_a_week(tmp_path: Path) -> None:
    now = [1_000_000.0]
    overlay = TitleOverlay(tmp_path / "titles.sqlite", clock=lambda: now[0])
    overlay.keep([(TrackInfo("track_1", "A", "B"), "")], unknown=["track_2", "track_1"])
    ids = ["track_1", "track_2", "track_3", "6", "a title"]
    assert overlay.to_ask(ids) == ["track_3"]
    now[0] += ASK_AGAIN
    assert overlay.to_ask(ids) == ["track_2", "track_3"]
    assert overlay.learned(ids)["track_1"][0].title == "A", "a track that has gone keeps its title"


def test_two_segues_share_the_file(tmp_path: Path) -> None:
    one, other = (TitleOverlay(tmp_path / "titles.sqlite") for _ in range(2))
    one.keep([(TrackInfo("track_1", "First", "A"), "")])
    other.keep([(TrackInfo("spotify:track:abc", "Second", "B"), "")])
    assert sorted(one.learned(["track_1", "spotify:track:abc"])) == ["spotify:track:abc", "track_1"]
    assert other.ids_titled("first") == ["track_1"]


@pytest.mark.parametrize("content", [b"not a database at all, but some text that is long enough" * 40, b""])
def test_a_damaged_file_takes_no_title_and_stops_nobody(
    tmp_path: Path, catalogue: Catalogue, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = title_overlay().path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    assert catalogue.info(0).title == ""
    assert catalogue.search("anything") == []
    if content:
        with pytest.raises(SegueError, match="move it away"):
            title_overlay().keep([(TrackInfo("track_1", "A"), "")])
        title_overlay().learn([(TrackInfo("track_1", "A"), "")])


def test_values_of_another_kind_than_were_written_are_passed_over(tmp_path: Path) -> None:
    overlay = TitleOverlay(tmp_path / "titles.sqlite")
    overlay.keep([(TrackInfo("track_1", "A"), ""), (TrackInfo("track_2", "B"), "")])
    overlay.close()
    with sqlite3.connect(tmp_path / "titles.sqlite") as connection:
        connection.execute("UPDATE titles SET artist = x'00ff' WHERE id = '1'")
    assert list(TitleOverlay(tmp_path / "titles.sqlite").learned(["track_1", "track_2"])) == ["track_2"]


@pytest.mark.parametrize(
    ("track_id", "wanted"),
    [
        ("track_3135556", ("deezer", "3135556")),
        ("spotify:track:4uLU6hMCjMI75M1A2tKUQC", ("spotify", "4uLU6hMCjMI75M1A2tKUQC")),
        ("youtube:dQw4w9WgXcQ", ("youtube", "dQw4w9WgXcQ")),
        ("3135556", None),
        ("track_x", None),
        ("Music/01 Intro.mp3", None),
    ],
)
def test_the_kind_of_an_id(track_id: str, wanted: tuple[str, str] | None) -> None:
    assert service_id(track_id) == wanted


def test_until_then_the_label_shows_what_is_known() -> None:
    assert TrackInfo("track_1", artist="Renaud").label == "Renaud · track_1"
    assert TrackInfo("track_1").label == "track_1"


def client_of(deezer: FakeDeezer) -> DeezerClient:
    """A client whose waits pass at once and whose answers are kept."""
    clock = Clock()
    transport = Transport(loopback=True, bucket=TokenBucket(clock=clock), clock=clock, sleep=clock.sleep)
    return DeezerClient(deezer.base_url, transport, learn=title_overlay().learn)
