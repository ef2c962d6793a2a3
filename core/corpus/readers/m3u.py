"""M3U, M3U8 and PLS playlists: one file per playlist, each line a path or an address."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote

from segue.core.corpus.readers.batch import Batch, Entry, NamedEntries, Source, whole_playlists
from segue.core.corpus.readers.identities import artist_and_title, path_of, words_of

_EXTINF = re.compile(
    r'#EXTINF:\s*(-?[\d.]*)((?:\s+[\w-]+=(?:"[^"]*"|[^",\s]+))*)\s*(?:,(.*))?', re.IGNORECASE | re.DOTALL
)
LONGEST_LINE = 4_096
"""Letters of a line that are looked at."""
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_UNESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})|[^\x21-\x7e]")
_PLS_LINE = re.compile(r"(file|title|length)(\d{1,6})\s*=(.*)", re.IGNORECASE)


def read_m3u(source: Source) -> Iterator[Batch]:
    """Read one file as one playlist; a track is its path from the folder that was asked for, or its address.

    Its name is that of `#PLAYLIST`. Titles come from `#EXTINF:seconds,Artist - Title`, and where there is
    none from the file's name; artists and albums from `#EXTART` and `#EXTALB`, of which several hold for a
    track each. Percent signs are decoded where all paths are written so.
    """
    lines = [line.strip()[:LONGEST_LINE] for line in source.text().splitlines()]
    names = (line.partition(":")[2].strip() for line in lines if line.upper().startswith("#PLAYLIST:"))
    yield from whole_playlists([NamedEntries(next(names, ""), _entries(lines, source))])


def _entries(lines: list[str], source: Source) -> Iterator[Entry]:
    paths = [line for line in lines if line and not line.startswith("#") and "://" not in line]
    is_encoded = any(map(_ESCAPE.search, paths)) and not any(map(_UNESCAPED.search, paths))
    times = Counter(line.partition(":")[0].upper() for line in lines if line.startswith("#"))
    seconds = name = ""
    of_album = {"#EXTART": "", "#EXTALB": ""}
    for line in lines:
        tag, _, value = line.partition(":")
        tag = tag.upper()
        if tag == "#EXTINF" and (found := _EXTINF.fullmatch(line)):
            seconds, _, name = (group or "" for group in found.groups())
        elif tag in of_album:
            of_album[tag] = value.strip()
        elif line and not line.startswith("#"):
            path = unquote(line) if is_encoded and "://" not in line else line
            artist, album = of_album.values()
            yield located(path, source, name=name, seconds=seconds, artist=artist, album=album)
            seconds = name = ""
            of_album = {tag: "" if times[tag] > 1 else value for tag, value in of_album.items()}


def located(
    path: str, source: Source, *, name: str = "", seconds: str = "", artist: str = "", album: str = ""
) -> Entry:
    """An entry that is known by its path or address, with what the playlist says of it.

    `name` is `Artist - Title` or a title; artist and album are given as far as they are known otherwise.
    """
    parent = PurePosixPath(source.name).parent.as_posix() if source.is_one_of_many else ""
    track_id = path_of(path, parent)
    named = name.strip() or words_of(track_id)
    credited, title = artist_and_title(named)
    if artist and credited.casefold() != artist.casefold():
        credited, title = artist, named
    known = re.fullmatch(r"\d{1,6}(?:\.\d*)?", seconds) is not None and float(seconds) > 0
    return Entry(
        track_id,
        title,
        credited,
        album,
        duration=float(seconds) if known else None,
        text=named if credited and not artist else "",
    )


def read_pls(source: Source) -> Iterator[Batch]:
    """Read one file as one playlist: `File1=`, `Title1=`, `Length1=`."""
    found: dict[int, dict[str, str]] = {}
    for line in source.text().splitlines():
        if part := _PLS_LINE.fullmatch(line.strip()):
            found.setdefault(int(part[2]), {})[part[1].lower()] = part[3].strip()
    entries = [
        located(lines.get("file", ""), source, name=lines.get("title", ""), seconds=lines.get("length", ""))
        for _, lines in sorted(found.items())
        if lines.get("file") or lines.get("title")
    ]
    yield from whole_playlists([entries])
