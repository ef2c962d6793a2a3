"""Hyper-parameters of the two recipes, and the rule that fits the fast one to a corpus."""

from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal

from core.errors import UsageError

DistanceWeight = Literal["harmonic", "flat"]


@dataclass(frozen=True)
class NotebookConfig:
    """The notebook's hyper-parameters, under its own names and with its own values."""

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
    temperature: float = 10.0
    """Cosines are multiplied by this before the softmax. It is the weight of the model's last layer."""
    log_q: float = 1.0
    """Share of the log-q correction of the sampled softmax: 0 none, 1 the unbiased estimate."""
    exponent: float = 0.5
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
        if self.distance_weight not in ("harmonic", "flat"):
            raise UsageError(f"distance_weight is {self.distance_weight!r}: use harmonic or flat")

    def fitted(self, n_positions: int) -> "FastConfig":
        """The same configuration with every None filled in for a corpus of `n_positions`."""
        return replace(
            self,
            epochs=self.epochs or 8,
            batch=self.batch or min(1024, n_positions),
            pool=self.pool or 512,
            learning_rate=self.learning_rate or 0.1,
        )


TrainConfig = NotebookConfig | FastConfig


def as_dict(config: TrainConfig) -> dict[str, Any]:
    """The configuration as JSON-ready values, the recipe's name included."""
    return {"recipe": config.recipe, **asdict(config)}


def _positive(config: TrainConfig, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        if value is not None and not value > 0:
            raise UsageError(f"{name} is {value}: it must be above 0")
