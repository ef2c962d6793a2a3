"""Playlist files of players: M3U, PLS, XSPF and its twin in JSON (JSPF), WPL, rekordbox and Apple Music."""

import plistlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element
from xml.parsers.expat import ExpatError

from segue.core.corpus.readers.batch import Batch, Entry, NamedEntries, Source, whole_playlists
from segue.core.corpus.readers.identities import (
    artist_and_title,
    identity_of,
    isrc_of,
    path_of,
    words_of,
)
from segue.core.corpus.readers.json_lines import json_document
from segue.core.errors import SegueError

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
    lines = [line.strip()[:LONGEST_LINE] for line in source.text_lines()]
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

    `name` is `Artist - Title` or a title, `seconds` how long it plays; artist and album are given as far as
    they are known otherwise.
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
    for line in source.text_lines():
        if part := _PLS_LINE.fullmatch(line.strip()):
            found.setdefault(int(part[2]), {})[part[1].lower()] = part[3].strip()
    entries = [
        located(lines.get("file", ""), source, name=lines.get("title", ""), seconds=lines.get("length", ""))
        for _, lines in sorted(found.items())
        if lines.get("file") or lines.get("title")
    ]
    yield from whole_playlists([entries])


DEEPEST = 64
"""Elements within elements; folders of playlists lie some ten deep."""
_PIECE = 1 << 20


def xml_root(source: Source) -> ET.Element:
    """The root of a document, parsed as UTF-8 whatever it claims to be.

    Raises `SegueError` when it is not well-formed, declares entities or is nested too deeply.
    """
    root: ET.Element | None = None
    for _, element in xml_events(source):
        root = element if root is None else root
    if root is None:
        raise SegueError(f"{source.place}: is not valid XML (no element)")
    return root


def xml_events(source: Source) -> Iterator[tuple[str, ET.Element]]:
    """Each element of a document where it starts and where it ends: `start` or `end`, and the element.

    Raises as `xml_root`.
    """
    text = plain_xml(source)
    parser: Any = ET.XMLPullParser(["start", "end"])  # whose events typeshed knows too many kinds of
    depth = 0
    try:
        for at in range(0, len(text), _PIECE):
            parser.feed(text[at : at + _PIECE])
            for event, element in parser.read_events():
                depth += 1 if event == "start" else -1
                if depth > DEEPEST:
                    raise SegueError(f"{source.place}: has more than {DEEPEST} nested elements")
                yield event, element
        parser.close()
    except (ET.ParseError, ValueError) as error:
        raise SegueError(f"{source.place}: is not valid XML ({error}); is it cut short?") from None


def plain_xml(source: Source) -> str:
    """The text of a document that declares no entities.

    Raises `SegueError` when it declares some, by which a few lines can become gigabytes.
    """
    text = source.text()
    if "<!ENTITY" in text or "<!ELEMENT" in text or "<!ATTLIST" in text:
        raise SegueError(f"{source.place}: declares entities, which no playlist needs; export it again")
    if text.lstrip().startswith("<?xml"):  # its encoding no longer holds
        text = text.lstrip()
        text = text[text.find("?>") + 2 :] if "?>" in text[:1000] else text
    return text


def name_of(element: ET.Element) -> str:
    """The element's name in small letters, without its namespace."""
    return element.tag.rpartition("}")[2].lower()


def called(parent: ET.Element, name: str) -> Iterator[ET.Element]:
    """The elements of that name, at any depth."""
    return (element for element in parent.iter() if name_of(element) == name)


def texts(parent: ET.Element, name: str) -> list[str]:
    """The texts of the children of that name that have one."""
    found = (child.text or "" for child in parent if name_of(child) == name)
    return [text.strip() for text in found if text.strip()]


def read_xspf(source: Source) -> Iterator[Batch]:
    """Read `trackList`: title, creator, album, duration in milliseconds, identifiers and locations."""
    root = xml_root(source)
    entries = [
        _entry({name: texts(track, name) for name in _NAMES}, source) for track in called(root, "track")
    ]
    yield from whole_playlists([NamedEntries(next(iter(texts(root, "title")), ""), entries)])


def read_jspf(source: Source) -> Iterator[Batch]:
    """Read the same from JSON, as ListenBrainz writes it.

    Raises `SegueError` when there is no list of tracks.
    """
    document = json_document(source)
    playlist = document.get("playlist") if isinstance(document, Mapping) else None
    tracks = playlist.get("track") if isinstance(playlist, Mapping) else None
    if not isinstance(playlist, Mapping) or not isinstance(tracks, list):
        raise SegueError(f'{source.place}: has no list "track" in its "playlist"; is it JSPF?')
    entries = [
        _entry({name: _listed(track.get(name)) for name in _NAMES}, source)
        for track in tracks
        if isinstance(track, Mapping)
    ]
    yield from whole_playlists([NamedEntries(next(iter(_listed(playlist.get("title"))), ""), entries)])


_NAMES = ("title", "creator", "album", "duration", "identifier", "location")


def _listed(value: Any) -> list[str]:  # noqa: ANN401 - any JSON value
    values = value if isinstance(value, list) else [value]
    return [str(one) for one in values if isinstance(one, str | int | float) and not isinstance(one, bool)]


def _entry(found: Mapping[str, Sequence[str]], source: Source) -> Entry:
    title, artist, album, duration = (next(iter(found[name]), "") for name in _NAMES[:4])
    ids = [identity_of(one) for one in found["identifier"]]
    ids += [located(one, source).track_id for one in found["location"]]
    if not title and found["location"]:
        return located(found["location"][0], source, artist=artist, album=album)
    return Entry(
        next(iter(ids), ""),
        title,
        artist,
        album,
        duration=milliseconds(duration),
        isrc=next(filter(None, map(isrc_of, ids)), ""),
        ids=tuple(ids[1:]),
    )


def milliseconds(value: object) -> float | None:
    """Seconds, from a number or a text of milliseconds; None where it is not a sensible length."""
    try:
        number = float(value) if isinstance(value, str | int | float) else 0.0
    except (ValueError, OverflowError):
        return None
    return number / 1000 if 0 < number < 1e9 else None


def read_wpl(source: Source) -> Iterator[Batch]:
    """Read the `media` of a Windows Media Player playlist: a path each, and what newer versions say of it."""
    entries = [
        located(
            media.get("src", ""),
            source,
            name=media.get("trackTitle", ""),
            artist=media.get("trackArtist", ""),
            album=media.get("albumTitle", ""),
        )
        for media in called(xml_root(source), "media")
        if media.get("src")
    ]
    yield from whole_playlists([entries])


def read_rekordbox(source: Source) -> Iterator[Batch]:
    """Read the playlists, whose entries name tracks of the collection by number or by path.

    A collection without playlists is one. Tracks are known by their paths.
    """
    root = xml_root(source)
    by_number: dict[str, Entry] = {}
    by_path: dict[str, Entry] = {}
    for collection in called(root, "collection"):
        for track in collection:
            path = path_of(track.get("Location", ""))
            by_number[track.get("TrackID", "")] = by_path[path] = _rekordbox_entry(track, path)
    rows: list[list[Entry]] = []
    for node in called(root, "node"):
        if node.get("Type") != "1":
            continue
        is_path = node.get("KeyType") == "1"
        keys = [each.get("Key", "") for each in node if name_of(each) == "track"]
        found = [by_path.get(path_of(key)) if is_path else by_number.get(key) for key in keys]
        if missing := found.count(None):
            source.skipped["track that is not in the collection"] += missing
        rows.append(NamedEntries(node.get("Name", ""), (entry for entry in found if entry is not None)))
    yield from whole_playlists(rows if any(rows) else [list(by_number.values())])


def _rekordbox_entry(track: Element, path: str) -> Entry:
    seconds = track.get("TotalTime", "")
    length = milliseconds(f"{seconds}000") if seconds.isdecimal() else None
    name, artist, album = (track.get(key, "") for key in ("Name", "Artist", "Album"))
    return Entry("" if path == "." else path, name, artist, album, duration=length)


_DAMAGE = (ExpatError, ValueError, OverflowError, AttributeError, LookupError, TypeError)
"""What `plistlib` raises; its own exception is a `ValueError`."""
_OTHER_KINDS = ("Podcast", "Movie", "TV Show", "Audiobooks", "Music Video", "Has Video")
_NOT_OWN = ("Master", "Distinguished Kind", "Folder", "Movies", "TV Shows", "Podcasts", "Audiobooks")


def read_apple(source: Source) -> Iterator[Batch]:
    """Read the listener's playlists; where there are none, the library as one.

    The library itself, folders and other kinds of media are left out, and so are tracks without a name.
    Raises `SegueError` when it is not a property list of a library.
    """
    try:
        library = plistlib.loads(plain_xml(source).encode(), fmt=plistlib.FMT_XML)
    except _DAMAGE as error:
        raise SegueError(f"{source.place}: is not a valid property list ({error}); export it again") from None
    tracks = library.get("Tracks") if isinstance(library, dict) else None
    if not isinstance(tracks, dict):
        raise SegueError(f'{source.place}: has no "Tracks"; export it with File, Library, Export Library')
    entries = {number: entry for number, fields in tracks.items() if (entry := _apple_entry(fields, source))}
    playlists = library.get("Playlists")
    own = [one for one in playlists if _is_own(one)] if isinstance(playlists, list) else []
    rows = [NamedEntries(str(one.get("Name") or ""), _members(one, entries)) for one in own]
    yield from whole_playlists(rows if any(rows) else [list(entries.values())])


def _is_own(playlist: object) -> bool:
    return isinstance(playlist, Mapping) and not any(playlist.get(key) for key in _NOT_OWN)


def _members(playlist: Mapping[str, Any], entries: Mapping[str, Entry]) -> Iterator[Entry]:
    items = playlist.get("Playlist Items")
    for item in items if isinstance(items, list) else []:
        number = item.get("Track ID") if isinstance(item, Mapping) else None
        if entry := entries.get(str(number)):
            yield entry


def _apple_entry(fields: object, source: Source) -> Entry | None:
    if not isinstance(fields, Mapping):
        return None
    if any(fields.get(kind) for kind in _OTHER_KINDS):
        source.skipped["podcast, film or audiobook"] += 1
        return None
    title, artist, album, place = (
        str(fields.get(key) or "") for key in ("Name", "Artist", "Album", "Location")
    )
    if not title:
        source.skipped["track without a name"] += 1
        return None
    ids = (path_of(place),) if place else ()
    return Entry("", title, artist, album, duration=milliseconds(fields.get("Total Time")), ids=ids)
