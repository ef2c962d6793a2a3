"""Decoding real files, and what only claims to be one."""

import io
import os
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from segue.core.audio.decode import LONGEST, TARGET_LEVEL, DecodeError, decode, even_out
from segue.core.audio.pcm import RATE, samples_of
from tests.core.radio.doubles import wav
from tests.end_to_end.deezer_server import LOGIN, TONE_HERTZ, TONES


def pitch(samples: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> float:
    """The strongest frequency of the left channel in hertz."""
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * RATE / len(samples))


@pytest.mark.parametrize("hertz", TONE_HERTZ)
def test_an_mp3_gives_its_tone(hertz: int) -> None:
    segment = decode((TONES / f"{hertz}.mp3").read_bytes())
    samples = samples_of(segment)
    assert samples.shape == (8 * RATE, 2)
    assert pitch(samples) == pytest.approx(hertz, abs=0.5)


def test_mono_of_another_rate_becomes_stereo_of_ours() -> None:
    segment = decode(wav(2.0, 440.0, rate=8000))
    assert (segment.frame_rate, segment.channels, segment.sample_width) == (RATE, 2, 2)
    assert pitch(samples_of(segment)) == pytest.approx(440, abs=1)


def test_half_a_file_gives_what_it_has() -> None:
    data = (TONES / "500.mp3").read_bytes()
    assert 3.5 < decode(data[: len(data) // 2]).duration_seconds < 4.5


def test_an_hour_is_cut_to_a_minute() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(8000)
        writer.writeframes(b"\x90\x70" * 8000 * 1800)
    assert decode(file.getvalue()).duration_seconds == LONGEST


@pytest.mark.parametrize(
    "data", [b"", b"\xff", LOGIN, b"ID3" + bytes(3000), bytes(range(1, 250)) * 400, wav(0.05)], ids=len
)
def test_what_is_no_audio_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(DecodeError) as raised:
        decode(data)
    assert "\n" not in str(raised.value)


def test_tracks_are_brought_to_one_loudness_without_clipping() -> None:
    loud, quiet = decode(wav(1.0)).apply_gain(5), decode(wav(1.0)).apply_gain(-14)
    assert even_out(loud).dBFS == pytest.approx(TARGET_LEVEL, abs=0.2)
    assert even_out(quiet).dBFS == pytest.approx(quiet.dBFS + 9, abs=0.2)
    spiky = decode(wav(1.0)).apply_gain(-30)
    array = samples_of(spiky).copy()
    array[100] = 32000
    spiky = spiky._spawn(array.tobytes())
    assert even_out(spiky).max < 32768
    silent = decode(wav(1.0)).apply_gain(-120)
    assert even_out(silent) is silent


def test_what_miniaudio_cannot_read_goes_to_an_ffmpeg_that_may_open_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tone").write_bytes(samples_of(decode(wav(1.0, 500.0))).tobytes())
    program = tmp_path / "ffmpeg"
    steps = ("#!/bin/sh", f"cd {tmp_path}", 'echo "$@" > asked', "cat > given", "cat tone")
    program.write_text("\n".join(steps))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    data = b"audio that only ffmpeg knows" * 100
    assert pitch(samples_of(decode(data))) == pytest.approx(500, abs=1)
    assert (tmp_path / "given").read_bytes() == data
    asked = (tmp_path / "asked").read_text()
    assert "-protocol_whitelist pipe -i pipe:0" in asked
    assert str(tmp_path) not in asked


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_the_real_ffmpeg_reads_what_miniaudio_cannot() -> None:
    aac = subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=600:duration=2", "-f", "adts", "-"],
        capture_output=True,
        check=True,
        stdin=subprocess.DEVNULL,
    ).stdout
    assert pitch(samples_of(decode(aac))) == pytest.approx(600, abs=2)


def test_decoding_needs_nothing_but_wheels(tmp_path: object) -> None:
    """In a process whose PATH has no ffmpeg, and without a word on either stream."""
    code = (
        "from segue.core.audio.decode import decode; from pathlib import Path;"
        f"print(len(decode(Path({str(TONES / '500.mp3')!r}).read_bytes())))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", code],
        capture_output=True,
        check=True,
        text=True,
        env=os.environ | {"PATH": str(tmp_path), "PYTHONPATH": os.getcwd()},  # noqa: PTH109 - the project's root
    )
    assert done.stdout == "8000\n"
    assert done.stderr == ""
