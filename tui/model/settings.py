"""The listener's settings: one TOML file, checked against the types below."""

import ast
import difflib
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Collection, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, get_args, get_type_hints

import msgspec

from segue.core.errors import UsageError
from segue.core.files import atomic_file, read_regular
from segue.core.places import user_folder

Theme = Literal[
    "segue-dark", "segue-light", "segue-contrast", "segue-gruvbox", "segue-nord", "segue-catppuccin",
    "segue-dracula", "segue-ansi",
]  # fmt: skip
Ranker = Literal[
    "next", "like", "nearest", "popularity", "following", "cooccurrence", "item-knn", "ppmi-svd", "random"
]
Whole = Annotated[int, msgspec.Meta(ge=0)]
Number = Annotated[float, msgspec.Meta(ge=0)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What can be set. The text below each field is its manual."""

    theme: Theme = "segue-dark"
    """The colours: segue-dark, segue-light, segue-contrast, four in the mood of gruvbox, nord, catppuccin and
    dracula, or segue-ansi for the terminal's own 16."""
    glyphs: Literal["auto", "unicode", "ascii"] = "auto"
    """unicode, ascii, or auto to follow the locale."""
    motion: Literal["auto", "full", "none"] = "auto"
    """full, none, or auto for none over SSH."""
    mouse: bool = True
    """Whether the mouse works in the explorer; false leaves it to the terminal."""
    volume: Number = 0.8
    """The volume at the start, 0 to 1."""
    audition_rest: Number = 0.25
    """Seconds that the cursor rests on a track before it plays, with audition on."""
    neighbours: Whole = 100
    """How many neighbours are listed."""
    ranker: Ranker = "like"
    """What orders the neighbours at the start: like for what is like a track, next for what plays next, or
    another ranker."""
    path_steps: Whole = 10
    """How many tracks a path has, both ends included."""
    after_list: Literal["stop", "radio"] = "stop"
    """What follows a list that was played to its end: stop, or radio for one near what was heard."""
    terminal_title: bool = True
    """Whether the terminal's title names what plays."""
    notify: bool = False
    """Whether the desktop shows a notification for each track; needs the extra `desktop`."""
    listenbrainz: bool = False
    """Whether ListenBrainz is sent what plays, what was heard whole, and loves and bans."""
    subsonic: str = ""
    """Your Navidrome or other Subsonic server, such as http://localhost:4533, which w sends lists to."""
    mpd: str = ""
    """Your MPD, such as localhost or music.local:6600, which w sends lists to."""
    speaker: Literal["here", "mpd"] = "here"
    """Where tracks are heard: here, or at your MPD, which plays the files that it has."""
    preview_megabytes: Whole = 32
    """Memory for previews fetched ahead of the cursor."""
    keys: Mapping[str, str] = {}
    """Your own keys by command, such as `"radio.start" = "R"`; `""` takes a command's keys away. F1 lists
    the commands."""


def settings_path() -> Path:
    """Return the path of the settings file; it need not exist."""
    return user_folder("config") / "settings.toml"


def read_settings(path: Path | None = None) -> Settings:
    """Read the settings, or the defaults if there is no file.

    Raises
    ------
    UsageError
        When the file cannot be read, or a setting is unknown or has a wrong value.
    """
    path = path or settings_path()
    try:
        text = read_regular(path).decode()
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: can't be read ({error}); fix or remove the file") from error
    import tomllib  # 2 ms

    try:
        return msgspec.convert(tomllib.loads(text), Settings)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: invalid TOML ({error}); fix the line") from error
    except msgspec.ValidationError as error:
        raise UsageError(f"{path}: {_explained(str(error))}") from error


@cache
def manual() -> Mapping[str, str]:
    """The text below each field of the settings."""
    (body,) = ast.parse(inspect.getsource(Settings)).body
    found: dict[str, str] = {}
    for field, text in pairwise(getattr(body, "body", ())):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            found[field.target.id] = " ".join(ast.literal_eval(text.value).split())
    return found


def commented() -> str:
    """The file as it is first written: every setting with its text and its default, none set."""
    lines = ["# The settings of Segue's explorer. A line without # in front sets something.", ""]
    for name, text in manual().items():
        if name != "keys":
            lines += [f"# {line}" for line in textwrap.wrap(text, 96)]
            lines += [f"#{name} = {json.dumps(getattr(Settings(), name))}", ""]
    return "\n".join([*lines, *(f"# {line}" for line in textwrap.wrap(manual()["keys"], 96)), "[keys]", ""])


def write_setting(name: str, value: object, path: Path | None = None) -> None:
    """Set a setting in the file, which is made with comments if there is none.

    Raises
    ------
    UsageError
        When the value is wrong; the file then stays as it is.
    """
    line = f"{name} = {json.dumps(value)}"
    pattern = re.compile(rf"^#?[ \t]*{name}[ \t]*=.*$", re.MULTILINE)

    def change(text: str) -> str:
        table = re.search(r"^\[", text, re.MULTILINE)
        head, rest = (text[: table.start()], text[table.start() :]) if table else (text, "")
        if pattern.search(head):
            return pattern.sub(lambda _: line, head, count=1) + rest
        return f"{head.rstrip()}\n{line}\n\n{rest}".lstrip()

    _change_file(change, path)


def write_key(command: str, keys: str, path: Path | None = None) -> None:
    """Set the keys of a command in the file."""
    line = f"{json.dumps(command)} = {json.dumps(keys)}"
    pattern = re.compile(rf'^[ \t]*["\']?{re.escape(command)}["\']?[ \t]*=.*$', re.MULTILINE)

    def change(text: str) -> str:
        if pattern.search(text):
            return pattern.sub(lambda _: line, text, count=1)
        head, table, rest = text.partition("[keys]")
        return f"{head}[keys]\n{line}{rest or chr(10)}" if table else f"{text.rstrip()}\n\n[keys]\n{line}\n"

    _change_file(change, path)


def _change_file(change: Callable[[str], str], path: Path | None) -> None:
    import tomllib

    path = (path or settings_path()).resolve()  # a link is kept
    text = change(read_regular(path).decode() if path.exists() else commented())
    try:
        msgspec.convert(tomllib.loads(text), Settings)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(f"{path}: {_explained(str(error))}") from error
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _explained(error: str) -> str:
    """Turn msgspec's words into a line that names the setting and what it can be."""
    if unknown := re.fullmatch("Object contains unknown field `(.*)`", error):
        return f"unknown setting {unknown[1]!r}{suggestion(unknown[1], Settings.__struct_fields__)}"
    reason, _, place = error.partition(" - at `$.")
    name = re.split(r"\W", place)[0]
    if name == "keys":
        return '[keys] takes lines such as "radio.start" = "r"'
    if wrong := re.fullmatch("Invalid enum value '(.*)'", reason):
        choices: Collection[str] = get_args(get_type_hints(Settings)[name])
        return f"{name} can't be {wrong[1]!r}{suggestion(wrong[1], choices)}"
    return f"{name}: {reason[0].lower()}{reason[1:]}; fix the value or remove the line"


def suggestion(word: str, known: Collection[str]) -> str:
    """Return `; did you mean X?` for the closest known word, or the list of them."""
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; choose from {', '.join(sorted(known))}"
