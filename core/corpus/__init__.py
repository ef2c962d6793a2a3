"""Playlists in, integers out."""

from segue.core.corpus.corpus import Corpus, Playlists, ReadReport, Vocabulary, build_corpus
from segue.core.corpus.counts import Counts, Occurrences, cooccurrence, following
from segue.core.corpus.split import Split, split_corpus

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
