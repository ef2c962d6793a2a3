"""Segue: explore a music space learned from playlists.

Every name below is imported when it is first used, so that `import segue` takes milliseconds.
`docs/python.md` walks through them.
"""

import importlib
import sqlite3  # noqa: F401 - TensorFlow brings an SQLite without full-text search; the first one imported wins
from typing import TYPE_CHECKING, Any

from segue.core import __version__

if TYPE_CHECKING:
    from segue.core.audio import make_player
    from segue.core.corpus import Corpus, Playlists, Split, build_corpus, split_corpus
    from segue.core.corpus.loading import load_corpus
    from segue.core.corpus.prepare import prepare
    from segue.core.corpus.readers import read_playlists
    from segue.core.deezer.client import DeezerClient
    from segue.core.deezer.source import make_previews
    from segue.core.errors import SegueError
    from segue.core.evaluation import evaluate, hit_at_k, ndcg_at_k, ranks_of
    from segue.core.explore.explain import explain
    from segue.core.explore.neighbours import neighbourhood
    from segue.core.explore.path import blend, find_path
    from segue.core.explore.surgeon import complete
    from segue.core.library import Library
    from segue.core.neighbours import build_index, predict_batch, unit
    from segue.core.pipeline import read_source, train_library
    from segue.core.radio.start import start_radio
    from segue.core.rankers import ranker
    from segue.core.track2vec import FastConfig, NotebookConfig, train
    from segue.core.track2vec.model import build_model, raw_vectors
    from segue.core.track2vec.recipes import track_ns_generator, word2vecSampling

_MODULES = {
    "core.audio": ("make_player",),
    "core.corpus": ("Corpus", "Playlists", "Split", "build_corpus", "split_corpus"),
    "core.corpus.loading": ("load_corpus",),
    "core.corpus.prepare": ("prepare",),
    "core.corpus.readers": ("read_playlists",),
    "core.deezer.client": ("DeezerClient",),
    "core.deezer.source": ("make_previews",),
    "core.errors": ("SegueError",),
    "core.evaluation": ("evaluate", "hit_at_k", "ndcg_at_k", "ranks_of"),
    "core.explore.surgeon": ("complete",),
    "core.explore.explain": ("explain",),
    "core.explore.neighbours": ("neighbourhood",),
    "core.explore.path": ("blend", "find_path"),
    "core.library": ("Library",),
    "core.neighbours": ("build_index", "predict_batch", "unit"),
    "core.pipeline": ("read_source", "train_library"),
    "core.radio.start": ("start_radio",),
    "core.rankers": ("ranker",),
    "core.track2vec": ("FastConfig", "NotebookConfig", "train"),
    "core.track2vec.model": ("build_model", "raw_vectors"),
    "core.track2vec.recipes": ("track_ns_generator", "word2vecSampling"),
}
_MODULE_OF = {name: f"segue.{module}" for module, names in _MODULES.items() for name in names}

__all__ = [
    "Corpus",
    "DeezerClient",
    "FastConfig",
    "Library",
    "NotebookConfig",
    "Playlists",
    "SegueError",
    "Split",
    "__version__",
    "blend",
    "build_corpus",
    "build_index",
    "build_model",
    "complete",
    "evaluate",
    "explain",
    "find_path",
    "hit_at_k",
    "load_corpus",
    "make_player",
    "make_previews",
    "ndcg_at_k",
    "neighbourhood",
    "predict_batch",
    "prepare",
    "ranker",
    "ranks_of",
    "raw_vectors",
    "read_playlists",
    "read_source",
    "split_corpus",
    "start_radio",
    "track_ns_generator",
    "train",
    "train_library",
    "unit",
    "word2vecSampling",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import a public name at its first use (PEP 562)."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'segue' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_MODULE_OF[name]), name)
    return value


def __dir__() -> list[str]:
    """Every public name, whether imported yet or not."""
    return sorted(__all__)
