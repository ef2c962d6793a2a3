import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.corpus.readers import read_playlists
from segue.core.errors import SegueError
from tests.core.corpus.writers import write_yes

TOKENS = st.text("abcdefgh019:._-é日", min_size=1, max_size=12)


@pytest.mark.parametrize("separator", [",", "\t", " ", ", ", ";"])
@settings(max_examples=30)
@given(rows=st.lists(st.lists(TOKENS, min_size=1), min_size=1))
def test_ids_come_back_whatever_parts_them(
    separator: str, rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("lines") / "playlists2.txt"
    path.write_text("".join(separator.join(row) + "\n" for row in rows))
    assert read_playlists(path, format="lines").lists() == rows


@pytest.mark.parametrize("separator", [",", "\t", " "])
def test_deezer_text_is_recognised(separator: str, tmp_path: Path) -> None:
    path = tmp_path / "playlists2.txt"
    path.write_text(
        "\n".join(
            separator.join(row)
            for row in (["track_1", "artist_1", "track_2", "artist_2"], ["track_2", "artist_2"])
        )
    )
    playlists = read_playlists(path)
    assert playlists.report.format == "lines"
    assert playlists.lists() == [["track_1", "track_2"], ["track_2"]]
    assert playlists.artist_ids == ["artist_1", "artist_2"]


@settings(max_examples=50)
@given(data=st.data(), n_songs=st.integers(1, 12))
def test_yes_playlists_come_back_with_titles(
    data: st.DataObject, n_songs: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = data.draw(st.lists(st.lists(st.integers(0, n_songs - 1), min_size=1), min_size=1))
    songs = [(f"Title {number}", f"Artist {number % 3}") for number in range(n_songs)]
    path = write_yes(tmp_path_factory.mktemp("yes"), rows, songs)
    playlists = read_playlists(path)
    assert playlists.report.format == "yes"
    assert playlists.lists() == [[f"yes_{number}" for number in row] for row in rows]
    for track, artist in zip(playlists.track_ids, playlists.artist_ids, strict=True):
        title, name = songs[int(track.removeprefix("yes_"))]
        assert (playlists.tracks[track].title, playlists.tracks[track].artist, artist) == (title, name, name)


def test_a_yes_folder_is_read_by_its_train_file(tmp_path: Path) -> None:
    write_yes(tmp_path / "yes", [[0, 1]], [("One", "A"), ("Two \\/ Three", "B")])
    playlists = read_playlists(tmp_path / "yes")
    assert playlists.lists() == [["yes_0", "yes_1"]]
    assert playlists.tracks["yes_1"].title == "Two / Three"


@pytest.mark.parametrize("lists", [["124 128", "157 148", "124 157"], ["0 1 1", "2 1 0", "1 2 0"]])
def test_playlists_of_equal_length_are_not_the_headers_of_a_yes_file(
    lists: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "lists.txt"
    path.write_text("\n".join(lists) + "\n")
    playlists = read_playlists(path)
    assert playlists.report.format == "lines"
    assert playlists.lists() == [line.split() for line in lists]


def test_yes_lines_with_wrong_numbers_are_counted(tmp_path: Path) -> None:
    path = write_yes(tmp_path, [[0, 1], [1, 0], [0, 0, 1], [1]], [("One", "A"), ("Two", "B")])
    with path.open("a") as file:
        file.write("0 2 1\n-1 0\n0 one\n99999999999999999999999\n")
    playlists = read_playlists(path)
    assert len(playlists) == 4
    assert playlists.report.skipped == {"line that is not a list of song numbers below 2": 4}
    with path.open("a") as file:
        file.write("5\n")
    with pytest.raises(SegueError, match="5 of 9 records are not lists of song numbers"):
        read_playlists(path)


def test_yes_without_its_header_lines_says_so(tmp_path: Path) -> None:
    path = tmp_path / "train.txt"
    path.write_text("1 2 3\n4 5\n")
    with pytest.raises(SegueError, match="lacks the two header lines"):
        read_playlists(path, format="yes")


def test_m3u_files_of_a_folder_are_a_playlist_each(tmp_path: Path) -> None:
    (tmp_path / "rock").mkdir()
    (tmp_path / "a.m3u8").write_text(
        "\ufeff#EXTM3U\r\n#EXTINF:215,Björk - Jóga\r\nrock/joga.mp3\r\nrock/other song.mp3\r\n",
        encoding="utf-8",
    )
    (tmp_path / "rock" / "b.m3u").write_bytes(
        b"#EXTM3U\n#EXTINF:-1,No dash here\n..\\rock\\joga.mp3\n# remark\n\nhttp://radio.example/one\n/music/\xe9t\xe9.ogg\n"
    )
    playlists = read_playlists(tmp_path)
    assert playlists.report.format == "m3u"
    assert playlists.lists() == [
        ["rock/joga.mp3", "rock/other song.mp3"],
        ["rock/joga.mp3", "http://radio.example/one", "/music/été.ogg"],
    ]
    joga = playlists.tracks["rock/joga.mp3"]
    assert (joga.artist, joga.title, joga.duration) == ("Björk", "Jóga", 215.0)
    assert playlists.artist_ids[0] == "Björk"
    assert playlists.tracks["/music/été.ogg"].title == "été"


def path(artist: str, title: str) -> str:
    return unicodedata.normalize("NFC", f"{artist}/{title}.ogg")


NAMES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=12)


@settings(max_examples=30)
@given(rows=st.lists(st.lists(st.tuples(NAMES, NAMES, st.integers(1, 999_999)), min_size=1), min_size=1))
def test_m3u_playlists_come_back_as_written(
    rows: list[list[tuple[str, str, int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("m3u")
    for number, row in enumerate(rows):
        lines = [
            f"#EXTINF:{seconds},{artist} - {title}\n{artist}/{title}.ogg\n" for artist, title, seconds in row
        ]
        (folder / f"{number}.m3u8").write_text("#EXTM3U\n" + "".join(lines), encoding="utf-8")
    playlists = read_playlists(folder)
    assert playlists.lists() == [[path(artist, title) for artist, title, _ in row] for row in rows]
    first = {path(a, t): (a, t, float(s)) for row in reversed(rows) for a, t, s in reversed(row)}
    assert {
        track: (info.artist, info.title, info.duration) for track, info in playlists.tracks.items()
    } == first


def test_an_empty_file_among_others_is_an_empty_playlist(tmp_path: Path) -> None:
    (tmp_path / "a.m3u").write_text("")
    (tmp_path / "b.m3u").write_text("one.mp3\n")
    (tmp_path / "c.m3u").write_text("#EXTM3U\n")
    assert read_playlists(tmp_path).lists() == [["one.mp3"]]


def test_a_single_m3u_file_is_one_playlist(tmp_path: Path) -> None:
    path = tmp_path / "one.m3u"
    path.write_text("a.mp3\nb.mp3\na.mp3\n")
    assert read_playlists(path).lists() == [["a.mp3", "b.mp3", "a.mp3"]]
