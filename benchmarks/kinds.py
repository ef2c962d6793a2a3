"""Invented playlists of different kinds, to see where the weights of a ranker go wrong."""

from collections.abc import Callable

import numpy as np

Lists = list[list[str]]


def albums(rng: np.random.Generator) -> Lists:
    """One to three whole albums in order, now and then begun in the middle."""
    lists = []
    for _ in range(1500):
        chosen = rng.integers(0, 150, rng.integers(1, 4))
        first = int(rng.integers(0, 4))
        tracks = [f"album{album}-{track}" for album in chosen for track in range(int(8 + album % 6))]
        lists.append(tracks[first : len(tracks) - int(rng.integers(0, 4))])
    return lists


def shuffled(rng: np.random.Generator) -> Lists:
    """Draws out of forty kinds in any order, none twice."""
    kinds = rng.integers(0, 40, 1500)
    return [[f"k{kind}-{n}" for n in rng.permutation(40)[: rng.integers(5, 20)]] for kind in kinds]


def tail(rng: np.random.Generator) -> Lists:
    """Most tracks are heard once to five times; half of each playlist is one of 200 themes."""
    lists = []
    for theme in rng.integers(0, 200, 2000).tolist():
        tracks = np.exp(rng.uniform(0, np.log(8000), rng.integers(4, 15))).astype(int).tolist()
        lists.append([f"t{track}-{theme}" if rng.random() < 0.5 else f"t{track}" for track in tracks])
    return lists


def histories(rng: np.random.Generator) -> Lists:
    """Sessions of fifty listeners, each of whom comes back to the same few tracks within a session."""
    tastes = [rng.choice(1200, 60, replace=False) for _ in range(50)]
    lists = []
    for _ in range(1500):
        taste = tastes[int(rng.integers(0, 50))]
        heard: list[int] = []
        for _ in range(int(rng.integers(6, 30))):
            again = heard and rng.random() < 0.35
            heard.append(int(rng.choice(heard)) if again else int(taste[min(rng.geometric(0.06), 60) - 1]))
        lists.append([f"h{track}" for track in heard])
    return lists


def idol(rng: np.random.Generator) -> Lists:
    """One artist has three of five positions; the others are those of forty kinds."""
    lists = []
    for _ in range(1500):
        kind = int(rng.integers(0, 40))
        own = rng.random(int(rng.integers(5, 25))) < 0.6
        lists.append(
            [
                f"idol-{min(rng.geometric(0.08), 60)}" if one else f"k{kind}-{rng.integers(0, 25)}"
                for one in own
            ]
        )
    return lists


def few(rng: np.random.Generator) -> Lists:
    """As `shuffled`, 150 playlists: fewer than a hundred to choose weights on."""
    return [each[:10] for each in shuffled(rng)][:150]


KINDS: dict[str, Callable[[np.random.Generator], Lists]] = {
    kind.__name__: kind for kind in (albums, shuffled, tail, histories, idol, few)
}
