"""Rounds of training without a cluster: `inline` does each task at once."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.core.cli.main import main
from segue.core.cluster.blocks import Gatherer, Layout, hit_at_10, nearer
from segue.core.cluster.rounds import TrainedInRounds, train_in_rounds
from segue.core.corpus import Split
from segue.core.errors import SegueError, UsageError
from segue.core.track2vec import FastConfig, Progress
from segue.core.track2vec.model import build_model, raw_vectors
from segue.core.track2vec.training import hit_at_10 as plain_hit_at_10
from tests.cluster import inline
from tests.cluster.worlds import grouped_split

ROUNDS = 3
CONFIG = FastConfig(dim=8, epochs=ROUNDS, pool=32, batch=32)


@pytest.fixture(scope="module")
def split() -> Split:
    return grouped_split()


def _train(folder: Path, split: Split, ray: Any = inline, **settings: Any) -> TrainedInRounds:  # noqa: ANN401 - whatever `train_in_rounds` takes
    reported: dict[str, Any] = {"shards": 2, "block_rows": 50} | settings
    return train_in_rounds(ray, split, CONFIG, checkpoint=folder, **reported)


@pytest.fixture(scope="module")
def whole(split: Split, tmp_path_factory: pytest.TempPathFactory) -> TrainedInRounds:
    """A training never disturbed. Shared: leave its files as they are."""
    return _train(tmp_path_factory.mktemp("whole") / "one.rounds", split)


@pytest.fixture
def rounds(whole: TrainedInRounds, tmp_path: Path) -> Path:
    """A folder with the last round of that training."""
    return Path(shutil.copytree(whole.files.folder, tmp_path / "one.rounds"))


class _Backwards:
    """Like `inline`, but the last thing asked for is done first."""

    remote, put, get = staticmethod(inline.remote), staticmethod(inline.put), staticmethod(inline.get)

    @staticmethod
    def wait(results: Sequence[Any], **_options: object) -> tuple[list[Any], list[Any]]:
        return [results[-1]], list(results[:-1])


def test_rounds_learn_the_groups(whole: TrainedInRounds, split: Split) -> None:
    losses = [line["loss"] for line in whole.history]
    assert losses == sorted(losses, reverse=True)
    assert len(losses) == ROUNDS
    hit = whole.history[-1]["hit_at_10"]
    assert hit == plain_hit_at_10(whole.vectors, split.validation)
    assert hit > 0.4  # by chance 10 of 119
    assert np.linalg.norm(whole.vectors, axis=1) == pytest.approx(1, abs=1e-6)


def test_the_order_in_which_shards_are_done_does_not_matter(
    whole: TrainedInRounds, split: Split, tmp_path: Path
) -> None:
    seen: list[Progress] = []
    other = _train(tmp_path / "other", split, _Backwards, on_progress=seen.append)
    assert np.array_equal(other.vectors, whole.vectors)
    assert [progress.fraction for progress in seen] == pytest.approx(np.arange(1, 7) / 6)
    assert [progress.hit_at_10 is None for progress in seen] == [True, False] * ROUNDS
    assert seen[-1].seconds_left == pytest.approx(0)


@pytest.mark.parametrize("settings", [{"seed": 1}, {"shards": 1}])
def test_another_seed_or_number_of_shards_is_another_training(
    whole: TrainedInRounds, split: Split, tmp_path: Path, settings: dict[str, int]
) -> None:
    assert not np.array_equal(_train(tmp_path / "other", split, **settings).vectors, whole.vectors)


def test_a_training_stopped_within_a_round_goes_on_to_the_same_bits(
    whole: TrainedInRounds, split: Split, tmp_path: Path
) -> None:
    seen: list[Progress] = []
    stopped = _train(
        tmp_path / "broken", split, _Backwards, on_progress=seen.append, should_stop=lambda: len(seen) == 3
    )
    assert [progress.epoch for progress in seen] == [1, 1, 2]
    assert stopped.stopped_early
    assert stopped.history[0]["hit_at_10"] == whole.history[0]["hit_at_10"]
    assert len(stopped.history) == 1
    resumed = _train(tmp_path / "broken", split, resume=True)
    assert np.array_equal(resumed.vectors, whole.vectors)
    for name in ("loss", "hit_at_10", "positives"):
        assert [line[name] for line in resumed.history] == [line[name] for line in whole.history]


def test_a_stop_within_the_first_round_leaves_nothing(split: Split, tmp_path: Path) -> None:
    with pytest.raises(SegueError, match="stopped before the end of the first round"):
        _train(tmp_path / "one.rounds", split, should_stop=lambda: True)
    assert not (tmp_path / "one.rounds").exists()


def test_keras_reads_the_weights_back(whole: TrainedInRounds, tmp_path: Path) -> None:
    path = tmp_path / "track2vec.weights.h5"
    whole.save_weights(path)
    model = build_model(len(whole.vectors), 8)
    model.load_weights(path)
    vectors = raw_vectors(model)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    assert np.abs(vectors / lengths - whole.vectors).max() < 1e-6
    assert model.get_layer("classif").kernel.numpy() == pytest.approx(CONFIG.temperature)


@pytest.mark.parametrize(
    ("settings", "named"),
    [({"seed": 3}, "seed"), ({"shards": 3}, "shards"), ({"block_rows": 200}, "blocks")],
)
def test_a_checkpoint_of_another_training_is_refused(
    rounds: Path, split: Split, settings: dict[str, int], named: str
) -> None:
    with pytest.raises(UsageError, match=rf"round.json: the checkpoint has a different {named}"):
        _train(rounds, split, resume=True, **settings)


def test_fewer_than_one_shard_is_refused(split: Split, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--shards 0: must be at least 1"):
        _train(tmp_path / "one.rounds", split, shards=0)


def _no_facts(folder: Path) -> None:
    (folder / "round.json").write_text("{")


def _other_format(folder: Path) -> None:
    facts = json.loads((folder / "round.json").read_text())
    (folder / "round.json").write_text(json.dumps(facts | {"format": 99}))


def _short_block(folder: Path) -> None:
    np.save(folder / "block-00001.npy", np.zeros((2, 3, 8), np.float32))


def _cut_block(folder: Path) -> None:
    whole = (folder / "block-00000.npy").read_bytes()
    (folder / "block-00000.npy").write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize("damage", [_no_facts, _other_format, _short_block, _cut_block, shutil.rmtree])
def test_a_damaged_checkpoint_is_reported_in_one_line(
    rounds: Path, split: Split, damage: Callable[[Path], None]
) -> None:
    (last,) = rounds.glob("round-*")
    assert last.name == f"round-{ROUNDS:05}"
    damage(last)
    with pytest.raises(SegueError, match=r"train without --resume$") as reported:
        _train(rounds, split, resume=True)
    assert "\n" not in str(reported.value)
    assert str(rounds) in str(reported.value)


def test_hits_over_blocks_are_those_of_the_index() -> None:
    rng = np.random.default_rng(2)
    layout = Layout.of(900, 250)
    table = rng.standard_normal((900, 4)).astype(np.float32)
    pairs = rng.integers(900, size=(400, 2)).astype(np.int32)
    pairs[:5, 1] = pairs[:5, 0]
    blocks = [np.stack([table[layout.tracks_of(block)]] * 2) for block in range(layout.n_blocks)]
    gatherer = Gatherer(pairs, layout, 4)
    for block, state in enumerate(blocks):
        gatherer.see(block, state)
    question = gatherer.question()
    before = sum(nearer(state, block, layout, question) for block, state in enumerate(blocks))
    assert isinstance(before, np.ndarray)
    assert hit_at_10(pairs, before) == plain_hit_at_10(table, pairs)
    assert 0 < hit_at_10(pairs, before) < 0.1


TRAIN = ("train", "no-such-file.txt", "--name", "no-such-library")


def _refused(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The one line that the command ends with."""
    assert main([*TRAIN, *options]) != 0
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert isinstance(line, str)
    return line


@pytest.mark.parametrize(
    "options", [("--shards", "2"), ("--rounds", "3"), ("--shards", "2", "--rounds", "3")]
)
def test_what_is_for_a_cluster_needs_one(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    assert _refused(capsys, *options).endswith("add --cluster ADDRESS")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--recipe", "notebook"), "--cluster trains only the recipe fast, not notebook"),
        (("--shards", "0"), "--shards: must be at least 1, not 0"),
        (("--rounds", "3", "--epochs", "4"), "--rounds 3 and --epochs 4: a round is an epoch; pass one"),
    ],
)
def test_what_no_cluster_can_do_is_refused(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], reason: str
) -> None:
    assert reason in _refused(capsys, "--cluster", "local", *options)


@pytest.mark.usefixtures("_without_ray")
def test_without_ray_training_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert "pip install ray" in _refused(capsys, "--cluster", "local")
