"""What a search may try: the notebook's grid, and the space of the fast recipe."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

from segue.core.errors import UsageError
from segue.core.track2vec.config import FastConfig, NotebookConfig, TrainConfig

if TYPE_CHECKING:
    from optuna.trial import Trial

LARGEST_GRID = 1000
Params = dict[str, Any]
"""Hyper-parameters by name: numbers or words."""


@dataclass(frozen=True)
class Preset:
    """A named search."""

    name: str
    recipe: str
    config: Callable[..., TrainConfig]
    """The recipe's configuration, made from a trial's parameters."""
    suggest: Callable[["Trial"], Params]
    """Asks the sampler for one configuration."""
    grid: Mapping[str, Params] = field(default_factory=dict)
    """The configurations to try, by name; empty where the sampler is free."""
    trials: int = 40
    """How many trials make the search complete; a grid has as many as configurations."""
    prunes: bool = False
    """Whether trials that fall behind are stopped."""

    @property
    def size(self) -> int:
        """How many trials make the search complete."""
        return len(self.grid) or self.trials


_BASE: Params = {
    "vector_dim": 30,
    "window_width": 3,
    "neg_sample": 5,
    "min_batch_size": 50,
    "samp_coef": 0.5,
    "sub_samp": 1e-5,
}
"""The notebook's own values."""

NOTEBOOK_GRID: dict[str, Params] = {
    "the notebook's": _BASE,
    "50 dimensions": _BASE | {"vector_dim": 50},
    "100 dimensions": _BASE | {"vector_dim": 100},
    "window 5": _BASE | {"window_width": 5},
    "10 negatives": _BASE | {"neg_sample": 10},
    "20 negatives": _BASE | {"neg_sample": 20},
    "128 playlists a step": _BASE | {"min_batch_size": 128},
    "exponent 0.2": _BASE | {"samp_coef": 0.2},
    "subsampling 1e-3": _BASE | {"sub_samp": 1e-3},
    "several at once": _BASE | {"vector_dim": 100, "neg_sample": 20, "min_batch_size": 128, "sub_samp": 1e-3},
}
"""About ten configurations, as the notebook asks: its own, one change at a time, and several at once."""


def _suggest_notebook(trial: "Trial") -> Params:
    values = {name: sorted({params[name] for params in NOTEBOOK_GRID.values()}) for name in _BASE}
    return {name: trial.suggest_categorical(name, choices) for name, choices in values.items()}


def _suggest_fast(trial: "Trial") -> Params:
    return {
        "dim": trial.suggest_int("dim", 32, 160, step=16),
        "window": trial.suggest_int("window", 1, 8),
        "distance_weight": trial.suggest_categorical("distance_weight", ["harmonic", "flat"]),
        "temperature": trial.suggest_float("temperature", 5.0, 25.0, log=True),
        "log_q": trial.suggest_float("log_q", 0.0, 1.0),
        "exponent": trial.suggest_float("exponent", 0.0, 1.0),
        "learning_rate": trial.suggest_float("learning_rate", 0.02, 0.5, log=True),
        "pool": trial.suggest_categorical("pool", [128, 256, 512, 1024]),
    }


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("notebook", NotebookConfig.recipe, NotebookConfig, _suggest_notebook, grid=NOTEBOOK_GRID),
        Preset("fast", FastConfig.recipe, FastConfig, _suggest_fast, prunes=True),
    )
}


def grid_of(base: Preset, values: Mapping[str, Sequence[Any]]) -> Preset:
    """A search that tries every combination of the values given, with the recipe of a preset.

    Raises `UsageError` when there are more than a thousand combinations.
    """
    size = prod(len(choices) for choices in values.values())
    if size > LARGEST_GRID:
        raise UsageError(f"--grid makes {size:,} combinations; use at most {LARGEST_GRID:,}")
    combinations = [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]

    def suggest(trial: "Trial") -> Params:
        return {name: trial.suggest_categorical(name, choices) for name, choices in values.items()}

    names = (" ".join(f"{name}={value}" for name, value in params.items()) for params in combinations)
    grid = dict(zip(names, combinations, strict=True))
    name = " ".join(f"{name}={','.join(map(str, choices))}" for name, choices in values.items())
    return replace(base, name=f"grid {name}", suggest=suggest, grid=grid, prunes=False)


def preset_of(name: str) -> Preset:
    """The preset of that name, or a `UsageError` that lists them."""
    if name not in PRESETS:
        raise UsageError(f"unknown preset {name!r}; choose from {', '.join(PRESETS)}")
    return PRESETS[name]


def config_of(preset: Preset, params: Params, fixed: Mapping[str, Any]) -> TrainConfig:
    """The configuration to train: a trial's parameters, and those that are the same for all."""
    return preset.config(**{**rounded(params), **fixed})


def rounded(params: Params) -> Params:
    """The parameters with three significant digits, as they are trained with and written down."""
    return {
        name: float(f"{value:.3g}") if isinstance(value, float) else value for name, value in params.items()
    }
