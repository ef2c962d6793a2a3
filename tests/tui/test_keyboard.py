"""What a terminal sends, and what arrives of it."""

import random
import time

import pytest
from textual import constants, events
from textual.message import Message

from segue.core.library import Library
from segue.tui.keyboard import LONGEST_PASTE, PATIENCE, Keyboard, TerminalDriver
from segue.tui.panes.explore.view import SearchBox
from tests.tui.support import make_stage, opened, press, settle, until


def heard(*pieces: str, wait: float = 0.0) -> list[Message]:
    """What arrives of pieces that come one after another."""
    keyboard = Keyboard()
    found = [message for piece in pieces for message in keyboard.feed(piece)]
    if wait:
        time.sleep(wait)
        found += keyboard.tick()
    return found


def keys(*pieces: str, wait: float = 0.0) -> list[str]:
    """The keys that arrive, by name."""
    return [message.key for message in heard(*pieces, wait=wait) if isinstance(message, events.Key)]


KEYS = {
    "q": ["q"],
    "jkl": ["j", "k", "l"],
    "\r": ["enter"],
    "\t": ["tab"],
    "\x7f": ["backspace"],
    "\x10": ["ctrl+p"],
    "é日": ["é", "日"],
    "\x1b[A": ["up"],
    "\x1bOA": ["up"],
    "\x1b[1;2A": ["shift+up"],
    "\x1b[1;5C": ["ctrl+right"],
    "\x1b[5~": ["pageup"],
    "\x1bOP": ["f1"],
    "\x1b[[A": ["f1"],
    "\x1b[15~": ["f5"],
    "\x1b[Z": ["shift+tab"],
    "\x1bx": ["alt+x"],
    "\x1b\x1b[A": ["escape", "up"],
    "\x1b[A\x1b[Bq": ["up", "down", "q"],
    # Kitty's protocol, plain and with alternate codes
    "\x1b[113u": ["q"],
    "\x1b[27u": ["escape"],
    "\x1b[13u": ["enter"],
    "\x1b[112;5u": ["ctrl+p"],
    "\x1b[49:33;2u": ["exclamation_mark"],
    "\x1b[1092::97;129;1092u": ["ф"],
    "\x1b[106;1:1u": ["j"],
    "\x1b[106;1:2u": ["j"],
}


@pytest.mark.parametrize("sent", KEYS, ids=repr)
def test_keys_arrive_however_they_are_cut(sent: str) -> None:
    assert keys(sent) == KEYS[sent]
    assert keys(*sent) == KEYS[sent]


MEANINGLESS = [
    "\x1b[127::8;130u", "\x1b[9999999u", "\x1b[55296u", "\x1b[106;1:3u", "\x1b[u", "\x1b[;;u", "\x1b[113~",
    "\x1b[113A", "\x1b[9999~", "\x1b[1;1;1;1;1u", "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\",
    "\x1b[?62;22c", "\x1bP>| tmux 3.3a\x1b\\", "\x1b[<32;NaN;NaNM", "\x1b[<99999999;1;1M",
    "\x1b_Gi=1;OK\x1b\\",
    "\x1b[48;99999;99999;1;1t", "\x1b[0n", "\x1b[31m", "\x1b[>0;276;0c", "\x1b[?2027;0$y", "\x1b[12;40R",
    "\x1b[201~", f"\x1b[{'9' * 5000}u", f"\x1b[{'1;' * 500}m", f"\x1b]52;c;{'QUJD' * 500}\x07",
]  # fmt: skip


@pytest.mark.parametrize("sent", MEANINGLESS, ids=lambda sent: repr(sent)[:30])
def test_answers_and_malformed_sequences_are_no_keys(sent: str) -> None:
    allowed = {"backspace", "shift+backspace"} if "127" in sent else set()
    assert set(keys(sent)) <= allowed
    assert keys(sent, "q")[-1] == "q"
    assert set(keys(*sent)) <= allowed
    for at in range(1, min(len(sent), 60)):
        assert set(keys(sent[:at], sent[at:])) <= allowed


def test_a_lone_escape_and_an_alt_key_wait_for_no_more_than_the_delay() -> None:
    assert keys("\x1b") == []
    assert keys("\x1b", wait=constants.ESCAPE_DELAY) == ["escape"]
    assert keys("\x1b[", wait=constants.ESCAPE_DELAY) == ["alt+left_square_bracket"]


def test_a_sequence_that_is_never_ended_is_dropped() -> None:
    keyboard = Keyboard()
    assert not list(keyboard.feed("\x1b]11;rgb:"))
    time.sleep(PATIENCE)
    assert not list(keyboard.tick())
    assert [message.key for message in keyboard.feed("q") if isinstance(message, events.Key)] == ["q"]
    assert not list(keyboard.feed("\x1b]" + "x" * 200_000))
    assert [message.key for message in keyboard.feed("q") if isinstance(message, events.Key)] == ["q"]


def pasted(*pieces: str, wait: float = 0.0) -> list[str]:
    found = heard(*pieces, wait=wait)
    assert all(isinstance(message, events.Paste) for message in found), "and nothing else"
    return [message.text for message in found if isinstance(message, events.Paste)]


def test_a_paste_that_holds_escape_sequences_is_a_paste() -> None:
    whole = "\x1b[200~colour \x1b[31mred\x1b[0m f x q\r\nand\x1b more\x07\x00\x1b[201~"
    assert pasted(whole) == ["colour red f x q\r\nand more"]
    assert pasted(*whole) == ["colour red f x q\r\nand more"]
    for at in range(1, len(whole)):
        assert pasted(whole[:at], whole[at:]) == ["colour red f x q\r\nand more"]


def test_keys_around_a_paste_arrive() -> None:
    found = heard("a\x1b[200~b\x1b[201~c\x1b[200~\x1b[201~")
    assert [getattr(message, "key", getattr(message, "text", "")) for message in found] == ["a", "b", "c", ""]


def test_a_paste_without_an_end_ends_by_itself() -> None:
    assert pasted("\x1b[200~some titles\x1b[20", wait=PATIENCE) == ["some titles"]


def test_a_long_paste_is_cut() -> None:
    line = "\x1b[31mMara Quill - Intro\x1b[0m\n"
    pieces = ["\x1b[200~", *[line * 100] * 1_500, "\x1b[201~"]
    (text,) = pasted(*pieces)
    assert set(text.splitlines()[:-1]) == {"Mara Quill - Intro"}
    assert len(text) < LONGEST_PASTE < sum(map(len, pieces))


def test_the_mouse_focus_and_size_are_heard() -> None:
    kinds = [
        type(message).__name__
        for message in heard("\x1b[<0;5;5M\x1b[<0;5;5m\x1b[<65;5;5M\x1b[I\x1b[O\x1b[48;30;100;600;800t")
    ]
    assert kinds == ["MouseDown", "MouseUp", "MouseScrollDown", "AppFocus", "AppBlur", "Resize"]


def test_no_noise_ends_it() -> None:
    rng = random.Random(0)
    letters = "\x1b\x1b\x1b[]PO_;:<?0123456789uRMmt~ABqé\x07\\\ud800\U0010ffff"
    for _ in range(500):
        keyboard = Keyboard()
        for _ in range(3):
            list(keyboard.feed("".join(rng.choices(letters, k=rng.randint(1, 40)))))
        list(keyboard.tick())


def test_the_explorer_hears_a_terminal_through_it(small_library: Library) -> None:
    assert make_stage(small_library).app.get_driver_class() is TerminalDriver


async def test_a_paste_with_escape_sequences_is_text_in_a_field_and_nothing_in_a_list(
    small_library: Library,
) -> None:
    async with opened(small_library) as (stage, pilot):
        before = stage.app.walk.here, stage.tracks.cursor
        for message in heard("\x1b[200~j\x1b[Bj x\x1b[31m f C r S\x1b q\x1b[201~"):
            stage.app.post_message(message)
        await settle(pilot)
        assert stage.app.is_running
        assert (stage.app.walk.here, stage.tracks.cursor) == before
        assert not stage.app.radio.on
        assert not stage.app.taste.loved
        await press(pilot, "slash")
        for message in heard("\x1b[200~Sa\x1b[31mlt\x1b[0m\x1b[201~"):
            stage.app.post_message(message)
        await until(pilot, lambda: bool(stage.app.screen.query_one(SearchBox).value))
        assert stage.app.screen.query_one(SearchBox).value == "Salt"
