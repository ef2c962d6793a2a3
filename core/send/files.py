"""Lists as files: M3U8 of the listener's own files, and TuneMyMusic's CSV."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from segue.core.errors import UsageError
from segue.core.explore.playlist_files import cell, one_line
from segue.core.files import atomic_file
from segue.core.own_files import FileIndex
from segue.core.send.matched import Sent
from segue.core.tracks import TrackInfo

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

    Parameters
    ----------
    base
        Write paths relative to this folder, which must hold every file: the music folder of a player.
    relative
        Write paths relative to the folder of the playlist.

    Raises
    ------
    UsageError
        When a file does not lie under `base`.
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
            raise UsageError(f"{file}: does not lie under --base {base}") from None
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
