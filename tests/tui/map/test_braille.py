"""Braille against a plainer way of drawing it: dot by dot."""

import numpy as np
import pytest

from segue.tui.widgets import chart

NUMBERS = {(0, 0): 1, (1, 0): 2, (2, 0): 3, (0, 1): 4, (1, 1): 5, (2, 1): 6, (3, 0): 7, (3, 1): 8}
"""The number that braille gives each dot, by line and column; dot n is bit n - 1 of the character."""


def plain(dots: np.ndarray) -> list[str]:
    """Draw cell by cell."""
    lines = []
    for top in range(0, dots.shape[0], 4):
        line = ""
        for left in range(0, dots.shape[1], 2):
            bits = sum(1 << number - 1 for (y, x), number in NUMBERS.items() if dots[top + y, left + x])
            line += chr(0x2800 + bits) if bits else " "
        lines.append(line)
    return lines


def test_patterns_are_those_of_unicode() -> None:
    dots = np.random.default_rng(0).random((24, 30)) < 0.3
    assert chart.text(chart.patterns(dots)) == plain(dots)


def test_few_points_are_a_dot_each() -> None:
    counts = np.random.default_rng(1).random((24, 30)) < 0.2
    found, levels = chart.shaded(counts.astype(np.int64))
    assert chart.text(found) == plain(counts)
    assert levels.sum() == counts.sum()


def test_dense_cells_light_more_dots_and_never_one_without_a_point() -> None:
    rng = np.random.default_rng(2)
    counts = rng.poisson(np.linspace(0, 40, 60), size=(20, 60))
    counts[:4, :2] = 0
    found, levels = chart.shaded(counts)
    lit = np.array([[int(cell).bit_count() for cell in row] for row in found])
    totals = counts.reshape(5, 4, 30, 2).sum(axis=(1, 3))
    order = np.argsort(totals, axis=None)
    assert (np.diff(levels.reshape(-1)[order].astype(int)) >= 0).all(), "a fuller cell deserves no fewer dots"
    assert levels.max() == 8
    assert (lit <= levels).all()
    assert ((lit > 0) == (totals > 0)).all(), "no track vanishes"
    for line, column in np.argwhere(lit > 0):
        block = counts[line * 4 : line * 4 + 4, column * 2 : column * 2 + 2]
        one = np.array(
            [[bool(found[line, column] >> NUMBERS[y, x] - 1 & 1) for x in (0, 1)] for y in range(4)]
        )
        assert block[one].min() >= block[~one].max(initial=0), "the fullest dots are lit first"
        assert block[one].min() > 0


@pytest.mark.parametrize(("end"), [(30.0, 7.0), (3.0, 19.0), (0.0, 0.0), (-5.0, 40.0)])
def test_a_line_joins_its_ends_without_a_gap(end: tuple[float, float]) -> None:
    dots = np.zeros((24, 40), np.bool_)
    chart.line(dots, (5.0, 5.0), end)
    places = np.argwhere(dots)
    assert dots[5, 5]
    inside = 0 <= end[0] < 40 and 0 <= end[1] < 24
    assert not inside or dots[int(end[1]), int(end[0])]
    for y, x in places:
        near = np.abs(places - (y, x)).max(axis=1)
        assert len(places) == 1 or (near == 1).any(), "each dot touches another"


def test_ascii_grows_darker() -> None:
    assert chart.ascii_text(np.arange(9, dtype=np.uint8)[None]) == [" .:-=+*#@"]
