"""Whether tracks are found under what people type, and are what was stored."""

import threading
from pathlib import Path

import numpy as np
import pytest

from segue.core.catalogue import Catalogue
from segue.core.errors import SegueError
from segue.core.tracks import TrackInfo

TRACKS = [
    TrackInfo("track_1", "Hallelujah", "Leonard Cohen", "Various Positions", "artist_9"),
    TrackInfo("track_2", "Hoppípolla", "Sigur Rós", "Takk...", "artist_2", duration=269.5),
    TrackInfo("track_3", "Back in Black", "AC/DC", "Back in Black", "artist_3"),
    TrackInfo("track_4", "Hallelujah", "Jeff Buckley", "Grace", "artist_4"),
    TrackInfo("track_5", "Hallelujah (Live)", "Jeff Buckley", "Live", "artist_4"),
    TrackInfo("track_128093263", "", "", "", "artist_4"),
    TrackInfo("track_7", "Cecilia & Me", "Simon & Garfunkel"),
    TrackInfo("track_8", "東京の夜", "渡辺"),
    TrackInfo("track_9", "???", "!!!"),
    TrackInfo("track_10", "Drive", "R.E.M.", "Automatic"),
]
COUNTS = [5, 90, 40, 70, 3, 2, 8, 6, 4, 60]


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue.create(tmp_path / "catalogue.sqlite", TRACKS, COUNTS)


def rows(catalogue: Catalogue, query: str) -> list[int]:
    return [hit.row for hit in catalogue.search(query)]


def test_gives_back_what_was_stored(catalogue: Catalogue) -> None:
    assert catalogue.infos(range(len(TRACKS))) == TRACKS
    assert catalogue.counts([9, 0]).tolist() == [60, 5]
    assert len(catalogue) == len(TRACKS)
    with pytest.raises(IndexError):
        catalogue.info(99)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("hoppipolla", 1),
        ("SIGUR RÓS hop", 1),
        ("rós, sigur", 1),
        ("acdc", 2),
        ("ac/dc black", 2),
        ("simon and garfunkel", 6),
        ("rem", 9),
        ("halelujah choen", 0),
        ("hopipola", 1),
        ("a: cohen", 0),
        ("a:jeff t:hallelujah", 3),
        ("al: grace", 3),
        ("al:black t:back", 2),
        ("東京", 7),
        ("夜", 7),
        ("h", 1),
        ("ha", 3),
        ("track_128093263", 5),
        ("128093263", 5),
        ("12809", 5),
        ("track_1280", 5),
        ("https://www.deezer.com/fr/track/128093263?utm_source=deezer", 5),
        ("https://www.deezer.com/track/1", 0),
    ],
)
def test_finds_the_intended_track_first(catalogue: Catalogue, query: str, first: int) -> None:
    assert rows(catalogue, query)[0] == first


def test_exact_titles_come_first_and_the_popular_one_before_the_other(catalogue: Catalogue) -> None:
    hits = catalogue.search("hallelujah")
    assert [(hit.row, hit.why) for hit in hits[:3]] == [(3, "exact"), (0, "exact"), (4, "prefix")]


def test_a_scope_keeps_other_columns_out(catalogue: Catalogue) -> None:
    assert set(rows(catalogue, "a:black")) & {2} == set()
    assert 3 not in rows(catalogue, "t:jeff")


def test_a_query_of_quotes_and_operators_is_only_text(catalogue: Catalogue) -> None:
    for query in [
        '"',
        "NOT",
        "a* OR b*",
        "t:",
        ")(",
        "NEAR(a b)",
        "%",
        "  ",
        "\x00",
        "{title}:x",
        "'; DROP TABLE tracks",
    ]:
        catalogue.search(query)
    assert rows(catalogue, "!!!") == rows(catalogue, "???") == [8]


def test_find_track_is_the_notebooks(catalogue: Catalogue) -> None:
    assert catalogue.find_track("Hallelujah") == 3
    assert catalogue.find_track("hallelujah (live)") == 4
    with pytest.raises(SegueError, match="Hallelujah"):
        catalogue.find_track("Haleluja")


def test_resolves_what_people_paste(catalogue: Catalogue) -> None:
    assert catalogue.resolve("Hallelujah — Leonard Cohen") == 0
    assert catalogue.resolve("track_5") == 4
    assert catalogue.resolve("Hopipolla") == 1
    with pytest.raises(SegueError, match='nothing found for "qqqq"'):
        catalogue.resolve("qqqq")


def test_groups_artists_albums_and_versions(catalogue: Catalogue) -> None:
    assert catalogue.rows_of_artist("jeff buckley").tolist() == [3, 4, 5]
    assert catalogue.rows_of_artist("artist_4").tolist() == [3, 4, 5]
    assert catalogue.rows_of_artist("nobody").tolist() == []
    assert catalogue.rows_of_album("back in black", "AC/DC").tolist() == [2]
    songs = catalogue.song_codes
    assert songs[3] == songs[4] != songs[0]
    assert songs[5] == -1
    assert [artist.name for artist in catalogue.artists("jef")] == ["Jeff Buckley"]


def test_threads_may_search_at_once(catalogue: Catalogue) -> None:
    found: list[list[int]] = []
    threads = [threading.Thread(target=lambda: found.append(rows(catalogue, "halelujah"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(one == found[0] for one in found)


def test_an_empty_library_has_a_catalogue(tmp_path: Path) -> None:
    catalogue = Catalogue.create(tmp_path / "empty.sqlite", [], np.array([], dtype=int))
    assert catalogue.search("anything") == []
    assert catalogue.artist_codes.shape == (0,)


def test_a_file_that_is_no_catalogue_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(SegueError, match="catalogue"):
        Catalogue(path)
    with pytest.raises(SegueError, match="catalogue"):
        Catalogue(tmp_path / "absent.sqlite")
    with pytest.raises(SegueError, match="counts"):
        Catalogue.create(path, TRACKS, [1])


def test_titles_with_broken_letters_are_stored(tmp_path: Path) -> None:
    catalogue = Catalogue.create(tmp_path / "c.sqlite", [TrackInfo("x", "caf\udce9 song")], [1])
    assert rows(catalogue, "song") == [0]


def test_a_book_in_a_cell_is_cut_and_still_found(tmp_path: Path) -> None:
    long = TrackInfo("track_1", "Endless " * 200_000, "B" * 600, "C" * 500, "artist_" + "9" * 900)
    catalogue = Catalogue.create(tmp_path / "catalogue.sqlite", [long], [3])
    stored = catalogue.info(0)
    assert stored.title == ("Endless " * 63)[:499] + "…"
    assert stored.artist == "B" * 499 + "…"
    assert stored.album == "C" * 500
    assert stored.artist_id == long.artist_id, "an id is never another"
    assert rows(catalogue, "endless") == [0]
