"""The lines of the metrics: they say what the report says, and fit."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from segue.core.evaluation import Measure, Report, read_report
from segue.core.library import Library
from segue.tui.glyphs import ASCII, UNICODE, Glyphs
from segue.tui.panes.metrics import figures
from segue.tui.widgets.bars import interval_bar


@pytest.fixture
def report(scored_library: Library) -> Report:
    found = read_report(scored_library)
    assert found is not None
    return found


@pytest.mark.parametrize("width", [20, 60, 79, 103, 104, 180])
def test_lines_and_heads_have_one_width_and_say_the_figures(report: Report, width: int) -> None:
    for ranker in report.rankers:
        parts = figures.ranker_line(ranker, "all", 1.0, width, UNICODE)
        text = "".join(text for text, _ in parts)
        hit = ranker.all.hit
        assert figures.figure(hit.mean) in text
        assert f"{figures.figure(hit.low)}–{figures.figure(hit.high)}" in text
        if width >= 60:
            assert cell_len(text) <= width
            assert cell_len(figures.ranker_head(width, 10)) == cell_len(text) + 1
        assert (f"{ranker.coverage:.0%}" in text) or width < figures.WIDE
    for bucket in report.rankers[0].buckets:
        text = "".join(text for text, _ in figures.bucket_line(bucket, 1.0, width, UNICODE))
        assert f"{bucket.scores.pairs:,}" in text
        assert width < 60 or cell_len(text) == cell_len(figures.bucket_head(width, 10)) - 1


def test_rankers_stand_in_the_order_of_the_counting_that_is_asked_for(report: Report) -> None:
    for counting in figures.COUNTINGS:
        hits = [figures.scores_of(one, counting).hit.mean for one in figures.ranked(report, counting)]
        assert hits == sorted(hits, reverse=True)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_a_bar_is_thick_up_to_the_interval_and_has_its_cross_at_the_mean(glyphs: Glyphs) -> None:
    for mean, low, high in ((0.5, 0.4, 0.6), (0.0, 0.0, 0.0), (1.0, 0.9, 1.0), (0.02, 0.0, 0.3)):
        thick, thin = interval_bar(mean, low, high, top=1.0, width=41, glyphs=glyphs)
        line = thick + thin
        assert len(line) == 41
        assert len(thick) == round(low * 40)
        assert line.index("+" if glyphs is ASCII else "┼") == round(mean * 40)
        assert len(line.rstrip()) == round(high * 40) + 1
        assert glyphs is UNICODE or line.isascii()
    assert interval_bar(0.5, 0.4, 0.6, top=0.0, width=5, glyphs=UNICODE) == ("", "     ")


def with_hits(report: Report, hits: dict[str, Measure]) -> Report:
    """The report with other figures for some rankers, and without the rest."""
    return replace(
        report,
        rankers=tuple(
            replace(one, all=replace(one.all, hit=hits[one.ranker]))
            for one in report.rankers
            if one.ranker in hits
        ),
    )


def test_the_verdict_claims_no_more_than_the_intervals_allow(report: Report) -> None:
    better, close = Measure(0.30, 0.29, 0.31), Measure(0.29, 0.28, 0.30)
    worse = Measure(0.15, 0.14, 0.16)
    clear = with_hits(report, {"next": better, "item-knn": worse, "random": Measure(0, 0, 0)})
    assert figures.verdict(clear, "all") == "next hits 100% more often than item-knn, the best baseline."
    assert "too close to tell apart" in figures.verdict(
        with_hits(report, {"next": better, "item-knn": close}), "all"
    )
    lost = with_hits(report, {"nearest": worse, "following": better})
    assert figures.verdict(lost, "all") == "nearest hits 50% less often than following, the best baseline."
    assert "Score all rankers" in figures.verdict(with_hits(report, {"next": better}), "all")
    nothing = with_hits(report, {"next": better, "random": Measure(0, 0, 0)})
    assert "no baseline hits at all" in figures.verdict(nothing, "all")


def test_shares_are_written_in_four_cells() -> None:
    assert [figures.figure(value) for value in (0.0, 0.1234, 0.9994, 0.9996, 1.0)] == [
        ".000", ".123", ".999", "1.00", "1.00",
    ]  # fmt: skip
