"""Values that are well formed and cannot be: not finite, of the wrong length, larger than any measure."""

import errno
import json
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from segue.core.cli import main
from segue.core.errors import SegueError
from segue.core.evaluation import evaluate, read_report
from segue.core.explore.neighbours import neighbourhood
from segue.core.files import atomic_file
from segue.core.library import Library, write_library
from segue.core.manifest import Manifest, parse_json
from segue.core.places import control_socket
from segue.core.tuning.render import STUDY, read_leaderboard
from segue.tui.model.settings import Settings
from segue.tui.widgets.bars import KeyBar
from tests.tui.compare.conftest import only
from tests.tui.scored import write_scored_library
from tests.tui.support import opened, press

ODD_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e400", "-1e999", "1" * 400, "1" * 5000)


def in_place(name: str, old: str, new: str) -> Callable[[Path], None]:
    def damage(library: Path) -> None:
        path = library / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return damage


def write_report(number: str) -> Callable[[Path], None]:
    def damage(library: Path) -> None:
        report = json.loads((library / "report.json").read_text(encoding="utf-8"))
        report["validation"]["rankers"][0]["all"]["hit"]["mean"] = "HERE"
        (library / "report.json").write_text(json.dumps(report).replace('"HERE"', number), encoding="utf-8")

    return damage


def write_leaderboard(number: str) -> Callable[[Path], None]:
    def damage(library: Path) -> None:
        (library / STUDY).mkdir()
        entry: dict[str, object] = {
            "number": 0,
            "name": "",
            "state": "done",
            "params": {},
            "hit": "HERE",
            "ndcg": 0.1,
        }
        entry |= {"epochs": [0.1], "seconds": 1.0}
        board: dict[str, object] = {"library": "x", "preset": "fast", "recipe": "fast", "state": "searching"}
        board |= {"n_validation": 1, "n_test": 1, "entries": [entry]}
        text = json.dumps(board).replace('"HERE"', number)
        (library / STUDY / "leaderboard.json").write_text(text, encoding="utf-8")

    return damage


def write_vectors(change: Callable[[np.ndarray], None]) -> Callable[[Path], None]:
    def damage(library: Path) -> None:
        vectors = np.load(library / "vectors.npy")
        change(vectors)
        np.save(library / "vectors.npy", vectors)

    return damage


def in_catalogue(statement: str) -> Callable[[Path], None]:
    def damage(library: Path) -> None:
        with closing(sqlite3.connect(library / "catalogue.sqlite")) as connection:
            connection.execute(statement)
            connection.commit()

    return damage


def not_a_number(vectors: np.ndarray) -> None:
    vectors[3, 0] = np.nan


def too_long(vectors: np.ndarray) -> None:
    vectors[3] = 3e38


def doubled(vectors: np.ndarray) -> None:
    vectors *= 2


DAMAGES: dict[str, Callable[[Path], None]] = {
    **{f"report {number[:9]} {len(number)}": write_report(number) for number in ODD_NUMBERS},
    **{f"leaderboard {number[:9]} {len(number)}": write_leaderboard(number) for number in ODD_NUMBERS},
    **{
        f"curve {number[:9]} {len(number)}": in_place("history.jsonl", '"epoch": 2', f'"epoch": {number}')
        for number in ODD_NUMBERS
    },
    "curve without an epoch": in_place("history.jsonl", '"epoch": 2', '"era": 2'),
    "curve of words": in_place("history.jsonl", '"loss": 3.0', '"loss": "three"'),
    "manifest NaN": in_place("library.json", '"seconds"', '"x": NaN, "seconds"'),
    "vectors NaN": write_vectors(not_a_number),
    "vectors too long": write_vectors(too_long),
    "vectors doubled": write_vectors(doubled),
}


UNKNOWN: dict[str, Callable[[Path], None]] = {
    "infinite duration": in_catalogue("UPDATE tracks SET duration = 9e999"),
    "endless duration": in_catalogue("UPDATE tracks SET duration = 1e300"),
}
"""What is taken for unknown, and refused nowhere."""


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_scored_library(tmp_path_factory.mktemp("scored") / "scored").path
    text = (path / "library.json").read_text(encoding="utf-8")
    (path / "library.json").write_text(text.replace('"training": {', '"training": {"seconds": 1', 1))
    return path


@pytest.fixture
def odd(scored: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(scored, tmp_path / "models" / "odd"))


@pytest.mark.parametrize("name", DAMAGES)
def test_an_odd_value_is_refused_in_one_line(name: str, odd: Path) -> None:
    DAMAGES[name](odd)
    shown = []
    for use in (
        read_report,
        lambda library: library.history,
        lambda library: read_leaderboard(library.path / STUDY),
        lambda library: library.catalogue.infos(range(5)),
        lambda library: neighbourhood(library, 0, 5),
    ):
        try:
            use(Library.open(odd))
        except SegueError as error:
            shown.append(str(error))
    assert shown
    assert all("\n" not in line and str(odd) in line for line in shown)


QUICK = {"curve NaN 3"}
SHOWN = [name for name in DAMAGES | UNKNOWN if not name[-1].isdigit() or name.endswith((" 3", " 5"))]


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in SHOWN]
)
async def test_the_explorer_goes_on_over_and_beside_an_odd_library(
    name: str, odd: Path, scored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (DAMAGES | UNKNOWN)[name](odd)
    sound = Path(shutil.copytree(scored, odd.with_name("sound")))
    only(odd.parent, monkeypatch)
    for path in (sound, odd):
        try:
            library = Library.open(path)
        except SegueError:
            assert path == odd
            continue
        async with opened(library, size=(120, 40)) as (stage, pilot):
            views = ("f4", "f7") if name in QUICK else ("f4", "f5", "f6", "f7", "enter", "f2", "r", "f3")
            await press(pilot, "enter", *views)
            assert stage.app.is_running
            assert stage.app._exception is None


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_measure_that_cannot_be_is_unknown(name: str, odd: Path) -> None:
    UNKNOWN[name](odd)
    assert [info.duration for info in Library.open(odd).catalogue.infos(range(5))] == [None] * 5


async def test_a_command_whose_key_was_taken_away_has_none(scored: Path) -> None:
    async with opened(
        Library.open(scored), settings=Settings(keys={"radio.start": "", "walk.back": " , "}), size=(120, 40)
    ) as (stage, pilot):
        assert stage.app.query_one(KeyBar).render()
        await press(pilot, "r")
        assert not stage.radio.on
        await press(pilot, "f1", "escape")
        assert stage.app.is_running


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"playing": 3},
        {"playing": {"seconds": "x"}},
        {"playing": {"seconds": [1], "duration": 3, "label": "L", "paused": 1, "loved": 1}},
        {"playing": None, "radio": []},
        {"playing": None},
        {"error": ["no radio plays"]},
        {"error": None},
    ],
)
def test_a_spoofed_answer_to_ctl_is_one_line(
    answer: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    path = control_socket()
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(str(path))
        stranger.listen()

        def speak() -> None:
            line, _ = stranger.accept()
            with line:
                line.recv(100)
                line.sendall(json.dumps(answer).encode() + b"\n")

        thread = threading.Thread(target=speak)
        thread.start()
        code = main(["ctl", "status"])
        thread.join()
    shown = capsys.readouterr().err
    assert code == 1
    assert shown.count("\n") == 1
    assert "unexpected" not in shown
    path.unlink()


def test_a_failing_disk_is_one_line_that_names_the_file(tmp_path: Path) -> None:
    with (
        pytest.raises(SegueError, match=r"list\.txt: .*input/output error"),
        atomic_file(tmp_path / "list.txt"),
    ):
        raise OSError(errno.EIO, "Input/output error")


def test_too_little_memory_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], open_tui=lambda _: len(bytes(1 << 60))) == 1
    assert capsys.readouterr().err.startswith("segue: not enough memory; close other programs")


def test_a_training_that_diverged_leaves_a_curve_that_can_be_read(
    tmp_path: Path, tiny_library: Library
) -> None:
    corpus = tiny_library.corpus
    assert corpus is not None
    library = write_library(
        tmp_path / "diverged",
        vectors=np.asarray(tiny_library.vectors),
        vocabulary=corpus.vocabulary,
        tracks={},
        manifest=Manifest("diverged", "2026-01-02T03:04:05Z"),
        history=[{"epoch": 1, "loss": float("nan"), "hit_at_10": None, "seconds": 1.0}],
    )
    assert library.history == [{"epoch": 1, "loss": None, "hit_at_10": None, "seconds": 1.0}]
    assert evaluate(tiny_library).n_pairs


def test_numbers_at_the_edge_are_read() -> None:
    assert parse_json(b"[1e300, -1.5, 0, 123456789012345678901]") == [1e300, -1.5, 0, 123456789012345678901]
