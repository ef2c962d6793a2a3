"""A leaderboard as a picture (PNG) or a page (HTML). It needs the extra `plots`."""

from pathlib import Path
from typing import Any

from segue.core.errors import SegueError, UsageError
from segue.core.files import atomic_file
from segue.core.tuning.leaderboard import Entry, Leaderboard, Value, reached
from segue.core.tuning.render import axis, place, text, varied


def plot(board: Leaderboard, path: Path) -> None:
    """Draw the trials as parallel coordinates beside the importance of each hyper-parameter.

    Parameters
    ----------
    board
        The search.
    path
        A file that ends in `.png` or `.html`; it is replaced.

    Raises
    ------
    UsageError
        For any other ending.
    SegueError
        When the extra `plots` is not installed, or no trial has a score.
    """
    draw = {".png": _draw_png, ".html": _draw_html}.get(path.suffix.lower())
    if draw is None:
        raise UsageError(f"{path}: a plot is a .png or an .html file")
    if not _scored(board):
        raise SegueError(f"{path}: no trial has a score to draw yet")
    try:
        with atomic_file(path) as temporary:
            draw(board, temporary)
    except ModuleNotFoundError as error:
        raise SegueError(
            f"{path}: drawing needs {error.name}, which is not installed; run: pip install 'segue[plots]'"
        ) from error


def _scored(board: Leaderboard) -> list[Entry]:
    return [entry for entry in board.ranked() if entry.epochs and entry.state != "stopped"]


def _axes(board: Leaderboard) -> dict[str, list[Value]]:
    return {
        name: axis([entry.params[name] for entry in _scored(board) if name in entry.params])
        for name in varied(board)
    }


def _title(board: Leaderboard) -> str:
    return f"{board.library}: {board.preset}, {len(_scored(board))} trials"


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
