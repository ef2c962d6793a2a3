"""`segue libraries`: list, show, rename and remove."""

import io
import json
import shutil
from pathlib import Path

import pytest

from segue.core.cli.kept import layers_of
from segue.core.cli.main import main
from segue.core.library import Library
from segue.core.places import user_folder
from segue.core.state import State
from segue.core.track2vec.model import build_model
from segue.tui.model.settings import settings_path
from segue.tui.panes.train.panels import stored_library


@pytest.fixture
def models(tiny_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two libraries, the only ones there are."""
    for name in ("one", "two"):
        shutil.copytree(tiny_library.path, tmp_path / "models" / name)
    monkeypatch.setenv("SEGUE_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("segue.core.places.BUNDLED", tmp_path / "none")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "models"


def names(models: Path) -> list[str]:
    return sorted(path.name for path in models.iterdir())


def test_they_are_listed(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for call in (["libraries", "--json"], ["libraries", "list", "--json"]):
        assert main(call) == 0
        assert [one["name"] for one in json.loads(capsys.readouterr().out)] == ["one", "two"]


def test_one_is_described_layer_by_layer(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["libraries", "show", "one", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["path"] == str(models / "one")
    assert shown["weights"] == shown["tracks"] * shown["dimensions"] + 2
    assert shown["bytes"] > 10_000
    assert main(["libraries", "show", str(models / "one")]) == 0
    out = capsys.readouterr().out
    assert f"total weights: {shown['weights']:,}" in out
    assert "embedding (Embedding)" in out


def test_a_better_baseline_is_not_the_score_of_the_library(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = {
        "popularity": {"hit@10": 0.8333, "ndcg@10": 0.5},
        "nearest": {"hit@10": 0.1234, "ndcg@10": 0.1},
        "next": {"hit@10": 0.0456, "ndcg@10": 0.1},
    }
    for name, rankers in (("one", list(scores)), ("two", ["popularity"])):
        record = models / name / "library.json"
        kept = json.loads(record.read_text())
        kept["scores"] = {"validation": {ranker: scores[ranker] for ranker in rankers}}
        record.write_text(json.dumps(kept))
    assert main(["libraries"]) == 0
    shown = capsys.readouterr().out
    assert "0.1234" in shown
    assert "0.8333" not in shown
    assert main(["libraries", "show", "one"]) == 0
    assert "best on validation pairs: nearest  hit@10 0.1234" in capsys.readouterr().out
    assert [stored_library(models / name).hit for name in ("one", "two")] == [0.1234, None]


def test_the_layers_are_those_of_the_keras_model() -> None:
    model = build_model(70, 9)
    reported = {(name, kind, weights) for name, kind, _, weights in layers_of(70, 9)}
    assert reported == {(layer.name, type(layer).__name__, layer.count_params()) for layer in model.layers}
    assert sum(weights for *_, weights in layers_of(123_241, 30)) == 3_697_232


def test_one_is_renamed_with_its_unfinished_training(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (models / ".one.training").write_text("half")
    assert main(["libraries", "rename", "one", "three"]) == 0
    assert names(models) == [".three.training", "three", "two"]
    assert Library.open("three").name == "three"
    for new, printed in (
        ("two", "already"),
        ("a/b", "not a valid name"),
        ("", "not a valid name"),
        ("..", "not a valid name"),
    ):
        assert main(["libraries", "rename", "three", new]) in {1, 2}
        assert printed in capsys.readouterr().err
    assert names(models) == [".three.training", "three", "two"]


def test_one_is_removed_after_a_yes(
    models: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["libraries", "remove", "one"]) == 2
    assert "add --yes" in capsys.readouterr().err

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert main(["libraries", "remove", "one"]) == 0
    assert names(models) == ["one", "two"]
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert main(["libraries", "remove", "one"]) == 0
    assert names(models) == ["two"]
    (models / ".two.training").write_text("half")
    assert main(["libraries", "remove", "two", "--yes", "--json"]) == 0
    assert names(models) == []


def test_what_is_not_only_a_library_is_never_removed(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (models / "one" / "thesis.txt").write_text("years of work")
    (models / "odd").mkdir()
    (models / "odd" / "library.json").write_text("{}")
    (models / "link").symlink_to(models / "two")
    for name, printed in (
        ("one", "holds thesis.txt, which is not part of a library"),
        ("odd", "is not a library"),
        (str(models), "no library there"),
    ):
        assert main(["libraries", "remove", name, "--yes"]) == 1
        assert printed in capsys.readouterr().err
    assert main(["libraries", "remove", "link", "--yes"]) == 0
    assert names(models) == ["odd", "one", "two"], "of a link the link alone"


@pytest.mark.parametrize("call", [["show"], ["show", "a", "b"], ["rename", "a"], ["remove"], ["list", "a"]])
def test_a_wrong_number_of_names_is_refused(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["libraries", *call]) == 2
    assert f"`segue libraries {call[0]}` takes" in capsys.readouterr().err


def test_every_place_is_where_its_owner_puts_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["locate", "--json"]) == 0
    reported = json.loads(capsys.readouterr().out)
    State.open().close()
    assert [str(path) for path in user_folder("state").glob("*.sqlite")] == reported["state"]
    assert reported["settings"] == [str(settings_path())]
    assert reported["new-libraries"][0].rstrip("/").endswith("models")


def test_one_place_is_printed_bare_for_a_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["locate", "settings"]) == 0
    assert Path(capsys.readouterr().out.strip()) == settings_path()


def test_all_places_are_listed_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["locate"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("settings", "state", "logs", "libraries", "new-libraries"))


def test_an_unknown_place_is_reported_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["locate", "treasure"]) == 2
    assert "the places are settings, state" in capsys.readouterr().err
