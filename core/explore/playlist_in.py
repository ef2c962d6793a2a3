"""A playlist from anywhere: a file of any format, pasted lines, or a Deezer link."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from segue.core.errors import SegueError

if TYPE_CHECKING:
    from segue.core.corpus.readers.batch import Entry
    from segue.core.deezer.client import DeezerClient

LIMIT = 20_000_000
"""Bytes that may be pasted or piped in."""
_OPEN_FILES = (Path("/dev/fd"), Path("/proc/self/fd"))
_DEEZER_LISTS = re.compile(
    r"(?:https?://)?(?:www\.)?deezer\.com/(?:[a-z]{2}(?:-[a-z]{2})?/)?(playlist|album)/(\d{1,18})\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://\S+|(?:www\.|link\.)?deezer\.(?:com|page\.link)/\S*", re.IGNORECASE)


def read_playlist(
    source: "str | bytes", *, deezer: "DeezerClient | None" = None, offline: bool = False
) -> "list[Entry]":
    """Read a playlist.

    Parameters
    ----------
    source
        The path of a file, a folder or a zip archive of any format that `read_playlists` reads, a Deezer
        playlist or album link, the text itself when it has more than one line, or its bytes.
    deezer
        Asked for the tracks of a Deezer link; made when it is needed and not given.
    offline
        Refuse a Deezer link instead of asking.

    Raises
    ------
    SegueError
        When the source cannot be read, is too long, or holds no tracks.
    """
    from segue.core.corpus.readers.reading import read_entries  # 60 ms, with NumPy
    from segue.core.corpus.readers.streams import Pasted

    if isinstance(source, bytes):
        name, place = "standard input", Pasted(_limited(source, "standard input"), "standard input")
        entries, skipped = read_entries(place)
    elif link := _DEEZER_LISTS.match(source.strip()):
        name, skipped = source, {}
        entries = _from_deezer(link[1].lower(), int(link[2]), deezer, offline=offline)
    elif "\n" in source:
        name = source.strip().partition("\n")[0][:80]
        entries, skipped = read_entries(Pasted(_limited(source.encode(errors="replace"), "the text")))
    elif _LINK.fullmatch(source.strip()):
        raise SegueError(
            f"{source.strip()}: this kind of link is not read; use the link of a Deezer playlist or album, "
            "such as https://www.deezer.com/playlist/908622995"
        )
    else:
        name, path = source, Path(source)
        if str(path) == "/dev/stdin" or path.parent in _OPEN_FILES:  # a pipe of the shell's, which ends
            entries, skipped = read_entries(Pasted(_piped(path), source))
        else:
            entries, skipped = read_entries(path)
    if not entries:
        left = "; ".join(f"left out: {times:,} x {reason}" for reason, times in skipped.items())
        raise SegueError(
            f"{name}: holds no tracks{f' ({left})' if left else ''}; write one a line, or M3U, JSPF or CSV"
        )
    return entries


def _limited(raw: bytes, name: str) -> bytes:
    if len(raw) > LIMIT:
        raise SegueError(f"{name}: more than {LIMIT // 1_000_000} MB is too large for a playlist")
    return raw


def _piped(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return _limited(stream.read(LIMIT + 1), str(path))
    except OSError as error:
        raise SegueError(
            f"{path}: cannot be read ({error.strerror or error}); pass a file, a link or `-`"
        ) from error


def _from_deezer(kind: str, number: int, deezer: "DeezerClient | None", *, offline: bool) -> "list[Entry]":
    from segue.core.catalogue.overlay import title_overlay
    from segue.core.corpus.readers.batch import Entry
    from segue.core.deezer.client import DeezerClient  # requests: 100 ms

    client = deezer or DeezerClient(offline=offline, learn=title_overlay().learn)
    found = client.playlist(number) if kind == "playlist" else client.album(number)
    return [
        Entry(
            f"track_{track.id}",
            track.title,
            track.artist.name,
            track.album,
            duration=track.duration or None,
            isrc=track.isrc,
        )
        for track in found.tracks
    ]
