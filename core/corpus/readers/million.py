"""Slices of the Spotify million playlist dataset: `{"playlists": [{"tracks": [{"track_uri": ...}]}]}`."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import msgspec

from segue.core.corpus.readers.batch import Batch, Entry, Source, text_id
from segue.core.corpus.readers.streams import read_array, read_whole, utf_16
from segue.core.errors import SegueError

TRACK_KEYS = ("track_uri", "track_id", "uri", "id")
LARGEST_SLICE = 1 << 30
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_MS = 1e12
"""Beyond it a number is not a duration, and may not even fit a float."""


class _Track(msgspec.Struct, gc=False, kw_only=True):  # in the order of the dataset, which is read faster
    artist_name: str = ""
    track_uri: str
    artist_uri: str = ""
    track_name: str = ""
    duration_ms: float | None = None
    album_name: str = ""


class _Playlist(msgspec.Struct, gc=False):
    tracks: list[_Track]


class _Slice(msgspec.Struct, gc=False):
    playlists: list[_Playlist]


_slice = msgspec.json.Decoder(_Slice).decode
"""It skips what it does not look for: 0.7 microseconds a track instead of 2 for a full parse."""
_kept: list[_Track] = []
"""Some tracks of the last slice: Python keeps its memory for them, which it would have to clear again."""


def read_million(source: Source) -> Iterator[Batch]:
    """Read one slice as one batch, with title, artist, album and duration of each track.

    Raises `SegueError` when it is not valid JSON of that form.
    """
    content = read_array(source.place, LARGEST_SLICE, following=source.following).data
    if utf_16(bytes(content[:8])):
        content = memoryview(read_whole(source.place, LARGEST_SLICE, is_text=True))
    if content[: len(BYTE_ORDER_MARK)] == BYTE_ORDER_MARK:
        content = content[len(BYTE_ORDER_MARK) :]
    try:
        batch = _regular(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:  # not all is as in the dataset
        text = bytes(content).decode(errors="surrogateescape")
        batch = _loose_batch(_lenient(text, source, error), source)
    yield batch


def _regular(content: memoryview) -> Batch:
    playlists = _slice(content).playlists
    tracks = list(chain.from_iterable(playlist.tracks for playlist in playlists))
    _kept[:] = tracks[::1000]

    def describe(positions: Sequence[int]) -> list[Entry]:
        return [
            Entry(  # by place, which takes half the time of names
                track.track_uri,
                track.track_name,
                track.artist_name,
                track.album_name,
                track.artist_uri,
                track.duration_ms / 1000 if track.duration_ms else None,
            )
            for track in [tracks[at] for at in positions]
        ]

    ids = [track.track_uri for track in tracks]
    lengths = [len(playlist.tracks) for playlist in playlists]
    return Batch(ids, lengths, describe=describe, is_metadata=True)


def with_nan(content: bytes, source: Source, error: Exception) -> Any:  # noqa: ANN401 - any JSON value
    """The document of a text that is JSON but for `NaN` and `Infinity`, which become None.

    Raises `SegueError` when it is not JSON even so; `error` is why.
    """
    if b"NaN" in content or b"Infinity" in content or "surrogate" in str(error):
        return _lenient(content.decode(errors="replace"), source, error)
    raise _not_json(source, error)


def _lenient(text: str, source: Source, error: Exception) -> Any:  # noqa: ANN401 - any JSON value
    """The document of a text that Python's own parser takes for JSON, with None for `NaN` and `Infinity`.

    Half a letter, which programs leave where they cut titles, is a replacement character.
    """
    try:
        document = json.loads(text, parse_constant=lambda _name: None)
        if "\\ud" in text.lower():
            whole = json.dumps(document, ensure_ascii=False).encode("utf-16", "surrogatepass")
            document = json.loads(whole.decode("utf-16", "replace"))
    except (ValueError, RecursionError):
        raise _not_json(source, error) from None
    return document


def _not_json(source: Source, error: Exception) -> SegueError:
    return SegueError(f"{source.place}: {why_no_json(error)}")


def why_no_json(error: Exception) -> str:
    """What is wrong with a text that a parser of JSON has refused."""
    if isinstance(error, UnicodeDecodeError):
        return f"is JSON that is not in UTF-8 ({error.reason}); save it as UTF-8"
    return f"is not valid JSON ({error}); is it cut short?"


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
    lengths = [len(row) for row in rows]
    return Batch(
        ids, lengths, describe=lambda positions: [_loose_entry_of(ids[at], entries[at]) for at in positions]
    )


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
    if not isinstance(value, str):
        return ""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # half a letter is none
