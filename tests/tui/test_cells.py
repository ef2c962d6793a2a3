import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict
from rich.cells import cell_len

from segue.tui.model.glyphs import (
    ASCII,
    UNICODE,
    ago,
    bar,
    clock,
    fit,
    glyphs_for,
    in_two_lines,
    waveform,
    wrapped,
)
from segue.tui.widgets.track_list import Columns
from tests.tui.support import tracks


@given(st.text(max_size=60), st.integers(0, 40))
def test_text_takes_exactly_its_cells(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width


@pytest.mark.parametrize("width", [7, 12, 24])
def test_every_title_is_aligned(width: int) -> None:
    for track in tracks():
        assert cell_len(fit(track.title, width)) == width


@given(st.text(max_size=600), st.integers(10, 76))
def test_a_toast_has_two_lines_at_most_and_keeps_its_beginning_and_end(text: str, width: int) -> None:
    shown = in_two_lines(text, width)
    assert len(wrapped(shown, width)) <= 2
    if len(wrapped(text, width)) <= 2:
        assert shown == " ".join(text.split())
    long = f"/{'deep/' * 40}music.npy: record 7 is not a list; add --format lines"
    assert in_two_lines(long, 70) == "…/deep/music.npy: record 7 is not a list; add --format lines"


def test_a_cut_text_ends_with_an_ellipsis_even_where_a_wide_letter_is_halved() -> None:
    assert fit("夜の電車", 6) == "夜の… "
    assert fit("abcdef", 4) == "abc…"
    assert fit("abcd", 4) == "abcd"


def test_escape_sequences_never_reach_the_screen() -> None:
    assert "\x1b" not in fit("\x1b[31mred\x07", 20)


def test_a_bar_grows_in_half_cells() -> None:
    assert [bar(share, 2, UNICODE).rstrip() for share in (0, 0.25, 0.5, 0.75, 1, 7)] == [
        "",
        "╸",
        "━",
        "━╸",
        "━━",
        "━━",
    ]
    assert bar(0.75, 2, ASCII) == "=-"


def test_every_sign_is_one_cell_wide() -> None:
    for glyphs in (UNICODE, ASCII):
        for name, sign in asdict(glyphs).items():
            assert cell_len(sign) == (8 if name == "spark" else 1), name
    assert all(sign.isascii() for sign in asdict(ASCII).values())


def test_glyphs_follow_the_setting() -> None:
    assert glyphs_for("ascii") is ASCII
    assert glyphs_for("unicode") is UNICODE


def test_times() -> None:
    assert [clock(seconds) for seconds in (0, 9.9, 61, 3600)] == ["0:00", "0:09", "1:01", "60:00"]
    assert [ago(seconds) for seconds in (3, 61, 3700, 90000)] == ["now", "1 min", "1 h", "1 d"]


@given(st.integers(20, 220), st.booleans(), st.booleans(), st.booleans())
def test_columns_never_ask_for_more_than_there_is(
    width: int, numbered: bool, valued: bool, noted: bool
) -> None:
    columns = Columns.within(width, numbered=numbered, valued=valued, noted=noted)
    used = 3 + columns.number + (5 if valued else 0) + (columns.bar + 1 if columns.bar else 0)
    used += columns.title + 2 + columns.artist + (columns.note + 2 if columns.note else 0)
    assert used <= width or columns.title == 4
    assert columns.title >= 4


TEXTS = [
    "春、自転車を忘れる — 星座楽団: demo does not know this track.",
    "/a/long/" + "path/" * 30 + "report.json: damaged",
    "",
    "a",
]


@pytest.mark.parametrize("width", [2, 10, 24, 76])
@pytest.mark.parametrize("text", TEXTS)
def test_wrapped_lines_fit_and_lose_nothing(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(0 < cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_lines_are_wrapped_between_words() -> None:
    assert wrapped("demo does not know this track", 12) == ["demo does", "not know", "this track"]
    assert wrapped("夜の電車 と 道", 8) == ["夜の電車", "と 道"]


def test_a_waveform_fills_its_width_and_keeps_its_peaks() -> None:
    assert waveform([0.0, 0.5, 1.0, 0.25], 4, UNICODE) == ["▁▅█▃"]
    assert waveform([0.0, 0.5, 1.0, 0.25], 8, UNICODE) == ["▁▁▅▅██▃▃"]
    assert waveform([0.0, 0.5, 1.0, 0.25], 2, UNICODE) == ["▅█"]
    assert waveform([0.0, 1.0], 2, ASCII) == ["_%"]
    assert waveform([0.0, 0.5, 1.0, 0.25], 4, UNICODE, rows=2) == [" ▁█ ", "▁██▅"]
