"""How time and memory grow from 10,000 tracks to a million: `python -m benchmarks.scale [--quick]`.

Each step is a process of its own, as a person runs it; its time is the wall clock's and its memory the
largest resident size that the system saw. Growth is the exponent between one size and the next: 1 means in
proportion.
"""

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import describe_machine

SCALES = {"10k": "0.08", "100k": "0.8", "1M": "8.2"}
"""Tracks in the vocabulary, and the world's scale that gives about as many (deezer = 1 has 123,000)."""

ASK = """
import sys, time
import numpy as np
from segue.core.explore.neighbours import neighbourhood
from segue.core.library import Library
library = Library.open(sys.argv[1])
rng = np.random.default_rng(0)
rows = rng.integers(len(library), size=100)
ask = {
    "search": lambda row: library.catalogue.search(library.catalogue.info(row).title[:6]),
    "neighbours": lambda row: neighbourhood(library, row, 50),
}[sys.argv[2]]
ask(int(rows[0]))
taken = []
for row in rows:
    began = time.perf_counter()
    ask(int(row))
    taken.append(time.perf_counter() - began)
print(1000 * float(np.percentile(taken, 95)))
"""
OPEN = "import sys; from segue.core.library import Library; Library.open(sys.argv[1]).vectors[0]"
MAP = """
import sys
from segue.core.explore.projection import project
from segue.core.library import Library
project(Library.open(sys.argv[1]).vectors)
"""


@dataclass(frozen=True)
class Taken:
    """What a process took."""

    seconds: float
    megabytes: float
    output: str


def measure(*command: str) -> Taken:
    """Run a process to its end."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([sys.executable, *command], stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        output.seek(0)
        text = output.read().decode()
    if process.returncode:
        raise SystemExit(f"failed: {' '.join(command)}")
    return Taken(seconds, usage.ru_maxrss / 1024, text)


def run(scale: str, folder: Path) -> dict[str, tuple[float, float]]:
    """Take every step at one scale; give seconds (milliseconds for the last two) and megabytes."""
    world, corpus, library = folder / "world", folder / "corpus", folder / "library"
    segue = ["-m", "segue"]
    steps = {
        "make the world": [*segue, "world", "--scale", scale, "--out", str(world)],
        "prepare": [*segue, "prepare", str(world / "playlists.jsonl"), "--out", str(corpus)],
        "train, one epoch": [
            *segue, "train", str(corpus), "--name", str(library), "--epochs", "1", "--no-evaluate",
            "--metadata", str(world / "TracksArtists.csv"),
        ],
        "open": ["-c", OPEN, str(library)],
        "map": ["-c", MAP, str(library)],
        "search, p95 ms": ["-c", ASK, str(library), "search"],
        "neighbours, p95 ms": ["-c", ASK, str(library), "neighbours"],
    }  # fmt: skip
    found = {}
    for name, command in steps.items():
        taken = measure(*command)
        figure = float(taken.output) if "ms" in name else taken.seconds
        found[name] = (figure, taken.megabytes)
        print(f"  {name}: {figure:,.1f}, {taken.megabytes:,.0f} MB", file=sys.stderr, flush=True)
    counts = (library / "tracks.txt").read_bytes().count(b"\n")
    found["tracks"] = (float(counts), 0.0)
    return found


def main() -> int:
    """Measure and print the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="up to 100,000 tracks")
    args = parser.parse_args()
    names = [name for name in SCALES if not (args.quick and name == "1M")]
    curve: dict[str, dict[str, tuple[float, float]]] = {}
    for name in names:
        print(f"{name} tracks", file=sys.stderr)
        folder = Path(tempfile.mkdtemp(prefix="segue-scale-"))
        try:
            curve[name] = run(SCALES[name], folder)
        finally:
            shutil.rmtree(folder)
    print(describe_machine())
    print()
    print_table(curve)
    return 0


def print_table(curve: dict[str, dict[str, tuple[float, float]]]) -> None:
    """Print a row a step, a column a size, and the growth between the last two."""
    names = list(curve)
    sizes = [curve[name]["tracks"][0] for name in names]
    heads = [f"{size:,.0f} tracks" for size in sizes]
    print("| step | " + " | ".join(heads) + " | growth of time, memory |")
    print("|---|" + "---:|" * (len(names) + 1))
    ratio = math.log(sizes[-1] / sizes[-2])
    for step in (step for step in curve[names[0]] if step != "tracks"):
        cells = []
        for name in names:
            figure, megabytes = curve[name][step]
            unit = "ms" if "ms" in step else "s"
            cells.append(f"{figure:,.1f} {unit}, {megabytes:,.0f} MB")
        last, before = curve[names[-1]][step], curve[names[-2]][step]
        growth = [math.log(max(a, 1e-9) / max(b, 1e-9)) / ratio for a, b in zip(last, before, strict=True)]
        print(f"| {step} | " + " | ".join(cells) + f" | {growth[0]:.2f}, {growth[1]:.2f} |")


if __name__ == "__main__":
    sys.exit(main())
