"""Trainers side by side, each giving its curve: seconds of training against hit@10 on the same pairs."""

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.training.data import Score, score_vectors
from segue.core.corpus import Split
from segue.core.track2vec import FastConfig, NotebookConfig, TrainConfig, train

Vectors = npt.NDArray[np.float32]

GENSIM: dict[str, dict[str, Any]] = {
    "gensim, its defaults": {},
    "gensim, Caselles-Dupré et al. 2018": {
        "sg": 1, "vector_size": 50, "window": 3, "negative": 5, "ns_exponent": -0.5, "sample": 1e-5,
        "epochs": 120,
    },
}  # fmt: skip
"""Settings of `gensim.models.Word2Vec`."""

BEST_FOUND = "gensim, best found"
BEST_GENSIM: dict[str, dict[str, Any]] = {
    "yes": {
        "sg": 1, "vector_size": 64, "window": 10, "negative": 50, "ns_exponent": 0.75, "sample": 1e-4,
        "epochs": 100, "alpha": 0.1,
    },
    "world": {
        "sg": 1, "vector_size": 64, "window": 10, "negative": 20, "ns_exponent": 0.75, "sample": 1e-3,
        "epochs": 40, "alpha": 0.1,
    },
}  # fmt: skip
"""The best settings that `benchmarks.gensim_search` found, by corpus."""


def gensim_peers(corpus: str) -> dict[str, dict[str, Any]]:
    """All settings to try on a corpus, by name."""
    return {**GENSIM, BEST_FOUND: BEST_GENSIM.get(corpus, BEST_GENSIM["world"])}


@dataclass
class Curve:
    """A training: the seconds it had taken at some moments, and the scores then."""

    name: str
    seconds: list[float] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    vectors: Vectors | None = None
    """Those of the end."""

    def reached(self, hit: float) -> float | None:
        """Seconds until hit@10 was at least `hit`; None when it never was."""
        for seconds, score in zip(self.seconds, self.scores, strict=True):
            if score.hit >= hit:
                return seconds
        return None

    @property
    def last(self) -> Score:
        """The score at the end."""
        return self.scores[-1]


class Watch:
    """A clock that stands still while scores are taken."""

    def __init__(self) -> None:
        self._paused = 0.0
        self._started = time.perf_counter()

    def __call__(self) -> float:
        """Seconds since the start, without the pauses."""
        return time.perf_counter() - self._started - self._paused

    def note(self, curve: Curve, vectors: Vectors, split: Split) -> None:
        """Add a point to the curve."""
        begun = time.perf_counter()
        curve.seconds.append(self())
        curve.vectors = vectors
        curve.scores.append(score_vectors(vectors, split.validation))
        self._paused += time.perf_counter() - begun


def train_ours(name: str, split: Split, config: TrainConfig, *, seed: int = 0, watched: bool = True) -> Curve:
    """One of our recipes, scored after every epoch or only at the end.

    The time includes compiling, not importing TensorFlow.
    """
    from segue.core.track2vec.model import keras, raw_vectors

    callback = keras().callbacks.LambdaCallback
    curve, watch = Curve(name), Watch()

    def after_epoch(_epoch: int, _logs: dict[str, Any]) -> None:
        watch.note(curve, raw_vectors(listener.model), split)

    def after_all(_logs: dict[str, Any]) -> None:
        watch.note(curve, raw_vectors(listener.model), split)

    listener = callback(on_epoch_end=after_epoch) if watched else callback(on_train_end=after_all)
    train(replace(split, validation=split.validation[:0]), config, seed=seed, callbacks=(listener,))
    return curve


def train_gensim(
    name: str, split: Split, settings: dict[str, Any], *, seed: int = 0, watched: bool = True
) -> Curve:
    """Gensim's Word2Vec from a corpus file, on all cores, scored after every epoch or only at the end."""
    from gensim.models import Word2Vec
    from gensim.models.callbacks import CallbackAny2Vec

    size = len(split.train.vocabulary)
    curve = Curve(name)

    class Listener(CallbackAny2Vec):  # type: ignore[misc]  # gensim is untyped
        def on_epoch_end(self, model: Any) -> None:  # noqa: ANN401 - gensim's interface
            watch.note(curve, in_our_order(model, size), split)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "playlists.txt"
        with path.open("w") as file:
            for number in range(split.train.n_playlists):
                file.write(" ".join(map(str, split.train.playlist(number).tolist())) + "\n")
        watch = Watch()
        model = Word2Vec(
            corpus_file=str(path),
            min_count=1,
            workers=os.cpu_count() or 1,
            seed=seed + 1,
            callbacks=[Listener()] if watched else [],
            **settings,
        )
        if not watched:
            watch.note(curve, in_our_order(model, size), split)
    return curve


def in_our_order(model: Any, size: int) -> Vectors:  # noqa: ANN401 - gensim is untyped
    """Gensim's vectors by track number, float32 (size, d); zeros for tracks that training never shows."""
    keys = np.array([int(key) for key in model.wv.index_to_key])
    vectors = np.zeros((size, model.wv.vector_size), np.float32)
    vectors[keys] = model.wv.vectors
    return vectors


def all_peers(
    split: Split, notebook: NotebookConfig, gensim: dict[str, dict[str, Any]], *, quick: bool
) -> Iterator[Curve]:
    """Train everyone, one after the other; the fast recipe first, the notebook's last."""
    yield train_ours("fast", split, FastConfig())
    for name, settings in gensim.items():
        yield train_gensim(name, split, {**settings, "epochs": 3} if quick else settings)
    yield train_ours("notebook", split, notebook)
