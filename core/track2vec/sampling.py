"""Who is drawn how often: smoothed tables, thinning of frequent tracks, positive pairs."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


def smoothed(counts: npt.ArrayLike, exponent: float) -> Floats:
    """The negative-sampling distribution: probability in proportion to `counts ** exponent`, float64 (V,).

    A track that training never shows still counts as half a play, so that it is drawn now and then and a
    negative exponent stays finite.
    """
    weights = np.maximum(np.asarray(counts, np.float64), 0.5) ** exponent
    return np.asarray(weights / weights.sum())


class DrawTable:
    """Draws integers by a given distribution in O(log V) each, from a cumulative table made once.

    Parameters
    ----------
    probabilities : float (V,), summing to 1.
    """

    def __init__(self, probabilities: Floats) -> None:
        self._cumulative = np.cumsum(probabilities)
        self._cumulative /= self._cumulative[-1]

    def draw(self, size: int | tuple[int, ...], rng: np.random.Generator) -> Ints:
        """Independent draws, int32 of the given shape."""
        return np.searchsorted(self._cumulative, rng.random(size), side="right").astype(np.int32)


def drop_probability(frequency: Floats, threshold: float) -> Floats:
    """The notebook's subsampling: `(f - t) / f - sqrt(t / f)`; at or below 0 nothing is dropped.

    Parameters
    ----------
    frequency : share of all positions that a track fills, in (0, 1].
    threshold : the notebook's `sub_t`.
    """
    return (frequency - threshold) / frequency - np.sqrt(threshold / frequency)


def window_pairs(items: Ints, offsets: npt.NDArray[np.int64], window: int) -> Ints:
    """Every ordered pair of positions of one playlist at most `window` apart, int32 (n, 2).

    The columns are target and context. The flat array is compared with itself, shifted by 1 to `window`.
    """
    playlist = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    pairs = []
    for shift in range(1, min(window, len(items) - 1) + 1):
        near = playlist[:-shift] == playlist[shift:]
        left, right = items[:-shift][near], items[shift:][near]
        pairs += [np.stack([left, right], 1), np.stack([right, left], 1)]
    return np.concatenate(pairs) if pairs else np.empty((0, 2), np.int32)
