"""w sends what is listed to where the listener's settings lead, and shows first what is there."""

from typing import Any

import pytest
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static

from segue.core.library import Library
from segue.tui.model.places import PlaylistPlace
from segue.tui.model.settings import Settings
from segue.tui.screens.ask import ChoiceScreen, FileScreen, LineScreen
from tests.subsonic_server import PASSWORD, USER, subsonic
from tests.tui.support import opened, press, prompts, settle, until


def options(screen: ChoiceScreen) -> list[str]:
    listed = screen.query_one(OptionList)
    return prompts(listed)


def title(screen: Screen[Any]) -> str:
    found = screen.query(".box-title")
    return str(found.first(Static).render()) if found else ""


async def test_w_shows_what_is_there_and_sends_it(
    small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGUE_SUBSONIC_USER", USER)
    monkeypatch.setenv("SEGUE_SUBSONIC_TOKEN", PASSWORD)
    infos = small_library.catalogue.infos([3, 4])
    known = [{"id": "nd-3", "title": infos[0].title, "artist": infos[0].artist}]
    with subsonic(known) as fake:
        async with opened(small_library, settings=Settings(subsonic=fake.url)) as (stage, pilot):
            stage.app.controllers.walks.go(PlaylistPlace((3, 4), "own", name="Evening"))
            await settle(pilot)
            await press(pilot, "w", "j", "enter")  # not to a file
            screen = stage.app.screen
            assert isinstance(screen, ChoiceScreen)
            at = next(at for at, each in enumerate(options(screen)) if each.startswith("this list"))
            await press(pilot, *"j" * at, "enter")
            await until(pilot, lambda: "found at" in title(stage.app.screen))
            shown = stage.app.screen
            assert isinstance(shown, ChoiceScreen)
            assert options(shown) == [
                "Send 1 track",
                f"{infos[0].label}  nd-3 (by exact)",
                f"{infos[1].label}  not there",
            ]
            assert not fake.playlists, "nothing is sent before it was shown"
            await press(pilot, "enter")
            assert isinstance(stage.app.screen, LineScreen)
            assert stage.app.screen.query_one(Input).value == "Evening"
            await press(pilot, "enter")
            await until(pilot, lambda: bool(fake.playlists))
            assert fake.lists() == {"Evening": ["nd-3"]}
            await until(pilot, lambda: f"{fake.url}: made the playlist Evening" in stage.toasts)

            await press(pilot, "w", "enter")
            assert isinstance(stage.app.screen, FileScreen)
            await press(pilot, "escape")
            fake.songs.clear()
            await press(pilot, "w", "j", "enter", *"j" * at, "enter")
            await until(pilot, lambda: "nothing was sent" in stage.toasts[-1])
            assert fake.lists() == {"Evening": ["nd-3"]}
