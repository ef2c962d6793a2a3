"""Two rankings of the same pairs."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from segue.core.errors import SegueError, UsageError
from segue.core.evaluation import OWN, Measure, decision, evaluate
from segue.core.evaluation.compare import compare, compare_missing
from segue.core.evaluation.render import facts, lead_in_words
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


def test_a_report_and_a_comparison_say_the_same_of_the_model_and_the_best_baseline(
    tiny_library: Library,
) -> None:
    report = evaluate(tiny_library)
    assert report.lead is not None
    found = report.lead.all
    baselines = [one for one in report.rankers if one.ranker not in OWN]
    assert found.other == max(baselines, key=lambda one: one.all.hit.mean).ranker
    again = compare((tiny_library, found.one), (tiny_library, found.other))
    assert again.hit == found.hit
    assert any(lead_in_words(found, 10) == line for line in facts(report))
    means = [report.ranker(name).without_repeats.hit.mean for name in (found.one, found.other)]
    assert report.lead.without_repeats.hit.mean == pytest.approx(means[0] - means[1])
    assert evaluate(tiny_library, rankers=("next", "nearest")).lead is None


def test_a_difference_is_decided_where_its_interval_leaves_out_0() -> None:
    measures = (Measure(0.1, 0.01, 0.2), Measure(0.1, 0.0, 0.2), Measure(-0.1, -0.2, -0.01))
    assert [decision(measure) for measure in measures] == [1, 0, -1]


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


def test_completion_is_compared_playlist_by_playlist(tiny_library: Library) -> None:
    report = evaluate(tiny_library)
    assert report.completion is not None
    scored = {one.ranker: one for one in report.completion.continued}
    found = compare((tiny_library, "continue"), (tiny_library, "nearest"))
    assert found.one.scores.hit.mean == pytest.approx(scored["continue"].hit.mean)
    assert found.other.scores.ndcg.mean == pytest.approx(scored["nearest"].ndcg.mean)
    assert found.hit.mean == pytest.approx(scored["continue"].hit.mean - scored["nearest"].hit.mean)
    missing = {one.ranker: one for one in report.completion.missing}
    ends = compare_missing((tiny_library, "missing"), (tiny_library, "rp3"))
    assert ends.one.recall.mean == pytest.approx(missing["missing"].recall.mean)
    assert ends.other.r_precision.mean == pytest.approx(missing["rp3"].r_precision.mean)
    assert ends.recall.mean == pytest.approx(missing["missing"].recall.mean - missing["rp3"].recall.mean)
    with pytest.raises(UsageError, match="nearest can't leave a playlist out of its counts"):
        compare_missing((tiny_library, "missing"), (tiny_library, "nearest"))
