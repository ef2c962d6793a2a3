"""Slices of the Spotify million playlist dataset: `{"playlists": [{"tracks": [{"track_uri": ...}]}]}`."""

import json
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

import msgspec

from segue.core.corpus.readers.batch import Batch, Entry, Source, text_id
from segue.core.corpus.readers.streams import read_array, read_whole
from segue.core.errors import SegueError

TRACK_KEYS = ("track_uri", "track_id", "uri", "id")
LARGEST_SLICE = 1 << 30
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_MS = 1e12
"""Beyond it a number is not a duration, and may not even fit a float."""


class _Playlist(msgspec.Struct, gc=False):
    tracks: list[msgspec.Raw]


class _Slice(msgspec.Struct, gc=False):
    playlists: list[_Playlist]


class _Uri(msgspec.Struct, gc=False):
    track_uri: str


class _Track(msgspec.Struct, gc=False):
    track_name: str = ""
    artist_name: str = ""
    album_name: str = ""
    artist_uri: str = ""
    duration_ms: float | None = None


# Decoders that know what they look for skip the rest: 0.5 microseconds a track instead of 2 for a full parse.
_slice = msgspec.json.Decoder(_Slice).decode
_uri = msgspec.json.Decoder(_Uri).decode
_track = msgspec.json.Decoder(_Track).decode


def read_million(source: Source) -> Iterator[Batch]:
    """Read one slice as one batch, with title, artist, album and duration of each track.

    Raises
    ------
    SegueError
        When it is not valid JSON of that form.
    """
    content = read_array(source.place, LARGEST_SLICE).data
    if bytes(content[:2]) in {b"\xff\xfe", b"\xfe\xff"}:
        content = memoryview(read_whole(source.place, LARGEST_SLICE, is_text=True))
    if content[: len(BYTE_ORDER_MARK)] == BYTE_ORDER_MARK:
        content = content[len(BYTE_ORDER_MARK) :]
    try:
        try:
            batch = _regular(content)
        except msgspec.ValidationError:  # JSON so far, but not every track is as in the dataset
            batch = _irregular(content, source)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        document = with_nan(content, source, error)
        batch = _loose_batch(document, source)
    yield batch


def _regular(content: memoryview) -> Batch:
    playlists = _slice(content).playlists
    entries = list(chain.from_iterable(playlist.tracks for playlist in playlists))
    ids = [_uri(entry).track_uri for entry in entries]

    def describe(at: int) -> Entry:
        try:
            track = _track(entries[at])
        except (msgspec.ValidationError, UnicodeDecodeError):  # skipped text was not looked into until now
            return _loose_entry_of(ids[at], _loose_entry(entries[at]))
        seconds = None if track.duration_ms is None else track.duration_ms / 1000
        # by place, which takes half the time of names
        return Entry(
            ids[at], track.track_name, track.artist_name, track.album_name, track.artist_uri, seconds
        )

    return Batch(ids, [len(playlist.tracks) for playlist in playlists], describe=describe)


def _loose_entry(entry: msgspec.Raw) -> object:
    """An entry that is not as in the dataset, or None when nothing can be made of it."""
    try:
        return msgspec.json.decode(bytes(entry).decode(errors="replace"))
    except (msgspec.DecodeError, RecursionError):
        return None


def _irregular(content: memoryview, source: Source) -> Batch:
    """The same with nothing taken for granted; what is not a playlist or an id is skipped and counted."""
    return _loose_batch(msgspec.json.decode(content), source)


def with_nan(content: "bytes | memoryview", source: Source, error: Exception) -> Any:  # noqa: ANN401 - any JSON value
    """The document of a text that is JSON but for `NaN` and `Infinity`, which become None.

    Raises
    ------
    SegueError
        When it is not JSON even so; `error` is why.
    """
    raw = bytes(content)
    if b"NaN" in raw or b"Infinity" in raw:
        with suppress(ValueError, RecursionError):
            return json.loads(raw, parse_constant=lambda _name: None)
    raise SegueError(f"{source.place}: is not valid JSON ({error}); is it cut short?") from None


def _loose_batch(document: object, source: Source) -> Batch:
    """The same of a document in memory."""
    playlists = document.get("playlists") if isinstance(document, dict) else None
    if not isinstance(playlists, list):
        raise SegueError(f'{source.place}: has no list under "playlists"; is it a million-playlist slice?')
    rows = [playlist["tracks"] for playlist in playlists if _has_tracks(playlist)]
    if missing := len(playlists) - len(rows):
        source.skipped["playlist without a list of tracks"] += missing
    entries = list(chain.from_iterable(rows))
    ids = [track_id(entry) for entry in entries]
    return Batch(ids, [len(row) for row in rows], describe=lambda at: _loose_entry_of(ids[at], entries[at]))


def _has_tracks(playlist: object) -> bool:
    return isinstance(playlist, dict) and isinstance(playlist.get("tracks"), list)


def track_id(entry: object) -> str:
    """The id in a JSON track: the entry itself, or what an object has under one of `TRACK_KEYS`."""
    if isinstance(entry, dict):
        entry = next((entry[key] for key in TRACK_KEYS if key in entry), "")
    return text_id(entry)


def _loose_entry_of(track: str, entry: object) -> Entry:
    if not isinstance(entry, dict):
        return Entry(track)
    milliseconds = entry.get("duration_ms")
    return Entry(
        track,
        title=_text(entry, "track_name"),
        artist=_text(entry, "artist_name"),
        album=_text(entry, "album_name"),
        artist_id=_text(entry, "artist_uri"),
        duration=_seconds(milliseconds),
    )


def _seconds(milliseconds: object) -> float | None:
    if not isinstance(milliseconds, int | float) or not abs(milliseconds) < LONGEST_MS:
        return None
    return milliseconds / 1000


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""
