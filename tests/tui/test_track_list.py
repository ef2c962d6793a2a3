"""The list alone: motions, drawing, finding, mouse, and half a million rows."""

from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from segue.core.tracks import TrackInfo
from segue.tui.model.listing import Finding, Listing, Tracks
from segue.tui.themes import DARK
from segue.tui.widgets.track_list import TrackList

WIDE = ["plain", "夜の電車と長い帰り道", "Zoe\u0308", "رحلة", "🎧", "x" * 200, ""]


class Source:
    """Invents tracks, and counts how many it was asked for."""

    def __init__(self) -> None:
        self.asked = self.times = 0

    def infos(self, rows: Sequence[int]) -> list[TrackInfo]:
        self.asked += len(rows)
        self.times += 1
        return [TrackInfo(f"track_{row}", WIDE[row % len(WIDE)], f"artist {row}") for row in rows]


class Lists(App[None]):
    """An app with nothing but a list."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.theme = DARK.name
        self.source = Source()
        self.tracks = TrackList(Tracks(self.source.infos))
        self.count = count
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.tracks

    def on_mount(self) -> None:
        self.tracks.show(Listing(range(self.count)))
        self.tracks.focus()

    def on_track_list_chosen(self, event: TrackList.Chosen) -> None:
        self.chosen.append(event.row)


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        ("j", 1), ("j j k", 1), ("down down up", 1), ("5 j", 5), ("1 2 j", 12), ("1 0 j 3 k", 7), ("k", 0),
        ("G", 99), ("2 0 G", 19), ("G g g", 0), ("7 g g", 6), ("G home", 0), ("end", 99),
        ("ctrl+d", 10), ("ctrl+d ctrl+d ctrl+u", 10), ("pagedown", 19), ("2 ctrl+f", 38), ("G ctrl+b", 80),
        ("9 9 9 9 j", 99), ("5 escape j", 1), ("g x j", 1), ("0 j", 1),
    ],
)  # fmt: skip
async def test_motions(keys: str, cursor: int) -> None:
    app = Lists(100)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        await pilot.press(*keys.split())
        await pilot.pause()
        assert app.tracks.cursor == cursor
        top = app.tracks.scroll_offset.y
        assert top <= cursor < top + 20, "the cursor is in sight"


@pytest.mark.parametrize(("key", "top"), [("z", 40), ("t", 50), ("b", 31)])
async def test_z_puts_the_cursor_where_it_says(key: str, top: int) -> None:
    app = Lists(100)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        await pilot.press("5", "1", "G", "z", key)
        await pilot.pause()
        assert app.tracks.cursor == 50
        assert app.tracks.scroll_offset.y == top


async def test_half_a_million_rows_open_and_scroll_with_only_what_is_seen_read() -> None:
    app = Lists(500_000)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("G")
        await pilot.pause()
        assert app.tracks.cursor == 499_999
        assert app.tracks.row == 499_999
        assert app.tracks.scroll_offset.y == 499_976
        assert app.source.asked < 200
        assert app.source.times < 10  # a screenful at a time


async def test_another_list_lays_out_the_screen_only_for_a_scrollbar_to_come_or_go() -> None:
    app, laid_out = Lists(100), 0
    async with app.run_test(size=(60, 20)) as pilot:

        def count(_: object) -> None:
            nonlocal laid_out
            laid_out += 1

        await pilot.pause()
        app.screen.screen_layout_refresh_signal.subscribe(app, count)
        app.tracks.show(Listing(range(90)))
        await pilot.pause()
        assert app.tracks.vertical_scrollbar.window_virtual_size == 90
        assert app.tracks.max_scroll_y == 70
        assert laid_out == 0
        app.tracks.show(Listing(range(3)))
        await pilot.pause()
        assert not app.tracks.show_vertical_scrollbar
        assert laid_out > 0


@pytest.mark.parametrize("width", [30, 47, 80, 133])
async def test_every_line_fills_its_width_whatever_the_letters(width: int) -> None:
    app = Lists(len(WIDE))
    async with app.run_test(size=(width, 10)) as pilot:
        await pilot.pause()
        columns = set()
        for y in range(len(WIDE)):
            text = app.tracks.render_line(y).text
            assert cell_len(text) == width
            columns.add(cell_len(text[: text.index("artist")])) if "artist" in text else None
        assert len(columns) <= 1, "artists stand in one column"


async def test_enter_and_a_second_click_choose() -> None:
    app = Lists(10)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        await pilot.press("j", "enter")
        await pilot.click(TrackList, offset=(5, 4))
        await pilot.pause()
        assert app.tracks.cursor == 4
        await pilot.click(TrackList, offset=(5, 4), times=2)
        await pilot.pause()
        assert app.chosen[0] == 1
        assert app.chosen[-1] == 4


async def test_an_empty_list_says_what_to_do_and_no_key_harms_it() -> None:
    app = Lists(0)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        app.tracks.show(Listing(empty="Press / to search."))
        await pilot.press("j", "k", "G", "g", "g", "enter", "ctrl+d", "5", "G")
        await pilot.pause()
        assert app.tracks.row is None
        drawn = [app.tracks.render_line(y).text for y in range(20)]
        (said,) = [line for line in drawn if "Press / to search." in line]
        assert said.index("Press") == (60 - len("Press / to search.")) // 2, "in the middle"
        assert any("○" in line for line in drawn[: drawn.index(said)]), "below some stars"
        app.tracks.show(Listing(empty="Press / to search."))
        assert app.chosen == []


async def test_found_lines_are_walked_round_with_n() -> None:
    app = Lists(20)
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        app.tracks.finding = Finding.of("ZOE", [app.tracks.info(line) for line in range(20)])
        assert app.tracks.finding.lines == (2, 9, 16)
        walked = []
        for key in ("n", "n", "n", "n", "N", "N"):
            await pilot.press(key)
            await pilot.pause()
            walked.append(app.tracks.cursor)
        assert walked == [2, 9, 16, 2, 16, 9]
        await pilot.press("escape")
        assert app.tracks.finding is None


def test_a_finding_says_where_it_is() -> None:
    finding = Finding("zoe", (2, 9, 16))
    assert finding.describe(9) == "2 of 3 with 'zoe'"
    assert finding.describe(4) == "3 with 'zoe'"
    assert Finding("x", ()).describe(0) == "no 'x' here"


async def test_equal_values_have_equal_bars_in_every_list() -> None:
    app = Lists(3)
    async with app.run_test(size=(80, 10)):
        drawn = []
        for others in (0.1, 0.99):
            app.tracks.show(Listing(range(3), [0.5, others, others]))
            drawn.append(app.tracks.render_line(0).text[:13])
        assert drawn[0] == drawn[1] == "▌  ━━━━     ."


@pytest.mark.parametrize("width", [20, 80])
async def test_a_negative_value_has_as_many_digits_as_others(width: int) -> None:
    app = Lists(5)
    async with app.run_test(size=(width, 10)):
        app.tracks.show(Listing(range(5), [0.93, -0.004, -0.07, -0.25, -1.0]))
        lines = [app.tracks.render_line(line).text for line in range(5)]
        assert [line[3:].strip(" ━╸").split()[0] for line in lines] == [".93", ".00", "-.07", "-.25", "-1.0"]
        titles = [line.index(WIDE[at][:1]) for at, line in enumerate(lines) if at not in {1, 3}]
        assert len(set(titles)) == 1, "and titles begin in the same cell"
