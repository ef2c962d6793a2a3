"""What an audio file says of itself, read within bounds whatever it claims."""

import io
import math
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from segue.core.arrays import one_line
from segue.core.errors import SegueError
from segue.core.files import open_regular
from segue.core.text import LONGEST

AUDIO = frozenset(
    ".mp3 .m4a .m4b .mp4 .aac .flac .ogg .oga .opus .wav .aif .aiff .wma .ape .wv .mpc".split()  # noqa: SIM905 - easier to read
)
"""Endings of names that are looked into."""
MOST_BYTES = 16 << 20
"""Read of a file for its tags; covers are passed over. What needs more is not a tag."""
MOST_READS = 200_000
LONGEST_FILE = 48 * 3600.0
_NOT_LETTERS = re.compile(r"[^a-z]")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class UnreadableFileError(SegueError):
    """A file's tags can't be read."""


@dataclass(frozen=True, slots=True)
class Tags:
    """What is known of a file; an empty text is unknown."""

    seconds: float
    title: str = ""
    artist: str = ""
    album: str = ""
    isrc: str = ""
    mbid: str = ""
    """The MusicBrainz id of the recording."""


class _Bounded(io.RawIOBase):
    """A file of which only so much is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left, self._reads = MOST_BYTES, MOST_READS

    def read(self, size: int | None = -1) -> bytes:
        wanted = MOST_BYTES if size is None or size < 0 else size
        if wanted > self._left:
            end = self._file.seek(0, io.SEEK_CUR)
            wanted = min(wanted, max(self._file.seek(0, io.SEEK_END) - end, 0))
            self._file.seek(end)
        self._left -= wanted
        self._reads -= 1
        if self._left < 0 or self._reads < 0:
            raise UnreadableFileError(f"its tags are larger than {MOST_BYTES >> 20} MB")
        return self._file.read(wanted)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._reads -= 1
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def read_tags(path: Path) -> Tags:
    """Read a file's tags and how long it plays.

    Raises `UnreadableFileError` when it is not audio, is damaged, or has tags larger than 16 MB. The message
    leaves out the path.
    """
    from tinytag import TinyTag, TinyTagException

    try:
        with open_regular(path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tag = TinyTag.get(path, file_obj=cast("BinaryIO", _Bounded(file)))
    except TinyTagException as error:
        if isinstance(error.__cause__, UnreadableFileError):
            raise error.__cause__ from None
        raise UnreadableFileError(f"is damaged or not audio ({one_line(error)})") from None
    except (OSError, SegueError) as error:
        raise UnreadableFileError(one_line(error)) from None
    except Exception as error:  # noqa: BLE001 - whatever a parser makes of a stranger's bytes
        raise UnreadableFileError(f"is damaged ({type(error).__name__})") from None
    seconds = tag.duration
    if not isinstance(seconds, int | float) or not math.isfinite(seconds) or not 0 < seconds < LONGEST_FILE:
        raise UnreadableFileError("does not state its duration")
    more = {_NOT_LETTERS.sub("", key.lower()): values for key, values in tag.other.items() if values}
    return Tags(
        float(seconds),
        _text(tag.title),
        _text(tag.artist) or _text(tag.albumartist),
        _text(tag.album),
        _first(_ISRC, more.get("isrc", []), lambda text: text.upper().replace("-", "")),
        _first(_MBID, more.get("musicbrainztrackid", []), str.lower),
    )


def _text(value: object) -> str:
    return " ".join(str(value or "")[:LONGEST].split())


def _first(pattern: "re.Pattern[str]", values: object, plain: Callable[[str], str]) -> str:
    for value in values if isinstance(values, list) else [values]:
        if (match := pattern.fullmatch(plain(str(value)[:LONGEST].strip()))) is not None:
            return match[0]
    return ""
