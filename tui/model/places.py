"""The kinds of places: each is a class that lists its tracks.

To add a kind, write a class here with its `kind`, its `heading` and its `list()`, and add it to `KINDS`.
No screen here, so a place is listed in a thread and tested alone. All kinds share this file, so that adding
one touches no other, and the file is long.
"""

from collections.abc import Mapping
from math import nan
from typing import TYPE_CHECKING, Any, ClassVar, Literal, get_args

from msgspec import Struct, ValidationError, convert
from msgspec.structs import asdict

from segue.core.errors import SegueError
from segue.core.text import counted, printable
from segue.tui.model.glyphs import ago, glyphs_for, ordered_by, sparkline
from segue.tui.model.listing import Listing, ListingRequest, Tracks
from segue.tui.model.values import Dials

if TYPE_CHECKING:
    from segue.core.explore.neighbours import Neighbour

DAYS = 14
"""Days that the journal's sparkline shows, today last."""
JOURNAL_LINES = 500
"""The latest lines of the journal that are listed."""
RADIO_ROWS = 25
"""Tracks of a list that a radio from it stays near."""
NOTHING_LEFT = "The dials leave nothing here. U lifts unheard, F turns familiarity, V loosens the guard."


class _Named(Struct, frozen=True, kw_only=True):
    name: str = ""
    """The name it was saved under, or the file a playlist came from."""


class Place(_Named, frozen=True):
    """Something that has a list of tracks. Each kind is a subclass."""

    kind: ClassVar[str]
    """Its name in the state file and in recipes."""
    heading: ClassVar[str]
    """The word that stands for it where it has no name of its own."""
    has_seed: ClassVar[bool] = False
    """Whether it is about one track, its first."""
    has_dials: ClassVar[bool] = False
    """Whether the dials shape its list."""
    has_recipe: ClassVar[bool] = False
    """Whether a line of text can describe it."""
    named_by: ClassVar[str] = ""
    """What of its first track names it in a few words, such as `artist`; empty for a kind with none."""
    first_line: ClassVar[int] = 0
    """The line that the cursor is on when the listener comes there."""

    rows: tuple[int, ...] = ()
    """The tracks it is made of; what they are depends on the kind."""

    def list(self, request: ListingRequest) -> Listing:
        """List its tracks.

        Raises
        ------
        SegueError
            When the library lacks what the list needs; the message says what to do.
        """
        raise NotImplementedError

    def radio_rows(self, listing: Listing) -> tuple[int, ...]:
        """Return the tracks that a radio from here stays near, the first of which it plays first."""
        return tuple(listing.rows[:RADIO_ROWS])

    def ranker(self, dials: Dials) -> str:
        """Name what orders its list."""
        return dials.ranker

    @property
    def seed(self) -> int | None:
        """The track it is about; None where it has no seed."""
        return self.rows[0] if self.rows and self.has_seed else None

    def short_name(self, tracks: Tracks) -> str:
        """Name it in a few words, for the breadcrumb."""
        by_track = getattr(tracks.info(self.rows[0]), self.named_by) if self.named_by else ""
        return printable(self.name or by_track) or self.heading

    def long_name(self, tracks: Tracks) -> str:
        """Name it with its tracks, for lists of places."""
        if self.name:
            return self.name
        words = " / ".join(info.label for info in tracks.infos(self.rows[:2]))
        return f"{self.heading}: {words}" if words else self.heading

    def to_json(self) -> dict[str, Any]:
        """Return the place as JSON."""
        return {"kind": self.kind, **asdict(self), "rows": [*self.rows]}


class AllTracks(Place, frozen=True):
    """Every track of the library."""

    kind, heading = "browse", "All tracks"

    def list(self, request: ListingRequest) -> Listing:
        """List all tracks, the most played first if plays are known."""
        order = ", the most played first" if request.library.knows_plays else ""
        return Listing(
            range(len(request.library)),
            title=f"All tracks{order}",
            summary="Enter opens a track. / searches.",
        )


class TrackPlace(Place, frozen=True):
    """The neighbourhood of a track."""

    kind, heading = "track", "Close to"
    has_seed = has_dials = has_recipe = True
    first_line = 1  # below the track itself, so that Enter goes on

    def list(self, request: ListingRequest) -> Listing:
        """List the track itself and then its nearest neighbours, the nearest first."""
        from segue.core.explore.explain import strengths
        from segue.core.explore.neighbours import Filters, neighbourhood

        found = neighbourhood(
            request.library, self.rows[0], request.settings.neighbours, ranker=request.dials.ranker,
            filters=Filters(request.guard, request.familiarity, request.heard, request.taste.banned),
        )  # fmt: skip
        title = f"Close to {request.library.catalogue.info(self.rows[0]).label}"
        ranker = request.dials.ranker
        listing = _neighbours(
            request, found.rows,
            strengths(request.library, ranker, [each.score for each in found.rows]),
            title=title, order=ordered_by(ranker), summary=str(found.hidden), empty=NOTHING_LEFT,
        )  # fmt: skip
        return listing.below(self.rows[0])

    def radio_rows(self, listing: Listing) -> tuple[int, ...]:  # noqa: ARG002 - for lists without tracks of their own
        """Return the track."""
        return self.rows

    def short_name(self, tracks: Tracks) -> str:
        """Name it by the track's title."""
        info = tracks.info(self.rows[0])
        return printable(self.name or info.title or info.track_id)

    def long_name(self, tracks: Tracks) -> str:
        """Name it by the track."""
        return self.name or tracks.info(self.rows[0]).label


class ArtistPlace(Place, frozen=True):
    """An artist, given by one of their tracks."""

    kind, heading, named_by = "artist", "Artist", "artist"
    has_seed = has_recipe = True

    def list(self, request: ListingRequest) -> Listing:
        """List the artist's tracks, then one track of each of the nearest artists."""
        from segue.core.explore.artists import page_of

        catalogue, row = request.library.catalogue, self.rows[0]
        code = int(catalogue.artist_codes[row])
        if code < 0:
            label = catalogue.info(row).label
            raise SegueError(f"the artist of {label} is unknown; train with --metadata FILE")
        page = page_of(request.library, code)
        notes = {}
        summary = counted(len(page.rows), "track")
        if len(page.clusters) > 1:
            groups = {row: number for number, cluster in enumerate(page.clusters, 1) for row in cluster.rows}
            notes = {at: f"group {groups[row]}" for at, row in enumerate(page.rows) if row in groups}
            summary += f" in {len(page.clusters)} groups"
        near = [int(catalogue.rows_of_code(other.artist.code)[0]) for other in page.nearest]
        notes |= {
            len(page.rows) + at: f"near {other.similarity:.2f}" for at, other in enumerate(page.nearest)
        }
        summary += f", then {counted(len(near), 'nearest artist')}"
        return Listing([*page.rows, *near], notes=notes, title=page.artist.label, summary=summary)

    def radio_rows(self, listing: Listing) -> tuple[int, ...]:
        """Return the artist's own tracks, without those of the near artists."""
        own = (row for at, row in enumerate(listing.rows) if not listing.notes.get(at, "").startswith("near"))
        return tuple(own)[:RADIO_ROWS]


class AlbumPlace(Place, frozen=True):
    """An album, given by one of its tracks."""

    kind, heading, named_by = "album", "Album", "album"
    has_seed = has_recipe = True

    def list(self, request: ListingRequest) -> Listing:
        """List the album's tracks."""
        catalogue = request.library.catalogue
        info = catalogue.info(self.rows[0])
        rows = catalogue.rows_of_album(info.album, info.artist_id or info.artist).tolist()
        return Listing(rows, title=f"{info.album} — {info.artist}", summary=counted(len(rows), "track"))


class PathPlace(Place, frozen=True):
    """A path through `rows`, its ends and way-points."""

    kind, heading = "path", "Path"
    has_dials = has_recipe = True

    steps: int | None = None
    """How many tracks it has, both ends included; None for the number in the settings."""
    draw: int = 0
    """Which of the random paths between its ends; 0 for the best one."""

    def list(self, request: ListingRequest) -> Listing:
        """List the tracks of the path in order."""
        from numpy.random import default_rng

        from segue.core.explore.path import find_path

        found = find_path(
            request.library, self.rows, between=max((self.steps or request.settings.path_steps) - 2, 0),
            filters=request.filters, variance=0.0 if self.draw == 0 else 0.5, rng=default_rng(self.draw),
        )  # fmt: skip
        rows, values = [step.row for step in found.steps], [step.similarity for step in found.steps]
        start, end = (request.library.catalogue.info(row).label for row in (self.rows[0], self.rows[-1]))
        summary = f"{len(rows)} tracks, widest step {min(values[1:]):.2f}"
        if found.missing:
            summary += f"; no track was found for {counted(found.missing, 'step')}"
        return Listing(rows, values, title=f"Path from {start} to {end}", summary=summary)


class BlendPlace(Place, frozen=True):
    """A blend: what is like the tracks of positive weight and unlike those of negative weight."""

    kind, heading = "blend", "Blend"
    has_dials = has_recipe = True

    weights: tuple[int, ...] = ()
    """The weight of each row, -3 to 3 and not 0."""

    def __post_init__(self) -> None:
        if len(self.weights) != len(self.rows):
            raise ValueError("a blend needs a weight for each track")

    def list(self, request: ListingRequest) -> Listing:
        """List what the blend comes to."""
        from segue.core.explore.path import blend

        weights = dict(zip(self.rows, self.weights, strict=True))
        plus = {row: float(weight) for row, weight in weights.items() if weight > 0}
        minus = {row: float(-weight) for row, weight in weights.items() if weight < 0}
        names = [[request.library.catalogue.info(row).title for row in rows] for rows in (plus, minus)]
        title = f"Like {_listed(names[0])}" + (f", unlike {_listed(names[1])}" if minus else "")
        if not plus:
            return Listing(title=title, empty="A blend needs a track to be like: press + on one.")
        found = blend(
            request.library, plus, minus, request.settings.neighbours, ranker=request.dials.ranker,
            filters=request.filters,
        )  # fmt: skip
        summary = str(found.hidden)
        if found.removed:
            gone = ", ".join(request.library.catalogue.info(each.row).title for each in found.removed[:3])
            summary += f"; removed by minus: {gone}{' …' if len(found.removed) > 3 else ''}"
        empty = f"Nothing is left: removed by {found.emptied_by or 'minus'}. Take a track out of the blend."
        return _neighbours(
            request, found.rows, _shares(found.rows), title=title, order=ordered_by(request.dials.ranker),
            summary=summary, empty=empty,
        )  # fmt: skip


FOR_PLAYLISTS = ("like", "next")
"""Rankers of a single track, in place of which a playlist has its own."""
Part = Literal["continue", "missing", "own", "woven", "in flow", "outliers"]
PARTS: tuple[Part, ...] = get_args(Part)
"""What of a playlist is listed: what continues it, what is missing from it, its own tracks, these with fresh
ones between them, in an order that flows, and the one that belongs least first."""
CHANGES = {
    "woven": "a fresh track after every 3 of its own",
    "in flow": "reordered so that each follows from the one before",
    "outliers": "what belongs to it least, first",
}
"""The parts that show the playlist itself changed, and their titles."""


class PlaylistPlace(Place, frozen=True):
    """A playlist that was read, and what goes with it."""

    kind, heading = "playlist", "Playlist"
    has_dials = has_recipe = True

    part: Part = "continue"

    def list(self, request: ListingRequest) -> Listing:
        """List the part of the playlist that is shown."""
        from segue.core.explore.surgeon import complete

        if self.part == "own":
            summary = counted(len(self.rows), "track")
            return Listing(self.rows, title=f"{self.name}: its own tracks", summary=summary)
        if self.part in CHANGES:
            return self._changed(request)
        found = complete(
            request.library, self.rows, request.settings.neighbours,
            ask="continue" if self.part == "continue" else "missing", ranker=self.own_ranker(request.dials),
            filters=request.filters,
        )  # fmt: skip
        what = "what continues it" if self.part == "continue" else "what is missing from it"
        title = f"{self.name}: {what}"
        order = "" if request.dials.ranker in FOR_PLAYLISTS else ordered_by(request.dials.ranker)
        return _neighbours(
            request, found.rows, _shares(found.rows), title=title, order=order, summary=str(found.hidden),
            empty=NOTHING_LEFT,
        )  # fmt: skip

    def _changed(self, request: ListingRequest) -> Listing:
        """List the playlist woven or in flow, or what does not belong to it, each with its reason."""
        from segue.core.errors import UsageError
        from segue.core.explore import surgeon

        title = f"{self.name}: {CHANGES[self.part]}"
        try:
            if self.part == "outliers":
                doubts = surgeon.outliers(request.library, self.rows)
                reasons = {at: doubt.reason for at, doubt in enumerate(doubts)}
                return Listing([doubt.row for doubt in doubts], notes=reasons, title=title)
            if self.part == "in flow":
                placed = surgeon.in_flow(request.library, self.rows)
            else:
                placed = surgeon.woven(request.library, self.rows, filters=request.filters)
        except UsageError as error:
            return Listing(title=title, empty=str(error))
        fresh = {at: "fresh" for at, track in enumerate(placed) if not track.own}
        return Listing([track.row for track in placed], notes=fresh, title=title)

    @property
    def suggests(self) -> bool:
        """Whether tracks are listed that are not its own, by a ranker."""
        return self.part in ("continue", "missing")

    def own_ranker(self, dials: Dials) -> str | None:
        """Return the ranker of the dial; None, the one made for playlists, for the two of the key K."""
        return None if dials.ranker in FOR_PLAYLISTS else dials.ranker

    def ranker(self, dials: Dials) -> str:
        """Name the ranker made for playlists where the dial says `next`; none for its own tracks."""
        if self.part == "own" or self.part in CHANGES:
            return ""
        return self.part if dials.ranker in FOR_PLAYLISTS else dials.ranker

    def radio_rows(self, listing: Listing) -> tuple[int, ...]:  # noqa: ARG002 - for lists without tracks of their own
        """Return the playlist's own tracks."""
        return self.rows[-RADIO_ROWS:]


class RegionPlace(Place, frozen=True):
    """A region of the map, by its most played tracks."""

    kind, heading = "region", "Region"

    def list(self, request: ListingRequest) -> Listing:  # noqa: ARG002 - it holds its tracks
        """List its tracks, the most played first."""
        summary = f"{counted(len(self.rows), 'track')} of this region of the map, the most played first"
        return Listing(self.rows, title=f"Region {self.name}", summary=summary)


class LovedPlace(Place, frozen=True):
    """The loved tracks."""

    kind, heading = "loves", "Loved"

    def list(self, request: ListingRequest) -> Listing:
        """List the loved tracks, the latest first."""
        rows = request.taste.loved
        summary = counted(len(rows), "track")
        return Listing(rows, title="Loved", summary=summary, empty="No loved tracks yet. f loves one.")


class CratePlace(Place, frozen=True):
    """A crate, by its name: a playlist of the listener's own."""

    kind, heading = "crate", "Crate"

    def list(self, request: ListingRequest) -> Listing:
        """List the crate's tracks in order, without those of other libraries."""
        track_ids = request.state.crates().get(self.name, [])
        rows = request.library.catalogue.rows_of_ids(track_ids)
        summary = f"{counted(len(rows), 'track')}; D takes one out, shift and arrows move it, w writes a file"
        if left_out := len(track_ids) - len(rows):
            summary += f"{'; ' if rows else ''}{left_out} are of other libraries"
            empty = f"None of the crate's {counted(left_out, 'track')} is in {request.library.name}."
        else:
            empty = "The crate is empty. * adds the track under the cursor or the selection."
        return Listing(
            rows, title=f"Crate {self.name}", summary=summary, empty=empty,
        )  # fmt: skip


class BannedPlace(Place, frozen=True):
    """The banned tracks."""

    kind, heading = "bans", "Banned"

    def list(self, request: ListingRequest) -> Listing:
        """List the tracks that are banned, alone or with their artist."""
        bans, rows = request.state.bans(), sorted(request.taste.banned)
        infos = request.library.catalogue.infos(rows)
        notes = {at: "by its artist" for at, info in enumerate(infos) if info.track_id not in bans.tracks}
        return Listing(
            rows, notes=notes, title="Banned", summary="x lifts the ban of a track, X of an artist.",
            empty="Nothing is banned. x bans a track, X its artist.",
        )  # fmt: skip


class JournalPlace(Place, frozen=True):
    """The journal: what was heard."""

    kind, heading = "journal", "Heard"

    def list(self, request: ListingRequest) -> Listing:
        """List the journal, the latest first, without tracks of other libraries."""
        lines = request.state.journal(JOURNAL_LINES)
        known: dict[str, int] = {}
        for track_id in dict.fromkeys(line.track_id for line in lines):
            known[track_id] = next(iter(request.library.catalogue.rows_of_ids([track_id])), -1)
        kept = [line for line in lines if known[line.track_id] >= 0]
        now = request.clock()
        notes = {at: f"{ago(now - line.at)} · {line.source}" for at, line in enumerate(kept)}
        rows = [known[line.track_id] for line in kept]
        days = [0] * DAYS
        for line in kept:
            if 0 <= (day := int((now - line.at) // 86400)) < DAYS:
                days[-1 - day] += 1
        drawn = sparkline(days, glyphs_for(request.settings.glyphs))
        summary = f"{counted(len(rows), 'track')}, by day {drawn}" if rows else ""
        if left_out := len(lines) - len(kept):
            summary += f"{'; ' if rows else ''}{left_out} are of other libraries"
        return Listing(
            rows, notes=notes, title="Heard, the latest first", summary=summary,
            empty="Nothing heard yet. Space plays a track, r starts a radio.",
        )  # fmt: skip


KINDS: dict[str, type[Place]] = {
    kind.kind: kind
    for kind in (
        AllTracks, TrackPlace, ArtistPlace, AlbumPlace, PathPlace, BlendPlace, PlaylistPlace, LovedPlace,
        RegionPlace, CratePlace, BannedPlace, JournalPlace,
    )
}  # fmt: skip


def place_from_json(value: Mapping[str, Any]) -> Place:
    """Read what `Place.to_json` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        When it is not a place.
    """
    kind = str(value["kind"])
    if kind not in KINDS:
        raise ValueError(f"unknown kind of place {kind!r}")
    if "variant" in value:  # as the first versions wrote them, with `weights`, for every kind
        if kind == "path":
            steps = next(iter(value["weights"]), None)
            value = {**value, "steps": steps, "draw": value["variant"]}
        elif kind == "playlist":
            value = {**value, "part": dict(enumerate(PARTS))[value["variant"]]}
    try:
        return convert(value, KINDS[kind])
    except ValidationError as error:
        raise ValueError(f"not a place: {error}") from error


def import_engine() -> None:
    """Import what the first step into a track needs, while the first list is looked at."""
    import segue.core.explore.neighbours  # noqa: F401 - 70 ms, NumPy among them


def _shares(found: "list[Neighbour]") -> list[float]:
    """Each score as a share of the first, where scores of several tracks are added up."""
    best = max((neighbour.score for neighbour in found), default=0.0)
    return [max(neighbour.score / best, 0.0) if best > 0 else nan for neighbour in found]


def _listed(names: "list[str]") -> str:
    """Name two of several things."""
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return (", " if more else " and ").join(names[:2]) + more


def _neighbours(
    request: ListingRequest, found: "list[Neighbour]", values: "list[float]", *,
    title: str, order: str, summary: str, empty: str,
) -> Listing:  # fmt: skip
    more = [f"+{len(neighbour.versions)}" if neighbour.versions else "" for neighbour in found]
    thin = ["thin" if neighbour.row in request.library.folded else "" for neighbour in found]
    notes = {at: f"{one} {other}".strip() for at, (one, other) in enumerate(zip(more, thin, strict=True))}
    return Listing(
        [neighbour.row for neighbour in found], values, {at: note for at, note in notes.items() if note},
        title=title, order=order, summary=summary, empty=empty,
        versions={neighbour.row: neighbour.versions for neighbour in found if neighbour.versions},
    )  # fmt: skip
