"""Playlists taken away and pasted in: M3U8, JSPF, CSV, links and lines of text."""

import csv
import io
import json
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from segue.core.errors import SegueError, UsageError
from segue.core.files import atomic_file
from segue.core.text import escaped, printable
from segue.core.tracks import TrackInfo, deezer_number

if TYPE_CHECKING:
    from segue.core.corpus.readers.batch import Columns, Entry
    from segue.core.deezer.client import DeezerClient
    from segue.core.deezer.models import Track


FORMATS = ("m3u8", "jspf", "csv", "links")
_SUFFIXES = {
    ".m3u8": "m3u8",
    ".m3u": "m3u8",
    ".jspf": "jspf",
    ".json": "jspf",
    ".csv": "csv",
    ".txt": "links",
}
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r")
"""How formulas begin; some spreadsheets take full-width signs for the plain ones."""


def save_playlist(path: Path, tracks: Iterable[TrackInfo], *, title: str = "Segue", form: str = "") -> None:
    """Write a playlist file, whole or not at all. The format is chosen by the suffix unless it is specified.

    Raises `UsageError` when neither names one of `FORMATS`.
    """
    chosen = form or _SUFFIXES.get(path.suffix.lower(), "")
    text = write_playlist(tracks, chosen, title=title)
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def write_playlist(tracks: Iterable[TrackInfo], form: str, *, title: str = "Segue") -> str:
    """The text of a playlist in one of `FORMATS`.

    A Deezer track is given by its link, another by its id; Segue reads both back. CSV cells that a
    spreadsheet would take for a formula start with an apostrophe. No control
    character of a title gets into the file, which may be looked at in a terminal.
    """
    writers = {"m3u8": _m3u8, "jspf": _jspf, "csv": _csv, "links": _links}
    if form not in writers:
        raise UsageError(f"unknown playlist format {form!r}; choose from {', '.join(FORMATS)}")
    return writers[form](list(tracks), title)


def location(track: TrackInfo) -> str:
    """The track's Deezer link, or its id where it is not a Deezer track."""
    number = deezer_number(track.track_id)
    return one_line(track.track_id) if number is None else f"https://www.deezer.com/track/{number}"


def _m3u8(tracks: list[TrackInfo], title: str) -> str:
    lines = ["#EXTM3U", f"#PLAYLIST:{one_line(title)}"]
    for track in tracks:
        seconds = -1 if track.duration is None else round(track.duration)
        name = f"{track.artist} - {track.title}" if track.artist else track.title
        if name:
            lines.append(f"#EXTINF:{seconds},{one_line(name)}")
        lines.append(location(track))
    return "\n".join(lines) + "\n"


def _jspf(tracks: list[TrackInfo], title: str) -> str:
    items = []
    for track in tracks:
        known = {
            "title": track.title,
            "creator": track.artist,
            "album": track.album,
            "duration": None if track.duration is None else round(track.duration * 1000),
        }
        items.append({"identifier": [location(track)]} | {name: cell for name, cell in known.items() if cell})
    text = json.dumps({"playlist": {"title": title, "track": items}}, ensure_ascii=False, indent=1)
    return "".join(f"{escaped(line)}\n" for line in text.split("\n"))


def _csv(tracks: list[TrackInfo], title: str) -> str:  # noqa: ARG001 - a CSV has no title
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["title", "artist", "album", "track_id", "link"])
    for track in tracks:
        texts = [track.title, track.artist, track.album, track.track_id, location(track)]
        writer.writerow([cell(text) for text in texts])
    return file.getvalue()


def cell(text: str) -> str:
    """A text as a cell of CSV that no spreadsheet takes for a formula."""
    return ("'" if text.startswith(_FORMULA) else "") + printable(text)


def _links(tracks: list[TrackInfo], title: str) -> str:
    return f"# {one_line(title)}\n" + "".join(location(track) + "\n" for track in tracks)


def one_line(text: str) -> str:
    """A text on one line without control characters."""
    return " ".join(printable(text).split())


LIMIT = 20_000_000
"""Bytes that may be pasted or piped in."""
_OPEN_FILES = (Path("/dev/fd"), Path("/proc/self/fd"))
_DEEZER_LISTS = re.compile(
    r"(?:https?://)?(?:www\.)?deezer\.com/(?:[a-z]{2}(?:-[a-z]{2})?/)?(playlist|album)/(\d{1,18})\b",
    re.IGNORECASE,
)
_SHARED = re.compile(r"(?:https?://)?link\.deezer\.com/s/([\w-]{1,64})/?(?:\?\S*)?", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+|(?:www\.|link\.)?deezer\.(?:com|page\.link)/\S*", re.IGNORECASE)


def read_playlist(
    source: "str | bytes",
    *,
    deezer: "DeezerClient | None" = None,
    offline: bool = False,
    file_format: str | None = None,
    columns: "Columns | None" = None,
) -> "list[Entry]":
    """Read a playlist.

    The source is the path of a file, a folder or a zip archive of any format that `read_playlists` reads, the
    link of a Deezer playlist or album, as the browser or "share" gives it, the text itself when it has more
    than one line, or its bytes. `deezer` is asked for the tracks of a link, which `offline` refuses; it is
    made when it is needed and not given. `file_format` and `columns` are as of `read_playlists`, of all but a
    link. Raises `SegueError` when the source cannot be read, is too long, or holds no tracks.
    """
    from segue.core.corpus.readers.reading import read_entries  # 60 ms, with NumPy
    from segue.core.corpus.readers.streams import Pasted

    read = partial(read_entries, file_format=file_format, columns=columns)
    if isinstance(source, bytes):
        name = "standard input"
        entries, skipped = read(Pasted(_limited(source, name), name))
    elif is_deezer_link(source):
        name, skipped, client = source, {}, _client(deezer, offline=offline)
        entries = _from_deezer(*deezer_list(source, client), client)
    elif "\n" in source:
        name = source.strip().partition("\n")[0][:80]
        entries, skipped = read(Pasted(_limited(source.encode(errors="replace"), "the text")))
    elif _LINK.fullmatch(source.strip()):
        raise SegueError(
            f"{source.strip()}: links of this kind aren't read; use that of a Deezer playlist or album, "
            "such as https://www.deezer.com/playlist/908622995"
        )
    else:
        name, path = source, Path(source)
        if str(path) == "/dev/stdin" or path.parent in _OPEN_FILES:  # a pipe of the shell's, which ends
            entries, skipped = read(Pasted(_piped(path), source))
        else:
            entries, skipped = read(path)
    if not entries:
        left = "; ".join(f"left out: {times:,} x {reason}" for reason, times in skipped.items())
        raise SegueError(
            f"{name}: holds no tracks{f' ({left})' if left else ''}; write one per line, or M3U, JSPF or CSV"
        )
    return entries


def is_deezer_link(text: str) -> bool:
    """Whether a text is the link of a playlist or an album of Deezer's, or one that was shared."""
    return bool(_DEEZER_LISTS.match(text.strip()) or _SHARED.fullmatch(text.strip()))


def deezer_list(text: str, client: "DeezerClient") -> tuple[str, int]:
    """Whether a link leads to a `playlist` or an `album`, and its number; a shared one is looked up.

    Raises `SegueError` when it leads to neither.
    """
    share = _SHARED.fullmatch(text.strip())
    link = _DEEZER_LISTS.match(client.shared(share[1]) if share else text.strip())
    if link is None:
        raise SegueError(f"{text.strip()}: does not lead to a playlist or an album of Deezer's")
    return link[1].lower(), int(link[2])


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
            f"{path}: cannot be read ({error.strerror or error}); it must be a file or a link"
        ) from error


def _client(deezer: "DeezerClient | None", *, offline: bool) -> "DeezerClient":
    from segue.core.catalogue.overlay import title_overlay
    from segue.core.deezer.client import DeezerClient  # requests: 100 ms

    return deezer or DeezerClient(offline=offline, learn=title_overlay().learn)


def _from_deezer(kind: str, number: int, client: "DeezerClient") -> "list[Entry]":
    found = client.playlist(number) if kind == "playlist" else client.album(number)
    return list(map(entry_of, found.tracks))


def entry_of(track: "Track", artist_id: str = "") -> "Entry":
    """What Deezer knows of a track, as an entry of a playlist."""
    from segue.core.corpus.readers.batch import Entry

    length = track.duration or None
    return Entry(
        f"track_{track.id}", track.title, track.artist.name, track.album, artist_id, length, track.isrc
    )
