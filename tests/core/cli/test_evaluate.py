"""`segue evaluate`, `segue metrics` and `segue compare`, as a person would run them."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from segue.core.cli.main import main
from segue.core.library import Library
from segue.core.rankers import RANKERS


@pytest.fixture
def library(tiny_library: Library, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_library.path, tmp_path / "tiny"))


def test_evaluate_keeps_what_metrics_shows_a_line_of_every_ranker(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--library", str(library), "--json"]) == 0
    reported = capsys.readouterr()
    written = json.loads(reported.out)
    last = json.loads(reported.err.splitlines()[-1])
    assert (last["event"], last["done"]) == ("progress", last["total"])
    assert last["total"] == 14 * written["n_seeds"]
    assert [entry["ranker"] for entry in written["rankers"]] == list(RANKERS)
    assert main(["metrics", "--library", str(library), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == written
    manifest = json.loads((library / "library.json").read_text())
    assert manifest["next_weight"] == written["next_weight"]
    nearest = written["rankers"][0]
    assert manifest["scores"]["validation"]["nearest"]["hit@10"] == nearest["all"]["hit"]["mean"]
    assert main(["metrics", "--library", str(library)]) == 0
    shown = capsys.readouterr().out
    for name in RANKERS:
        # the scores, its bar, its buckets, both kinds of completion, and what the name means
        completing = {"nearest": 1, "next": 1, "s-knn": 2, "v-stan": 2, "rp3": 2}
        lines = 3 + completing.get(name, 0) + (name == "next")
        assert sum(line.split()[:1] == [name] for line in shown.splitlines()) == lines
    assert sum(line.split()[:1] == ["missing"] for line in shown.splitlines()) == 1
    assert "█" in shown
    assert main(["metrics", "-l", str(library), "--paper", "--markdown"]) == 0
    assert "| HR@10 | 95 % |" in capsys.readouterr().out


def test_a_part_of_the_rankers_or_other_lists_are_shown_and_never_replace_the_report(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = ["evaluate", "-l", str(library)]
    assert main([*call, "--pairs", "test", "--ranker", "nearest", "--k", "5", "--json"]) == 0
    part = json.loads(capsys.readouterr().out)
    assert (part["pairs"], part["k"]) == ("test", 5)
    assert [entry["ranker"] for entry in part["rankers"]] == ["nearest"]
    assert main(["metrics", "-l", str(library), "--pairs", "test"]) == 1
    assert "segue evaluate --library" in capsys.readouterr().err
    assert main(call) == 0
    shown = capsys.readouterr()
    assert "kept in" in shown.err
    assert main(["metrics", "-l", str(library)]) == 0
    assert capsys.readouterr().out == shown.out
    before = {name: (library / name).read_bytes() for name in ("report.json", "library.json")}
    for options in (["--ranker", "nearest"], ["--k", "5"]):
        capsys.readouterr()
        assert main([*call, *options]) == 0
        assert "not kept: the library keeps a report of all rankers" in capsys.readouterr().err
    assert {name: (library / name).read_bytes() for name in before} == before


def test_a_report_of_other_lists_by_an_older_version_does_not_break_the_list(
    library: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGUE_MODELS", str(library.parent))
    manifest = json.loads((library / "library.json").read_text())
    manifest["scores"] = {"validation": {"nearest": {"hit@5": 0.4}}}
    (library / "library.json").write_text(json.dumps(manifest))
    assert main(["libraries"]) == 0
    assert "tiny" in capsys.readouterr().out


def snapshot(folder: Path) -> dict[Path, tuple[int, bytes]]:
    """The time of change and the content of every file."""
    return {
        path: (path.stat().st_mtime_ns, b"" if path.is_dir() else path.read_bytes())
        for path in (folder, *folder.rglob("*"))
    }


def test_the_shipped_library_is_scored_and_stays_as_it_is(
    library: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segue.core.places.BUNDLED", library.parent)
    monkeypatch.setattr("segue.core.places.SHIPPED", "tiny")
    before = snapshot(library)
    assert main(["evaluate", "-l", str(library)]) == 0
    shown = capsys.readouterr()
    assert "ppmi-svd" in shown.out
    assert "comes with Segue and stays as it is" in shown.err
    for call in (
        ["train", "missing.npy", "--name", str(library)],
        ["import-vectors", "missing.npy", "--tracks", "missing.txt", "--name", str(library), "--replace"],
        ["libraries", "remove", str(library), "--yes"],
        ["libraries", "rename", str(library), "mine"],
    ):
        assert main(call) == 1
        assert "comes with Segue and can't be changed" in capsys.readouterr().err
    quick = ["--trials", "1", "--epochs", "1", "--set", "pool=32", "--search-only"]
    assert main(["tune", "-l", str(library), *quick]) == 0
    assert main(["tune", "-l", str(library), "--show"]) == 0
    assert snapshot(library) == before


def test_a_look_without_saving(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (library / "library.json").read_text()
    assert main(["evaluate", "-l", str(library), "--ranker", "next", "--no-save", "--paper"]) == 0
    assert "HR@10" in capsys.readouterr().out
    assert (library / "library.json").read_text() == before
    assert not (library / "report.json").exists()


def test_while_it_is_scored_a_library_opens_and_metrics_says_so(
    library: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-m", "segue", "evaluate", "--library", str(library), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    process.stderr.readline()  # the first ranker has begun
    process.send_signal(signal.SIGSTOP)
    try:
        assert process.poll() is None
        assert main(["metrics", "-l", str(library)]) == 1
        assert "scores are being computed" in capsys.readouterr().err
        assert main(["neighbours", "-l", str(library), Library.open(library).track_ids[0]]) == 0
    finally:
        process.send_signal(signal.SIGCONT)
    process.communicate()
    assert process.returncode == 0
    assert main(["metrics", "-l", str(library)]) == 0


def test_a_scoring_that_was_killed_leaves_no_sign(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (library / ".scoring").touch()
    assert main(["metrics", "-l", str(library)]) == 1
    assert "not evaluated" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code", "printed"),
    [
        (["--ranker", "oracle"], 2, "unknown ranker 'oracle'"),
        (["--k", "0"], 2, "at least 1"),
    ],
)
def test_a_wrong_call_is_reported_in_one_line(
    library: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, printed: str
) -> None:
    assert main(["evaluate", "-l", str(library), *arguments]) == code
    err = capsys.readouterr().err
    assert printed in err
    assert err.count("\n") == 1


def test_compare_two_rankers_of_a_library(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", f"{library}:cooccurrence", f"{library}:popularity"]) == 0
    shown = capsys.readouterr().out
    assert "A  tiny:cooccurrence" in shown
    assert "by hit@10, A is significantly better" in shown
    assert main(["compare", f"{library}:popularity", str(library), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["other"]["ranker"] == "nearest"
    assert found["hit"]["mean"] < 0
    assert main(["compare", str(library), str(library)]) == 0
    assert "by hit@10, no significant difference" in capsys.readouterr().out
