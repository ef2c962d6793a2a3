"""The terminal: whose noise stays off it, and what it is taken for."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from segue.core.library import Library
from segue.tui.terminal import colourless, draw_soon, over_ssh, quiet_stderr
from tests.tui.support import opened, press

NOISY = """
import os, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from segue.tui.terminal import quiet_stderr
with quiet_stderr(Path({log!r})):
    os.write(2, b"noise from a C library\\n")
    sys.__stderr__.write("a drawing\\n")
    sys.__stderr__.flush()
os.write(2, b"after\\n")
"""


def test_noise_on_descriptor_2_goes_to_the_log_and_drawings_to_the_terminal(tmp_path: Path) -> None:
    log = tmp_path / "state" / "noise.log"
    root = str(Path(__file__).parents[2])
    terminal, slave = os.openpty()
    code = NOISY.format(root=root, log=str(log))
    process = subprocess.Popen([sys.executable, "-c", code], stderr=slave, stdout=subprocess.DEVNULL)
    os.close(slave)
    assert process.wait(timeout=60) == 0
    drawn = os.read(terminal, 4096).decode()
    os.close(terminal)
    assert log.read_text() == "noise from a C library\n"
    assert "a drawing" in drawn
    assert "after" in drawn
    assert "noise" not in drawn


SOUND = """
import gc, mmap
from segue.tui.terminal import collect_garbage_again

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * mmap.PAGESIZE

gc.disable()
collect_garbage_again()
bytearray(3 << 20)  # once glibc has freed such a block it keeps the next ones
before = resident()
parts = [(bytearray(b"x") * 100_000, bytearray(b"x") * (3 << 20)) for _ in range(20)]
kept = [small for small, _ in parts]
del parts
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="about glibc's own way of keeping memory")
def test_memory_of_sound_goes_back_though_smaller_things_lie_between() -> None:
    done = subprocess.run([sys.executable, "-c", SOUND], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 20_000_000, "20 blocks of 3 MB were freed"


def test_without_a_terminal_nothing_is_moved(tmp_path: Path) -> None:
    before = sys.__stderr__
    with quiet_stderr(tmp_path / "noise.log"):
        assert sys.__stderr__ is before
    assert not (tmp_path / "noise.log").exists()


def test_changes_are_drawn_within_4_ms_and_less_often_over_ssh(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import segue.tui.terminal as t; t.draw_soon(); import textual.screen as s; print(s.UPDATE_PERIOD)"
    for ssh, period in (("", "0.004"), ("10.0.0.1 1 10.0.0.2 22", "0.016")):
        environment = {**os.environ, "SSH_CONNECTION": ssh, "SSH_TTY": ""}
        environment.pop("TEXTUAL_FPS", None)
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=Path(__file__).parents[2], env=environment,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.startswith(period)
    monkeypatch.setenv("TEXTUAL_FPS", "30")
    draw_soon()
    assert os.environ["TEXTUAL_FPS"] == "30"  # it was asked for


def test_ssh_and_no_color_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not over_ssh()
    assert not colourless()
    monkeypatch.setenv("SSH_TTY", "/dev/pts/1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert over_ssh()
    assert colourless()


async def test_over_ssh_nothing_moves_by_itself(
    small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "1.2.3.4 5 6.7.8.9 22")
    async with opened(small_library) as (stage, _):
        assert stage.app.animation_level == "none"


async def test_without_colours_no_colour_is_drawn(
    small_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(small_library) as (stage, pilot):
        await press(pilot, "enter", "f")
        strips = stage.app.screen._compositor.render_strips()
        styles = [
            segment.style
            for strip in strips
            for segment in strip.apply_filter(stage.app._filters[-1], stage.app.screen.styles.background)
            if segment.style is not None
        ]
        assert all(style.color is None or style.color.is_default for style in styles)
        assert all(style.bgcolor is None or style.bgcolor.is_default for style in styles)
        cursor = next(strip.text for strip in strips if "▌" in strip.text)
        assert "♥" in cursor, "the sign tells what the colour would"
