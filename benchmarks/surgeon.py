"""What the playlist surgeon finds and fixes: `python -m benchmarks.surgeon --library PATH --playlists FILE`.

The playlists must not have been trained on. Two tracks from anywhere are put into each at random: the area
under the ROC curve says how often one of them is doubted more than an own track. The order is measured by how
far apart tracks stand that were neighbours, and by the mean closeness of neighbours: as the playlist was,
shuffled, and shuffled and then put in flow.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np

from benchmarks.machine import describe_machine
from segue.core.explore.surgeon import closeness, flow, in_flow, outliers
from segue.core.library import Library


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", default="demo")
    parser.add_argument("--playlists", type=Path, help="lines of track ids; the library's own without it")
    parser.add_argument("--quick", action="store_true", help="50 playlists")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    library, rng = Library.open(args.library), np.random.default_rng(args.seed)
    lists = read(library, args.playlists)[: 50 if args.quick else 500]
    print(f"{describe_machine()}; {len(library):,} tracks, {len(lists):,} playlists of 8 to 60 known tracks")
    aucs, flows = [], []
    ranks: list[list[float]] = [[], []]
    for rows in lists:
        foreign = rng.choice(np.setdiff1d(np.arange(len(library)), rows), 2, replace=False).tolist()
        doubts = outliers(library, rng.permutation([*rows, *foreign]).tolist())
        scores = {doubt.row: doubt.score for doubt in doubts}
        aucs.append(np.mean([scores[a] > scores[b] for a in foreign for b in rows]))
        shuffled = rng.permutation(rows).tolist()
        ordered = [track.row for track in in_flow(library, shuffled)]
        flows.append([flow(library, each) for each in (rows, shuffled, ordered)])
        for each, found in zip((shuffled, ordered), ranks, strict=True):
            found.append(distance(rows, each))
    print(f"outliers: AUC {np.mean(aucs):.3f} (chance 0.5)")
    print(
        "closeness of neighbours: own order {:.3f}, shuffled {:.3f}, in flow {:.3f}".format(
            *np.mean(flows, 0)
        )
    )
    print(
        "the true next stands this many places after (of the rest, 0.5 is chance): "
        f"shuffled {np.mean(ranks[0]):.3f}, in flow {np.mean(ranks[1]):.3f}"
    )
    true_next = np.mean([next_rank(library, rows) for rows in lists])
    print(f"rank of the true next by closeness (0.5 is chance): {true_next:.3f}")


def distance(rows: list[int], order: list[int]) -> float:
    """How far apart two tracks that were neighbours stand, as a share of what chance gives times 0.5."""
    place = {row: at for at, row in enumerate(order)}
    apart = np.mean([abs(place[a] - place[b]) for a, b in pairwise(rows)])
    return float(apart / ((len(rows) + 1) / 3) / 2)


def next_rank(library: Library, rows: list[int]) -> float:
    """The rank of each true next among the others, from 0 (the best) to 1: the mean."""
    scores = closeness(library, rows)
    found = []
    for at in range(len(rows) - 1):
        others = np.delete(scores[at], [at])
        found.append(float(np.mean(others > scores[at, at + 1])))
    return float(np.mean(found))


def read(library: Library, path: Path | None) -> list[list[int]]:
    """The playlists as different rows of the library, those of 8 to 60 tracks."""
    if path is None:
        corpus = library.corpus
        assert corpus is not None  # noqa: S101 - the demo has playlists
        ends = corpus.offsets.tolist()
        lists = [corpus.items[a:b].tolist() for a, b in pairwise(ends)]
    else:
        lists = [library.catalogue.rows_of_ids(line.split()) for line in path.read_text().splitlines()]
    found = [list(dict.fromkeys(rows)) for rows in lists]
    return [rows for rows in found if 8 <= len(rows) <= 60]


if __name__ == "__main__":
    main()
