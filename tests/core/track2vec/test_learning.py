"""Learning in pairs: what has structure is learned, what has none stays at chance."""

import pytest

from segue.core.corpus import Split
from segue.core.track2vec import FastConfig, NotebookConfig, TrainConfig, train
from segue.core.track2vec.training import hit_at_10

CHANCE = 10 / 119
FAST = FastConfig(dim=16, epochs=10, batch=64, pool=64)
NOTEBOOK = NotebookConfig(vector_dim=16, min_batch_size=20, sub_samp=1e-2, steps_per_epoch=100, epochs=3)
BOTH = pytest.mark.parametrize("config", [FAST, NOTEBOOK], ids=["fast", "notebook"])


def _hit(split: Split, config: TrainConfig, seed: int = 0) -> float:
    hit = hit_at_10(train(split, config, seed=seed).vectors, split.validation)
    assert hit is not None
    return hit


@BOTH
def test_structure_is_learned(structured: Split, config: TrainConfig) -> None:
    assert _hit(structured, config) > 0.95


@pytest.mark.parametrize(
    "config", [FAST, pytest.param(NOTEBOOK, marks=pytest.mark.slow)], ids=["fast", "notebook"]
)
def test_shuffled_plays_stay_at_chance(shuffled: Split, config: TrainConfig) -> None:
    assert _hit(shuffled, config) < 3 * CHANCE


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_every_seed_trains(structured: Split, seed: int) -> None:
    """With Keras' own initialisation half of the seeds push neighbours apart, for ever."""
    assert _hit(structured, NOTEBOOK, seed) > 0.9
