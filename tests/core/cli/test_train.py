"""`segue train`, as a person and as a program use it."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from segue.core.cli import main, train
from segue.core.corpus import loading
from segue.core.libraries import checkpoint_of
from segue.core.library import Library
from segue.core.synthetic import make_world
from segue.core.text import counted
from segue.core.track2vec import Progress

EPOCHS = 60
"""Long enough to be disturbed."""
QUICK = ["--epochs", "2", "--dim", "16", "--seed", "3"]


@pytest.fixture(scope="module")
def playlists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny world's playlists in the Deezer form: track and artist by turns, one playlist per line."""
    world = make_world("tiny")
    artist = dict(zip(world.playlists.track_ids, world.playlists.artist_ids, strict=True))
    path = tmp_path_factory.mktemp("playlists") / "playlists.jsonl"
    rows = [[name for track in row for name in (track, artist[track])] for row in world.playlists.lists()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def trained(playlists: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of two epochs, not scored. Shared: leave its files as they are."""
    path = tmp_path_factory.mktemp("trained") / "complete"
    call = ["train", str(playlists), "--name", str(path), "--no-evaluate", "--dim", "16", "--epochs", "2"]
    assert main(call) == 0
    return path


@pytest.fixture
def complete(trained: Path, tmp_path: Path) -> Path:
    """A copy of that library, to train again."""
    return Path(shutil.copytree(trained, tmp_path / "complete"))


def events(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_playlists_become_a_scored_library(
    playlists: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tiny"
    assert main(["train", str(playlists), "--name", str(path), "--json", *QUICK]) == 0
    reported = events(capsys.readouterr().out)
    assert [reported[0]["event"], *(event["event"] for event in reported[-2:])] == [
        "corpus",
        "written",
        "done",
    ]
    assert reported[0]["playlists"] == 800
    assert {event["epoch"] for event in reported if event["event"] == "progress"} == {1, 2}
    library = Library.open(path)
    assert library.manifest.parameters["dim"] == 16
    assert [line["epoch"] for line in library.history] == [1, 2]
    assert library.positions is not None
    assert library.positions.shape == (len(library), 2)
    scores = library.manifest.scores["validation"]
    assert scores["nearest"]["hit@10"] > scores["random"]["hit@10"]
    assert not checkpoint_of(path).exists()
    assert (path / "track2vec.weights.h5").stat().st_size > 1000


@pytest.mark.slow
def test_the_library_can_be_explored_before_it_is_scored(
    playlists: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "early"
    process = subprocess.Popen(
        [sys.executable, "-m", "segue", "train", str(playlists), "--name", str(path), "--json", *QUICK],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    assert any(json.loads(line) == {"event": "written", "library": str(path)} for line in lines)
    process.send_signal(signal.SIGSTOP)
    try:
        library = Library.open(path)
        assert library.report is None
        first, second = library.track_ids[:2]
        for call in (["neighbours", first], ["explain", first, second], ["path", first, second]):
            assert main([*call, "--library", str(path)]) == 0
    finally:
        process.send_signal(signal.SIGCONT)
    process.communicate()
    assert process.returncode == 0
    capsys.readouterr()
    assert main(["metrics", "--library", str(path)]) == 0


def test_the_same_seed_gives_the_same_bits_and_another_does_not(
    playlists: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, seed in (("one", "3"), ("two", "3"), ("three", "4")):
        # the second time the playlists are read by another process, as large ones are
        monkeypatch.setattr(loading, "LARGE", 0 if name == "two" else 10**12)
        call = [
            "train",
            str(playlists),
            "--name",
            str(tmp_path / name),
            "--no-evaluate",
            *QUICK,
            "--seed",
            seed,
        ]
        assert main(call) == 0
    one, two, three = (Library.open(tmp_path / name).vectors for name in ("one", "two", "three"))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, three)


def test_a_library_is_not_replaced_by_one_of_other_playlists_or_a_shorter_training(
    playlists: Path, complete: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = complete
    few = tmp_path / "few.jsonl"
    few.write_text("".join(playlists.read_text().splitlines(keepends=True)[:100]))
    call = ["--name", str(path), "--no-evaluate", "--dim", "16", "--epochs"]
    before = (path / "library.json").read_bytes()
    for arguments, printed in (
        ([str(few), *call, "2"], "was trained on other playlists"),
        ([str(playlists), *call, "1"], "was trained for 2 epochs, more than 1"),
    ):
        assert main(["train", *arguments]) == 1
        assert f"{path}: {printed}" in capsys.readouterr().err
        assert (path / "library.json").read_bytes() == before
    assert main(["train", str(few), *call, "1", "--replace"]) == 0
    assert Library.open(path).manifest.corpus["n_playlists"] == 100


def test_a_stopped_training_leaves_a_complete_library_and_can_go_on(
    playlists: Path, complete: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = complete
    call = ["train", str(playlists), "--name", str(path), "--no-evaluate", "--dim", "16"]
    before = Library.open(path).vectors.copy()
    shown = train._line_each_epoch  # stop as a person would: after a line of progress

    def stop(unit: str, progress: Progress) -> None:
        shown(unit, progress)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(train, "_line_each_epoch", stop)
    longer = [*call, "--epochs", "3"]
    assert main(longer) == 130
    out = capsys.readouterr().out
    assert "is unchanged" in out
    assert np.array_equal(Library.open(path).vectors, before)
    monkeypatch.undo()
    assert main([*longer, "--resume"]) == 0
    assert len(Library.open(path).history) == 3


def test_a_stopped_training_that_replaces_a_complete_library_keeps_it_aside(
    playlists: Path,
    complete: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = complete
    call = ["train", str(playlists), "--name", str(path), "--no-evaluate", "--dim", "16", "--epochs", "2"]
    before = Library.open(path).vectors.copy()

    def stop(_unit: str, _progress: Progress) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(train, "_line_each_epoch", stop)
    assert main([*call, "--replace"]) == 130
    assert f"the previous library is kept: {path}-before" in capsys.readouterr().out
    kept = Library.open(tmp_path / "complete-before")
    assert np.array_equal(kept.vectors, before)
    assert kept.name == "complete-before"
    assert Library.open(path).manifest.training["stopped_early"]


def test_an_unfinished_training_is_not_replaced_unasked(
    playlists: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "killed"
    checkpoint_of(path).write_bytes(b"hours of work")
    call = ["train", str(playlists), "--name", str(path), "--no-evaluate", "--dim", "16", "--epochs", "1"]
    assert main(call) == 1
    assert f"{path}: has an unfinished training; add --resume" in capsys.readouterr().err
    assert checkpoint_of(path).read_bytes() == b"hours of work"
    assert main([*call, "--replace"]) == 0
    assert not checkpoint_of(path).exists()


@pytest.mark.parametrize("n_playlists", [1, 3, 30])
def test_few_playlists_give_a_library_that_can_be_explored_and_a_word_on_scores(
    n_playlists: int, playlists: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("".join(playlists.read_text().splitlines(keepends=True)[:n_playlists]))
    path = tmp_path / "small"
    assert main(["train", str(few), "--name", str(path), "--min-count", "1", *QUICK]) == 0
    reported = capsys.readouterr()
    few_pairs = counted(n_playlists // 10, "validation pair")
    assert f"too few playlists to score: {few_pairs}" in reported.err
    assert "hit@10" not in reported.out + reported.err
    library = Library.open(path)
    assert library.report is None
    assert library.manifest.next_weight is None, "not chosen on so few pairs"
    assert main(["neighbours", library.track_ids[0], "--library", str(path)]) == 0
    capsys.readouterr()
    for verb in ("metrics", "evaluate"):
        assert main([verb, "--library", str(path)]) == 1
        assert f"too few playlists to score: {few_pairs}" in capsys.readouterr().err


def test_it_says_how_many_tracks_occur_too_seldom(
    playlists: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = [json.loads(line)[::2] for line in playlists.read_text().splitlines()]
    plays = Counter(track for tracks in lists for track in tracks)
    seldom = sum(times < 9 for times in plays.values())
    assert seldom
    call = ["--no-evaluate", "--min-count", "9", *QUICK]
    assert main(["train", str(playlists), "--name", str(tmp_path / "one"), *call]) == 0
    assert f"dropped {seldom:,} tracks with fewer than 9 plays" in capsys.readouterr().err
    prepared = tmp_path / "prepared"
    assert main(["prepare", str(playlists), "--out", str(prepared), "--min-count", "9"]) == 0
    assert main(["train", str(prepared), "--name", str(tmp_path / "two"), *call, "--json"]) == 0
    corpus = next(event for event in events(capsys.readouterr().out.split("\n", 2)[2]))
    assert corpus["dropped"] == seldom


@pytest.mark.parametrize(("name", "code"), [("..", 2), ("", 2), ("file", 1), ("thesis", 1), ("x" * 300, 1)])
def test_a_name_that_cannot_be_written_is_refused_before_anything_is_read(
    name: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEGUE_MODELS", str(tmp_path))
    (tmp_path / "file").touch()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").touch()
    np.save("v.npy", np.eye(2, dtype=np.float32))
    for call in (["train", "missing.npy"], ["import-vectors", "missing.npy", "--tracks", "missing.txt"]):
        assert main([*call, "--name", name]) == code
        err = capsys.readouterr().err
        assert err.count("\n") == 1
        assert "missing" not in err
        assert "choose another --name" in err


def test_playlists_that_cannot_be_read_leave_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    assert main(["train", str(empty), "--name", str(tmp_path / "out" / "library")]) == 1
    assert "empty.jsonl" in capsys.readouterr().err
    assert not (tmp_path / "out" / "library").exists()


def start(playlists: Path, path: Path, *more: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "segue", "train", str(playlists), "--name", str(path), "--json"]
    command += ["--no-evaluate", "--epochs", str(EPOCHS), "--dim", "16", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_epoch(process: "subprocess.Popen[str]", epoch: int) -> None:
    """Read along until that epoch is under way."""
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "progress" and event["epoch"] >= epoch:
            return
    pytest.fail(f"ended before epoch {epoch}: {process.stderr.read() if process.stderr else ''}")


@pytest.fixture(scope="module")
def undisturbed(playlists: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The library of a training that nothing disturbed."""
    path = tmp_path_factory.mktemp("undisturbed") / "library"
    start(playlists, path).communicate(timeout=200)
    return Library.open(path)


@pytest.mark.slow
def test_a_stopped_training_keeps_its_best_and_resumes_to_the_same_bits(
    playlists: Path, tmp_path: Path, undisturbed: Library
) -> None:
    path = tmp_path / "stopped"
    process = start(playlists, path)
    wait_for_epoch(process, 3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 130
    assert "stopping" in err
    assert events(out)[-1]["stopped"] is True
    kept = Library.open(path)
    assert kept.manifest.training["stopped_early"] is True
    assert 2 <= len(kept.history) < EPOCHS
    again = start(playlists, path, "--resume")
    again.communicate(timeout=200)
    assert again.returncode == 0
    assert np.array_equal(Library.open(path).vectors, undisturbed.vectors)


@pytest.mark.slow
def test_a_killed_training_leaves_no_library_and_resumes_to_the_same_bits(
    playlists: Path, tmp_path: Path, undisturbed: Library
) -> None:
    path = tmp_path / "killed"
    process = start(playlists, path)
    wait_for_epoch(process, 3)
    time.sleep(0.01)
    process.kill()
    process.communicate(timeout=100)
    assert not path.exists()
    assert checkpoint_of(path).exists()
    again = start(playlists, path, "--resume")
    out, _ = again.communicate(timeout=200)
    assert again.returncode == 0
    first = next(event for event in events(out) if event["event"] == "progress")
    assert int(str(first["epoch"])) >= 3
    assert np.array_equal(Library.open(path).vectors, undisturbed.vectors)
