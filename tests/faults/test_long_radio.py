"""A day and a night of radio, in simulated time."""

import gc
import mmap
import sys
from pathlib import Path

import pytest

from segue.core.audio.pcm import FRAME_BYTES, RATE
from segue.core.library import Library
from segue.core.radio.parts import Stopped
from tests.core.radio.doubles import Clock, Source
from tests.core.radio.test_hardship import HOUR, Radio, without_preview

SECONDS = 30.0
"""Of a preview; 3 of them fade into the next."""


@pytest.mark.slow
@pytest.mark.timeout(900)  # a day of audio is decoded: 50 s on a free processor, others share it
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_twenty_four_hours_never_fall_silent_take_no_more_memory_than_one_and_are_all_in_the_journal(
    tiny_library: Library,
) -> None:
    source = Source(SECONDS, rate=RATE)  # as it is played: to resample it would take as long as all the rest
    source.reasons = without_preview(tiny_library, range(0, len(tiny_library), 7))
    radio = Radio(tiny_library, Clock(), source, mode="steer")
    played, memory = 0, []
    for hour in range(1, 25):
        radio.run(HOUR)
        played += len(radio.played())
        assert played * (SECONDS - 3) == pytest.approx(hour * HOUR, rel=0.02)
        assert not radio.of(Stopped)
        radio.events.clear()
        source.asked.clear()
        gc.collect()
        memory.append(int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE)
    # one plays, one fades, two are ready: no more than that
    assert memory[-1] - memory[0] < 6 * SECONDS * RATE * FRAME_BYTES
    outcomes = [outcome for _, outcome in radio.journal()]
    assert outcomes.count("played") == played - 1, "all but the one that plays"
