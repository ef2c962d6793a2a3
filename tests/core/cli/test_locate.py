import json
from pathlib import Path

import pytest

from segue.core.cli.main import main
from segue.core.places import user_folder
from segue.core.state import State
from segue.tui.model.settings import settings_path


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
