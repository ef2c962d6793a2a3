"""What is not a playlist does not become a library, nor a list of tracks."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from segue.core.cli import main
from segue.core.corpus.readers import read_playlists
from segue.core.errors import SegueError
from segue.core.explore.playlist_in import read_playlist
from segue.core.library import Library


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "Artist - Title\n" * 500)
    return out.getvalue()


XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
DICT = "<key>Name</key><string>Intro</string><key>Artist</key><string>Mara Quill</string>\n"
TRACK = "<track><title>Intro</title><creator>Mara Quill</creator></track>\n"
FOREIGN: dict[str, tuple[str | bytes, str]] = {
    "itunes": (f'{XML}<plist version="1.0"><dict>\n{DICT * 40}</dict></plist>\n', "XML (an iTunes library)"),
    "rekordbox": (
        f'{XML}<DJ_PLAYLISTS Version="1.0.0">\n' + '<TRACK Name="Intro" Artist="Mara Quill"/>\n' * 9,
        "XML (a rekordbox collection)",
    ),
    "xspf": (f'{XML}<playlist xmlns="http://xspf.org/ns/0/"><trackList>\n{TRACK * 9}', "XML (XSPF)"),
    "wpl": ('<?wpl version="1.0"?>\n<smil>\n' + '<media src="C:\\Music\\Intro.mp3"/>\n' * 9, "XML (WPL)"),
    "asx": ('<asx version="3.0">\n' + "<entry><title>Intro</title></entry>\n" * 9, "XML (ASX)"),
    "web page": ("<!DOCTYPE html>\n<html><body>Intro<br>\nHome</body></html>\n", "XML (a web page)"),
    "pls": ("[playlist]\nFile1=C:\\Music\\Intro.mp3\nTitle1=Mara Quill - Intro\nVersion=2\n", "PLS"),
    "zip": (zipped("a.m3u8", "b.m3u8"), "zip archive or a spreadsheet"),
    "xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), "zip archive or a spreadsheet"),
    "utf-16": ("#EXTM3U\nIntro.mp3\n".encode("utf-16"), "UTF-16; save it as UTF-8"),
    "sound": (b"ID3\x04" + bytes(2000), "binary file"),
    "noise": (np.random.default_rng(1).integers(1, 256, 5000, np.uint8).tobytes(), "binary file"),
    "control characters": (b"\x01\x02ab\n" * 900, "binary file"),
}


@pytest.mark.parametrize("suffix", [".txt", ".m3u8", ".xml", ""])
@pytest.mark.parametrize("name", FOREIGN)
def test_another_programs_file_is_refused_with_what_to_do(name: str, suffix: str, tmp_path: Path) -> None:
    content, said = FOREIGN[name]
    path = tmp_path / f"mine{suffix}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    for read in (read_playlists, lambda path: read_playlist(str(path))):
        with pytest.raises(SegueError) as caught:
            read(path)
        assert str(path) in str(caught.value)
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [name for name, (content, _) in FOREIGN.items() if isinstance(content, str)])
def test_pasted_text_of_another_program_is_refused(name: str) -> None:
    content, said = FOREIGN[name]
    assert isinstance(content, str)
    with pytest.raises(SegueError, match="the text is") as caught:
        read_playlist(content)
    assert said in str(caught.value)


WORDS = {
    "artist and title": "Mara Quill - Intro\nThe Who Else - Home\nU2 - One\nBlink-182 - Dammit\n",
    "numbered": "01. Intro - Mara Quill\n02. Home - The Who Else\n",
    "features": "Gucci Time (w/ Swizz Beatz) - Gucci Mane\nDon't - Stop\n",
    "prose": "The playlists were collected by somebody.\nThey don't hold any ids, as you can see.\n",
    "titles": "Chasing Cars\nBlack And Yellow\nRolling In The Deep\n",
    "titles with commas": "Earth, Wind & Fire - September\nCrosby, Stills & Nash - Our House\n",
    "cyrillic": "Кино - Группа крови\nДДТ - Что такое осень\n",
    "latin-1": "Mara Quill - Café\nThe Who Else - Forêt\n",
    "song hash": "0\tGucci Time (w\\/ Swizz Beatz)\tGucci Mane\n1\tWhip My Hair\tWillow Smith\n",
}


@pytest.mark.parametrize("name", WORDS)
def test_words_are_not_track_ids(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(WORDS[name], encoding="latin-1" if name == "latin-1" else "utf-8")
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


def test_a_table_of_titles_is_told_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "itunes.txt"
    path.write_text("Name\tArtist\tTime\nIntro\tMara Quill\t201\nHome\tThe Who Else\t199\n")
    with pytest.raises(SegueError, match="playlist column"):
        read_playlists(path)


def test_titles_in_brackets_are_not_json(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("[Untitled] - Mara Quill\n{Intro} - Mara Quill\n")
    assert [entry.identity for entry in read_playlist(str(path))] == path.read_text().splitlines()


def test_the_verbs_say_so_and_write_nothing(
    tmp_path: Path, tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "Library.xml"
    path.write_text(str(FOREIGN["itunes"][0]))
    name, corpus = tmp_path / "library", tmp_path / "corpus"
    for verb in (
        ["train", str(path), "--name", str(name)],
        ["prepare", str(path), "--out", str(corpus)],
        ["complete", str(path), "--library", str(tiny_library.path)],
    ):
        assert main(verb) == 1
        assert capsys.readouterr().err.strip() == (
            f"segue: {path}: is XML (an iTunes library), and XML playlists are not read; export M3U8"
        )
    assert sorted(tmp_path.iterdir()) == [path]
