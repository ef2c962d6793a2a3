"""The doctor finds what is wrong, and says what to do."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from segue.core.audio.devices import DEVICES
from segue.core.cli import main
from segue.core.cli.doctor import Finding, examine, show
from segue.core.library import Library
from segue.core.state import State
from tests.end_to_end.soundcard import CONFIG, SINKS, needs_alsa, sound_card

Found = tuple[str, str, str]
"""State, what was found, and what to do."""


def findings(library: Library | Path) -> dict[str, Found]:
    found = examine(str(library.path if isinstance(library, Library) else library), offline=True)
    return by_name((finding.what, (finding.state, finding.found, finding.hint)) for finding in found)


def printed(text: str) -> dict[str, Found]:
    """The findings in the output of `segue doctor --json`."""
    return by_name((one["what"], (one["state"], one["found"], one["hint"])) for one in json.loads(text))


def by_name(pairs: Iterable[tuple[str, Found]]) -> dict[str, Found]:
    """Collect findings by name; two of one name would hide each other."""
    listed = list(pairs)
    assert len(dict(listed)) == len(listed), [name for name, _ in listed]
    return dict(listed)


def test_a_sound_library_passes_and_a_missing_one_fails(
    tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--offline", "--json", "--library", str(tiny_library.path)])
    state, found, hint = printed(capsys.readouterr().out)["library"]
    assert state == "note"
    assert f"{len(tiny_library)} tracks" in found
    assert "segue evaluate" in hint
    assert main(["doctor", "--offline", "--library", "nowhere"]) == 1
    assert "BAD   library" in capsys.readouterr().out


def test_it_sees_the_terminal_it_is_in(tiny_library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert findings(tiny_library)["colours"] == ("ok", "none, as NO_COLOR asks", "")
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM", raising=False)
    state, found, hint = findings(tiny_library)["colours"]
    assert (state, found) == ("note", "16")
    assert "COLORTERM=truecolor" in hint


def test_settings_of_other_programs_that_are_ignored_are_named(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    assert "keras" not in findings(tiny_library)
    (tmp_path / "keras.json").write_text('{"floatx": "float16", "backend": "tensorflow"}')
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    state, found, _ = findings(tiny_library)["keras"]
    assert state == "ok"
    assert "KERAS_BACKEND=jax" in found
    assert "floatx 'float16'" in found


def test_a_folder_that_cannot_be_made_is_named(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file" / "inside"))
    state, found, hint = findings(tiny_library)["state"]
    assert state == "note"
    assert "file" in found
    assert "XDG_STATE_HOME" in hint


def test_a_folder_that_others_can_write_is_named(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    (tmp_path / "segue").mkdir()
    (tmp_path / "segue").chmod(0o777)
    assert findings(tiny_library)["state"] == (
        "note",
        f"{tmp_path / 'segue'}: other users can write there",
        f"chmod go-w {tmp_path / 'segue'}",
    )


def test_a_small_disk_is_named(tiny_library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=3_000_000))
    state, found, hint = findings(tiny_library)["data"]
    assert state == "note"
    assert found.endswith("3 MB are free")
    assert hint.startswith("free some space")


@pytest.mark.parametrize(
    "name", ["tracks.txt", "heldout.npz", "corpus/items.npy", "occurrences/starts.npy", "positions.npy"]
)
def test_a_library_is_read_to_its_last_part(tiny_library: Library, tmp_path: Path, name: str) -> None:
    broken = Path(shutil.copytree(tiny_library.path, tmp_path / "broken"))
    (broken / name).write_bytes(b"x")
    found = findings(broken)
    state, text, hint = found["library"]
    assert state == "bad"
    assert str(broken) in text
    assert "again" in hint
    assert "data" in found, "the checks after it are made all the same"


def test_a_library_of_old_scores_must_be_scored_again(tiny_library: Library, tmp_path: Path) -> None:
    old = Path(shutil.copytree(tiny_library.path, tmp_path / "old"))
    (old / "report.json").write_text('{"format": 0, "validation": {}}')
    state, found, hint = findings(old)["library"]
    assert state == "note"
    assert "another format" in found
    assert hint == f"segue evaluate --library {old}"


def test_a_library_of_a_later_segue_says_so(tiny_library: Library, tmp_path: Path) -> None:
    later = Path(shutil.copytree(tiny_library.path, tmp_path / "later"))
    (later / "library.json").write_text('{"format": 99}')
    state, _, hint = findings(later)["library"]
    assert (state, hint) == ("bad", "update Segue")


def test_settings_that_are_a_device_are_named_and_not_read(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "segue").mkdir()
    (tmp_path / "segue" / "settings.toml").symlink_to("/dev/full")
    state, found, _ = findings(tiny_library)["settings"]
    assert state == "bad"
    assert "is a device, not a regular file" in found


def test_damaged_state_and_settings_are_named(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    State.open().close()
    (tmp_path / "segue" / "settings.toml").write_text('theme = "x"\n')
    found = findings(tiny_library)
    assert found["state file"][:2] == ("ok", "0 tracks heard, 0 loved")
    assert found["settings"][0] == "ok"
    (tmp_path / "segue" / "state.sqlite").write_bytes(b"no database" * 100)
    (tmp_path / "segue" / "settings.toml").write_text("theme = \n")
    found = findings(tiny_library)
    assert found["state file"][0] == found["settings"][0] == "bad"
    assert "start with a new one" in found["state file"][2]
    assert "fix the line" in found["settings"][2]


def test_a_check_that_breaks_does_not_stop_the_others(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> Iterator[Finding]:
        raise RuntimeError("out of order")

    monkeypatch.setattr("segue.core.cli.doctor.check_sound", breaks)
    found = findings(tiny_library)
    assert found["sound"][:2] == ("bad", "RuntimeError: out of order")
    assert "library" in found


@pytest.mark.parametrize(("columns", "indent"), [(40, 6), (100, 19)])
def test_lines_are_folded_to_the_terminal(
    columns: int, indent: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    show(Finding("library", "note", "so many words " * 20, "do this " * 20))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    assert lines[0].startswith("note  library      so many")
    assert all(line.startswith(" " * indent) for line in lines[1:])
    assert any(line.lstrip().startswith("-> do this") for line in lines)


@needs_alsa
def test_a_device_through_which_nothing_plays_is_a_finding_of_its_own(
    tiny_library: Library, tmp_path: Path
) -> None:
    with sound_card(tmp_path) as card:
        found = _examined(
            tiny_library, card.env | {"SEGUE_SINK": "miniaudio", "PYTHONPATH": _without_simpleaudio(tmp_path)}
        )
    assert found["sound"] == ("ok", "miniaudio: plays", "")
    state, shown, hint = found["simpleaudio"]
    assert (state, hint) == ("note", "nothing to do: miniaudio plays")
    assert "simpleaudio" in shown


def _without_simpleaudio(folder: Path) -> str:
    """A folder for the Python path in which simpleaudio can't be imported."""
    hidden = folder / "hidden"
    hidden.mkdir()
    (hidden / "simpleaudio.py").write_text("raise ImportError('no simpleaudio here')")
    return str(hidden)


def test_every_note_says_what_to_do(tiny_library: Library) -> None:
    reported = [(state, hint) for state, _, hint in findings(tiny_library).values()]
    assert all(hint for state, hint in reported if state != "ok")


@pytest.mark.parametrize(
    ("sink", "state", "found"),
    [
        ("silent", "ok", "off: SEGUE_SINK=silent"),
        ("loud", "bad", "SEGUE_SINK is 'loud', which is not a sink"),
    ],
)
def test_the_sink_of_the_environment_is_used(
    sink: str, state: str, found: str, tiny_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGUE_SINK", sink)
    assert findings(tiny_library)["sound"][:2] == (state, found)


@needs_alsa
@pytest.mark.parametrize("sink", SINKS)
def test_a_sound_card_plays(sink: str, tiny_library: Library, tmp_path: Path) -> None:
    with sound_card(tmp_path) as card:
        found = _examined(tiny_library, card.env | {"SEGUE_SINK": sink})
        assert found["sound"] == ("ok", f"{sink}: plays", "")
        assert len(card.received())


@needs_alsa
def test_without_a_sound_card_it_says_why_and_what_to_do(tiny_library: Library, tmp_path: Path) -> None:
    env = {"ALSA_CONFIG_PATH": str(tmp_path / "none"), "PULSE_SERVER": "none", "HOME": str(tmp_path)}
    state, found, hint = _examined(tiny_library, env)["sound"]
    assert state == "note"
    assert "the radio runs silently" in found
    assert "SEGUE_SINK=silent" in hint


@needs_alsa
@pytest.mark.slow
def test_a_sound_card_that_never_answers_is_given_up(tiny_library: Library, tmp_path: Path) -> None:
    (tmp_path / "asound.conf").write_text(CONFIG)
    os.mkfifo(tmp_path / "card")  # opening it waits for a reader that never comes
    env = {"ALSA_CONFIG_PATH": str(tmp_path / "asound.conf"), "ALSA_CAPTURE_FILE": str(tmp_path / "card")}
    state, found, hint = _examined(tiny_library, env)["sound"]
    assert state == "note"
    assert found.startswith("no audio output: the sound device does not answer")
    assert hint.startswith("start the sound server again")


def _examined(library: Library, env: dict[str, str]) -> dict[str, Found]:
    """What the doctor says in a process of its own, since ALSA reads its configuration once."""
    command = [sys.executable, "-m", "segue", "doctor", "--offline", "--json", "--library", str(library.path)]
    done = subprocess.run(
        command, env={**os.environ, **env}, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stderr == ""
    return printed(done.stdout)


def test_it_hears_through_a_device_that_is_there(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Works:
        def __init__(self, clock: object) -> None: ...
        def start(self, render: object, first: int) -> None: ...
        def feed(self) -> float:
            return 1.0

        def failure(self) -> str:
            return ""

        def stop(self) -> int:
            return 0

        def close(self) -> None: ...

    for name in DEVICES:
        monkeypatch.setitem(DEVICES, name, Works)
    assert findings(tiny_library)["sound"] == ("ok", "simpleaudio: plays", "")
