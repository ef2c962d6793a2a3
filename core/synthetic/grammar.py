"""Names by grammar: a symbol becomes one of its alternatives until only letters are left."""

import re

import numpy as np
import numpy.typing as npt

_SYMBOL = re.compile(r"\{(\w+)\}")
_A_BEFORE_VOWEL = re.compile(r"\b([Aa]) (?=[AEIOU])")

Texts = npt.NDArray[np.object_]
"""Strings, as objects."""


class Grammar:
    """Rules written as `symbol: alternative | alternative`, one a line.

    An alternative may hold `{symbol}`. A line with neither bars nor symbols lists single words, each an
    alternative. A symbol may have several lines.
    """

    def __init__(self, rules: str) -> None:
        self._rules: dict[str, list[list[str]]] = {}
        for line in filter(None, map(str.strip, rules.splitlines())):
            symbol, _, right = line.partition(": ")
            alternatives = right.split(" | ") if "|" in right or "{" in right else right.split()
            # at odd places of a split stand the symbols, at even ones the letters between them
            self._rules.setdefault(symbol, []).extend(_SYMBOL.split(text) for text in alternatives)

    def names(self, symbol: str, count: int, rng: np.random.Generator) -> Texts:
        """Texts for the symbol as names: with a capital, and `an` where English wants it."""
        made = self.make(symbol, count, rng)
        return np.array([*map(_as_name, made.tolist()), None], object)[:-1]

    def make(self, symbol: str, count: int, rng: np.random.Generator) -> Texts:
        """Texts for the symbol, object (count,). All that take the same alternative are made at once."""
        alternatives = self._rules[symbol]
        chosen = rng.integers(len(alternatives), size=count)
        order = np.argsort(chosen, kind="stable")
        bounds = np.searchsorted(chosen[order], np.arange(len(alternatives) + 1)).tolist()
        made = np.empty(count, object)
        for number, parts in enumerate(alternatives):
            here = order[bounds[number] : bounds[number + 1]]
            if len(here):
                made[here] = self._joined(parts, len(here), rng)
        return made

    def _joined(self, parts: list[str], count: int, rng: np.random.Generator) -> Texts | str:
        text: Texts | str = parts[0]
        for place, part in enumerate(parts[1:], 1):
            text = text + (self.make(part, count, rng) if place % 2 else part)
        return text


def _as_name(text: str) -> str:
    if "a " in text or "A " in text:
        text = _A_BEFORE_VOWEL.sub(r"\1n ", text)
    return text[0].upper() + text[1:]
