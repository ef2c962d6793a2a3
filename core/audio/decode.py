"""Which format audio bytes are in, and their PCM, bounded whatever the bytes claim to be.

Previews come from strangers and are decoded in this process, so they may be MP3 or WAV and nothing else. The
listener's own files come in every format, for some of which no decoder can be trusted: a child decodes them.
"""

import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, cast

from segue.core.audio import child
from segue.core.audio.pcm import CHANNELS, FRAME_BYTES, RATE
from segue.core.errors import SegueError
from segue.core.files import open_regular

if TYPE_CHECKING:
    from miniaudio import FileFormat
    from pydub import AudioSegment

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


LONGEST = 60.0
"""Seconds that are decoded at most; a preview has 30."""
SHORTEST = 0.1
TARGET_LEVEL = -17.0
"""Decibels below full scale (RMS) to which tracks are brought: about what quiet masters have."""
MOST_BOOST = 9.0
CHILD_SECONDS = 20.0
"""How long the child may take, in all and on the processor."""
CHILD_MEMORY = 1 << 30
"""Bytes of address space of the child."""
_MP3_BYTES = 1 << 24
"""Of a file of the listener's, what is searched for a change of the sample rate: cover art and 60 s."""
_MOST_BYTES = int(LONGEST) * RATE * FRAME_BYTES
_FFMPEG_READS = (
    "aac,ac3,aiff,amr,ape,asf,au,caf,dsf,flac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpc,mpc8,ogg,tta,w64,"
    "wav,wv"
)
"""Formats that hold their own sound, unlike a playlist."""


class DecodeError(SegueError):
    """The bytes are not audio that can be played."""


def decode_preview(data: bytes) -> "AudioSegment":
    """Decode MP3 or WAV in memory to 44.1 kHz stereo of 16 bit, at most 60 s of it.

    The format is detected from the content, and only its own decoder sees the bytes. Raises `DecodeError`
    when it is neither, or holds less than a tenth of a second.
    """
    from miniaudio import FileFormat  # 50 ms

    match format_of(data):
        case "mp3":
            parts = [_stream(part, FileFormat.MP3) for part in same_rate_parts(data, LONGEST)]
        case "wav":
            parts = [_stream(data, FileFormat.WAV)]
        case None:
            raise DecodeError(f"these {len(data):,} bytes are neither MP3 nor WAV")
    return _segment(b"".join(parts), "the preview")


def decode(path: Path, start: float = 0.0, seconds: float = LONGEST) -> "AudioSegment":
    """Decode a part of a file of the listener's, at most 60 s: MP3, WAV, FLAC, Ogg Vorbis, what ffmpeg reads.

    A child process does it, which may crash, hang or run out of memory without harm to this one. The result
    is as that of `decode_preview`. Raises `DecodeError` when the file cannot be decoded, or holds less than a
    tenth of a second.
    """
    try:
        with open_regular(path) as file:
            head = b"" if start else file.read(_MP3_BYTES)
            parts = same_rate_parts(head, seconds) if format_of(head) == "mp3" else []
            whole = len(parts) < 2
            pcm = _in_child(file, start, seconds) if whole else b"".join(map(_part_in_child, parts))
    except OSError as error:
        raise DecodeError(f"{path}: cannot be decoded ({error.strerror})") from None
    if not pcm:
        raise DecodeError(f"{path}: cannot be decoded; the file is damaged, or its format is not supported")
    return _segment(pcm, str(path))


def even_out(segment: "AudioSegment") -> "AudioSegment":
    """Bring a segment to the common loudness, so that the volume needn't be changed between tracks.

    The level of the preview itself is measured: Deezer's `gain` speaks of the whole track and may be absent.
    """
    change = gain_of(segment)
    return segment if abs(change) < 0.1 else segment.apply_gain(change)


def gain_of(segment: "AudioSegment") -> float:
    """The decibels by which a segment comes to the common loudness; a boost is below 9 and never clips."""
    if not math.isfinite(segment.dBFS):
        return 0.0
    return float(min(TARGET_LEVEL - segment.dBFS, MOST_BOOST, max(-segment.max_dBFS, 0.0)))


def _stream(data: bytes, format: "FileFormat") -> bytes:  # noqa: A002 - the field's word
    """The PCM of bytes in a format, as far as they can be decoded."""
    import miniaudio

    class Memory(miniaudio.StreamableSource):  # type: ignore[misc] # it has no types
        """The bytes as a stream: the one door of miniaudio that lets only the named decoder try."""

        at = 0

        def read(self, num_bytes: int) -> bytes:
            piece = data[self.at : self.at + num_bytes]
            self.at += len(piece)
            return piece

        def seek(self, offset: int, origin: miniaudio.SeekOrigin) -> bool:
            base = {miniaudio.SeekOrigin.CURRENT: self.at, miniaudio.SeekOrigin.END: len(data)}.get(origin, 0)
            at = base + offset
            if not 0 <= at <= len(data):
                return False
            self.at = at
            return True

    pcm = bytearray()
    try:
        for chunk in miniaudio.stream_any(
            Memory(), format, nchannels=CHANNELS, sample_rate=RATE, frames_to_read=16_384
        ):
            pcm += memoryview(chunk).cast("B")
            if len(pcm) >= _MOST_BYTES:
                break
    except miniaudio.MiniaudioError:
        return b""
    return bytes(pcm)


def child_of(file: IO[bytes], first: int, frames: int, cpu: float = CHILD_SECONDS) -> subprocess.Popen[bytes]:
    """Start the child that decodes so many frames of a file from frame `first` on, to its standard output.

    The file is a regular one; the child has its own hold of it, so it may be closed then, and takes at most
    `cpu` seconds of processor time.
    """
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # the child reads from where the descriptor stands
    command = [sys.executable, "-P", str(child.__file__)]
    command += [str(n) for n in (RATE, CHANNELS, first, frames, CHILD_MEMORY, math.ceil(cpu))]
    if ffmpeg := shutil.which("ffmpeg"):
        # pydub could call it, but asks ffprobe first and cannot keep ffmpeg from opening what a playlist in
        # disguise names; here it reads its standard input, as a file in which it may seek, in formats that
        # name no others
        place = "file:/dev/fd/0" if Path("/dev/fd/0").exists() else "pipe:0"
        command += [ffmpeg, "-v", "quiet", "-threads", "1", "-protocol_whitelist", "file,pipe"]
        command += ["-format_whitelist", _FFMPEG_READS, "-ss", f"{first / RATE:.6f}", "-i", place]
        command += ["-vn", "-t", f"{frames / RATE:.6f}", "-f", "s16le"]
        command += ["-ac", str(CHANNELS), "-ar", str(RATE), "pipe:1"]
    return subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603 - no shell, and a fixed command


def _in_child(file: IO[bytes], start: float = 0.0, seconds: float = LONGEST) -> bytes:
    """The PCM of a part of a file as a child process decodes it; empty when that fails."""
    process = child_of(file, round(start * RATE), round(min(seconds, LONGEST) * RATE))
    clock = threading.Timer(CHILD_SECONDS, process.kill)
    clock.daemon = True
    clock.start()
    try:
        with cast("IO[bytes]", process.stdout) as out:
            pcm = out.read(_MOST_BYTES)  # a child that has more to say is not listened to
        process.wait()
    finally:
        clock.cancel()
        process.kill()
    return pcm


def _part_in_child(data: bytes) -> bytes:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        return _in_child(file)


def _segment(pcm: bytes, what: str) -> "AudioSegment":
    pcm = pcm[: min(len(pcm) // FRAME_BYTES * FRAME_BYTES, _MOST_BYTES)]
    segment = _pydub()(data=pcm, sample_width=2, frame_rate=RATE, channels=CHANNELS)
    if len(segment) < SHORTEST * 1000:
        raise DecodeError(f"{what}: lasts {len(segment)} ms, too short to play")
    return segment


def _pydub() -> "type[AudioSegment]":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of audioop and of a missing ffmpeg; neither matters here
        from pydub import AudioSegment  # 15 ms

    segment_class: type[AudioSegment] = AudioSegment
    return segment_class
