"""Playlists in, integers out."""

from core.corpus.corpus import Corpus, build_corpus
from core.corpus.counts import Counts, cooccurrence, following
from core.corpus.occurrences import Occurrences
from core.corpus.playlists import Playlists, ReadReport
from core.corpus.split import Split, split_corpus
from core.corpus.vocabulary import Vocabulary

__all__ = [
    "Corpus",
    "Counts",
    "Occurrences",
    "Playlists",
    "ReadReport",
    "Split",
    "Vocabulary",
    "build_corpus",
    "cooccurrence",
    "following",
    "split_corpus",
]
