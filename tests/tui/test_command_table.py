"""Commands hold together: everything that is generated from their declarations comes out right."""

import runpy
from collections import Counter
from pathlib import Path

import pytest
from textual.widgets import OptionList

from segue.core.errors import UsageError
from segue.core.library import Library
from segue.tui.availability import offered
from segue.tui.commands import Group, is_key, key_names, names_of, shown_keys
from segue.tui.controllers import APP_COMMANDS, Controllers
from segue.tui.controllers.views import VIEWS, check_keymap, command_groups
from segue.tui.model.listing import Finding
from segue.tui.model.places import PlaylistPlace
from segue.tui.model.settings import Settings
from segue.tui.widgets.track_list import TrackList
from tests.tui.screen import text_of
from tests.tui.support import Stage, make_stage, opened, press, settle, until

GROUPS = command_groups(APP_COMMANDS)
EVERY = [command for group in GROUPS for command in group.commands]


def keys_of(group: Group) -> list[str]:
    return [key for command in group.commands for key in names_of(command.keys)]


def test_ids_are_unique_and_grep_finds_the_code_of_each() -> None:
    assert [name for name, count in Counter(each.id for each in EVERY).items() if count > 1] == []
    sources = [path.read_text(encoding="utf-8") for path in Path("tui").rglob("*.py")]
    for command in EVERY:
        assert sum(f'@command("{command.id}"' in source for source in sources) == 1, command.id


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.title)
def test_no_two_commands_of_a_pane_share_a_key(group: Group) -> None:
    keys = keys_of(group)
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert all(is_key(name) for command in group.commands for name in key_names(command.keys))


def test_lists_hide_no_command_of_the_app_but_next_and_previous_while_finding() -> None:
    assert set(keys_of(TrackList.group())) & set(keys_of(GROUPS[0])) == {"n", "N"}


def test_every_command_of_the_app_has_a_controller(small_library: Library) -> None:
    controllers = Controllers(make_stage(small_library).app)
    for command in APP_COMMANDS:
        assert controllers.method(command).func is command.method


def test_every_command_is_explained() -> None:
    for command in EVERY:
        assert command.help.endswith("."), command.id
        assert len(command.name) <= 30
    assert all(group.title and group.about for group in GROUPS)


def test_the_page_of_keys_is_up_to_date() -> None:
    docs = Path(__file__).parents[2] / "docs"
    page = runpy.run_path(str(docs / "keys.py"))["page"]()
    assert (docs / "keys.md").read_text(encoding="utf-8") == page, "python docs/keys.py > docs/keys.md"
    assert all(f"`{command.id}`" in page for command in EVERY)


def test_every_view_has_a_command() -> None:
    assert {f"views.{name}" for name in VIEWS} <= {command.id for command in APP_COMMANDS}


def test_a_keymap_may_name_every_command_and_no_other() -> None:
    check_keymap(Path("settings.toml"), {command.id: "f12" for command in EVERY}, APP_COMMANDS)
    for wrong, meant in {
        "radio.strat": "radio.start",
        "map.zoom": "map.zoom_in",
        "list.dwn": "list.down",
    }.items():
        with pytest.raises(UsageError) as caught:
            check_keymap(Path("settings.toml"), {wrong: "r"}, APP_COMMANDS)
        assert str(caught.value) == (
            f"settings.toml: unknown command {wrong!r} in [keys]; did you mean {meant!r}?"
        )


def test_keys_are_named_as_people_read_them() -> None:
    assert shown_keys("enter,l,right") == ["⏎", "l", "→"]
    assert shown_keys("ctrl+r, f1 ,full_stop") == ["^r", "F1", "."]
    assert all(key.isascii() for key in shown_keys("enter,right,backspace", ascii_only=True))
    assert shown_keys("") == []


async def test_the_listeners_own_keys_hold_everywhere(small_library: Library) -> None:
    async with opened(
        small_library, settings=Settings(keys={"radio.start": "ctrl+o", "list.down": "d"}), size=(120, 30)
    ) as (stage, pilot):
        await press(pilot, "d", "r")
        assert stage.tracks.cursor == 1
        assert not stage.radio.on, "the old key does nothing any more"
        await press(pilot, "ctrl+o")
        assert stage.radio.seed == 1
        line = text_of(stage).splitlines()[-1]
        assert "^o radio" in line


async def test_the_key_bar_offers_what_makes_sense_and_fits(small_library: Library) -> None:
    for width in (40, 80, 200):
        async with opened(small_library, size=(width, 24)) as (stage, pilot):
            line = text_of(stage).splitlines()[-1]
            assert line.startswith(" ⏎ open  / search  : commands")
            assert "skip" not in line, "no radio, nothing to skip"
            await press(pilot, "/")
            line = text_of(stage).splitlines()[-1]
            assert line.startswith(" esc leave")
            assert "radio" not in line


async def test_the_key_bar_offers_nothing_of_other_views(stage: Stage) -> None:
    of_lists = {"audition", "surprise", "familiarity", "order", "reroll", "what else"}
    async with stage.on_screen((250, 24)) as pilot:
        assert {each.name for each in offered(stage.app)} >= of_lists - {"reroll", "what else"}
        stage.app.controllers.walks.go(PlaylistPlace((3, 4, 9), name="Evening"))
        await settle(pilot)
        assert "what else" in {each.name for each in offered(stage.app)}
        for view in ("metrics", "train", "map", "radio", "compare"):
            stage.app.controllers.views.show(view)
            await settle(pilot)
            others = of_lists if view in {"metrics", "train"} else {"what else"}
            assert not others & {each.name for each in offered(stage.app)}, view
            assert not any(name in text_of(stage).splitlines()[-1] for name in others), view


async def test_the_player_bar_names_no_key_that_does_something_else_here(stage: Stage) -> None:
    async with stage.on_screen((120, 24)) as pilot:
        await press(pilot, "r")
        await until(pilot, lambda: stage.app.playing is not None)
        assert "n next" in text_of(stage).splitlines()[-2]
        stage.tracks.finding = Finding("song", (2, 9))
        stage.app.refresh_keys()
        await settle(pilot)
        assert "next match" in {each.name for each in offered(stage.app)}, "whose key is n"
        assert "n next" not in text_of(stage).splitlines()[-2]
        assert "& love" in text_of(stage).splitlines()[-2]


async def test_a_click_on_the_key_bar_and_on_a_view_does_it(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        await pilot.click("KeyBar", offset=(2, 0))
        await settle(pilot)
        assert stage.app.walk.here.kind == "track"
        await pilot.click("Breadcrumb", offset=(3, 0))
        await settle(pilot)
        assert stage.app.walk.here.kind == "browse"
        header = text_of(stage).splitlines()[0]
        await pilot.click("Header", offset=(header.index("Radio") + 1, 0))
        await settle(pilot)
        assert stage.app.controllers.views.shown == "radio"


async def test_the_palette_finds_a_command_and_does_it(small_library: Library) -> None:
    async with opened(small_library) as (stage, pilot):
        await press(pilot, "j", ":")
        await pilot.press(*"loved tr")
        found = stage.app.screen.query_one(OptionList)
        await until(
            pilot,
            lambda: found.option_count > 0 and "loved tracks" in str(found.get_option_at_index(0).prompt),
        )
        await pilot.press("enter")
        await until(pilot, lambda: stage.app.walk.here.kind == "loves")


async def test_help_explains_the_focused_pane_first_and_finds_keys(small_library: Library) -> None:
    async with opened(small_library, size=(110, 40)) as (stage, pilot):
        await press(pilot, "f1")
        shown = text_of(stage)
        assert shown.index("A list of tracks") < shown.index("Everywhere")
        await press(pilot, *"reroll")
        shown = text_of(stage)
        assert "Draw another path" in shown
        assert "Go down a row" not in shown
        await press(pilot, "escape")
        assert stage.app.focused is stage.tracks


async def test_a_toast_does_not_lie_over_the_help(stage: Stage) -> None:
    async with stage.app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "escape", "f")
        await until(pilot, lambda: "u undoes" in text_of(stage))
        await press(pilot, "f1")
        await settle(pilot)
        assert "Help" in text_of(stage)
        assert "u undoes" not in text_of(stage)
        stage.app.say("the disk is full", "error")
        await settle(pilot)
        assert "the disk is full" in text_of(stage), "what can't wait is shown"
