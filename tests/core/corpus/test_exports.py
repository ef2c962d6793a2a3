"""The same invented playlists written as every service and player exports them come back the same.

Each kind of export goes through the same questions, which makes the file long.
"""

import json
import os
import random
import re
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from segue.core.cli import main
from segue.core.corpus.own import read_own
from segue.core.corpus.prepare import prepare
from segue.core.corpus.readers import Columns, read_playlists
from segue.core.corpus.readers.forms import FORMATS, OWN
from segue.core.errors import SegueError
from segue.core.explore.playlist_files import read_playlist
from segue.core.library import Library
from segue.core.state import State
from tests.core.corpus import exports
from tests.core.corpus.corpora import CORPORA
from tests.core.corpus.exports import EXPORTS, Track, uri, zipped

TITLES = [
    "Für Elise",
    "雨の街",
    "Ольга",
    "दाल",
    "Rock & Roll",
    "<Untitled>",
    'The "End"',
    "1979",
    "A; B",
    "Night",
]
ARTISTS = ["Mara Quill", "Bröther Øst", "高橋ミオ", "Earth, Wind & Fire", "AC/DC", "Низкий Лёд"]
WITHOUT_TITLES = {"youtube playlists"}
WITHOUT_ALBUMS = {"spotify year", "youtube", "youtube page", "youtube playlists", "pls", "m3u", "titles"}
IN_ONE = {"spotify library"}
WITH_TITLES = {"csv", "tsv", "semicolons", "utf-16", "zstandard", "parquet", "million", "yes"}
"""The forms of a corpus that hold them; the others hold the artists' ids."""


def invented(number: int) -> list[list[Track]]:
    """Playlists of 2 to 9 of 300 tracks."""
    rng = random.Random(5)
    tracks = [
        (at, f"{TITLES[at % len(TITLES)]} {at}", ARTISTS[at % len(ARTISTS)], f"Album {at % 40}")
        for at in range(300)
    ]
    return [rng.sample(tracks, rng.randint(2, 9)) for _ in range(number)]


def test_the_page_of_formats_names_each_and_no_other() -> None:
    page = (Path(__file__).parents[3] / "docs" / "playlists.md").read_text("utf-8")
    rows = re.findall(r"^\| (`[^|]*`) \|", page, re.MULTILINE)
    corpora = next(line for line in page.splitlines() if line.startswith("Corpora: "))
    named = [re.findall(r"`([\w-]+)`", text) for text in (" ".join(rows[1:]), corpora)]
    assert sorted(named[0]) == sorted(OWN)
    assert sorted(named[1]) == sorted(set(FORMATS) - set(OWN))


def as_read(path: Path) -> list[list[tuple[str, str, str]]]:
    playlists = read_playlists(path)
    empty = ("", "", "")
    known = {track: (info.title, info.artist, info.album) for track, info in playlists.tracks.items()}
    return [[known.get(track, empty) for track in tracks] for tracks in playlists.lists()]


@pytest.mark.parametrize("name", EXPORTS)
def test_playlists_come_back_with_titles_and_artists(name: str, tmp_path: Path) -> None:
    playlists = invented(200)
    path = EXPORTS[name](tmp_path / "mine", playlists)
    expected = [[(t, a, "" if name in WITHOUT_ALBUMS else al) for _, t, a, al in row] for row in playlists]
    if name in WITHOUT_TITLES:
        expected = [[("", "", "") for _ in row] for row in playlists]
        ids = [[f"youtube:{number:011d}" for number, *_ in row] for row in playlists]
        assert read_playlists(path).lists() == ids
    if name in IN_ONE:
        expected = [[track for row in expected for track in row]]
    found = as_read(path)
    if name in {
        "last.fm",
        "spotify year",
    }:  # a track has the album that it came with first, and its words as id
        expected = [[(t, a, al) for t, a, al in row] for row in expected]
    assert found == expected


@pytest.mark.parametrize("name", [name for name in EXPORTS if name not in IN_ONE])
def test_a_zip_archive_is_read_as_its_files_are(name: str, tmp_path: Path) -> None:
    path = EXPORTS[name](tmp_path / "mine", invented(12))
    plain = read_playlists(path)
    archived = read_playlists(zipped(path if path.is_dir() else path.parent))
    ids = [[track.removeprefix("export/") for track in row] for row in archived.lists()]
    assert ids == plain.lists()
    assert len(read_playlist(str(tmp_path / "mine.zip"))) == sum(map(len, ids))


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_file_cut_short_is_read_in_part_or_refused_in_one_line(
    name: str, share: float, tmp_path: Path
) -> None:
    path = EXPORTS[name](tmp_path / "mine", invented(3))
    for file in [path] if path.is_file() else sorted(path.iterdir()):
        content = file.read_bytes()
        file.write_bytes(content[: int(len(content) * share)])
    most = sum(map(len, invented(3)))
    try:
        found = read_playlists(path)
    except SegueError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either may be
    else:
        assert sum(map(len, found.lists())) <= most


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "windows-1252"])
def test_text_in_other_encodings_is_read_as_in_utf_8(encoding: str, tmp_path: Path) -> None:
    tracks = [(n, title, ARTISTS[n % 2], f"Album {n}") for n, title in enumerate(("Für Elise", "1979", "Là"))]
    for name in EXPORTS:
        path = EXPORTS[name](tmp_path / name, [tracks])
        file = path if path.is_file() else next(path.iterdir())
        if file.suffix in {".xlsx", ".html"}:  # packed, and a page with a narrow blank
            continue
        if encoding == "windows-1252" and file.suffix in {".json", ".jspf"}:  # which is UTF-8, or refused
            continue
        expected = as_read(file)
        file.write_bytes(file.read_text("utf-8").encode(encoding))
        assert as_read(file) == expected, name


def test_tables_that_are_appended_have_no_track_called_as_their_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    playlists = invented(2)
    for name in ("exportify", "tunemymusic", "soundiiz"):
        path = EXPORTS[name](tmp_path / name, playlists)
        files = [path] if path.is_file() else sorted(path.iterdir())
        both = tmp_path / f"{name}.csv"
        both.write_text("".join(file.read_text("utf-8") for file in files * 2), encoding="utf-8")
        assert {title for row in as_read(both) for title, *_ in row} == {
            t[1] for row in playlists for t in row
        }
    corpus = tmp_path / "corpus.csv"
    corpus.write_text("playlist,track\n1,a\n1,b\nplaylist,track\n2,a\n2,b\n")
    assert read_playlists(corpus).lists() == [["a", "b"], ["a", "b"]]
    assert main(["prepare", str(corpus), "--out", str(tmp_path / "out"), "--min-count", "1", "--json"]) == 0
    assert '"header within the table": 1' in capsys.readouterr().out


def test_what_strangers_name_and_write_oddly_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    (folder / "notes.txt").write_text("This is a letter to my mother.\nI hope that you are well.\nYours\n")
    (folder / "ja.csv").write_text("曲名,アーティスト\n雨の街,高橋ミオ\n")
    (folder / "ru.csv").write_text("Исполнитель;Название\nНизкий Лёд;Ольга\n")
    half = {"playlist": {"track": [{"title": "Night \ud83c", "creator": "Mara Quill"}]}}
    (folder / "cut.jspf").write_text(json.dumps(half))
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.m3u8")).write_text("#EXTM3U\n#EXTINF:9,A - B\nx/b.mp3\n")
    (folder / "\x1b[2J\nred.m3u8").write_text("#EXTM3U\n#EXTINF:9,A - B\nx/b.mp3\n")
    titles = {("雨の街", "高橋ミオ"), ("Ольга", "Низкий Лёд"), ("Night �", "Mara Quill"), ("B", "A")}
    assert main(["import", str(folder), "--to", str(tmp_path / "own"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["skipped"] == {"file that is not a playlist": 1}
    kept = [
        json.loads(line) for line in (tmp_path / "own" / "playlists.jsonl").read_text("utf-8").splitlines()
    ]
    assert {(entry["title"], entry["artist"]) for row in kept for entry in row["entries"]} == titles
    assert {row["own_playlist"] for row in kept} == {"ja", "ru", "cut", "?", "�[2J red"}
    for other in folder.iterdir():
        if other.name != "notes.txt":
            other.unlink()
    with pytest.raises(SegueError, match="holds words"):
        read_playlists(folder)
    assert len(read_playlist(str(folder))) == 3, "where there is nothing else, lines of words are titles"


def test_a_folder_of_a_mixture_is_read_whole(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    playlists = invented(2)
    for name in ("exportify", "xspf", "m3u", "spotify account", "rekordbox", "titles"):
        path = EXPORTS[name](tmp_path / "one", playlists)
        path.rename(folder / (name if path.is_dir() else path.name))
        if path.is_file() or (tmp_path / "one").exists():
            (tmp_path / "one").rmdir()
    (folder / "notes.txt").write_text("Remember to sort all of these some day.\nThey are not in order.\n")
    (folder / "rent.csv").write_text("Month,Rent\nJanuary,700\nFebruary,710\n")
    budget = exports.workbook({"Budget": [["Month", "Sum"], ["January", "12"]]})
    (folder / "budget.xlsx").write_bytes(budget)
    found = read_playlists(folder)
    assert len(found) == 12
    assert found.report.skipped == {"file that is not a playlist": 3}


def test_prepare_reads_archives_in_several_processes(tmp_path: Path) -> None:
    path = zipped(exports.exportify(tmp_path / "mine", invented(20)))
    one, _ = prepare([path], tmp_path / "one", min_count=1, processes=1)
    two, _ = prepare([path], tmp_path / "two", min_count=1, processes=2)
    assert one.fingerprint == two.fingerprint
    assert one.playlists == 20
    assert one.described == one.tracks


def test_what_is_dropped_of_a_history_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def record(title: str | None, minute: int, **more: object) -> dict[str, object]:
        return {
            "ts": f"2024-01-01T10:{minute:02d}:00Z",
            "ms_played": 180_000,
            "master_metadata_track_name": title,
            "master_metadata_album_artist_name": title and "Mara Quill",
            "skipped": False,
            "incognito_mode": False,
            **more,
        }

    path = tmp_path / "Streaming_History_Audio_2024.json"
    records = [
        record("A", 3),
        record("B", 6),
        record("C", 7, ms_played=9_000),
        record("D", 9, skipped=True),
        record("E", 9, incognito_mode=True),
        record(None, 9, episode_name="Talk"),
        record("F", 14),  # begins at 11, 300 s after B has ended
        record("G", 23),  # begins at 20
        record("H", 29),  # begins at 26
    ]
    path.write_text(json.dumps(records))
    playlists = read_playlists(path)
    titles = [[playlists.tracks[track].title for track in row] for row in playlists.lists()]
    assert titles == [["A", "B", "F"], ["G", "H"]]
    assert playlists.report.skipped == {
        "skipped track": 2,
        "private session": 1,
        "podcast, audiobook or video": 1,
    }
    assert main(["prepare", str(path), "--out", str(tmp_path / "out"), "--min-count", "1"]) == 0
    assert "skipped 2 x skipped track" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["x.csv", "x.m3u", "x.txt"])
def test_a_file_of_too_many_lines_is_refused_before_they_are_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.core.corpus.readers.batch.MOST_LINES", 100)
    line = {"x.csv": "Oda,Salt\n", "x.m3u": "a/x.mp3\n", "x.txt": "Oda - Salt\n"}[name]
    head = {"x.csv": "title,artist\n", "x.m3u": "#EXTM3U\n"}.get(name, "")
    (tmp_path / name).write_text(head + line * 90)
    assert read_own(tmp_path / name)[0]
    (tmp_path / name).write_text(head + line * 101)
    with pytest.raises(SegueError, match="has more than 100 lines or tags; import a part of it"):
        read_own(tmp_path / name)


@pytest.mark.parametrize("name", ["x.xspf", "x.jspf"])
def test_a_document_of_too_many_parts_is_refused_before_it_is_taken_apart(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.core.corpus.readers.batch.MOST_LINES", 100)
    monkeypatch.setattr("segue.core.corpus.readers.json_lines.MOST_VALUES", 100)
    path = tmp_path / name
    head, part, tail = {
        "x.xspf": (
            '<playlist xmlns="http://xspf.org/ns/0/"><trackList>',
            "<track/>",
            "</trackList></playlist>",
        ),
        "x.jspf": ('{"playlist": {"track": [', "{},", '{"title": "a", "creator": "b"}]}}'),
    }[name]
    path.write_text(head + part * 300 + tail)
    with pytest.raises(SegueError, match=r"has more than 100 lines or tags|more than 100 objects and lists"):
        read_own(path)


def test_a_spreadsheet_is_read_by_its_headings_or_names_what_was_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"

    def write(sheet: str, *rows: list[object]) -> None:
        path.write_bytes(exports.workbook({"Empty": [], sheet: list(rows)}))

    rows: list[list[object]] = [["Mara Quill", "Intro", 3135556], ["", ""], ["Oda", "Salt"]]
    write("Road trip", ["Artist", "Title", "Deezer ID"], *rows)
    playlists = read_playlists(path)
    assert playlists.lists() == [["track_3135556", "oda - salt"]]
    assert playlists.tracks["oda - salt"].title == "Salt"
    assert [entry.title for entry in read_playlist(path.read_bytes())] == ["Intro", "Salt"], "piped in"
    assert main(["import", str(path)]) == 0
    with closing(State.open()) as state:
        assert list(state.crates()) == ["Road trip"]

    heard = enumerate([180, 12, -1, 40, 200])
    rows = [[f"Song {at}", "Oda", seconds, f"2024-01-01 10:{at:02d}:00"] for at, seconds in heard]
    write("10_listeningHistory", ["Song Title", "Artist", "Listening Time", "Date"], *rows)
    playlists = read_playlists(path)
    titles = [playlists.tracks[track].title for track in playlists.track_ids]
    assert titles == ["Song 0", "Song 2", "Song 3", "Song 4"]
    assert playlists.report.skipped == {"skipped track": 1}

    write("Budget", ["Month", "Sum"], ["May", 12])
    with pytest.raises(SegueError, match="no sheet has a heading of tracks"):
        read_playlists(path)
    write("favoriteAlbum", ["Title", "Artist"], ["A", "B"])
    with pytest.raises(SegueError, match=r"its sheets are Empty, favoriteAlbum$"):
        read_playlists(path)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{}]>'.format(
    "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
)


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        (
            '<playlist xmlns="http://xspf.org/ns/0/"><trackList><track><title>&j;</title>',
            "</track></trackList></playlist>",
        ),
        ('<plist version="1.0"><dict><key>Tracks</key><string>&j;</string>', "</dict></plist>"),
        ('<DJ_PLAYLISTS Version="1"><COLLECTION><TRACK Name="&j;"/>', "</COLLECTION></DJ_PLAYLISTS>"),
        ('<smil><body><seq><media src="&j;"/>', "</seq></body></smil>"),
    ],
)
def test_xml_that_declares_entities_or_is_deep_is_refused(head: str, tail: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text(f'<?xml version="1.0"?>{BOMB}{head}{tail}')
    with pytest.raises(SegueError, match="declares entities"):
        read_playlists(path)
    path.write_text(f"{head.replace('&j;', '')}{'<a>' * 200_000}{'</a>' * 200_000}{tail}")
    with pytest.raises(SegueError) as caught:
        read_playlists(path)
    assert "\n" not in str(caught.value)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"{number}.m3u8", bytes(100 << 20))
    for read in (read_playlists, lambda path: read_playlist(str(path))):
        with pytest.raises(SegueError, match="unpacks to more than 250 times its size"):
            read(path)


def test_an_archive_that_is_damaged_or_locked_is_named(tmp_path: Path) -> None:
    path = zipped(exports.m3u(tmp_path / "mine", invented(3)))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(SegueError, match=r"mine\.zip: is a damaged zip archive"):
        read_playlists(path)
    locked = bytearray(content)
    for at in [found.start() for found in re.finditer(b"PK\x01\x02", content)]:
        locked[at + 8] |= 1
    path.write_bytes(bytes(locked))
    with pytest.raises(SegueError, match="password required"):
        read_playlists(path)


def test_an_archive_of_thousands_of_files_is_read_and_one_of_too_many_refused_before_its_list_is(
    tmp_path: Path,
) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(2_500):
            archive.writestr(f"{number}.m3u8", f"#EXTM3U\n#EXTINF:30,Artist {number} - Title\n{number}.mp3\n")
    playlists = read_playlists(path)
    assert playlists.lists() == [[f"{number}.mp3"] for number in range(2_500)]
    content = bytearray(path.read_bytes())
    content[-10:-6] = (100 << 20).to_bytes(4, "little")  # a list of 100 MB, says the end
    path.write_bytes(content)
    with pytest.raises(SegueError, match=r"many\.zip: holds more than 100,000 files"):
        read_playlists(path)


def test_an_archive_that_another_takes_the_place_of_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.zip"
    for title in ("First", "Second"):
        path.unlink(missing_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", f"Artist - {title}\nArtist - Other\n")
        assert [entry.title for entry in read_playlist(str(path))] == [title, "Other"]


@pytest.mark.parametrize("name", CORPORA)
def test_the_same_playlists_come_back_from_every_form_of_corpus(name: str, tmp_path: Path) -> None:
    playlists = invented(200)
    path = CORPORA[name](tmp_path / "music", playlists)
    found = read_playlists(path)
    prefix = "yes_" if name == "yes" else "track_"
    assert found.lists() == [[f"{prefix}{number}" for number, *_ in row] for row in playlists]
    expected = {f"{prefix}{number}": (title, artist) for row in playlists for number, title, artist, _ in row}
    if name in WITH_TITLES:
        assert {track: (info.title, info.artist) for track, info in found.tracks.items()} == expected
    elif name != "parquet of lists":
        known = zip(found.track_ids, found.artist_ids, strict=True)
        assert all(artist == f"artist_{int(track.removeprefix('track_')) % 7}" for track, artist in known)
    assert found.report.skipped == {}


SPOTIFY = [uri(1), uri(2), uri(3)]
LINKS = "".join(f"https://open.spotify.com/track/{track.rpartition(':')[2]}?si=1\n" for track in SPOTIFY)
VIDEO = "youtube:aaaaaaaaaaa"
ADDED = "added,id,at\n2020,a b,2\n2021,c d,1\n"
DOORS: dict[str, tuple[str, str, str | None, Columns | None, list[str]]] = {
    "ids alone": ("x.csv", "track_id\na1\nb2\n", None, None, ["a1", "b2"]),
    "ids of a kind": ("x.csv", "Spotify - id\n" + "7" * 22 + "\n", None, None, ["spotify:track:" + "7" * 22]),
    "titles alone": ("x.csv", "Song\nIntro\nHome\n", None, None, ["intro", "home"]),
    "links": ("x.txt", f"# Evening\n{LINKS}", None, None, SPOTIFY),
    "ids of services": ("x.txt", f"track_1\n{VIDEO}\n", None, None, ["track_1", VIDEO]),
    "quoted lines": ("x.txt", '"Mara Quill - Intro"\n"B - A"\n', None, None, ["mara quill - intro", "b - a"]),
    "links of albums too": ("x.txt", f"{LINKS}spotify:album:{'a' * 22}\n", None, None, SPOTIFY),
    "a separator in a title": (
        "x.csv",
        'title,artist\nIn\u2028tro,Mara Quill\n"Ho\x0bme",Who\n',
        None,
        None,
        ["mara quill - in tro", "who - ho me"],
    ),
    "ids and dates": ("x.csv", ADDED, "tracks-csv", None, ["a b", "c d"]),
    "in order": ("x.csv", ADDED, "tracks-csv", Columns(position="at"), ["c d", "a b"]),
    "titles that are named": (
        "x.csv",
        "Lied;Sänger\nIntro;Mara Quill\nHome;The Who Else\n",
        None,
        Columns(title="Lied", artist="Sänger"),
        ["mara quill - intro", "the who else - home"],
    ),
    "lines that are titles": ("x.txt", "Luna y mañana\nHome\n", "titles", None, ["Luna y mañana", "Home"]),
}  # fmt: skip


@pytest.mark.parametrize("name", DOORS)
def test_every_door_reads_a_list_as_the_same_playlist(name: str, tmp_path: Path) -> None:
    file, text, form, columns, expected = DOORS[name]
    path = tmp_path / file
    path.write_text(text, encoding="utf-8")
    entries = read_playlist(str(path), file_format=form, columns=columns)
    assert [entry.identity for entry in entries] == expected
    (own,), _ = read_own(path, form, columns)
    assert [entry.identity for entry in own.entries] == expected
    assert read_playlists(path, format=form, columns=columns).lists() == [expected]


@pytest.mark.parametrize(
    ("text", "form", "columns", "reason"),
    [
        (
            "id,added\na,1\n",
            None,
            None,
            "no playlist column .* that is one playlist needs --format",
        ),
        (
            "foo,bar\na,1\n",
            "tracks-csv",
            None,
            "no column of titles or ids .* among foo, bar",
        ),
        ("Lied,Wer\na,1\n", None, Columns(title="Leid"), "no column 'Leid' among Lied, Wer"),
        (
            "Title,Author,ISBN\nFaust,Goethe,3\n",
            None,
            None,
            "no playlist column .* among Title, Author, ISBN",
        ),
        ("Title\nThe Wire\n", None, None, "no playlist column .* among Title"),
        ("Const,Title,URL\ntt1,Heat,http://x/tt1\n", None, None, "no playlist column .* among Const"),
        ("#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:9,\n1.ts\n", None, None, "lists the parts of a stream"),
        ("%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\n", None, None, "is a document, not a playlist"),
    ],
)
def test_a_table_whose_columns_are_not_known_is_refused_at_every_door(
    text: str, form: str | None, columns: Columns | None, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    for door in (
        lambda: read_playlists(path, format=form, columns=columns),
        lambda: read_own(path, form, columns),
        lambda: read_playlist(str(path), file_format=form, columns=columns),
    ):
        with pytest.raises(SegueError, match=reason):
            door()


@pytest.mark.parametrize("verb", ["import", "complete", "prepare"])
def test_every_door_takes_the_same_options(
    verb: str, tmp_path: Path, tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    info = tiny_library.catalogue.info(3)
    path = tmp_path / "x.csv"
    path.write_text(f"Lied;Wer\n{info.title};{info.artist}\n", encoding="utf-8")
    more = {
        "import": ["--library", str(tiny_library.path)],
        "complete": ["--library", str(tiny_library.path)],
        "prepare": ["--min-count", "1", "--out", str(tmp_path / "out")],
    }
    options = ["--format", "tracks-csv", "--columns", "title=Lied,artist=Wer"]
    assert main([verb, str(path), *options, *more[verb], "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found[{"prepare": "tracks"}.get(verb, "matched")] == 1


@pytest.mark.parametrize(
    "title", ["Watched Home", "„Home“ angesehen", "Home bekeken", "Vous avez regardé Home"]
)
def test_what_takeout_writes_around_a_title_is_no_part_of_it(title: str, tmp_path: Path) -> None:
    path = tmp_path / "watch-history.json"
    watched = {
        "header": "YouTube Music",
        "title": title,
        "titleUrl": "https://music.youtube.com/watch?v=aaaaaaaaaaa",
        "subtitles": [{"name": "The Who Else - Topic"}],
        "time": "2025-03-05T20:15:10Z",
    }
    path.write_text(json.dumps([watched]), encoding="utf-8")
    assert as_read(path) == [[("Home", "The Who Else", "")]]


def test_apple_musics_plays_are_sessions_without_what_was_skipped(tmp_path: Path) -> None:
    path = tmp_path / "Apple Music Play Activity.csv"
    path.write_text(
        "Song Name,Artist Name,Event Start Timestamp,Play Duration Milliseconds,"
        "Media Duration In Milliseconds\n"
        "Home,The Who Else,2025-03-05T20:20:10.123Z,180000,201000\n"
        "Intro,Mara Quill,2025-03-05T20:16:10Z,201000,201000\n"
        "Night,Mara Quill,2025-03-05T20:19:50Z,4000,201000\n"
        "Intro,Mara Quill,2025-04-05T20:16:10Z,201000,201000\n"
    )
    (first, second), skipped = read_own(path)
    assert [[entry.title for entry in each.entries] for each in (first, second)] == [
        ["Intro", "Home"],
        ["Intro"],
    ]
    assert (first.is_session, first.entries[0].duration) == (True, 201.0)
    assert skipped == {"skipped track": 1}


def test_a_link_has_no_words_that_could_be_a_title(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text(
        "https://music.youtube.com/watch?v=aaaaaaaaaaa&list=RD\nhttps://www.deezer.com/de/track/12\n"
    )
    assert [(each.track_id, each.text) for each in read_playlist(str(path))] == [
        (name, name) for name in ("youtube:aaaaaaaaaaa", "track_12")
    ]


def test_what_only_calls_itself_json_is_no_list_of_titles(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("null\n")
    for door in (read_playlists, read_own, lambda path: read_playlist(str(path))):
        with pytest.raises(SegueError, match="is not JSON"):
            door(path)
