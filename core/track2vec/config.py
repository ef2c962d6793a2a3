"""Hyper-parameters of the two recipes, and the rule that fits the fast one to a corpus."""

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from segue.core.errors import UsageError

if TYPE_CHECKING:
    from segue.core.corpus.corpus import Corpus

DistanceWeight = Literal["harmonic", "flat"]

HOTTEST = 60.0
"""Highest temperature: e to this power, over the rarest track's share of a pool, still fits a float32."""


@dataclass(frozen=True)
class NotebookConfig:
    """The notebook's hyperparameters, under its own names and with its own values."""

    recipe: ClassVar[str] = "notebook"

    vector_dim: int = 30
    """Length of a track's vector."""
    window_width: int = 3
    """Tracks at most this many positions apart are a positive pair."""
    neg_sample: int = 5
    """Negative pairs for each positive one."""
    min_batch_size: int = 50
    """Playlists drawn for one step."""
    samp_coef: float = 0.5
    """Negatives are drawn in proportion to a track's frequency to this power."""
    sub_samp: float = 1e-5
    """Pairs whose first track is more frequent than this are thinned out."""
    steps_per_epoch: int = 200
    epochs: int = 60

    def __post_init__(self) -> None:
        _positive(
            self, "vector_dim", "window_width", "neg_sample", "min_batch_size", "steps_per_epoch", "epochs"
        )
        _positive(self, "sub_samp")

    @property
    def dim(self) -> int:
        """Length of a track's vector, under the name both recipes share."""
        return self.vector_dim


@dataclass(frozen=True)
class FastConfig:
    """The fast recipe. What is None is derived from the corpus by `fitted`."""

    recipe: ClassVar[str] = "fast"

    dim: int = 64
    """Length of a track's vector."""
    window: int = 3
    """Tracks at most this many positions apart are a positive pair."""
    distance_weight: DistanceWeight = "harmonic"
    """Weight of a pair k positions apart: 1/k, or 1."""
    temperature: float = 12.0
    """Cosines are multiplied by this before the softmax. It is the weight of the model's last layer."""
    log_q: float = 1.0
    """Share of the log-q correction of the sampled softmax: 0 none, 1 the unbiased estimate."""
    exponent: float = 0.75
    """Negatives are drawn in proportion to a track's count to this power."""
    final_rate: float = 0.01
    """The learning rate falls in a line to this share of its first value."""
    epochs: int | None = None
    batch: int | None = None
    """Playlist positions a step. Each is paired with all its neighbours within the window."""
    pool: int | None = None
    """Negatives a step, shared by all its positions."""
    learning_rate: float | None = None

    def __post_init__(self) -> None:
        _positive(self, "dim", "window", "temperature", "epochs", "batch", "pool", "learning_rate")
        if self.temperature > HOTTEST:
            raise UsageError(f"temperature is {self.temperature}: above {HOTTEST:g} the softmax overflows")
        if not 0 <= self.final_rate <= 1:
            raise UsageError(f"final_rate is {self.final_rate}: it must be from 0 to 1")
        if self.distance_weight not in ("harmonic", "flat"):
            raise UsageError(f"distance_weight is {self.distance_weight!r}: use harmonic or flat")

    def fitted(self, corpus: "Corpus") -> "FastConfig":
        """The same configuration with every None filled in for a training corpus.

        The rule, measured by `benchmarks.defaults`: the pool is about a hundredth of the vocabulary, from 512
        to 1,024; a step takes at most a fiftieth of the positions, from 64 to 1,024; epochs are as many as
        make 500,000 positions, from 5 to 30.
        """
        positions = corpus.n_positions
        return replace(
            self,
            epochs=self.epochs or _within(5, 500_000 / positions, 30),
            batch=self.batch or batch_for(positions),
            pool=self.pool or _power_of_two(512, len(corpus.vocabulary) / 100, 1024),
            learning_rate=self.learning_rate or 0.1,
        )


TrainConfig = NotebookConfig | FastConfig


def as_dict(config: TrainConfig) -> dict[str, Any]:
    """The configuration as JSON-ready values, the recipe's name included."""
    return {"recipe": config.recipe, **asdict(config)}


def batch_for(positions: int) -> int:
    """The positions a step of the fast recipe takes: at most a fiftieth of all, from 64 to 1,024."""
    return _power_of_two(64, positions / 50, 1024)


def _within(least: int, value: float, most: int) -> int:
    return round(min(max(value, least), most))


def _power_of_two(least: int, value: float, most: int) -> int:
    """The power of two nearest to `value`, within bounds that are powers of two."""
    return int(2 ** round(math.log2(min(max(value, least), most))))


def _positive(config: TrainConfig, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if value is not None and not value > 0:
            raise UsageError(f"{name} is {value}: it must be above 0")
