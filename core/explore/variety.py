"""The listener's taste, the familiarity dial, and the variety guard, by which a list repeats nothing."""

from collections import Counter, deque
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import asdict

from segue.core.catalogue import Catalogue
from segue.core.errors import SegueError
from segue.core.library import Library
from segue.core.text import counted

if TYPE_CHECKING:
    from segue.core.state import State

FAMILIARITY: dict[str, float | None] = {"any": None, "familiar": 1.0, "mixed": 0.5, "deep": 0.0}
"""What each word means to `Filters.familiarity`, in the order in which the dial turns.

`any` leaves nothing out; `familiar` keeps the more played half of what is near, `mixed` the half in the
middle, `deep` the less played half.
"""


class Guard(Struct, frozen=True):
    """How much sameness a list may hold. The rules hold however few tracks there are: the list gets shorter.

    Tracks whose artist, album or title is unknown are never held against each other.
    """

    artist_gap: int = 3
    """Tracks at least between two of one artist."""
    per_album: int = 2
    """Tracks of one album at most."""
    collapse_versions: bool = True
    """Show only the best placed version of a song; the others are counted in its row."""


DEFAULT_GUARD = Guard()
OFF = Guard(artist_gap=0, per_album=1_000_000, collapse_versions=False)
"""The guard that lets everything pass but repeats."""
_UNKNOWN = -2  # no row has it: an unknown artist is -1 in the catalogue


class Hidden(Struct):
    """How many tracks were left out, by the rule that left them out."""

    artist: int = 0
    album: int = 0
    versions: int = 0
    heard: int = 0
    banned: int = 0
    familiarity: int = 0
    minus: int = 0

    @property
    def total(self) -> int:
        """How many tracks were left out."""
        return sum(asdict(self).values())

    def __str__(self) -> str:
        """Such as `14 hidden: 6 by artist gap, 8 other versions`; empty when nothing was left out."""
        counts = ", ".join(
            counted(count, "other version") if rule == "versions" else f"{count:,} {_WORDS[rule]}"
            for rule, count in asdict(self).items()
            if count
        )
        return f"{self.total:,} hidden: {counts}" if counts else ""


_WORDS = {
    "artist": "by artist gap",
    "album": "by album limit",
    "heard": "heard",
    "banned": "banned",
    "familiarity": "by familiarity",
    "minus": "by minus",
}
"""What each rule but that of versions is called."""


class Admission(Struct, dict=True):  # dict: for what it keeps to itself
    """Lets tracks into a list one by one, best first.

    `without` are rows that are not wanted again in any version, such as the seed. `before` are rows that the
    list follows on, oldest first: they count for gap, albums, versions and repeats.
    """

    catalogue: Catalogue
    guard: Guard
    heard: Collection[int] = frozenset()
    banned: Collection[int] = frozenset()
    without: Iterable[int] = ()
    before: Iterable[int] = ()
    hidden: Hidden = field(default_factory=Hidden)
    shown: dict[int, list[int]] = field(default_factory=dict)
    """Each row let in, and the versions of its song that were folded into it."""

    def __post_init__(self) -> None:
        self._artists = self.catalogue.artist_codes
        self._albums = self.catalogue.album_codes
        self._songs = self.catalogue.song_codes
        self._recent: deque[int] = deque(maxlen=self.guard.artist_gap)
        self._per_album: Counter[int] = Counter()
        self._row_of_song: dict[int, int | None] = {}
        self._seen: set[int] = set()
        self._excluded: set[int] = set()
        for row in self.without:
            self._note_song(row, None)
        for row in self.before:
            self._note(row, None)

    def exclude_artists_of(self, rows: Iterable[int]) -> None:
        """Let no track in by the artists of some rows."""
        self._excluded.update(code for code in self._artists[list(rows)].tolist() if code >= 0)

    def admit(self, row: int) -> bool:
        """Let a row in, or count by which rule it stays out. A repeat stays out uncounted."""
        if row in self._seen:
            return False
        rule = self.rule_against(row)
        if rule is None:
            self.shown[row] = []
            self._note(row, row)
            return True
        self._seen.add(row)
        setattr(self.hidden, rule, getattr(self.hidden, rule) + 1)
        if rule == "versions" and (first := self._row_of_song[int(self._songs[row])]) is not None:
            self.shown[first].append(row)
        return False

    def admits(self, row: int) -> bool:
        """Whether a row could be let in now. Nothing is counted."""
        return row not in self._seen and self.rule_against(row) is None

    def rule_against(self, row: int) -> str | None:
        """The name of the rule (a field of `Hidden`) that keeps a row out now, or None."""
        if row in self.banned:
            return "banned"
        if self.guard.collapse_versions and int(self._songs[row]) in self._row_of_song:
            return "versions"
        if row in self.heard:
            return "heard"
        artist = int(self._artists[row])
        if artist in self._recent or artist in self._excluded:
            return "artist"
        if self._per_album[int(self._albums[row])] >= self.guard.per_album:
            return "album"
        return None

    def _note(self, row: int, shown_as: int | None) -> None:
        artist, album = int(self._artists[row]), int(self._albums[row])
        # a track of an unknown artist still widens the gap between two of a known one
        self._recent.append(artist if artist >= 0 else _UNKNOWN)
        if album >= 0:
            self._per_album[album] += 1
        self._note_song(row, shown_as)

    def _note_song(self, row: int, shown_as: int | None) -> None:
        self._seen.add(row)
        if (song := int(self._songs[row])) >= 0:
            self._row_of_song.setdefault(song, shown_as)


class Taste(Struct, frozen=True):
    """What a listener loves, bans and has heard, as rows of one library."""

    loved: tuple[int, ...] = ()
    """The latest first."""
    banned: frozenset[int] = frozenset()
    """Banned tracks and every track of banned artists."""
    heard: frozenset[int] = frozenset()

    @classmethod
    def of(cls, library: Library, state: "State", *, heard: bool = True) -> "Taste":
        """Read the state. Tracks and artists that the library does not hold are passed over.

        The journal may be long; `heard=False` leaves it unread.
        """
        catalogue, bans = library.catalogue, state.bans()
        banned = set(catalogue.rows_of_ids(bans.tracks))
        for artist in bans.artists:
            banned.update(catalogue.rows_of_artist(artist).tolist())
        return cls(
            tuple(catalogue.rows_of_ids(state.loves())),
            frozenset(banned),
            frozenset(catalogue.rows_of_ids(state.heard())) if heard else frozenset(),
        )


def artist_key(library: Library, row: int) -> str:
    """What a ban of the row's artist is kept under: the artist id, or the name where there is none.

    Raises `SegueError` when the artist is unknown.
    """
    code = int(library.catalogue.artist_codes[row])
    if code < 0:
        raise SegueError(
            f"the artist of {library.catalogue.info(row).label} is unknown; ban the track instead"
        )
    artist = library.catalogue.artist(code)
    return artist.artist_id or artist.name
