"""What two libraries hold and list. For a thread; no screen here."""

from collections.abc import Sequence
from dataclasses import dataclass

from segue.core.evaluation import Measure, Report, read_report
from segue.core.explore.neighbours import Neighbour, neighbourhood
from segue.core.library import Library
from segue.core.rankers import available_rankers, default_ranker
from segue.tui.model.listing import ListingRequest
from segue.tui.panes.compare.align import Line, align


@dataclass(frozen=True)
class Compared:
    """The neighbours of a track in both libraries."""

    other: Library
    row: int
    """The track's row in this library."""
    left: Sequence[Neighbour]
    right: Sequence[Neighbour]
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
    tracks: int
    length: int
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
        name=library.name,
        tracks=len(library),
        length=library.vectors.shape[1],
        recipe=manifest.recipe,
        rankers=rankers,
        fingerprint=str(manifest.corpus.get("fingerprint", "")),
    )


def compare(request: ListingRequest, other: Library, row: int) -> Compared:
    """List the neighbours of a track in both libraries, side by side."""
    library = request.library
    names = (_ranker(library, request.dials.ranker), _ranker(other, request.dials.ranker))
    track_id = library.catalogue.info(row).track_id
    found = other.catalogue.rows_of_ids([track_id])
    if not found:
        return Compared(other, row, (), (), (), names, missing=f"{other.name} does not have this track.")
    left = _near(request, library, row, names[0])
    right = _near(request, other, int(found[0]), names[1])
    lines = align(_ids(library, left), _ids(other, right))
    return Compared(other, row, left, right, lines, names)


def _near(request: ListingRequest, library: Library, row: int, ranker: str) -> list[Neighbour]:
    found = neighbourhood(
        library,
        row,
        request.settings.neighbours,
        ranker=ranker,
        guard=request.guard,
        familiarity=request.familiarity,
    )
    return found.rows


def _ids(library: Library, near: Sequence[Neighbour]) -> list[str]:
    return [info.track_id for info in library.catalogue.infos([one.row for one in near])]


def _ranker(library: Library, wanted: str) -> str:
    return wanted if wanted in available_rankers(library) else default_ranker(library)
