"""The library that iTunes and Apple Music export as XML: tracks by number, playlists of these numbers."""

import plistlib
from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers.expat import ExpatError

from segue.core.corpus.readers.batch import Batch, Entry, NamedEntries, Source, whole_playlists
from segue.core.corpus.readers.identities import path_of
from segue.core.corpus.readers.xml_tree import plain_xml
from segue.core.corpus.readers.xspf import milliseconds
from segue.core.errors import SegueError

_DAMAGE = (ExpatError, ValueError, OverflowError, AttributeError, LookupError, TypeError)
"""What `plistlib` raises; its own exception is a `ValueError`."""
_OTHER_KINDS = ("Podcast", "Movie", "TV Show", "Audiobooks", "Music Video", "Has Video")
_NOT_OWN = ("Master", "Distinguished Kind", "Folder", "Movies", "TV Shows", "Podcasts", "Audiobooks")


def read_apple(source: Source) -> Iterator[Batch]:
    """Read the listener's playlists; where there are none, the library as one.

    The library itself, folders and other kinds of media are left out, and so are tracks without a name.

    Raises
    ------
    SegueError
        When it is not a property list of a library.
    """
    try:
        library = plistlib.loads(plain_xml(source).encode(), fmt=plistlib.FMT_XML)
    except (
        ExpatError,
        plistlib.InvalidFileException,
        ValueError,
        OverflowError,
        AttributeError,
        LookupError,
    ) as error:
        raise SegueError(f"{source.place}: is not a valid property list ({error}); export it again") from None
    tracks = library.get("Tracks") if isinstance(library, dict) else None
    if not isinstance(tracks, dict):
        raise SegueError(f'{source.place}: has no "Tracks"; export it with File, Library, Export Library')
    entries = {number: entry for number, fields in tracks.items() if (entry := _entry(fields, source))}
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


def _entry(fields: object, source: Source) -> Entry | None:
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
