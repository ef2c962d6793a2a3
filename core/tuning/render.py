"""A leaderboard for the terminal: a table, parallel coordinates, and bars of importance."""

from collections.abc import Iterator
from string import ascii_uppercase

from segue.core.evaluation.render import Table, bar, number
from segue.core.tuning.leaderboard import Leaderboard, Spread, Value, reached


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
    """The hyper-parameters that are not the same in every trial, in the order they were first given."""
    names = dict.fromkeys(name for entry in board.entries for name in entry.params)
    return [name for name in names if len({text(entry.params.get(name)) for entry in board.entries}) > 1]


def text(value: Value | None) -> str:
    """A hyper-parameter as it is written in a table."""
    return "–" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def parallel_coordinates(board: Leaderboard, *, width: int = 80) -> Iterator[str]:
    """Lines that show where the good trials lie: a line a trial, best first, and an axis a hyper-parameter.

    Parameters
    ----------
    board
        The search.
    width
        Columns of the terminal.
    """
    names = varied(board)
    shown = [entry for entry in board.ranked() if entry.state != "stopped" and entry.epochs]
    if not names or not shown:
        return
    axes = {name: axis([entry.params[name] for entry in shown if name in entry.params]) for name in names}
    room = max(3, min(16, (width - 14) // len(names) - 2))
    for letter, (name, values) in zip(ascii_uppercase, axes.items(), strict=False):
        yield f"{letter}  {name}: {' … '.join(text(value) for value in values[:: max(len(values) - 1, 1)])}"
    heads = "  ".join(f"{letter:<{room}}" for letter, _ in zip(ascii_uppercase, axes, strict=False))
    yield f"trial  hit@10  {heads}".rstrip()
    for entry in shown:
        dots = "  ".join(_dot(axes[name], entry.params.get(name), room) for name in names)
        yield f"{entry.number:>5}  {reached(entry):.4f}  {dots}"


def axis(values: list[Value]) -> list[Value]:
    """The distinct values of a hyper-parameter in rising order; words in the order of the alphabet."""
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
    """A line a hyper-parameter, the most important first."""
    ordered = sorted(board.importance.items(), key=lambda item: -item[1])
    indent = max((len(name) for name, _ in ordered), default=0)
    top = max(board.importance.values(), default=0.0)
    for name, value in ordered:
        yield f"{name:<{indent}}  {bar(value, top, width)}  {100 * value:.0f} %"


def result_lines(board: Leaderboard) -> Iterator[str]:
    """How the search ended, or how far it is."""
    states = [entry.state for entry in board.entries]
    yield (
        f"{board.preset}: {states.count('done')} trials done, {states.count('pruned')} pruned, "
        f"{states.count('running')} running, {states.count('waiting')} waiting; "
        f"scored by nearest on {board.n_validation:,} validation pairs"
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
            f"({board.n_test:,} pairs, scored once)"
        )
    elif board.state == "retraining":
        yield f"the winner is trained again: {len(board.retrained)} seeds done; the test pairs are unseen"


def spread_text(spread: Spread) -> str:
    """A mean and its standard deviation over seeds."""
    return f"{spread.mean:.4f} ± {spread.deviation:.4f}"
