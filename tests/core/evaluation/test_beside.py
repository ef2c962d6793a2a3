"""What another process counts and ranks during a training is what this process would have."""

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from segue.core.corpus import Split, build_corpus, split_corpus
from segue.core.evaluation import beside, evaluate
from segue.core.evaluation.beside import BaselineProcess, baseline_process
from segue.core.evaluation.report import OWN, Report
from segue.core.library import COUNTED, Library
from segue.core.rankers.registry import PPMI_SVD
from segue.core.synthetic import make_world
from tests.libraries import CREATED


@pytest.fixture(scope="module")
def split() -> Split:
    """The split of `tiny_library`."""
    return split_corpus(build_corpus(make_world("tiny", seed=0).playlists), seed=0)


@pytest.fixture
def library(tiny_library: Library, tmp_path: Path) -> Library:
    """A copy of `tiny_library`, alone in its folder."""
    return Library.open(shutil.copytree(tiny_library.path, tmp_path / "libraries" / "tiny"))


@pytest.fixture
def process(library: Library, split: Split, monkeypatch: pytest.MonkeyPatch) -> Iterator[BaselineProcess]:
    """The process at work on the playlists of that library."""
    monkeypatch.setattr(beside, "WORTHWHILE", 1)
    with baseline_process(library.path) as process:
        process.start(split)
        yield process
    assert list(library.path.parent.iterdir()) == [library.path]


def scored(library: Library, process: BaselineProcess | None) -> tuple[Report, int]:
    """The report, without the seconds, and how many seeds were ranked in this process."""
    here: list[int] = []
    ranked = None if process is None else process.ranked
    report = evaluate(library, created=CREATED, ranked_already=ranked, on_progress=here.append)
    return replace(report, rankers=tuple(replace(each, seconds=0.0) for each in report.rankers)), sum(here)


def arrays(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.npy")}


def test_counts_and_scores_are_the_same(
    tiny_library: Library, library: Library, process: BaselineProcess, tmp_path: Path
) -> None:
    put = tmp_path / "put"
    put.mkdir()
    assert process.put_counts(put)
    for name in COUNTED:
        assert arrays(put / name) == arrays(library.path / name)
    other = Library.open(shutil.copytree(tiny_library.path, tmp_path / "other" / "tiny"))
    expected, _ = scored(other, None)
    found, ranked_here = scored(library, process)
    assert found == expected
    assert ranked_here == len(OWN) * found.n_seeds
    assert (library.path / PPMI_SVD).read_bytes() == (other.path / PPMI_SVD).read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_what_a_killed_process_lacks_is_done_here(
    library: Library, process: BaselineProcess, tmp_path: Path
) -> None:
    assert process.number is not None
    os.killpg(process.number, signal.SIGKILL)
    assert not process.put_counts(tmp_path)
    report = evaluate(
        library, rankers=("next", "nearest", "popularity", "ppmi-svd"), ranked_already=process.ranked
    )
    assert report.ranker("ppmi-svd").seconds > 0
    assert (library.path / PPMI_SVD).exists()


def test_few_playlists_are_counted_without_another_process(
    library: Library, split: Split, tmp_path: Path
) -> None:
    with baseline_process(library.path) as process:
        process.start(split)
        assert process.number is None
        assert not process.put_counts(tmp_path)
        assert process.ranked(library, split.validation[:, 0], 10) == {}
