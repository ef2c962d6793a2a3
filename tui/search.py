"""What the search line finds."""

from typing import TYPE_CHECKING

from segue.tui.listing import Listing

if TYPE_CHECKING:
    from segue.core.library import Library


def search(library: "Library", query: str, limit: int) -> Listing:
    """List what a query finds; without one, all tracks, of which the most played come first."""
    if not query.strip():
        return Listing(range(len(library)), title="All tracks")
    hits = library.catalogue.search(query, limit)
    rows = [hit.row for hit in hits]
    notes = {place: "similar" for place, hit in enumerate(hits) if hit.why == "typo"}
    empty = f"Nothing is called {query!r}. Fewer letters find more; ids and Deezer links work too."
    return Listing(rows, notes=notes, empty=empty)
