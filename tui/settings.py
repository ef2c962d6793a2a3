"""The listener's settings: one TOML file, typed.

An unknown key is an error that suggests the right one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

from segue.core.errors import UsageError
from segue.core.files import read_regular
from segue.core.places import user_folder

CHOICES = {
    "theme": ("segue-dark", "segue-light", "segue-contrast", "segue-ansi"),
    "glyphs": ("auto", "unicode", "ascii"),
    "motion": ("auto", "full", "none"),
    "ranker": (
        "next",
        "nearest",
        "popularity",
        "following",
        "cooccurrence",
        "item-knn",
        "ppmi-svd",
        "random",
    ),
}
"""The values that a setting of words can have."""


@dataclass(frozen=True)
class Settings:
    """What can be set. Each field's text below it is its manual."""

    theme: str = "segue-dark"
    """The colours: segue-dark, segue-light, segue-contrast, or segue-ansi for the terminal's own 16."""
    glyphs: str = "auto"
    """unicode, ascii, or auto to follow the locale."""
    motion: str = "auto"
    """full, none, or auto for none over SSH."""
    mouse: bool = True
    """Whether the mouse works in the explorer; false leaves it to the terminal."""
    volume: float = 0.8
    """The volume at the start, 0 to 1."""
    audition_rest: float = 0.25
    """Seconds that the cursor rests on a track before it is heard, with audition on."""
    neighbours: int = 100
    """How many neighbours are listed."""
    ranker: str = "next"
    """What ranks the neighbours at the start."""
    path_steps: int = 10
    """How many tracks a path has, its ends included."""
    preview_megabytes: int = 32
    """How much of the previews fetched ahead of the cursor is kept in memory."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Your own keys by command, such as `"radio.start" = "R"`; `""` takes a command's
    keys away. `segue` lists the names under F1."""


def settings_path() -> Path:
    """Give the file's place; it need not exist."""
    return user_folder("config") / "settings.toml"


def read_settings(path: Path | None = None) -> Settings:
    """Read the settings, or the defaults where there is no file.

    Raises
    ------
    UsageError
        When the file is no TOML, or a key or value in it is not known.
    """
    path = path or settings_path()
    try:
        text = read_regular(path).decode()
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: can't be read ({error}); mend or remove it") from error
    import tomllib  # 2 ms

    try:
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: is no TOML ({error}); mend the line") from error
    hints = get_type_hints(Settings)
    known = {each.name for each in fields(Settings)}
    for key, value in values.items():
        if key not in known:
            raise UsageError(f"{path}: unknown setting {key!r}{suggestion(key, known)}")
        _check(path, key, value, hints[key])
    return Settings(**{key: _as(hints[key], value) for key, value in values.items()})


def suggestion(word: str, known: set[str]) -> str:
    """Give `; did you mean X?` for the nearest known word, or the list of them."""
    import difflib

    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(sorted(known))}"


def _check(path: Path, key: str, value: Any, hint: Any) -> None:  # noqa: ANN401 - TOML gives any value
    if key == "keys":
        _check_keys(path, value)
        return
    wanted = {float: (int, float)}.get(hint, hint if not isinstance(hint, UnionType) else get_args(hint))
    if not isinstance(value, wanted) or (isinstance(value, bool) and hint is not bool):
        raise UsageError(f"{path}: {key} should be of type {hint.__name__}, not {value!r}")
    if key in CHOICES and value not in CHOICES[key]:
        raise UsageError(f"{path}: {key} can't be {value!r}{suggestion(value, set(CHOICES[key]))}")
    if not isinstance(value, str) and value < 0:
        raise UsageError(f"{path}: {key} can't be negative")


def _check_keys(path: Path, value: Any) -> None:  # noqa: ANN401 - TOML gives any value
    from segue.tui.commands import commands

    if not isinstance(value, dict) or not all(isinstance(keys, str) for keys in value.values()):
        raise UsageError(f'{path}: [keys] holds lines such as "radio.start" = "r"')
    known = {command.id for _, command in commands()}
    for name in value:
        if name not in known:
            raise UsageError(f"{path}: no command is called {name!r}{suggestion(name, known)}")


def _as(hint: Any, value: Any) -> Any:  # noqa: ANN401 - TOML gives any value
    return float(value) if hint is float else value
