"""A list as a playlist of a Subsonic server: the old one or the new one is whole at every moment."""

from collections.abc import Sequence
from contextlib import suppress

from segue.core.errors import SegueError
from segue.core.library import Library
from segue.core.send.matched import Sent
from segue.core.serve.owned import match_songs
from segue.core.subsonic import CHUNK, Subsonic

BESIDE = " (being sent by Segue)"


def on_server(library: Library, rows: Sequence[int], server: Subsonic) -> list[Sent]:
    """Find tracks among the server's songs, where that is certain."""
    owned = match_songs(library, server.songs())
    sent = []
    for row, info in zip(rows, library.catalogue.infos(rows), strict=True):
        song = owned.song_of.get(row)
        sent.append(Sent(info, song.song_id if song else "", owned.how_of[row] if song else ""))
    return sent


def send_playlist(server: Subsonic, name: str, song_ids: Sequence[str]) -> str:
    """Make a playlist, or replace this user's own one of that name; returns what was done.

    Up to 45 songs are replaced in one call, under the same id. A longer list is built beside the old one in
    calls of 45, compared with what was sent, and only then named; then the old one is removed.

    Raises
    ------
    SegueError
        When the server refuses or is lost; it says which playlist stands.
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
