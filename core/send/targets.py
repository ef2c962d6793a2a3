"""Lists as files, and as playlists of Subsonic servers and ListenBrainz."""

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any

from segue.core.errors import SegueError, UsageError
from segue.core.explore.matching import Owned, match_songs
from segue.core.explore.playlist_files import cell, one_line
from segue.core.files import atomic_file
from segue.core.http import Answer, Deadline, Http, same_server
from segue.core.library import Library
from segue.core.manifest import parse_json
from segue.core.own_files import FileIndex
from segue.core.subsonic import CHUNK, Subsonic
from segue.core.text import printable
from segue.core.tracks import TrackInfo, service_id


@dataclass(frozen=True, slots=True)
class Sent:
    """A track, and what it is at the target."""

    track: TrackInfo
    where: str
    """The target's own id, path or link; empty where the target does not have it."""
    how: str
    """How it was found; empty where it was not."""


def found(tracks: Sequence[Sent]) -> list[str]:
    """What is sent, in order."""
    return [each.where for each in tracks if each.where]


COLUMNS = ("Track name", "Artist name", "Album", "Playlist name", "Type", "ISRC")


def in_own_files(tracks: Iterable[TrackInfo], index: FileIndex) -> list[Sent]:
    """Find tracks among the files that `segue files` has indexed."""
    sent = []
    for track in tracks:
        file = index.find(track)
        sent.append(Sent(track, str(file.path.absolute()) if file else "", "own file" if file else ""))
    return sent


def write_m3u8(
    path: Path, title: str, sent: Sequence[Sent], *, base: Path | None = None, relative: bool = False
) -> None:
    """Write a playlist of files, whole or not at all.

    Paths are relative to `base`, which must hold every file (the music folder of a player), or with
    `relative` to the folder of the playlist. Raises `UsageError` when a file does not lie under `base`.
    """
    lines = ["#EXTM3U", f"#PLAYLIST:{one_line(title)}"]
    for each in sent:
        if not each.where:
            continue
        seconds = -1 if each.track.duration is None else round(each.track.duration)
        lines += [f"#EXTINF:{seconds},{one_line(f'{each.track.artist} - {each.track.title}')}"]
        lines.append(_place(Path(each.where), path, base, relative=relative))
    with atomic_file(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")


def _place(file: Path, playlist: Path, base: Path | None, *, relative: bool) -> str:
    if base is not None:
        try:
            return file.relative_to(base.absolute()).as_posix()
        except ValueError:
            raise UsageError(f"{file}: is not under --base {base}") from None
    return os.path.relpath(file, playlist.absolute().parent) if relative else str(file)


def write_tunemymusic(path: Path, title: str, tracks: Iterable[TrackInfo]) -> None:
    """Write the CSV that TuneMyMusic reads, with ISRCs where they are known."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for track in tracks:
        texts = (track.title, track.artist, track.album, title, "Playlist", track.isrc)
        writer.writerow([cell(text) for text in texts])
    with atomic_file(path) as temporary:
        temporary.write_text(file.getvalue(), encoding="utf-8", newline="")


BESIDE = " (being sent by Segue)"


def on_server(library: Library, rows: Sequence[int], server: Subsonic) -> list[Sent]:
    """Find tracks among the server's songs, where that is certain."""
    return of_songs(library, rows, match_songs(library, server.songs()))


def of_songs(library: Library, rows: Sequence[int], owned: Owned) -> list[Sent]:
    """What tracks are among a target's songs, those that are in the library."""
    sent = []
    for row, info in zip(rows, library.catalogue.infos(rows), strict=True):
        song = owned.song_of.get(row)
        sent.append(Sent(info, song.song_id if song else "", owned.how_of[row] if song else ""))
    return sent


def send_playlist(server: Subsonic, name: str, song_ids: Sequence[str]) -> str:
    """Make a playlist, or replace this user's own one of that name; returns what was done.

    Up to 45 songs are replaced in one call, under the same id. A longer list is built beside the old one in
    calls of 45, compared with what was sent, and only then named; then the old one is removed. Raises
    `SegueError` when the server refuses or is lost; it says which playlist stands.
    """
    before = server.playlists()
    old = before.get(name)
    stands = f"the old playlist {name} is unchanged" if old else f"there is no playlist {name} yet"
    try:
        if leftover := before.get(name + BESIDE):
            server.delete(leftover)
        if len(song_ids) <= CHUNK:
            if old is None:
                server.create(name, song_ids)
                return f"made the playlist {name}"
            stands = f"the playlist {name} is the old one or the new one, whole"
            server.replace(old, song_ids)
            return f"replaced the playlist {name}"
        new = _built(server, name + BESIDE, song_ids)
        stands = f"the old playlist stands, and perhaps the new one beside it, whole, as {name}"
        server.rename(new, name)
        if old is None:
            return f"made the playlist {name}"
        stands = f"the new playlist {name} is whole; the old one of that name may still stand beside it"
        server.delete(old)
    except SegueError as error:
        raise SegueError(f"{error}; {stands}") from error
    return f"replaced the playlist {name}"


def _built(server: Subsonic, name: str, song_ids: Sequence[str]) -> str:
    """A complete playlist under a name of its own."""
    new = server.create(name, song_ids[:CHUNK])
    try:
        for start in range(CHUNK, len(song_ids), CHUNK):
            server.add(new, song_ids[start : start + CHUNK])
        server.compare(new, song_ids)
    except SegueError:
        with suppress(SegueError):
            server.delete(new)
        raise
    return new


ADDRESS = "https://api.listenbrainz.org"
SECONDS = 20.0
TRIES, LONGEST_WAIT = 3, 30.0
"""How often a track is asked for, and for how many seconds ListenBrainz may have us wait."""
_LARGEST = 1 << 20
_RECORDING = "https://musicbrainz.org/recording/"
_EXTENSION = "https://musicbrainz.org/doc/jspf#playlist"


class ListenBrainzPlaylists:
    """Makes playlists for clients with the token.

    The listener's `token` goes to `address` alone, in a header.
    """

    def __init__(self, token: str, *, address: str = ADDRESS) -> None:
        self._address, self._token = address, token
        self._http = Http(same_server(address))
        self._wait = 0.0

    def recordings(self, tracks: Iterable[TrackInfo]) -> list[Sent]:
        """The MusicBrainz recording of each track: its own id, else as ListenBrainz finds its title."""
        sent = []
        for track in tracks:
            key = service_id(track.track_id)
            if key and key[0] == "musicbrainz":
                sent.append(Sent(track, key[1], "id"))
                continue
            mbid = self._look_up(track) if track.title and track.artist else ""
            sent.append(Sent(track, mbid, "title and artist" if mbid else ""))
        return sent

    def create(self, name: str, mbids: Sequence[str], *, public: bool = False) -> str:
        """Make a playlist, in one call, and return its address; none is replaced.

        Raises `SegueError` when ListenBrainz refuses or is lost; then no playlist was made, or a whole one.
        """
        playlist = {
            "title": name,
            "extension": {_EXTENSION: {"public": public}},
            "track": [{"identifier": [_RECORDING + mbid]} for mbid in mbids],
        }
        body = json.dumps({"playlist": playlist}).encode()
        headers = {"Authorization": f"Token {self._token}", "Content-Type": "application/json"}
        deadline = Deadline(SECONDS)
        try:
            with self._http.post(f"{self._address}/1/playlist/create", deadline, body, headers) as answer:
                found = _read(answer, deadline)
                status = answer.status
        except SegueError as error:
            raise SegueError(
                f"{error}; {name} was created completely or not at all; older playlists are unchanged"
            ) from error
        mbid = found.get("playlist_mbid") if isinstance(found, dict) else None
        if status != 200 or not isinstance(mbid, str):
            why = " ".join(str(found.get("error", "")).split()) if isinstance(found, dict) else ""
            raise SegueError(
                f"ListenBrainz made no playlist (status {status}{f': {printable(why):.200}' if why else ''})"
            )
        return f"https://listenbrainz.org/playlist/{mbid}"

    def _look_up(self, track: TrackInfo) -> str:
        parameters = {"artist_name": track.artist, "recording_name": track.title}
        for _ in range(TRIES):
            sleep(self._wait)
            deadline = Deadline(SECONDS)
            with self._http.get(f"{self._address}/1/metadata/lookup/", deadline, params=parameters) as answer:
                found, status = _read(answer, deadline), answer.status
                self._wait = _until_more(answer.headers) if status != 429 else _reset(answer.headers)
            if status == 429:
                continue
            if status not in {200, 404} or not isinstance(found, dict):
                raise SegueError(
                    f"ListenBrainz can't look up {track.label} (status {status}); try again later"
                )
            mbid = found.get("recording_mbid", "")
            key = service_id(mbid) if isinstance(mbid, str) else None
            return key[1] if key and key[0] == "musicbrainz" else ""
        raise SegueError("ListenBrainz limits the rate of requests; try again in a minute")


def _until_more(headers: Mapping[str, str]) -> float:
    """Seconds until ListenBrainz may be asked again: its own limit is 30 calls in 10 seconds."""
    return _reset(headers) if headers.get("x-ratelimit-remaining", "").strip() == "0" else 0.0


def _reset(headers: Mapping[str, str]) -> float:
    try:
        seconds = float(headers.get("x-ratelimit-reset-in", ""))
    except ValueError:
        return 1.0
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else 1.0  # noqa: PLR0124 - not a number


def _read(answer: Answer, deadline: Deadline) -> Any:  # noqa: ANN401 - any JSON value
    content = answer.whole(deadline, _LARGEST)
    try:
        return parse_json(content)
    except (ValueError, RecursionError):
        return None
