"""What verbs print with --json is what their schemas say."""

import json
import shlex
from pathlib import Path
from typing import Any

import msgspec
import pytest

from segue.core.cli import main
from segue.core.cli.schemas import OUTPUTS
from segue.core.cli.verbs import VERBS

NEEDS = {"fetch", "import-vectors", "prepare", "train", "tune", "evaluate", "export-vectors", "world"}
"""Verbs that need the network, or files that the slow test makes."""
QUICK = {
    "artist": "'El Zurdo'",
    "blend": "'Luna y mañana' --minus 'Parfum léger'",
    "compare": "demo:next demo:nearest",
    "complete": "party.txt",
    "doctor": "--offline",
    "explain": "'Luna y mañana' 'Seven Ghosts'",
    "libraries": "",
    "locate": "",
    "metrics": "",
    "neighbours": "'Luna y mañana' -n 5",
    "path": "'Luna y mañana' 'Seven Ghosts'",
    "radio": "'Luna y mañana' --tracks 1 --duration 0.2 --no-sound",
    "search": "luna",
    "state": "",
    "surprise": "--seed 1",
}


def valid(verb: str, printed: str) -> list[Any]:
    """Validate every line that a verb printed against its schema, strictly."""
    lines = [line for line in printed.splitlines() if line]
    return [msgspec.json.decode(line.encode(), type=OUTPUTS[verb]) for line in lines]


@pytest.mark.parametrize("verb", QUICK)
def test_a_verb_prints_what_its_schema_says(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("party.txt").write_text("Luna y mañana\nno such song\n", encoding="utf-8")
    assert main([verb, *shlex.split(QUICK[verb]), "--json"]) == 0
    assert valid(verb, capsys.readouterr().out)


def test_every_verb_that_prints_json_has_a_schema() -> None:
    assert set(OUTPUTS) == set(QUICK) | NEEDS
    assert set(OUTPUTS) | {"ctl", "completion", "schema"} == {verb.name for verb in VERBS}


def test_a_value_of_another_shape_is_not_valid() -> None:
    for wrong in ('{"steps": []}', '{"steps": [], "missing": 0, "more": 1}', "[]"):
        with pytest.raises(msgspec.ValidationError):
            valid("path", wrong)


def test_schemas_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in OUTPUTS:
        assert main(["schema", verb]) == 0
        schema = json.loads(capsys.readouterr().out)
        assert {"$ref", "anyOf", "type"} & set(schema), verb
    assert main(["schema", "ctl"]) == 2
    assert "no schema for 'ctl'" in capsys.readouterr().err


@pytest.mark.slow
def test_verbs_that_work_long_print_what_their_schemas_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (
        "world --scale tiny --out w", "prepare w/playlists.jsonl --out p",
        "train p --name ./m --epochs 1 --dim 8",
        "evaluate --library ./m", "tune --library ./m --trials 1 --epochs 1 --seeds 1",
        "export-vectors --library ./m --out v.npy", "import-vectors v.npy --tracks v.tracks.txt --name ./i",
    ):  # fmt: skip
        assert main([*command.split(), "--json"]) == 0
        assert valid(command.split()[0], capsys.readouterr().out)
