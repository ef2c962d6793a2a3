"""A second implementation of every metric, pair by pair and without arrays."""

from collections.abc import Sequence
from math import log2


def rank(suggestions: Sequence[int], target: int) -> int:
    """Place of the target, counted by walking down the list; 0 when it is not there."""
    for place, suggestion in enumerate(suggestions, start=1):
        if suggestion == target:
            return place
    return 0


def hit(suggestions: Sequence[int], target: int, k: int) -> float:
    return 1.0 if target in list(suggestions)[:k] else 0.0


def ndcg(suggestions: Sequence[int], target: int, k: int) -> float:
    """Gain over ideal gain, in the general form with relevances 0 and 1."""
    relevances = [1 if suggestion == target else 0 for suggestion in list(suggestions)[:k]]
    gain = sum(relevance / log2(place + 1) for place, relevance in enumerate(relevances, start=1))
    ideal = 1 / log2(2)
    return gain / ideal


def reciprocal(suggestions: Sequence[int], target: int, k: int) -> float:
    place = rank(list(suggestions)[:k], target)
    return 1 / place if place else 0.0


def k_occurrences(lists: Sequence[Sequence[int]], n_tracks: int) -> list[int]:
    return [sum(track in suggestions for suggestions in lists) for track in range(n_tracks)]


def skewness(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / len(values)
    if variance == 0:
        return 0.0
    return sum((value - mean) ** 3 for value in values) / len(values) / float(variance**1.5)
