"""The lines of the metrics: they say what the report says, and fit."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from segue.core.evaluation import Measure, Report, read_report
from segue.core.evaluation.report import Difference, Lead
from segue.core.library import Library
from segue.core.rankers import RANKERS
from segue.tui.model.glyphs import ASCII, UNICODE, Glyphs, figure, interval_bar
from segue.tui.panes.metrics import scores
from segue.tui.panes.metrics.view import MetricsView


@pytest.fixture
def report(scored_library: Library) -> Report:
    found = read_report(scored_library)
    assert found is not None
    return found


@pytest.mark.parametrize("width", [20, 60, 79, 103, 104, 180])
def test_lines_and_heads_have_one_width_and_say_the_figures(report: Report, width: int) -> None:
    for ranker in report.rankers:
        parts = scores.ranker_line(ranker, "all", 1.0, width, UNICODE)
        text = "".join(text for text, _ in parts)
        hit = ranker.all.hit
        assert figure(hit.mean) in text
        assert figure(ranker.all.ndcg.mean) in text
        assert "–" not in text, "two intervals that overlap say nothing"
        if width >= 60:
            assert cell_len(text) <= width
            assert cell_len(scores.ranker_head(width, 10)) == cell_len(text) + 1
        assert (f"{ranker.coverage:.0%}" in text) or width < scores.WIDE
    for bucket in report.rankers[0].buckets:
        text = "".join(text for text, _ in scores.bucket_line(bucket, 1.0, width, UNICODE))
        assert f"{bucket.scores.pairs:,}" in text
        assert width < 60 or cell_len(text) == cell_len(scores.bucket_head(width, 10)) - 1


def test_rankers_stand_in_the_order_of_the_counting_that_is_asked_for(report: Report) -> None:
    for counting in scores.COUNTINGS:
        hits = [scores.scores_of(one, counting).hit.mean for one in scores.ranked(report, counting)]
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


def with_hits(report: Report, hits: dict[str, Measure], difference: Measure) -> Report:
    """The report with other figures for a ranker of the model and a baseline, and without the rest."""
    one, other = hits
    found = Difference(one, other, difference)
    return replace(
        report,
        rankers=tuple(
            replace(ranker, all=replace(ranker.all, hit=hits[ranker.ranker]))
            for ranker in report.rankers
            if ranker.ranker in hits
        ),
        lead=Lead(found, found, found),
    )


def test_the_verdict_is_that_of_the_paired_difference_even_where_the_intervals_overlap(
    report: Report,
) -> None:
    better, close = Measure(0.30, 0.27, 0.33), Measure(0.25, 0.22, 0.28)
    ahead, behind, undecided = (
        Measure(0.05, 0.01, 0.09),
        Measure(-0.05, -0.09, -0.01),
        Measure(0.05, -0.01, 0.1),
    )

    def printed(hits: dict[str, Measure], difference: Measure) -> str:
        return scores.verdict(with_hits(report, hits, difference), "all")

    hits = {"next": better, "item-knn": close}
    assert printed(hits, ahead) == (
        "next hits 20% more often than item-knn, the best baseline. "
        "Pair by pair it is +5.0 of 100 (+1.0 to +9.0)."
    )
    assert "too close to tell apart" in printed(hits, undecided)
    lost = {"nearest": close, "following": better}
    assert printed(lost, behind).startswith("nearest hits 17% less often than following, the best baseline.")
    assert "no baseline hits at all" in printed({"next": better, "random": Measure(0, 0, 0)}, ahead)
    assert "Score again" in scores.verdict(replace(report, lead=None), "all")
    alone = replace(report, lead=None, rankers=tuple(one for one in report.rankers if one.ranker == "next"))
    assert "Score all rankers" in scores.verdict(alone, "all")


def test_a_sentence_says_first_what_the_figures_mean(report: Report) -> None:
    close, charts = Measure(0.161, 0.15, 0.17), Measure(0.04, 0.03, 0.05)
    shown = with_hits(report, {"next": close, "popularity": charts}, Measure(0.1, 0.05, 0.15))
    assert scores.sentence(shown, "all") == (
        "For 16 of 100 playlists the next track was among ten suggestions of next; by popularity, for 4."
    )


def test_bars_begin_at_0_and_the_head_has_their_axis(report: Report) -> None:
    half = replace(report.rankers[0], all=replace(report.rankers[0].all, hit=Measure(0.2, 0.1, 0.3)))
    line = scores.ranker_line(half, "all", 0.4, 100, UNICODE)[1][0]
    head = scores.ranker_head(100, 10, 0.4)
    start, end = head.index("0"), head.index(".400") + 4
    assert line.count("━") == pytest.approx((end - start) / 2, abs=1)
    assert "NDCG@10" in head


def test_every_ranker_and_column_is_explained(report: Report) -> None:
    assert set(scores.RANKERS) == set(RANKERS)
    for word in ("hit@10", "NDCG@10", "MRR", "Coverage", "Hubs", "Artist"):
        assert word in MetricsView.HELP


def test_shares_are_written_in_four_cells() -> None:
    assert [figure(value) for value in (0.0, 0.1234, 0.9994, 0.9996, 1.0)] == [
        ".000", ".123", ".999", "1.00", "1.00",
    ]  # fmt: skip


def test_the_remarks_say_how_playlists_are_completed_where_that_was_scored(report: Report) -> None:
    assert report.completion is not None
    best, lacking = report.completion.continued[0], report.completion.missing[0]
    printed = scores.remarks(report)
    assert f"hit@10: continue {figure(best.hit.mean)}" in printed
    assert f"recall@10: missing {figure(lacking.recall.mean)}" in printed
    assert "Continuing" not in scores.remarks(replace(report, completion=None))
