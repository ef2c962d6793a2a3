"""What fingers and terminals send: keys in one chunk, answers, garbled sequences."""

import random
from typing import Any

import pytest
from textual import events
from textual._compositor import Compositor
from textual.pilot import Pilot
from textual.widgets import Input

from segue.core.library import Library
from segue.tui.keyboard import Keyboard
from tests.tui.support import Stage, make_stage, press, settle


async def chunk(pilot: Pilot[Any], text: str) -> None:
    """Send what a terminal sends, all at once."""
    await settle(pilot)
    driver = pilot.app._driver
    assert driver is not None
    for message in Keyboard().feed(text):
        driver.process_message(message)
    await settle(pilot)
    await settle(pilot)


async def test_gg_in_one_chunk_goes_to_the_top_and_swallows_no_key(stage: Stage) -> None:
    async with stage.app.run_test() as pilot:
        await chunk(pilot, "G")
        assert stage.tracks.cursor == len(stage.tracks) - 1
        await chunk(pilot, "gg")
        assert stage.tracks.cursor == 0
        await chunk(pilot, "Ggg5jjk")
        assert stage.tracks.cursor == 5


async def test_one_frame_shows_a_move_and_draws_no_more_than_it_changes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames: list[set[Any]] = []  # of regions
    render_update = Compositor.render_update

    def remember(compositor: Compositor, **how: Any) -> object:  # noqa: ANN401 - Textual's
        frames.append(set(compositor._dirty_regions))
        return render_update(compositor, **how)

    monkeypatch.setattr(Compositor, "render_update", remember)
    async with stage.on_screen((120, 40)) as pilot:
        await press(pilot, *"jjkk")  # now the details have the lines that each of these tracks needs
        for key in "jjkk":
            line = stage.tracks.region.y + stage.tracks.cursor
            frames.clear()
            await press(pilot, key)
            (drawn,) = filter(None, frames)
            lines = {each for each in drawn if each.overlaps(stage.tracks.region)}
            assert {each.y for each in lines} == {line, stage.tracks.region.y + stage.tracks.cursor}
            assert {each.height for each in lines} == {1}
            assert drawn - lines == {each.region for each in stage.explore.query("#detail, #summary")}


async def test_gp_in_one_chunk_draws_no_path(stage: Stage) -> None:
    async with stage.app.run_test() as pilot:
        await press(pilot, "j", "j", "enter", "j")
        before = stage.app.walk.here
        await chunk(pilot, "gp")
        assert stage.app.walk.here == before
        assert stage.toasts[-1] == "Nothing plays. space plays this list, r starts a radio."


async def test_ctrl_u_and_text_in_one_chunk_replaces_the_text(stage: Stage) -> None:
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "/", *"drake")
        await chunk(pilot, "\x15lady g")
        assert pilot.app.screen.query_one("#search", Input).value == "lady g"


async def test_letters_behind_a_slash_are_text_and_no_commands(stage: Stage) -> None:
    async with stage.app.run_test() as pilot:
        await chunk(pilot, "/rail x")
        assert pilot.app.screen.query_one("#search", Input).value == "rail x"
        assert not stage.app.radio.on
        assert not stage.app.taste.banned


async def test_letters_behind_a_colon_reach_the_palette(stage: Stage) -> None:
    async with stage.app.run_test() as pilot:
        await chunk(pilot, ":export")
        assert pilot.app.screen.query_one(Input).value == "export"
        await chunk(pilot, "\x15path\x1b[27uj")
        assert stage.tracks.cursor == 1


async def test_keys_behind_a_view_s_key_belong_to_that_view(small_library: Library) -> None:
    stage = make_stage(small_library)
    async with stage.app.run_test(size=(120, 36)) as pilot:
        for keys in ("\x1b[15~", "\x1b[17~", "\x1b[18~", "\x1bOS", "\x1bOR", "\x1bOQ"):
            before = stage.tracks.cursor
            await chunk(pilot, keys + "j")
            assert stage.tracks.cursor == before + (keys == "\x1bOQ")


@pytest.mark.parametrize("forwarded", [False, True])
@pytest.mark.parametrize("late", [events.Key("E", "E"), events.Paste("E")], ids=["key", "paste"])
async def test_what_arrives_while_the_screens_close_ends_quietly(
    stage: Stage, late: events.Event, forwarded: bool
) -> None:
    async with stage.app.run_test():
        await stage.app._close_all()
        if forwarded:
            late._set_forwarded()
        await stage.app.on_event(late)
        assert not stage.app.has_waiting_keys
    assert stage.app.broken_by is None


def meaningless(rng: random.Random) -> str:
    """Make a sequence that no key, mouse or paste sends, as terminals answer or garble them."""
    number = rng.choice
    digits = str(number((0, 1, 7, 31, 99, 256, 9999, 55296, 0x110000, 10**9)))
    text = "".join(rng.choices("0123456789abcdefrgbqxQT;:?/ éß日", k=rng.randint(0, 30)))
    final = number("cghnpqrtvwxyz`@[\\]^_{|}")
    end = number(("\x07", "\x1b\\"))
    bad = number(("NaN", "", "-", "-;NaN"))
    kinds = (
        f"\x1b]{rng.randint(0, 120)};{text}{end}",
        f"\x1b{number('P_^X')}{text}\x1b\\",
        f"\x1b[{number('?>=<')}{digits};{digits}{number('cnuySR')}",
        f"\x1b[{digits};{digits}{final}",
        f"\x1b[{number((55296, 0x110000, 9999999))}::{rng.randint(0, 300)};{rng.randint(0, 300)}u",
        f"\x1b[{rng.randint(97, 122)};1:3u",
        f"\x1b[<{bad};{digits};NaNM",
        f"\x1b[{digits}{number(' !#$%')}{final}",
        f"\x1bO{digits}{final}",
        f"\x1b[{';' * rng.randint(1, 40)}{final}",
        f"\x1b[{rng.randint(1000, 9999)}~",
    )
    return rng.choice(kinds)


RECORDED = [
    # xterm, kitty, foot, WezTerm, iTerm2, GNOME Terminal, Konsole, Windows Terminal, tmux, screen, mosh
    "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c", "\x1b[>41;388;0c", "\x1bP!|00000000\x1b\\",
    "\x1bP>|XTerm(388)\x1b\\", "\x1b[?62;c", "\x1b[>1;4000;37c", "\x1bP>|kitty(0.37.0)\x1b\\", "\x1b[?0u",
    "\x1b[?31u", "\x1b_Gi=31;OK\x1b\\", "\x1b[>1;11800;0c", "\x1bP>|foot(1.18.1)\x1b\\",
    "\x1b]11;rgb:2424/2424/2424\x1b\\", "\x1b]10;rgb:ffff/ffff/ffff\x07", "\x1b[?65;4;6;18;22c",
    "\x1bP>|WezTerm 20240203-110809-5046fc22\x1b\\", "\x1b[?1;2c", "\x1b[>0;95;0c",
    "\x1bP>|iTerm2 3.5.4\x1b\\", "\x1b]1337;ReportCellSize=17.0;8.0;2.0\x1b\\", "\x1b[>65;7600;1c",
    "\x1bP>|VTE(7600)\x1b\\", "\x1b[>1;230805;0c", "\x1b[?61;4;6;7;14;21;22;23;24;28;32;42c",
    "\x1b[>84;0;0c", "\x1bP>|tmux 3.4\x1b\\", "\x1b[>83;40900;0c", "\x1b[>1;10;0c", "\x1b[4;1080;1920t",
    "\x1b[6;20;10t", "\x1b[8;50;132t", "\x1b[?997;1n", "\x1b[?2026;2$y", "\x1b[?2048;0$y", "\x1b[?1016;2$y",
    "\x1bP1$r0 q\x1b\\", "\x1bP1$r0m\x1b\\", "\x1bP0+r544e\x1b\\", "\x1bP1+r524742=382F382F38\x1b\\",
    "\x1b[24;80R", "\x1b[0n", "\x1b[3n", "\x1b[?13n", "\x1b]4;0;rgb:0000/0000/0000\x07",
    "\x1b]52;c;cXh4\x07", "\x1b]99;i=1;\x1b\\", "\x1b[1092::97;129;1092:1092:3u", "\x1b[57441;2u",
    "\x1b[57358;65u",
]  # fmt: skip
"""What public terminals answer when they are asked what they are, and keys of modifiers alone."""


async def test_ten_thousand_escape_sequences_run_no_command_and_end_nothing(stage: Stage) -> None:
    async with stage.app.run_test() as pilot:
        await press(pilot, "j", "j", "enter", "j")
        before = state_of(stage)
        rng = random.Random(20)
        keyboard, driver = Keyboard(), pilot.app._driver
        assert driver is not None
        arrived: list[str] = []
        for number in range(10_000):
            sequence = RECORDED[number] if number < len(RECORDED) else meaningless(rng)
            cut = rng.randint(1, len(sequence) - 1)
            for message in (*keyboard.feed(sequence[:cut]), *keyboard.feed(sequence[cut:])):
                driver.process_message(message)
                if isinstance(message, events.Key):
                    arrived.append(message.key)
            if number % 500 == 0:
                await settle(pilot)
                assert state_of(stage) == before, f"after {sequence!r}"
        await settle(pilot)
        assert state_of(stage) == before
        assert set(arrived) == {"ф", "left_shift", "caps_lock"}, "keys that no command has"
        await press(pilot, "k")
        assert stage.app.is_running
        assert stage.app.walk.cursor == before[1] - 1


def state_of(stage: Stage) -> tuple[Any, ...]:
    """Everything that a command could have changed."""
    app = stage.app
    return (
        app.walk.here, stage.tracks.cursor, app.controllers.views.shown, len(app.screen_stack), app.basket,
        app.dials, app.radio.on, app.playing, app.mark, app.taste, app.audition, app.focused,
        tuple(stage.toasts),
    )  # fmt: skip


def test_a_key_behind_a_sequence_in_the_same_chunk_arrives() -> None:
    rng = random.Random(5)
    for sequence in (*RECORDED, *(meaningless(rng) for _ in range(2000))):
        keys = [message.key for message in Keyboard().feed(f"{sequence}j") if isinstance(message, events.Key)]
        assert keys[-1:] == ["j"], repr(sequence)
