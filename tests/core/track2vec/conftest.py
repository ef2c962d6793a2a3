"""Small corpora with and without structure."""

import numpy as np
import pytest

from segue.core.corpus import Corpus, Playlists, Split, build_corpus, split_corpus

N_GROUPS = 12
GROUP = 10


def grouped_playlists(seed: int = 0, n_playlists: int = 600) -> list[list[str]]:
    """Playlists of 6 tracks, each from one of 12 groups of 10 tracks."""
    rng = np.random.default_rng(seed)
    groups = rng.integers(N_GROUPS, size=n_playlists)
    return [[f"t{group * GROUP + int(i)}" for i in rng.permutation(GROUP)[:6]] for group in groups]


def as_split(playlists: list[list[str]]) -> Split:
    return split_corpus(build_corpus(Playlists.from_lists(playlists)))


@pytest.fixture(scope="session")
def structured() -> Split:
    """Playlists that keep to a group: the 10 nearest of a track hold its 9 companions."""
    return as_split(grouped_playlists())


@pytest.fixture(scope="session")
def shuffled() -> Split:
    """The same plays dealt out at random: nothing to learn, so 10 of 119 tracks hold the target by chance."""
    playlists = grouped_playlists()
    plays = np.random.default_rng(1).permutation([track for playlist in playlists for track in playlist])
    return as_split([[str(track) for track in plays[i : i + 6]] for i in range(0, len(plays), 6)])


@pytest.fixture(scope="session")
def train_corpus(structured: Split) -> Corpus:
    return structured.train
