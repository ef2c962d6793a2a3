"""`segue radio` as a listener runs it: a library, a Deezer on loopback, a sound device that is recorded."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from segue.core.audio.pcm import RATE
from segue.core.deezer.source import tune
from segue.core.library import Library
from segue.core.state import State
from tests.conftest import ROOT
from tests.end_to_end.deezer_server import TONE_HERTZ, FakeDeezer
from tests.end_to_end.radio_library import introduce, make_radio_library
from tests.end_to_end.soundcard import CONFIG, SINKS, needs_alsa, sound_card, tone_levels

pytestmark = [needs_alsa, pytest.mark.slow]

WINDOW = 0.05
LOUDNESS = 32768 * 10 ** (-17 / 20) * np.sqrt(2)
"""The amplitude of a sine wave at the level to which every track is brought."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return make_radio_library(tmp_path_factory.mktemp("libraries") / "radio")


@pytest.fixture
def deezer(library: Library) -> Iterator[FakeDeezer]:
    with FakeDeezer() as server:
        introduce(library, server)
        yield server


def start(
    library: Library, deezer: FakeDeezer, options: list[str], env: dict[str, str]
) -> "subprocess.Popen[str]":
    """Start a radio from the library's first track."""
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "segue",
            "radio",
            library.track_ids[0],
            "-l",
            str(library.path),
            "--json",
            *options,
        ],
        cwd=ROOT,
        env=os.environ | {"SEGUE_DEEZER_API": deezer.base_url} | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """Wait for its end; return the events. Nothing may have been written to standard error."""
    out, errors = process.communicate(timeout=150)
    assert errors == ""
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


def of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


def starts(levels: npt.NDArray[np.float64]) -> list[tuple[int, float]]:
    """Which tone takes over when: (hertz, seconds)."""
    loudest = np.where(levels.max(axis=1) > LOUDNESS / 10, levels.argmax(axis=1), -1)
    changes = [
        (int(tone), at) for at, (before, tone) in enumerate(pairwise([-1, *loudest])) if tone != before
    ]
    return [(TONE_HERTZ[tone], at * WINDOW) for tone, at in changes if tone >= 0]


def seconds_between(level: npt.NDArray[np.float64], low: float, high: float) -> float:
    """How long a level that rises or falls is between two shares of its most."""
    return float(((level > low * level.max()) & (level < high * level.max())).sum() * WINDOW)


@pytest.mark.parametrize("sink", SINKS)
def test_the_device_receives_the_radio(
    library: Library, deezer: FakeDeezer, tmp_path: Path, sink: str
) -> None:
    deezer.script = ["fine", "missing", "alternative", "unknown", "expired", "html", "cut once", "noise"]
    options = ["--tracks", "3", "--duration", "3", "--crossfade", "1", "--mode", "walk"]
    with sound_card(tmp_path) as card:
        events = finish(start(library, deezer, options, card.env | {"SEGUE_SINK": sink}))
        received = card.received()

    played = of(events, "playing")
    numbers = [int(event["link"].rpartition("/")[2]) for event in played]
    hertz = [deezer.songs[number].hertz for number in numbers]
    assert len(set(hertz)) == 3

    levels = tone_levels(received, TONE_HERTZ, window=WINDOW)
    heard = starts(levels)
    assert [tone for tone, _ in heard] == hertz, "every track is heard, in order, and nothing else"
    # a track takes over in the middle of its crossfade, but for the first
    assert [at for _, at in heard] == pytest.approx([0.0, 3.5, 6.5], abs=2 * WINDOW)
    for number, tone in enumerate(hertz):
        level = levels[:, TONE_HERTZ.index(tone)]
        assert np.median(level[level > level.max() / 2]) == pytest.approx(LOUDNESS, rel=0.03)
        fades = 0.77 * ((number > 0) + (number < 2))  # an equal-power fade is 0.77 of its length in between
        assert seconds_between(level, 0.05, 0.95) == pytest.approx(fades, abs=0.25)
    assert deezer.busiest() <= 40


@pytest.mark.parametrize("mode", ["walk", "steer"])
def test_every_track_that_is_not_played_is_reported_and_written_down(
    library: Library, deezer: FakeDeezer, mode: str
) -> None:
    deezer.script = ["missing", "fine", "alternative", "unknown", "expired", "html", "cut once", "noise"]
    options = ["--tracks", "4", "--duration", "1", "--crossfade", "0", "--mode", mode]
    events = finish(start(library, deezer, options, {"SEGUE_SINK": "silent"}))
    reasons = {
        "missing": "no preview on Deezer",
        "unknown": "Deezer does not know this track",
        "html": "Deezer sent text/html; charset=utf-8 instead of audio",
        "noise": "these 100,000 bytes are neither MP3 nor WAV",
    }
    played, skipped = of(events, "playing"), of(events, "skipped")
    assert len(played) == 4
    for event in played:
        manner = deezer.songs[int(event["track_id"].removeprefix("track_"))].manner
        assert manner not in reasons
        assert event["note"] == ("an alternative release" if manner == "alternative" else "")
        assert event["credit"] == "Preview by Deezer"
        assert event["link"].startswith("https://www.deezer.com/track/")
    reported = [(event["track_id"], event["reason"]) for event in skipped]
    assert {"no preview on Deezer", "Deezer does not know this track"} <= {reason for _, reason in reported}
    for track_id, reason in reported:
        assert reason == reasons[deezer.songs[int(track_id.removeprefix("track_"))].manner]

    state = State.open()
    journal = [(line.track_id, line.outcome) for line in reversed(state.journal())]
    state.close()
    assert [line for line in journal if line[1] != "played"] == reported
    heard = [track_id for track_id, outcome in journal if outcome == "played"]
    assert heard == [event["track_id"] for event in played]


@pytest.mark.parametrize("sink", SINKS)
def test_a_device_that_vanishes_leaves_the_radio_running(
    library: Library, deezer: FakeDeezer, tmp_path: Path, sink: str
) -> None:
    with sound_card(tmp_path) as card:
        process = start(
            library, deezer, ["--tracks", "2", "--duration", "5"], card.env | {"SEGUE_SINK": sink}
        )
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if '"playing"' in line:
                break
        while not len(card.received()):
            pass
    events = [json.loads(line) for line in lines] + finish(process)
    assert [event["text"].partition(":")[0] for event in of(events, "notice")] == ["playing silently"]
    assert len(of(events, "playing")) == 2
    assert events[-1] == {"event": "stopped", "reason": "that was the last track"}


@pytest.mark.parametrize("sink", SINKS)
def test_a_machine_without_a_card_is_silent_in_every_sense(
    library: Library, deezer: FakeDeezer, tmp_path: Path, sink: str
) -> None:
    """ALSA writes eight lines to file descriptor 2 when its card is missing; none may reach the screen."""
    config = tmp_path / "no-card.conf"
    config.write_text(CONFIG.replace("type null", "type hw card 31"))
    env = {"ALSA_CONFIG_PATH": str(config), "ALSA_CAPTURE_FILE": str(tmp_path / "never"), "SEGUE_SINK": sink}
    events = finish(start(library, deezer, ["--tracks", "1", "--duration", "1"], env))
    assert [event["text"].partition(":")[0] for event in of(events, "notice")] == ["playing silently"]
    assert len(of(events, "playing")) == 1


def test_a_quota_that_is_used_up_is_waited_for(library: Library, deezer: FakeDeezer) -> None:
    deezer.quota = 3
    process = start(library, deezer, ["--tracks", "3", "--duration", "2"], {"SEGUE_SINK": "silent"})
    events = finish(process)
    assert len(of(events, "playing")) == 3
    assert not of(events, "skipped")


def test_a_path_of_six_demo_tracks_is_heard_in_its_order(tmp_path: Path) -> None:
    """Each tune is found where it fits best, by FFT, and the next begins as it fades."""
    demo = Library.open("demo")
    command = ["play", "--path", demo.track_ids[7], demo.track_ids[70], "--tracks", "6", "-l", "demo"]
    with sound_card(tmp_path) as card:
        done = subprocess.run(
            [sys.executable, "-m", "segue", *command, "--json", "--duration", "2.5", "--crossfade", "1"],
            cwd=ROOT, env=os.environ | {"SEGUE_SINK": "miniaudio"} | card.env, capture_output=True,
            text=True, timeout=150, check=True,
        )  # fmt: skip
        received = card.received()[:, 0].astype(float)
    rows = [event["row"] for event in of([json.loads(line) for line in done.stdout.splitlines()], "playing")]
    assert rows[0] == 7
    assert len(set(rows)) == 6
    size = 1 << (len(received) + 2 * RATE).bit_length()
    spectrum, begin = np.fft.rfft(received, size), []
    for info in demo.catalogue.infos(rows):
        own = tune(info, seconds=10.0)[: 2 * RATE, 0].astype(float)
        begin.append(int(np.fft.irfft(spectrum * np.fft.rfft(own, size).conj(), size).argmax()) / RATE)
    assert begin == pytest.approx([begin[0] + 2.5 * n for n in range(6)], abs=0.05)
