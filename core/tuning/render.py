"""A search's leaderboard, read and shown: a table, parallel coordinates, bars of importance.

Pictures (PNG) and pages (HTML) need the extra `plots`.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from string import ascii_uppercase
from typing import Any, Literal

from segue.core.arrays import one_line
from segue.core.errors import SegueError, UsageError
from segue.core.evaluation.render import Table, bar, number
from segue.core.files import atomic_file, read_regular
from segue.core.manifest import parse_json
from segue.core.places import is_shipped, user_folder
from segue.core.text import counted

FILE = "leaderboard.json"
STUDY = "tuning"
"""The folder of a library that holds its search."""


def study_of(library: Path) -> Path:
    """Name the folder that holds a library's search: in the library, or the user's where that is the demo."""
    return user_folder("data") / STUDY / library.name if is_shipped(library) else library / STUDY


TrialState = Literal["waiting", "running", "done", "pruned", "stopped"]
State = Literal["searching", "retraining", "finished"]
Value = float | int | str


@dataclass(frozen=True)
class Entry:
    """One trial: a configuration and its scores on validation pairs."""

    number: int
    name: str
    """What the configuration is called in its grid, or empty."""
    state: TrialState
    params: dict[str, Value]
    hit: float | None
    """hit@10 of `nearest` on all validation pairs; None until the trial is done."""
    ndcg: float | None
    epochs: tuple[float, ...]
    """hit@10 on the first validation pairs after each epoch."""
    seconds: float


@dataclass(frozen=True)
class Retrained:
    """The winner, trained once more from another seed. Test pairs are scored when all seeds are trained."""

    seed: int
    validation_hit: float
    validation_ndcg: float
    seconds: float
    test_hit: float | None = None
    test_ndcg: float | None = None


@dataclass(frozen=True)
class Spread:
    """Mean and standard deviation over training seeds."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class Result:
    """The end of a search."""

    winner: int
    """Number of the winning trial."""
    validation_hit: Spread
    validation_ndcg: Spread
    test_hit: Spread
    test_ndcg: Spread


@dataclass(frozen=True)
class Leaderboard:
    """A search as it stands."""

    library: str
    preset: str
    recipe: str
    state: State
    n_validation: int
    n_test: int
    entries: tuple[Entry, ...]
    importance: dict[str, float] = field(default_factory=dict)
    """Share of the scores' variation that each hyperparameter explains; empty while trials are few."""
    retrained: tuple[Retrained, ...] = ()
    result: Result | None = None

    def ranked(self) -> list[Entry]:
        """The entries: finished ones by falling score, then pruned, running, waiting and stopped ones."""
        order = ("done", "pruned", "running", "waiting", "stopped")
        return sorted(self.entries, key=lambda one: (order.index(one.state), -reached(one), one.number))

    def best(self) -> Entry | None:
        """The finished entry with the highest score, or None."""
        return next((entry for entry in self.ranked() if entry.state == "done"), None)


def reached(entry: Entry) -> float:
    """The score of an entry, or that after its last epoch where it did not run to its end."""
    if entry.hit is not None:
        return entry.hit
    return entry.epochs[-1] if entry.epochs else 0.0


def read_leaderboard(folder: Path) -> Leaderboard | None:
    """The leaderboard of a study folder, or None where no search has begun.

    Raises `SegueError` when the file is damaged.
    """
    import msgspec  # 6 ms, which only a search's own page needs

    path = folder / FILE
    try:
        return msgspec.convert(parse_json(read_regular(path)), Leaderboard)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise SegueError(
            f"{path}: the leaderboard can't be read ({one_line(error)}); remove it to have it written again"
        ) from error


def write_leaderboard(folder: Path, board: Leaderboard) -> None:
    """Replace the leaderboard of a study folder, seen whole or not at all."""
    with atomic_file(folder / FILE) as temporary:
        temporary.write_text(json.dumps(asdict(board), indent=1) + "\n", encoding="utf-8")


def leaderboard_table(board: Leaderboard) -> Table:
    """The trials, best first. One that was cut short is left out: its configuration is back in the queue."""
    shown = [entry for entry in board.ranked() if entry.state != "stopped"]
    columns = ["trial", "configuration", "hit@10", "NDCG@10", "epochs", "seconds", "state"]
    rows = [
        [
            str(entry.number),
            entry.name,
            number(reached(entry)) if entry.epochs or entry.hit is not None else "–",
            "–" if entry.ndcg is None else number(entry.ndcg),
            str(len(entry.epochs)),
            f"{entry.seconds:.0f}",
            entry.state,
        ]
        for entry in shown
    ]
    if not any(entry.name for entry in shown):
        columns.remove("configuration")
        rows = [[row[0], *row[2:]] for row in rows]
    return columns, rows


def varied(board: Leaderboard) -> list[str]:
    """The hyperparameters that are not the same in every trial, in the order they were first given."""
    names = dict.fromkeys(name for entry in board.entries for name in entry.params)
    return [name for name in names if len({text(entry.params.get(name)) for entry in board.entries}) > 1]


def text(value: Value | None) -> str:
    """A hyperparameter as it is written in a table."""
    return "–" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def parallel_coordinates(board: Leaderboard, *, width: int = 80) -> Iterator[str]:
    """Lines that show where the good trials lie: one line per trial, best first, one axis per setting."""
    axes, shown = _axes(board), _scored(board)
    if not axes or not shown:
        return
    room = max(3, min(16, (width - 14) // len(axes) - 2))
    for letter, (name, values) in zip(ascii_uppercase, axes.items(), strict=False):
        yield f"{letter}  {name}: {' … '.join(text(value) for value in values[:: max(len(values) - 1, 1)])}"
    heads = "  ".join(f"{letter:<{room}}" for letter, _ in zip(ascii_uppercase, axes, strict=False))
    yield f"trial  hit@10  {heads}".rstrip()
    for entry in shown:
        dots = "  ".join(_dot(axes[name], entry.params.get(name), room) for name in axes)
        yield f"{entry.number:>5}  {reached(entry):.4f}  {dots}"


def axis(values: list[Value]) -> list[Value]:
    """The distinct values of a hyperparameter in rising order; words in the order of the alphabet."""
    return sorted(
        set(values), key=lambda value: (isinstance(value, str), value if isinstance(value, str) else 0, value)
    )


def place(values: list[Value], value: Value) -> float:
    """Where a value lies on an axis, 0 to 1: in proportion for numbers, in equal steps for words."""
    first, last = values[0], values[-1]
    if isinstance(value, str) or isinstance(first, str) or isinstance(last, str):
        return values.index(value) / max(len(values) - 1, 1)
    return (value - first) / (last - first) if last > first else 0.5


def _dot(values: list[Value], value: Value | None, room: int) -> str:
    if value is None:
        return "·" * room
    at = round(place(values, value) * (room - 1))
    return "─" * at + "●" + "─" * (room - 1 - at)


def importance_bars(board: Leaderboard, *, width: int = 30) -> Iterator[str]:
    """A line a hyperparameter, the most important first."""
    ordered = sorted(board.importance.items(), key=lambda item: -item[1])
    indent = max((len(name) for name, _ in ordered), default=0)
    top = max(board.importance.values(), default=0.0)
    for name, value in ordered:
        yield f"{name:<{indent}}  {bar(value, top, width)}  {100 * value:.0f} %"


def result_lines(board: Leaderboard) -> Iterator[str]:
    """How the search ended, or how far it is."""
    states = [entry.state for entry in board.entries]
    yield (
        f"{board.preset}: {counted(states.count('done'), 'trial')} done, {states.count('pruned')} pruned, "
        f"{states.count('running')} running, {states.count('waiting')} waiting; "
        f"scored by nearest on {counted(board.n_validation, 'validation pair')}"
    )
    result = board.result
    if result is not None:
        yield f"winner: trial {result.winner}, trained again from {len(board.retrained)} seeds, mean ± s.d.:"
        yield (
            f"  validation  hit@10 {spread_text(result.validation_hit)}  "
            f"NDCG@10 {spread_text(result.validation_ndcg)}"
        )
        yield (
            f"  test        hit@10 {spread_text(result.test_hit)}  NDCG@10 {spread_text(result.test_ndcg)}  "
            f"({counted(board.n_test, 'pair')}, scored once)"
        )
    elif board.state == "retraining":
        seeds = counted(len(board.retrained), "seed")
        yield f"the winner is trained again, {seeds} done; the test pairs are unseen"


def spread_text(spread: Spread) -> str:
    """A mean and its standard deviation over seeds."""
    return f"{spread.mean:.4f} ± {spread.deviation:.4f}"


def plot(board: Leaderboard, path: Path) -> None:
    """Draw the trials as parallel coordinates beside the importance of each hyperparameter.

    `path` is a file that ends in `.png` or `.html`; it is replaced. Raises `UsageError` for any other ending,
    and `SegueError` when the extra `plots` is not installed, or no trial has a score.
    """
    draw = {".png": _draw_png, ".html": _draw_html}.get(path.suffix.lower())
    if draw is None:
        raise UsageError(f"{path}: must be a .png or an .html file")
    if not _scored(board):
        raise SegueError(f"{path}: no trial has a score to draw yet")
    try:
        with atomic_file(path) as temporary:
            draw(board, temporary)
    except ModuleNotFoundError as error:
        raise SegueError(
            f"{path}: drawing needs {error.name}, which is not installed: pip install {error.name}"
        ) from error


def _scored(board: Leaderboard) -> list[Entry]:
    return [entry for entry in board.ranked() if entry.epochs and entry.state != "stopped"]


def _axes(board: Leaderboard) -> dict[str, list[Value]]:
    return {
        name: axis([entry.params[name] for entry in _scored(board) if name in entry.params])
        for name in varied(board)
    }


def _title(board: Leaderboard) -> str:
    return f"{board.library}: {board.preset}, {counted(len(_scored(board)), 'trial')}"


def _draw_png(board: Leaderboard, path: Path) -> None:
    from matplotlib import colormaps  # matplotlib: 0.6 s
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    axes, entries = _axes(board), _scored(board)
    scores = [reached(entry) for entry in entries]
    low, high = min(scores), max(scores)
    figure = Figure(figsize=(12, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    lines, importance = figure.subplots(1, 2, width_ratios=(3, 1))
    for entry, score in reversed(list(zip(entries, scores, strict=True))):
        height = (score - low) / (high - low) if high > low else 0.5
        heights = [place(axes[name], entry.params[name]) for name in axes]
        lines.plot([*heights, height], color=colormaps["viridis"](height), linewidth=1.5, alpha=0.9)
    labels = [f"{name}\n{text(values[0])} … {text(values[-1])}" for name, values in axes.items()]
    lines.set_xticks(range(len(axes) + 1), [*labels, f"hit@10\n{low:.4f} … {high:.4f}"], fontsize=8)
    lines.set_yticks([])
    lines.set_title(_title(board))
    ordered = sorted(board.importance.items(), key=lambda item: item[1])
    importance.barh([name for name, _ in ordered], [value for _, value in ordered], color="#35618f")
    importance.set_xlim(0, 1)
    importance.set_title("importance" if ordered else "importance: too few trials")
    figure.savefig(path, format="png", dpi=120)


def _draw_html(board: Leaderboard, path: Path) -> None:
    from plotly.graph_objects import Bar, Figure, Parcoords  # plotly: 0.4 s

    entries = _scored(board)
    scores = [reached(entry) for entry in entries]
    dimensions: list[dict[str, Any]] = [
        {
            "label": name,
            "values": [place(values, entry.params[name]) for entry in entries],
            "tickvals": [place(values, value) for value in values],
            "ticktext": [text(value) for value in values],
        }
        for name, values in _axes(board).items()
    ]
    dimensions.append({"label": "hit@10", "values": scores})
    line = {"color": scores, "colorscale": "Viridis"}
    ordered = sorted(board.importance.items(), key=lambda item: item[1])
    figure = Figure(
        [
            Parcoords(dimensions=dimensions, line=line, domain={"x": [0, 0.72]}),
            Bar(x=[value for _, value in ordered], y=[name for name, _ in ordered], orientation="h"),
        ]
    )
    figure.update_layout(title=_title(board), xaxis={"domain": [0.85, 1], "title": "importance"})
    figure.write_html(path, include_plotlyjs=True, full_html=True)
