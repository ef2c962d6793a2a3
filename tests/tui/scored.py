"""A small library with its scores and its training curve."""

import json
from datetime import UTC, datetime
from pathlib import Path

from segue.core.evaluation import evaluate, save_report
from segue.core.library import Library
from tests.tui.support import write_small_library

SCORED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def write_scored_library(path: Path) -> Library:
    """Write the small library, score it on validation pairs, and give it a curve of four epochs."""
    library = write_small_library(path, copies=2)  # enough pairs to be scored
    save_report(library, evaluate(library, created=SCORED))
    history = [
        {"epoch": epoch, "loss": 4.0 / epoch + 2, "hit_at_10": 0.3 - 0.2 / epoch} for epoch in (1, 2, 3, 4)
    ]
    (path / "history.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in history), encoding="utf-8"
    )
    return Library.open(path)
