"""Spreadsheets of Excel's form, such as the data that Deezer gives its listeners: a zip archive of XML."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

from segue.core.corpus.readers.batch import Batch, Entry, Source, whole_playlists
from segue.core.corpus.readers.own_tables import knows_kind, playlists_of, track_columns
from segue.core.corpus.readers.players import name_of, xml_events
from segue.core.corpus.readers.streams import Member, open_archive
from segue.core.corpus.readers.table import plain_name
from segue.core.errors import SegueError

CONTENTS = "xl/workbook.xml"
"""The file of a spreadsheet that lists its sheets."""
MOST_COLUMNS = 256
_TITLES = {"song_title", "track_title", "song_name", "track_name", "isrc"}
_OF_OTHERS = re.compile(r"artist|album|podcast|radio|audiobook", re.IGNORECASE)
"""The names of sheets whose titles are not those of tracks, unless their heading says so."""
_NUMBER_IN_FRONT = re.compile(r"^\d+_")
_WHOLE = re.compile(r"(\d{1,17})\.0+")
_DAYS_TO_1970 = 25_569
"""Excel counts days from 1899-12-30."""

Row = list[str]


def read_workbook(source: Source) -> Iterator[Batch]:
    """Read each sheet whose heading is that of tracks: favourites, playlists, or a history in sessions.

    Raises `SegueError` when no sheet has such a heading, or the file is damaged.
    """
    try:
        inside = open_archive(source.place).infolist()
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise SegueError(
            f"{source.place}: is not a readable spreadsheet ({error}); download it again"
        ) from None
    members = {each.filename: Member(source.place, each.filename, each.compress_size) for each in inside}
    texts = list(_texts(source, members.get("xl/sharedStrings.xml")))
    playlists: list[list[Entry]] = []
    seen = []
    for name, member in _sheets(source, members):
        seen.append(name)
        rows = list(_rows(source, member, texts))
        found = track_columns(rows[:20])
        if found is None or not _is_of_tracks(name, rows[found[0]], found[1]):
            continue
        at, columns = found
        for row in rows[at + 1 :] if columns["time"] else ():
            row[columns["time"][0]] = _date(row[columns["time"][0]])
        title = _NUMBER_IN_FRONT.sub("", name)
        playlists += playlists_of(rows[at], rows[at + 1 :], columns, source, title)
    if not playlists:
        raise SegueError(
            f"{source.place}: no sheet has a heading of tracks (a title and an artist, an ISRC or an id) and "
            f"rows below it; its sheets are {', '.join(seen)[:200] or 'none'}"
        )
    yield from whole_playlists(playlists)


def _is_of_tracks(name: str, header: Row, columns: dict[str, list[int]]) -> bool:
    """Whether a heading is that of tracks, and not of albums or artists with the same columns."""
    if _TITLES.isdisjoint(map(plain_name, header)) and _OF_OTHERS.search(name):
        return False
    return bool(columns["title"] and columns["artist"]) or knows_kind(header)


def _sheets(source: Source, members: dict[str, Member]) -> Iterator[tuple[str, Member]]:
    """The sheets by name, in order."""
    if CONTENTS not in members:
        raise SegueError(f"{source.place}: is an archive in an archive, and no spreadsheet; unpack it")
    links = members.get("xl/_rels/workbook.xml.rels")
    targets = {
        each.get("Id", ""): each.get("Target", "").removeprefix("/xl/")
        for each in _ended(source, links, "relationship")
    }
    for each in _ended(source, members[CONTENTS], "sheet"):
        link = next((value for key, value in each.attrib.items() if key.endswith("}id")), "")
        member = members.get(f"xl/{targets.get(link, '')}")
        if member is not None:
            yield each.get("name", ""), member


def _texts(source: Source, member: Member | None) -> Iterator[str]:
    """The texts that cells refer to by number."""
    for each in _ended(source, member, "si"):
        yield _text(each)
        each.clear()


def _rows(source: Source, member: Member, texts: list[str]) -> Iterator[Row]:
    """The cells of each row that has some, up to the last one."""
    width = 0
    for each in _ended(source, member, "row"):
        cells: dict[int, str] = {}
        for cell in each:
            at = _column(cell.get("r", ""), len(cells))
            if at < MOST_COLUMNS and (text := _cell(cell, texts)):
                cells[at] = text
        each.clear()
        if cells:
            width = max(width, *(at + 1 for at in cells))
            yield [cells.get(at, "") for at in range(width)]


def _column(place: str, otherwise: int) -> int:
    """The number of a column from a cell's place such as `AB12`."""
    letters = place.rstrip("0123456789")
    if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
        return otherwise
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number - 1


def _cell(cell: Element, texts: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    value = next((child.text or "" for child in cell if name_of(child) == "v"), "").strip()
    if kind == "s":
        return texts[int(value)] if value.isdecimal() and int(value) < len(texts) else ""
    found = _WHOLE.fullmatch(value)
    return found[1] if found else value


def _text(element: Element) -> str:
    """The text of an element in all its runs, without the hints for reading Japanese."""
    parts = []
    for child in element:
        if name_of(child) == "t":
            parts.append(child.text or "")
        elif name_of(child) in {"r", "is"}:
            parts.append(_text(child))
    return "".join(parts).strip()


def _date(text: str) -> str:
    """A date that is a number of days, as Excel keeps it, in seconds since 1970; any other as it is."""
    if not re.fullmatch(r"[2-9]\d{4}(?:\.\d*)?", text):
        return text
    return f"{(float(text) - _DAYS_TO_1970) * 86_400:.0f}"


def _ended(source: Source, member: Member | None, name: str) -> Iterator[Element]:
    """The elements of that name in a file of the archive; none where there is no such file."""
    if member is None:
        return
    for event, element in xml_events(replace(source, inside=member)):
        if event == "end" and name_of(element) == name:
            yield element
