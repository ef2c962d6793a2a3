"""A list as a stored playlist of MPD, or at the end of its queue. Nothing of the listener's is cleared."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from segue.core.arrays import one_line
from segue.core.errors import SegueError, UsageError
from segue.core.library import Library
from segue.core.send.matched import Sent
from segue.core.serve.owned import match_songs
from segue.core.subsonic import Song

SECONDS = 20.0
BESIDE, AWAY = " (being sent by Segue)", " (replaced by Segue)"


@contextmanager
def connected(host: str, port: int) -> Iterator[Any]:
    """A connection to MPD.

    Raises
    ------
    UsageError
        When python-mpd2 is not installed.
    SegueError
        When MPD can't be reached, or refuses a command.
    """
    try:
        import mpd
    except ImportError:
        raise UsageError("MPD needs the package python-mpd2; run: pip install 'segue[mpd]'") from None
    client = mpd.MPDClient()
    client.timeout = SECONDS
    try:
        client.connect(host, port)
        yield client
    except (OSError, ValueError, mpd.MPDError) as error:  # ValueError: a name or an answer that is not text
        raise SegueError(f"MPD at {host}:{port}: {one_line(error)}") from error
    finally:
        with suppress(OSError, mpd.MPDError):
            client.disconnect()


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
        client.command_list_end()
    except Exception as error:
        raise SegueError(f"MPD: {error}; {stands}, or the new one is in its place") from error
    return f"{'replaced' if name in known else 'made'} the playlist {name}"


def queue(client: Any, paths: Sequence[str]) -> str:  # noqa: ANN401 - untyped
    """Add files to the end of the queue, all or none; returns what was done."""
    client.command_list_ok_begin()
    for path in paths:
        client.add(path)
    client.command_list_end()
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
