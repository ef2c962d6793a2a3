"""Preparing on a cluster of this machine against one process: `python -m benchmarks.cluster_prepare`.

The playlists of a synthetic world, once and several times over. Every run is a program of its own; its memory
is the largest resident set that each of its processes reached, shared pages of Ray's included. The files that
come out are compared byte by byte.
"""

import argparse
import filecmp
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.machine import describe_machine
from segue.core.synthetic import make_world
from segue.core.synthetic.world import write_json_lines

WORKERS = 2
TASKS = ("count_stretch", "merge_shard", "rank_block", "number_shard", "encode_stretch", "write_texts")


@dataclass
class Run:
    """What a run of `segue prepare` took."""

    seconds: float
    """Of the whole command."""
    preparing: float
    """Without starting Python, and Ray where it is asked for."""
    positions: int
    busy: float
    """Seconds of a processor, over all processes that were seen; Ray's own are among them."""
    main: int
    """Bytes at the peak of the command's own process; `task` is that of the largest task."""
    task: int


def prepare(playlists: list[Path], out: Path, *options: str) -> Run:
    """Run `segue prepare` and watch it."""
    command = [sys.executable, "-m", "segue", "prepare", *map(str, playlists), "--out", str(out), "--json"]
    started = time.perf_counter()
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        main = task = 0
        busy: dict[int, float] = {}
        while process.poll() is None:
            time.sleep(0.05)
            main = max(main, peak(process.pid))
            with suppress(psutil.Error):
                own = psutil.Process(process.pid)
                for child in [own, *own.children(recursive=True)]:
                    busy[child.pid] = sum(child.cpu_times()[:2])
                    # the system keeps 15 characters of a name
                    if any(child.name().startswith(f"ray::{name}"[:15]) for name in TASKS):
                        task = max(task, peak(child.pid))
        record = json.loads(process.communicate()[0])
    seconds = time.perf_counter() - started
    return Run(seconds, record["seconds"], record["read"], sum(busy.values()), main, task)


def peak(process: int) -> int:
    """The largest resident set of a process so far, in bytes; 0 once it has gone."""
    with suppress(OSError, IndexError):
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
        return 1024 * int(status.split("VmHWM:")[1].split()[0])
    return 0


def same(one: Path, other: Path) -> bool:
    """Whether two corpora are the same, but for the seconds in their records."""
    names = [sorted(path.name for path in folder.iterdir()) for folder in (one, other)]
    records = [json.loads((folder / "corpus.json").read_text()) | {"seconds": 0} for folder in (one, other)]
    arrays = [name for name in names[0] if name != "corpus.json"]
    found = filecmp.cmpfiles(one, other, arrays, shallow=False)[0]
    return names[0] == names[1] and records[0] == records[1] and found == arrays


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a hundredth of the world, once")
    parser.add_argument("--times", type=int, default=16, help="copies in the larger input")
    args = parser.parse_args()
    if importlib.util.find_spec("ray") is None:
        print("Ray is not installed: pip install ray")
        return 0
    print(describe_machine("ray"))
    print(
        "| input | run | seconds in all | preparing | positions a second | processor | main process | task |"
    )
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "playlists.jsonl"
        write_json_lines(make_world("deezer" if not args.quick else 0.01, seed=0).playlists, path)
        for times in [1] if args.quick else [1, args.times]:
            repeated = folder / f"{times} times.jsonl"
            with repeated.open("wb") as target:
                for _ in range(times):
                    with path.open("rb") as source:
                        shutil.copyfileobj(source, target)
            compare(repeated, folder, f"{repeated.stat().st_size / 1e6:,.0f} MB")
    return 0


def compare(path: Path, folder: Path, size: str) -> None:
    """Print both runs over one input."""
    runs = {
        "one process": prepare([path], folder / "one", "--processes", "1", "--again"),
        f"--cluster local, {WORKERS} workers": prepare(
            [path], folder / "tasks", "--cluster", "local", "--processes", str(WORKERS), "--again"
        ),
    }
    for name, run in runs.items():
        print(
            f"| {size} | {name} | {run.seconds:.1f} | {run.preparing:.1f} "
            f"| {run.positions / run.preparing:,.0f} | {run.busy:.1f} s | {run.main / 1e6:,.0f} MB "
            f"| {f'{run.task / 1e6:,.0f} MB' if run.task else '-'} |",
            flush=True,
        )
    print(f"\nThe files are the same, byte for byte: {same(folder / 'one', folder / 'tasks')}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
