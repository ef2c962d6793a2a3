"""Listens of ListenBrainz: an export, a dump in JSON lines, or the API's answer."""

from collections.abc import Iterator, Mapping
from typing import Any

from segue.core.corpus.readers.batch import Batch, Entry, Source, whole_playlists
from segue.core.corpus.readers.identities import isrc_of
from segue.core.corpus.readers.json_lines import json_document, json_values
from segue.core.corpus.readers.sessions import sessions
from segue.core.corpus.readers.spotify import text_at
from segue.core.corpus.readers.xspf import milliseconds

_LATEST = 1e11
"""Seconds since 1970, three thousand years on: what is beyond is not a time."""


def read_listenbrainz(source: Source) -> Iterator[Batch]:
    """Read listens into sessions; a track is its MusicBrainz recording where that is known.

    User names are not kept; each of several users has sessions of their own. A MessyBrainz id is not an id,
    since it expires.
    """
    by_user: dict[str, list[tuple[float, float | None, Entry]]] = {}
    for value in _listens(source):
        found = listened(value)
        if found is None:
            source.skipped["record that is not a listen"] += 1
            continue
        began, entry = found
        if entry.title:
            by_user.setdefault(text_at(value, "user_name"), []).append((began, entry.duration, entry))
    yield from whole_playlists(session for listens in by_user.values() for session in sessions(listens))


def listened(value: Mapping[str, Any]) -> tuple[float, Entry] | None:
    """When a listen began, in seconds since 1970, and its track; None for what is not a listen."""
    metadata = value.get("track_metadata")
    began = value.get("listened_at", value.get("timestamp"))
    if not isinstance(metadata, Mapping) or not isinstance(began, int | float) or not 0 < began < _LATEST:
        return None
    return float(began), _entry(metadata)


def _listens(source: Source) -> Iterator[Mapping[str, Any]]:
    first = next(source.lines(), b"").strip()
    if first.startswith(b"{") and first.endswith(b"}") and b'"listens"' not in first:
        values = json_values(source.lines())
    else:
        document = json_document(source)
        if isinstance(document, Mapping):
            payload = document.get("payload", document)
            document = payload.get("listens") if isinstance(payload, Mapping) else None
        values = iter(document if isinstance(document, list) else [])
    for value in values:
        if isinstance(value, Mapping):
            yield value
        else:
            source.skipped["record that is not a listen"] += 1


def _entry(metadata: Mapping[str, Any]) -> Entry:
    more, mapping = _object(metadata, "additional_info"), _object(metadata, "mbid_mapping")
    seconds = more.get("duration")
    length = milliseconds(more.get("duration_ms")) or (
        float(seconds) if isinstance(seconds, int) and 0 < seconds < 1e6 else None
    )
    return Entry(
        text_at(mapping, "recording_mbid") or text_at(more, "recording_mbid"),
        text_at(metadata, "track_name"),
        text_at(metadata, "artist_name"),
        text_at(metadata, "release_name"),
        duration=length,
        isrc=isrc_of(text_at(more, "isrc")),
    )


def _object(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}
