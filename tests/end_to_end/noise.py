"""Noise: a signal of which every piece tells where it comes from."""

import numpy as np
from pydub import AudioSegment

from segue.core.audio.pcm import RATE


def noise(seconds: float, *, seed: int) -> AudioSegment:
    """White noise in stereo, the same for the same seed."""
    rng = np.random.default_rng(seed)
    pcm = (rng.standard_normal((round(seconds * RATE), 2)) * 3000).astype("<i2")
    return AudioSegment(data=pcm.tobytes(), sample_width=2, frame_rate=RATE, channels=2)
