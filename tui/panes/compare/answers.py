"""What two libraries say, asked in the background."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from segue.core.evaluation import Measure, Report, read_report
from segue.core.evaluation.compare import Comparison
from segue.core.explore.neighbours import Neighbour, neighbourhood
from segue.core.library import Library
from segue.core.rankers import available_rankers, default_ranker
from segue.tui.look import Question
from segue.tui.panes.compare.align import Line, align


@dataclass
class OtherOpened(Message):
    """The other library is open, or why it is not."""

    path: Path
    library: Library | None
    trouble: str = ""


@dataclass
class Compared(Message):
    """The neighbours of a track in both libraries."""

    other: Library
    row: int
    """The track's row in this library."""
    left: Sequence[Neighbour]
    right: Sequence[Neighbour]
    lines: Sequence[Line]
    rankers: tuple[str, str]
    lacking: str = ""
    """Why there is nothing to compare."""

    @property
    def shared(self) -> int:
        """How many tracks both list."""
        return sum(line.left is not None and line.left.other is not None for line in self.lines)


@dataclass
class Measured(Message):
    """Both libraries on the same held-out pairs."""

    other: Library
    comparison: Comparison


@dataclass(frozen=True)
class Figures:
    """What stands in the table above the lists."""

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


def compare(question: Question, other: Library, row: int) -> Compared:
    """List the neighbours of a track in both libraries, side by side."""
    library = question.library
    names = (_ranker(library, question.dials.ranker), _ranker(other, question.dials.ranker))
    track_id = library.catalogue.info(row).track_id
    found = other.catalogue.rows_of_ids([track_id])
    if not found:
        return Compared(other, row, (), (), (), names, lacking=f"{other.name} does not know this track.")
    left = _near(question, library, row, names[0])
    right = _near(question, other, int(found[0]), names[1])
    lines = align(_ids(library, left), _ids(other, right))
    return Compared(other, row, left, right, lines, names)


def _near(question: Question, library: Library, row: int, ranker: str) -> list[Neighbour]:
    found = neighbourhood(
        library,
        row,
        question.settings.neighbours,
        ranker=ranker,
        guard=question.guard,
        familiarity=question.familiarity,
    )
    return found.rows


def _ids(library: Library, near: Sequence[Neighbour]) -> list[str]:
    return [info.track_id for info in library.catalogue.infos([one.row for one in near])]


def _ranker(library: Library, wanted: str) -> str:
    return wanted if wanted in available_rankers(library) else default_ranker(library)
