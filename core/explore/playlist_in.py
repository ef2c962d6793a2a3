"""A playlist from anywhere: a file, pasted lines, or a Deezer playlist link; and its tracks in a library."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from segue.core.catalogue import Catalogue
from segue.core.errors import SegueError
from segue.core.files import open_regular
from segue.core.text import LONGEST, fold
from segue.core.titles import song_key

if TYPE_CHECKING:
    from segue.core.deezer.client import DeezerClient

How = Literal["id", "exact", "words", "similar", ""]

LIMIT = 20_000_000
"""Bytes. A longer file is not a playlist."""
_OPEN_FILES = (Path("/dev/fd"), Path("/proc/self/fd"))
_DEEZER_PLAYLIST = re.compile(
    r"(?:https?://)?(?:www\.)?deezer\.com/(?:[a-z]{2}(?:-[a-z]{2})?/)?playlist/(\d{1,18})\b", re.IGNORECASE
)
_JSON = re.compile(r'\s*(?:\{\s*["}]|\[\s*(?:["\[{\]\d-]|true|false|null))')
"""How JSON begins, where a title may begin with a bracket."""
_DASH = re.compile(r"\s+[-–—]\s+|\t+")
_TRACK_NUMBER = re.compile(r"^\d{1,3}[.)]?\s+(?:-\s+)?(?=\D)")
_QUOTED_CELL = re.compile(r"^'(?=[=+\-@\t\r])")
_CERTAIN = 0.8
_TITLES = ("title", "track", "track_name", "track name", "song", "name")
_ARTISTS = ("artist", "creator", "artist_name", "artist name", "artists", "band")
_IDS = ("track_id", "id", "identifier", "location", "link", "url", "uri")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a playlist as it came. Empty texts are unknown."""

    title: str = ""
    artist: str = ""
    identity: str = ""
    """A track id or a link."""
    text: str = ""
    """A line that may be a title, or artist and title in either order."""

    @property
    def label(self) -> str:
        """The entry in a few words."""
        named = " — ".join(part for part in (self.title, self.artist) if part)
        return named or self.text or self.identity


@dataclass(frozen=True, slots=True)
class Match:
    """An entry and the row it was found under."""

    entry: Entry
    row: int | None
    how: How
    """By id, by exact title and artist, by all its words, by similar spelling; empty when not found."""


def read_playlist(source: str, *, deezer: "DeezerClient | None" = None, offline: bool = False) -> list[Entry]:
    """Read a playlist.

    Parameters
    ----------
    source
        The path of an M3U, JSPF or other JSON, CSV or text file, a Deezer playlist link, or the text itself
        when it has more than one line.
    deezer
        Asked for the tracks of a Deezer link; made when it is needed and not given.
    offline
        Refuse a Deezer link instead of asking.

    Raises
    ------
    SegueError
        When the file cannot be read, is too long, or holds no tracks.
    """
    from segue.core.corpus.readers.foreign import foreign_form  # 60 ms, with NumPy

    if link := _DEEZER_PLAYLIST.match(source.strip()):
        entries = _from_deezer(int(link[1]), deezer, offline=offline)
    elif "\n" in source:
        if foreign := foreign_form(source[: 1 << 16].encode(errors="replace")):
            raise SegueError(f"the text {foreign}")
        entries = list(parse_playlist(source))
    else:
        entries = list(parse_playlist(_text_of(Path(source)), Path(source).suffix.lower()))
    if not entries:
        raise SegueError(
            f"{source.splitlines()[0][:80]}: holds no tracks; give one a line, or M3U, JSPF or CSV"
        )
    return entries


def parse_playlist(text: str, suffix: str = "") -> Iterator[Entry]:
    """Read the entries of a playlist's text; the format is chosen by the suffix, else by the content.

    Raises
    ------
    SegueError
        When it looks like JSON and is none.
    """
    text = text.lstrip("\ufeff")
    if suffix in {".json", ".jspf"} or (_JSON.match(text) and suffix not in {".m3u", ".m3u8", ".csv"}):
        return _from_json(text)
    header = text.lstrip().partition("\n")[0].lower()
    if suffix in {".m3u", ".m3u8"} or header.startswith(("#extm3u", "#extinf")):
        return _from_m3u(text.splitlines())
    if suffix == ".csv" or (
        "," in header and set(header.strip().split(",")) & {"title", "track_id", "artist"}
    ):
        return _from_csv(text)
    return _from_lines(text.splitlines())


def match_playlist(catalogue: Catalogue, entries: Iterable[Entry]) -> list[Match]:
    """Find each entry in a catalogue: by id or link, by title and artist, by words, by similar spelling."""
    return [_match(catalogue, entry) for entry in entries]


def _match(catalogue: Catalogue, entry: Entry) -> Match:
    if entry.identity and (row := catalogue.row_of(entry.identity)) is not None:
        return Match(entry, row, "id")
    queries = [entry.text]
    if entry.title:
        rows = catalogue.rows_of_title(entry.title)
        artist = fold(entry.artist)
        for row, info in zip(rows, catalogue.infos(rows), strict=True):
            if not artist or fold(info.artist) == artist:
                return Match(entry, row, "exact")
        scoped = f" a: {entry.artist}" if entry.artist else ""
        queries = [f"t: {entry.title}{scoped}", f"t: {song_key(entry.title)}{scoped}"]
    for query in filter(None, queries):
        hit = next(iter(catalogue.search(query, limit=1)), None)
        if hit is not None and (hit.why != "typo" or hit.score >= _CERTAIN):
            how: dict[str, How] = {"id": "id", "exact": "exact", "prefix": "words", "typo": "similar"}
            return Match(entry, hit.row, how[hit.why])
    return Match(entry, None, "")


def _text_of(path: Path) -> str:
    try:
        if str(path) == "/dev/stdin" or path.parent in _OPEN_FILES:  # a pipe of the shell's, which ends
            with path.open("rb") as stream:
                raw = stream.read(LIMIT + 1)
        else:
            with open_regular(path) as file:
                raw = file.read(LIMIT + 1)
    except OSError as error:
        raise SegueError(
            f"{path}: can't be read ({error.strerror or error}); pass a file, a link or `-`"
        ) from error
    if len(raw) > LIMIT:
        raise SegueError(
            f"{path}: more than {LIMIT // 1_000_000} MB is too large for a playlist; give a shorter file"
        )
    return decoded(raw, str(path))


def decoded(raw: bytes, source: str) -> str:
    """The text of a playlist's bytes, in UTF-8 or, as old players write M3U, in Windows-1252.

    Raises
    ------
    SegueError
        When the bytes are of another kind of file; the error names `source`.
    """
    from segue.core.corpus.readers.foreign import foreign_form

    if foreign := foreign_form(raw):
        raise SegueError(f"{source}: {foreign}")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _from_deezer(number: int, deezer: "DeezerClient | None", *, offline: bool) -> list[Entry]:
    from segue.core.deezer.client import DeezerClient  # requests: 100 ms

    found = (deezer or DeezerClient(offline=offline)).playlist(number)
    return [Entry(track.title, track.artist.name, f"track_{track.id}") for track in found.tracks]


def _from_lines(lines: Iterable[str]) -> Iterator[Entry]:
    for line in map(_stripped, lines):
        if line and not line.startswith("#"):
            yield Entry(identity=line, text=_TRACK_NUMBER.sub("", _DASH.sub(" ", line)))


def _from_m3u(lines: Iterable[str]) -> Iterator[Entry]:
    title = artist = ""
    for line in map(_stripped, lines):
        if line.upper().startswith("#EXTINF:"):
            name = line.partition(",")[2].strip()
            artist, _, title = name.partition(" - ") if " - " in name else ("", "", name)
        elif line and not line.startswith("#"):
            location = unquote(urlsplit(line).path) if line.startswith("file:") else line
            stem = PurePosixPath(location.replace("\\", "/")).stem
            text = "" if title else _TRACK_NUMBER.sub("", _DASH.sub(" ", stem))
            yield Entry(title.strip(), artist.strip(), line, text)
            title = artist = ""


def _from_csv(text: str) -> Iterator[Entry]:
    try:
        for record in csv.DictReader(io.StringIO(text)):
            cells = {
                (name or "").strip().lower(): _QUOTED_CELL.sub("", value)
                for name, value in record.items()
                if isinstance(value, str)
            }
            yield from _entry(cells)
    except csv.Error as error:
        raise SegueError(
            f"the CSV can't be read ({error}); save it with a header and one track a line"
        ) from error


def _from_json(text: str) -> Iterator[Entry]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SegueError(f"the playlist is not valid JSON ({error}); save it again") from error
    for key in ("playlist", "tracks", "track", "data"):
        while isinstance(value, Mapping) and isinstance(value.get(key), Mapping | list):
            value = value[key]
    for item in value if isinstance(value, list) else []:
        if isinstance(item, str):
            yield from _from_lines([item])
        elif isinstance(item, Mapping):
            yield from _entry({str(name).lower(): _plain(cell) for name, cell in item.items()})


def _entry(cells: Mapping[str, str]) -> Iterator[Entry]:
    title, artist, identity = (
        next((cells[name] for name in names if cells.get(name)), "") for names in (_TITLES, _ARTISTS, _IDS)
    )
    if title or identity:
        yield Entry(*map(_stripped, (title, artist, identity)))


def _stripped(text: str) -> str:
    return text.strip()[:LONGEST]


def _plain(cell: Any) -> str:  # noqa: ANN401 - any JSON value
    """The text of a JSON cell: a number, the first of a list, or the name of an object."""
    if isinstance(cell, list):
        cell = cell[0] if cell else ""
    if isinstance(cell, Mapping):
        cell = cell.get("name") or cell.get("title") or ""
    return str(cell) if isinstance(cell, str | int) and not isinstance(cell, bool) else ""
