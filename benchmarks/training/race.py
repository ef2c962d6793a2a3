"""Who reaches which hit@10 first."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.training import plot
from benchmarks.training.peers import Curve, all_peers
from segue.core.corpus import Split
from segue.core.track2vec import NotebookConfig


def run(
    split: Split, gensim: dict[str, dict[str, Any]], *, picture: Path, notebook_epochs: int, quick: bool
) -> None:
    """Train every peer once and print seconds to each peer's best level."""
    notebook = replace(NotebookConfig(), epochs=notebook_epochs)
    curves = []
    for curve in all_peers(split, notebook, gensim, quick=quick):
        curves.append(curve)
        print(f"{curve.name}: {curve.seconds[-1]:,.1f} s, hit@10 {curve.last.hit:.4f}", flush=True)
    fast = curves[0]
    print("\n| peer | epochs | seconds | hit@10 (NDCG@10) | its best | it took | fast took | ratio |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for curve in curves:
        print(_row(curve, fast))
    if notebook_epochs < NotebookConfig().epochs:
        whole = curves[-1].seconds[-1] * NotebookConfig().epochs / notebook_epochs
        print(f"\nThe notebook's recipe was cut at {notebook_epochs} of 60 epochs; all take {whole:,.0f} s.")
    print(f"\n{plot.draw(curves)}\n")
    plot.save(curves, picture, f"{len(split.train.vocabulary):,} tracks")
    print(f"The same as a picture: {picture}\n")


def _row(curve: Curve, fast: Curve) -> str:
    best = max(score.hit for score in curve.scores)
    ours, theirs = fast.reached(best), curve.reached(best)
    assert theirs is not None  # noqa: S101 - it is its own best
    end = f"{curve.last.hit:.4f} ({curve.last.ndcg:.4f})"
    ratio = "" if curve is fast else "never" if ours is None else f"{theirs / ours:,.0f}"
    reached = "never" if ours is None else f"{ours:.1f} s"
    return (
        f"| {curve.name} | {len(curve.scores)} | {curve.seconds[-1]:,.1f} | {end} | {best:.4f} "
        f"| {theirs:,.1f} s | {reached} | {ratio} |"
    )
