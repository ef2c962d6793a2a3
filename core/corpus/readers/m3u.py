"""M3U and M3U8 playlists: a file a playlist, each line a path or an address."""

import posixpath
from collections.abc import Iterator
from pathlib import PurePosixPath

from segue.core.corpus.readers.batch import Batch, Source, TrackMetadata
from segue.core.corpus.readers.streams import lines_of


def read_m3u(source: Source) -> Iterator[Batch]:
    """Read one file as one playlist; a track is its path from the folder that was asked for, or its address.

    Titles come from `#EXTINF:seconds,Artist - Title`, or else from the file name.
    """
    metadata: list[TrackMetadata] = []
    extended = ""
    for raw in lines_of(source.path, source.meter):
        line = _decoded(raw, source).strip()
        if line.startswith("#EXTINF:"):
            extended = line.removeprefix("#EXTINF:")
        elif line and not line.startswith("#"):
            metadata.append(_metadata(_track_id(line, source), extended))
            extended = ""
    if metadata:
        yield Batch([each.track_id for each in metadata], [len(metadata)], describe=metadata.__getitem__)


def _decoded(line: bytes, source: Source) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        if source.path.name.lower().removesuffix(".gz").removesuffix(".zst").endswith(".m3u"):
            return line.decode("cp1252", "replace")  # what `.m3u` meant before `.m3u8`
        return line.decode(errors="surrogateescape")


def _track_id(entry: str, source: Source) -> str:
    if "://" in entry:
        return entry
    path = entry.replace("\\", "/")
    if posixpath.isabs(path) or path[1:2] == ":":
        return path
    folder = source.path.parent
    inside = folder.relative_to(source.root).as_posix() if source.root else ""
    return posixpath.normpath(posixpath.join(inside, path))


def _metadata(track_id: str, extended: str) -> TrackMetadata:
    seconds, _, name = extended.partition(",")
    seconds = seconds.split()[0] if seconds.split() else ""
    artist, dash, title = (name.strip() or PurePosixPath(track_id).stem).partition(" - ")
    if not dash:
        artist, title = "", artist
    known = seconds.isascii() and seconds.isdecimal() and len(seconds) < 7 and int(seconds) > 0
    return TrackMetadata(
        track_id,
        title=title.strip(),
        artist=artist.strip(),
        artist_id=artist.strip(),
        duration=float(seconds) if known else None,
    )
