"""Two rankings of the same pairs."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from segue.core.errors import SegueError
from segue.core.evaluation import evaluate
from segue.core.evaluation.compare import compare
from segue.core.library import Library
from segue.core.rankers import ranker
from tests.libraries import make_library


def test_the_difference_is_that_of_the_means_and_counts_who_hits_alone(tiny_library: Library) -> None:
    found = compare((tiny_library, "cooccurrence"), (tiny_library, "popularity"))
    report = evaluate(tiny_library, rankers=("cooccurrence", "popularity"))
    one, other = report.rankers
    assert found.hit.mean == pytest.approx(one.all.hit.mean - other.all.hit.mean)
    assert found.ndcg.mean == pytest.approx(one.all.ndcg.mean - other.all.ndcg.mean)
    assert found.mrr.mean == pytest.approx(one.all.mrr.mean - other.all.mrr.mean)
    assert (found.one.scores, found.other.scores) == (one.all, other.all)
    assert tiny_library.held_out is not None
    only = [0, 0]
    for seed, target in tiny_library.held_out.validation:
        hits = [
            target in ranker(tiny_library, name).rank(np.array([seed]), 10)[0]
            for name in ("cooccurrence", "popularity")
        ]
        only[0] += hits[0] and not hits[1]
        only[1] += hits[1] and not hits[0]
    assert [found.only_one, found.only_other] == only
    assert found.hit.low > 0


def test_a_ranker_against_itself_differs_by_nothing(tiny_library: Library) -> None:
    found = compare((tiny_library, "nearest"), (tiny_library, "nearest"), pairs="test")
    assert (found.hit.mean, found.hit.low, found.hit.high, found.only_one) == (0, 0, 0, 0)


def test_two_libraries_of_one_split_compare_and_of_two_splits_do_not(
    tiny_library: Library, tmp_path: Path
) -> None:
    shutil.copytree(tiny_library.path, tmp_path / "twin")
    twin = Library.open(tmp_path / "twin")
    assert compare((tiny_library, "nearest"), (twin, "nearest")).hit.mean == 0
    stranger = make_library(tmp_path / "stranger", seed=1)
    with pytest.raises(SegueError, match="did not hold out the same validation pairs"):
        compare((tiny_library, "nearest"), (stranger, "nearest"))
