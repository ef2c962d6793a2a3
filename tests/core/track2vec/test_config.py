"""The rule that fits the fast recipe to a corpus, and what is refused."""

import numpy as np
import pytest

from segue.core.corpus import Corpus, Vocabulary
from segue.core.errors import UsageError
from segue.core.track2vec import FastConfig, NotebookConfig
from segue.core.track2vec.config import as_dict


def _corpus(n_tracks: int, n_positions: int) -> Corpus:
    counts = np.ones(n_tracks, np.int64)
    vocabulary = Vocabulary([str(i) for i in range(n_tracks)], counts, [""] * n_tracks)
    return Corpus(np.zeros(n_positions, np.int32), np.array([0, n_positions]), vocabulary)


@pytest.mark.parametrize(
    ("n_tracks", "n_positions", "epochs", "batch", "pool"),
    [
        (120, 600, 30, 64, 512),
        (1_700, 4_200, 30, 64, 512),
        (3_168, 134_431, 5, 1024, 512),
        (30_000, 400_000, 5, 1024, 512),
        (123_241, 1_100_000, 5, 1024, 1024),
        (2_000_000, 50_000_000, 5, 1024, 1024),
    ],
)
def test_epochs_batch_and_pool_follow_the_corpus(
    n_tracks: int, n_positions: int, epochs: int, batch: int, pool: int
) -> None:
    fitted = FastConfig().fitted(_corpus(n_tracks, n_positions))
    assert (fitted.epochs, fitted.batch, fitted.pool) == (epochs, batch, pool)
    assert None not in as_dict(fitted).values()


def test_what_is_given_stays() -> None:
    given = FastConfig(epochs=3, batch=77, pool=9, learning_rate=0.5)
    assert given.fitted(_corpus(50, 1000)) == given


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"dim": 0}, "dim is 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"temperature": 80.0}, "temperature is 80"),
        ({"final_rate": 1.5}, "final_rate is 1.5"),
        ({"distance_weight": "steep"}, "harmonic or flat"),
    ],
)
def test_impossible_values_are_named(settings: dict[str, object], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        FastConfig(**settings)  # type: ignore[arg-type]  # that is the point


def test_the_notebooks_values_are_the_notebooks() -> None:
    assert as_dict(NotebookConfig()) == {
        "recipe": "notebook",
        "vector_dim": 30,
        "window_width": 3,
        "neg_sample": 5,
        "min_batch_size": 50,
        "samp_coef": 0.5,
        "sub_samp": 0.00001,
        "steps_per_epoch": 200,
        "epochs": 60,
    }
    with pytest.raises(UsageError, match="neg_sample is 0"):
        NotebookConfig(neg_sample=0)
