"""Encoded audio in memory to PCM, bounded whatever the bytes claim to be."""

import math
import shutil
import subprocess
import warnings
from typing import TYPE_CHECKING

from segue.core.audio.pcm import CHANNELS, FRAME_BYTES, RATE
from segue.core.errors import SegueError

if TYPE_CHECKING:
    from pydub import AudioSegment

LONGEST = 60.0
"""Seconds that are decoded at most; a preview has 30."""
SHORTEST = 0.1
TARGET_LEVEL = -17.0
"""Decibels below full scale (RMS) to which tracks are brought: about what quiet masters have."""
MOST_BOOST = 9.0
FFMPEG_SECONDS = 20.0


class DecodeError(SegueError):
    """The bytes are no audio that can be played."""


def decode(data: bytes) -> "AudioSegment":
    """Decode MP3, WAV, FLAC or Vorbis to 44.1 kHz stereo of 16 bit, at most 60 s of it.

    miniaudio does it in memory with nothing else installed. What it cannot read goes to ffmpeg where there
    is one on the path.

    Raises
    ------
    DecodeError
        When nobody can read it, or it holds less than a tenth of a second.
    """
    pcm = _with_miniaudio(data) or _with_ffmpeg(data)
    if pcm is None:
        raise DecodeError(f"these {len(data):,} bytes are no audio that can be decoded")
    segment = _pydub()(data=pcm, sample_width=2, frame_rate=RATE, channels=CHANNELS)
    if len(segment) < SHORTEST * 1000:
        raise DecodeError(f"the audio lasts {len(segment)} ms, too short to play")
    return segment


def even_out(segment: "AudioSegment") -> "AudioSegment":
    """Bring a segment to the common loudness, so that nobody reaches for the volume between tracks.

    The level of the excerpt itself is measured: Deezer's `gain` speaks of the whole track and may be absent.
    A boost stays below 9 dB and never clips.
    """
    level = segment.dBFS
    if not math.isfinite(level):
        return segment
    change = TARGET_LEVEL - level
    if change > 0:
        change = min(change, MOST_BOOST, max(-segment.max_dBFS, 0.0))
    return segment if abs(change) < 0.1 else segment.apply_gain(change)


def _with_miniaudio(data: bytes) -> bytes | None:
    import miniaudio  # 50 ms

    pcm = bytearray()
    try:
        for chunk in miniaudio.stream_memory(data, nchannels=CHANNELS, sample_rate=RATE, frames_to_read=RATE):
            pcm += memoryview(chunk).cast("B")
            if len(pcm) >= LONGEST * RATE * FRAME_BYTES:
                break
    except miniaudio.MiniaudioError:
        return None
    return bytes(pcm[: int(LONGEST) * RATE * FRAME_BYTES])


def _with_ffmpeg(data: bytes) -> bytes | None:
    """Decode with the ffmpeg on the path, where there is one.

    pydub could call it, but asks ffprobe first and cannot keep ffmpeg from opening what a playlist in
    disguise names; here it may read its standard input and nothing else.
    """
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None or not data:
        return None
    command = [ffmpeg, "-v", "quiet", "-protocol_whitelist", "pipe", "-i", "pipe:0", "-vn"]
    command += ["-t", f"{LONGEST:g}", "-f", "s16le", "-ac", f"{CHANNELS}", "-ar", f"{RATE}", "pipe:1"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=FFMPEG_SECONDS, check=False)  # noqa: S603 - no shell, and a fixed command
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout or None


def _pydub() -> "type[AudioSegment]":
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # pydub warns of audioop and of a missing ffmpeg; neither matters here
        from pydub import AudioSegment  # 15 ms

    segment_class: type[AudioSegment] = AudioSegment
    return segment_class
