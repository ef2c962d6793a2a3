"""Two lists side by side, against what a reader would check by hand and by brute force."""

from itertools import combinations

import numpy as np
import pytest

from segue.tui.panes.compare.comparison import align


def pairs(left: str, right: str) -> list[tuple[str, str]]:
    """What stands side by side, `.` for nothing."""
    return [
        (left[line.left.place] if line.left else ".", right[line.right.place] if line.right else ".")
        for line in align(left, right)
    ]


def test_equal_lists_stand_line_by_line() -> None:
    assert pairs("abc", "abc") == [("a", "a"), ("b", "b"), ("c", "c")]
    assert all(line.same for line in align("abc", "abc"))


def test_shared_tracks_stand_on_one_line_and_the_rest_fills_up() -> None:
    assert pairs("axbyc", "abzzc".replace("zz", "zw")) == [
        ("a", "a"), ("x", "."), ("b", "b"), ("y", "z"), (".", "w"), ("c", "c"),
    ]  # fmt: skip


def test_nothing_and_nothing_shared() -> None:
    assert pairs("", "") == []
    assert pairs("ab", "") == [("a", "."), ("b", ".")]
    assert pairs("ab", "xyz") == [("a", "x"), ("b", "y"), (".", "z")]


def test_a_track_elsewhere_knows_its_place_there() -> None:
    lines = align("abcd", "dabc")
    moved = next(line.left for line in lines if line.left and line.left.place == 3)
    assert (moved.other, [line.same for line in lines]) == (0, [False, True, True, True, False])


@pytest.mark.parametrize("seed", range(40))
def test_every_place_is_there_once_in_order_and_as_many_lines_agree_as_can(seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = "abcdefghij"
    left = "".join(rng.permutation(list(names))[: rng.integers(0, 8)])
    right = "".join(rng.permutation(list(names))[: rng.integers(0, 8)])
    lines = align(left, right)
    assert [line.left.place for line in lines if line.left] == list(range(len(left)))
    assert [line.right.place for line in lines if line.right] == list(range(len(right)))
    assert all(line.left or line.right for line in lines)
    for line in lines:
        assert line.same == bool(
            line.left and line.right and left[line.left.place] == right[line.right.place]
        )
        if line.left:
            assert line.left.other == (
                right.index(left[line.left.place]) if left[line.left.place] in right else None
            )
    common = [name for name in left if name in right]
    longest = max(
        (
            length
            for length in range(len(common) + 1)
            for some in combinations(common, length)
            if [name for name in right if name in some] == list(some)
        ),
        default=0,
    )
    assert sum(line.same for line in lines) == longest
