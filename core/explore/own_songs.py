"""A listener's songs: which entries of playlists and histories are one, whatever each export calls it.

And two sets of playlists as one, in which a song of both is one track.
"""

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from segue.core.catalogue import Catalogue
from segue.core.corpus.corpus import Playlists, ReadReport
from segue.core.corpus.readers.batch import Entry
from segue.core.explore.matching import FURTHEST, best_of, contradicts, match_playlist, readings
from segue.core.titles import credits_of, is_imitation, plain_title
from segue.core.tracks import TrackInfo, service_id

SERVICES = ("deezer", "spotify", "musicbrainz", "youtube")
"""Whose id a song takes where it has several: Deezer's comes first, since it leads to a preview."""
_MOST = 200
"""Songs of one title by one artist that are looked at."""


@dataclass
class _Song:
    """Entries that are one song, as far as is known."""

    members: list[int]
    """The numbers of its variants: entries that differ in words or ids."""
    entry: Entry
    """What is said of it most often."""
    plays: int
    names: Counter[tuple[int, str]]
    """Its ids, or without any its words, after the place of their service; and how often each is given."""
    ids: set[str] = field(default_factory=set)

    @property
    def services(self) -> set[int]:
        """The services that have an id for it."""
        return {place for place, _ in self.names if place < len(SERVICES)}

    @property
    def track_id(self) -> str:
        """The id that is given most often among those of the first service."""
        return min(self.names, key=lambda name: (name[0], -self.names[name], name[1]))[1]

    def rank(self) -> tuple[int, int, str]:
        """Songs that have an id come before those that may be one of them, then the most played."""
        return min(self.names)[0], -self.plays, self.track_id

    def take(self, other: "_Song") -> None:
        """Be the same song as another."""
        self.members += other.members
        self.plays += other.plays
        self.names += other.names
        self.ids |= other.ids
        mine, its = self.entry, other.entry
        self.entry = replace(mine, duration=mine.duration or its.duration, isrc=mine.isrc or its.isrc)


def one_song_each(entries: Iterable[Entry]) -> list[Entry]:
    """The song of each entry, with the ids of all its entries: one object for all entries of a song.

    A common id or ISRC makes one song of entries, and so do title and any one of the artists credited. An id
    that more often names another title by another artist is not believed. Two ids of one service stay two
    songs unless another id joins them, and so do lengths that differ by more than 15 s; of several songs that
    an entry may be, it is the one that `match_playlist` would choose. The order of entries changes nothing.
    """
    numbers: dict[tuple[object, ...], int] = {}
    variants: list[Entry] = []
    of_entry = []
    for entry in entries:
        key = entry.track_id, entry.title, entry.artist, entry.isrc, entry.ids, entry.text
        number = numbers.setdefault(key, len(variants))
        if number == len(variants):
            variants.append(replace(entry, artist_id="", time=None))
        of_entry.append(number)
        known = variants[number]
        known.album = min(filter(None, (known.album, entry.album)), default="")
        known.duration = min(filter(None, (known.duration, entry.duration)), default=None)
    plays = Counter(of_entry)
    order = [numbers[key] for key in sorted(numbers)]
    songs = _by_title(_by_ids([variants[number] for number in order], [plays[number] for number in order]))
    found: dict[int, Entry] = {}
    for song in songs:
        whole = replace(song.entry, track_id=song.track_id, ids=tuple(sorted(song.ids - {song.track_id})))
        found.update((order[member], whole) for member in song.members)
    return [found[number] for number in of_entry]


def _by_ids(variants: Sequence[Entry], plays: Sequence[int]) -> list[_Song]:
    """Join what has an id or a code in common, and what has neither and the same words."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    believed, same = _believed(variants, plays)
    one, other = np.array(same, np.int64).reshape(-1, 2).T
    shape = len(variants), len(variants)
    labels = connected_components(coo_array((np.ones(len(same)), (one, other)), shape=shape))[1]
    groups: dict[int, list[int]] = {}
    for at, label in enumerate(labels.tolist()):
        groups.setdefault(label, []).append(at)
    songs = []
    for group in groups.values():
        surest = _surest(group, variants, plays)
        song = _Song(group, variants[surest], sum(plays[at] for at in group), Counter())
        for at in group:
            entry = variants[at]
            ids = believed[at] - {entry.isrc}
            names = [name for name in ids if name == entry.track_id or service_id(name)] or [_words(entry)]
            song.names.update({(_place(name, ids), name): plays[at] for name in names})
            song.ids |= ids
        songs.append(song)
    return songs


def _believed(
    variants: Sequence[Entry], plays: Sequence[int]
) -> tuple[list[set[str]], list[tuple[int, int]]]:
    """The ids and the code of each variant that are not those of another song, and which variants are one."""
    bearers: dict[str, list[int]] = {}
    for at, entry in enumerate(variants):
        for name in {entry.track_id, *entry.ids, entry.isrc} - {""}:
            bearers.setdefault(name, []).append(at)
    believed: list[set[str]] = [set() for _ in variants]
    same: list[tuple[int, int]] = []
    for name, group in bearers.items():
        surest = _surest(group, variants, plays)
        info = variants[surest].info()
        for at in group:
            if at == surest or not contradicts(variants[at], info):
                believed[at].add(name)
                same.append((surest, at))
    alike: dict[str, int] = {}
    for at, entry in enumerate(variants):
        if not believed[at]:
            same.append((alike.setdefault(_words(entry), at), at))
    return believed, same


def _surest(group: Iterable[int], variants: Sequence[Entry], plays: Sequence[int]) -> int:
    """The variant whose words hold for a group: one with title and artist, played most often."""
    return max(group, key=lambda at: (bool(variants[at].title and variants[at].artist), plays[at], -at))


def _words(entry: Entry) -> str:
    """The identity of an entry whose id is not known or not believed."""
    return replace(entry, track_id="").identity


def _place(name: str, ids: set[str]) -> int:
    """The place of an id's service, of another id, or of words."""
    service = service_id(name)
    return SERVICES.index(service[0]) if service else len(SERVICES) + (name not in ids)


def _by_title(songs: Iterable[_Song]) -> list[_Song]:
    """Join songs of one title by an artist that both credit."""
    found: list[_Song] = []
    of_name: dict[tuple[str, str], list[_Song]] = {}
    for song in sorted(songs, key=_Song.rank):
        entry = song.entry
        for title, artist in filter(all, dict.fromkeys(readings(entry))):
            names = [(plain_title(title), name) for name in sorted(credits_of(artist, title))]
            near = {id(one): one for name in names for one in islice(of_name.get(name, ()), _MOST)}
            may_be = [one for one in near.values() if _may_be(one, song)]
            if may_be:
                may_be[best_of(entry, title, [one.entry.info() for one in may_be])].take(song)
                break
        else:
            found.append(song)
            if entry.title and entry.artist:
                # an upload, `Artist - Title` by a channel, in both readings: others name it without the dash
                for title, artist in readings(replace(entry, text="")):
                    for name in credits_of(artist, title):
                        of_name.setdefault((plain_title(title), name), []).append(song)
    return found


def _may_be(one: _Song, other: _Song) -> bool:
    """Whether two songs of one title by one artist may be the same."""
    lengths = one.entry.duration, other.entry.duration
    apart = None not in lengths and abs((lengths[0] or 0) - (lengths[1] or 0)) > FURTHEST
    imitations = {is_imitation(each.entry.title) or is_imitation(each.entry.artist) for each in (one, other)}
    return not (apart or one.services & other.services or len(imitations) > 1)


def put_together(own: Playlists, others: Playlists, known: Mapping[str, TrackInfo]) -> tuple[Playlists, int]:
    """Add the others' playlists to one's own, whose tracks take the others' ids where they are the same.

    One's `own` playlists come first. `known` is what else is known of the others' tracks, by track id.
    Returns all of them, and how many of one's own tracks the others have.
    """
    numbers = {track_id: number for number, track_id in enumerate(others.track_ids)}
    described = [
        others.tracks.get(track_id) or known.get(track_id) or TrackInfo(track_id)
        for track_id in others.track_ids
    ]
    plays = np.bincount(others.codes, minlength=len(numbers))
    with tempfile.TemporaryDirectory() as folder:
        catalogue = Catalogue.create(Path(folder) / "catalogue.sqlite", described, plays)
        try:
            matches = match_playlist(catalogue, (_entry(own, track_id) for track_id in own.track_ids))
        finally:
            catalogue.close()
    new = np.empty(len(own.track_ids), np.int32)
    ids, artists = list(others.track_ids), list(others.artist_ids)
    tracks = dict(others.tracks)
    for number, (track_id, match) in enumerate(zip(own.track_ids, matches, strict=True)):
        if match.row is None:
            new[number] = len(ids)
            ids.append(track_id)
            artists.append(own.artist_ids[number])
            if track_id in own.tracks:
                tracks[track_id] = own.tracks[track_id]
        else:
            new[number] = match.row
            found = described[match.row]
            if not found.title and track_id in own.tracks:
                tracks[found.track_id] = replace(own.tracks[track_id], track_id=found.track_id)
    codes = np.concatenate([new[own.codes], others.codes]).astype(np.int32)
    offsets = np.concatenate([own.offsets, own.offsets[-1] + others.offsets[1:]])
    skipped = dict(own.report.skipped)
    for reason, times in others.report.skipped.items():
        skipped[reason] = skipped.get(reason, 0) + times
    forms = dict.fromkeys([own.report.format, others.report.format])
    report = ReadReport(f"{own.report.source}, {others.report.source}", ", ".join(forms), skipped)
    return Playlists(ids, artists, codes, offsets, tracks, report), sum(
        one.row is not None for one in matches
    )


def _entry(own: Playlists, track_id: str) -> Entry:
    info = own.tracks.get(track_id)
    if info is None:
        return Entry(track_id)
    return Entry(track_id, info.title, info.artist, info.album, "", info.duration, info.isrc)
