"""Radio in the explorer: a real terminal, a Deezer on loopback, a sound device that is recorded."""

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from segue.core.audio.pcm import RATE
from segue.core.state import State
from tests.end_to_end.deezer_server import TONE_HERTZ, FakeDeezer
from tests.end_to_end.radio_library import introduce, make_radio_library
from tests.end_to_end.soundcard import SINKS, SoundCard, needs_alsa, sound_card, tone_levels
from tests.end_to_end.test_tui_in_tmux import Terminal

pytestmark = [
    needs_alsa,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]
DEADLINE = 60.0


def wait_for(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, f"never came about: {what}"
        time.sleep(0.05)


def tone_now(card: SoundCard) -> int:
    """The tone of the last half second in hertz; 0 for silence."""
    levels = tone_levels(card.received()[-RATE // 2 :], TONE_HERTZ, window=0.1)
    level = levels[-3:].mean(axis=0) if len(levels) >= 3 else np.zeros(len(TONE_HERTZ))
    return TONE_HERTZ[int(level.argmax())] if level.max() > 3000 and np.sort(level)[-2] < 300 else 0


@pytest.mark.parametrize("sink", SINKS)
def test_start_skip_pause_and_go_on(tmp_path: Path, sink: str) -> None:
    library = make_radio_library(tmp_path / "library")
    terminal = Terminal(tmp_path / "socket", tmp_path / "home")
    try:
        with FakeDeezer() as deezer, sound_card(tmp_path) as card:
            introduce(library, deezer)
            env = card.env | {"SEGUE_SINK": sink, "SEGUE_DEEZER_API": deezer.base_url}
            settings = " ".join(f"{name}={value}" for name, value in env.items())
            terminal.type(f"{settings} {sys.executable} -m segue --library {library.path}", "Enter")
            terminal.leave_tour()

            terminal.type("r")
            wait_for(lambda: tone_now(card) != 0, "the first track is heard")
            first = tone_now(card)
            terminal.type("F3")
            terminal.shows("Deezer")
            terminal.type("n")
            wait_for(lambda: tone_now(card) not in {0, first}, "a skip brings another tone")
            second = tone_now(card)

            terminal.type("P")
            size = -1

            def rests() -> bool:
                nonlocal size
                before, size = size, len(card.received())
                time.sleep(0.5)
                return before == size

            wait_for(rests, "a pause stops the device")
            terminal.type("P")
            wait_for(lambda: len(card.received()) > size + RATE // 2, "it goes on")
            assert tone_now(card) in {0, second}
            shown = terminal.screen()
            terminal.type("q")
            wait_for(lambda: terminal.flag("alternate_on") == "0", "the explorer closes")
            terminal.type("echo over $((40 + 2))", "Enter")
            terminal.shows("over 42")
            assert "ALSA lib" not in shown + terminal.screen()

        heard = [TONE_HERTZ[tone] for tone in tone_levels(card.received(), TONE_HERTZ).argmax(axis=1)]
        assert heard.index(first) < heard.index(second)
    finally:
        terminal.close()
    state = State(tmp_path / "home" / "state" / "segue" / "state.sqlite")
    (skipped, played) = [line for line in reversed(state.journal()) if line.outcome in {"skipped", "played"}]
    state.close()
    assert (skipped.outcome, played.outcome) == ("skipped", "played")
    tones = [deezer.songs[int(line.track_id.removeprefix("track_"))].hertz for line in (skipped, played)]
    assert tones == [first, second]
