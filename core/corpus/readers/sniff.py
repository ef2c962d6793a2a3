"""Which format a file has, by its content first and its name last."""

import csv
import io
import re
from pathlib import Path

from segue.core.corpus.readers.foreign import foreign_form, holds_words
from segue.core.corpus.readers.streams import COMPRESSED_SUFFIXES, open_stream
from segue.core.corpus.readers.table import NAMES
from segue.core.errors import SegueError

HEAD = 4 << 20
"""Bytes looked at: the two header lines of a Yes.com file take 1 MB at 75,000 songs."""

LONGEST_HEADER = 1 << 16
"""Bytes of a table's header; Python's reader of CSV refuses a field of 131,072 letters."""
_OF_TITLES = {"name", "title", "track name", "artist", "artist name", "album"}


def files_of(path: Path) -> list[Path]:
    """The playlist files that a path stands for: itself, or those in the folder in natural order.

    Raises
    ------
    SegueError
        When there is no such path, or no file in the folder.
    """
    if not path.is_dir():
        if not path.exists():
            raise SegueError(f"{path}: no such file or folder")
        return [path]
    if (path / "items.npy").is_file():
        raise SegueError(f"{path}: is a prepared corpus, not playlists; train on it as it is")
    if (path / "train.txt").is_file():
        return [path / "train.txt"]
    files = [file for file in path.rglob("*") if file.is_file() and not _hidden(file, path)]
    kinds: dict[str, list[Path]] = {}
    for file in files:
        kinds.setdefault(_suffix(file).replace(".m3u8", ".m3u"), []).append(file)
    for suffix in (".json", ".m3u", ".jsonl", ".npy", ".parquet", ".csv", ".tsv", ".txt"):
        if suffix in kinds:
            return sorted(kinds[suffix], key=_natural)
    raise SegueError(f"{path}: has no playlist files (json, m3u, jsonl, npy, parquet, csv, tsv or txt)")


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _suffix(path: Path) -> str:
    name = path.name.lower()
    for suffix in COMPRESSED_SUFFIXES:
        name = name.removesuffix(suffix)
    return Path(name).suffix


def _natural(path: Path) -> list[str | tuple[int, str]]:
    """`slice.2000` before `slice.10000`."""
    parts = re.split(r"(\d+)", str(path))
    return [(int(part), part) if part.isdecimal() and part.isascii() else part for part in parts]


def sniff(path: Path) -> str:
    """The format's name: a key of `core.corpus.readers.FORMATS`.

    Raises
    ------
    SegueError
        When the file is empty, unreadable, or none that Segue knows.
    """
    with open_stream(path) as stream:
        head = stream.read(HEAD)
    head = head.removeprefix(b"\xef\xbb\xbf")
    if not head.strip():
        raise SegueError(f"{path}: is empty")
    if head.startswith(b"\x93NUMPY"):
        return "npy"
    if head.startswith(b"PAR1"):
        return "parquet"
    if foreign := foreign_form(head):
        raise SegueError(f"{path}: {foreign}")
    if _suffix(path) in {".m3u", ".m3u8"} or head.startswith((b"#EXTM3U", b"#EXTINF")):
        return "m3u"
    found = _json(head) or _text(head, _suffix(path))
    if found == "lines" and holds_words(head):
        raise SegueError(
            f"{path}: holds words, not track ids, and each word would become a track; use M3U8, or CSV with "
            "the columns playlist and track (--format lines reads it as ids all the same)"
        )
    return found


def _json(head: bytes) -> str:
    start = head[:4096].lstrip()
    if start.startswith(b"{"):
        first = head.lstrip().split(b"\n", 1)[0].rstrip()
        whole = not first.endswith(b"}") or b'"playlists"' in first
        return "million" if whole else "jsonl"
    if start.startswith(b"["):
        first, *more = head.split(b"\n", 1)
        closed = first.rstrip().endswith(b"]") if more else not start[1:].lstrip().startswith(b"{")
        return "json" if start[1:].lstrip().startswith(b"[") or not closed else "jsonl"
    return ""


def _text(head: bytes, suffix: str) -> str:
    lines = head.split(b"\n", 3)
    if len(lines) > 2 and _begins_as_yes(*(line.split() for line in lines[:3])):
        return "yes"
    first = lines[0][:LONGEST_HEADER].decode(errors="replace").replace("\r", " ").strip().lower()
    delimiter = max(",\t;", key=first.count)
    names = {name.strip() for name in next(csv.reader(io.StringIO(first), delimiter=delimiter), [])}
    is_table = any(names & set(NAMES["playlist"])) and any(names & set(NAMES["track"]))
    is_table |= len(names & _OF_TITLES) > 1  # of which the reader of tables says what it lacks
    return "csv" if is_table or suffix in {".csv", ".tsv"} else "lines"


def _begins_as_yes(ids: list[bytes], counts: list[bytes], playlist: list[bytes]) -> bool:
    """Whether the first playlist holds indices into the header, as two playlists of equal length don't."""
    if not all(map(bytes.isdigit, [*ids, *counts, *playlist])):
        return False
    return len(set(ids)) == len(counts) > 0 and all(int(song) < len(ids) for song in playlist)
