"""Small files of the kinds that people have, as `train` and `prepare` read them and as `complete` does.

Each kind's file is written out beside what is expected of it, which makes one long table.
"""

import json
import unicodedata
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from segue.core.catalogue import Catalogue
from segue.core.catalogue.metadata import read_metadata
from segue.core.corpus import Vocabulary
from segue.core.corpus.readers import Columns, read_playlists
from segue.core.errors import SegueError
from segue.core.explore.matching import match_playlist
from segue.core.explore.playlist_files import read_playlist
from segue.core.tracks import TrackInfo

ARTISTS = (
    "Mara Quill",
    "Bröther Øst",
    "Низкий Лёд",
    "高橋ミオ",
    "Los Años Viejos",
    "DJ Forty",
    "The Who Else",
)
TITLES = ("Night", "Home", "Café", "Ольга", "雨の街", "1979")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Six numbered songs of each artist, and of each an `Intro` and a `Home`."""
    tracks = [
        TrackInfo(f"track_{10_000 + 8 * at + number}", title, artist, artist_id=f"artist_{at}")
        for at, artist in enumerate(ARTISTS)
        for number, title in enumerate([*(f"{title} {at}" for title in TITLES), "Intro", "Home"])
    ]
    return Catalogue.create(tmp_path_factory.mktemp("base") / "c.sqlite", tracks, range(len(tracks), 0, -1))


def found(base: Catalogue, path: Path) -> list[str]:
    """The tracks that a playlist is taken for, empty where one is not found."""
    matches = match_playlist(base, read_playlist(str(path)))
    return ["" if match.row is None else base.info(match.row).label for match in matches]


LOCAL = "spotify:local:The+Who+Else:W:Home:201"
INTRO, HOME = "Intro — Mara Quill", "Home — The Who Else"
EXPORTIFY = (
    '"Track URI","Track Name","Artist URI(s)","Artist Name(s)","Album Name","Track Duration (ms)"\n'
    '"spotify:track:aaaaaaaaaaaaaaaaaaaaa1","Intro","spotify:artist:x1","Mara Quill","W","201000"\n'
    '"spotify:track:aaaaaaaaaaaaaaaaaaaaa2","Home","spotify:artist:x2","The Who Else","W","1000"\n'
)
COMPLETED: dict[str, tuple[str, str | bytes, list[str]]] = {
    "exportify": ("mine.csv", EXPORTIFY, [INTRO, HOME]),
    "exportify in spanish": (
        "mine.csv",
        (
            '"URI de la canción","Nombre de la canción","URI(s) del artista","Nombre(s) del artista"\n'
            '"spotify:track:a1","Intro","spotify:artist:x","Mara Quill"\n'
            '"spotify:track:a2","Home","spotify:artist:y","The Who Else"\n'
        ),
        [INTRO, HOME],
    ),
    "exportify in finnish, by place": (
        "mine.csv",
        (
            '"Kappaleen URI","Kappale","Esittäjän URI","Esittäjä"\n'
            '"spotify:track:a1","Intro","spotify:artist:x","Mara Quill"\n'
        ),
        [INTRO],
    ),
    "semicolons": (
        "mine.csv",
        'title;artist;album;isrc\nIntro;Mara Quill;X;\n"Home";The Who Else;Y;\n',
        [INTRO, HOME],
    ),
    "a line that names the separator": (
        "mine.csv",
        "sep=;\ntitle;artist\nIntro;Mara Quill\nHome;The Who Else\n",
        [INTRO, HOME],
    ),
    "last.fm": (
        "mine.csv",
        "Mara Quill,X,Intro,01 Jan 2024 10:00\nThe Who Else,Y,Home,01 Jan 2024 10:04\n",
        [INTRO, HOME],
    ),
    "utf-16": ("mine.m3u8", "#EXTM3U\n#EXTINF:148,Mara Quill - Intro\nx.mp3\n".encode("utf-16"), [INTRO]),
    "itunes text": (
        "mine.txt",
        "Name\tArtist\tComposer\tAlbum\tTime\nIntro\tMara Quill\t\tX\t201\nHome\tThe Who Else\t\tY\t199\n",
        [INTRO, HOME],
    ),
    "several artists": (
        "mine.csv",
        (
            'title,artist\nIntro,"Mara Quill, Guest Two"\nHome,"The Who Else; Guest"\n'
            "Café 1,Bröther Øst & Nobody\nHome,The Who Else feat. Some One\n"
        ),
        [INTRO, HOME, "Café 1 — Bröther Øst", HOME],
    ),
    "an id of another song": (
        "mine.csv",
        "id,title,artist\n3,Intro,Mara Quill\n10008,Home,The Who Else\n",
        [INTRO, HOME],
    ),
    "m3u with tags": (
        "mine.m3u",
        (
            "#EXTM3U\n#EXTENC: UTF-8\n#PLAYLIST:Mine\n"
            "#EXTALB:Album\n#EXTART:Mara Quill\n#EXTINF:148,Intro\n./x/y.mp3\n"
        ),
        [INTRO],
    ),
    "m3u with tags of each track": (
        "mine.m3u",
        (
            "#EXTM3U\n#EXTART:Mara Quill\n#EXTINF:148,Intro\n1.mp3\n#EXTINF:9,The Who Else - Home\n2.mp3\n"
            "#extart:Bröther Øst\n#EXTINF:9,Café 1\n3.mp3\n"
        ),
        [INTRO, HOME, "Café 1 — Bröther Øst"],
    ),
    "m3u without commas": (
        "mine.m3u",
        (
            "#EXTM3U\n#EXTINF:201\nMara Quill - Intro.mp3\n#EXTINF:\nThe Who Else - Home.mp3\n"
            '#EXTINF:-1 tvg-name="x, y" group-title="a",The Who Else - Intro\nhttp://example.org/s?id=3\n'
        ),
        [INTRO, HOME, "Intro — The Who Else"],
    ),
    "m3u of vlc": (
        "mine.m3u8",
        (
            "#EXTM3U\n#EXTINF:201,Mara Quill - Intro\nMara%20Quill/Mara%20Quill%20-%20Intro.mp3\n"
            "The%20Who%20Else/The%20Who%20Else%20-%20Home.mp3\n"
            "%E9%AB%98%E6%A9%8B%E3%83%9F%E3%82%AA%20-%20%E9%9B%A8%E3%81%AE%E8%A1%97%203.mp3\n"
        ),
        [INTRO, HOME, "雨の街 3 — 高橋ミオ"],
    ),
    "titles, the first in brackets": (
        "mine.txt",
        "[Untitled] - Mara Quill\nIntro - Mara Quill\n",
        ["", INTRO],
    ),
    "pls": (
        "mine.pls",
        (
            "[playlist]\nFile1=C:\\Music\\Mara Quill - Intro.mp3\nTitle1=Mara Quill - Intro\nLength1=201\n"
            "NumberOfEntries=1\nVersion=2\n"
        ),
        [INTRO],
    ),
    "xspf": (
        "mine.xspf",
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList>'
            "<track><title>Intro</title><creator>Mara Quill</creator><location>file:///x.mp3</location></track>"
            "<track><title>Home</title><creator>The Who Else</creator></track></trackList></playlist>"
        ),
        [INTRO, HOME],
    ),
    "itunes xml": (
        "Library.xml",
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>Tracks</key>'
            "<dict><key>95</key><dict><key>Track ID</key><integer>95</integer>"
            "<key>Name</key><string>Intro</string>"
            "<key>Artist</key><string>Mara Quill</string></dict></dict></dict></plist>"
        ),
        [INTRO],
    ),
    "spotify account": (
        "Playlist1.json",
        json.dumps(
            {
                "playlists": [
                    {
                        "name": "Mine",
                        "items": [
                            {
                                "track": {
                                    "trackName": "Intro",
                                    "artistName": "Mara Quill",
                                    "albumName": "W",
                                    "trackUri": "spotify:track:a1",
                                },
                                "episode": None,
                                "localTrack": None,
                            },
                            {"track": None, "episode": None, "localTrack": {"uri": LOCAL}},
                        ],
                    }
                ]
            }
        ),
        [INTRO, HOME],
    ),
    "spotify api": (
        "mine.json",
        json.dumps(
            {
                "name": "Mine",
                "tracks": {
                    "items": [
                        {
                            "track": {
                                "id": "a1",
                                "uri": "spotify:track:a1",
                                "name": "Intro",
                                "artists": [{"name": "Mara Quill"}, {"name": "Guest"}],
                                "album": {"name": "W"},
                                "duration_ms": 201_000,
                            }
                        }
                    ]
                },
            },
            indent=1,
        ),
        [INTRO],
    ),
    "spotify history": (
        "StreamingHistory_music_0.json",
        json.dumps(
            [
                {
                    "endTime": "2024-05-06 18:43",
                    "artistName": "Mara Quill",
                    "trackName": "Intro",
                    "msPlayed": 216_783,
                },
                {
                    "endTime": "2024-05-06 18:47",
                    "artistName": "The Who Else",
                    "trackName": "Home",
                    "msPlayed": 4_000,
                },
            ],
            indent=1,
        ),
        [INTRO],
    ),
}


@pytest.mark.parametrize("name", COMPLETED)
def test_a_playlist_to_be_continued_is_understood(name: str, base: Catalogue, tmp_path: Path) -> None:
    file, content, expected = COMPLETED[name]
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert found(base, path) == expected


@pytest.mark.parametrize("name", COMPLETED)
def test_the_same_file_is_read_for_training(name: str, tmp_path: Path) -> None:
    file, content, expected = COMPLETED[name]
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    playlists = read_playlists(path)
    assert len(playlists) == 1
    assert len(playlists.codes) == len(expected)
    if name != "titles, the first in brackets":  # where title and artist may come in either order
        titles = [playlists.tracks[track].title for track in playlists.lists()[0]]
        assert titles == [label.partition(" — ")[0] for label in expected]


TRAINED: dict[str, tuple[str, str | bytes, list[list[str]]]] = {
    "cr": ("t.csv", "playlist_id,track_id,title\r1,a,Intro\r1,b,Home\r2,a,Intro\r", [["a", "b"], ["a"]]),
    "cr m3u": (
        "t.m3u",
        (
            "#EXTM3U\r#EXTINF:201,Intro - Mara Quill\rMac HD:Music:Mara Quill:Intro.mp3\r"
            "#EXTINF:100,Home - The Who Else\rMac HD:Music:The Who Else:Home.mp3\r"
        ),
        [["Mac HD:Music:Mara Quill:Intro.mp3", "Mac HD:Music:The Who Else:Home.mp3"]],
    ),
    "dates": ("t.csv", "playlist_id,track_id,order\n1,b,2024-01-02\n1,a,2024-01-01\n", [["a", "b"]]),
    "floats": ("t.csv", "playlist_id,track_id\n1.0,12.0\n1.0,13.0\n2.0,12.0\n2.0,\n", [["12", "13"], ["12"]]),
    "a column twice": (
        "t.csv",
        "playlist_id,track_id,track_id,name,name\n1,a,x,Intro,Mara\n1,b,y,Home,Who\n",
        [["a", "b"]],
    ),
    "rank": ("t.csv", "playlist_id,track_id,rank\n1,a,900000\n1,b,1000\n1,c,500000\n", [["a", "b", "c"]]),
    "exportify, all in one": (
        "t.csv",
        (
            '"Playlist","Track URI","Track Name","Artist Name(s)"\n'
            '"Mine","spotify:track:a","Intro","Mara"\n"Mine","spotify:track:b","Home","Who"\n'
        ),
        [["spotify:track:a", "spotify:track:b"]],
    ),
    "blanks after commas": (
        "t.csv",
        '"playlist_id", "track_id", "title"\n1, "a", "Intro"\n1, "b", "Home"\n2, "a", "Intro"\n',
        [["a", "b"], ["a"]],
    ),
    "a line that names the separator": (
        "t.csv",
        "sep=;\nplaylist_id;track_id;title\n1;a;Intro\n1;b;Home\n",
        [["a", "b"]],
    ),
    "rows without a playlist": (
        "t.csv",
        "playlist_id,track_id,title\n1,,Intro\n1,b,Home\n,a,Intro\n,c,Intro\n1,c,\n",
        [["b", "c"]],
    ),
    "decimals in json": ("t.jsonl", "[1.0,2.0,3.0]\n[3.0,2.0,1.0]\n", [["1", "2", "3"], ["3", "2", "1"]]),
    "not a number": (
        "t.json",
        '{"info":{},"playlists":[{"tracks":[{"track_uri":"a","duration_ms":NaN},{"track_uri":"b"}]}]}',
        [["a", "b"]],
    ),
}


@pytest.mark.parametrize("name", TRAINED)
def test_playlists_are_read_without_a_warning(name: str, tmp_path: Path) -> None:
    file, content, expected = TRAINED[name]
    path = tmp_path / file
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_playlists(path).lists() == expected


def test_rows_without_a_playlist_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(str(TRAINED["rows without a playlist"][1]))
    assert read_playlists(path).report.skipped == {"row without a playlist": 2, "empty track id": 1}


def test_sessions_by_a_column_of_times(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "user_id,item_id,timestamp\nu1,c,2024-01-03T10:00:00Z\nu1,b,2024-01-02T10:00:00Z\n"
        "u1,a,2024-01-01T10:00:00Z\nu2,a,2024-01-01T10:00:00Z\nu2,b,2024-01-02T10:00:00Z\n"
    )
    columns = Columns(playlist="user_id", track="item_id", position="timestamp")
    assert read_playlists(path, columns=columns).lists() == [["a", "b", "c"], ["a", "b"]]


@pytest.mark.parametrize(
    ("header", "cells", "title", "artist"),
    [
        ("name,artists,album", "Intro,Mara,X", "Intro", "Mara"),
        ("name,name", "Intro,Mara", "Intro", "Mara"),
        ("title,name", "Intro,Mara", "Intro", "Mara"),
        ("title,album", "Intro,X", "Intro", ""),
    ],
)
def test_a_column_called_name_is_what_the_others_are_not(
    header: str, cells: str, title: str, artist: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"playlist_id,track_id,{header}\n1,a,{cells}\n1,a,{cells}\n")
    info = read_playlists(path).tracks["a"]
    assert (info.title, info.artist) == (title, artist)


def test_windows_1252_is_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(
        "playlist_id,track_id,title,artist_name\n1,a,Café,Bröther Øst\n1,b,Años,Who\n".encode("cp1252")
    )
    tracks = read_playlists(path).tracks
    assert (tracks["a"].title, tracks["a"].artist, tracks["b"].title) == ("Café", "Bröther Øst", "Años")
    path.write_bytes("track_id,title,name\ntrack_1,Café 0,Bröther 0\n".encode("cp1252"))
    assert read_metadata([path]).tracks["track_1"].title == "Café 0"


def test_bare_numbers_join_their_metadata(tmp_path: Path) -> None:
    known = Vocabulary(["3135550", "track_3135551"], np.array([1, 1]), ["", ""])
    path = tmp_path / "m.csv"
    path.write_text("track_id,title,name\n3135550,Song 0,Artist 0\n3135551,Song 1,Artist 1\n")
    tracks = read_metadata([path], known).tracks
    assert {track: info.title for track, info in tracks.items()} == {
        "3135550": "Song 0",
        "track_3135551": "Song 1",
    }


def test_one_file_in_five_spellings_is_one_track(tmp_path: Path) -> None:
    folder = tmp_path / "same"
    folder.mkdir()
    lines = ["Mara Quill/Intro.mp3", "Bröther Øst/Café 1.mp3", "高橋ミオ/雨の街.mp3"]
    spellings = {
        "plain": lines,
        "dot": [f"./{line}" for line in lines],
        "mac_nfd": [unicodedata.normalize("NFD", line) for line in lines],
        "vlc": list(map(quote, lines)),
        "windows": [line.replace("/", "\\") for line in lines],
    }
    for name, written in spellings.items():
        (folder / f"{name}.m3u8").write_text("#EXTM3U\n" + "\n".join(written) + "\n", encoding="utf-8")
    playlists = read_playlists(folder)
    assert playlists.lists() == [lines] * 5


def test_percent_signs_of_names_stay(tmp_path: Path) -> None:
    path = tmp_path / "t.m3u8"
    path.write_text("#EXTM3U\n100%25 Pure.mp3\nplain.mp3\n")
    assert read_playlists(path).lists() == [["100%25 Pure.mp3", "plain.mp3"]]


def test_a_folder_of_exportify_is_a_playlist_a_file(tmp_path: Path) -> None:
    for name in ("One", "Two"):
        (tmp_path / f"{name}.csv").write_text(EXPORTIFY)
    playlists = read_playlists(tmp_path)
    uris = ["spotify:track:aaaaaaaaaaaaaaaaaaaaa1", "spotify:track:aaaaaaaaaaaaaaaaaaaaa2"]
    assert playlists.lists() == [uris, uris]
    info = playlists.tracks[uris[0]]
    assert (info.title, info.artist, info.album, info.duration) == ("Intro", "Mara Quill", "W", 201.0)


def written(tmp_path: Path, **columns: pa.Array) -> Path:
    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table(columns), path)
    return path


TWO = [["a", "b"], ["b", "c"]]


def parquets() -> Iterator[tuple[str, dict[str, pa.Array], list[list[str]]]]:
    yield (
        "genres beside tracks",
        {
            "playlist_id": pa.array([1, 1, 2]),
            "track_id": pa.array(["a", "b", "c"]),
            "genres": pa.array([["x"], ["y", "z"], []]),
        },
        [["a", "b"], ["c"]],
    )
    yield "floats", {"playlist_id": pa.array([1, 1]), "track_id": pa.array([12.0, 13.0])}, [["12", "13"]]
    yield "bytes", {"playlist_id": pa.array([1, 1]), "track_id": pa.array([b"a", b"b"])}, [["a", "b"]]
    yield "lists of floats", {"tracks": pa.array([[1.0, 2.0], [2.0]])}, [["1", "2"], ["2"]]
    yield (
        "lists of objects",
        {"tracks": pa.array([[{"track_uri": "a", "pos": 0}, {"track_uri": "b", "pos": 1}]])},
        [["a", "b"]],
    )
    yield "fixed lists", {"tracks": pa.array(TWO, pa.list_(pa.string(), 2))}, TWO
    yield "large lists", {"tracks": pa.array(TWO, pa.large_list(pa.string()))}, TWO


@pytest.mark.parametrize(
    ("name", "columns", "expected"), list(parquets()), ids=[one[0] for one in parquets()]
)
def test_columns_of_parquet(
    name: str, columns: dict[str, pa.Array], expected: list[list[str]], tmp_path: Path
) -> None:
    assert read_playlists(written(tmp_path, **columns)).lists() == expected, name


def test_of_two_unknown_lists_neither_is_taken(tmp_path: Path) -> None:
    path = written(tmp_path, x=pa.array(TWO), y=pa.array(TWO))
    with pytest.raises(SegueError, match=r"several columns of lists among x, y; name it with --columns"):
        read_playlists(path)
    assert read_playlists(path, columns=Columns(track="y")).lists() == TWO


def test_lists_of_lists_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, tracks=pa.array([TWO]))
    with pytest.raises(SegueError, match="holds lists of lists, not lists of tracks"):
        read_playlists(path)


@pytest.mark.parametrize(
    "link",
    [
        "https://deezer.page.link/abc",
        "https://open.spotify.com/playlist/37i9dQZF1DXcBWIGoYBM5M",
        "https://www.deezer.com/artist/27",
    ],
)
def test_a_link_that_is_not_read_is_named_as_typed(link: str) -> None:
    with pytest.raises(SegueError) as caught:
        read_playlist(link, offline=True)
    assert str(caught.value).startswith(f"{link}: links of this kind aren't read")


@pytest.mark.parametrize(
    "link", ["HTTPS://WWW.DEEZER.COM/playlist/9", "deezer.com/fr/album/9", "https://link.deezer.com/s/30abc"]
)
def test_links_of_deezer_are_asked_for_in_any_case(link: str) -> None:
    with pytest.raises(SegueError, match="offline"):
        read_playlist(link, offline=True)
