"""What verbs print with --json is what their schemas say."""

import json
import shlex
import shutil
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec
import pytest

from segue.core.cli import main
from segue.core.cli.schemas import OUTPUTS, Changed, FileFetched
from segue.core.cli.verbs import VERBS
from segue.core.corpus.fetch import Fetched
from segue.core.library import Library
from segue.core.state import State

NEEDS = {
    "fetch",
    "gather",
    "import-vectors",
    "prepare",
    "train",
    "tune",
    "evaluate",
    "export-vectors",
    "world",
}
"""Verbs that need the network, or files that the slow test makes."""
QUICK = {
    "artist": "'El Zurdo'",
    "blend": "'Luna y mañana' --minus 'Parfum léger'",
    "compare": "demo:next demo:nearest",
    "complete": "party.txt",
    "doctor": "--offline",
    "explain": "'Luna y mañana' 'Seven Ghosts'",
    "files": ".",
    "import": "songs.txt --no-crates",
    "libraries": "",
    "libraries show": "demo",
    "locate": "",
    "metrics": "",
    "neighbours": "'Luna y mañana' -n 5",
    "path": "'Luna y mañana' 'Seven Ghosts'",
    "play": "'Luna y mañana' 'Seven Ghosts' --duration 0.2 --no-sound",
    "radio": "'Luna y mañana' --tracks 1 --duration 0.2 --no-sound",
    "search": "luna",
    "send": "m3u8 'Luna y mañana' --dry-run",
    "serve": "--check --port 0",
    "state": "",
    "state love": "'Luna y mañana'",
    "state undo": "",
    "state ban-artist": "'El Zurdo'",
    "surprise": "--seed 1",
    "titles": "--library demo",
}


def valid(call: str, printed: str) -> list[Any]:
    """Validate every line that a verb printed against its schema, and find nothing that is not in it."""
    found = []
    for line in filter(None, printed.splitlines()):
        value = json.loads(line)
        found.append(msgspec.convert(value, OUTPUTS[call]))
        assert not undescribed(value, msgspec.to_builtins(found[-1])), call
    return found


def undescribed(value: Any, described: Any) -> list[str]:  # noqa: ANN401 - any JSON value
    """The fields of a value that its type does not have."""
    if isinstance(value, dict):
        missing = [name for name in value if name not in described]
        return missing + [
            name
            for key in value.keys() & described.keys()
            for name in undescribed(value[key], described[key])
        ]
    if isinstance(value, list):
        pairs = zip(value, described, strict=True)
        return [name for one, other in pairs for name in undescribed(one, other)]
    return []


@pytest.mark.parametrize("verb", QUICK)
def test_a_verb_prints_what_its_schema_says(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("party.txt").write_text("Luna y mañana\nno such song\n", encoding="utf-8")
    Path("songs.txt").write_text("Loic Beaulieu - Luna y mañana\nNobody - No such song\n", encoding="utf-8")
    assert main([*verb.split(), *shlex.split(QUICK[verb]), "--json"]) == 0
    assert valid(verb, capsys.readouterr().out)


def test_actions_print_what_their_schemas_say(
    tiny_library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny_library.path, "one")
    with closing(State.open()) as state:
        state.record("track_1", source="radio", seconds=2.5)
    for call, more in (
        ("libraries rename", ["./one", "two"]), ("libraries remove", ["./two", "--yes"]),
        ("state journal", []), ("locate", ["settings"]),
    ):  # fmt: skip
        assert main([*call.split(), *more, "--json"]) == 0
        assert valid(call, capsys.readouterr().out)[0]


def test_a_file_that_is_fetched_is_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert valid("fetch", json.dumps([{"name": "a", "path": "b/a", "size": 1, "downloaded": True}]))
    assert {one.name for one in fields(Fetched)} == set(FileFetched.__struct_fields__)


@pytest.mark.parametrize(("arguments", "code"), [(["neighbours", "qqqqqqqq"], 1), (["neighbours"], 2)])
def test_an_error_is_a_line_of_text_with_json_too(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--json"]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("segue: ")
    assert shown.err.count("\n") == 1


def test_every_verb_that_prints_json_has_a_schema() -> None:
    assert {call.partition(" ")[0] for call in OUTPUTS} | {"completion", "schema"} == {
        verb.name for verb in VERBS
    }
    held = set(QUICK) | NEEDS | {"ctl", "libraries rename", "libraries remove", "state journal"}
    assert {call for call in OUTPUTS if OUTPUTS[call] is not Changed} <= held


def test_a_value_of_another_shape_is_not_valid() -> None:
    for wrong in ('{"steps": []}', '{"steps": [], "missing": 0, "more": 1}', "[]"):
        with pytest.raises(msgspec.ValidationError):
            valid("path", wrong)


def test_schemas_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in OUTPUTS:
        assert main(["schema", *verb.split()]) == 0
        schema = json.loads(capsys.readouterr().out)
        assert {"$ref", "anyOf", "type"} & set(schema), verb
    assert main(["schema", "completion"]) == 2
    assert "no schema for 'completion'" in capsys.readouterr().err


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
