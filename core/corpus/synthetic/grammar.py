"""Names by grammar: a symbol becomes one of its alternatives until only letters are left."""

import re
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

_SYMBOL = re.compile(r"\{(\w+)\}")
_A_BEFORE_VOWEL = re.compile(r"\b([Aa]) (?=[AEIOU])")
_T = TypeVar("_T")


class Dice:
    """Quick single draws from a NumPy generator, which is slow when asked for one number at a time."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._pool: list[float] = []

    def roll(self) -> float:
        """A number from 0 up to 1, drawn alike."""
        if not self._pool:
            self._pool = self._rng.random(4096).tolist()
        return self._pool.pop()

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.roll() < probability

    def pick(self, options: Sequence[_T]) -> _T:
        """One of the options, drawn alike."""
        return options[int(self.roll() * len(options))]

    def between(self, low: float, high: float) -> float:
        """A number from `low` up to `high`; the middle is likelier than the ends."""
        return low + (high - low) * (self.roll() + self.roll()) / 2


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

    def name(self, symbol: str, dice: Dice) -> str:
        """A text for the symbol as a name: with a capital, and `an` where English wants it."""
        text = _A_BEFORE_VOWEL.sub(r"\1n ", self.make(symbol, dice))
        return text[0].upper() + text[1:]

    def make(self, symbol: str, dice: Dice) -> str:
        """A text for the symbol."""
        parts = dice.pick(self._rules[symbol])
        if len(parts) == 1:
            return parts[0]
        return "".join(self.make(part, dice) if place % 2 else part for place, part in enumerate(parts))
