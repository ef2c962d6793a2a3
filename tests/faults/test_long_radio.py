"""A day and a night of radio, in simulated time."""

import pytest

from segue.core.audio.pcm import RATE
from segue.core.library import Library
from segue.core.radio.parts import Stopped
from tests.core.radio.doubles import Clock, Source
from tests.core.radio.test_hardship import HOUR, Radio, without_preview

SECONDS = 30.0
"""Of a preview; 3 of them fade into the next."""


@pytest.mark.slow
@pytest.mark.timeout(900)  # a day of audio is decoded: 50 s on a free processor, others share it
def test_twenty_four_hours_never_fall_silent_and_are_all_in_the_journal(tiny_library: Library) -> None:
    source = Source(SECONDS, rate=RATE)  # as it is played: to resample it would take as long as all the rest
    source.reasons = without_preview(tiny_library, range(0, len(tiny_library), 7))
    radio = Radio(tiny_library, Clock(), source)
    for _ in range(24):
        radio.run(HOUR)
    played = len(radio.played())
    assert played * (SECONDS - 3) == pytest.approx(24 * HOUR, rel=0.02)
    assert not radio.of(Stopped)
    outcomes = [outcome for _, outcome in radio.journal()]
    assert outcomes.count("played") == played - 1, "all but the one that plays"
