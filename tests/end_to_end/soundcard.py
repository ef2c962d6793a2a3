"""A sound card for tests: ALSA's file device, played in real time into a file."""

import ctypes
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from segue.core.audio.pcm import FRAME_BYTES, RATE, Samples

PACE = Path(__file__).with_name("pace.py")

# it takes the place of the system's whole ALSA configuration and needs nothing but libasound2
CONFIG = """
pcm.!default { type plug slave.pcm "capturefile" }
pcm.capturefile {
    type file
    slave.pcm "devnull"
    file { @func getenv vars [ ALSA_CAPTURE_FILE ] default "/dev/null" }
    format "raw"
    truncate true
}
pcm.devnull { type null }
ctl.!default { type null }
"""


def _alsa_is_here() -> bool:
    try:
        ctypes.CDLL("libasound.so.2")
    except OSError:
        return False
    return sys.platform == "linux"


needs_alsa = pytest.mark.skipif(not _alsa_is_here(), reason="ALSA's library (libasound2) is not installed")
SINKS = [
    pytest.param(
        "simpleaudio",
        marks=pytest.mark.skipif(
            importlib.util.find_spec("simpleaudio") is None,
            reason="simpleaudio is not installed: it needs a compiler and ALSA's headers (libasound2-dev)",
        ),
    ),
    "miniaudio",
]


@dataclass
class SoundCard:
    """What a program needs to play into the card, and what it has received so far."""

    env: dict[str, str]
    file: Path

    def received(self) -> Samples:
        """Everything the card has received, int16 (frames, 2)."""
        data = self.file.read_bytes()
        return np.frombuffer(data[: len(data) // FRAME_BYTES * FRAME_BYTES], dtype="<i2").reshape(-1, 2)

    def pauses(self, longer_than: float) -> list[tuple[int, float]]:
        """Frames before which nothing came for a while, each with how long that was in seconds."""
        lines = (line.split() for line in Path(f"{self.file}.log").read_text().splitlines())
        log = [(float(at), int(taken) // FRAME_BYTES) for at, taken in lines]
        return [
            (frame, at - before) for (before, _), (at, frame) in pairwise(log) if at - before > longer_than
        ]


@contextmanager
def sound_card(folder: Path) -> Iterator[SoundCard]:
    """A card that plays into `folder`. The default device of every program that gets its environment."""
    config, fifo, file = folder / "asound.conf", folder / "card", folder / "received.raw"
    config.write_text(CONFIG)
    os.mkfifo(fifo)
    with subprocess.Popen(
        [sys.executable, str(PACE), str(fifo), str(file), str(RATE * FRAME_BYTES)], stdout=subprocess.PIPE
    ) as pace:
        assert pace.stdout is not None
        pace.stdout.readline()
        try:
            yield SoundCard({"ALSA_CONFIG_PATH": str(config), "ALSA_CAPTURE_FILE": str(fifo)}, file)
        finally:
            pace.kill()


def tone_levels(samples: Samples, hertz: tuple[int, ...], *, window: float = 0.05) -> npt.NDArray[np.float64]:
    """How loud each tone is in each window, as amplitude: float64 (windows, tones)."""
    width = round(window * RATE)
    blocks = samples[: len(samples) // width * width, 0].astype(float).reshape(-1, width)
    time = np.arange(width) / RATE
    taper = np.hanning(width)
    waves = np.exp(-2j * np.pi * np.outer(time, hertz)) * taper[:, np.newaxis]
    levels: npt.NDArray[np.float64] = 2 * np.abs(blocks @ waves) / taper.sum()
    return levels
