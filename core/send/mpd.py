"""A list as a stored playlist of MPD, or at the end of its queue. Nothing of the listener's is cleared."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

from segue.core.arrays import one_line
from segue.core.errors import SegueError, UsageError
from segue.core.library import Library
from segue.core.send.targets import Sent
from segue.core.serve.owned import match_songs
from segue.core.subsonic import Song

SILENCE, SECONDS = 20.0, 120.0
"""How long MPD may say nothing, and how long all may take."""
LARGEST = 100_000_000
"""Bytes that MPD may send: 200,000 files have about as many."""
BESIDE, AWAY = " (being sent by Segue)", " (replaced by Segue)"


@contextmanager
def connected(host: str, port: int) -> Iterator[Any]:
    """A connection to MPD.

    Raises
    ------
    UsageError
        When python-mpd2 is not installed.
    SegueError
        When MPD can't be reached, refuses a command, or sends too slowly or too much.
    """
    try:
        import mpd
    except ImportError:
        raise UsageError("MPD needs the package python-mpd2; run: pip install 'segue[mpd]'") from None
    client = mpd.MPDClient()
    client.timeout = SILENCE
    connect, lines = client._connect_tcp, list[_Bounded]()  # noqa: SLF001 - bounds what comes from its first line on

    def bounded(*where: Any) -> _Bounded:  # noqa: ANN401 - as in python-mpd2
        lines.append(_Bounded(fileno=connect(*where).detach()))
        return lines[-1]

    client._connect_tcp = bounded  # noqa: SLF001
    try:
        client.connect(host, port)
        yield client
    except ConnectionRefusedError:
        raise SegueError(f"MPD at {host}:{port}: does not answer; start it, or pass another --host") from None
    except (OSError, ValueError, mpd.MPDError) as error:  # ValueError: a name or an answer that is not text
        raise SegueError(f"MPD at {host}:{port}: {one_line(error)}") from error
    finally:
        with suppress(OSError, mpd.MPDError):
            client.disconnect()
        for line in lines:  # a lost one is not closed by that
            line.close()


class _Bounded(socket.socket):
    """A connection from which only so much comes, and only for so long."""

    _until: float | None = None
    _received = 0

    def recv_into(self, *where: Any) -> int:  # noqa: ANN401 - as the base class
        """As the base class; an `OSError` past the bounds."""
        if self._until is None:
            self._until = monotonic() + SECONDS
        self.settimeout(min(SILENCE, max(self._until - monotonic(), 0.001)))
        count = super().recv_into(*where)
        self._received += count
        if monotonic() > self._until:
            raise TimeoutError(f"did not answer in full within {SECONDS:g} s")
        if self._received > LARGEST:
            raise OSError(f"sent more than {LARGEST // 1_000_000} MB")
        return count


def in_database(library: Library, rows: Sequence[int], client: Any) -> list[Sent]:  # noqa: ANN401 - untyped
    """Find tracks among MPD's files, whose paths are relative to its music folder."""
    songs = [
        Song(
            each["file"],
            _text(each, "title"),
            _text(each, "artist"),
            _text(each, "album"),
            _seconds(_text(each, "duration")),
            mbid=_text(each, "musicbrainz_trackid"),
        )
        for each in client.listallinfo()
        if "file" in each
    ]
    owned = match_songs(library, songs)
    sent = []
    for row, info in zip(rows, library.catalogue.infos(rows), strict=True):
        song = owned.song_of.get(row)
        sent.append(Sent(info, song.song_id if song else "", owned.how_of[row] if song else ""))
    return sent


def store(client: Any, name: str, paths: Sequence[str]) -> str:  # noqa: ANN401 - untyped
    """Make a stored playlist, or replace the one of that name; returns what was done.

    The new one is built beside the old one and put in its place by one list of commands.
    """
    if not name or "/" in name or "\n" in name:
        raise UsageError("MPD's names of playlists hold no / and no line end; pass another --name")
    known = {each["playlist"] for each in client.listplaylists()}
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
        if "queue" + BESIDE in {each["playlist"] for each in client.listplaylists()}:
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


def _seconds(text: str) -> float | None:
    """A length; None for anything else."""
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 < seconds < 1e6 else None
