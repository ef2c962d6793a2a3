"""What is not a playlist does not become a library, nor a list of tracks."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from segue.core.cli import main
from segue.core.corpus.readers import read_playlists
from segue.core.errors import SegueError
from segue.core.explore.playlist_files import read_playlist
from segue.core.library import Library


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "Artist - Title\n" * 500)
    return out.getvalue()


XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
FOREIGN: dict[str, tuple[str | bytes, str]] = {
    "feed": (
        f"{XML}<rss><channel>\n" + "<item><title>Intro</title></item>\n" * 9,
        "is XML, but neither XSPF",
    ),
    "asx": ('<asx version="3.0">\n' + "<entry><title>Intro</title></entry>\n" * 9, "XML (ASX)"),
    "web page": ("<!DOCTYPE html>\n<html><body>Intro<br>\nHome</body></html>\n", "XML (a web page)"),
    "zip": (zipped("a.mp3", "b.zip"), "is a zip archive without a playlist in it"),
    "archives": (zipped("a.zip", "b.zip"), "without a playlist in it; unpack the archives in it first"),
    "document": (zipped("[Content_Types].xml", "word/document.xml"), "is a document or a spreadsheet that"),
    "broken spreadsheet": (zipped("[Content_Types].xml", "xl/workbook.xml"), "is not valid XML"),
    "sound": (b"ID3\x04" + bytes(2000), "binary file"),
    "noise": (np.random.default_rng(1).integers(1, 256, 5000, np.uint8).tobytes(), "binary file"),
    "control characters": (b"\x01\x02ab\n" * 900, "binary file"),
}


@pytest.mark.parametrize("suffix", [".txt", ".m3u8", ".xml", ""])
@pytest.mark.parametrize("name", FOREIGN)
def test_another_programs_file_is_refused_with_what_to_do(name: str, suffix: str, tmp_path: Path) -> None:
    content, shown = FOREIGN[name]
    path = tmp_path / f"mine{suffix}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for read in (read_playlists, lambda path: read_playlist(str(path))):
        with pytest.raises(SegueError) as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert shown in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [name for name, (content, _) in FOREIGN.items() if isinstance(content, str)])
def test_pasted_text_of_another_program_is_refused(name: str) -> None:
    content, shown = FOREIGN[name]
    assert isinstance(content, str)
    with pytest.raises(SegueError, match="the text: is") as caught:
        read_playlist(content)
    assert shown in str(caught.value)


TITLES = {
    "artist and title": "Mara Quill - Intro\nThe Who Else - Home\nU2 - One\nBlink-182 - Dammit\n",
    "numbered": "01. Mara Quill - Intro\n02. The Who Else - Home\n",
    "features": "Gucci Mane - Gucci Time (w/ Swizz Beatz)\nDon't - Stop\n",
    "titles with commas": "Earth, Wind & Fire - September\nCrosby, Stills & Nash - Our House\n",
    "cyrillic": "Кино - Группа крови\nДДТ - Что такое осень\n",
    "latin-1": "Mara Quill - Café\nThe Who Else - Forêt\n",
}


@pytest.mark.parametrize("name", TITLES)
def test_artists_and_titles_in_lines_are_a_playlist(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(TITLES[name], encoding="latin-1" if name == "latin-1" else "utf-8")
    playlists = read_playlists(path)
    lines = [re.sub(r"^\d+\. ", "", line) for line in TITLES[name].splitlines()]
    assert playlists.report.format == "titles"
    assert playlists.lists() == [[line.casefold() for line in lines]]
    found = playlists.tracks.values()
    assert [f"{info.artist} - {info.title}" for info in found] == lines
    assert [f"{entry.artist} - {entry.title}" for entry in read_playlist(str(path))] == lines


WORDS = {
    "prose": "The playlists were collected by somebody.\nThey don't hold any ids, as you can see.\n",
    "titles": "Chasing Cars\nBlack And Yellow\nRolling In The Deep\n",
    "song hash": "0\tGucci Time (w\\/ Swizz Beatz)\tGucci Mane\n1\tWhip My Hair\tWillow Smith\n",
}


@pytest.mark.parametrize("name", WORDS)
def test_words_are_not_track_ids(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(WORDS[name])
    with pytest.raises(SegueError, match="holds words, not track ids") as caught:
        read_playlists(path)
    assert "--format lines" in str(caught.value)
    assert len(read_playlists(path, format="lines").codes) > 0, "who asks for it gets it"
    assert len(read_playlist(str(path))) == WORDS[name].count("\n"), "titles can be looked up"


IDS = {
    "numbers": "1 2 3\n2 3\n",
    "deezer": "track_1 artist_2 track_3 artist_2\ntrack_3 artist_2\n",
    "commas": "track_1,track_2\ntrack_2,track_3\n",
    "commas and blanks": "track_1, track_2\ntrack_2, track_3\n",
    "names between commas": "abba,queen,blur\nqueen,blur\n",
    "names between commas and blanks": "abba, queen, blur\nqueen, blur\n",
    "letters": "a b c\nb c\n",
    "spotify": "spotify:track:4uLU6hMCjMI75M1A2tKUQC spotify:track:7GhIk7Il098yCjg4BQjzvb\n",
    "spotify and commas": "spotify:track:4uLU6hMCjMI75M1A2tKUQC,spotify:track:7GhIk7Il098yCjg4BQjzvb\n",
    "base62": "4uLU6hMCjMI75M1A2tKUQC 7GhIk7Il098yCjg4BQjzvb\n",
    "uuids": "f27ec8db-af05-4f36-916e-3d57f91ecf5e 5b11f4ce-a62d-471e-81fc-a69a8278c7da\n",
    "videos": "dQw4w9WgXcQ kJQPtRZcTfk fJnRZwWFDkS\nkJQPtRZcTfk abcdefghijk ABC-EFG_IJK\n",
    "one on a line": "abba\nqueen\nblur\n",
}


@pytest.mark.parametrize("name", IDS)
def test_ids_are_still_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(IDS[name])
    assert read_playlists(path).report.format == "lines"


def test_a_line_longer_than_pythons_reader_of_tables_allows(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text(" ".join(f"track_{number}" for number in range(20_000)) + "\n")
    assert len(read_playlists(path).codes) == 20_000
    path.write_text("x" * 200_000 + "\na b\n")
    assert read_playlists(path).report.skipped == {"track id longer than 1,024 characters": 1}


def test_a_table_without_titles_and_ids_names_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("Verein,Ort\nA,B\n")
    for read in (read_playlists, lambda path: read_playlist(str(path))):
        with pytest.raises(SegueError, match="no playlist column that is recognised among Verein, Ort"):
            read(path)


def test_titles_in_brackets_are_not_json(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("[Untitled] - Mara Quill\n{Intro} - Mara Quill\n[1979] - Mara Quill\n")
    assert [entry.text for entry in read_playlist(str(path))] == path.read_text().splitlines()


def test_the_verbs_say_so_and_write_nothing(
    tmp_path: Path, tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(str(FOREIGN["feed"][0]))
    name, corpus = tmp_path / "library", tmp_path / "corpus"
    for verb in (
        ["train", str(path), "--name", str(name)],
        ["prepare", str(path), "--out", str(corpus)],
        ["complete", str(path), "--library", str(tiny_library.path)],
    ):
        assert main(verb) == 1
        assert capsys.readouterr().err.strip() == (
            f"segue: {path}: is XML, but neither XSPF, WPL, an iTunes library nor a rekordbox collection; "
            "export M3U8"
        )
    assert sorted(tmp_path.iterdir()) == [path]
