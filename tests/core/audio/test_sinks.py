"""What the sinks do about devices that are absent, busy, slow or shams. Each in a process of its own."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from segue.core.audio.devices import _crashes
from tests.conftest import ROOT
from tests.end_to_end.soundcard import CONFIG, SINKS, needs_alsa

PLAY = """
import time
from segue.core.audio import make_player, sinks
from tests.end_to_end.noise import noise
sinks.OPEN_SECONDS = 1.0
player = make_player()
player.subscribe(print)
player.load(noise(3, seed=1))
began = time.monotonic()
player.play()
while player.playing and time.monotonic() < began + 60:
    time.sleep(0.01)
print(player.position)
"""


def play(config: str, folder: Path, sink: str) -> tuple[list[str], str]:
    """Play 3 s of noise to their end; return the events and what was written to standard error."""
    path = folder / "asound.conf"
    path.write_text(config)
    env = {"ALSA_CONFIG_PATH": str(path), "SEGUE_SINK": sink, "ALSA_CAPTURE_FILE": str(folder / "card")}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PLAY],  # pydub warns of a missing ffmpeg
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *events, position = done.stdout.splitlines()
    assert position == "3.0"
    return events, done.stderr


@needs_alsa
@pytest.mark.parametrize("sink", SINKS)
def test_no_card_means_silence_and_not_a_word_from_alsa(tmp_path: Path, sink: str) -> None:
    events, errors = play(CONFIG.replace("type null", "type hw card 31"), tmp_path, sink)
    assert errors == ""
    assert len(events) == 2
    assert events[0].startswith("SinkChanged(sink='silent', reason='")
    reasons = ("No such file or directory", "failed to init device")
    assert any(reason in events[0] for reason in reasons)


@needs_alsa
@pytest.mark.slow
@pytest.mark.parametrize("sink", SINKS)
def test_a_device_that_never_opens_leaves_the_program_running(tmp_path: Path, sink: str) -> None:
    # opening it blocks for ever without a reader; were the interpreter lock held, all would stand still
    os.mkfifo(tmp_path / "card")
    events, errors = play(CONFIG, tmp_path, sink)
    assert errors == ""
    assert events[0] == "SinkChanged(sink='silent', reason='the sound device does not answer')"


@needs_alsa
@pytest.mark.slow
@pytest.mark.parametrize("sink", SINKS)
def test_a_sham_device_is_found_out(tmp_path: Path, sink: str) -> None:
    events, errors = play("pcm.!default { type null }\nctl.!default { type null }", tmp_path, sink)
    assert errors == ""
    assert events[0] == f"SinkChanged(sink='{sink}', reason='')"
    assert events[1].startswith("SinkChanged(sink='silent', reason='the sound device ")
    assert events[2].startswith("TrackEnded")


@pytest.mark.skipif(importlib.util.find_spec("simpleaudio") is None, reason="simpleaudio is not installed")
def test_the_original_simpleaudio_is_refused_where_it_crashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONMALLOC", raising=False)
    original = importlib.util.find_spec("simpleaudio") is not None and "simpleaudio" in {
        name.lower() for name in _distributions()
    }
    assert not _crashes(0x030B0000)
    assert _crashes(0x030C0000) == original
    monkeypatch.setenv("PYTHONMALLOC", "malloc")
    assert not _crashes(0x030C0000)


def _distributions() -> list[str]:
    from importlib.metadata import distributions

    return [found.metadata["Name"] for found in distributions()]


def test_importing_the_rooms_of_sound_is_light() -> None:
    names = ("audio", "audio.decode", "deezer.source", "radio.session", "radio.fetcher")
    rooms = ", ".join(f"segue.core.{name}" for name in names)
    heavy = "requests pydub miniaudio simpleaudio pandas scipy sklearn tensorflow"
    code = f"import sys, {rooms}; print(sorted(set({heavy!r}.split()) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
