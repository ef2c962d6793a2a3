"""A playlist file that is cut, written, replaced or removed while it is read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from segue.core.corpus import Corpus
from segue.core.corpus.prepare import prepare
from segue.core.errors import SegueError

LINE = "track_{0},artist_1,track_{1},artist_1\n"


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 3)


def append(path: Path) -> None:
    with path.open("a") as file:
        file.write(LINE.format(1, 2) * 100)


def overwrite(path: Path) -> None:
    with path.open("r+") as file:
        file.write("track_9")
    os.utime(path, ns=(1, 1))  # a coarse clock could show the same time


def replace(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_text(LINE.format(5, 6) * 10)
    other.rename(path)


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("harm", [cut, append, overwrite, replace, Path.unlink])
def test_a_corpus_is_never_half_of_another_file(
    harm: Callable[[Path], None], processes: int, tmp_path: Path
) -> None:
    whole, path, out = tmp_path / "whole.txt", tmp_path / "lists.txt", tmp_path / "corpus"
    whole.write_text("".join(LINE.format(number % 50, number % 70) for number in range(9_000)))
    path.write_bytes(whole.read_bytes())
    before, _ = prepare([whole], out)
    reported: list[float] = []

    def meddle(read: float) -> None:
        reported.append(read)
        if len(reported) == 1:
            harm(path)

    with pytest.raises(SegueError, match=r"lists\.txt: (changed while|disappeared while)"):
        prepare([whole, path], out, processes=processes, progress=meddle, stretch=200_000)
    assert reported
    assert Corpus.open(out).fingerprint == before.fingerprint, "the old corpus stays"
    assert not [left for left in tmp_path.iterdir() if left.name.startswith(".")]
