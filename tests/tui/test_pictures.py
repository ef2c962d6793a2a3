"""Covers in real pixels: what the terminal is asked, and what is drawn where it can."""

import os
import pty
import re
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from segue.core.deezer.client import DeezerClient
from segue.core.library import Library
from segue.tui.panes.radio.now import Cover
from segue.tui.terminal import PixelQuestion
from tests.tui.support import make_stage, press, until
from tests.tui.test_radio_page import Drawn

KITTY = b"\x1b_Gi=31;OK\x1b\\\x1b[?62;52;c"
FOOT = b"\x1b[?62;4;22;28;29;c"
WEZTERM = b"\x1b_Gi=31;OK\x1b\\\x1b[?65;4;6;18;22;52;c"
XTERM = b"\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c"
OLD_KITTY = b"\x1b_Gi=31;ENOTSUPPORTED:no\x1b\\\x1b[?62;c"


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A terminal that answers a query as it was recorded; its file descriptor."""
    master, slave = pty.openpty()
    ended = threading.Event()

    def answer_once() -> None:
        asked = b""
        while not ended.is_set():
            if select.select([master], [], [], 0.01)[0]:
                asked += os.read(master, 1024)
            if answer and re.search(rb"a=q.*\x1b\\\x1b\[c$", asked, re.DOTALL):
                os.write(master, b"j" + answer.replace(b"\x1b[?", b"j\x1b[?"))
                return

    thread = threading.Thread(target=answer_once)
    thread.start()
    try:
        yield slave
    finally:
        ended.set()
        thread.join()
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(KITTY, "kitty"), (FOOT, "sixel"), (WEZTERM, "sixel"), (XTERM, ""), (OLD_KITTY, ""), (b"", "")],
)
def test_a_terminal_says_how_it_draws_pictures(
    answer: bytes, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import termios

    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    if answer:  # a busy machine may answer late
        monkeypatch.setattr("segue.tui.terminal.ANSWER_SECONDS", 10.0)
    with answering(answer) as terminal:
        before = termios.tcgetattr(terminal)
        question = PixelQuestion(terminal)
        assert question.answer() == kind
        assert question.answer() == kind, "asked once"
        assert termios.tcgetattr(terminal) == before, "it is left as it was"
        assert question.typed == b"jj" * bool(answer), "keys are kept for the app"


def test_tmux_is_not_asked_what_it_would_take_for_a_title(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "tmux-256color")
    master, slave = pty.openpty()
    question = PixelQuestion(slave)
    assert os.read(master, 1024) == b"\x1b[c"
    os.write(master, FOOT)
    assert question.answer() == "sixel"
    os.close(master)
    os.close(slave)


def test_what_is_no_terminal_draws_nothing() -> None:
    reading, writing = os.pipe()
    assert PixelQuestion(reading).answer() == ""
    os.close(reading)
    os.close(writing)


async def test_a_cover_is_a_picture_where_the_terminal_draws_one(
    small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = pytest.importorskip("textual_image.widget", reason="textual-image is not installed")
    sent: list[dict[str, object]] = []
    monkeypatch.setattr(
        "textual_image.renderable.tgp._send_tgp_message", lambda **message: sent.append(message)
    )
    stage = make_stage(small_library)
    stage.app.equipment = replace(
        stage.app.equipment,
        make_covers=lambda: Drawn(DeezerClient("http://127.0.0.1:9", offline=True)),
        make_picture=pictures.TGPImage,
    )
    async with stage.on_screen((120, 36)) as pilot:
        await press(pilot, "space", "f3")
        await until(pilot, lambda: stage.playing == 0)
        cover = stage.app.controllers.views.view("radio").query_one(Cover)
        await until(pilot, lambda: any("payload" in message for message in sent))
        placed = [message for message in sent if message.get("U") == 1]
        assert (placed[-1]["c"], placed[-1]["r"]) == (24, 12)
        assert cover.region.size == (24, 12)
        assert not any(segment.text.strip() for segment in cover.render_line(0)), "no half blocks below"
        await press(pilot, "\\")
        await until(pilot, lambda: not cover.display)
