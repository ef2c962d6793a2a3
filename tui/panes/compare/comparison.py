"""What two libraries hold and list, side by side, so that shared tracks share a line.

For a thread; no screen here.
"""

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from segue.core.evaluation import Measure, Report, read_report
from segue.core.explore.neighbours import Filters, Neighbour, neighbourhood
from segue.core.library import Library
from segue.core.places import library_argument
from segue.core.rankers import available_rankers, default_ranker
from segue.tui.model.listing import ListingRequest


@dataclass(frozen=True)
class Side:
    """A place of one list."""

    place: int
    """Counted from 0."""
    other: int | None
    """The track's place in the other list, None where that lacks it."""


@dataclass(frozen=True)
class Line:
    """A place of each list, or of one of them."""

    left: Side | None
    right: Side | None

    @property
    def same(self) -> bool:
        """Whether both sides hold the same track."""
        return self.left is not None and self.right is not None and self.left.other == self.right.place


def align(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Line]:
    """Lay two lists of ids side by side.

    The longest run of shared ids that stand in the same order is put on common lines; between them the rest
    of both lists fills up.

    Parameters
    ----------
    left, right
        Ids, best first, no id twice in a list.
    """
    at_left = {name: place for place, name in enumerate(left)}
    at_right = {name: place for place, name in enumerate(right)}
    shared = [(place, at_right[name]) for place, name in enumerate(left) if name in at_right]
    lines: list[Line] = []
    i = j = 0
    for stop_i, stop_j in [*_in_order(shared), (len(left), len(right))]:
        for a, b in zip_longest(range(i, stop_i), range(j, stop_j)):
            one = None if a is None else Side(a, at_right.get(left[a]))
            other = None if b is None else Side(b, at_left.get(right[b]))
            lines.append(Line(one, other))
        if stop_i < len(left):
            lines.append(Line(Side(stop_i, stop_j), Side(stop_j, stop_i)))
        i, j = stop_i + 1, stop_j + 1
    return lines


def _in_order(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of `pairs`, whose first numbers rise, in which the second numbers rise too."""
    ends: list[int] = []  # the least last number of a rising part of each length
    which: list[int] = []  # and the pair it belongs to
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(which[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        which[length : length + 1] = [number]
    found: list[tuple[int, int]] = []
    number = which[-1] if which else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


@dataclass(frozen=True)
class Compared:
    """The neighbours of a track in both libraries."""

    other: Library
    row: int
    """The track's row in this library."""
    left: Sequence[Neighbour]
    right: Sequence[Neighbour]
    here: Sequence[int | None]
    """The rows that the tracks of `right` have in this library."""
    lines: Sequence[Line]
    rankers: tuple[str, str]
    missing: str = ""
    """Why there is nothing to compare."""

    @property
    def shared(self) -> int:
        """How many tracks both list."""
        return sum(line.left is not None and line.left.other is not None for line in self.lines)


@dataclass(frozen=True)
class Figures:
    """The figures of a library for the table above the lists."""

    name: str
    argument: str
    """What `--library` takes for it."""
    tracks: int
    dimensions: int
    recipe: str
    rankers: tuple[tuple[str, Measure], ...]
    """hit@10 of the model's rankers on validation pairs; empty where the library was not scored."""
    fingerprint: str
    """Of the playlists; empty where unknown."""


def figures(library: Library) -> Figures:
    """Read the figures of a library.

    Raises
    ------
    SegueError
        When its report is damaged.
    """
    report: Report | None = read_report(library)
    scored = {} if report is None else {scores.ranker: scores.all.hit for scores in report.rankers}
    rankers = tuple((name, scored[name]) for name in ("next", "nearest") if name in scored)
    manifest = library.manifest
    return Figures(
        name=library.name, argument=library_argument(library.path), tracks=len(library),
        dimensions=library.vectors.shape[1], recipe=manifest.recipe, rankers=rankers,
        fingerprint=str(manifest.corpus.get("fingerprint", "")),
    )  # fmt: skip


def compare(request: ListingRequest, other: Library, row: int) -> Compared:
    """List the neighbours of a track in both libraries, side by side."""
    from segue.core.explore.matching import same_tracks

    library = request.library
    names = (_ranker(library, request.dials.ranker), _ranker(other, request.dials.ranker))
    [there] = same_tracks(other.catalogue, library.catalogue.infos([row]))
    if there is None:
        return Compared(other, row, (), (), (), (), names, missing=f"{other.name} does not have this track.")
    left, right = _near(request, library, row, names[0]), _near(request, other, there, names[1])
    here = same_tracks(library.catalogue, other.catalogue.infos([one.row for one in right]))
    # the tracks on the right; of two that are one track here, the second is known by its place
    ids: dict[Hashable, int] = {}
    for place, one in enumerate(here):
        ids.setdefault(("lacked", place) if one is None or one in ids else one, place)
    lines = align([one.row for one in left], list(ids))
    return Compared(other, row, left, right, here, lines, names)


def _near(request: ListingRequest, library: Library, row: int, ranker: str) -> list[Neighbour]:
    found = neighbourhood(
        library, row, request.settings.neighbours, ranker=ranker,
        filters=Filters(request.guard, request.familiarity),
    )  # fmt: skip
    return found.rows


def _ranker(library: Library, wanted: str) -> str:
    return wanted if wanted in available_rankers(library) else default_ranker(library)
