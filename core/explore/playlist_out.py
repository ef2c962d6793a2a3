"""A playlist to take away: M3U8, JSPF, CSV or links."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

from segue.core.errors import UsageError
from segue.core.files import atomic_file
from segue.core.text import escaped, printable
from segue.core.tracks import TrackInfo, deezer_number

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

    Raises
    ------
    UsageError
        When neither names one of `FORMATS`.
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
        raise UsageError(f"no playlist format {form!r}; there are {', '.join(FORMATS)}")
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
