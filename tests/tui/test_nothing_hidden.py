"""What a listener looks for is found: by other words, in few keys, and kept in a file."""

from pathlib import Path

import pytest
from textual.containers import VerticalScroll
from textual.widgets import Input, OptionList, Static
from textual.widgets._toast import Toast

from segue.core.errors import UsageError
from segue.core.library import Library
from segue.tui.model.settings import Settings, commented, manual, read_settings, settings_path, write_setting
from segue.tui.panes.explore.headers import ListSummary
from segue.tui.screens.ask import ChoiceScreen, FilterScreen
from segue.tui.screens.help import STEPS, TourScreen
from segue.tui.widgets.bars import PlayerBar
from tests.tui.screen import text_of
from tests.tui.support import Stage, make_stage, opened, press, settle, until, write_small_library


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


WANTED = {
    "theme": "theme …", "settings": "settings …", "library": "open library …",
    "export": "write or send", "change a key": "keys …", "another library": "open library …",
    "playlist": "open playlist", "queue": "play next", "dislike": "ban", "quit": "quit", "exit": "quit",
    "favourite": "love", "similar": "radio", "seek": "5 s ahead", "keymap": "keys …", "history": "journal",
    "love list": "loved tracks", "next": "next", "radio.start": "radio",
}  # fmt: skip


async def test_the_palette_knows_other_words(stage: Stage) -> None:
    async with stage.on_screen((120, 36)) as pilot:
        await press(pilot, "r")
        await until(pilot, lambda: stage.app.playing is not None)
        await press(pilot, "colon")
        for typed, wanted in WANTED.items():
            stage.app.screen.query_one(Input).value = typed
            await settle(pilot)
            options = stage.app.screen.query_one(OptionList)
            await until(pilot, lambda: options.option_count > 0)  # noqa: B023 - called at once
            prompts = [str(option.prompt) for option in options.options[:8]]
            assert any(wanted in prompt for prompt in prompts), (typed, prompts)


async def test_the_palette_says_when_nothing_matches(stage: Stage) -> None:
    async with stage.on_screen((120, 36)) as pilot:
        await press(pilot, "colon", *"zzzz")
        await until(pilot, lambda: "No command matches 'zzzz'" in text_of(stage))


async def test_a_theme_is_shown_while_it_is_looked_at_kept_when_chosen_and_else_not(stage: Stage) -> None:
    async with stage.on_screen((120, 36)) as pilot:
        stage.app.controllers.preferences.theme()
        await settle(pilot)
        await press(pilot, "down")
        assert stage.app.theme == "segue-light"
        await press(pilot, "escape")
        assert stage.app.theme == "segue-dark"
        stage.app.controllers.preferences.theme()
        await settle(pilot)
        await press(pilot, *"light", "enter")
        assert stage.app.theme == read_settings().theme == "segue-light"
        assert stage.toasts[-1].startswith("theme is now segue-light, saved in ")
        assert stage.toasts[-1].endswith(f"{settings_path().name}."), "cut in the middle only"


async def test_stations_and_orders_are_found_as_one_types(stage: Stage) -> None:
    async with stage.on_screen() as pilot:
        for name in ("Morning", "Evening"):
            await press(pilot, "enter", "s")
            stage.app.screen.query_one(Input).value = name
            await press(pilot, "enter")
        await press(pilot, "S", *"even", "enter")
        assert stage.app.walk.here.name == "Evening"
        stage.app.controllers.dials.order()
        await press(pilot, *"right after", "enter")
        assert stage.app.dials.ranker == "following"


async def test_a_setting_is_changed_in_the_page_and_in_the_file(stage: Stage) -> None:
    async with stage.on_screen((120, 36)) as pilot:
        stage.app.controllers.preferences.settings()
        await settle(pilot)
        assert isinstance(stage.app.screen, FilterScreen)
        assert "settings.toml" in text_of(stage)
        await press(pilot, *"neighb", "enter")
        stage.app.screen.query_one(Input).value = "7"
        await press(pilot, "enter")
        assert read_settings().neighbours == stage.app.settings.neighbours == 7
        await press(pilot, "enter")
        assert len(stage.app.listing.rows) == 1 + 7
        settings_path().write_text('theme = "segue-contrast"\n')
        stage.app.controllers.preferences.look()
        await settle(pilot)
        assert stage.app.theme == "segue-contrast"


async def test_a_key_is_changed_and_one_that_is_taken_is_refused(stage: Stage) -> None:
    async with stage.on_screen((120, 36)) as pilot:
        stage.app.controllers.preferences.keys()
        await settle(pilot)
        await press(pilot, *"radio.start", "enter", "f")
        assert stage.toasts[-1] == "f is already the key of love; choose another."
        assert not settings_path().exists()
        await press(pilot, "colon", *"keymap")  # four keys, not counting the text
        await press(pilot, "enter")
        await until(pilot, lambda: "Which command gets another key?" in text_of(stage))
        await press(pilot, *"radio.start", "enter", "f8")
        assert read_settings().keys == {"radio.start": "f8"}
        await press(pilot, "f8")
        await until(pilot, lambda: stage.radio.on)


async def test_keys_of_the_file_that_clash_or_never_arrive_are_named_in_one_line(
    small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"radio.start": "f", "basket.plus": "shift+r", "dials.unheard": "ctrl+i", "taste.ban": "f8"}
    stage = make_stage(small_library, settings=Settings(keys=keys))
    said: list[str] = []  # whole: a toast cuts in the middle what is longer than two lines
    monkeypatch.setattr(stage.app, "say", lambda text, _severity: said.append(text))
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: bool(said))
    assert said[0].count("settings.toml, [keys]: ") == len(said) == 1
    assert "'f' is the key of both radio.start and taste.love" in said[0]
    assert "'shift+r', the key of basket.plus, is not a key that a terminal sends" in said[0]
    assert "'ctrl+i', the key of dials.unheard, is not" in said[0]
    assert "f8" not in said[0]


async def test_a_toast_hides_no_row_of_a_list_and_nothing_of_what_plays(stage: Stage) -> None:
    async with stage.on_screen((80, 24), toasts=True) as pilot:
        stage.app.say("The sound is off: no device was found, and so nothing can be heard. " * 2, "warning")
        await until(pilot, lambda: bool(stage.app.screen.query(Toast)))
        toast = stage.app.screen.query_one(Toast).region
        assert toast.height > 0
        for hidden in (stage.tracks, stage.explore.query_one(ListSummary), stage.app.query_one(PlayerBar)):
            assert not toast.overlaps(hidden.region)


async def test_a_toast_leaves_nothing_behind_when_the_next_takes_its_place(stage: Stage) -> None:
    async with stage.on_screen(toasts=True) as pilot:
        for number in range(5):
            stage.app.say(f"Toast {number}")
            await until(pilot, lambda: len(stage.app.screen.query(Toast)) == 1)
            await settle(pilot)
        [toast] = stage.app.screen.query(Toast)
        assert str(toast.render()) == "Toast 4"
        assert len(stage.app.screen.query("ToastHolder")) == 1


async def test_a_click_on_the_line_of_what_plays_goes_on_from_there(stage: Stage) -> None:
    async with stage.on_screen((120, 30)) as pilot:
        await press(pilot, "space")
        await until(pilot, lambda: stage.playing is not None and "0:00/0:30" in text_of(stage))
        begins = text_of(stage).splitlines()[-2].index("──")
        await pilot.click(PlayerBar, offset=(begins + 12, 0))
        await until(pilot, lambda: "0:15/0:30" in text_of(stage))
        await pilot.click(PlayerBar, offset=(2, 0))
        await settle(pilot)
        assert "0:15/0:30" in text_of(stage)


async def test_another_library_is_found_as_one_types(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "data" / "segue" / "models"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("alpha", "beta"):
        write_small_library(models / name, evaluated=True)
    async with stage.on_screen((120, 36)) as pilot:
        await press(pilot, "colon", *"library")
        await press(pilot, "enter")
        await until(pilot, lambda: "Open which library?" in text_of(stage))
        assert "60 tracks, hit@10 " in text_of(stage)
        await press(pilot, *"bet", "enter")
        assert stage.app.return_value == models / "beta"


def test_the_file_is_made_with_comments_and_a_change_keeps_what_is_there() -> None:
    assert set(manual()) == set(Settings.__struct_fields__)
    write_setting("volume", 0.3)
    text = settings_path().read_text()
    assert "# The volume at the start, 0 to 1." in text
    assert '#theme = "segue-dark"' in text
    assert "\nvolume = 0.3\n" in text
    assert read_settings() == Settings(volume=0.3)
    settings_path().write_text("# mine\nvolume = 1  # loud\n\n[keys]\n'taste.love' = 'l'\n")
    write_setting("theme", "segue-light")
    assert settings_path().read_text().startswith("# mine\nvolume = 1  # loud\n")
    assert read_settings() == Settings(volume=1, theme="segue-light", keys={"taste.love": "l"})
    before = settings_path().read_text()
    with pytest.raises(UsageError, match="pink"):
        write_setting("theme", "pink")
    assert settings_path().read_text() == before
    assert "\n[keys]\n" in commented()


async def test_the_help_finds_signs_and_words_and_hangs_its_lines(stage: Stage) -> None:
    async with stage.on_screen((80, 24)) as pilot:
        await press(pilot, "f1", *"theme")
        assert "theme …" in text_of(stage)
        await press(pilot, *["backspace"] * 5, *"banned")
        assert "✕ banned" in text_of(stage)
        await press(pilot, *["backspace"] * 6)
        lines = [line for line in text_of(stage).splitlines() if line.strip()]
        assert not any(line.lstrip().startswith("which it stays near") for line in lines)


async def test_the_help_is_no_longer_than_two_screens_and_end_goes_to_its_end(stage: Stage) -> None:
    async with stage.on_screen((120, 36)) as pilot:
        for view in ("f5", "f2"):  # the two with most keys
            await press(pilot, view, "f1")
            text = stage.app.screen.query_one(VerticalScroll)
            assert text.virtual_size.height <= 2 * 36
            assert "Type to find" in str(stage.app.screen.query_one("#keys-text", Static).render())
            await press(pilot, "end")
            assert text.scroll_offset.y == text.max_scroll_y > 0
            await press(pilot, "home")
            assert text.scroll_offset.y == 0
            await press(pilot, "escape")


async def test_the_help_of_metrics_finds_its_columns(small_library: Library) -> None:
    async with opened(small_library, size=(120, 36)) as (stage, pilot):
        await press(pilot, "f4", "f1")
        top = "\n".join(text_of(stage).splitlines()[:12])
        assert "How often the true next track" in top, "what the view is comes first"
        await press(pilot, *"hubs")
        assert "skewness" in text_of(stage)


async def test_the_tour_runs_the_keys_it_names_and_fits_80_columns(small_library: Library) -> None:
    async with opened(small_library, greeted=False, size=(80, 24)) as (stage, pilot):
        assert isinstance(stage.app.screen, TourScreen)
        await press(pilot, "enter", "j", "l")
        assert stage.app.walk.here.kind == "track"
        await press(pilot, "h")
        assert stage.app.walk.here.kind == "browse"
        assert text_of(stage).count("✓ ") == 3
        for number in range(2, len(STEPS) + 1):
            assert f"{number} of {len(STEPS)}" in text_of(stage), "the last line of the box is in sight"
            await press(pilot, "enter")
        assert not isinstance(stage.app.screen, TourScreen)


async def test_the_tour_comes_once_for_each_listener(small_library: Library, tmp_path: Path) -> None:
    async with opened(small_library, greeted=False) as (stage, pilot):
        assert isinstance(stage.app.screen, TourScreen)
        await press(pilot, "escape")
    other = make_stage(write_small_library(tmp_path / "other"), greeted=False, state=stage.state)
    async with other.on_screen() as pilot:
        assert not isinstance(other.app.screen, ChoiceScreen | TourScreen)
