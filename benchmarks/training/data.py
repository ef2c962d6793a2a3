"""The corpora that training is measured on, and how vectors are scored."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Corpus, Split, build_corpus, split_corpus
from segue.core.corpus.loading import load_corpus
from segue.core.evaluation.metrics import hit_at_k, ndcg_at_k, ranks_of
from segue.core.neighbours import ExactIndex, unit
from segue.core.rankers.protocol import Ranker
from segue.core.rankers.vector import NearestRanker
from segue.core.synthetic import make_world

CORPORA = ("world", "demo", "yes", "deezer")
FILES = {"yes": "yes_small/train.txt", "deezer": "deezer_music2_first1000/music_2_first1000.jsonl"}
QUICK = 0.05
"""Times the size of the world."""

Pairs = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Score:
    """How well a ranker predicts some pairs."""

    hit: float
    ndcg: float


def load_split(name: str, data: Path | None, *, quick: bool) -> Split:
    """A corpus by name, split as in the notebook with seed 0."""
    return split_corpus(load_corpus_by_name(name, data, quick=quick))


def load_corpus_by_name(name: str, data: Path | None, *, quick: bool) -> Corpus:
    """A corpus by name; `data` is the folder of real playlists where it is not the usual one."""
    if name in FILES:
        folder = data or Path(
            os.environ.get("SEGUE_REAL_DATA", Path(__file__).parents[3] / "shared" / "data")
        )
        return load_corpus(folder / FILES[name]).corpus
    scale: str | float = "demo" if name == "demo" else QUICK if quick else "deezer"
    return build_corpus(make_world(scale).playlists)


def score(ranker: Ranker, pairs: Pairs) -> Score:
    """hit@10 and NDCG@10 over pairs int32 (n, 2)."""
    ranks = ranks_of(ranker.rank(pairs[:, 0], 10)[0], pairs[:, 1])
    return Score(float(hit_at_k(ranks, 10).mean()), float(ndcg_at_k(ranks, 10).mean()))


def score_vectors(vectors: npt.NDArray[np.float32], pairs: Pairs) -> Score:
    """The same for vectors float32 (V, d) of any length, by cosine."""
    rows = unit(vectors)
    return score(NearestRanker(rows, ExactIndex(rows)), pairs)
