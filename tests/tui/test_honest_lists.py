"""Lists that say what they are: the track in the middle, what orders them, and the number that does."""

from math import isnan
from typing import get_args

import numpy as np
import pytest
from textual import events

from segue.core.explore.explain import strengths, terms
from segue.core.library import Library
from segue.core.rankers import ranker
from segue.tui.model.settings import Ranker
from segue.tui.panes.explore.headers import Ahead
from tests.tui.screen import text_of
from tests.tui.support import Stage, opened, press, settle, until


async def test_a_song_that_was_searched_for_is_under_the_cursor_and_plays(stage: Stage) -> None:
    async with stage.on_screen((120, 36)) as pilot:
        await press(pilot, "/", *"salt", "enter")
        salt = stage.row("Salt")
        assert stage.tracks.row == salt
        await press(pilot, "space")
        await until(pilot, lambda: stage.playing == salt)
        await press(pilot, "f", "+")
        assert salt in stage.app.taste.loved
        assert stage.app.basket.weight(salt) == 1


async def test_a_walk_goes_on_below_the_track_in_the_middle(stage: Stage) -> None:
    async with stage.on_screen((120, 36)) as pilot:
        await press(pilot, "j", "enter")
        assert stage.tracks.listing.rows[0] == stage.app.walk.here.seed == 1
        for _ in range(4):
            before = stage.app.walk.here
            await press(pilot, "enter")
            assert stage.app.walk.here != before
        await press(pilot, "g", "g", "enter")
        assert stage.toasts[-1].startswith("This track is already open")


async def test_200_columns_list_the_place_one_came_from_beside_this_one(stage: Stage) -> None:
    async with stage.on_screen((200, 50)) as pilot:
        beside = stage.explore.results
        every = list(beside.listing.rows)
        assert len(every) == 60
        await press(pilot, "j", "j", "enter")
        assert (list(beside.listing.rows), beside.cursor) == (every, 2)
        first = list(stage.tracks.listing.rows)
        await press(pilot, "j", "enter")
        assert (list(beside.listing.rows), beside.cursor) == (first, 2)
        assert "Before: Close to" in text_of(stage)
        await press(pilot, "h", "h")
        assert list(beside.listing.rows) == every
        await press(pilot, "/", *"rail", "enter")
        assert len(beside.listing.rows) == 2, "what was found, to go through"
        await press(pilot, "j", "enter")
        assert beside.listing.rows[0] == stage.app.walk.hops[-2].place.rows[0]


async def test_the_place_before_stands_beside_as_it_was_left_with_its_versions(stage: Stage) -> None:
    async with stage.on_screen((200, 50)) as pilot:
        await press(pilot, "/", *"paper boats", "enter")
        line = next(
            at for at, row in enumerate(stage.tracks.listing.rows) if row in stage.app.listing.versions
        )
        await press(pilot, *str(line + 1), "G", "e", "j")
        left = list(stage.tracks.listing.rows)
        await press(pilot, "enter")
        assert (list(stage.explore.results.listing.rows), stage.explore.results.cursor) == (left, line + 1)


@pytest.mark.parametrize("name", get_args(Ranker))
async def test_the_number_shown_is_the_one_that_orders(name: str, small_library: Library) -> None:
    async with opened(small_library, size=(120, 36)) as (stage, pilot):
        await press(pilot, "j", "enter")
        stage.app.controllers.dials._order(name)
        await settle(pilot)
        values = stage.tracks.listing.values
        assert values is not None
        assert isnan(values[0]), "the track itself"
        shown = values[1:]
        if name == "random":
            assert all(map(isnan, shown))
            return
        assert list(shown) == sorted(shown, reverse=True)
        assert max(shown) <= 1
        scores = ranker(small_library, name).scores(1)[list(stage.tracks.listing.rows[1:])]
        assert np.allclose(shown, strengths(small_library, name, scores.tolist()))


async def test_one_key_changes_what_orders_and_the_header_is_a_sentence(stage: Stage) -> None:
    async with stage.on_screen((160, 36)) as pilot:
        await press(pilot, "j", "enter")
        name = stage.app.tracks.info(1).title
        assert f"Close to {name} — " in text_of(stage).replace("  ", " ")
        assert ", ordered by what is like it" in text_of(stage)
        await press(pilot, "K")
        assert ", ordered by what plays next" in text_of(stage)
        assert stage.toasts[-1].startswith("What playlists play next comes first.")
        await press(pilot, "K")
        assert ", ordered by what is like it" in text_of(stage)


@pytest.mark.parametrize("name", ["next", "like", "nearest"])
async def test_the_explanation_adds_up_to_the_score_and_shows_a_playlist(
    name: str, small_library: Library
) -> None:
    async with opened(small_library, size=(120, 36)) as (stage, pilot):
        await press(pilot, "j", "enter")
        stage.app.controllers.dials._order(name)
        await settle(pilot)
        row = stage.tracks.listing.rows[1]
        score = float(ranker(small_library, name).scores(1)[row])
        assert sum(term.value for term in terms(small_library, name, 1, row)) == pytest.approx(
            score, abs=1e-5
        )
        await press(pilot, "?")
        shown = " ".join(text_of(stage).split())
        assert "Why this track, ordered by" in shown
        if name != "nearest":
            assert f"{score:.2f}" in shown
            assert "Ordered by similarity" in shown
        assert "Together in a playlist: " in shown


async def test_the_dials_of_the_radio_filter_no_list(stage: Stage) -> None:
    async with stage.on_screen((120, 36)) as pilot:
        await press(pilot, "j", "enter")
        before = stage.titles()
        await press(pilot, "f3", "F", "F", "F", "U", "V")
        assert stage.app.radio_dials.familiarity == "deep"
        assert stage.app.radio_dials.unheard
        await press(pilot, "f2")
        await settle(pilot)
        assert stage.app.dials.familiarity == "any"
        assert stage.titles() == before
        await press(pilot, "F")
        assert stage.app.radio_dials.familiarity == "deep"
        assert stage.app.dials.familiarity == "familiar"


async def test_a_list_says_where_in_it_the_cursor_is_and_follows_the_wheel(stage: Stage) -> None:
    async with stage.on_screen((120, 24)) as pilot:
        assert "1 of 60" in text_of(stage)
        await press(pilot, "7", "j")
        assert "8 of 60" in text_of(stage)
        assert stage.tracks.show_vertical_scrollbar
        top = stage.tracks.scroll_offset.y
        for _ in range(3):
            await pilot._post_mouse_events([events.MouseScrollDown], stage.tracks, offset=(5, 5))
        await settle(pilot)
        assert stage.tracks.scroll_offset.y > top


async def test_what_is_close_to_the_track_under_the_cursor_stands_beside_the_list(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.tui.panes.explore.view.RESTED", 0.001)
    async with stage.on_screen((120, 36)) as pilot:
        await press(pilot, "enter", "j")
        row, beside = stage.tracks.row, stage.explore.query_one(Ahead)
        await until(pilot, lambda: len(beside.rows) > 0)
        shown = list(beside.rows)
        assert "Close to it" in text_of(stage)
        await press(pilot, "enter")
        assert stage.app.walk.here.seed == row
        assert stage.app.listing.rows == [row, *shown]
        await press(pilot, "home")
        assert not beside.rows, "what is close to the track in the middle is the list itself"
