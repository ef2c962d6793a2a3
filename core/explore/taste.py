"""The listener's loves, bans and journal as rows of a library."""

from dataclasses import dataclass

from segue.core.errors import SegueError
from segue.core.library import Library
from segue.core.state import State


@dataclass(frozen=True)
class Taste:
    """What a listener loves, bans and has heard, as rows of one library."""

    loved: tuple[int, ...] = ()
    """The latest first."""
    banned: frozenset[int] = frozenset()
    """Banned tracks and every track of banned artists."""
    heard: frozenset[int] = frozenset()

    @classmethod
    def of(cls, library: Library, state: State, *, heard: bool = True) -> "Taste":
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

    Raises
    ------
    SegueError
        When the artist is unknown.
    """
    code = int(library.catalogue.artist_codes[row])
    if code < 0:
        raise SegueError(
            f"the artist of {library.catalogue.info(row).label} is unknown; ban the track instead"
        )
    artist = library.catalogue.artist(code)
    return artist.artist_id or artist.name
