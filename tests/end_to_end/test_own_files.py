"""Six files of a library learned from M3U, as the sound device receives them."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from segue.core.audio.pcm import RATE, Samples
from segue.core.library import Library
from tests.conftest import ROOT
from tests.end_to_end.deezer_server import FakeDeezer
from tests.end_to_end.own_files import BAND, FORMATS, SLOPE, write_files, write_paths_library
from tests.end_to_end.soundcard import SINKS, needs_alsa, sound_card

pytestmark = [
    needs_alsa,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"),
]
WINDOW = 0.1


@dataclass
class Stretch:
    """A stretch of a file that was received without a jump: when, and from which moment of it."""

    file: int
    at: float
    moment: float
    seconds: float


def stretches(received: Samples) -> list[Stretch]:
    """What was received, by the pitch of every tenth of a second; less than 0.3 s at a time is left out."""
    width = round(WINDOW * RATE)
    taper = np.hanning(width)
    found: list[Stretch] = []
    for start in range(0, len(received) - width, width // 2):
        piece = received[start : start + width, 0] * taper
        spectrum = np.abs(np.fft.rfft(piece, 2**17))
        hertz = float(spectrum.argmax()) * RATE / 2**17
        if spectrum.max() < 500 * width / 8:
            continue
        file, above = divmod(hertz + 20, BAND)  # a little below its beginning, too
        at, moment = (start + width / 2) / RATE, (above - 20) / SLOPE
        last = found[-1] if found else None
        if last is not None and last.file == int(file) and abs(moment - last.moment - (at - last.at)) < 0.05:
            last.seconds = at - last.at
        else:
            found.append(Stretch(int(file), at, moment, 0.0))
    return [stretch for stretch in found if stretch.seconds >= 0.3]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Library]:
    folder = tmp_path_factory.mktemp("music")
    return folder, write_paths_library(tmp_path_factory.mktemp("library") / "files", write_files(folder))


@pytest.mark.parametrize("sink", SINKS)
def test_they_are_heard_in_order_crossfaded_and_nobody_is_asked(
    files: tuple[Path, Library], tmp_path: Path, sink: str
) -> None:
    folder, library = files
    command = [
        sys.executable,
        "-m",
        "segue",
        "play",
        str(folder / "six.m3u"),
        "-l",
        str(library.path),
        "--json",
    ]
    command += ["--duration", "2.5", "--crossfade", "1"]
    with sound_card(tmp_path) as card, FakeDeezer() as deezer:
        env = os.environ | card.env | {"SEGUE_SINK": sink, "SEGUE_DEEZER_API": deezer.base_url}
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=True
        )
        received, asked = card.received(), list(deezer.asked)
    assert asked == []
    events = [json.loads(line) for line in done.stdout.splitlines()]
    playing = [event for event in events if event["event"] == "playing"]
    assert [event["title"] for event in playing] == [f"Song {n}" for n in range(1, len(FORMATS) + 1)]
    assert {event["credit"] for event in playing} == {"Your own file"}
    heard = stretches(received)
    assert [stretch.file for stretch in heard] == list(range(1, len(FORMATS) + 1))
    for number, stretch in enumerate(heard):
        assert stretch.at - stretch.moment == pytest.approx(
            2.5 * number + heard[0].at - heard[0].moment, abs=0.05
        )


def landings(received: Samples, heard: list[Stretch]) -> list[float]:
    """From which moment of its file each stretch is heard first: its own sound, found in steps of 5 ms."""
    width, hop, found = round(0.02 * RATE), round(0.005 * RATE), []
    for stretch in heard:
        began = stretch.at - stretch.moment  # where the file's beginning would lie
        first = max(round((stretch.at - 4 * WINDOW) * RATE), round(began * RATE), 0)
        seconds = np.arange(first, round((stretch.at + 0.3) * RATE)) / RATE - began
        phase = 2 * np.pi * (stretch.file * BAND * seconds + SLOPE * seconds**2 / 2)
        own = received[first : first + len(seconds), 0] * np.exp(-1j * phase)
        places = range(0, len(own) - width, hop)
        levels = np.array([abs((own[at : at + width] * np.hanning(width)).sum()) for at in places])
        place = int(np.argmax(levels > 0.08 * levels.max()))
        found.append(float(seconds[place * hop + width // 2]))
    return found


def test_seek_skip_and_previous_land_where_they_should(files: tuple[Path, Library], tmp_path: Path) -> None:
    with sound_card(tmp_path) as card:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tests.end_to_end.own_files", str(files[1].path)],
            cwd=ROOT, env=os.environ | card.env, capture_output=True, text=True, timeout=200, check=True,
        )  # fmt: skip
        received = card.received()
    order = [1, 2, 3, 2, 3, 4, 5, 6]
    assert json.loads(done.stdout) == [f"Song {number}" for number in order]
    heard = stretches(received)
    wanted: list[tuple[int, float]] = []
    for place, number in enumerate(order):
        wanted.append((number, 0.0))
        if place not in {3, 4}:
            wanted += [(number, 5.0), (number, 1.5)]
    assert [stretch.file for stretch in heard] == [number for number, _ in wanted]
    assert landings(received, heard) == pytest.approx([moment for _, moment in wanted], abs=0.05)
