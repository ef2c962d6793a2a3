"""What the explorer shows beside its list."""

from pathlib import Path

import pytest

from segue.core.evaluation import evaluate, save_report
from segue.tui.panes.explore.headers import headline
from tests.libraries import make_library


def test_the_headline_is_what_evaluation_wrote_into_the_library(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library")
    assert headline(library.manifest.scores) == {}
    report = evaluate(library, rankers=("nearest", "popularity"))
    save_report(library, report)
    shown = headline(library.manifest.scores)
    assert shown == {scores.ranker: pytest.approx(scores.all.hit.mean) for scores in report.rankers}
