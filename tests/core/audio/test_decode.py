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

from segue.core.audio import decode as decode_module
from segue.core.audio.decode import LONGEST, TARGET_LEVEL, DecodeError, decode, decode_preview, even_out
from segue.core.audio.pcm import RATE, envelope, samples_of
from tests.core.radio.doubles import wav
from tests.end_to_end.deezer_server import LOGIN, TONE_HERTZ, TONES


def pitch(samples: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> float:
    """The strongest frequency of the left channel in hertz."""
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * RATE / len(samples))


@pytest.mark.parametrize("hertz", TONE_HERTZ)
def test_an_mp3_gives_its_tone(hertz: int) -> None:
    segment = decode_preview((TONES / f"{hertz}.mp3").read_bytes())
    samples = samples_of(segment)
    assert samples.shape == (8 * RATE, 2)
    assert pitch(samples) == pytest.approx(hertz, abs=0.5)


def test_mono_of_another_rate_becomes_stereo_of_ours() -> None:
    segment = decode_preview(wav(2.0, 440.0, rate=8000))
    assert (segment.frame_rate, segment.channels, segment.sample_width) == (RATE, 2, 2)
    assert pitch(samples_of(segment)) == pytest.approx(440, abs=1)


def test_half_a_file_gives_what_it_has() -> None:
    data = (TONES / "500.mp3").read_bytes()
    assert 3.5 < decode_preview(data[: len(data) // 2]).duration_seconds < 4.5


def test_an_hour_is_cut_to_a_minute() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(8000)
        writer.writeframes(b"\x90\x70" * 8000 * 1800)
    assert decode_preview(file.getvalue()).duration_seconds == LONGEST


@pytest.mark.parametrize(
    "data", [b"", b"\xff", LOGIN, b"ID3" + bytes(3000), bytes(range(1, 250)) * 400, wav(0.05)], ids=len
)
def test_what_is_no_audio_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(DecodeError) as raised:
        decode_preview(data)
    assert "\n" not in str(raised.value)


def test_tracks_are_brought_to_one_loudness_without_clipping() -> None:
    loud, quiet = decode_preview(wav(1.0)).apply_gain(5), decode_preview(wav(1.0)).apply_gain(-14)
    assert even_out(loud).dBFS == pytest.approx(TARGET_LEVEL, abs=0.2)
    assert even_out(quiet).dBFS == pytest.approx(quiet.dBFS + 9, abs=0.2)
    spiky = decode_preview(wav(1.0)).apply_gain(-30)
    array = samples_of(spiky).copy()
    array[100] = 32000
    spiky = spiky._spawn(array.tobytes())
    assert even_out(spiky).max < 32768
    silent = decode_preview(wav(1.0)).apply_gain(-120)
    assert even_out(silent) is silent


SOUNDS = Path(__file__).parents[2] / "fuzz" / "sounds"


def test_a_preview_is_mp3_or_wav_and_nothing_else_reaches_a_decoder() -> None:
    """In a process of its own, for a decoder that is handed the bytes of the first file dies of it."""
    crash = next((Path(__file__).parents[2] / "fuzz" / "found").glob("own-audio-*"))
    code = (
        "import sys; from pathlib import Path\n"
        "from segue.core.audio.decode import DecodeError, decode_preview\n"
        "for name in sys.argv[1:]:\n"
        "    try: decode_preview(Path(name).read_bytes()); print('played')\n"
        "    except DecodeError as error: print(error)\n"
    )
    files = [crash, SOUNDS / "tone.ogg", SOUNDS / "tone.flac"]
    done = subprocess.run([sys.executable, "-c", code, *files], capture_output=True, text=True, check=True)
    assert [line.partition("bytes ")[2] for line in done.stdout.splitlines()] == [
        "are neither MP3 nor WAV"
    ] * 3


@pytest.mark.parametrize("own", [False, True])
def test_an_mp3_whose_rate_changes_keeps_its_speed(own: bool, tmp_path: Path) -> None:
    """A tone of 8 s at 44,100 Hz and one of 2 s at 22,050 Hz, in one file."""
    first = (TONES / "500.mp3").read_bytes()
    second = (SOUNDS / "tone-22050.mp3").read_bytes()
    (tmp_path / "song.mp3").write_bytes(first + second)
    samples = samples_of(decode(tmp_path / "song.mp3") if own else decode_preview(first + second))
    assert len(samples) / RATE == pytest.approx(8 + 2, abs=0.2)
    assert pitch(samples[: 7 * RATE]) == pytest.approx(500, abs=1)
    assert pitch(samples[-RATE:]) == pytest.approx(561, abs=1)


@pytest.mark.parametrize("name", ["tone.ogg", "tone.flac"])
def test_own_files_of_other_formats_are_decoded_by_a_child(name: str) -> None:
    assert pitch(samples_of(decode(SOUNDS / name))) == pytest.approx(600, abs=3)


def test_a_child_that_dies_hangs_or_runs_wild_costs_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "song"
    path.write_bytes(b"audio that only ffmpeg knows" * 100)
    program = tmp_path / "ffmpeg"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    program.write_text("#!/bin/sh\nexec yes endless\n")
    program.chmod(0o755)
    assert decode(path).duration_seconds == LONGEST
    for ending in ("kill -SEGV $$", "exit 3", "exec sleep 60"):
        if "sleep" in ending:
            monkeypatch.setattr(decode_module, "CHILD_SECONDS", 0.5)
        program.write_text(f"#!/bin/sh\n{ending}\n")
        with pytest.raises(DecodeError, match=r"song: cannot be decoded"):
            decode(path)
    with pytest.raises(DecodeError, match="absent: cannot be decoded"):
        decode(tmp_path / "absent")


def test_a_file_that_asks_for_too_much_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "song.wav"
    path.write_bytes(wav(0.5))
    monkeypatch.setattr(decode_module, "CHILD_MEMORY", 1 << 20)
    with pytest.raises(DecodeError, match=r"song\.wav: cannot be decoded"):
        decode(path)


def test_what_miniaudio_cannot_read_goes_to_an_ffmpeg_that_may_open_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tone").write_bytes(samples_of(decode_preview(wav(1.0, 500.0))).tobytes())
    program = tmp_path / "ffmpeg"
    steps = ("#!/bin/sh", f"cd {tmp_path}", 'echo "$@" > asked', "cat > given", "cat tone")
    program.write_text("\n".join(steps))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    path = tmp_path / "song"
    path.write_bytes(b"audio that only ffmpeg knows" * 100)
    assert pitch(samples_of(decode(path))) == pytest.approx(500, abs=1)
    assert (tmp_path / "given").read_bytes() == path.read_bytes()
    asked = (tmp_path / "asked").read_text()
    assert "-protocol_whitelist file,pipe -format_whitelist" in asked
    assert str(tmp_path) not in asked


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_the_real_ffmpeg_opens_no_file_that_a_playlist_in_disguise_names(tmp_path: Path) -> None:
    named = f"file:{SOUNDS / 'tone.flac'}"
    for text in (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{named}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{named}'\n",
    ):
        (tmp_path / "song.m4a").write_text(text)
        with pytest.raises(DecodeError):
            decode(tmp_path / "song.m4a")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_the_real_ffmpeg_reads_what_miniaudio_cannot(tmp_path: Path) -> None:
    path = tmp_path / "tone.aac"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=frequency=600:duration=2", str(path)],
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert pitch(samples_of(decode(path))) == pytest.approx(600, abs=2)


def test_decoding_needs_nothing_but_wheels(tmp_path: object) -> None:
    """In a process whose PATH has no ffmpeg, and without a word on either stream."""
    code = (
        "from segue.core.audio.decode import decode_preview; from pathlib import Path;"
        f"print(len(decode_preview(Path({str(TONES / '500.mp3')!r}).read_bytes())))"
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


def test_the_envelope_says_where_it_is_loud() -> None:
    quiet, loud = decode_preview(wav(1.0)).apply_gain(-20), decode_preview(wav(1.0))
    drawn = np.array(envelope(quiet + loud, parts=20))
    assert drawn[:9] == pytest.approx(np.full(9, 0.1), abs=0.02)
    assert drawn[11:] == pytest.approx(np.ones(9), abs=0.02)
    assert set(envelope(type(loud).silent(1000), parts=20)) == {0.0}
    assert envelope(loud[:1], parts=200) == ()
