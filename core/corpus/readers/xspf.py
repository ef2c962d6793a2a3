"""XSPF, its twin in JSON (JSPF), and Windows Media Player's WPL: a file a playlist."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from segue.core.corpus.readers.batch import Batch, Entry, NamedEntries, Source, whole_playlists
from segue.core.corpus.readers.identities import identity_of, isrc_of
from segue.core.corpus.readers.json_lines import json_document
from segue.core.corpus.readers.m3u import located
from segue.core.corpus.readers.xml_tree import called, texts, xml_root
from segue.core.errors import SegueError


def read_xspf(source: Source) -> Iterator[Batch]:
    """Read `trackList`: title, creator, album, duration in milliseconds, identifiers and locations."""
    root = xml_root(source)
    entries = [
        _entry({name: texts(track, name) for name in _NAMES}, source) for track in called(root, "track")
    ]
    yield from whole_playlists([NamedEntries(next(iter(texts(root, "title")), ""), entries)])


def read_jspf(source: Source) -> Iterator[Batch]:
    """Read the same from JSON, as ListenBrainz writes it.

    Raises
    ------
    SegueError
        When there is no list of tracks.
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
