"""Small playlists for the tests of rounds."""

import numpy as np

from segue.core.corpus import Playlists, Split, build_corpus, split_corpus


def grouped_split(n_playlists: int = 300) -> Split:
    """Playlists of 2 to 8 tracks, each from one of 12 groups of 10; a few of a single track."""
    rng = np.random.default_rng(5)
    groups = rng.integers(12, size=n_playlists)
    lengths = rng.integers(1, 9, size=n_playlists)
    rows = [
        [f"t{group * 10 + int(i)}" for i in rng.permutation(10)[:length]]
        for group, length in zip(groups, lengths, strict=True)
    ]
    return split_corpus(build_corpus(Playlists.from_lists(rows)))
