"""What a radio costs the processor: `python -m benchmarks.radio [--quick]`.

A session plays MP3 previews of 32 s from a Deezer on loopback, with prefetch, decoding, evening out and
crossfades, through each sink into the file device of ALSA, which takes sound at the speed of listening.
The peer is the plainest program for the same library: miniaudio pulling a buffer, simpleaudio playing one.
Each measurement is a process of its own; its processor time covers all its threads. Linux only.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from benchmarks.machine import describe_machine
from segue.core.explore.radio import Planned
from tests.end_to_end.deezer_server import TONES, FakeDeezer
from tests.end_to_end.soundcard import sound_card

BUDGET_IDLE, BUDGET_PLAYING = 1.0, 4.0
"""Per cent of one processor."""
WARM_UP = 3.0


class LongPreviews(FakeDeezer):
    """Sends previews of the real length: four tones of 8 s, one after the other, as one MP3 of 32 s."""

    def file(self, number: int, times: int) -> tuple[int, str, bytes]:  # noqa: ARG002 - the server calls it so
        """Return the same file for every track."""
        tones = (500, 561, 630, 707)
        return 200, "audio/mpeg", b"".join((TONES / f"{hertz}.mp3").read_bytes() for hertz in tones)


class Numbers:
    """A planner that plays track 1, 2, 3..."""

    notice = ""

    def __init__(self) -> None:
        self._next = count(1)
        self.plan = [Planned(next(self._next), "next", 1.0) for _ in range(5)]

    def advance(self) -> None:
        """Go on."""
        self.plan = [*self.plan[1:], Planned(next(self._next), "next", 1.0)]

    def skip(self, heard: float) -> None:
        """Never skipped."""

    def drop(self, row: int) -> None:
        """Never dropped."""

    def love(self) -> None:
        """Never loved."""

    def ban(self) -> None:
        """Never banned."""


def processor_share(seconds: float) -> float:
    """Per cent of one processor that this process takes over so many seconds from now."""
    before, began = time.process_time(), time.monotonic()
    time.sleep(seconds)
    return 100 * (time.process_time() - before) / (time.monotonic() - began)


def measure_session(sink: str, seconds: float, *, playing: bool) -> float:
    """The share of a radio session, playing or paused."""
    from segue.core.audio import make_player
    from segue.core.deezer.client import DeezerClient
    from segue.core.deezer.previews import DeezerPreviews
    from segue.core.radio.parts import NowPlaying
    from segue.core.radio.session import RadioSession
    from segue.core.tracks import TrackInfo

    begun = threading.Event()
    player = make_player(sink)
    source = DeezerPreviews(DeezerClient())
    session = RadioSession(
        Numbers(),
        lambda row: TrackInfo(f"track_{row}"),
        source,
        player,
        lambda event: begun.set() if isinstance(event, NowPlaying) else None,
    )
    begun.wait(30)
    time.sleep(WARM_UP)  # the device opens after the track is announced
    if not playing:
        session.pause()
    time.sleep(WARM_UP)
    share = processor_share(seconds)
    if player.sink != sink:
        raise SystemExit(f"{sink} gave up")
    session.close()
    player.close()
    return share


def measure_peer(sink: str, seconds: float) -> float:
    """The share of the plainest program: one decoded buffer, one device."""
    from segue.core.audio.decode import decode_preview

    pcm = decode_preview(LongPreviews().file(1, 1)[2]).raw_data
    pcm *= int((seconds + WARM_UP) / 30) + 2
    if sink == "simpleaudio":
        import simpleaudio

        playing = simpleaudio.play_buffer(pcm, 2, 2, 44_100)
        time.sleep(WARM_UP)
        share = processor_share(seconds)
        playing.stop()
        return share
    import miniaudio

    alsa = [miniaudio.Backend.ALSA]
    device = miniaudio.PlaybackDevice(buffersize_msec=80, callback_periods=3, backends=alsa)
    stream = miniaudio.stream_raw_pcm_memory(pcm, 2, 2)
    next(stream)
    device.start(stream)
    time.sleep(WARM_UP)
    share = processor_share(seconds)
    device.close()
    return share


def in_a_process(what: str, sink: str, seconds: float, deezer: FakeDeezer) -> float:
    """Measure in a fresh process that plays into a sound card of its own."""
    with tempfile.TemporaryDirectory() as folder, sound_card(Path(folder)) as card:
        options = ["--measure", what, "--sink", sink, "--seconds", f"{seconds}"]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.radio", *options],
            env=os.environ | card.env | {"SEGUE_DEEZER_API": deezer.base_url},
            capture_output=True,
            text=True,
            check=True,
        )
    return float(json.loads(done.stdout))


def measure(what: str, sink: str, seconds: float) -> float:
    """One measurement, in this process."""
    if what == "peer":
        return measure_peer(sink, seconds)
    return measure_session(sink, seconds, playing=what == "playing")


def report(seconds: float) -> None:
    """Measure all and print a Markdown table."""
    sinks = [sink for sink in ("simpleaudio", "miniaudio") if find_spec(sink)] + ["silent"]
    print(f"{describe_machine('miniaudio')},")
    print(f"load {os.getloadavg()[0]:.1f}; {seconds:g} s each; 44.1 kHz stereo, MP3 previews of 32 s\n")
    print("| sink | paused, % of a processor | playing, % | the plainest program playing, % | ratio |")
    print("|---|---:|---:|---:|---:|")
    with LongPreviews(quota=10**6) as deezer:
        for sink in sinks:
            idle = in_a_process("paused", sink, seconds, deezer)
            playing = in_a_process("playing", sink, seconds, deezer)
            peer = in_a_process("peer", sink, seconds, deezer) if sink != "silent" else None
            beside = f"{peer:.2f} | {playing / peer:.1f}" if peer else "- | -"
            print(f"| {sink} | {idle:.2f} | {playing:.2f} | {beside} |", flush=True)
    print(f"\nBudget: under {BUDGET_IDLE:g} % idle and under {BUDGET_PLAYING:g} % while playing.")


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10 s each instead of 60")
    parser.add_argument("--measure", choices=("paused", "playing", "peer"), help=argparse.SUPPRESS)
    parser.add_argument("--sink", default="silent", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=60.0, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measure(args.measure, args.sink, args.seconds)))
    else:
        report(10.0 if args.quick else args.seconds)


if __name__ == "__main__":
    main()
