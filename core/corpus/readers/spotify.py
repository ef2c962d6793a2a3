"""What Spotify gives: the account's playlists and library, both histories, and playlists of its API."""

from collections.abc import Iterator, Mapping
from typing import Any

from segue.core.corpus.readers.batch import Batch, Entry, NamedEntries, Source, whole_playlists
from segue.core.corpus.readers.identities import isrc_of
from segue.core.corpus.readers.json_lines import json_document
from segue.core.corpus.readers.sessions import SHORTEST, sessions
from segue.core.corpus.readers.table import BEYOND, seconds_of
from segue.core.corpus.readers.xspf import milliseconds
from segue.core.errors import SegueError

Json = Mapping[str, Any]


def read_spotify(source: Source) -> Iterator[Batch]:
    """Read `Playlist1.json` or `YourLibrary.json` of the account's data, or a playlist of the API.

    Raises
    ------
    SegueError
        When it is none of these.
    """
    document = json_document(source)
    if not isinstance(document, Mapping):
        raise SegueError(f"{source.place}: is not a JSON object; is it Spotify's?")
    playlists = document.get("playlists")
    tracks = document.get("tracks", document.get("items"))
    if isinstance(playlists, list):
        rows: list[list[Entry]] = [
            NamedEntries(text_at(playlist, "name"), _items(playlist.get("items"), source))
            for playlist in playlists
            if isinstance(playlist, Mapping)
        ]
    elif isinstance(tracks, Mapping):
        rows = [_items(tracks.get("items"), source)]
    else:
        rows = [NamedEntries(text_at(document, "name"), _items(tracks, source))]
    yield from whole_playlists(rows)


def _items(items: object, source: Source) -> list[Entry]:
    found = [_entry(item, source) for item in items] if isinstance(items, list) else []
    return [entry for entry in found if entry is not None]


def _entry(item: object, source: Source) -> Entry | None:
    """A track of a playlist, local ones too; episodes and what has no name are counted as skipped."""
    if not isinstance(item, Mapping):
        return None
    if any(isinstance(item.get(key), Mapping) for key in ("episode", "audiobook")):
        source.skipped["podcast or audiobook"] += 1
        return None
    track = next((item[key] for key in ("track", "localTrack") if isinstance(item.get(key), Mapping)), item)
    uri = text_at(track, "trackUri", "uri", "id")
    title = text_at(track, "trackName", "name", "track")
    artist = text_at(track, "artistName", "artist") or ", ".join(
        text_at(one, "name") for one in track.get("artists") or () if isinstance(one, Mapping)
    )
    album = track.get("album")
    album = text_at(album, "name") if isinstance(album, Mapping) else text_at(track, "albumName", "album")
    if uri.startswith("spotify:local:"):
        uri, artist, album, title = "", *_local(uri, artist, album, title)
    codes = track.get("external_ids")
    if not (uri or title):
        source.skipped["track without id and name"] += 1
        return None
    return Entry(
        uri,
        title,
        artist,
        album,
        duration=milliseconds(track.get("duration_ms")),
        isrc=isrc_of(text_at(codes, "isrc")) if isinstance(codes, Mapping) else "",
    )


def _local(uri: str, artist: str, album: str, title: str) -> tuple[str, str, str]:
    """What `spotify:local:Artist:Album:Title:seconds` says, where nothing better is known."""
    from urllib.parse import unquote_plus

    parts = [*map(unquote_plus, uri.split(":")[2:5]), "", "", ""]
    return artist or parts[0], album or parts[1], title or parts[2]


def text_at(value: Json, *keys: str) -> str:
    """The first text under one of these keys; empty without one."""
    return next((value[key].strip() for key in keys if isinstance(value.get(key), str) and value[key]), "")


def read_spotify_history(source: Source) -> Iterator[Batch]:
    """Read a listening history, the year's or the whole one, into sessions.

    Skipped tracks, private sessions, podcasts and audiobooks are left out and counted.

    Raises
    ------
    SegueError
        When it is not a list.
    """
    document = json_document(source)
    if not isinstance(document, list):
        raise SegueError(f"{source.place}: is not a list of what was played; is it Spotify's?")
    listens = []
    for record in document:
        if not isinstance(record, Mapping):
            continue
        played = milliseconds(record.get("ms_played", record.get("msPlayed"))) or 0.0
        title = text_at(record, "master_metadata_track_name", "trackName")
        artist = text_at(record, "master_metadata_album_artist_name", "artistName")
        ended = seconds_of(text_at(record, "ts", "endTime"))
        if not title or not artist:
            source.skipped["podcast, audiobook or video"] += 1
        elif record.get("incognito_mode") is True:
            source.skipped["private session"] += 1
        elif record.get("skipped") is True or played < SHORTEST:
            source.skipped["skipped track"] += 1
        elif ended == BEYOND:
            source.skipped["record without a time"] += 1
        else:
            album = text_at(record, "master_metadata_album_album_name")
            entry = Entry(text_at(record, "spotify_track_uri"), title, artist, album)
            listens.append((ended - played, played, entry))
    yield from whole_playlists(sessions(listens))
