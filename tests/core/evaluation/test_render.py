"""The report as text."""

from datetime import UTC, datetime

import pytest

from segue.core.evaluation import evaluate
from segue.core.evaluation.metrics import Measure
from segue.core.evaluation.render import (
    bar,
    bars,
    bucket_table,
    facts,
    interval_bar,
    markdown,
    score_table,
    with_interval,
    with_margin,
)
from segue.core.evaluation.report import Report
from segue.core.library import Library


@pytest.fixture(scope="module")
def report(tiny_library: Library) -> Report:
    return evaluate(
        tiny_library,
        pairs="test",
        rankers=("popularity", "nearest", "random"),
        created=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_the_best_ranker_comes_first(report: Report) -> None:
    columns, rows = score_table(report)
    assert columns[:3] == ["ranker", "hit@10", "NDCG@10"]
    assert rows[0][0] == "nearest"
    hits = [float(row[1].split()[0]) for row in rows]
    assert hits == sorted(hits, reverse=True)


def test_the_papers_figure_is_a_hundred_times_the_rate(report: Report) -> None:
    columns, rows = score_table(report, paper=True)
    assert columns[1] == "HR@10"
    assert float(rows[0][1]) == pytest.approx(100 * report.ranker("nearest").paper.hit.mean, abs=0.005)


def test_buckets_are_columns_with_their_pairs(report: Report) -> None:
    columns, rows = bucket_table(report)
    buckets = report.rankers[0].buckets
    assert columns == ["target occurs", *(bucket.label for bucket in buckets)]
    assert rows[0] == ["pairs", *(str(bucket.scores.pairs) for bucket in buckets)]
    assert [row[0] for row in rows[1:]] == [row[0] for row in score_table(report)[1]]


def test_the_facts_name_the_numbers(report: Report) -> None:
    text = " ".join(facts(report))
    assert f"{report.n_pairs:,} test pairs" in text
    assert "next =" not in text


def test_a_table_of_eighty_columns_holds_the_report(report: Report) -> None:
    columns, rows = score_table(report)
    widths = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    assert sum(widths) + 3 * len(widths) <= 80
    assert all(len(line) <= 80 for line in bars(report))


def test_a_measure_is_written_with_its_bounds_or_its_margin() -> None:
    measure = Measure(0.1124, 0.106, 0.119)
    assert with_interval(measure) == "0.1124 (0.106–0.119)"
    assert with_margin(measure) == "0.1124 ±0.006"


@pytest.mark.parametrize(
    ("value", "drawn"), [(0, ""), (0.5, "█████"), (1, "██████████"), (0.05, "▌"), (2, "██████████"), (-1, "")]
)
def test_a_bar_is_as_long_as_its_value(value: float, drawn: str) -> None:
    assert bar(value, 1, 10) == drawn.ljust(10)


def test_a_bar_without_any_scale_is_empty() -> None:
    assert bar(0, 0, 5) == interval_bar(Measure(0, 0, 0), 0, 5) == " " * 5


def test_an_interval_reaches_beyond_its_bar() -> None:
    drawn = interval_bar(Measure(0.5, 0.4, 0.8), 1, 10)
    assert drawn == "█████──┤  "


def test_markdown_keeps_its_columns() -> None:
    lines = markdown((["a", "b"], [["x|y", "1"]]))
    assert lines == ["| a | b |", "| --- | ---: |", "| x\\|y | 1 |"]
