"""Titles, artists and the like from the files that come with playlists."""

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from segue.core.errors import SegueError
from segue.core.files import open_regular
from segue.core.lazy import no_cycle_search
from segue.core.text import is_windows_1252
from segue.core.tracks import TrackInfo

if TYPE_CHECKING:
    import pandas as pd

NUMBERS = ("duration", "bpm", "gain")
LONGEST_VALUE = 20_000
"""Characters of a nested value that are still looked into."""


class KnownTracks(Protocol):
    """The tracks that metadata is wanted for; a vocabulary is one."""

    @property
    def track_ids(self) -> list[str]:
        """The ids, a row each."""

    @property
    def artist_ids(self) -> list[str]:
        """The artist of each row; empty where unknown."""


@dataclass(frozen=True)
class MetadataReport:
    """What metadata files say of the wanted tracks."""

    tracks: dict[str, TrackInfo]
    skipped: dict[str, int]
    """How many rows could not be used, by reason."""


@dataclass(frozen=True)
class Kind:
    """One kind of metadata file, recognised by its columns."""

    name: str
    id: str
    """The column of the id, `track_N`, `artist_N` or the bare number."""
    needed: tuple[str, ...]
    """The columns that it cannot do without."""
    columns: Mapping[str, str]
    """Which column gives which field of `TrackInfo`."""
    about: str = "track"
    nested: bool = False
    """Whether `artist` and `album` are printed Python dictionaries."""


_OF_TRACKS = {name: name for name in ("title", "isrc", "release_date", *NUMBERS)}
_NESTED = _OF_TRACKS | {"artist": "artist", "album": "album"}
_PROJ = _OF_TRACKS | {"artist": "artist_name", "album": "album_title"}
_JOINED = _OF_TRACKS | {"artist": "name", "album": "album_title"}
_PLAIN = [
    _OF_TRACKS | {"artist": name, "album": "album", "genre": "genre"} for name in ("artist", "artist_name")
]
KINDS = (
    Kind("tracks_proj.csv", "id", ("title", "artist_name"), _PROJ),
    Kind("TracksArtists.csv", "track_id", ("title", "name"), _JOINED),
    *(Kind("table of tracks", "track_id", ("title", columns["artist"]), columns) for columns in _PLAIN),
    Kind("Tracks.csv", "id_y", ("title",), _NESTED, nested=True),
    Kind("Tracks.csv", "deezer_id", ("title",), _NESTED, nested=True),
    Kind(
        "artist_details_spot.csv",
        "deezer_id",
        ("name", "genre"),
        {"artist": "name", "genre": "genre"},
        "artist",
    ),
    Kind("Artists.csv", "id", ("name",), {"artist": "name"}, "artist"),
)
"""In the order in which they are tried."""

SONG_HASH = "song_hash.txt"
_SONG_LINE = re.compile(rb"\d+ ?\t[^\t]*\t[^\t]*")


@no_cycle_search()
def read_metadata(paths: Iterable[Path], known: KnownTracks | None = None) -> MetadataReport:
    """Read metadata files; where two know the same of a track, the earlier file is believed.

    Parameters
    ----------
    paths
        `TracksArtists.csv`, `Tracks.csv`, `tracks_proj.csv`, `Artists.csv`, `artist_details_spot.csv`,
        `song_hash.txt` or a table with the columns `track_id`, `title` and `artist`, known by their columns,
        not their names.
    known
        The tracks wanted, with their artists; without it every track is, and files on artists add nothing.

    Raises
    ------
    SegueError
        When a file is missing or damaged, or lacks a column that it needs.
    """
    of_track: dict[str, dict[str, str]] = {}
    of_artist: dict[str, dict[str, str]] = {}
    skipped: Counter[str] = Counter()
    for path in paths:
        frame, kind = _read(path, skipped)
        target = of_track if kind.about == "track" else of_artist
        _collect(frame, kind, known, target, skipped)
    if known is not None:
        _add_artists(of_track, of_artist, known)
    return MetadataReport({track: _info(track, fields) for track, fields in of_track.items()}, dict(skipped))


def _read(path: Path, skipped: Counter[str]) -> "tuple[pd.DataFrame, Kind]":
    import pandas as pd  # 0.5 s

    try:
        if _is_song_hash(path):
            frame = pd.read_csv(
                path, sep="\t", header=None, names=["id", "title", "artist_name"], quoting=3, **_options(path)
            )
            return _songs(frame), replace(KINDS[0], name=SONG_HASH)
        header = pd.read_csv(path, nrows=0, **_options(path)).columns.str.strip().tolist()
        kind = _kind(header, path)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            # all columns, since pandas overlooks rows that are too long when given the columns to use
            frame = pd.read_csv(path, on_bad_lines="warn", index_col=False, **_options(path))
    except OSError as error:
        raise SegueError(f"{path}: cannot be opened ({error.strerror or error})") from None
    except (ValueError, EOFError) as error:  # pandas' own errors are ValueErrors
        raise SegueError(f"{path}: cannot be read as a table ({' '.join(str(error).split())})") from None
    if bad := sum(str(warning.message).count("Skipping line") for warning in caught):
        skipped["row with too many columns"] += bad
    frame = frame.rename(columns=str.strip)
    used = {kind.id, *kind.columns.values()}
    return frame[[column for column in frame.columns if column in used]], kind


def _options(path: Path) -> dict[str, Any]:
    """Every value as text, so that `007` and `NaN` stay titles; as objects, for Arrow's texts take longer."""
    encoding = _encoding(path)
    return {"dtype": object, "keep_default_na": False, "encoding": encoding, "encoding_errors": "replace"}


def _encoding(path: Path) -> str:
    """The encoding that a table is in, by its mark or by its first megabyte."""
    with open_regular(path) as file:
        head = file.read(1 << 20)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    packed = head.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK", b"BZh", b"\xfd7zXZ"))
    return "cp1252" if not packed and is_windows_1252(head) else "utf-8-sig"


def _is_song_hash(path: Path) -> bool:
    with open_regular(path) as file:
        return _SONG_LINE.match(file.readline(10_000)) is not None


def _songs(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Number songs as the reader of Yes.com playlists does, and take the escapes out of slashes."""
    frame = frame.fillna("")
    return frame.assign(
        id="yes_" + frame["id"].str.strip(),
        title=frame["title"].str.replace("\\/", "/").str.strip(),
        artist_name=frame["artist_name"].str.replace("\\/", "/").str.strip(),
    )


def _kind(header: Sequence[str], path: Path) -> Kind:
    for kind in KINDS:
        if {kind.id, *kind.needed} <= set(header):
            return kind
    # the nearest kind names what is missing
    nearest = min(KINDS, key=lambda kind: len({kind.id, *kind.needed} - set(header)))
    needed = (nearest.id, *nearest.needed)
    missing = ", ".join(column for column in needed if column not in header)
    has = " ".join(", ".join(header).split())[:200]
    raise SegueError(
        f"{path}: lacks the column {missing} of a {nearest.name} (it has {has}); "
        f"that kind needs {', '.join(needed)}"
    )


def _collect(
    frame: "pd.DataFrame",
    kind: Kind,
    known: KnownTracks | None,
    target: dict[str, dict[str, str]],
    skipped: Counter[str],
) -> None:
    """Add what the wanted rows of a file say to what is known already."""
    ids = frame[kind.id].fillna("").str.strip().str.removesuffix(".0")
    bare, numbers = ids, ids.str.fullmatch(r"\d+")
    ids = ids.where(~numbers, f"{kind.about}_" + ids)
    if empty := int((ids == "").sum()):
        skipped[f"row without {kind.about} id"] += empty
    kept = ids != ""
    if known is not None:  # asked for late, as it may still be on its way (`aside`)
        wanted = known.track_ids if kind.about == "track" else known.artist_ids
        ids = ids.mask(bare.isin(wanted), bare)  # a corpus may have the bare numbers
        kept &= ids.isin(wanted)
    columns = {name: column for name, column in kind.columns.items() if column in frame.columns}
    chosen = frame.loc[kept, list(columns.values())].fillna("")
    texts = [[text.strip() for text in chosen[column].tolist()] for column in columns.values()]
    for name, *values in zip(ids[kept].tolist(), *texts, strict=True):
        found = {column: text for column, text in zip(columns, values, strict=True) if text}
        if kind.nested:
            found = _unfolded(found)
        target[name] = found | target[name] if name in target else found


def _unfolded(fields: dict[str, str]) -> dict[str, str]:
    """The fields of a row with those that printed dictionaries hold in place of these."""
    found: dict[str, str] = {}
    for column, value in fields.items():
        nested = value.startswith("{") and column in {"artist", "album"}
        for name, text in (_unfold(column, value) if nested else {column: value}).items():
            if text:
                found.setdefault(name, text)
    return found


def _unfold(name: str, value: str) -> dict[str, str]:
    """The fields in a printed dictionary on an artist or an album; none when it is damaged."""
    try:
        inner = ast.literal_eval(value) if len(value) <= LONGEST_VALUE else {}
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return {}
    if not isinstance(inner, dict):
        return {}
    if name == "album":
        return {"album": _text(inner.get("title"))}
    number = _text(inner.get("id"))
    return {"artist": _text(inner.get("name")), "artist_id": f"artist_{number}" if number.isdecimal() else ""}


def _text(value: object) -> str:
    """A string, or a number of up to 18 digits as one; anything else is unknown."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18:
        return str(value)
    return value if isinstance(value, str) else ""


def _add_artists(
    of_track: dict[str, dict[str, str]], of_artist: dict[str, dict[str, str]], known: KnownTracks
) -> None:
    """Add each track's artist id, and the name and genre from files about artists."""
    for track, artist in zip(known.track_ids, known.artist_ids, strict=True):
        fields = of_track.get(track, {})
        artist_id = artist or fields.get("artist_id", "")
        about_artist = of_artist.get(artist_id, {})
        if not fields and not about_artist:
            continue
        of_track[track] = about_artist | fields | ({"artist_id": artist_id} if artist_id else {})


def _info(track: str, fields: dict[str, str]) -> TrackInfo:
    values: dict[str, Any] = {name: _number(fields[name]) for name in NUMBERS if name in fields}
    return TrackInfo(track, **{**fields, **values})


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < 1e9 and number == number else None  # noqa: PLR0124 - not a number
