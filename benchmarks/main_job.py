"""From playlists to a scored library, phase by phase: `python -m benchmarks.main_job`.

The input is a Python 2 array of the size of Deezer's `music_2.npy` and the metadata of its tracks, both made
from the synthetic world. `segue train` runs in a process of its own, as from a shell; functions named below
are timed there, each without the others that it calls. The peer is the notebook's own statements from the
file to the corpus, in the same run.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.corpus import LOAD_NPY, NOTEBOOK, run
from benchmarks.machine import describe_machine
from segue.core.synthetic import make_world
from segue.core.synthetic.world import write_metadata
from tests.core.corpus.writers import python2_npy

if TYPE_CHECKING:
    from collections.abc import Callable

FLOOR, SHARE = 15.0, 0.1
"""What is not training may take so many seconds, or such a share of the training, whichever is more."""
TRAINING = "train"
PHASES = {
    "segue.core.corpus.loading:load_beside": "wait for the process that reads the playlists",
    "segue.core.corpus.readers.reading:read_playlists": "read the playlists",
    "segue.core.corpus.corpus:build_corpus": "count and encode",
    "segue.core.catalogue.metadata:read_metadata": "read the metadata",
    "segue.core.catalogue.aside:CatalogueProcess.describe": "wait for the metadata",
    "segue.core.catalogue.aside:CatalogueProcess.skipped": "wait for the metadata",
    "segue.core.corpus.split:split_corpus": "split",
    "segue.core.catalogue.aside:CatalogueProcess.wait": "wait for the catalogue",
    "segue.core.track2vec.model:tensorflow": "import TensorFlow",
    "segue.core.track2vec.training:_trainer": "build the model",
    "segue.core.track2vec.training:_Run.to_the_end": TRAINING,
    "segue.core.explore.projection:project": "lay out the map",
    "segue.core.library:write_library": "write the library",
    "segue.core.catalogue.build:write_catalogue": "write the catalogue",
    "segue.core.library:write_counts": "count meetings and index occurrences",
    "segue.core.evaluation.beside:BaselineProcess.start": "start the process of the baselines",
    "segue.core.evaluation.beside:BaselineProcess.ranked": "wait for the process of the baselines",
    "segue.core.evaluation.weight:choose_weights": "choose the weights of next",
    "segue.core.evaluation.evaluate:_fit_continue": "choose the weights of continue",
    "segue.core.evaluation.completion:score_completion": "score how playlists are completed",
    "segue.core.rankers.sparse:ppmi_svd": "factorise for ppmi-svd",
    "segue.core.rankers.registry:ranker": "build rankers",
    "segue.core.evaluation.evaluate:_rank_together": "rank with nearest, next and like",
    "segue.core.evaluation.evaluate:rank_seeds": "rank with {0.name}",
    "segue.core.evaluation.evaluate:_scored": "score the rankings",
    "segue.core.evaluation.report:save_report": "write the report",
}
"""What is timed: module and name, and what the table calls it."""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the demo's world")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        measure(args.measure)
        return
    with tempfile.TemporaryDirectory(dir=args.folder, prefix="segue-main-job-") as temporary:
        folder = Path(temporary)
        n_playlists, n_positions = make_input(folder, "demo" if args.quick else "deezer")
        load = " ".join(f"{value:.1f}" for value in os.getloadavg())
        print(f"{describe_machine('numpy', 'tensorflow', 'keras')}; load before: {load}")
        print(f"{n_playlists:,} playlists, {n_positions:,} positions\n")
        peer = run(LOAD_NPY + NOTEBOOK, folder / "music_2.npy")
        seconds, phases = train(folder)
    report(seconds, phases, peer.seconds)


def make_input(folder: Path, scale: str) -> tuple[int, int]:
    """Write `music_2.npy` and `TracksArtists.csv`; returns the numbers of playlists and positions."""
    world = make_world(scale)
    playlists = world.playlists
    pairs = list(zip(playlists.track_ids, playlists.artist_ids, strict=True))
    codes, ends = playlists.codes.tolist(), playlists.offsets.tolist()
    rows = [[token for code in codes[start:end] for token in pairs[code]] for start, end in pairwise(ends)]
    (folder / "music_2.npy").write_bytes(python2_npy(rows))
    write_metadata(world.tracks, folder / "TracksArtists.csv")
    return len(rows), len(codes)


def train(folder: Path) -> tuple[float, dict[str, float]]:
    """Run `segue train` in another process; returns its seconds, and those of each phase in order."""
    arguments = ("train", "music_2.npy", "--metadata", "TracksArtists.csv", "--name", "./library")
    module = [sys.executable, "-m", "benchmarks.main_job"]
    command = [*module, "--measure", json.dumps(arguments), str(folder)]
    begun = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    seconds = time.perf_counter() - begun
    return seconds, json.loads(done.stdout.splitlines()[-1])


def measure(given: list[str]) -> None:
    """In the other process: time the phases of one command and print them as JSON."""
    arguments, folder = json.loads(given[0]), given[1]
    os.chdir(folder)
    spent: defaultdict[str, float] = defaultdict(float)
    inner = [0.0]
    for place, phase in PHASES.items():
        time_calls(place, phase, spent, inner)
    from segue.core.cli.main import main as segue

    code = segue(arguments)
    print(json.dumps(spent), flush=True)
    raise SystemExit(code)


def time_calls(place: str, phase: str, spent: defaultdict[str, float], inner: list[float]) -> None:
    """Have every call of a function add its seconds, without those of others timed within it."""
    module_name, _, name = place.partition(":")
    owner: Any = importlib.import_module(module_name)
    *outer, name = name.split(".")
    for part in outer:
        owner = getattr(owner, part)
    function: Callable[..., Any] = getattr(owner, name)

    @wraps(function)
    def timed(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the function takes
        begun = time.perf_counter()
        inner.append(0.0)
        try:
            return function(*args, **options)
        finally:
            lasted = time.perf_counter() - begun
            spent[phase.format(*args)] += lasted - inner.pop()
            inner[-1] += lasted

    if outer:
        setattr(owner, name, staticmethod(timed) if hasattr(function, "__self__") else timed)
        return
    for module in [module for key, module in sys.modules.items() if key.startswith("segue.")]:
        if getattr(module, name, None) is function:
            setattr(module, name, timed)


def report(seconds: float, phases: dict[str, float], peer: float) -> None:
    """Print the table and whether the budget was kept."""
    trained = phases[TRAINING]
    allowed = max(FLOOR, SHARE * trained)
    print("| phase | seconds | times the notebook's statements |")
    print("|---|--:|--:|")
    rows = phases | {"start, display, the rest": seconds - sum(phases.values())}
    for name, lasted in rows.items():
        print(f"| {name} | {lasted:.2f} | {lasted / peer:.2f} |")
    print(f"| **all** | {seconds:.1f} | {seconds / peer:.1f} |")
    print(f"| **all but training** | {seconds - trained:.1f} | {(seconds - trained) / peer:.1f} |")
    print(f"| the notebook's statements, file to corpus | {peer:.2f} | 1 |")
    print(f"\nBudget: all but training within {allowed:.0f} s.")


if __name__ == "__main__":
    main()
