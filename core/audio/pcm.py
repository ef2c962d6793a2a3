"""The one form in which sound is mixed and played: 44.1 kHz, stereo, 16 bit."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from pydub import AudioSegment

RATE = 44_100
CHANNELS = 2
FRAME_BYTES = 4

Samples = npt.NDArray[np.int16]
"""int16 (frames, 2)."""


def samples_of(segment: "AudioSegment") -> Samples:
    """View a segment as int16 (frames, 2); a segment of another form is converted first."""
    if (segment.frame_rate, segment.channels, segment.sample_width) != (RATE, CHANNELS, 2):
        segment = segment.set_frame_rate(RATE).set_channels(CHANNELS).set_sample_width(2)
    return np.frombuffer(segment.raw_data, dtype="<i2").reshape(-1, CHANNELS)


def frames(seconds: float) -> int:
    """Seconds as frames."""
    return round(seconds * RATE)


def envelope(segment: "AudioSegment", parts: int = 200) -> tuple[float, ...]:
    """How loud each of `parts` equal stretches of a segment is, from 0 to 1 for the loudest; about 1 ms."""
    samples = samples_of(segment)[::8]  # every eighth frame is enough for a drawing
    whole = len(samples) // parts * parts
    if not whole:
        return ()
    # float32: the square of an int16 does not fit into one
    power = np.square(samples[:whole].astype(np.float32)).reshape(parts, -1).mean(axis=1)
    loudness = np.sqrt(power)
    return tuple((loudness / max(float(loudness.max()), 1.0)).tolist())
