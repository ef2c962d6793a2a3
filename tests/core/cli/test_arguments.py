"""Where options may stand, unknown verbs, the examples of the help texts, completion in a shell."""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from segue.core.cli import main
from segue.core.cli.main import arranged
from segue.core.cli.verbs import VERBS, Verb
from segue.core.library import Library
from tests.end_to_end.deezer_server import FakeDeezer
from tests.faults.evil import make_evil_library

ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"
ASK_SOMEBODY = {"fetch", "ctl", "gather", "import"}
"""Verbs whose examples need the network, a running explorer or one's own data: theirs are parsed only."""
ASKS_A_SERVER = "--subsonic", "subsonic", "--mpd"
"""Arguments of examples that ask a music server, which are parsed only."""


@pytest.mark.parametrize("library", ["--library", "-l", "--lib"])
@pytest.mark.parametrize("before", [True, False])
def test_options_stand_before_or_after_the_verb(
    before: bool, library: str, tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [library, str(tiny_library.path), "--offline", "--no-sound"]
    rest = ["neighbours", tiny_library.track_ids[0], "-n", "3", "--json"]
    assert main([*options, *rest] if before else [*rest, *options]) == 0
    assert len(json.loads(capsys.readouterr().out)["tracks"]) == 3


def test_an_unknown_verb_gets_a_suggestion_and_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serch", "x"]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("segue: unknown command 'serch'; did you mean 'search'? Commands: ")
    assert printed.count("\n") == 1
    assert all(verb.name in printed for verb in VERBS)
    assert main(["--offline", "qqqq"]) == 2
    assert "did you mean" not in capsys.readouterr().err


def test_the_american_spelling_is_understood(
    tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [tiny_library.track_ids[0], "--library", str(tiny_library.path), "--json"]
    assert main(["neighbors", *arguments]) == main(["neighbours", *arguments]) == 0
    american, british = capsys.readouterr().out.splitlines()
    assert american == british


def test_help_explains_a_verb(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, shown in ((["help", "path"], "usage: segue path"), (["help"], "exploring:")):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 0
        assert shown in capsys.readouterr().out


@pytest.fixture(scope="module")
def deezer_library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of tracks that Deezer could have a preview of."""
    return make_evil_library(tmp_path_factory.mktemp("deezer") / "real")


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    "call",
    [
        ["complete", "https://www.deezer.com/playlist/1"], ["complete", "www.deezer.com/playlist/1"],
        ["radio", "TRACK", "--tracks", "1", "--duration", "0.1", "--no-sound"], ["doctor"], ["search", "x"],
        ["fetch", "deezer"],
        ["neighbours", "TRACK"], ["explain", "TRACK", "TRACK"], ["state", "love", "TRACK"], ["metrics"],
    ],
    ids=lambda call: " ".join(call[:2]),
)  # fmt: skip
def test_offline_makes_no_verb_ask_the_network(
    call: list[str], before: bool, deezer_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [deezer_library.track_ids[0] if word == "TRACK" else word for word in call]
    if call[0] != "fetch":
        words += ["--library", str(deezer_library.path)]
    with FakeDeezer() as deezer:
        monkeypatch.setenv("SEGUE_DEEZER_API", deezer.base_url)
        main(["--offline", *words] if before else [*words, "--offline"])
        assert not deezer.asked
        if call[0] in {"radio", "doctor"}:
            main(words)
            assert deezer.asked, "without --offline it asks"


def test_fetching_offline_needs_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "deezer", "--offline"]) == 2
    assert "--offline" in capsys.readouterr().err
    assert main(["fetch", "deezer", "--offline", "--from", str(tmp_path), "--to", str(tmp_path / "x")]) == 1


@pytest.mark.parametrize("columns", ["20", "80"])
def test_a_row_of_a_piped_table_is_one_line(columns: str, tiny_library: Library) -> None:
    shown = piped(["search", "a", "--library", str(tiny_library.path)], {"COLUMNS": columns}).stdout
    rows = [line for line in shown.splitlines() if "track_" in line]
    ids = [word for line in rows for word in line.split() if word.startswith("track_")]
    assert len(rows) == len(ids) > 5
    assert set(ids) <= set(tiny_library.track_ids)


LATIN = "caf\udce9"
"""A word in Latin-1, as Python gets it from the command line."""


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", LATIN], ["neighbours", LATIN], ["explain", LATIN, "x"], ["artist", LATIN],
        ["state", "love", LATIN], ["radio", LATIN], ["path", LATIN, "x"], ["surprise", LATIN],
        ["blend", LATIN], ["complete", LATIN], ["metrics", "-l", LATIN],
    ],
)  # fmt: skip
def test_arguments_that_are_not_utf_8_cost_one_line(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(arguments)
    printed = capsys.readouterr().err
    assert "unexpected" not in printed
    assert printed.count("\n") <= 1


def test_a_playlist_on_standard_input_need_not_be_utf_8() -> None:
    done = piped(["complete", "-"], {}, standard_input=b"caf\xe9 noir\nLuna y ma\xf1ana\n")
    assert done.returncode == 0
    assert done.stderr.startswith("1 of 2 tracks found")


def piped(
    arguments: list[str], environment: dict[str, str], *, standard_input: bytes = b""
) -> "subprocess.CompletedProcess[str]":
    """Run `segue` as part of a pipe; the arguments may hold bytes that are not UTF-8."""
    done = subprocess.run(
        [sys.executable, "-m", "segue", *map(os.fsencode, arguments)],
        env=os.environ | environment,
        input=standard_input,
        capture_output=True,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    )


def test_names_stand_before_and_after_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "no such mirror")
    for words in (["Artists.csv", "--from", missing], ["--from", missing, "Artists.csv"]):
        assert main(["fetch", "deezer", *words, "--to", str(tmp_path)]) == 1
    one, other = capsys.readouterr().err.splitlines()
    assert one == other
    assert "Artists.csv" in one


def test_every_verb_has_two_examples_in_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in VERBS:
        with pytest.raises(SystemExit):
            main([verb.name, "--help"])
        shown = capsys.readouterr().out
        lines = [line for line in shown.splitlines() if line.startswith(f"  segue {verb.name}")]
        assert len(lines) >= 2, verb.name


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_help_shows_every_default(verb: Verb) -> None:
    parser = argparse.ArgumentParser()
    verb.load("configure")(parser)
    valued = [action for action in parser._actions if action.default not in (None, False, argparse.SUPPRESS)]
    assert not [
        action.dest for action in valued if action.default != [] and "default" not in (action.help or "")
    ]


SHORTER = {
    "play --path": "play --duration 1 --path",
    "--minutes 10": "--minutes 0.02",
    "--budget 2h": "--trials 1 --epochs 1 --seeds 1",
    "train world/": "train --epochs 1 world/",
    "train music_2.npy": "train --epochs 1 music_2.npy",
}
"""What a test does not wait for."""
FIRST = ("world", "prepare", "train", "export-vectors", "import-vectors")
"""Verbs that make what the examples of others use."""


@pytest.mark.slow
def test_the_examples_of_all_help_texts_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(tmp_path, monkeypatch)
    verbs = sorted(VERBS, key=lambda verb: FIRST.index(verb.name) if verb.name in FIRST else len(FIRST))
    commands = [f"{verb.name} {example}" for verb in verbs for example in verb.examples]
    assert not [command for command in commands if _fails(command)]


@pytest.mark.slow
def test_the_examples_of_the_readme_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _stand_in(tmp_path, monkeypatch)
    assert main(["world", "--scale", "tiny", "--out", ".", "--npy"]) == 0
    (tmp_path / "playlists.npy").rename("music_2.npy")
    lines = re.findall(r"^segue ([a-z].*)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) > 12
    assert not [line for line in lines if _fails(line)]


def _stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder with a playlist, and play to no device."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SEGUE_SINK", "silent")
    monkeypatch.setenv("HOME", str(folder))
    (folder / "Music").mkdir()
    party = "Luna y mañana\nSeven Ghosts - Dorian Thornstead\nLoïc Beaulieu - Parfum léger\n"
    for name in ("party.txt", "party.m3u8"):
        (folder / name).write_text(party, encoding="utf-8")


def _fails(command: str) -> bool:
    """Run an example; those that would ask somebody are only parsed."""
    for long, short in SHORTER.items():
        command = command.replace(long, short)
    arguments = shlex.split(command, comments=True)
    if arguments[0] in ASK_SOMEBODY or set(ASKS_A_SERVER) & set(arguments):
        verb, rest = arranged(arguments)
        assert verb is not None
        parser = argparse.ArgumentParser()
        verb.load("configure")(parser)
        parser.parse_args(rest)
        return False
    try:
        return main(arguments) != 0
    except SystemExit as left:  # `segue help`
        return bool(left.code)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("segue neig", {"neighbours"}),
        ("segue path --bet", {"--between"}),
        ("segue search --library de", {"demo"}),
        ("segue compare de", {"demo"}),
        ("segue neighbors --rank", {"--ranker"}),
    ],
)
def test_bash_completes(typed: str, completed: set[str], tmp_path: Path) -> None:
    (tmp_path / "segue").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m segue "$@"\n')
    (tmp_path / "segue").chmod(0o755)
    script = (
        'eval "$(segue completion bash)"\n'
        f"COMP_LINE={shlex.quote(typed)}; COMP_POINT=${{#COMP_LINE}}; COMP_TYPE=9\n"
        f"COMP_WORDS=($COMP_LINE); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
        '_python_argcomplete segue; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    environment = os.environ | {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert {word.strip() for word in done.stdout.splitlines() if word.strip()} == completed, done.stderr


@pytest.mark.parametrize("call", ["search luna --json", "locate", "schema", "libraries --json"])
def test_a_verb_imports_neither_the_explorer_nor_what_completes(call: str) -> None:
    code = (
        "import sys; from segue.__main__ import main; main(sys.argv[1:]); "
        "print(*{'argcomplete', 'asyncio', 'textual', 'tensorflow', 'segue.tui.opening'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *call.split()], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == ""
