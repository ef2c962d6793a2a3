"""The end of a preparation: the tasks' files joined into those of a corpus, a megabyte at a time."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from segue.core.cluster.counting_order import Ranked
from segue.core.cluster.encoding import Encoded
from segue.core.cluster.preparing_files import Spool
from segue.core.corpus.arrays import load_array
from segue.core.corpus.corpus import fingerprint
from segue.core.corpus.loading import METADATA
from segue.core.corpus.prepare import without_last_byte
from segue.core.corpus.renumbering import write_header


def join(
    spool: Spool, folder: Path, encoded: Sequence[Encoded], ranked: Sequence[Ranked], described: int
) -> dict[str, int | str]:
    """Write the files of the corpus; returns what the record says of them."""
    playlists, positions = sum(each.playlists for each in encoded), sum(each.positions for each in encoded)
    tracks = sum(block.size for block in ranked)
    stretches = [spool.of_encoded(number) for number in range(len(encoded))]
    with (folder / "items.npy").open("wb") as file:
        write_header(file, np.int32, positions)
        _append(file, (stretch / "items" for stretch in stretches))
    _write_offsets(folder / "offsets.npy", stretches, encoded)
    with (folder / "counts.npy").open("wb") as file:
        write_header(file, np.int64, tracks)
        _append(file, (spool.of_block(block) / "counts" for block in range(len(ranked))))
    texts = [("ids", "tracks.txt"), ("artists", "artists.txt")] + [("metadata", METADATA)] * (described > 0)
    for name, target in texts:
        with (folder / target).open("wb") as file:
            _append(file, (spool.of_texts(block) / name for block in range(len(ranked))))
    items, offsets = load_array(folder / "items.npy", np.int32), load_array(folder / "offsets.npy", np.int64)
    return {
        "playlists": playlists,
        "positions": positions,
        "tracks": tracks,
        "described": described,
        "fingerprint": fingerprint(items, offsets, without_last_byte(folder / "tracks.txt")),
    }


def _append(target: BinaryIO, sources: Iterable[Path]) -> None:
    for source in sources:
        with source.open("rb") as file:
            shutil.copyfileobj(file, target, 1 << 20)


def _write_offsets(target: Path, stretches: Sequence[Path], encoded: Sequence[Encoded]) -> None:
    """The offsets of each stretch, counted from the beginning of the corpus."""
    with target.open("wb") as file:
        write_header(file, np.int64, 1 + sum(each.playlists for each in encoded))
        file.write(np.zeros(1, np.int64).data)
        base = 0
        for stretch, each in zip(stretches, encoded, strict=True):
            file.write((np.fromfile(stretch / "offsets", np.int64) + base).data)
            base += each.positions
