"""Curves of hit@10 against seconds, in the terminal and as a PNG."""

import math
from pathlib import Path

from benchmarks.training.peers import Curve

WIDTH, HEIGHT = 72, 18
MARKS = "*o+x#@"


def draw(curves: list[Curve]) -> str:
    """The curves as text, seconds on a logarithmic scale."""
    seconds = [s for curve in curves for s in curve.seconds]
    low, high = math.log10(min(seconds)), math.log10(max(seconds))
    top = max(score.hit for curve in curves for score in curve.scores) or 1.0
    grid = [[" "] * WIDTH for _ in range(HEIGHT)]
    for mark, curve in zip(MARKS, curves, strict=False):
        for second, score in zip(curve.seconds, curve.scores, strict=True):
            column = round((math.log10(second) - low) / max(high - low, 1e-9) * (WIDTH - 1))
            grid[HEIGHT - 1 - round(score.hit / top * (HEIGHT - 1))][column] = mark
    lines = [
        f"{top * (HEIGHT - 1 - row) / (HEIGHT - 1):6.3f} |{''.join(cells)}" for row, cells in enumerate(grid)
    ]
    lines.append(" " * 7 + "+" + "-" * WIDTH)
    ends = f"{10**low:.3g} s", f"{10**high:.3g} s"
    lines.append(" " * 8 + ends[0] + ends[1].rjust(WIDTH - len(ends[0])))
    lines.extend(f"{mark} {curve.name}" for mark, curve in zip(MARKS, curves, strict=False))
    return "\n".join(lines)


def save(curves: list[Curve], path: Path, title: str) -> None:
    """The same as a picture."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    for curve in curves:
        hits = [score.hit for score in curve.scores]
        axes.plot(curve.seconds, hits, marker="o", markersize=3, label=curve.name)
    axes.set(xscale="log", xlabel="seconds of training", ylabel="hit@10 on validation pairs", title=title)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=150)
    plt.close(figure)
