"""A listener's own playlists and histories: read from any export, and kept together, each once."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate, islice, pairwise
from pathlib import Path, PurePosixPath

import msgspec

from segue.core.corpus.readers.batch import Batch, Columns, Entry, Source
from segue.core.corpus.readers.forms import FORMATS
from segue.core.corpus.readers.identities import OwnPlaylist, own_playlists
from segue.core.corpus.readers.reading import entry_at, own_parts
from segue.core.errors import SegueError
from segue.core.files import atomic_file, restore_folder
from segue.core.text import printable
from segue.core.titles import artist_key, plain_title

FILE = "playlists.jsonl"
MOST_POSITIONS = 3_000_000
"""Tracks of one import: a listener of 16 hours a day has heard fewer in 30 years."""
_SAME_LISTEN = 60.0
"""Seconds by which two exports may differ on when one listen began: one of them writes minutes only."""
_ALIKE = 0.5
"""From this share of common tracks on, a playlist of the same name is the same playlist, at another time."""


def read_own(
    path: Path, file_format: str | None = None, columns: Columns | None = None
) -> tuple[list[OwnPlaylist], dict[str, int]]:
    """Read the playlists and sessions behind a path with their names, and count what was left out.

    Format and columns are as for `read_playlists`. Raises `SegueError` when nothing can be read there, or
    there is too much of it.
    """
    found = own_parts(path, file_format, columns)
    playlists: list[OwnPlaylist] = []
    positions = 0
    for form, source in found.parts:
        name = _one_line(PurePosixPath(source.name).stem)
        of_file: list[OwnPlaylist] = []
        for part in _parts_of(form, source):
            positions += sum(len(each.entries) for each in part)
            if positions > MOST_POSITIONS:
                raise SegueError(f"{path}: holds more than {MOST_POSITIONS:,} tracks; import a part of it")
            of_file += part
        unnamed = [each for each in of_file if not each.own_playlist]
        for number, playlist in enumerate(unnamed, start=1):
            playlist.own_playlist = name if len(unnamed) == 1 else f"{name} {number}"
        playlists += of_file
    skipped = sum((source.skipped for _, source in found.parts), Counter[str]())
    if not playlists:
        left = "".join(f"; left out: {times:,} x {reason}" for reason, times in skipped.items())
        raise SegueError(f"{path}: has no playlist (read as {found.format}{left})")
    return playlists, dict(skipped)


def _parts_of(form: str, source: Source) -> Iterator[list[OwnPlaylist]]:
    """The playlists of a file, some at a time; those of a corpus as they were when they were imported."""
    if form != "own":
        yield from (list(_playlists_of(batch.spread(), form)) for batch in FORMATS[form](source))
        return
    for kept in own_playlists(source):
        entries = [entry for entry in kept.entries if entry.identity]
        if entries:
            yield [OwnPlaylist(_one_line(kept.own_playlist), kept.form, entries, kept.is_session)]


def _playlists_of(batch: Batch, form: str) -> Iterator[OwnPlaylist]:
    ends = [0, *accumulate(map(int, batch.lengths))]
    for number, (start, end) in enumerate(pairwise(ends)):
        entries = [entry for at in range(start, end) if (entry := entry_at(batch, at)).identity]
        if not entries:
            continue
        name = _one_line(batch.names[number]) if batch.names else ""
        began = entries[0].time
        if began is not None:
            day = datetime.fromtimestamp(min(max(began, 0.0), 4e9), UTC)
            name = f"{day:%Y-%m-%d}"
        yield OwnPlaylist(name, form, entries, began is not None)


def _one_line(name: str) -> str:
    """The name of a playlist without control characters, of a sensible length."""
    return printable(" ".join(name.split()))[:200]


@dataclass
class OwnCorpus:
    """The listener's playlists and sessions, and what the last import has changed."""

    folder: Path
    playlists: list[OwnPlaylist] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The file that holds them."""
        return self.folder / FILE

    @classmethod
    def open(cls, folder: Path) -> "OwnCorpus":
        """Read what earlier imports have kept; nothing is there before the first.

        Raises `SegueError` when it is damaged.
        """
        restore_folder(folder)
        corpus = cls(folder)
        if corpus.path.exists():
            corpus.playlists = list(own_playlists(Source(corpus.path)))
        return corpus

    def ids_in_crates(self) -> dict[str, str]:
        """The ids of a library under which crates hold the playlists' tracks, by identity."""
        known: dict[str, str] = {}
        for playlist in self.playlists:
            songs = list(dict.fromkeys(playlist.track_ids))
            if len(songs) == len(playlist.crated):  # else two of them are one track of the library
                of_song = {
                    song: held for song, held in zip(songs, playlist.crated, strict=True) if song != held
                }
                pairs = zip(playlist.entries, playlist.track_ids, strict=True)
                known.update((entry.identity, of_song[song]) for entry, song in pairs if song in of_song)
        return known

    def take_songs(self, one_song_each: Callable[[list[Entry]], list[Entry]]) -> "Songs":
        """Know each entry by the id of its song; `one_song_each` finds it."""
        entries = [entry for playlist in self.playlists for entry in playlist.entries]
        found = one_song_each(entries)
        names = {(song.track_id, entry.identity): None for song, entry in zip(found, entries, strict=True)}
        joined = Counter(track_id for track_id, _ in names)
        songs = Songs({song.track_id: song for song in found}, names, sum(n > 1 for n in joined.values()))
        ids = (song.track_id for song in found)
        for playlist in self.playlists:
            old, new = playlist.track_ids, list(islice(ids, len(playlist.entries)))
            playlist.songs = [] if new == [entry.identity for entry in playlist.entries] else new
            if new != old:
                songs.changed.append(playlist)
                for one, other in zip(old, new, strict=True):
                    if one != other:
                        songs.before.setdefault(one, other)
        return songs

    def save(self) -> None:
        """Write all, whole or not at all."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        encode = msgspec.json.Encoder().encode
        with atomic_file(self.path) as temporary, temporary.open("wb") as file:
            for playlist in self.playlists:
                file.write(encode(playlist) + b"\n")

    def add(self, playlists: Sequence[OwnPlaylist]) -> "Added":
        """Add what is new: a playlist takes the place of its older self, and a listen is kept once."""
        added = Added()
        listens = _Listens(each for each in self.playlists if each.is_session)
        older: dict[tuple[str, str], list[OwnPlaylist]] = {}
        for playlist in self.playlists:
            if not playlist.is_session:
                older.setdefault((playlist.form, playlist.own_playlist), []).append(playlist)
        known = {_content(playlist) for named in older.values() for playlist in named}
        now = [each for each in playlists if each.is_session or _content(each) not in known]
        unchanged = {_content(each) for each in playlists if not each.is_session}
        for playlist in now:
            if playlist.is_session:
                entries = [entry for entry in playlist.entries if listens.take(entry)]
                if entries:
                    self.playlists.append(msgspec.structs.replace(playlist, entries=entries))
                    added.sessions += 1
                    added.listens += len(entries)
                continue
            if _content(playlist) in known:
                continue  # twice in one import
            known.add(_content(playlist))
            same_name = older.get((playlist.form, playlist.own_playlist), [])
            before = next(
                (one for one in same_name if _content(one) not in unchanged and _are_one(one, playlist)), None
            )
            if before is None:
                self.playlists.append(playlist)
                added.playlists += 1
            else:
                same_name.remove(before)
                before.entries, before.songs = playlist.entries, []
                added.changed.append(before)
        return added


@dataclass
class Added:
    """What an import has added."""

    playlists: int = 0
    changed: list[OwnPlaylist] = field(default_factory=list)
    """Playlists that were there, with other tracks."""
    sessions: int = 0
    listens: int = 0


@dataclass
class Songs:
    """The songs of a corpus, and what has changed with them."""

    by_id: dict[str, Entry]
    """Each with the ids of all its entries."""
    names: dict[tuple[str, str], None]
    """The id of a song and the identity of an entry of it, each pair once, in order."""
    joined: int
    """How many have entries of several identities."""
    changed: list[OwnPlaylist] = field(default_factory=list)
    """The playlists that had other ids."""
    before: dict[str, str] = field(default_factory=dict)
    """Those ids, and what each has become."""


class _Listens:
    """Listens by song and time, to find one that is known from another export."""

    def __init__(self, sessions: Iterable[OwnPlaylist]) -> None:
        self._seen: dict[str, list[float]] = {}
        self._entries: dict[str, list[Entry]] = {}
        for session in sessions:
            for entry in session.entries:
                self.take(entry)

    def take(self, entry: Entry) -> bool:
        """Note a listen; False where it is known, which then has the ids of both."""
        at = entry.time or 0.0
        words = f"{artist_key(entry.artist)} {plain_title(entry.title)}" if entry.title else entry.track_id
        times, entries = self._seen.setdefault(words, []), self._entries.setdefault(words, [])
        place = bisect_left(times, at)
        for near in range(max(place - 1, 0), min(place + 1, len(times))):
            if abs(at - times[near]) < _SAME_LISTEN:
                known = entries[near]
                known.ids = tuple(sorted({*known.ids, *entry.ids, entry.track_id} - {known.track_id, ""}))
                return False
        times.insert(place, at)
        entries.insert(place, entry)
        return True


def _content(playlist: OwnPlaylist) -> tuple[str, ...]:
    """What makes a playlist the same: its form, its name and its tracks in order."""
    return playlist.form, playlist.own_playlist, *(entry.identity for entry in playlist.entries)


def _are_one(before: OwnPlaylist, now: OwnPlaylist) -> bool:
    """Whether two playlists of one name have most of the shorter one's tracks in common."""
    first, second = ({entry.identity for entry in each.entries} for each in (before, now))
    return len(first & second) >= _ALIKE * min(len(first), len(second))


def crate_names(
    playlists: Sequence[OwnPlaylist], crates: dict[str, list[str]], ids: Mapping[str, str]
) -> Iterator[tuple[OwnPlaylist, str, list[str]]]:
    """The crates to make, to renew or to note: the playlist, the crate's name and the ids of its tracks.

    A crate that the listener has changed or removed since it was made is left alone, and so is one of that
    name that was never made of a playlist. A crate holds a song under its id in `ids`, or else its own.
    """
    taken = dict(crates)
    numbers: dict[str, int] = {}
    """The last number given to a crate of a name, since thousands of playlists may have one name."""
    for playlist in playlists:
        if playlist.is_session:
            continue
        held = list(dict.fromkeys(ids.get(song, song) for song in playlist.track_ids))
        name = playlist.crate
        if name:
            before = list(playlist.crated)
            # a killed import has renewed the crate, and has not noted that it did
            if before == held or taken.get(name) not in (before, held):
                continue
        else:
            name = playlist.own_playlist
            number = numbers.get(name, 1)
            if number > 1:
                name = f"{playlist.own_playlist} ({number})"
            while name in taken and taken[name] != held:
                number += 1
                name = f"{playlist.own_playlist} ({number})"
            numbers[playlist.own_playlist] = number
        taken[name] = held
        yield playlist, name, held
