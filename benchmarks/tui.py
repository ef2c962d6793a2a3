"""The explorer against the clock: cold start, search, idle and playing processor time, memory.

    python -m benchmarks.tui [--quick] [--library PATH]

Cold start is measured against an empty Textual app (header, input, table, footer) that is started in turn
with it, each in its own process on its own pseudo-terminal, from the start of Python to the first frame that
shows something. Search is measured from a key press to the drawing of its answer, inside the running app.
The radio plays MP3 previews of 32 s from a Deezer on loopback, silently.
"""

import argparse
import asyncio
import gc
import importlib.metadata
import os
import platform
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.radio import LongPreviews
from segue.core.catalogue.catalogue import Catalogue
from segue.core.library import Library

if TYPE_CHECKING:
    from textual.strip import Strip

    from segue.tui.model.listing import Listing
    from tests.end_to_end.deezer_server import Song

ROOT = Path(__file__).parent.parent
TRACKS, DIMENSIONS = 123_241, 64
EMPTY = """
from textual.app import App
from textual.widgets import DataTable, Footer, Header, Input, Label
class Empty(App):
    def compose(self):
        yield from (Header(), Input(), Label("All tracks"), DataTable(), Footer())
Empty().run()
"""
SEGUE = "import sys; from segue.tui.__main__ import main; sys.exit(main(sys.argv[1:]))"
SHOWN = b"All tracks"
QUERIES = ("midnight", "les violons", "sans comete", "nebel", "delta room", "zwischen", "kaldf", "sonntag in")


@contextmanager
def on_a_terminal(code: str, *arguments: str, home: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run Python code on a pseudo-terminal of 120 x 40; return the process and the terminal's near end."""
    import fcntl
    import struct
    import termios

    near, far = os.openpty()
    fcntl.ioctl(far, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "SEGUE_SINK": "silent"}
    environment |= {f"XDG_{name}_HOME": str(home) for name in ("STATE", "CONFIG", "DATA", "CACHE")}
    # bytecode is kept from start to start, as it is for everyone whose environment does not forbid it
    environment |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(home / "bytecode")}
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=far, stdout=far, stderr=far, cwd=ROOT, env=environment, start_new_session=True,
    )  # fmt: skip
    os.close(far)
    try:
        yield process, near
    finally:
        process.kill()
        process.wait()
        os.close(near)


def read_until(near: int, wanted: bytes, seconds: float = 120.0) -> None:
    """Read a terminal until it shows something."""
    seen, deadline = b"", time.monotonic() + seconds
    while wanted not in seen:
        ready, _, _ = select.select([near], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            raise TimeoutError(f"{wanted!r} was never shown")
        seen = (seen + os.read(near, 65536))[-200_000:]


def drain(near: int, seconds: float) -> None:
    """Read a terminal for a while, so that the process that draws never waits."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select([near], [], [], left)
        if ready:
            os.read(near, 65536)


def cold_start(code: str, *arguments: str, home: Path) -> tuple[float, float]:
    """Return the seconds from the start of a process to its first useful frame, and those of its main thread.

    The second are of a processor: they hold on a busy machine too.
    """
    began = time.perf_counter()
    with on_a_terminal(code, *arguments, home=home) as (process, near):
        read_until(near, SHOWN)
        taken = time.perf_counter() - began
        busy = int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0]) / 1e9
        return taken, busy


def greet(library: Path, home: Path) -> None:
    """Start both once, so that no start measured is the first, with its tour and without its bytecode."""
    cold_start(EMPTY, home=home)
    with on_a_terminal(SEGUE, "--library", str(library), home=home) as (process, near):
        read_until(near, SHOWN)
        drain(near, 3.0)
        os.write(near, b"\x1b")
        drain(near, 1.0)
        os.write(near, b"q")
        process.wait(10)


class Deezer(LongPreviews):
    """Sends MP3 previews of 32 s of a library's tracks, by their own titles."""

    catalogue: Catalogue

    def song(self, number: int) -> "Song":
        """Return the track of a number, as the library names it."""
        row = self.catalogue.row_of(f"track_{number}")
        if row is not None and number not in self.songs:
            info = self.catalogue.info(row)
            self.add(number, info.title, info.artist)
        return super().song(number)


def processor_and_memory(library: Path, home: Path, *, seconds: float, play: bool) -> tuple[float, float]:
    """Return the share of a processor that the app uses for a while, and its memory in MB."""
    import psutil

    with on_a_terminal(SEGUE, "--library", str(library), home=home) as (process, near):
        read_until(near, SHOWN)
        drain(near, 3.0)
        os.write(near, b"r" if play else b"j")
        drain(near, 4.0)
        if play:
            os.write(near, b"\x1bOR")  # F3: the page with waveform and cover
            drain(near, 3.0)
        watched = psutil.Process(process.pid)
        before = watched.cpu_times()
        began = time.perf_counter()
        drain(near, seconds)
        after = watched.cpu_times()
        used = (after.user - before.user) + (after.system - before.system)  # in ticks of 10 ms
        return used / (time.perf_counter() - began), watched.memory_full_info().uss / 2**20


async def key_to_paint(library: Path, *, rounds: int) -> list[tuple[float, float]]:
    """Type queries; return the milliseconds from each key to the drawing of its answer, and a processor's."""
    from segue.tui.terminal import draw_soon

    gc.disable()  # as `open_explorer` does: without what was made at the start, looking for garbage is quick
    draw_soon()
    from segue.core.audio import make_player
    from segue.core.deezer.source import make_previews
    from segue.core.state import State
    from segue.tui.app import SegueApp
    from segue.tui.model.values import Equipment
    from segue.tui.panes.explore.view import ExploreView, SearchBox
    from segue.tui.widgets.track_list import TrackList

    equipment = Equipment(State.in_memory(), make_previews(offline=True), lambda: make_player("silent"))
    app = SegueApp(Library.open(library), equipment)
    app.session.save()
    drawn: list[Listing] = []
    draw = TrackList.render_line

    def render_line(self: TrackList, y: int) -> "Strip":
        if self.id == "results" and y == 0:
            drawn[:] = [self.listing]
        return draw(self, y)

    TrackList.render_line = render_line  # type: ignore[method-assign] # to see when it draws
    times: list[tuple[float, float]] = []
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(1.0)
        view = app.controllers.views.view("explore")
        if not isinstance(view, ExploreView):
            raise TypeError(f"the view explore is a {type(view)}")
        view.open_search()
        await pilot.pause(1.0)
        box = app.screen.query_one(SearchBox)
        for _ in range(rounds):
            for query in QUERIES:
                box.value = ""
                await pilot.pause(0.2)
                for letter in query:
                    before = view.results.listing
                    began, busy = time.perf_counter(), time.process_time()
                    box.insert_text_at_cursor(letter)
                    while not drawn or drawn[0] is before:  # noqa: ASYNC110 - drawing sets no event
                        await asyncio.sleep(0.0005)
                    taken, busy = time.perf_counter() - began, time.process_time() - busy
                    times.append((taken * 1000, busy * 1000))
    TrackList.render_line = draw  # type: ignore[method-assign] # to see when it draws
    return times


def make_library(folder: Path, tracks: int) -> Path:
    """Write a library of invented tracks with random vectors: their sense costs no time."""
    from segue.core.corpus import Vocabulary
    from segue.core.library import Manifest, write_library
    from segue.core.neighbours import unit
    from segue.core.tracks import TrackInfo

    rng = np.random.default_rng(0)
    words = [
        "midnight", "violons", "comète", "nebel", "delta", "room", "zwischen", "kaldfjörð", "sonntag",
        "garden", "fever", "sparrow", "light", "les", "sans", "in", "of", "夜", "電車", "blue", "river",
    ]  # fmt: skip
    ids = [f"track_{10**6 + n}" for n in range(tracks)]
    picks = rng.integers(len(words), size=(tracks, 3))
    titles = [f"{words[a]} {words[b]} {words[c]} {n % 977}".capitalize() for n, (a, b, c) in enumerate(picks)]
    infos = {
        track_id: TrackInfo(
            track_id, title, f"Artist {n % 9973}", f"Album {n % 20011}", f"artist_{n % 9973}", "indie"
        )
        for n, (track_id, title) in enumerate(zip(ids, titles, strict=True))
    }
    vectors = unit(rng.normal(size=(tracks, DIMENSIONS)).astype(np.float32))
    counts = np.sort(rng.zipf(1.6, tracks).clip(2, 10_000))[::-1].astype(np.int64)
    vocabulary = Vocabulary(ids, counts, [infos[track_id].artist_id for track_id in ids])
    manifest = Manifest("bench", "2026-01-01T00:00:00Z")
    return write_library(
        folder / "bench", vectors=vectors, vocabulary=vocabulary, tracks=infos, manifest=manifest
    ).path


def main() -> None:
    """Measure, and print a Markdown table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few rounds over a small library")
    parser.add_argument("--library", type=Path, help="a library to measure on instead of an invented one")
    args = parser.parse_args()
    starts, rounds, seconds = (3, 1, 5.0) if args.quick else (15, 10, 60.0)
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        library = args.library or make_library(home, 10_000 if args.quick else TRACKS)
        count = len(np.load(library / "counts.npy", mmap_mode="r"))
        greet(library, home)
        empty: list[tuple[float, float]] = []
        segue: list[tuple[float, float]] = []
        for _ in range(starts):
            empty.append(cold_start(EMPTY, home=home))
            segue.append(cold_start(SEGUE, "--library", str(library), home=home))
        times = asyncio.run(key_to_paint(library, rounds=rounds))
        idle, memory = processor_and_memory(library, home, seconds=seconds, play=False)
        with Deezer() as deezer:
            deezer.catalogue = Library.open(library).catalogue
            os.environ["SEGUE_DEEZER_API"] = deezer.base_url
            playing, playing_memory = processor_and_memory(library, home, seconds=seconds, play=True)
            if not any(path.startswith("/preview/") for path in deezer.paths()):
                raise RuntimeError("nothing of Deezer's was played")
    base, base_busy = (statistics.median(column) for column in zip(*empty, strict=True))
    own, own_busy = (statistics.median(column) for column in zip(*segue, strict=True))
    keys, keys_busy = zip(*times, strict=True)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("textual", "numpy"))
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}, {versions}"
    )
    print(f"library of {count:,} tracks; medians of {starts} starts\n")
    print("| what | measured | against | ratio or budget |\n|---|---|---|---|")
    print(
        f"| start to first list | {own:.3f} s | an empty Textual app, {base:.3f} s | {own / base:.2f} (1.3) |"
    )
    print(
        f"| the same, of a processor | {own_busy:.3f} s | an empty Textual app, {base_busy:.3f} s "
        f"| {own_busy / base_busy:.2f} (1.3) |"
    )
    for name, column in (("key to drawn results", keys), ("the same, of a processor", keys_busy)):
        late = statistics.quantiles(column, n=20)[-1]
        print(f"| {name}, median, 95 % | {statistics.median(column):.1f}, {late:.1f} ms | | 20 ms at 95 % |")
    print(f"| idle | {idle:.1%} of a processor | | 1 % |")
    print(f"| playing a radio | {playing:.1%} of a processor | | 4 % |")
    print(f"| memory, idle / playing | {memory:.0f} / {playing_memory:.0f} MB | | 250 MB |")


if __name__ == "__main__":
    main()
