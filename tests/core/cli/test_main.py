"""The command's frame: verbs, errors and exit codes."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from segue.core.cli import main
from segue.core.cli.options import add_settings, config_of
from segue.core.cli.verbs import VERBS, Verb
from segue.core.errors import UsageError
from segue.core.library import Library


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `segue` as a person does."""
    return subprocess.run(
        [sys.executable, "-m", "segue", *arguments], capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_explains_itself(verb: object, capsys: pytest.CaptureFixture[str]) -> None:
    name = verb.name  # type: ignore[attr-defined]  # pytest gives parameters as object
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    assert f"segue {name}" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_has_a_documented_module(verb: Verb) -> None:
    module = sys.modules[verb.load("run").__module__]
    assert f"`segue {verb.name}" in (module.__doc__ or "")


def test_help_lists_every_verb_and_imports_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert all(f"  {verb.name} " in shown for verb in VERBS)


def test_an_error_is_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["neighbours", "--library", "nowhere", "x"]) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("segue: no library is named 'nowhere'")
    assert shown.count("\n") == 1


def test_wrong_use_is_one_line_and_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["neighbours"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("segue: the following arguments are required: TRACK")
    assert "`segue help neighbours`" in shown
    assert shown.count("\n") == 1
    assert main(["train", str(tmp_path), "--name", "a b"]) == 2


def test_a_traceback_only_with_debug(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["neighbours", "--library", "nowhere", "x", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err
    assert main(["--debug", "neighbours", "--library", "nowhere", "x"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_without_a_verb_the_tui_is_opened_on_the_library_named() -> None:
    opened: list[argparse.Namespace] = []

    def open_tui(args: argparse.Namespace) -> int:
        opened.append(args)
        return 7

    assert main(["--library", "train"], open_tui=open_tui) == 7
    assert opened[0].library == "train"
    assert main([], open_tui=open_tui) == 7
    assert opened[1].library == "demo"


def test_a_title_that_steers_the_terminal_is_disarmed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["neighbours", "--library", "\x1b[2Jhello", "x"]) == 1
    assert "\x1b" not in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error(tiny_library: Library) -> None:
    command = f"{sys.executable} -m segue search --library {tiny_library.path} a | head -n 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=120)
    assert done.stderr == ""


def test_export_and_import_give_the_same_neighbours(
    tiny_library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vectors = tmp_path / "latent_positions.npy"
    assert main(["export-vectors", "--library", str(tiny_library.path), "--out", str(vectors)]) == 0
    names = str(tmp_path / "latent_positions.tracks.txt")
    name = str(tmp_path / "again")
    assert main(["import-vectors", str(vectors), "--tracks", names, "--name", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["tracks"] == len(tiny_library)
    again = Library.open(tmp_path / "again")
    assert list(again.track_ids) == list(tiny_library.track_ids)
    before, _ = tiny_library.index().query(np.array([3, 5]), 10)
    after, _ = again.index().query(np.array([3, 5]), 10)
    assert before.tolist() == after.tolist()


@pytest.mark.parametrize(
    ("recipe", "setting", "message"),
    [
        ("fast", "windw=3", "did you mean window?"),
        ("fast", "window", "must be NAME=VALUE"),
        ("fast", "window=three", "is not a whole number"),
        ("fast", "distance_weight=far", "use one of"),
        ("notebook", "dim=3", "the recipe notebook knows"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(recipe: str, setting: str, message: str) -> None:
    parser = argparse.ArgumentParser()
    add_settings(parser)
    args = parser.parse_args(["--recipe", recipe, "--set", setting])
    with pytest.raises(UsageError, match=message.replace("?", r"\?")):
        config_of(args)


def test_settings_reach_the_configuration_under_their_own_types() -> None:
    parser = argparse.ArgumentParser()
    add_settings(parser)
    args = parser.parse_args(
        ["--recipe", "notebook", "--set", "samp_coef=0.75", "--dim", "12", "--epochs", "3"]
    )
    config = config_of(args)
    assert (config.dim, config.epochs) == (12, 3)
    assert getattr(config, "samp_coef") == pytest.approx(0.75)  # noqa: B009 - the union has no such field


def test_libraries_are_listed(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEGUE_MODELS", str(tiny_library.path.parent))
    assert main(["libraries", "--json"]) == 0
    listed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert listed["tiny"]["tracks"] == len(tiny_library)
    assert main(["libraries"]) == 0
    assert "tiny" in capsys.readouterr().out
