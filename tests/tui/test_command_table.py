"""The table of commands holds together: everything that is generated from it comes out right."""

from collections import Counter
from pathlib import Path

import pytest
from textual.command import CommandList

from segue.core.library import Library
from segue.tui.commands import APP, LIST, Context, commands, contexts, shown_keys
from segue.tui.controllers import Desk
from segue.tui.keys_page import page
from segue.tui.offer import CONDITIONS
from segue.tui.panes import VIEWS
from segue.tui.settings import Settings
from tests.tui.support import make_stage, press, settle, until

NEVER = {"ctrl+i", "ctrl+j", "ctrl+m", "ctrl+h", "ctrl+left_square_bracket"}
"""Terminals send other keys for these."""


def keys_of(context: Context) -> list[str]:
    return [key.strip() for command in context.commands for key in command.keys.split(",") if key.strip()]


def test_ids_are_unique_and_say_who_does_it() -> None:
    ids = [command.id for _, command in commands()]
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    for context, command in commands():
        if context is not APP:
            assert command.context == context.name


@pytest.mark.parametrize("name", list(contexts()))
def test_no_two_commands_of_a_pane_share_a_key(name: str) -> None:
    keys = keys_of(contexts()[name])
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert not NEVER & set(keys)


def test_lists_hide_no_command_of_the_app_but_n_while_finding() -> None:
    assert set(keys_of(LIST)) & set(keys_of(APP)) == {"n"}


def test_every_command_of_the_app_has_somebody_who_does_it(small_library: Library) -> None:
    desk = Desk(make_stage(small_library).app)
    for command in APP.commands:
        assert callable(getattr(getattr(desk, command.context), command.method)), command.id


def test_every_command_is_explained() -> None:
    for _, command in commands():
        assert command.help.endswith("."), command.id
        assert len(command.name) <= 30
        assert command.when in CONDITIONS


def test_the_page_of_keys_is_up_to_date() -> None:
    written = Path(__file__).parents[2] / "docs" / "keys.md"
    assert written.read_text(encoding="utf-8") == page(), "python -m segue.tui.keys_page > docs/keys.md"
    assert all(f"`{command.id}`" in page() for _, command in commands())


def test_every_view_has_a_command_and_a_style() -> None:
    ids = {command.id for _, command in commands()}
    assert {f"views.{view.name}" for view in VIEWS} <= ids


def test_keys_are_named_as_people_read_them() -> None:
    assert shown_keys("enter,l,right") == ["⏎", "l", "→"]
    assert shown_keys("ctrl+r, f1 ,full_stop") == ["^r", "F1", "."]
    assert all(key.isascii() for key in shown_keys("enter,right,backspace", ascii_only=True))
    assert shown_keys("") == []


async def test_the_listeners_own_keys_hold_everywhere(small_library: Library) -> None:
    stage = make_stage(small_library, settings=Settings(keys={"radio.start": "ctrl+o", "list.down": "d"}))
    async with stage.app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "d", "r")
        assert stage.tracks.cursor == 1
        assert not stage.radio.on, "the old key does nothing any more"
        await press(pilot, "ctrl+o")
        assert stage.radio.seed == 1
        line = stage.app.screen._compositor.render_strips()[-1].text
        assert "^o radio" in line


async def test_the_key_bar_offers_what_makes_sense_and_fits(small_library: Library) -> None:
    for width in (40, 80, 200):
        stage = make_stage(small_library)
        async with stage.app.run_test(size=(width, 24)) as pilot:
            await settle(pilot)
            line = stage.app.screen._compositor.render_strips()[-1].text
            assert line.startswith(" ⏎ in  / search  : commands")
            assert "skip" not in line, "no radio, nothing to skip"
            await press(pilot, "/")
            line = stage.app.screen._compositor.render_strips()[-1].text
            assert line.startswith(" esc leave")
            assert "radio" not in line


async def test_a_click_on_the_key_bar_and_on_a_view_does_it(small_library: Library) -> None:
    stage = make_stage(small_library)
    async with stage.app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.click("KeyBar", offset=(2, 0))
        await settle(pilot)
        assert stage.app.walk.here.kind == "track"
        await pilot.click("Breadcrumb", offset=(3, 0))
        await settle(pilot)
        assert stage.app.walk.here.kind == "browse"
        header = stage.app.screen._compositor.render_strips()[0].text
        await pilot.click("Header", offset=(header.index("Radio") + 1, 0))
        await settle(pilot)
        assert stage.app.desk.views.shown == "radio"


async def test_the_palette_finds_a_command_and_does_it(small_library: Library) -> None:
    stage = make_stage(small_library)
    async with stage.app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await press(pilot, "j", ":")
        await pilot.press(*"loved tr")
        found = stage.app.screen.query_one(CommandList)
        await until(
            pilot, lambda: found.option_count == 1 and "Loved" in str(found.get_option_at_index(0).prompt)
        )
        await pilot.press("enter")
        await until(pilot, lambda: stage.app.walk.here.kind == "loves")


async def test_help_explains_the_focused_pane_first_and_finds_keys(small_library: Library) -> None:
    stage = make_stage(small_library)
    async with stage.app.run_test(size=(110, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "f1")
        shown = "\n".join(strip.text for strip in stage.app.screen._compositor.render_strips())
        assert shown.index("A list of tracks") < shown.index("Everywhere")
        await press(pilot, *"reroll")
        shown = "\n".join(strip.text for strip in stage.app.screen._compositor.render_strips())
        assert "Draw another path" in shown
        assert "Go down a row" not in shown
        await press(pilot, "escape")
        assert stage.app.focused is stage.tracks
