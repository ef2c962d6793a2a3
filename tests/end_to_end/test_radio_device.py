"""What a real sound device receives, to the sample, when a listener uses every control of the player."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from segue.core.audio.pcm import RATE, Samples, samples_of
from tests.conftest import ROOT
from tests.end_to_end.noise import noise
from tests.end_to_end.soundcard import SINKS, SoundCard, needs_alsa, sound_card

pytestmark = [needs_alsa, pytest.mark.slow]

LATE = 0.8
"""Seconds within which a control must be heard: the device's own delay, on a loaded machine."""


@dataclass
class Run:
    card: SoundCard
    received: Samples
    used: dict[str, float]
    events: list[str]
    errors: str


@pytest.fixture(scope="module", params=SINKS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One session of listening for all tests of a sink."""
    with sound_card(tmp_path_factory.mktemp("card")) as card:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tests.end_to_end.play_script", request.param],
            cwd=ROOT,
            env=os.environ | card.env,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        answer = json.loads(done.stdout)
        assert answer["sink"] == request.param
        return Run(card, card.received(), answer["used"], answer["events"], done.stderr)


def pieces(received: Samples, source: Samples) -> list[tuple[int, int, int]]:
    """Where stretches of a source were received: (frame received, frame of the source, length)."""
    step = 64
    known = {source[at : at + step].tobytes(): at for at in range(len(source) - step)}
    found: list[tuple[int, int, int]] = []
    at = 0
    while at + step <= len(received):
        place = known.get(received[at : at + step].tobytes())
        if place is None:
            at += 1
            continue
        sent, got = source[place : place + len(received) - at], received[at : at + len(source) - place]
        differs = (sent != got).any(axis=1)
        length = int(np.argmax(differs)) if differs.any() else len(differs)
        found.append((at, place, length))
        at += length
    return found


def first(run: Run) -> list[tuple[int, int, int]]:
    return pieces(run.received, samples_of(noise(8, seed=1)))


def second(run: Run) -> list[tuple[int, int, int]]:
    return pieces(run.received, samples_of(noise(8, seed=2)))


def test_the_beginning_is_what_was_sent_until_the_volume_changes(run: Run) -> None:
    at, place, length = first(run)[0]
    assert at == place
    assert place < 0.02 * RATE, "after the first 15 ms, which rise"
    assert run.used["quieter"] <= (place + length) / RATE <= run.used["quieter"] + LATE


def test_a_quarter_of_the_volume_is_a_quarter_of_every_sample(run: Run) -> None:
    begin, end = round((run.used["quieter"] + LATE) * RATE), round((run.used["mute"] - 0.02) * RATE)
    sent = samples_of(noise(8, seed=1))[begin:end]
    assert np.abs(run.received[begin:end] - sent / 4).max() <= 0.51


def test_mute_is_silence(run: Run) -> None:
    begin, end = round((run.used["mute"] + LATE) * RATE), round((run.used["loud"] - 0.02) * RATE)
    if end > begin:
        assert not run.received[begin:end].any()
    silent = np.flatnonzero(~run.received.any(axis=1))
    assert len(silent) > 0.3 * RATE


def test_pause_goes_on_at_the_very_next_sample(run: Run) -> None:
    loud = [piece for piece in first(run) if piece[1] > run.used["loud"] * RATE]
    heard = np.concatenate([np.arange(place, place + length) for _, place, length in loud])
    begin, end = heard[0], heard[-1]
    np.testing.assert_array_equal(heard, np.arange(begin, end + 1))
    assert begin / RATE <= run.used["loud"] + LATE
    assert run.used["skip"] <= end / RATE <= run.used["skip"] + LATE
    assert run.card.pauses(0.3), "the device rested"
    assert abs(run.used["pause"] - run.used["resume"]) < LATE
    assert run.used["lowest"] >= run.used["pause"] - 0.05, "the position never jumps back"


def test_the_skip_is_a_crossfade_of_one_second(run: Run) -> None:
    before, after = first(run)[-1], second(run)[0]
    end = after[0]
    begin = end - after[1]
    assert (end - begin) / RATE == pytest.approx(1.0, abs=0.01)
    assert begin / RATE == pytest.approx((before[0] + before[2]) / RATE, abs=0.01)
    one = samples_of(noise(8, seed=1))[before[1] + begin - before[0] :][: end - begin]
    two = samples_of(noise(8, seed=2))[: end - begin]
    along = (np.arange(end - begin) / RATE * np.pi / 2)[:, np.newaxis]
    expected = np.cos(along) * one + np.sin(along) * two
    assert np.abs(run.received[begin:end] - expected).max() < 3


def test_the_seek_lands_where_it_was_asked_to(run: Run) -> None:
    before, after = second(run)[-2:]
    assert run.used["seek"] <= (before[1] + before[2]) / RATE <= run.used["seek"] + LATE
    assert after[1] / RATE == pytest.approx(7.0, abs=0.02)
    assert (after[0] - before[0] - before[2]) / RATE < 0.02
    assert after[1] + after[2] == 8 * RATE, "and the track is heard to its last sample"


def test_nothing_but_the_end_was_reported_and_nothing_was_written(run: Run) -> None:
    assert len(run.events) == 2
    assert run.events[1] == "TrackEnded(key='second')"
    assert run.errors == ""
