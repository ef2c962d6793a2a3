"""The form as it becomes a command, and a training as its events tell it."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import pytest

from segue.core.cli import train
from segue.tui.panes.train.run import Run, TrainSpec


@pytest.fixture
def playlists(tmp_path: Path) -> Path:
    path = tmp_path / "my lists.jsonl"
    path.write_text("", encoding="utf-8")
    return path


def understood(arguments: Sequence[str]) -> argparse.Namespace:
    """The arguments as the verb itself reads them."""
    parser = argparse.ArgumentParser()
    train.configure(parser)
    assert arguments[0] == "train"
    return parser.parse_args(arguments[1:])


def test_a_filled_in_form_is_a_command_that_segue_understands(playlists: Path) -> None:
    titles = playlists.parent / "Tracks.csv"
    titles.write_text("", encoding="utf-8")
    spec = TrainSpec(
        str(playlists), " mine ", f"'{titles}'", "notebook", "7", "", "neg_sample=9 sub_samp=1e-4"
    )
    assert spec.problem() is None
    args = understood(spec.arguments(resume=True))
    assert (args.file, args.name) == (playlists, "mine")
    assert (args.metadata, args.recipe, args.epochs, args.dim) == ([titles], "notebook", 7, None)
    assert args.set == ["neg_sample=9", "sub_samp=1e-4"]
    assert args.resume
    assert args.json
    assert not understood(spec.arguments()).resume


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("file", "", "Enter a playlist file"),
        ("file", "/nowhere/at/all.npy", "/nowhere/at/all.npy does not exist"),
        ("name", "", "Enter a name"),
        ("name", "a b", "use letters"),
        ("titles", "/nowhere.csv", "/nowhere.csv does not exist"),
        ("titles", "'open", "No closing quotation"),
        ("epochs", "0", "whole number above 0"),
        ("epochs", "ten", "whole number above 0"),
        ("dim", "-3", "whole number above 0"),
        ("settings", "window", "not NAME=VALUE"),
        ("settings", "'", "No closing quotation"),
    ],
)
def test_the_first_field_that_will_not_do_is_named(
    field: str, value: str, shown: str, playlists: Path
) -> None:
    good = {"file": str(playlists), "name": "mine"}
    problem = TrainSpec(**{**good, field: value}).problem()
    assert problem is not None
    assert problem[0] == field
    assert shown in problem[1]


def progress(epoch: int, fraction: float, loss: float, hit: float | None = None) -> dict[str, object]:
    return {
        "event": "progress", "epoch": epoch, "epochs": 2, "fraction": fraction, "pairs_per_second": 1e6,
        "loss": loss, "hit_at_10": hit, "seconds": 1.0, "seconds_left": 3.0,
    }  # fmt: skip


def test_a_training_is_reported_from_reading_to_done() -> None:
    run = Run("mine")
    assert run.phase == "reading"
    run = run.after(
        {"event": "corpus", "playlists": 1200, "tracks": 300, "described": 0, "positions": 1, "skipped": {}}
    )
    assert (run.phase, run.corpus) == ("training", "1,200 playlists, 300 tracks, 0 with a title")
    for event in (
        progress(1, 0.2, 5.0),
        progress(1, 0.4, 4.5),
        progress(1, 0.5, 4.0, 0.1),
        progress(2, 0.6, 3.9),
    ):
        run = run.after(event)
    assert run.loss == ((1.0, 4.0), (1.2, 3.9)), "only the last figure within an epoch moves"
    assert run.hit == ((1.0, 0.1),)
    run = run.after(progress(2, 1.0, 3.0, 0.2))
    assert (run.phase, run.hit) == ("writing", ((1.0, 0.1), (2.0, 0.2)))
    run = run.after({"event": "remark", "text": "a word"}).after({"event": "something new"})
    done = run.after({"event": "done", "library": "/models/mine", "stopped": False})
    assert (done.phase, done.library, done.over) == ("done", Path("/models/mine"), True)
    assert done.ended(0, "a word") == done
    assert run.after({"event": "done", "library": "/m", "stopped": True}).phase == "stopped"
    failed = run.ended(1, "the disk is full")
    assert (failed.phase, failed.remark, failed.over) == ("failed", "the disk is full", True)
    written = run.after({"event": "written", "library": "/models/mine"})
    assert (written.phase, written.library, written.over) == ("scoring", Path("/models/mine"), False)
    assert written.after({"event": "done", "library": "/models/mine", "stopped": False}) == done
    assert written.ended(1, "the disk is full").phase == "failed"
