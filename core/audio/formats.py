"""Which audio format bytes are in, told from their content before any decoder sees them."""

from collections.abc import Iterator
from itertools import groupby
from typing import Literal

LOST = 200_000
"""Bytes outside MP3 frames (cover art aside) after which a file is given up."""
_SYNC = b"\xff"
_BITRATES = {
    True: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits a second of layer III by index, from 1, for MPEG-1 and for MPEG-2 and 2.5 (ISO/IEC 11172-3)."""
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
"""Hertz by index, for the version bits of MPEG-1, 2 and 2.5."""


def format_of(data: bytes) -> Literal["mp3", "wav"] | None:
    """The format of a preview: a RIFF/WAVE file, or two MP3 frames in a row; None for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    return "mp3" if next(_frames(data), None) else None


def same_rate_parts(data: bytes, seconds: float) -> list[bytes]:
    """Cut an MP3 file after so many seconds and wherever its sample rate changes.

    Decoders take the first frame's rate for the whole file. One rate gives one part, tags included.
    """
    starts, end, lasted = [0], len(data), 0.0
    for rate, run in groupby(_frames(data), key=lambda frame: frame[1]):
        for place, (start, _, samples) in enumerate(run):
            if not place and lasted:
                starts.append(start)
            lasted += samples / rate
            if lasted >= seconds:
                end = start + 2 * _length(data, start)  # a decoder wants to see the next frame's header
                return [data[a:b] for a, b in zip(starts, [*starts[1:], end], strict=True)]
    return [data[a:b] for a, b in zip(starts, [*starts[1:], end], strict=True)]


def _frames(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Each MP3 frame that another follows: where it starts, its sample rate and its number of samples."""
    at, lost = _after_tag(data), 0
    while at >= 0 and lost <= LOST:
        length = _length(data, at)
        if length and (_length(data, at + length) or at + length >= len(data)):
            version = data[at + 1] >> 3 & 3
            yield at, _RATES[version][data[at + 2] >> 2 & 3], 1152 if version == 3 else 576
            at += length
            continue
        found = data.find(_SYNC, at + 1)
        lost += found - at
        at = found


def _after_tag(data: bytes) -> int:
    """Where an ID3v2 tag ends, 0 without one."""
    if data[:3] != b"ID3" or len(data) < 10:
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _length(data: bytes, at: int) -> int:
    """The length in bytes of the layer III frame whose header is there, 0 when none is."""
    header = data[at : at + 4]
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bitrate in {0, 15} or rate == 3:
        return 0
    first = version == 3
    bits = 1000 * _BITRATES[first][bitrate - 1]
    return (144 if first else 72) * bits // _RATES[version][rate] + (header[2] >> 1 & 1)
