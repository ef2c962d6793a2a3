"""Slices of the Spotify million playlist dataset: `{"playlists": [{"tracks": [{"track_uri": ...}]}]}`."""

from collections.abc import Iterator
from itertools import chain
from operator import itemgetter
from typing import Any

from core.corpus.readers.batch import Batch, Source, text_id
from core.corpus.readers.streams import read_whole
from core.errors import SegueError
from core.tracks import TrackInfo

TRACK_KEYS = ("track_uri", "track_id", "uri", "id")
LARGEST_SLICE = 1 << 30


def read_million(source: Source) -> Iterator[Batch]:
    """Read one slice as one batch, with title, artist, album and duration of each track.

    Raises
    ------
    SegueError
        When it is not valid JSON of that form.
    """
    import orjson  # 5 ms

    try:
        document = orjson.loads(read_whole(source.path, LARGEST_SLICE))
    except orjson.JSONDecodeError as error:
        raise SegueError(f"{source.path}: is not valid JSON ({error}); is it cut short?") from None
    playlists = document.get("playlists") if isinstance(document, dict) else None
    if not isinstance(playlists, list):
        raise SegueError(f'{source.path}: has no list under "playlists"; is it a million-playlist slice?')
    yield _batch(playlists, source)


def _batch(playlists: list[Any], source: Source) -> Batch:
    rows = [playlist["tracks"] for playlist in playlists if _has_tracks(playlist)]
    if missing := len(playlists) - len(rows):
        source.skipped["playlist without a list of tracks"] += missing
    entries = list(chain.from_iterable(rows))
    try:
        ids = list(map(itemgetter("track_uri"), entries))
    except (KeyError, TypeError):
        ids = [_track_id(entry) for entry in entries]
    if set(map(type, ids)) - {str}:
        ids = [text_id(track) for track in ids]
    return Batch(ids, [len(row) for row in rows], describe=lambda at: _info(ids[at], entries[at]))


def _has_tracks(playlist: object) -> bool:
    return isinstance(playlist, dict) and isinstance(playlist.get("tracks"), list)


def _track_id(entry: object) -> str:
    if not isinstance(entry, dict):
        return text_id(entry)
    return text_id(next((entry[key] for key in TRACK_KEYS if key in entry), ""))


def _info(track_id: str, entry: object) -> TrackInfo:
    if not isinstance(entry, dict):
        return TrackInfo(track_id)
    milliseconds = entry.get("duration_ms")
    return TrackInfo(
        track_id,
        title=_text(entry, "track_name"),
        artist=_text(entry, "artist_name"),
        album=_text(entry, "album_name"),
        artist_id=_text(entry, "artist_uri"),
        duration=milliseconds / 1000 if isinstance(milliseconds, int | float) else None,
    )


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""
