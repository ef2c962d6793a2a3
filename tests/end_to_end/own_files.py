"""Six files of known sound in six formats, a library of their paths, and a listener with quick fingers.

Run as `python -m tests.end_to_end.own_files LIBRARY`: plays them with seek, skip and previous, and prints
what began to play.
"""

import json
import subprocess
import sys
import threading
import time
import wave
from pathlib import Path

import numpy as np

from segue.core.audio import make_player
from segue.core.audio.pcm import RATE
from segue.core.corpus import build_corpus, split_corpus
from segue.core.corpus.corpus import Playlists
from segue.core.library import Library, Manifest, write_library
from segue.core.own_files import make_source
from segue.core.radio.parts import NowPlaying, RadioEvent
from segue.core.radio.queue import Queue, in_order
from segue.core.radio.session import RadioSession
from segue.core.tracks import TrackInfo

FORMATS = ("wav", "flac", "mp3", "ogg", "m4a", "opus")
SECONDS = 10.0
BAND, SLOPE = 1000, 80
"""The pitch of file n is (n + 1) BAND hertz at its beginning, and rises by SLOPE hertz a second."""


def write_files(folder: Path) -> list[Path]:
    """Write the files with ffmpeg."""
    paths = []
    for number, kind in enumerate(FORMATS):
        plain = folder / f"plain{number}.wav"
        seconds = np.arange(round(SECONDS * RATE)) / RATE
        phase = (number + 1) * BAND * seconds + SLOPE * seconds**2 / 2
        with wave.open(str(plain), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE)
            tone = np.sin(2 * np.pi * phase) * 0.2 * 32767
            file.writeframes(np.repeat(tone.astype("<i2"), 2).tobytes())
        paths.append(folder / f"{number + 1} song.{kind}")
        command = ["ffmpeg", "-v", "error", "-i", str(plain), "-b:a", "192k", str(paths[-1])]
        subprocess.run(command, check=True)
        plain.unlink()
    (folder / "six.m3u").write_text("\n".join(map(str, paths)) + "\n")
    return paths


def write_paths_library(path: Path, files: list[Path]) -> Library:
    """Write a library whose tracks are the files, as one trained from M3U playlists is."""
    ids = [str(file) for file in files]
    corpus = build_corpus(Playlists.from_lists([ids] * 4))
    vectors = np.random.default_rng(0).standard_normal((len(ids), 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return write_library(
        path,
        vectors=vectors,
        vocabulary=corpus.vocabulary,
        tracks={one: TrackInfo(one, f"Song {number}", "Nobody") for number, one in enumerate(ids, 1)},
        manifest=Manifest("files", "2026-01-02T03:04:05Z"),
        split=split_corpus(corpus, seed=0),
    )


def main(path: str) -> None:
    """Play."""
    library = Library.open(path)
    playing: list[str] = []
    changed = threading.Event()

    def listen(event: RadioEvent) -> None:
        if isinstance(event, NowPlaying):
            playing.append(event.track.title)
            changed.set()

    def begins(title: str) -> None:
        end = time.monotonic() + 60
        while not (playing and playing[-1] == title) and time.monotonic() < end:
            changed.wait(0.05)
            changed.clear()

    rows = [library.catalogue.find_track(f"Song {number}") for number in range(1, len(FORMATS) + 1)]
    player = make_player("miniaudio")
    queue = Queue(in_order(library, rows, "six files"), source="six files")
    source = make_source(offline=True)
    session = RadioSession(queue, library.catalogue.info, source, player, listen)
    for number in range(1, len(FORMATS) + 1):
        begins(f"Song {number}")
        time.sleep(1.0)
        player.seek(5.0)
        time.sleep(1.0)
        player.seek(1.5)
        time.sleep(1.0)
        if number == 3:
            session.jump(lambda _: queue.back())
            begins("Song 2")
            time.sleep(1.0)
            session.next()
            begins("Song 3")
            time.sleep(1.0)
        if number < len(FORMATS):
            session.next()
    session.close()
    player.close()
    source.close()
    print(json.dumps(playing))  # noqa: T201 - its answer


if __name__ == "__main__":
    main(sys.argv[1])
