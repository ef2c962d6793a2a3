"""Reading playlists against the notebook's own statements: `python -m benchmarks.corpus`.

Two inputs: a Python 2 array of the size of `music_2.npy`, made from the synthetic world and written by the
tests' own pickler; and slices in the form of the million playlist dataset, every field and blank of it. Each
program runs in a process of its own; the slices (30 GB at full size) are deleted afterwards.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil

from benchmarks.machine import describe_machine
from segue.core.synthetic import make_world
from tests.core.corpus.writers import python2_npy

TRACKS = 2_000_000
PER_SLICE, LENGTH = 1_000, 60

OURS_NPY = """
from segue.core.corpus.loading import load_corpus
corpus = load_corpus(path).corpus
result = [corpus.n_positions, len(corpus.vocabulary)]
"""

OURS_SLICES = """
from pathlib import Path
from segue.core.corpus.prepare import prepare
record, _ = prepare([Path(path)], Path(path).parent / "corpus", again=True)
result = [record.positions, record.tracks]
"""

BARE_READING = """
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
def drop(file):
    with file.open("rb", buffering=0) as stream:
        block = bytearray(1 << 22)
        while stream.readinto(block):
            pass
with ThreadPoolExecutor(2) as pool:
    result = [len(list(pool.map(drop, sorted(Path(path).iterdir()))))]
"""
"""The floor of the slices: more bytes than the system can have kept in memory."""

LOAD_NPY = """
import numpy as np
data = np.load(path, allow_pickle=True, encoding="latin1")
"""

LOAD_SLICES = """
import json
from pathlib import Path
import numpy as np
data = [
    [track["track_uri"].replace("spotify:track:", "track_") for track in playlist["tracks"]]
    for name in sorted(Path(path).iterdir())[:limit]
    for playlist in json.loads(name.read_text())["playlists"]
]
"""

NOTEBOOK = """
playlist_track = [list(filter(lambda w: w.split("_")[0]==u"track",playlist)) for playlist in data]
tracks = np.unique(np.concatenate(playlist_track))
Vt = len(tracks)
track_counts = dict((tracks[i],0) for i in range(0, Vt))
for p in playlist_track:
    for a in p:
        track_counts[a]=track_counts[a]+1;
playlist_track_filter = [list(filter(lambda a : track_counts[a]> 1, playlist)) for playlist in playlist_track]
counts  =  np.array(list(track_counts.values()))
order = np.argsort(-counts)
tracks_list_ordered = np.array(list(track_counts.keys()))[order]
Vt=np.where(counts[order]==1)[0][0] if 1 in counts else Vt
track_dict = dict((tracks_list_ordered[i],i) for i in range(0, Vt))
corpus_num_track = [[track_dict[track] for track in play ] for play in playlist_track_filter]
result = [sum(map(len, corpus_num_track)), int(Vt)]
"""
"""The cells of the notebook, word for word but for the case of no track with count 1."""

# The dataset has a blank before most line ends.
TRACK = b"""                {
                    "pos": %d, 
                    "artist_name": "Artist Number %d", 
                    "track_uri": "spotify:track:%022d", 
                    "artist_uri": "spotify:artist:%022d", 
                    "track_name": "A Song Called %d (feat. Nobody)", 
                    "album_uri": "spotify:album:%022d", 
                    "duration_ms": %d, 
                    "album_name": "Album Number %d"
                }"""  # noqa: W291 - the dataset has these blanks
PLAYLIST = b"""        {
            "name": "Playlist", 
            "collaborative": "false", 
            "pid": %d, 
            "modified_at": 1493424000, 
            "tracks": [
%s
            ], 
            "num_tracks": %d, 
            "num_followers": 1
        }"""  # noqa: W291 - the dataset has these blanks
SLICE = b"""{
    "info": {
        "version": "v1"
    }, 
    "playlists": [
%s
    ]
}"""  # noqa: W291 - the dataset has these blanks


@dataclass(frozen=True)
class Run:
    """One measured process and its children."""

    seconds: float
    cpu: float
    """Seconds of a processor of the process and its children, which say more than the clock beside others."""
    peak: float
    """Bytes of memory of all of them together, at most."""
    result: list[int]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small world and 10 slices")
    parser.add_argument("--slices", type=int, default=1_000, help="slices of 1,000 playlists of 60 tracks")
    parser.add_argument(
        "--peer-slices", type=int, default=20, help="slices that the notebook's statements get"
    )
    parser.add_argument(
        "--folder", type=Path, help="where the slices go meanwhile (default: the temporary folder)"
    )
    args = parser.parse_args()
    n_slices = min(args.slices, 10) if args.quick else args.slices
    print(
        f"{describe_machine('numpy', 'msgspec')}, {psutil.virtual_memory().total / 2**30:.0f} GB of memory\n"
    )
    with tempfile.TemporaryDirectory(dir=args.folder, prefix="segue-corpus-") as folder:
        array(Path(folder), "demo" if args.quick else "deezer")
        slices(Path(folder), n_slices, min(args.peer_slices, n_slices))


def array(folder: Path, scale: str) -> None:
    """The array of music_2's size."""
    playlists = make_world(scale).playlists
    pairs = [
        (track, artist or "artist_0")
        for track, artist in zip(playlists.track_ids, playlists.artist_ids, strict=True)
    ]
    codes, ends = playlists.codes.tolist(), playlists.offsets.tolist()
    rows = [[token for code in codes[start:end] for token in pairs[code]] for start, end in pairwise(ends)]
    path = folder / "music_2.npy"
    path.write_bytes(python2_npy(rows))
    n_items = 2 * len(codes)
    size = path.stat().st_size / 1e6
    print(f"**A Python 2 array of {len(rows):,} playlists, {n_items:,} items, {size:.0f} MB**\n")
    ours = run(OURS_NPY, path)
    peer = run(LOAD_NPY + NOTEBOOK, path)
    report(ours, peer, len(codes), len(codes), "at most 5 s and 1 GB")
    if ours.result != peer.result:
        raise SystemExit(f"the two corpora differ: {ours.result} and {peer.result}")


def slices(folder: Path, n_slices: int, n_peer: int) -> None:
    """The slices."""
    where = folder / "slices"
    where.mkdir()
    started = time.perf_counter()
    with ProcessPoolExecutor() as pool:
        written = sum(pool.map(write_slice, [where] * n_slices, range(n_slices)))
    n_positions = n_slices * PER_SLICE * LENGTH
    what = f"{n_slices:,} JSON slices of {PER_SLICE:,} playlists of {LENGTH} tracks"
    print(f"\n**{what}, {written / 1e9:.1f} GB** (written in {time.perf_counter() - started:.0f} s)\n")
    floor = run(BARE_READING, where)
    ours = run(OURS_SLICES, where)
    peer = run(LOAD_SLICES + NOTEBOOK, where, limit=n_peer)
    n_peer_positions = n_peer * PER_SLICE * LENGTH
    report(ours, peer, n_positions, n_peer_positions, "1 million a second, under 3 GB")
    print(
        f"\nThe bytes alone, read by two threads and dropped: {floor.seconds:.1f} s "
        f"({written / floor.seconds / 1e6:,.0f} MB a second, from the disk or the system's memory); "
        f"Segue took {ours.seconds / floor.seconds:.2f} times that."
    )
    print(
        f"\nThe notebook's statements got {n_peer} slices. Of all slices {ours.result[1]:,} tracks were kept."
    )
    shutil.rmtree(where)


def write_slice(folder: Path, number: int) -> int:
    """Write one slice as Spotify printed them; returns its bytes."""
    rng = np.random.default_rng(number)
    drawn = (TRACKS * rng.random((PER_SLICE, LENGTH)) ** 4).astype(np.int64).tolist()
    playlists = [PLAYLIST % (number * PER_SLICE + at, listed(row), LENGTH) for at, row in enumerate(drawn)]
    content = SLICE % b",\n".join(playlists)
    name = f"mpd.slice.{number * PER_SLICE}-{number * PER_SLICE + PER_SLICE - 1}.json"
    (folder / name).write_bytes(content)
    return len(content)


def listed(row: list[int]) -> bytes:
    """The tracks of a playlist as JSON."""
    return b",\n".join(
        TRACK % (at, n % 150_000, n * 7919, n % 150_000, n, n % 300_000, 180_000 + n % 9999, n % 300_000)
        for at, n in enumerate(row)
    )


def run(statements: str, path: Path, limit: int = 0) -> Run:
    """Run statements that set `result`, and watch the memory of their process and its children."""
    body = "\n".join("    " + line for line in statements.strip().splitlines())
    script = path.parent / "measured.py"
    script.write_text(
        "import json, os, sys, time\n"
        "import numpy\n"
        "import segue.core.corpus.prepare\n"
        "import segue.core.corpus.readers.forms\n"
        "if __name__ == '__main__':\n"
        f"    path, limit = {str(path)!r}, {limit}\n"
        f"    started, before = time.perf_counter(), sum(os.times()[:4])\n{body}\n"
        "    seconds, cpu = time.perf_counter() - started, sum(os.times()[:4]) - before\n"
        "    print(json.dumps([seconds, cpu, result]))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, env=environment)
    peak = 0
    while process.poll() is None:
        peak = max(peak, memory(process.pid))
        time.sleep(0.05)
    out, _ = process.communicate()
    seconds, cpu, result = json.loads(out)
    return Run(seconds, cpu, peak, result)


def memory(pid: int) -> int:
    """Bytes in memory of a process and all its children; pages they share count for each."""
    total = 0
    try:
        process = psutil.Process(pid)
        for one in [process, *process.children(recursive=True)]:
            total += one.memory_info().rss
    except psutil.NoSuchProcess:
        pass
    return total


def report(ours: Run, peer: Run, n_ours: int, n_peer: int, target: str) -> None:
    """Print the table of one input."""
    print(
        "| what | positions | seconds | of a processor | positions a processor's second | peak memory "
        "| against the notebook |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, measured, n in (
        (f"Segue ({target})", ours, n_ours),
        ("the notebook's statements", peer, n_peer),
    ):
        rate = n / measured.cpu
        print(
            f"| {name} | {n:,} | {measured.seconds:.1f} | {measured.cpu:.1f} | {rate:,.0f} "
            f"| {measured.peak / 1e9:.2f} GB | {rate / (n_peer / peer.cpu):.1f} x |"
        )


if __name__ == "__main__":
    main()
