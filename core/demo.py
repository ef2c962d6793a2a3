"""Make the library that comes with Segue again: `python -m segue.core.demo`.

Its world is synthetic, so that it may be passed on. The same seed on the same machine gives the same vectors.
"""

import sys
from pathlib import Path

from segue.core.cli.output import note, progress
from segue.core.evaluation import evaluate, save_report
from segue.core.library import Library
from segue.core.pipeline import source_of, train_library
from segue.core.places import BUNDLED
from segue.core.synthetic.world import DEMO, make_world
from segue.core.track2vec import FastConfig

SEED = DEMO[1]
DIM = 32
"""Enough for 3,000 tracks, and half the size to carry."""


def make_demo(path: Path) -> Library:
    """Train the demo world and score it."""
    world = make_world(DEMO[0], seed=SEED)
    source = source_of(world.playlists, world.tracks, "synthetic world, scale demo")
    with progress("training the demo", 1.0) as advance:
        done = 0.0

        def tell(fraction: float) -> None:
            nonlocal done
            advance(fraction - done)
            done = fraction

        library = train_library(
            source,
            path,
            FastConfig(dim=DIM),
            seed=SEED,
            split_seed=SEED,
            replace=True,
            on_progress=lambda state: tell(state.fraction),
        )
    save_report(library, evaluate(library))
    return library


if __name__ == "__main__":
    made = make_demo(Path(sys.argv[1]) if len(sys.argv) > 1 else BUNDLED / "demo")
    note(f"{made.path}: {len(made):,} tracks, {made.manifest.scores}")
