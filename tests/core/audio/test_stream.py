"""Files that are streamed: what is heard of them, where seeking lands, and how much memory they take."""

import gc
import json
import os
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from segue.core.audio.decode import DecodeError
from segue.core.audio.pcm import FRAME_BYTES, RATE, Samples
from segue.core.audio.player import Player, TrackEnded
from segue.core.audio.stream import FileSound, Stream
from tests.conftest import ROOT
from tests.core.own_files.sounds import write_wav
from tests.end_to_end.soundcard import needs_alsa, sound_card


def second_of(samples: Samples, hertz: float = 441.0) -> float:
    """Which moment of the rising tone of `write_wav` is in the middle of some samples, within 0.02 s."""
    every = 40  # the tone stays below 551 Hz, half of what is left
    window = samples[::every, 0] * np.hanning(len(samples[::every]))
    spectrum = np.abs(np.fft.rfft(window, 64 * RATE // every))
    return float(spectrum.argmax()) / 64 - hertz


def ready(stream: Stream) -> Stream:
    assert stream.wait(30)
    return stream


def test_a_stream_is_the_file_from_any_frame_on(tmp_path: Path) -> None:
    sound = FileSound(write_wav(tmp_path / "tone.wav", 40), 40)
    start = ready(sound.begin(lambda: None))
    assert len(start) == 40 * RATE
    assert second_of(start[0:RATE]) == pytest.approx(0.5, abs=0.02)
    late = ready(sound.open(30 * RATE))
    assert second_of(late[30 * RATE : 31 * RATE]) == pytest.approx(30.5, abs=0.02)
    assert late.holds(35 * RATE)
    assert not late.holds(10 * RATE)


def test_it_keeps_some_seconds_and_goes_on_as_it_is_read(tmp_path: Path) -> None:
    stream = ready(FileSound(write_wav(tmp_path / "tone.wav", 60), 60).begin(lambda: None))
    for second in range(60):
        end = time.monotonic() + 20
        while not stream.holds(second * RATE) and time.monotonic() < end:
            time.sleep(0.01)
        heard = stream[second * RATE : (second + 1) * RATE]
        assert second_of(heard) == pytest.approx(second + 0.5, abs=0.02)
    assert stream.holds(55 * RATE)
    assert not stream.holds(10 * RATE)


def test_a_file_that_is_shorter_than_its_tags_say_ends_where_it_ends(tmp_path: Path) -> None:
    stream = FileSound(write_wav(tmp_path / "tone.wav", 3), 9).begin(lambda: None)
    assert len(stream) == 3 * RATE
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(DecodeError):
        FileSound(tmp_path / "text.wav", 9)


def test_a_dropped_stream_leaves_no_thread_and_no_child(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    sound = FileSound(write_wav(tmp_path / "tone.wav", 60), 60)
    stream = ready(sound.begin(lambda: None))
    started = {thread for thread in threading.enumerate() if thread.name == "segue-stream"} - before
    assert started
    del stream
    gc.collect()
    for thread in started:
        thread.join(30)
        assert not thread.is_alive()


def test_a_player_seeks_in_a_file_and_plays_it_to_its_end(tmp_path: Path) -> None:
    ended = threading.Event()
    player = Player([], clock=time.monotonic)
    player.subscribe(lambda event: ended.set() if isinstance(event, TrackEnded) else None)
    player.load(FileSound(write_wav(tmp_path / "tone.wav", 90), 90), key="tone")
    assert player.duration == 90
    player.play()
    player.seek(88.5)
    assert player.position == pytest.approx(88.5, abs=0.5)
    assert ended.wait(30)
    assert player.position == pytest.approx(90, abs=0.01)
    player.close()


LISTENER = """
import json, resource, sys, time
from pathlib import Path
from segue.core.audio.player import make_player
from segue.core.audio.stream import FileSound
player = make_player("miniaudio")
player.load(FileSound(Path(sys.argv[1]), float(sys.argv[2])))
player.play()
for share in (0.25, 0.5, 0.75):
    start = float(sys.argv[2]) * share
    player.seek(start)
    while not start + 1 < player.position < start + 20:  # it plays from there
        time.sleep(0.1)
position = player.position
assert player.sink == "miniaudio"
player.close()
both = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
own, children = (resource.getrusage(who).ru_maxrss for who in both)
print(json.dumps([own, children, position]))
"""


@needs_alsa
@pytest.mark.slow
def test_two_hours_take_no_more_memory_than_two_minutes(tmp_path: Path) -> None:
    taken = {}
    for seconds in (120, 7200):
        path = write_wav(tmp_path / f"{seconds}.wav", 120)
        data = seconds * RATE * FRAME_BYTES
        with path.open("r+b") as file:  # two minutes of sound, then silence that takes no room on the disk
            for at, size in ((4, data + 36), (40, data)):
                file.seek(at)
                file.write(struct.pack("<I", size))
            file.truncate(data + 44)
        command = [sys.executable, "-W", "ignore", "-c", LISTENER, str(path), str(seconds)]
        (tmp_path / f"card{seconds}").mkdir()
        with sound_card(tmp_path / f"card{seconds}") as card:
            done = subprocess.run(
                command, cwd=ROOT, env=os.environ | card.env, capture_output=True, text=True, check=True,
                timeout=120,
            )  # fmt: skip
            assert len(card.received()) > 3 * RATE
        own, children, position = json.loads(done.stdout)
        assert position > 0.75 * seconds
        taken[seconds] = own, children
    for short, long in zip(taken[120], taken[7200], strict=True):
        assert long - short < 60_000, taken
