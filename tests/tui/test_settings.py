from pathlib import Path

import pytest

from segue.core.errors import UsageError
from segue.tui.model.settings import Settings, read_settings, settings_path


def read(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path)


def test_without_a_file_there_are_defaults() -> None:
    assert not settings_path().exists()
    assert read_settings() == Settings()
    assert not settings_path().exists(), "reading writes nothing"


def test_settings_are_read(tmp_path: Path) -> None:
    text = 'theme = "segue-light"\nvolume = 1\nmouse = false\nneighbours = 30\n'
    text += '[keys]\n"radio.start" = "ctrl+o"\n'
    settings = read(tmp_path, text)
    assert (settings.theme, settings.volume, settings.mouse, settings.neighbours) == (
        "segue-light",
        1.0,
        False,
        30,
    )
    assert settings.keys == {"radio.start": "ctrl+o"}


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ('them = "segue-light"', "unknown setting 'them'; did you mean 'theme'?"),
        ('theme = "segue-drak"', "theme can't be 'segue-drak'; did you mean 'segue-dark'?"),
        ('theme = "pink"', "theme can't be 'pink'; choose from segue-ansi, segue-catppuccin"),
        ("mouse = 1", "mouse: expected `bool`, got `int`; fix the value"),
        ("neighbours = 2.5", "neighbours: expected `int`, got `float`"),
        ("neighbours = true", "neighbours: expected `int`, got `bool`"),
        ("volume = -1", "volume: expected `float` >= 0.0; fix the value"),
        ("volume =", "invalid TOML"),
        ('[keys]\n"radio.start" = 3', "[keys] takes lines such as"),
        ("keys = 3", "[keys] takes lines such as"),
    ],
)
def test_a_wrong_setting_is_an_error_that_names_the_fix(text: str, reported: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    assert reported in str(caught.value)
    assert "settings.toml" in str(caught.value)


def test_a_file_that_is_no_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="can't be read"):
        read_settings(tmp_path / "settings.toml")
