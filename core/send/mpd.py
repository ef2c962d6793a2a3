"""A list as a stored playlist of MPD, at the end of its queue, or played there; nothing else is cleared."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from segue.core.arrays import one_line
from segue.core.audio.mpd import MPDPlayer
from segue.core.deezer.previews import File, NoPreview, Preview
from segue.core.deezer.transport import Priority
from segue.core.errors import SegueError, UsageError
from segue.core.explore.matching import Owned, match_songs
from segue.core.library import Library
from segue.core.mpd import connected, host_and_port, seconds_of
from segue.core.send.targets import Sent, of_songs
from segue.core.subsonic import Song
from segue.core.tracks import TrackInfo

BESIDE, AWAY = " (being sent by Segue)", " (replaced by Segue)"


def in_database(library: Library, rows: Sequence[int], client: Any) -> list[Sent]:  # noqa: ANN401 - untyped
    """Find tracks among MPD's files, whose paths are relative to its music folder."""
    return of_songs(library, rows, _owned(library, client))


def _owned(library: Library, client: Any) -> Owned:  # noqa: ANN401 - untyped
    """Which of MPD's files is which track of a library."""
    songs = [
        Song(
            each["file"],
            _text(each, "title"),
            _text(each, "artist"),
            _text(each, "album"),
            seconds_of(_text(each, "duration")),
            mbid=_text(each, "musicbrainz_trackid"),
        )
        for each in client.listallinfo()
        if "file" in each
    ]
    return match_songs(library, songs)


class MPDFiles:
    """The files of an MPD as what is heard, for the `MPDPlayer` that plays them there: nothing is fetched.

    Its database is read when the first track is asked for.
    """

    def __init__(self, host: str, port: int, library: Library) -> None:
        self._place = host, port
        self._library = library
        self._owned: Owned | None = None
        self._lock = threading.Lock()

    def fetch(self, track: TrackInfo, *, priority: Priority = "play") -> Preview | NoPreview:
        """The file of a track."""
        del priority  # all are there
        try:
            with self._lock:
                if self._owned is None:
                    with connected(*self._place) as client:
                        self._owned = _owned(self._library, client)
                song_of = self._owned.song_of
        except SegueError as error:
            return NoPreview(track, str(error), outage=True)
        for row in self._library.catalogue.rows_of_ids([track.track_id]):
            if (song := song_of.get(int(row))) is not None:
                file = File(Path(song.song_id), song.duration or 0.0, elsewhere=True)
                return Preview(track, b"", credit=f"MPD at {self._place[0]}", file=file)
        return NoPreview(track, "MPD does not have it")

    def close(self) -> None:
        """Nothing waits."""


def mpd_speaker(address: str, library: Library) -> tuple[MPDFiles, MPDPlayer]:
    """What finds tracks at an MPD, and what plays them there.

    `address` is HOST or HOST:PORT. Raises `UsageError` when the address is none, or python-mpd2 is not
    installed, and `SegueError` when MPD can't be reached.
    """
    host, port = host_and_port(address)
    with connected(host, port):
        pass
    return MPDFiles(host, port, library), MPDPlayer(host, port)


def store(client: Any, name: str, paths: Sequence[str]) -> str:  # noqa: ANN401 - untyped
    """Make a stored playlist, or replace the one of that name; returns what was done.

    The new one is built beside the old one and put in its place by one list of commands.
    """
    if not name or "/" in name or "\n" in name:
        raise UsageError("the names of MPD's playlists can't contain / or a line break; pass another --name")
    known = {each.get("playlist", "") for each in client.listplaylists()}
    if name + AWAY in known and name not in known:  # MPD ended between the two names
        client.rename(name + AWAY, name)
        known = known - {name + AWAY} | {name}
    for leftover in known & {name + BESIDE, name + AWAY}:
        client.rm(leftover)
    stands = f"the old playlist {name} is unchanged" if name in known else f"there is no playlist {name} yet"
    try:
        for path in paths:
            client.playlistadd(name + BESIDE, path)
        client.command_list_ok_begin()
        if name in known:
            client.rename(name, name + AWAY)
        client.rename(name + BESIDE, name)
        if name in known:
            client.rm(name + AWAY)
        stands = f"{stands}, or the new one is in its place, whole"
        client.command_list_end()
    except Exception as error:
        raise SegueError(f"MPD: {one_line(error)}; {stands}") from error
    return f"{'replaced' if name in known else 'made'} the playlist {name}"


def queue(client: Any, paths: Sequence[str]) -> str:  # noqa: ANN401 - untyped
    """Add files to the end of the queue, all or none, by a stored playlist; returns what was done."""
    stands = "the queue is unchanged"
    try:
        if "queue" + BESIDE in {each.get("playlist", "") for each in client.listplaylists()}:
            client.rm("queue" + BESIDE)
        for path in paths:
            client.playlistadd("queue" + BESIDE, path)
        stands = f"the queue is unchanged, or the {len(paths)} are at its end, whole"
        client.load("queue" + BESIDE)
        client.rm("queue" + BESIDE)
    except Exception as error:
        raise SegueError(f"MPD: {one_line(error)}; {stands}") from error
    return f"added {len(paths)} to the end of the queue"


def _text(song: dict[str, Any], name: str) -> str:
    value = song.get(name, "")
    return str(value[0] if isinstance(value, list) else value)
