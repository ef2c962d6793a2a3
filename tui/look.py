"""What is listed at a place: the one door from the explorer to the engine's answers.

No screen here, so it can run in a thread and be tested alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from segue.core.errors import SegueError
from segue.core.explore.dials import FAMILIARITY
from segue.core.explore.taste import Taste
from segue.tui.glyphs import glyphs_for
from segue.tui.listing import Listing
from segue.tui.settings import Settings
from segue.tui.values import Dials
from segue.tui.walk import Place
from segue.tui.widgets.cells import ago, sparkline

if TYPE_CHECKING:
    from segue.core.explore.neighbours import Filters, Neighbour
    from segue.core.explore.variety import Guard
    from segue.core.library import Library
    from segue.core.state import State

DAYS = 14
"""Days that the journal's sparkline shows, today last."""


@dataclass(frozen=True)
class Question:
    """What the answer depends on besides the place."""

    library: "Library"
    state: "State"
    taste: Taste
    dials: Dials
    settings: Settings
    clock: Callable[[], float]
    """Seconds since the epoch."""

    @property
    def guard(self) -> "Guard":
        """The variety guard as the dial has it."""
        from segue.core.explore.variety import OFF, Guard

        return Guard() if self.dials.variety else OFF

    @property
    def heard(self) -> frozenset[int]:
        """The tracks to leave out because they were heard."""
        return self.taste.heard if self.dials.unheard else frozenset()

    @property
    def familiarity(self) -> float | None:
        """The dial as the engine takes it."""
        return FAMILIARITY[self.dials.familiarity]

    @property
    def filters(self) -> "Filters":
        """What the dials, loves and bans let pass."""
        from segue.core.explore.neighbours import Filters

        return Filters(self.guard, self.familiarity, heard=self.heard, banned=self.taste.banned)


def get_ready() -> None:
    """Import what the first step into a track will need, while the first list is looked at."""
    import segue.core.explore.neighbours  # noqa: F401 - 70 ms, NumPy among them


def look(place: Place, question: Question) -> Listing:
    """List the tracks of a place.

    Raises
    ------
    SegueError
        When the library lacks what the place needs; its text says what to do.
    """
    return _KINDS[place.kind](place, question)


def _browse(_place: Place, question: Question) -> Listing:
    rows = range(len(question.library))
    order = ", the most played first" if question.library.knows_plays else ""
    return Listing(rows, title=f"All tracks{order}", summary="Enter goes in. / searches.")


def _track(place: Place, question: Question) -> Listing:
    from segue.core.explore.neighbours import neighbourhood

    library, dials = question.library, question.dials
    found = neighbourhood(
        library,
        place.rows[0],
        question.settings.neighbours,
        ranker=dials.ranker,
        guard=question.guard,
        familiarity=question.familiarity,
        heard=question.heard,
        banned=question.taste.banned,
    )
    return _neighbours(
        found.rows,
        title=f"Near {library.catalogue.info(place.rows[0]).label}",
        summary=str(found.hidden),
        empty="The dials leave nothing here. U lifts unheard, F turns familiarity, V loosens the guard.",
    )


def _path(place: Place, question: Question) -> Listing:
    from numpy.random import default_rng

    from segue.core.explore.path import find_path

    steps = place.weights[0] if place.weights else question.settings.path_steps
    found = find_path(
        question.library,
        place.rows,
        between=max(steps - 2, 0),
        filters=question.filters,
        variance=0.0 if place.variant == 0 else 0.5,
        rng=default_rng(place.variant),
    )
    rows = [step.row for step in found.steps]
    values = [step.similarity for step in found.steps]
    start, end = (question.library.catalogue.info(row).label for row in (place.rows[0], place.rows[-1]))
    farthest = min(values[1:])
    summary = f"{len(rows)} tracks; the widest step is {farthest:.2f} near"
    if found.missing:
        summary += f"; {found.missing} steps found no track"
    return Listing(rows, values, title=f"Path from {start} to {end}", summary=summary)


def _blend(place: Place, question: Question) -> Listing:
    from segue.core.explore.blend import blend

    weights = dict(zip(place.rows, place.weights, strict=True))
    plus = {row: float(weight) for row, weight in weights.items() if weight > 0}
    minus = {row: float(-weight) for row, weight in weights.items() if weight < 0}
    title = f"Blend of {len(plus)} plus" + (f" and {len(minus)} minus" if minus else "")
    if not plus:
        return Listing(title=title, empty="A blend needs something to be like: + on a track you want.")
    found = blend(
        question.library, plus, minus, question.settings.neighbours, ranker=question.dials.ranker,
        filters=question.filters,
    )  # fmt: skip
    summary = str(found.hidden)
    if found.removed:
        names = ", ".join(question.library.catalogue.info(gone.row).title for gone in found.removed[:3])
        summary += f"; the minus took {names}{' …' if len(found.removed) > 3 else ''}"
    return _neighbours(
        found.rows, title=title, summary=summary,
        empty=f"Nothing is left: {found.emptied_by or 'the minus'} emptied it. Take something out.",
    )  # fmt: skip


def _playlist(place: Place, question: Question) -> Listing:
    from segue.core.explore.complete import complete

    if place.variant == 2:
        return Listing(place.rows, title=f"{place.name}: its own tracks", summary=_count(len(place.rows)))
    found = complete(
        question.library,
        place.rows,
        question.settings.neighbours,
        ask="continue" if place.variant == 0 else "missing",
        ranker=question.dials.ranker,
        filters=question.filters,
    )
    what = "what continues it" if place.variant == 0 else "what is missing in it"
    return _neighbours(
        found.rows,
        title=f"{place.name}: {what}",
        summary=str(found.hidden),
        empty="The dials leave nothing. U lifts unheard, F turns familiarity, V loosens the guard.",
    )


def _neighbours(found: "list[Neighbour]", *, title: str, summary: str, empty: str) -> Listing:
    return Listing(
        [neighbour.row for neighbour in found],
        [neighbour.similarity for neighbour in found],
        {place: f"+{len(neighbour.versions)}" for place, neighbour in enumerate(found) if neighbour.versions},
        title=title,
        summary=summary,
        empty=empty,
        versions={neighbour.row: neighbour.versions for neighbour in found if neighbour.versions},
    )


def _artist(place: Place, question: Question) -> Listing:
    from segue.core.explore.artists import page_of

    catalogue, row = question.library.catalogue, place.rows[0]
    code = int(catalogue.artist_codes[row])
    if code < 0:
        raise SegueError(f"the artist of {catalogue.info(row).label} is unknown; train with --metadata FILE")
    page = page_of(question.library, code)
    corners = {row: number for number, cluster in enumerate(page.clusters, 1) for row in cluster.rows}
    notes = {}
    if len(page.clusters) > 1:
        notes = {at: f"corner {corners[row]}" for at, row in enumerate(page.rows) if row in corners}
    near = [int(catalogue.rows_of_code(other.artist.code)[0]) for other in page.nearest]
    notes |= {len(page.rows) + at: f"near {other.similarity:.2f}" for at, other in enumerate(page.nearest)}
    summary = _count(len(page.rows))
    if len(page.clusters) > 1:
        summary += f" in {len(page.clusters)} corners"
    summary += f", then one of each of the {len(near)} nearest artists; a goes to one"
    return Listing([*page.rows, *near], notes=notes, title=page.artist.label, summary=summary)


def _album(place: Place, question: Question) -> Listing:
    info = question.library.catalogue.info(place.rows[0])
    rows = question.library.catalogue.rows_of_album(info.album, info.artist_id or info.artist).tolist()
    return Listing(rows, title=f"{info.album} — {info.artist}", summary=_count(len(rows)))


def _loves(_place: Place, question: Question) -> Listing:
    rows = question.taste.loved
    return Listing(
        rows, title="Loved", summary=_count(len(rows)), empty="You love no track yet. f loves one."
    )


def _bans(_place: Place, question: Question) -> Listing:
    bans = question.state.bans()
    rows = sorted(question.taste.banned)
    by_artist = {
        place: "by its artist" for place, info in enumerate(question.library.catalogue.infos(rows))
        if info.track_id not in bans.tracks
    }  # fmt: skip
    return Listing(
        rows, notes=by_artist, title="Banned", summary="x lifts the ban of a track, X of an artist.",
        empty="Nothing is banned. x bans a track, X its artist.",
    )  # fmt: skip


def _journal(_place: Place, question: Question) -> Listing:
    lines = question.state.journal(500)
    known = dict(zip(ids := [line.track_id for line in lines], [-1] * len(lines), strict=True))
    for track_id in known:
        known[track_id] = next(iter(question.library.catalogue.rows_of_ids([track_id])), -1)
    kept = [line for line in lines if known[line.track_id] >= 0]
    now = question.clock()
    notes = {place: f"{ago(now - line.at)} · {line.source}" for place, line in enumerate(kept)}
    rows = [known[line.track_id] for line in kept]
    left_out = len(ids) - len(kept)
    days = [0] * DAYS
    for line in kept:
        if 0 <= (day := int((now - line.at) // 86400)) < DAYS:
            days[-1 - day] += 1
    summary = f"{_count(len(rows))}, by day {sparkline(days, glyphs_for(question.settings.glyphs))}"
    return Listing(
        rows, notes=notes, title="Heard, the latest first",
        summary=summary + (f"; {left_out} are of other libraries" if left_out else ""),
        empty="You have heard nothing yet. Space plays a track, r starts a radio.",
    )  # fmt: skip


def _count(count: int) -> str:
    return f"{count:,} track{'' if count == 1 else 's'}"


_KINDS: dict[str, Callable[[Place, Question], Listing]] = {
    "browse": _browse,
    "track": _track,
    "artist": _artist,
    "album": _album,
    "path": _path,
    "blend": _blend,
    "playlist": _playlist,
    "loves": _loves,
    "bans": _bans,
    "journal": _journal,
}
