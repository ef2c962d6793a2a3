"""The doctor finds what is wrong, and says what to do."""

import json
from pathlib import Path

import pytest

from core.cli import main
from core.cli.doctor import examine
from core.library import Library


def findings(library: Library) -> dict[str, tuple[str, str, str]]:
    found = examine(str(library.path), offline=True)
    return {finding.what: (finding.state, finding.found, finding.cure) for finding in found}


def test_a_sound_library_passes_and_a_missing_one_fails(
    tiny_library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--offline", "--json", "--library", str(tiny_library.path)])
    by_name = {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert f"{len(tiny_library)} tracks" in by_name["library"]["found"]
    assert by_name["library"]["state"] == "note"
    assert "segue evaluate" in by_name["library"]["cure"]
    assert main(["doctor", "--offline", "--library", "nowhere"]) == 1
    assert "BAD   library" in capsys.readouterr().out


def test_it_sees_the_terminal_it_is_in(tiny_library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert findings(tiny_library)["colours"] == ("ok", "none, as NO_COLOR asks", "")
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLORTERM", raising=False)
    state, found, cure = findings(tiny_library)["colours"]
    assert (state, found) == ("note", "16")
    assert "COLORTERM=truecolor" in cure


def test_a_state_folder_that_cannot_be_made_is_named(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file" / "inside"))
    state, found, cure = findings(tiny_library)["state"]
    assert state == "note"
    assert "file" in found
    assert "XDG_STATE_HOME" in cure


def test_it_hears_through_a_device_that_is_there(
    tiny_library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Works:
        def start(self, render: object, first: int) -> None: ...
        def stop(self) -> int:
            return 0

        def close(self) -> None: ...

    monkeypatch.setattr("core.audio.sinks.mini.MiniaudioSink", Works)
    monkeypatch.setattr("core.audio.sinks.simple.SimpleaudioSink", Works)
    assert findings(tiny_library)["sound"] == ("ok", "miniaudio: plays", "")
