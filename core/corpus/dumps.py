"""ListenBrainz' public dumps of listens (CC0), streamed into sessions.

A dump is a tar archive packed with Zstandard, of files with a JSON listen a line. Nothing of it is stored but
the sessions: who listened becomes a number in memory and is dropped with it, and so is when.
"""

import io
import re
import tarfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

import msgspec

from segue.core.corpus.readers.batch import Entry
from segue.core.corpus.readers.identities import OwnPlaylist
from segue.core.corpus.readers.services import listened, sessions, text_at
from segue.core.corpus.readers.streams import PieceStream
from segue.core.errors import SegueError
from segue.core.files import ALWAYS_FINE, LARGEST_RATIO, atomic_file
from segue.core.http import Deadline, Http, HttpError, RefusedError, any_server

HOME = "https://data.metabrainz.org/pub/musicbrainz/listenbrainz"
"""The dumps; the daily ones lie in `incremental/`."""
LISTING_LIMIT = 8 << 20
LARGEST = 40 << 30
"""Bytes of one dump; one of a day has a few hundred million."""
LONGEST_LINE = 1 << 20
LISTING, CONNECTING = 60.0, 10.0
"""Seconds in which the list of dumps must come, and a connection must stand."""
SILENCE = 30.0
"""Seconds in which `LEAST` must come."""
LEAST = 16_384
"""Bytes; a try that brings fewer has failed."""
TRIES = 6
"""Tries in a row that brought nothing, before giving up."""
FEWEST = 2
"""Tracks of a session that is kept."""
_DUMP = re.compile(r"listenbrainz-dump-(\d{1,9})-(\d{8})-(\d{6})-incremental")


class Dump(NamedTuple):
    """One daily dump."""

    number: int
    date: str
    """YYYYMMDD"""
    clock: str

    def url(self, origin: str) -> str:
        """Where its listens are."""
        name = f"{self.number}-{self.date}-{self.clock}-incremental"
        return f"{origin}/incremental/listenbrainz-dump-{name}/listenbrainz-listens-dump-{name}.tar.zst"


class Streamed(NamedTuple):
    """A dump that is there as sessions."""

    path: Path
    sessions: int
    listens: int
    skipped: dict[str, int]
    fresh: bool
    """False when it was there already."""


def fetch_listens(
    days: int,
    folder: Path,
    *,
    origin: str = HOME,
    advance: Callable[[int], object] = lambda _read: None,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Streamed]:
    """Stream the dumps of the last days into a folder, a file of sessions each; those there are left.

    The days are counted from the newest dump at `origin`. `advance` is called with the number of bytes that
    have come; `sleep` waits for so many seconds. Raises `SegueError` when there are no dumps, or one of them
    doesn't come whole or is damaged.
    """
    origin = origin.rstrip("/")
    with closing(Http(any_server(origin), proxies=True, connect=CONNECTING, silence=SILENCE)) as http:
        for dump in _dumps(http, origin, days):
            path = folder / f"listens-{dump.date}-{dump.number}.jsonl"
            if path.exists():
                yield Streamed(path, 0, 0, {}, fresh=False)
                continue
            folder.mkdir(parents=True, exist_ok=True)
            url = dump.url(origin)
            with io.BufferedReader(_Stream(http, url, advance, sleep), 1 << 20) as packed:
                yield _streamed(packed, url, path)


def _dumps(http: Http, origin: str, days: int) -> list[Dump]:
    """The dumps of the last days, the oldest first."""
    url = f"{origin}/incremental/"
    try:
        with http.get(url, deadline := Deadline(LISTING)) as answer:
            body = answer.whole(deadline, LISTING_LIMIT)
            if answer.status != 200:
                raise SegueError(f"{url}: the server answers {answer.status}; check --from")
    except HttpError as error:
        raise SegueError(f"{url}: {error}; check --from, or try again later") from None
    found = {Dump(int(one), date, clock) for one, date, clock in _DUMP.findall(body.decode(errors="replace"))}
    if not found:
        raise SegueError(f"{url}: lists no dumps of listens; check --from")
    return sorted(found, key=lambda dump: (dump.date, dump.number))[-days:]


class _Stream(PieceStream):
    """The bytes at an address; where the connection breaks off, another one goes on from there."""

    def __init__(
        self, http: Http, url: str, advance: Callable[[int], object], sleep: Callable[[float], object]
    ) -> None:
        self._pieces = self._read_all(http, url, sleep)
        self._advance = advance

    def piece(self, size: int) -> bytes:
        """The next piece, whatever its size."""
        del size
        data = next(self._pieces, b"")
        self._advance(len(data))
        return data

    @staticmethod
    def _read_all(http: Http, url: str, sleep: Callable[[float], object]) -> Iterator[bytes]:
        start = failures = 0
        total: int | None = None
        while total is None or start < total:
            before = start
            headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
            try:
                with http.get(url, Deadline(CONNECTING + SILENCE), headers=headers) as answer:
                    if answer.status not in {200, 206} or (start and answer.status != 206):
                        raise SegueError(f"{url}: the server answers {answer.status}; try again later")
                    total = None if answer.length is None else start + answer.length
                    if (total or 0) > LARGEST:
                        raise SegueError(f"{url}: is larger than {LARGEST:,} bytes; not read")
                    deadline, got = Deadline(SILENCE), 0
                    while piece := answer.read(deadline):
                        start, got = start + len(piece), got + len(piece)
                        if got >= LEAST:
                            deadline, got = Deadline(SILENCE), 0
                        if start > LARGEST:
                            raise SegueError(f"{url}: is larger than {LARGEST:,} bytes; not read")
                        yield piece
                if total is None:
                    return
            except HttpError as error:
                failures = 1 if start >= before + LEAST else failures + 1
                if failures >= TRIES or isinstance(error, RefusedError):
                    raise SegueError(f"{url}: {error}; run the command again to continue") from None
                sleep(min(2.0 ** (failures - 1), 30.0))


class _Counted(PieceStream):
    """Another stream's bytes, counted; too many for what they were unpacked from are a bomb."""

    def __init__(self, stream: Any, url: str, packed: "_Counted | None" = None) -> None:  # noqa: ANN401 - any reader
        self._stream, self._url, self._packed, self.passed = stream, url, packed, 0

    def piece(self, size: int) -> bytes:
        """The next piece, counted."""
        data: bytes = self._stream.read(size)
        self.passed += len(data)
        if self._packed and self.passed > max(ALWAYS_FINE, LARGEST_RATIO * self._packed.passed):
            raise SegueError(f"{self._url}: unpacks to far more than it holds; not read further")
        return data


class _Member(tarfile.TarInfo):
    """A member of an archive; one that only names the next is read whole, so it must be short."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if not self.isfile() and self.size > LONGEST_LINE:
            raise tarfile.ReadError(f"a header of {self.size:,} bytes")
        # there is no public way to look before it is read
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return]


def _streamed(packed: IO[bytes], url: str, path: Path) -> Streamed:
    import zstandard  # 10 ms

    skipped: Counter[str] = Counter()
    users: dict[str, list[tuple[float, float | None, Entry]]] = {}
    tracks: dict[tuple[str, ...], Entry] = {}
    try:
        taken = _Counted(packed, url)
        reader = zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
            cast("IO[bytes]", taken), read_across_frames=True
        )
        with (
            reader as unpacked,
            io.BufferedReader(_Counted(unpacked, url, taken), 1 << 20) as plain,
            tarfile.open(fileobj=plain, mode="r|", tarinfo=_Member) as archive,
        ):
            for member in archive:
                if not member.isfile() or not member.name.endswith(".listens"):
                    continue
                lines = archive.extractfile(member)
                while lines is not None and (line := lines.readline(LONGEST_LINE)):
                    _add(line, users, tracks, skipped)
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise SegueError(f"{url}: is damaged or not a dump of listens ({error}); try again later") from None
    encode, kept, listens = msgspec.json.Encoder().encode, 0, 0
    with atomic_file(path) as temporary, temporary.open("wb") as file:
        for found in users.values():
            for session in sessions(found):
                if len(session) >= FEWEST:
                    kept, listens = kept + 1, listens + len(session)
                    for entry in session:
                        entry.time = None
                    file.write(encode(OwnPlaylist("", "listenbrainz", session, is_session=True)) + b"\n")
    return Streamed(path, kept, listens, dict(skipped), fresh=True)


def _add(
    line: bytes,
    users: dict[str, list[tuple[float, float | None, Entry]]],
    tracks: dict[tuple[str, ...], Entry],
    skipped: Counter[str],
) -> None:
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = None
    found = listened(value) if isinstance(value, dict) else None
    if found is None:
        skipped["line that is not a listen"] += 1
        return
    began, entry = found
    if not entry.title:
        skipped["listen without a title"] += 1
        return
    entry = tracks.setdefault((entry.track_id, entry.title, entry.artist, entry.album), entry)
    user = text_at(value, "user_name") or str(value.get("user_id", ""))
    users.setdefault(user, []).append((began, entry.duration, entry))
