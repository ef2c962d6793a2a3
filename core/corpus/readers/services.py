"""What services give their listeners: Spotify, ListenBrainz and YouTube, lists and histories."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from segue.core.corpus.readers.batch import Batch, Entry, NamedEntries, Source, whole_playlists
from segue.core.corpus.readers.identities import identity_of, isrc_of
from segue.core.corpus.readers.json_lines import json_document, json_values
from segue.core.corpus.readers.players import milliseconds
from segue.core.corpus.readers.table import BEYOND, seconds_of
from segue.core.errors import SegueError

GAP = 300.0
"""Seconds of silence after which a session begins."""
SHORTEST = 30.0
"""Seconds; what was left sooner was skipped."""
USUAL = 210.0
"""Seconds that a track is taken to last where its length is not known."""


def sessions(listens: Iterable[tuple[float, float | None, Entry]]) -> Iterator[list[Entry]]:
    """Cut a history where nothing was played for more than 300 s.

    Each listen is when it began (seconds since 1970), how long it played (seconds; None: unknown), and what
    it was.
    """
    session: list[Entry] = []
    ended = float("inf")
    for began, played, entry in sorted(listens, key=lambda listen: listen[0]):
        if session and began - ended > GAP:
            yield session
            session = []
        entry.time = began
        session.append(entry)
        ended = began + (played or entry.duration or USUAL)
    if session:
        yield session


Json = Mapping[str, Any]


def read_spotify(source: Source) -> Iterator[Batch]:
    """Read `Playlist1.json` or `YourLibrary.json` of the account's data, or a playlist of the API.

    Raises `SegueError` when it is none of these.
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
    album = text_at(album, "name") or text_at(track, "albumName", "album")
    if uri.startswith("spotify:local:"):
        uri, artist, album, title = "", *_local(uri, artist, album, title)
    if not (uri or title):
        source.skipped["track without id and name"] += 1
        return None
    return Entry(
        uri,
        title,
        artist,
        album,
        duration=milliseconds(track.get("duration_ms")),
        isrc=isrc_of(text_at(track.get("external_ids"), "isrc")),
    )


def _local(uri: str, artist: str, album: str, title: str) -> tuple[str, str, str]:
    """What `spotify:local:Artist:Album:Title:seconds` says, where nothing better is known."""
    parts = [*map(unquote_plus, uri.split(":")[2:5]), "", "", ""]
    return artist or parts[0], album or parts[1], title or parts[2]


def text_at(value: object, *keys: str) -> str:
    """The first text under one of these keys of an object; empty without one."""
    if not isinstance(value, Mapping):
        return ""
    return next((value[key].strip() for key in keys if isinstance(value.get(key), str) and value[key]), "")


def read_spotify_history(source: Source) -> Iterator[Batch]:
    """Read a listening history, the year's or the whole one, into sessions.

    Skipped tracks, private sessions, podcasts and audiobooks are left out and counted. Raises `SegueError`
    when it is not a list.
    """
    listens = []
    for record in _records(source, "is not a list of what was played; is it Spotify's?"):
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


def listened(value: Json) -> tuple[float, Entry] | None:
    """When a listen began, in seconds since 1970, and its track; None for what is not a listen."""
    metadata = value.get("track_metadata")
    began = value.get("listened_at", value.get("timestamp"))
    if not isinstance(metadata, Mapping) or not isinstance(began, int | float) or not 0 < began < _LATEST:
        return None
    return float(began), _listen_entry(metadata)


def _listens(source: Source) -> Iterator[Json]:
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


def _listen_entry(metadata: Json) -> Entry:
    mapping, more = metadata.get("mbid_mapping"), metadata.get("additional_info")
    more = more if isinstance(more, Mapping) else {}
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


_WATCHED = re.compile(
    r"(?:Watched|Vous avez regardé|Has visto|Hai guardato|Você assistiu a)\s+(.+)"
    r"|[„\"]?(.+?)[“\"]?\s+(?:angesehen|bekeken)|(.+)を視聴しました",
    re.DOTALL,
)
"""What Takeout writes around a title, in the languages that are known."""
_TOPIC = " - Topic"


def read_youtube(source: Source) -> Iterator[Batch]:
    """Read what was played into sessions; videos that are not music are left out and counted.

    Music is what YouTube Music played, or what a channel that ends in `- Topic` holds. Raises `SegueError`
    when it is not a list.
    """
    yield from _sessions(_records(source, "is not a list of what was watched; is it from Takeout?"), source)


def _records(source: Source, otherwise: str) -> list[Json]:
    """The objects of a document that is a list."""
    document = json_document(source)
    if not isinstance(document, list):
        raise SegueError(f"{source.place}: {otherwise}")
    return [record for record in document if isinstance(record, Mapping)]


_CELL = '<div class="outer-cell'
_LINK = re.compile(r'<a href="([^"<>]{1,500})"[^<>]{0,100}>([^<]{1,1000})</a>')
_TEXT = re.compile(r"<[^<>]{0,500}>")
_ZONE = re.compile(r"\s+(?:(?:GMT|UTC)([+-]\d{1,2})(?::?(\d{2}))?|[A-Z]{2,5})$")
_DATES = (
    "%b %d, %Y, %I:%M:%S %p",
    "%d %b %Y, %H:%M:%S",
    "%d.%m.%Y, %H:%M:%S",
    "%d/%m/%Y, %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
)


def read_youtube_page(source: Source) -> Iterator[Batch]:
    """Read the same from the web page that Takeout gives unless it is asked for JSON.

    Times are understood in English and in numbers; a zone that is written as a word is taken for UTC. Raises
    `SegueError` when it is another web page.
    """
    cells = source.text().split(_CELL)[1:]
    if not cells and source.is_one_of_many:
        source.skipped["web page that is not a watch history"] += 1
    elif not cells:
        raise SegueError(f"{source.place}: is not a watch history; choose JSON in Takeout, or export M3U8")
    yield from _sessions(filter(None, map(_record_of, cells)), source)


def _record_of(cell: str) -> Json | None:
    """A cell of the page as its JSON has it."""
    header, _, content = cell[:20_000].partition("content-cell")
    content = content.partition("</div>")[0].partition(">")[2]
    links = [(html.unescape(address), html.unescape(text)) for address, text in _LINK.findall(content)]
    if not links:
        return None
    lines = [html.unescape(_TEXT.sub("", line)).strip() for line in content.split("<br")]
    when = next(
        (began for line in reversed(lines) if (began := _time(line.removeprefix(">"))) is not None), None
    )
    return {
        "header": "YouTube Music" if "YouTube Music" in header else "YouTube",
        "titleUrl": links[0][0],
        "title": links[0][1],
        "subtitles": [{"name": text} for _, text in links[1:2]],
        "time": "" if when is None else when.isoformat(),
    }


def _time(text: str) -> datetime | None:
    text = " ".join(text.replace("Sept ", "Sep ").split())
    zone = _ZONE.search(text)
    if zone is not None and zone[0].strip() not in {"AM", "PM"}:
        text = text[: zone.start()]
    hours, minutes = (int(part or 0) for part in zone.groups()) if zone is not None else (0, 0)
    for form in _DATES:
        try:
            found = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return found - timedelta(hours=hours, minutes=-minutes if hours < 0 else minutes)
    return None


def _sessions(records: Iterable[Json], source: Source) -> Iterator[Batch]:
    listens = []
    for record in records:
        address, title = text_at(record, "titleUrl"), text_at(record, "title")
        if watched := _WATCHED.fullmatch(title):
            title = watched[watched.lastindex or 0]
        channels = record.get("subtitles")
        first = next(iter(channels), None) if isinstance(channels, list) else None
        channel = text_at(first, "name")
        began = seconds_of(text_at(record, "time"))
        is_music = record.get("header") == "YouTube Music" or channel.endswith(_TOPIC) or "music." in address
        if not is_music:
            source.skipped["video that is not music"] += 1
        elif not channel or title.startswith("http") or began == BEYOND:
            source.skipped["video that is gone, or without a time"] += 1
        else:
            entry = Entry(identity_of(address), title, channel.removesuffix(_TOPIC))
            listens.append((began, None, entry))
    yield from whole_playlists(sessions(listens))
