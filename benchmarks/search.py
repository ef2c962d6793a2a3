"""Search under realistic typing: `python -m benchmarks.search`.

Every key press is one query. Prints the latency of a key press beside that of plainer ways to search measured
in the same run, and the share of people who see the track they meant among the first five.
"""

import argparse
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.machine import describe_machine
from benchmarks.typing_people import HABITS, Typing, people
from segue.core.catalogue import Catalogue
from segue.core.text import fold
from segue.core.tracks import TrackInfo

PEOPLE = 1_500
PEER_QUERIES = 150
SIZES = (75_262, 500_000)
BUDGETS = {75_262: 10.0, 500_000: 20.0}
"""Milliseconds within which 95 % of key presses must be answered."""
TITLES = Path(os.environ.get("SEGUE_REAL_DATA", "../shared/data")) / "yes_complete_titles" / "song_hash.txt"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few people, and the smaller size only")
    parser.add_argument(
        "--titles", type=Path, default=TITLES, help="lines of id, title and artist, tab-separated"
    )
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    sizes, n_people = (SIZES[:1], 150) if args.quick else (SIZES, PEOPLE)
    real = read_titles(args.titles)
    print(f"{describe_machine()}, SQLite {sqlite3.sqlite_version}")
    print(f"{len(real):,} real titles; {n_people:,} people a size; seed {args.seed}")
    for size in sizes:
        rng = np.random.default_rng(args.seed)
        tracks = real if size == len(real) else grown(real, size, rng)
        counts = zipf_counts(len(tracks), rng)
        # some lines hold a dash for want of a title, which nobody looks for
        wish = np.sqrt(counts) * [any(map(str.isalnum, track.title)) for track in tracks]
        wanted = rng.choice(len(tracks), size=n_people, p=wish / wish.sum())
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            catalogue = Catalogue.create(Path(folder) / "catalogue.sqlite", tracks, counts)
            seconds = time.perf_counter() - start
            megabytes = (Path(folder) / "catalogue.sqlite").stat().st_size / 1e6
            print(f"\n## {size:,} titles: built in {seconds:.1f} s, {megabytes:.0f} MB\n")
            measure(catalogue, tracks, people(tracks, wanted.tolist(), rng))
            catalogue.close()


def read_titles(path: Path) -> list[TrackInfo]:
    """Read `id<tab>title<tab>artist` lines."""
    parts = (line.split("\t") for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
    return [TrackInfo(f"yes_{part[0].strip()}", part[1].strip(), part[2].strip()) for part in parts]


def grown(real: Sequence[TrackInfo], size: int, rng: np.random.Generator) -> list[TrackInfo]:
    """The real titles and invented ones: the beginning of one and the end of another, by a real artist."""
    tracks = list(real)
    picks = rng.integers(len(real), size=(size - len(real), 3))
    for number, (first, second, artist) in enumerate(picks.tolist()):
        start, end = real[first].title.split(), real[second].title.split()
        words = start[: (len(start) + 1) // 2] + end[len(end) // 2 :]
        tracks.append(TrackInfo(f"new_{number}", " ".join(words), real[artist].artist))
    return tracks


def zipf_counts(size: int, rng: np.random.Generator) -> np.typing.NDArray[np.int64]:
    """Invented plays of the usual shape, as the titles come without any: int64 (size,)."""
    return (2 + 1e5 / (1 + rng.permutation(size)) ** 0.8).astype(np.int64)


def measure(catalogue: Catalogue, tracks: Sequence[TrackInfo], typists: Sequence[Typing]) -> None:
    """Print latency beside the peers, and who found what."""
    catalogue.search("warm up")
    latencies: dict[int, list[float]] = {}
    by_title, by_whole, first_seen = [], [], []
    queries: list[str] = []
    for typist in typists:
        seen: int | None = None
        in_title = found = False
        for query in typist.key_presses():
            start = time.perf_counter()
            hits = catalogue.search(query, limit=50)
            latencies.setdefault(min(len(query), 3), []).append((time.perf_counter() - start) * 1e3)
            found = same_track(tracks, typist.row, [hit.row for hit in hits[:5]])
            seen = len(query) if found and seen is None else seen
            in_title |= found and query == typist.title
            queries.append(query)
        by_title.append(in_title)
        by_whole.append(found)
        first_seen.append(seen)
    print_latency(latencies, catalogue, tracks, queries)
    print("\n| people | share | see it by the end of the title | of title and artist | keys, median |")
    print("|---|--:|--:|--:|--:|")
    for name in ("all", *HABITS):
        chosen = [at for at, typist in enumerate(typists) if name in {"all", typist.habit}]
        share = len(chosen) / len(typists)
        whole = np.mean([by_whole[at] for at in chosen])
        by_its_end = [by_title[at] for at in chosen if typists[at].habit != "artist first"]
        keys = np.median([seen for at in chosen if (seen := first_seen[at]) is not None])
        title_share = f"{np.mean(by_its_end):.1%}" if by_its_end else ""
        print(f"| {name} | {share:.0%} | {title_share} | {whole:.1%} | {keys:.0f} |")


def same_track(tracks: Sequence[TrackInfo], wanted: int, rows: Sequence[int]) -> bool:
    """Whether a row shows the wanted title by the wanted artist; a pair may have two ids."""
    label = fold(tracks[wanted].label)
    return any(fold(tracks[row].label) == label for row in rows)


def print_latency(
    latencies: dict[int, list[float]],
    catalogue: Catalogue,
    tracks: Sequence[TrackInfo],
    queries: Sequence[str],
) -> None:
    """Print how long a key press takes, and how much longer the plainer ways take."""
    names = {1: "one letter", 2: "two letters", 3: "three and more"}
    everything = np.concatenate([latencies[length] for length in sorted(latencies)])
    budget = BUDGETS.get(len(tracks))
    print("| key press | n | median, ms | 95 %, ms | 99 %, ms | worst, ms |\n|---|--:|--:|--:|--:|--:|")
    for name, values in [
        *((names[at], np.array(latencies[at])) for at in sorted(latencies)),
        ("all", everything),
    ]:
        low, high, higher = np.percentile(values, (50, 95, 99))
        print(f"| {name} | {len(values):,} | {low:.2f} | {high:.2f} | {higher:.2f} | {values.max():.1f} |")
    if budget is not None:
        print(f"\nBudget: 95 % within {budget:g} ms; {np.mean(everything <= budget):.1%} were.")
    sample = [queries[at] for at in np.linspace(0, len(queries) - 1, PEER_QUERIES).astype(int)]
    ours = median_ms(catalogue.search, sample)
    print("\n| way to search | median, ms | times ours |\n|---|--:|--:|")
    for name, search in peers(tracks):
        theirs = median_ms(search, sample[:: 1 if "LIKE" in name or "list" in name else 15])
        print(f"| {name} | {theirs:.2f} | {theirs / ours:.1f} |")
    print(f"| this catalogue | {ours:.2f} | 1 |")


def peers(tracks: Sequence[TrackInfo]) -> list[tuple[str, Callable[[str], object]]]:
    """Plainer ways to search the same titles. None of them ranks, and only the last forgives a typo."""
    from rapidfuzz import fuzz, process

    folded = [fold(track.label) for track in tracks]
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (label TEXT)")
    connection.executemany("INSERT INTO t VALUES (?)", ((label,) for label in folded))

    def scan(query: str) -> object:
        wanted = fold(query)
        return [at for at, label in enumerate(folded) if wanted in label][:50]

    def like(query: str) -> object:
        sql = "SELECT rowid FROM t WHERE label LIKE ? LIMIT 50"
        return connection.execute(sql, (f"%{fold(query)}%",)).fetchall()

    def fuzzy(query: str) -> object:
        return process.extract(fold(query), folded, scorer=fuzz.WRatio, limit=50)

    return [("a list, `in`", scan), ("SQLite LIKE '%…%'", like), ("rapidfuzz over all", fuzzy)]


def median_ms(search: Callable[[str], object], queries: Sequence[str]) -> float:
    """The median time of a query in milliseconds."""
    times = []
    for query in queries:
        start = time.perf_counter()
        search(query)
        times.append((time.perf_counter() - start) * 1e3)
    return float(np.median(times))


if __name__ == "__main__":
    main()
