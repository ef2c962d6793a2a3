"""Several seeds: of the split and of the training apart, and scores over several trainings."""

import json
from pathlib import Path
from statistics import fmean, stdev

import numpy as np
import pytest

from segue.core.cli import main
from segue.core.library import Library
from segue.core.pipeline import read_source, train_library
from segue.core.synthetic import make_world
from segue.core.synthetic.world import write_json_lines
from segue.core.track2vec import FastConfig
from segue.core.tuning.render import STUDY, read_leaderboard

pytestmark = pytest.mark.slow


@pytest.fixture
def playlists(tmp_path: Path) -> Path:
    path = tmp_path / "playlists.jsonl"
    write_json_lines(make_world("tiny").playlists, path)
    return path


def trained(playlists: Path, name: str, *more: str) -> Library:
    path = playlists.with_name(name)
    arguments = ["train", str(playlists), "--name", str(path), "--epochs", "1", "--dim", "8", *more]
    assert main(arguments) == 0
    return Library.open(path)


def test_trainings_from_two_seeds_hold_out_the_same_pairs_and_can_be_compared(
    playlists: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = trained(playlists, "one", "--seed", "1"), trained(playlists, "two", "--seed", "2")
    assert not np.array_equal(one.vectors, two.vectors)
    assert main(["compare", str(one.path), str(two.path), "--json"]) == 0
    other = trained(playlists, "other", "--split-seed", "1", "--no-evaluate")
    assert one.held_out is not None
    assert other.held_out is not None
    assert one.held_out.validation.tolist() != other.held_out.validation.tolist()
    capsys.readouterr()
    assert main(["compare", str(one.path), str(other.path)]) != 0


def test_scores_over_three_seeds_are_their_mean_and_standard_deviation(
    playlists: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = trained(playlists, "three", "--seeds", "3")
    shown = capsys.readouterr().out
    hits = []
    for seed in range(3):
        again = trained(playlists, f"seed{seed}", "--seed", str(seed))
        hits.append(again.manifest.scores["validation"]["nearest"]["hit@10"])
    line = next(line for line in shown.splitlines() if "of 3 seeds" in line and line.startswith("nearest"))
    assert f"hit@10 {fmean(hits):.4f} ± {stdev(hits):.4f}" in line
    assert not [path for path in playlists.parent.iterdir() if path.name.startswith(".three.")]
    capsys.readouterr()
    path = str(library.path)
    for call in (["evaluate", "-l", path], ["metrics", "-l", path], ["libraries", "show", path]):
        assert main(call) == 0
        assert line in capsys.readouterr().out


def test_a_grid_of_ones_own_tries_every_combination(
    playlists: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = trained(playlists, "searched", "--no-evaluate")
    tune = ["tune", "--library", str(library.path), "--epochs", "1", "--seeds", "1", "--json"]
    assert main([*tune, "--grid", "dim=8,16", "--grid", "window=1,2"]) == 0
    board = read_leaderboard(library.path / STUDY)
    assert board is not None
    tried = {(entry.params["dim"], entry.params["window"]) for entry in board.entries}
    assert tried == {(8, 1), (8, 2), (16, 1), (16, 2)}
    assert all(entry.state == "done" for entry in board.entries)
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["recipe"] == "fast"
    assert main([*tune, "--grid", "dim=8,32"]) == 1, "another search than the one that is kept"
    for wrong, message in (
        ("dmi=8", "did you mean dim"),
        ("dim=8,x", "not a whole number"),
        ("dim=0", "above 0"),
        ("learning_rate=0.12345", "three significant digits"),
        (f"dim={','.join(map(str, range(1, 1200)))}", "at most 1,000"),
    ):
        capsys.readouterr()
        assert main([*tune, "--grid", wrong]) == 2
        assert message in capsys.readouterr().err
    assert main([*tune, "--grid", "dim=8", "--grid", "dim=16"]) == 2
    assert main([*tune, "--grid", "dim=8,16", "--set", "dim=4"]) == 2
    assert main([*tune, "--grid", "epochs=1,2"]) == 2, "--epochs is given"


@pytest.mark.parametrize("verb", ["train", "import-vectors"])
def test_a_seed_that_cannot_be_one_is_refused(
    verb: str, playlists: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = str(playlists.with_name("none"))
    assert main([verb, str(playlists), "--name", name, "--split-seed", "-1"]) == 2
    assert "--split-seed: must be a whole number" in capsys.readouterr().err


def test_too_few_playlists_for_scores_cost_no_library(tmp_path: Path) -> None:
    path = tmp_path / "few.txt"
    path.write_text("1 2 3 4\n1 2 3 4\n")
    assert trained(path, "few", "--seeds", "2", "--format", "lines").track_ids == ["1", "2", "3", "4"]


def test_a_training_is_not_resumed_with_other_pairs(
    playlists: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = playlists.with_name("half")
    source, config = read_source(playlists), FastConfig(dim=8, epochs=3)
    seen: list[int] = []
    library = train_library(
        source, path, config, on_progress=lambda one: seen.append(one.epoch), should_stop=lambda: 2 in seen
    )
    assert library.manifest.training["stopped_early"]
    resume = ["train", str(playlists), "--name", str(path), "--epochs", "3", "--dim", "8", "--resume"]
    assert main([*resume, "--split-seed", "1"]) == 2
    assert "a different split seed" in capsys.readouterr().err
    assert main([*resume, "--no-evaluate"]) == 0
