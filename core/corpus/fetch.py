"""Download files that are known by their git blob hash, through cuts, stalls and servers that lie."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

from segue.core.errors import SegueError
from segue.core.files import explained, open_regular, read_regular, refuse_link
from segue.core.http import Answer, Deadline, Http, HttpError, RefusedError, UnusableError, any_server

DEEZER_HOME = "https://raw.githubusercontent.com/comeetie/Deezerplay/master"
"""The public repository of the notebook's author."""


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch."""

    name: str
    blob: str
    """Its git blob hash: SHA-1 of `blob <size>`, a NUL and the content."""


DEEZER_FILES = (
    RemoteFile("music_2.npy", "a7e8e2eefc6bdb4994c4185c7a1e40260d01b47b"),
    RemoteFile("TracksArtists.csv", "575d9e8522aab53b6a6bfb69c8d1bb9f89ebae4c"),
    RemoteFile("artist_details_spot.csv", "ee9854262ec20ff4075b4649e6158c328e5a03ec"),
    RemoteFile("Tracks.csv", "2ba2fcaa0b99ca4df67799485376895186ee64c3"),
    RemoteFile("Artists.csv", "f741e920fb1d28fb2828da46df9c3a4356a0747d"),
    RemoteFile("music_1.npy", "c7756262439a89010d2329810cb7cc19861a6d26"),
    RemoteFile("playlists2.txt", "bfaf7bb3e70a60f6246504d48437c45393627a70"),
    RemoteFile("playlists1.txt", "96c21804e57786c6c400f00e4eee0d7186b03f6a"),
)
NEEDED = ("music_2.npy", "TracksArtists.csv", "artist_details_spot.csv")
"""What training and titles need."""


@dataclass(frozen=True)
class Limits:
    """How long and how often is tried."""

    size: int = 1 << 30
    """Bytes of one file."""
    attempts: int = 6
    """Tries in a row that brought next to nothing, before giving up."""
    connect: float = 10.0
    """Seconds until a connection must stand."""
    silence: float = 30.0
    """Seconds in which something must come: an answer, and then `progress` bytes of it after each other."""
    progress: int = 1 << 14
    first_wait: float = 1.0
    """Seconds before the second try; each further wait is twice as long."""
    longest_wait: float = 30.0


@dataclass(frozen=True)
class Fetched:
    """A file that is there and verified."""

    name: str
    path: Path
    size: int
    downloaded: bool
    """False when it was there already."""


Show = Callable[[str, int | None], AbstractContextManager[Callable[[float], None]]]
"""Shows the progress of a file of so many bytes (None: unknown); yields what is called for each piece."""


class _TryAgainError(Exception):
    """A try has failed, but another may not."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


def fetch(
    files: Sequence[RemoteFile],
    folder: Path,
    *,
    origin: str = DEEZER_HOME,
    limits: Limits | None = None,
    show: Show | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Fetched]:
    """Bring files into a folder, each under its name only when whole and verified.

    What has arrived of a file waits in `.NAME.part`, so that a later run goes on from there. `origin` is the
    address that the names are appended to, or a local folder; `sleep` waits for so many seconds. Raises
    `SegueError` when a file is not there, never arrives whole, is too large, or is not the file it should be.
    """
    limits = limits or Limits()
    show = show or (lambda _name, _total: nullcontext(lambda _amount: None))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SegueError(
            f"{folder}: cannot be created ({error.strerror}); choose another folder with --to"
        ) from None
    for file in files:
        target = folder / file.name
        fresh = not (target.is_file() and blob_hash(target) == file.blob)
        if fresh:
            part = folder / f".{file.name}.part"
            refuse_link(part)
            with explained(target):
                if origin.startswith(("http://", "https://")):
                    url = f"{origin.rstrip('/')}/{file.name}"
                    _Download(url, part, file, limits, show).run(sleep)
                else:
                    _copy(Path(origin) / file.name, part, file, limits)
                with part.open("rb") as arrived:
                    os.fsync(arrived.fileno())
                part.replace(target)
        yield Fetched(file.name, target, target.stat().st_size, fresh)


def blob_hash(path: Path) -> str:
    """The git blob hash of a file, in hexadecimal."""
    # git's choice of hash, here against accidents, and the only one that is known of these files
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with open_regular(path) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _copy(source: Path, part: Path, file: RemoteFile, limits: Limits) -> None:
    try:
        if source.stat().st_size > limits.size:
            raise SegueError(f"{source}: is larger than {limits.size:,} bytes; it is not the expected file")
        content = read_regular(source, limits.size)
    except OSError as error:
        raise SegueError(f"{source}: cannot be read ({error.strerror}); check --from") from None
    try:
        with open_regular(part, "wb") as arrived:
            arrived.write(content)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    if blob_hash(part) != file.blob:
        part.unlink()
        raise SegueError(f"{source}: is not the expected file (its git hash differs); download it again")


@dataclass(frozen=True)
class _Download:
    """The download of one file into its part."""

    url: str
    part: Path
    file: RemoteFile
    limits: Limits
    show: Show

    def run(self, sleep: Callable[[float], None]) -> None:
        """Fill the part with the verified file, trying again while tries bring something new."""
        failures, most = 0, _size(self.part)
        with closing(
            Http(any_server(self.url), connect=self.limits.connect, silence=self.limits.silence)
        ) as http:
            while True:
                try:
                    # a kill may have come between the last byte and the check
                    if not _size(self.part) or blob_hash(self.part) != self.file.blob:
                        self._try(http)
                    self._verify()
                except _TryAgainError as failure:
                    # what was removed and came again is nothing new
                    is_new = _size(self.part) >= most + self.limits.progress
                    failures, most = 1 if is_new else failures + 1, max(most, _size(self.part))
                    if failures >= self.limits.attempts:
                        raise SegueError(
                            f"{self.url}: {failure}; gave up after {failures} tries; run it again to continue"
                        ) from None
                    wait = min(self.limits.first_wait * 2 ** (failures - 1), self.limits.longest_wait)
                    sleep(max(failure.wait, wait))
                else:
                    return

    def _try(self, http: Http) -> None:
        """Request what is missing and append it to the part."""
        start = _size(self.part)
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        deadline = Deadline(self.limits.connect + self.limits.silence)
        try:
            with http.get(self.url, deadline, headers=headers) as answer:
                start = self._first_byte(answer, start)
                total = None if answer.length is None else start + answer.length
                self._allow(total or 0)
                end = self._write(answer, start, total)
        except (RefusedError, UnusableError) as error:
            raise SegueError(f"{self.url}: cannot be fetched ({error}); check --from") from None
        except HttpError as error:
            raise _TryAgainError(str(error)) from None
        if total is not None and end < total:
            raise _TryAgainError(f"the connection ended after {end:,} of {total:,} bytes")

    def _write(self, answer: Answer, start: int, total: int | None) -> int:
        """Write the content from byte `start` on and return where it ends."""
        with (
            open_regular(self.part, "r+b") if start else open_regular(self.part, "wb") as file,
            self.show(self.file.name, total) as advance,
        ):
            file.seek(start)
            advance(start)
            due, deadline = start, Deadline(self.limits.silence)
            while piece := answer.read(deadline):
                start += len(piece)
                self._allow(start)
                file.write(piece)
                advance(len(piece))
                if start >= due + self.limits.progress:
                    due, deadline = start, Deadline(self.limits.silence)
        return start

    def _allow(self, size: int) -> None:
        if size > self.limits.size:
            self.part.unlink(missing_ok=True)
            raise SegueError(f"{self.url}: is more than the {self.limits.size:,} bytes allowed")

    def _first_byte(self, answer: Answer, start: int) -> int:
        """Judge the status; returns the byte at which the answer's content starts."""
        status = answer.status
        if status == 200:
            return 0
        if status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            return start
        if status in {206, 416}:
            self.part.unlink(missing_ok=True)
            raise _TryAgainError("the file on the server is not the one that was being downloaded")
        if status in {408, 425, 429} or status >= 500:
            raise _TryAgainError(f"the server answers {status}", min(answer.retry_after, 60.0))
        hint = "check --from" if status == 404 else "try again later or name a mirror with --from"
        raise SegueError(f"{self.url}: the server answers {status} {answer.reason}; {hint}")

    def _verify(self) -> None:
        if blob_hash(self.part) != self.file.blob:
            self.part.unlink()
            raise _TryAgainError("the download is damaged or another file (its git hash differs)")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
