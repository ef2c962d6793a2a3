"""Training as its callers see it: progress, stopping, resuming, repeating."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.core.corpus import Split
from segue.core.errors import SegueError, UsageError
from segue.core.track2vec import FastConfig, NotebookConfig, Progress, TrainConfig, Trained, train
from segue.core.track2vec.model import build_model
from segue.core.track2vec.recipes import Checkpoint
from segue.core.track2vec.training import hit_at_10
from tests.core.track2vec.conftest import as_split

FAST = FastConfig(dim=8, epochs=4, batch=64, pool=32)
NOTEBOOK = NotebookConfig(vector_dim=8, min_batch_size=8, steps_per_epoch=5, epochs=4)
BOTH = pytest.mark.parametrize("config", [FAST, NOTEBOOK], ids=["fast", "notebook"])


def _stop_in_epoch(number: int) -> tuple[Any, Any]:
    """An `on_progress` and a `should_stop` that ask for a stop once epoch `number` is under way."""
    seen: list[Progress] = []
    return seen.append, lambda: bool(seen) and seen[-1].epoch == number and seen[-1].hit_at_10 is None


TrainedFrom3 = Callable[[TrainConfig], tuple[Trained, list[Progress]]]


@pytest.fixture(scope="module")
def from_3(structured: Split) -> TrainedFrom3:
    """The result of a configuration from seed 3 and what it reported, trained once."""

    @cache
    def of(config: TrainConfig) -> tuple[Trained, list[Progress]]:
        seen: list[Progress] = []
        return train(structured, config, seed=3, on_progress=seen.append), seen

    return of


@BOTH
def test_the_same_seed_gives_the_same_bits_even_through_a_stop(
    structured: Split,
    from_3: TrainedFrom3,
    config: TrainConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, _ = from_3(config)
    monkeypatch.setattr("segue.core.track2vec.recipes.POSITIONS_A_CALL", 500)
    checkpoint = tmp_path / "checkpoint.npz"
    on_progress, should_stop = _stop_in_epoch(3)
    half = train(
        structured, config, seed=3, on_progress=on_progress, should_stop=should_stop, checkpoint=checkpoint
    )
    assert half.stopped_early
    assert len(half.history) == 2
    resumed = train(structured, config, seed=3, checkpoint=checkpoint, resume=True)
    assert not resumed.stopped_early
    assert resumed.vectors.tobytes() == whole.vectors.tobytes()
    keep = ("epoch", "loss", "hit_at_10", "positives")
    for one, other in zip(resumed.history, whole.history, strict=True):
        assert [one[name] for name in keep] == pytest.approx([other[name] for name in keep])


def test_another_seed_gives_other_vectors(structured: Split, from_3: TrainedFrom3) -> None:
    (one, _), other = from_3(FAST), train(structured, FAST, seed=4)
    assert one.vectors.tobytes() != other.vectors.tobytes()


def test_a_stop_between_epochs_keeps_the_finished_one(structured: Split, tmp_path: Path) -> None:
    seen: list[Progress] = []
    result = train(
        structured,
        FAST,
        on_progress=seen.append,
        should_stop=lambda: len(seen) == 1,
        checkpoint=tmp_path / "checkpoint.npz",
    )
    assert result.stopped_early
    assert [line["epoch"] for line in result.history] == [1]


@BOTH
def test_result_and_progress(structured: Split, from_3: TrainedFrom3, config: TrainConfig) -> None:
    result, seen = from_3(config)
    assert result.vectors.shape == (len(structured.train.vocabulary), 8)
    assert result.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(result.vectors, axis=1), 1, rtol=1e-5)
    finished = [progress for progress in seen if progress.hit_at_10 is not None]
    assert [progress.epoch for progress in finished] == [1, 2, 3, 4]
    assert finished[-1].fraction == 1
    assert finished[-1].seconds_left == 0
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions)
    assert all(line["pairs_per_second"] > 0 for line in result.history)
    assert result.history[-1]["hit_at_10"] == hit_at_10(result.vectors, structured.validation)
    assert None not in result.config.values()
    assert result.config["recipe"] == config.recipe


def test_hit_at_10_is_that_of_a_plain_sort() -> None:
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(50, 4)).astype(np.float32)
    pairs = rng.integers(50, size=(30, 2)).astype(np.int32)
    hits = 0
    for seed, target in pairs.tolist():
        cosines = vectors @ vectors[seed] / np.linalg.norm(vectors, axis=1)
        order = [int(row) for row in np.argsort(-cosines) if row != seed]
        hits += target in order[:10]
    assert hit_at_10(vectors, pairs) == hits / 30
    assert hit_at_10(vectors, pairs[:0]) is None


def test_a_stop_returns_the_best_vectors_so_far(structured: Split, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segue.core.track2vec.recipes.POSITIONS_A_CALL", 500)
    # at this rate every epoch is worse than the one before
    config = FastConfig(dim=8, epochs=30, batch=64, pool=32, temperature=60.0, learning_rate=3.0)
    on_progress, should_stop = _stop_in_epoch(8)
    result = train(structured, config, on_progress=on_progress, should_stop=should_stop)
    reached = hit_at_10(result.vectors, structured.validation)
    assert reached is not None
    assert reached >= max(line["hit_at_10"] for line in result.history)


def test_the_weights_load_into_a_fresh_model(structured: Split, from_3: TrainedFrom3, tmp_path: Path) -> None:
    result, _ = from_3(FAST)
    result.save_weights(tmp_path / "track2vec.weights.h5")
    fresh = build_model(len(structured.train.vocabulary), 8, seed=9)
    fresh.load_weights(tmp_path / "track2vec.weights.h5")
    pair = [np.array([[0]]), np.array([[1]])]
    assert float(fresh(pair)[0, 0]) == pytest.approx(
        1 / (1 + np.exp(-FAST.temperature * float(result.vectors[0] @ result.vectors[1]))), rel=1e-4
    )


def test_keras_callbacks_hear_of_the_epochs_and_may_stop_them(structured: Split) -> None:
    from keras.callbacks import Callback

    class StopAfterTwo(Callback):  # type: ignore[misc]  # keras is untyped
        heard: list[str]

        def on_train_begin(self, logs: object = None) -> None:  # noqa: ARG002 - keras passes it
            self.heard = ["begin"]

        def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
            self.heard.append(f"{epoch} {logs['hit_at_10'] is not None}")
            self.model.stop_training = epoch == 1

        def on_train_end(self, logs: object = None) -> None:  # noqa: ARG002 - keras passes it
            self.heard.append("end")

    callback = StopAfterTwo()
    result = train(structured, FAST, callbacks=(callback,))
    assert callback.heard == ["begin", "0 True", "1 True", "end"]
    assert len(result.history) == 2
    assert not result.stopped_early


def test_resuming_another_training_is_refused_by_name(structured: Split, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.npz"
    train(structured, FAST, seed=1, checkpoint=checkpoint)
    with pytest.raises(UsageError, match="a different seed"):
        train(structured, FAST, seed=2, checkpoint=checkpoint, resume=True)
    with pytest.raises(UsageError, match="a different configuration"):
        train(structured, NOTEBOOK, seed=1, checkpoint=checkpoint, resume=True)
    fewer = as_split([["a", "b", "c", "d", "e"]] * 9)
    with pytest.raises(UsageError, match="a different corpus"):
        train(fewer, FAST, seed=1, checkpoint=checkpoint, resume=True)


def test_a_missing_or_damaged_checkpoint_is_named(structured: Split, tmp_path: Path) -> None:
    missing = tmp_path / "none.npz"
    with pytest.raises(UsageError, match=r"none\.npz: no checkpoint"):
        train(structured, FAST, checkpoint=missing, resume=True)
    for damage in (b"", b"PK\x03\x04 cut off", b"\x80\x04pickle"):
        missing.write_bytes(damage)
        with pytest.raises(SegueError, match=r"none\.npz: (not a checkpoint|is damaged)"):
            train(structured, FAST, checkpoint=missing, resume=True)


def test_a_corpus_without_neighbours_is_refused() -> None:
    split = as_split([["a", "b"], ["b", "a"]])
    with pytest.raises(SegueError, match="no training playlist has two tracks"):
        train(split, FAST)


TRAINS_IN_A_CHILD = """
import sys
from pathlib import Path
import numpy as np
from segue.core.track2vec import FastConfig, train
from tests.core.track2vec.conftest import as_split, grouped_playlists

def say(progress):
    if progress.hit_at_10 is not None:
        print(progress.epoch, flush=True)

checkpoint, out = map(Path, sys.argv[1:])
config = FastConfig(dim=16, epochs=12, batch=16, pool=64)
split = as_split(grouped_playlists(n_playlists=2000))
done = train(split, config, on_progress=say, checkpoint=checkpoint, resume=checkpoint.exists())
np.save(out, done.vectors)
"""


@contextmanager
def _child(folder: Path, name: str) -> Iterator[subprocess.Popen[str]]:
    """A training in a process of its own, which prints the number of each finished epoch."""
    command = [
        sys.executable,
        "-c",
        TRAINS_IN_A_CHILD,
        str(folder / f"{name}.npz"),
        str(folder / f"{name}.npy"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_kill_loses_at_most_the_epoch_under_way(tmp_path: Path) -> None:
    """Train in a child, kill it at an odd moment, resume, and end with the uninterrupted vectors."""
    with _child(tmp_path, "whole") as whole:
        assert whole.communicate()[0].split() == [str(epoch) for epoch in range(1, 13)]
    with _child(tmp_path, "killed") as child:
        assert child.stdout is not None
        last = 0
        while last < 4:
            last = int(child.stdout.readline())
        time.sleep(np.random.default_rng(4).random() * 0.05)
        child.send_signal(signal.SIGKILL)
        last = int((child.stdout.read().split() or [str(last)])[-1])
    with _child(tmp_path, "killed") as child:
        first = int(child.communicate()[0].split()[0])
    # the last one heard of was on disk; one more may have been, unheard
    assert first in {last + 1, last + 2}
    assert (tmp_path / "killed.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_checkpoints_hold_no_pickles(structured: Split, tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.npz"
    train(structured, FAST, checkpoint=checkpoint)
    with np.load(checkpoint, allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)
    with pytest.raises(UsageError, match="a different seed"):
        Checkpoint.open(checkpoint, {"seed": -1})
