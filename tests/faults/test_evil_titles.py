"""Hostile titles through every verb, view, log and export: no raw control character gets out."""

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from segue.core.cli import main
from segue.core.cli.verbs import VERBS
from segue.core.explore.playlist_files import FORMATS, read_playlist, write_playlist
from segue.core.library import Library
from segue.core.log import log_path, logger, start_log
from segue.core.state import State
from segue.core.text import printable
from segue.core.tracks import TrackInfo, deezer_number
from segue.core.tuning.render import study_of
from segue.core.tuning.search import Tuner, split_without_test
from segue.core.tuning.space import PRESETS
from segue.tui.controllers.views import VIEWS
from tests.end_to_end.deezer_server import FakeDeezer
from tests.faults.evil import EVIL, make_evil_library, raw_in
from tests.faults.terminal import Terminal
from tests.tui.screen import text_of
from tests.tui.support import opened, press, settle

Captured = pytest.CaptureFixture[str]

CALLS: dict[str, list[str]] = {
    "search": ["cleared"],
    "neighbours": ["ID0", "--no-guard"],
    "path": ["ID0", "ID1"],
    "blend": ["ID0", "ID1", "--minus", "ID2"],
    "complete": ["PLAYLIST"],
    "explain": ["ID0", "ID1"],
    "artist": ["Artist"],
    "send": ["m3u8", "ID0", "ID1", "--dry-run"],
    "surprise": ["ID0"],
    "state": ["journal"],
    "metrics": [],
    "evaluate": [],
    "compare": ["SELF", "SELF"],
    "libraries": [],
    "locate": [],
    "doctor": ["--offline"],
    "play": ["ID0", "ID1", "--duration", "0.3", "--crossfade", "0", "--no-sound"],
    "radio": ["ID0", "--tracks", "1", "--duration", "0.3", "--crossfade", "0", "--no-sound"],
}
"""A call of each verb that shows what a library or the state holds."""
SILENT = {
    "fetch", "prepare", "world", "train", "tune", "import-vectors", "export-vectors", "ctl", "files",
    "titles", "import", "gather", "serve",
}  # fmt: skip
SILENT |= {"completion", "schema"}
"""Verbs that show nothing of a library but file names and numbers, and `ctl`, which prints what the explorer
shows."""


@pytest.fixture(scope="session")
def evil_library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of hostile titles. Shared: leave its files as they are."""
    return make_evil_library(tmp_path_factory.mktemp("evil") / "evil")


@pytest.fixture(scope="module")
def hostile_deezer() -> Iterator[FakeDeezer]:
    """A Deezer that gives hostile titles."""
    with FakeDeezer() as deezer:
        for number in range(40):
            deezer.add(number, EVIL[number % len(EVIL)], EVIL[1])
        yield deezer


def test_every_verb_is_looked_at() -> None:
    assert set(CALLS) | SILENT == {verb.name for verb in VERBS}


@pytest.fixture
def words(
    evil_library: Library, hostile_deezer: FakeDeezer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """What the capital words of `CALLS` stand for, with a state and a Deezer as hostile as the library."""
    monkeypatch.setenv("SEGUE_MODELS", str(evil_library.path.parent))
    monkeypatch.setenv("SEGUE_DEEZER_API", hostile_deezer.base_url)
    playlist = tmp_path / "mine.txt"
    playlist.write_text("\n".join(evil_library.track_ids[:3]) + "\nunknown \x1b[2J\u202e one\n")
    state = State.open()
    for track in evil_library.track_ids[:4]:
        state.record(track, source=f"radio {EVIL[0]}", outcome=EVIL[1])
        state.love(track)
    state.save_station(EVIL[2], {"seed": EVIL[3]})
    state.close()
    ids = {f"ID{row}": evil_library.track_ids[row] for row in range(3)}
    return ids | {"PLAYLIST": str(playlist), "SELF": str(evil_library.path)}


@pytest.mark.parametrize("verb", CALLS)
@pytest.mark.parametrize("json_asked", [False, True], ids=["text", "json"])
def test_no_verb_lets_a_control_character_out(
    verb: str, json_asked: bool, words: dict[str, str], capsys: Captured
) -> None:
    arguments = [words.get(word, word) for word in CALLS[verb]]
    if verb not in {"compare", "libraries", "locate"}:
        arguments += ["--library", words["SELF"]]
    if json_asked and verb != "locate":
        arguments.append("--json")
    try:
        main([verb, *arguments])
    except SystemExit as leaving:
        pytest.fail(f"called wrongly: {leaving.code} {capsys.readouterr().err}")
    shown = capsys.readouterr()
    assert shown.out, shown.err
    assert "unexpected" not in shown.err
    assert not raw_in(shown.out + shown.err)
    if json_asked and verb != "locate":
        for line in shown.out.splitlines():
            json.loads(line)


def test_json_says_the_same_as_before_it_was_escaped(evil_library: Library, capsys: Captured) -> None:
    seed = evil_library.track_ids[0]
    assert main(["neighbours", seed, "--no-guard", "--library", str(evil_library.path), "--json"]) == 0
    reported = json.loads(capsys.readouterr().out)["tracks"]
    infos = evil_library.catalogue.infos([track["row"] for track in reported])
    assert [track["title"] for track in reported] == [info.title for info in infos]
    assert any(raw_in(info.title) for info in infos)


@pytest.mark.parametrize("text", EVIL)
def test_errors_are_one_clean_line(text: str, capsys: Captured) -> None:
    assert main(["neighbours", "x", "--library", f"no{text}"]) == 1
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert not raw_in(shown)


IN_TERMINAL = "import sys; from segue.core.cli import main; sys.exit(main(sys.argv[1:]))"


@pytest.mark.parametrize(
    "name", ["a[bold]b.jsonl", "n[link=http:evil]click.jsonl", "t\x1b]0;PWNED\x07x.jsonl"]
)
def test_the_name_of_a_file_is_plain_text_in_a_progress_bar(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("[]\n")
    with Terminal(IN_TERMINAL, ["train", name, "--name", "mine"], tmp_path) as terminal:
        assert terminal.end() == 1
        terminal.until(lambda: "segue: " in terminal.drawn)
        assert f"reading {printable(name)}" in terminal.drawn
        assert "\x1b]" not in terminal.drawn, "a title or a link was set"


@pytest.mark.slow
def test_the_name_of_a_trial_is_plain_text_while_a_search_runs(tiny_library: Library, tmp_path: Path) -> None:
    library = Library.open(shutil.copytree(tiny_library.path, tmp_path / "theirs"))
    fixed = {"epochs": 1, "dim": 4}
    tuner = Tuner(
        split_without_test(library),
        study_of(library.path),
        PRESETS["fast"],
        library=library.name,
        fixed=fixed,
    )
    name = "\x1b]0;PWNED\x07\x1b[31m[red]evil"
    tuner.study.enqueue_trial({"window": 1}, user_attrs={"name": name})
    calls = [
        "tune",
        "--library",
        "./theirs",
        "--trials",
        "1",
        "--epochs",
        "1",
        "--set",
        "dim=4",
        "--search-only",
    ]
    with Terminal(IN_TERMINAL, calls, tmp_path) as terminal:
        assert terminal.end() == 0
        terminal.until(lambda: "done" in terminal.drawn)
        assert printable(name) in terminal.drawn
        assert "\x1b]" not in terminal.drawn
        assert "\x1b[31m" not in terminal.drawn


def test_the_log_holds_no_control_character() -> None:
    start_log()
    for text in EVIL:
        try:
            int(f"1{text}")
        except ValueError as error:
            logger.error("playing %s failed", text, exc_info=error)
    written = log_path().read_text(encoding="utf-8")
    assert "Traceback" in written
    assert not raw_in(written)


async def test_no_view_draws_a_control_character(evil_library: Library) -> None:
    async with opened(evil_library, size=(140, 40)) as (stage, pilot):
        seen = text_of(stage)
        for keys in (("enter",), ("f", "j", "enter"), ("a",), ("h", "b"), ("h", "?"), ("escape", "F", "J")):
            await press(pilot, *keys)
            seen += text_of(stage)
        for name in VIEWS:
            stage.app.controllers.views.show(name)
            await settle(pilot)
            seen += text_of(stage)
            if name in {"metrics", "map"}:
                for key in ("down", "enter", "enter", "enter", "escape", "escape"):
                    await press(pilot, key)
                    seen += text_of(stage)
        for text in EVIL:
            stage.app.say(text)
        await settle(pilot)
        seen += text_of(stage)
    assert "�[2Jcleared" in seen
    assert "[bold red]markup[/]" in seen, "markup is text"
    assert not raw_in(seen)


@pytest.mark.parametrize("form", FORMATS)
def test_an_exported_playlist_keeps_to_its_lines_and_is_read_back(form: str, tmp_path: Path) -> None:
    tracks = [TrackInfo(f"track_{1 + at}", text, f"By {text}", text) for at, text in enumerate(EVIL)]
    text = write_playlist(tracks, form, title=EVIL[0])
    path = tmp_path / f"list.{ {'m3u8': 'm3u8', 'jspf': 'jspf', 'csv': 'csv', 'links': 'txt'}[form] }"
    path.write_text(text, encoding="utf-8", newline="")
    numbers = [deezer_number(entry.identity.rpartition("/")[2]) for entry in read_playlist(str(path))]
    assert numbers == list(range(1, len(EVIL) + 1))
    assert not raw_in(text, allowed="\r\n" if form == "csv" else "\n")


@pytest.mark.parametrize(
    "start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20A"]
)
def test_no_cell_of_an_exported_table_is_a_formula(start: str, tmp_path: Path) -> None:
    track = TrackInfo(f"{start}id", f"{start}title", f"{start}artist", f"{start}album")
    path = tmp_path / "list.csv"
    path.write_text(write_playlist([track], "csv"), encoding="utf-8", newline="")
    with path.open(newline="") as file:
        header, cells = csv.reader(file)
    assert len(header) == len(cells)
    assert all(cell.startswith("'") for cell in cells[:4])
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
