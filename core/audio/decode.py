"""Encoded audio in memory to PCM, bounded whatever the bytes claim to be."""

import io
import math
import shutil
import warnings
from typing import TYPE_CHECKING

from core.audio.pcm import CHANNELS, FRAME_BYTES, RATE
from core.errors import SegueError

if TYPE_CHECKING:
    from pydub import AudioSegment

LONGEST = 60.0
"""Seconds that are decoded at most; a preview has 30."""
SHORTEST = 0.1
TARGET_LEVEL = -17.0
"""Decibels below full scale (RMS) to which tracks are brought: about what quiet masters have."""
MOST_BOOST = 9.0


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
    pcm = _with_miniaudio(data)
    segment = _segment(pcm) if pcm is not None else _with_ffmpeg(data)
    if segment is None:
        raise DecodeError(f"these {len(data):,} bytes are no audio that can be decoded")
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


def _with_ffmpeg(data: bytes) -> "AudioSegment | None":
    """Decode with pydub and the ffmpeg on the path.

    Naming a codec keeps pydub from asking ffprobe, and bytes instead of a path keep ffmpeg off the terminal's
    standard input, where it would eat key presses.
    """
    if not data or shutil.which("ffmpeg") is None:
        return None
    segment_class = _pydub()
    try:
        segment = segment_class.from_file(
            io.BytesIO(data), codec="mp3", duration=LONGEST, parameters=["-nostdin", "-loglevel", "error"]
        )
    except Exception:  # noqa: BLE001 - pydub raises whatever went wrong in its child
        return None
    return segment.set_frame_rate(RATE).set_channels(CHANNELS).set_sample_width(2)


def _segment(pcm: bytes) -> "AudioSegment":
    return _pydub()(data=pcm, sample_width=2, frame_rate=RATE, channels=CHANNELS)


def _pydub() -> "type[AudioSegment]":
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # pydub warns of audioop and of a missing ffmpeg; neither matters here
        from pydub import AudioSegment  # 15 ms

    segment_class: type[AudioSegment] = AudioSegment
    return segment_class
