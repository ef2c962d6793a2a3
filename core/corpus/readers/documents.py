"""A list of tracks in JSON of many shapes: Deezer's API, other programs' exports, a list of titles."""

from collections.abc import Iterator, Mapping
from typing import Any

from segue.core.corpus.readers.batch import Batch, Entry, Source, text_id, whole_playlists
from segue.core.corpus.readers.identities import identity_of, isrc_of
from segue.core.corpus.readers.json_lines import json_document
from segue.core.corpus.readers.table import plain_name
from segue.core.corpus.readers.token_lines import line_entry

_LISTS = ("playlist", "tracks", "track", "songs", "items", "data")
_TITLES = ("title", "track", "track_name", "song", "name")
_ARTISTS = ("artist", "creator", "artist_name", "artists", "band")
_IDS = ("track_id", "track_uri", "id", "identifier", "location", "uri", "link", "url")


def read_documents(source: Source) -> Iterator[Batch]:
    """Read one list of tracks, objects or texts; what is neither is skipped and counted."""
    document, is_deezer = json_document(source), False
    for key in _LISTS:
        while isinstance(document, Mapping) and isinstance(document.get(key), Mapping | list):
            is_deezer = key == "data"
            document = document[key]
    entries = []
    for item in document if isinstance(document, list) else []:
        entry = line_entry(item) if isinstance(item, str) else _entry(item, is_deezer=is_deezer)
        if entry is None:
            source.skipped["record that is not a track"] += 1
        else:
            entries.append(entry)
    yield from whole_playlists([entries])


def _entry(item: object, *, is_deezer: bool) -> Entry | None:
    if not isinstance(item, Mapping):
        return None
    cells = {plain_name(str(name)): value for name, value in item.items()}
    title, artist, identity = (_first(cells, names) for names in (_TITLES, _ARTISTS, _IDS))
    if not title and not identity:
        return None
    if is_deezer and identity.isdecimal():
        identity = f"track_{identity}"
    length = cells.get("duration")
    known = isinstance(length, int | float) and 0 < length < 1e5
    return Entry(
        identity_of(identity),
        title,
        artist,
        _plain(cells.get("album")),
        duration=float(length) if known and isinstance(length, int | float) else None,
        isrc=isrc_of(_plain(cells.get("isrc"))),
    )


def _first(cells: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _plain(cells.get(name)))), "")


def _plain(cell: object) -> str:
    """The text of a JSON value: a number, the texts of a list, or the name of an object."""
    if isinstance(cell, list):
        return ", ".join(filter(None, (_plain(one) for one in cell if not isinstance(one, list))))
    if isinstance(cell, Mapping):
        named = cell.get("name") or cell.get("title")
        return named.strip() if isinstance(named, str) else ""
    return text_id(cell).strip()
