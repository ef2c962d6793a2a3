"""Where a list can be sent, each the same way: find its tracks there, show how, then send.

The destinations themselves are in `core.send.targets` and `core.send.mpd`.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from segue.core.errors import SegueError, UsageError
from segue.core.files import UnwritableError
from segue.core.library import Library
from segue.core.mpd import connected, host_and_port
from segue.core.own_files import file_index
from segue.core.places import token_path, variable
from segue.core.send import mpd, targets
from segue.core.send.targets import Sent
from segue.core.subsonic import server_at


class Destination(Protocol):
    """Somewhere that takes a list of tracks."""

    def match(self, library: Library, rows: Sequence[int]) -> list[Sent]:
        """What each track is there, and how it was found. Nothing is sent."""

    def send(self, name: str, sent: Sequence[Sent]) -> str:
        """Send what was found, under a name; returns what was done. See `send_to`."""


def configured(subsonic: str, mpd_address: str, *, offline: bool) -> dict[str, Destination]:
    """The destinations that a listener has, by name.

    `subsonic` and `mpd_address` are the servers of the settings, empty for none.
    """
    named: dict[str, Destination] = {}
    if subsonic and not offline:
        named[subsonic] = OnSubsonic(subsonic)
    if mpd_address and not offline:
        named[f"MPD at {mpd_address}"] = OnMPD(mpd_address)
        named[f"the queue of MPD at {mpd_address}"] = OnMPD(mpd_address, in_queue=True)
    if not offline and (token_path("listenbrainz").exists() or os.environ.get(variable("listenbrainz"))):
        named["ListenBrainz"] = OnListenBrainz()
    if file_index().path.exists():
        named["a playlist of your own files"] = AsM3U8(None)
    return named


def send_to(destination: Destination, name: str, sent: Sequence[Sent]) -> str:
    """Send what was found; returns what was done.

    Raises `SegueError` when nothing was found, or the transfer broke off; it says what stands.
    """
    if not targets.found(sent):
        raise SegueError(f"none of the {len(sent)} tracks is there; nothing was sent")
    return destination.send(name, sent)


@dataclass(frozen=True)
class OnSubsonic:
    """A playlist of a Subsonic server at an address."""

    url: str

    def match(self, library: Library, rows: Sequence[int]) -> list[Sent]:
        """See `Destination.match`."""
        return targets.on_server(library, rows, server_at(self.url))

    def send(self, name: str, sent: Sequence[Sent]) -> str:
        """See `Destination.send`."""
        return targets.send_playlist(server_at(self.url), name, targets.found(sent))


@dataclass(frozen=True)
class OnListenBrainz:
    """A playlist of ListenBrainz."""

    address: str = targets.ADDRESS

    def match(self, library: Library, rows: Sequence[int]) -> list[Sent]:
        """See `Destination.match`."""
        return self._account().recordings(library.catalogue.infos(rows))

    def send(self, name: str, sent: Sequence[Sent]) -> str:
        """See `Destination.send`."""
        return f"made {self._account().create(name, targets.found(sent))}"

    def _account(self) -> targets.ListenBrainzPlaylists:
        from segue.core.listenbrainz import listenbrainz_token

        return targets.ListenBrainzPlaylists(listenbrainz_token(), address=self.address)


@dataclass(frozen=True)
class OnMPD:
    """A stored playlist of MPD, or the end of its queue."""

    address: str
    """HOST or HOST:PORT."""
    in_queue: bool = False

    def match(self, library: Library, rows: Sequence[int]) -> list[Sent]:
        """See `Destination.match`."""
        with connected(*host_and_port(self.address)) as client:
            return mpd.in_database(library, rows, client)

    def send(self, name: str, sent: Sequence[Sent]) -> str:
        """See `Destination.send`."""
        paths = targets.found(sent)
        with connected(*host_and_port(self.address)) as client:
            return mpd.queue(client, paths) if self.in_queue else mpd.store(client, name, paths)


@dataclass(frozen=True)
class AsM3U8:
    """A file that names one's own files; see `targets.write_m3u8`."""

    path: Path | None
    base: Path | None = None
    relative: bool = False

    def match(self, library: Library, rows: Sequence[int]) -> list[Sent]:
        """See `Destination.match`."""
        return targets.in_own_files(library.catalogue.infos(rows), file_index())

    def send(self, name: str, sent: Sequence[Sent]) -> str:
        """See `Destination.send`."""
        with _writing(self.path) as path:
            targets.write_m3u8(path, name, sent, base=self.base, relative=self.relative)
        return f"wrote {path}"


@dataclass(frozen=True)
class AsTuneMyMusic:
    """A CSV for TuneMyMusic."""

    path: Path | None

    def match(self, library: Library, rows: Sequence[int]) -> list[Sent]:
        """See `Destination.match`."""
        sent = []
        for info in library.catalogue.infos(rows):
            how = "isrc" if info.isrc else "title and artist" if info.title else ""
            sent.append(Sent(info, (info.isrc or info.label) if how else "", how))
        return sent

    def send(self, name: str, sent: Sequence[Sent]) -> str:
        """See `Destination.send`."""
        with _writing(self.path) as path:
            targets.write_tunemymusic(path, name, (each.track for each in sent if each.where))
        return f"wrote {path}"


@contextmanager
def _writing(path: Path | None) -> Iterator[Path]:
    """The file to write, and in an error what stands there."""
    if path is None:
        raise UsageError("pass the file to write: --out FILE")
    there = path.exists()
    try:
        yield path
    except UnwritableError as error:
        raise SegueError(
            f"{error}; {'the old one is unchanged' if there else 'nothing was written'}"
        ) from error
