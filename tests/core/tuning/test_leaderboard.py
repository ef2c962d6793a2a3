"""A leaderboard on disk, on the terminal and as a picture, without any training."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from segue.core.errors import SegueError, UsageError
from segue.core.tuning.render import (
    FILE,
    Entry,
    Leaderboard,
    Result,
    Retrained,
    Spread,
    axis,
    importance_bars,
    leaderboard_table,
    parallel_coordinates,
    place,
    plot,
    read_leaderboard,
    result_lines,
    write_leaderboard,
)

BOARD = Leaderboard(
    library="tiny",
    preset="fast",
    recipe="fast",
    state="finished",
    n_validation=100,
    n_test=200,
    entries=(
        Entry(
            0,
            "",
            "done",
            {"dim": 32, "rate": 0.1, "weight": "flat", "same": 1},
            0.10,
            0.05,
            (0.05, 0.10),
            3.0,
        ),
        Entry(
            1, "", "pruned", {"dim": 64, "rate": 0.3, "weight": "flat", "same": 1}, None, None, (0.02,), 1.0
        ),
        Entry(
            2,
            "",
            "done",
            {"dim": 128, "rate": 0.2, "weight": "steep", "same": 1},
            0.12,
            0.06,
            (0.1, 0.12),
            4.0,
        ),
        Entry(
            3, "", "stopped", {"dim": 48, "rate": 0.2, "weight": "flat", "same": 1}, None, None, (0.2,), 1.0
        ),
        Entry(4, "", "waiting", {"dim": 48, "rate": 0.2, "weight": "flat", "same": 1}, None, None, (), 0.0),
    ),
    importance={"dim": 0.7, "rate": 0.3},
    retrained=(Retrained(1, 0.11, 0.05, 4.0, 0.10, 0.04), Retrained(2, 0.13, 0.07, 4.0, 0.12, 0.06)),
    result=Result(2, Spread(0.12, 0.014), Spread(0.06, 0.014), Spread(0.11, 0.014), Spread(0.05, 0.014)),
)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_leaderboard(tmp_path) is None
    write_leaderboard(tmp_path, BOARD)
    assert read_leaderboard(tmp_path) == BOARD
    unfinished = replace(BOARD, result=None, state="searching")
    write_leaderboard(tmp_path, unfinished)
    assert read_leaderboard(tmp_path) == unfinished


def test_a_damaged_file_says_that_it_may_go(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("[1]")
    with pytest.raises(SegueError, match="remove it"):
        read_leaderboard(tmp_path)


def test_the_best_comes_first_and_what_was_cut_short_is_left_out() -> None:
    columns, rows = leaderboard_table(BOARD)
    assert columns == ["trial", "hit@10", "NDCG@10", "epochs", "seconds", "state"]
    assert [row[0] for row in rows] == ["2", "0", "1", "4"]
    assert rows[0][1] == "0.1200"
    assert rows[2][1:3] == ["0.0200", "–"]
    assert rows[3][1] == "–"
    best = BOARD.best()
    assert best is not None
    assert best.number == 2
    named = replace(BOARD, entries=(replace(BOARD.entries[0], name="window 5"),))
    assert leaderboard_table(named)[1][0][1] == "window 5"


def test_the_dots_stand_where_the_values_lie() -> None:
    lines = list(parallel_coordinates(BOARD, width=60))
    assert lines[:3] == ["A  dim: 32 … 128", "B  rate: 0.1 … 0.3", "C  weight: flat … steep"]
    best, second, third = lines[4:]
    assert best.split()[:2] == ["2", "0.1200"]
    dim, rate, weight = best.split()[2:]
    assert (dim[-1], weight[-1]) == ("●", "●")
    assert rate.index("●") == pytest.approx(len(rate) / 2, abs=1)
    assert second.split()[2][0] == "●"
    assert third.split()[3][-1] == "●"
    assert all(len(line) <= 60 for line in lines)
    assert list(parallel_coordinates(replace(BOARD, entries=BOARD.entries[:1]))) == []


def test_an_axis_orders_numbers_and_words() -> None:
    assert axis([3, 1.5, 2, 3]) == [1.5, 2, 3]
    assert axis(["b", "a"]) == ["a", "b"]
    assert place([1, 2, 5], 2) == 0.25
    assert place(["a", "b", "c"], "b") == 0.5
    assert place([7], 7) == 0.5


def test_the_most_important_comes_first() -> None:
    lines = list(importance_bars(BOARD, width=10))
    assert lines[0] == "dim   ██████████  70 %"
    assert lines[1].startswith("rate  ████▎")
    assert list(importance_bars(replace(BOARD, importance={}))) == []


def test_the_end_is_reported_with_its_spread() -> None:
    text = "\n".join(result_lines(BOARD))
    assert "2 trials done, 1 pruned" in text
    assert "winner: trial 2" in text
    assert "0.1100 ± 0.0140" in text
    assert "200 pairs, scored once" in text
    retraining = "\n".join(result_lines(replace(BOARD, result=None, state="retraining")))
    assert "the test pairs are unseen" in retraining


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_png_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    plot(BOARD, tmp_path / "search.png")
    assert (tmp_path / "search.png").read_bytes().startswith(b"\x89PNG")
    plot(replace(BOARD, importance={}, entries=BOARD.entries[:1]), tmp_path / "search.png")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_page_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    plot(BOARD, tmp_path / "search.html")
    page = (tmp_path / "search.html").read_text(encoding="utf-8")
    assert "parcoords" in page
    assert "tiny: fast, 3 trials" in page


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("matplotlib", "plotly"):
        monkeypatch.setitem(sys.modules, name, None)
    for file, missing in (("a.png", "matplotlib"), ("a.html", "plotly")):
        with pytest.raises(SegueError, match=rf"needs {missing}.*pip install {missing}"):
            plot(BOARD, tmp_path / file)
    with pytest.raises(UsageError, match=r"a \.png or an \.html"):
        plot(BOARD, tmp_path / "a.pdf")
    with pytest.raises(SegueError, match="no trial has a score"):
        plot(replace(BOARD, entries=()), tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
