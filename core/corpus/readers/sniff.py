"""Which files a path stands for, and the format of each: by its content first and its name last."""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import msgspec

from segue.core.corpus.readers.batch import Columns, Source
from segue.core.corpus.readers.forms import (
    BEGINNING,
    FORMATS,
    OWN,
    Head,
    foreign_form,
    format_of,
    holds_words,
)
from segue.core.corpus.readers.json_lines import LIST_KEYS
from segue.core.corpus.readers.million import why_no_json
from segue.core.corpus.readers.streams import (
    COMPRESSED_SUFFIXES,
    Member,
    Meter,
    Pasted,
    Place,
    open_archive,
    open_stream,
    refuse_bomb,
)
from segue.core.corpus.readers.table import find_layout, has_layout, open_table
from segue.core.corpus.readers.workbook import CONTENTS
from segue.core.errors import SegueError, UsageError
from segue.core.files import open_regular
from segue.core.stores import StoreError

LONGEST_HEAD = 4 << 20
"""Bytes looked at where lines are long: the two header lines of a Yes.com file take 1 MB at 75,000 songs."""
CORPUS_SUFFIXES = (".json", ".jsonl", ".npy", ".parquet", ".csv", ".tsv", ".txt", "")
"""Of the files of a corpus in one folder, those of the first of these are read."""
OWN_SUFFIXES = (".m3u", ".m3u8", ".pls", ".xspf", ".jspf", ".wpl", ".xml", ".html", ".xlsx", ".zip")
_SUFFIXES = frozenset({*CORPUS_SUFFIXES, *OWN_SUFFIXES})
_ZIP = b"PK\x03\x04"
_IN_TEXT = frozenset({"csv", "tracks-csv", "titles", "lines", "scrobbles"})


@dataclass(frozen=True)
class Found:
    """The files behind a path, each with the name of its format."""

    parts: list[tuple[str, Source]]

    @property
    def format(self) -> str:
        """The formats, each once."""
        return ", ".join(dict.fromkeys(name for name, _ in self.parts))


def find(
    path: Path,
    columns: Columns | None = None,
    *,
    format: str | None = None,  # noqa: A002 - the word that users know
    words: bool = False,
) -> Found:
    """Find the files behind a path (a file, a folder or a zip archive) and the format of each.

    `columns` are those of tables, and lines of words are titles with `words`, else refused. Raises
    `SegueError` when there is no such path, or no playlist behind it, and `UsageError` when there is no such
    format.
    """
    if format is not None and format not in FORMATS:
        raise UsageError(f"unknown format {format!r}; choose from {', '.join(FORMATS)}")
    columns = columns or Columns()
    sources = (
        [Source(file, columns, root=path) for file in files_of(path)]
        if path.is_dir()
        else [Source(path, columns)]
    )
    if not path.is_dir() and not path.exists() and not path.is_symlink():
        raise SegueError(f"{path}: no such file or folder")
    sources = [inner for source in sources for inner in _unzipped(source)]
    if format is not None:
        return Found([(format, source) for source in _of_first_suffix(sources)])
    if len(sources) == 1:
        return Found([(sniff(sources[0].place, columns, words=words), sources[0])])
    return _mixed(path, sources, columns, words=words)


def _mixed(path: Path, sources: Sequence[Source], columns: Columns, *, words: bool) -> Found:
    """The files of a folder or an archive: those of a corpus, or else whatever of a listener's is read."""
    formats, refused = _formats_of(sources, columns, words=False)  # lines of words beside playlists are notes
    if words and not formats:
        formats, refused = _formats_of(sources, columns, words=True)
    if not formats:
        if refused:
            raise refused[0]
        raise SegueError(f"{path}: has no playlist files ({', '.join(sorted(_SUFFIXES - {''}))})")
    if any(name in OWN for name in formats.values()):  # what looks like ids among them is a note of words
        notes = [number for number, name in formats.items() if name == "lines"]
        refused += [SegueError(f"{sources[number].place}: holds words") for number in notes]
        formats = {number: name for number, name in formats.items() if name != "lines"}
    corpus = [sources[number] for number, name in formats.items() if name not in OWN]
    if corpus:
        first = _of_first_suffix(corpus)[0]
        suffix, common = _suffix(first.name), formats[sources.index(first)]
        chosen = [number for number, source in enumerate(sources) if _suffix(source.name) == suffix]
        parts = [
            (name if (name := formats.get(number, common)) in OWN else common, sources[number])
            for number in chosen
        ]
    else:
        parts = [(name, sources[number]) for number, name in formats.items()]
        if refused:
            parts[0][1].skipped["file that is not a playlist"] += len(refused)
    return Found(parts)


def _formats_of(
    sources: Sequence[Source], columns: Columns, *, words: bool
) -> tuple[dict[int, str], list[SegueError]]:
    """The formats of files by their number, and why others are none."""
    formats: dict[int, str] = {}
    refused: list[SegueError] = []
    for number, source in enumerate(sources):
        try:
            if source.size:
                name = sniff(source.place, columns, words=words)
                _require_tracks(name, source)
                formats[number] = name
        except StoreError:
            raise
        except SegueError as error:
            refused.append(error)
    return formats, refused


def _require_tracks(name: str, source: Source) -> None:
    """Refuse a table without a heading of tracks, which among playlists is a table of something else."""
    if name == "csv":
        find_layout(open_table(source)[0], source.columns, source.place)
    elif name == "xlsx":
        next(FORMATS[name](replace(source, skipped=Counter(), meter=Meter())), None)


def _of_first_suffix(sources: Sequence[Source]) -> list[Source]:
    """The files whose names end in the suffix that is preferred among theirs."""
    order = [".json", ".m3u", *CORPUS_SUFFIXES[1:], *OWN_SUFFIXES]
    ends = [_suffix(source.name).replace(".m3u8", ".m3u") for source in sources]
    first = min(ends, key=lambda end: order.index(end) if end in order else len(order))
    return [source for source, end in zip(sources, ends, strict=True) if end == first]


def files_of(path: Path) -> list[Path]:
    """The files that a path stands for: itself, or those in the folder in natural order.

    Raises `SegueError` when there is no such path, or no file in the folder that may hold playlists.
    """
    if not path.is_dir():
        if not path.exists():
            raise SegueError(f"{path}: no such file or folder")
        return [path]
    if (path / "items.npy").is_file():
        raise SegueError(f"{path}: is a prepared corpus, not playlists; train on it as it is")
    if (path / "train.txt").is_file():
        return [path / "train.txt"]
    files = [
        file
        for file in path.rglob("*")
        if _suffix(file.name) in _SUFFIXES and file.is_file() and not _hidden(file, path)
    ]
    if not files:
        raise SegueError(f"{path}: has no playlist files ({', '.join(sorted(_SUFFIXES - {''}))})")
    return sorted(files, key=lambda file: _natural(str(file)))


def _unzipped(source: Source) -> Iterator[Source]:
    """The files in an archive, or the file itself where it is not an archive."""
    try:
        with open_regular(source.path) as file:
            is_archive = file.read(4) == _ZIP
        members = _members(source.path) if is_archive else None
    except OSError as error:
        raise SegueError(f"{source.path}: cannot be opened ({error.strerror or error})") from None
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise SegueError(f"{source.path}: is a damaged zip archive ({error}); download it again") from None
    if members is None:
        yield source
        return
    found = [
        Source(source.path, source.columns, root=source.root, inside=member)
        for member in members
        if _suffix(member.name) != ".zip"
    ]
    archives = len(members) - len(found)
    if not found:
        hint = "; unpack the archives in it first" if archives else ""
        raise SegueError(f"{source.path}: is a zip archive without a playlist in it{hint}")
    if archives:
        found[0].skipped["archive within the archive"] += archives
    yield from found


def _members(path: Path) -> list[Member] | None:
    """The files in an archive that may be playlists; None where all of it is one spreadsheet."""
    infos = [info for info in open_archive(path).infolist() if info.filename and not info.is_dir()]
    names = {info.filename for info in infos}
    if CONTENTS in names:
        return None
    if names & {"[Content_Types].xml", "mimetype"}:
        raise SegueError(f"{path}: is a document or a spreadsheet that is not read; save it as xlsx or CSV")
    infos = [
        info
        for info in infos
        if _suffix(info.filename) in _SUFFIXES
        and not any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(info.filename).parts)
    ]
    refuse_bomb(path, sum(info.file_size for info in infos), path.stat().st_size)
    infos.sort(key=lambda info: _natural(info.filename))
    return [Member(path, info.filename, info.compress_size) for info in infos]


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _suffix(name: str) -> str:
    name = name.lower()
    for suffix in COMPRESSED_SUFFIXES:
        name = name.removesuffix(suffix)
    return PurePosixPath(name).suffix


def _natural(path: str) -> list[str | tuple[int, str]]:
    """`slice.2000` before `slice.10000`."""
    parts = re.split(r"(\d+)", path)
    return [(int(part), part) if part.isdecimal() and part.isascii() else part for part in parts]


def sniff(place: Place, columns: Columns | None = None, *, words: bool = False) -> str:
    """The format's name, a key of `FORMATS`, of a file, one of an archive, or a text.

    Where columns are named, a text is a table; lines of words are titles with `words`, else refused. Raises
    `SegueError` when the file is empty, unreadable, or none that Segue knows.
    """
    with open_stream(place, is_text=True) as stream:
        raw = stream.read(BEGINNING)
        if raw.count(b"\n") < 3 and len(raw) == BEGINNING:
            raw += stream.read(LONGEST_HEAD)
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if not raw.strip():
        raise SegueError(f"{place}: is empty")
    head = Head(raw, "" if isinstance(place, Pasted) else _suffix(str(place)))
    binary = raw.startswith((b"\x93NUMPY", b"PAR1", _ZIP))
    if not binary and (foreign := foreign_form(raw)):
        raise SegueError(f"{place}: {foreign}")
    if head.suffix == ".json" and not head.is_json:
        raise SegueError(f"{place}: is not JSON; export it again")
    found = format_of(head)
    if found == "json" and head.text.lstrip().startswith("{"):
        raise SegueError(f"{place}: {_why_no_list(raw)}")
    if columns is not None and columns != Columns() and found in _IN_TEXT:
        is_corpus = columns.title is None or (bool(head.rows) and has_layout(head.rows[0], columns))
        return "csv" if is_corpus else "tracks-csv"
    if found == "lines" and holds_words(raw):
        if words:
            return "titles"
        raise SegueError(
            f"{place}: holds words, not track ids; use M3U8, `Artist - Title` lines or CSV with titles, or "
            "add --format titles where each line is a song, --format lines where each word is an id"
        )
    return found


def _why_no_list(raw: bytes) -> str:
    """What is wrong with a JSON object that begins so and names no list of tracks."""
    if len(raw) < BEGINNING:
        try:
            msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return why_no_json(error)
    lists = ", ".join((*LIST_KEYS, "data"))
    return f"is JSON, but neither an export that is recognised nor has it a list of tracks under {lists}"
