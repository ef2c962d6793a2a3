"""The first round of one shard in a process of its own: what moves and what it holds.

`python -m benchmarks.training.cluster_task FOLDER`, where `benchmarks.cluster` has put the shard.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.cluster_prepare import peak
from segue.core.cluster.blocks import Layout, first_block, take
from segue.core.cluster.shards import Shard, TrainSpec, rows_needed, train_shard, use_one_thread
from segue.core.track2vec import FastConfig
from segue.core.track2vec.epoch import smoothed
from segue.core.track2vec.model import tensorflow


def main() -> None:
    """Print the figures as JSON."""
    folder = Path(sys.argv[1])
    task = json.loads((folder / "task.json").read_text())
    config = FastConfig(**task["config"])
    counts = np.load(folder / "counts.npy")
    distribution = smoothed(counts, config.exponent)
    shard = Shard(0, np.load(folder / "items.npy"), np.load(folder / "offsets.npy"))
    spec = TrainSpec(config, 0, task["shards"], Layout.of(len(counts)))
    use_one_thread()
    tensorflow()
    before = peak(os.getpid())
    needed = rows_needed(spec, shard, distribution, 0)
    came = [
        take(first_block(spec.layout, block, config.dim, 0), rows)[0] for block, rows in enumerate(needed)
    ]
    begun = time.process_time()
    results, *_ = train_shard(spec, shard, distribution, 0, *came)
    rows = sum(map(len, needed))
    asked = sum(each.nbytes for each in needed)
    found = {"rows": rows, "moved": results.moved + asked, "seconds": time.process_time() - begun}
    print(json.dumps(found | {"before": before, "peak": peak(os.getpid())}))


if __name__ == "__main__":
    main()
