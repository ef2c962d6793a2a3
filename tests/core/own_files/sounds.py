"""Audio files of known sound, with tags."""

import struct
import wave
from pathlib import Path

import numpy as np

from segue.core.audio.pcm import RATE


def write_wav(path: Path, seconds: float, hertz: float = 441.0, *, loudness: float = 0.2) -> Path:
    """Write a tone whose pitch rises by 1 Hz a second, so that every moment of it is known by its pitch."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for second in range(int(np.ceil(seconds))):
            count = min(RATE, round((seconds - second) * RATE))
            time = second + np.arange(count) / RATE
            tone = np.sin(2 * np.pi * (hertz * time + time * time / 2)) * loudness * 32767
            file.writeframes(np.repeat(tone.astype("<i2"), 2).tobytes())
    return path


def tag(path: Path, **frames: str) -> Path:
    """Put an ID3v2.4 tag with text frames (such as TIT2) into a WAV file."""
    body = b"".join(_frame(name, text) for name, text in frames.items())
    size = bytes(len(body) >> shift & 0x7F for shift in (21, 14, 7, 0))
    id3 = b"ID3\x04\x00\x00" + size + body
    id3 += b"\0" * (len(id3) % 2)
    data = path.read_bytes() + b"id3 " + struct.pack("<I", len(id3)) + id3
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])
    return path


def _frame(name: str, text: str) -> bytes:
    value = b"\x03" + text.encode()
    size = bytes(len(value) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return name.encode() + size + b"\0\0" + value
