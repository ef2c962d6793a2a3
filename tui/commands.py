"""Commands: each is declared by `@command` on the method that runs it, and its docstring is its help.

From these declarations come the bindings, the key bar, the palette, F1's help, the user's keymap and the page
`docs/keys.md`. An id is for good, since users' keymaps name it.

A command of the app is a method of a controller (`segue.tui.controllers`). Any other is a Textual action,
`action_NAME`, of a widget derived from `HasCommands`.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from msgspec import Struct
from textual.app import App
from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, KEY_TO_UNICODE_NAME, Keys, _character_to_key

from segue.core.text import fold

if TYPE_CHECKING:
    from textual.widget import Widget as _Widget
else:
    _Widget = object  # a second Widget among the bases of a widget would lose its styles

Method = TypeVar("Method", bound=Callable[..., object])
Condition = Callable[..., bool]
"""Takes the `Explorer`, which this module does not know."""


class Command(Struct, frozen=True):
    """One thing the listener can ask for."""

    id: str
    """Its name for keymaps and tests."""
    keys: str
    """Textual key names, separated by commas; empty for a command of the palette only."""
    name: str
    """A word or two, for the key bar and the palette."""
    help: str
    """A sentence, for the tooltip, the palette and the help."""
    also: str
    """Other words by which the palette and the help find it."""
    weight: int
    """How early it gets a place in the key bar; 0 never."""
    when: Condition | None
    """The condition under which key bar and palette offer it; None always."""
    on_tracks: bool
    """Whether its method takes a track's row, so that it runs on a selection and can be repeated."""
    method: Callable[..., object]

    @property
    def action(self) -> str:
        """The Textual action of a widget's command."""
        return self.method.__name__.removeprefix("action_")

    def holds(self, app: App[Any]) -> bool:
        """Whether it makes sense now."""
        return self.when is None or self.when(app)

    def keys_in(self, keymap: Mapping[str, str]) -> str:
        """Return its keys, the listener's own where the keymap has them."""
        return keymap.get(self.id, self.keys)


def command(
    id: str,  # noqa: A002 - the word that users' keymaps have for it
    keys: str,
    name: str,
    weight: int = 0,
    *,
    also: str = "",
    when: Condition | None = None,
    on_tracks: bool = False,
) -> Callable[[Method], Method]:
    """Declare the method below as a command; the first paragraph of its docstring is the help."""

    def declare(method: Method) -> Method:
        text = " ".join((method.__doc__ or "").split("\n\n")[0].split())
        made = Command(id, keys, name, text, also, weight, when, on_tracks, method)
        method.__dict__["command"] = made
        return method

    return declare


def commands_of(owner: type) -> tuple[Command, ...]:
    """Return the commands that a class itself declares, in order."""
    return tuple(
        found
        for value in vars(owner).values()
        if isinstance(found := getattr(value, "__dict__", {}).get("command"), Command)
    )


def found(command: Command, query: str) -> int:
    """How well a command fits what was typed.

    4 where its name begins so, 3 by its name, 2 by another word for it, 1 by its help, 0 not at all. Every
    word of the query must begin a word of the text; an id of the settings file fits too.
    """
    if query.strip() and fold(command.name).startswith(fold(query.strip())):
        return 4
    words = fold(query.replace(".", " ")).split()
    texts = (command.help, command.also, f"{command.name} {command.id.replace('.', ' ')}")
    for rank in (3, 2, 1):
        known = fold(" ".join(texts[rank - 1 :])).split()
        if all(any(each.startswith(word) for each in known) for word in words):
            return rank
    return 0


class Group(Struct, frozen=True):
    """Commands that belong together, for the help."""

    title: str
    about: str
    commands: tuple[Command, ...]


class HasCommands(_Widget):
    """Mixed into a widget with commands. `BINDING_GROUP_TITLE` and `HELP` introduce them in the help."""

    OWN_COMMANDS: ClassVar[tuple[Command, ...]] = ()
    """Its commands, those of its base classes last."""

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - Textual's own
        own = commands_of(cls)
        if own:
            bindings = [binding(each, each.action) for each in own if each.keys]
            cls.BINDINGS = [*vars(cls).get("BINDINGS", ()), *bindings]
            cls.OWN_COMMANDS = (*own, *cls.OWN_COMMANDS)
        super().__init_subclass__(**kwargs)

    @classmethod
    def group(cls) -> Group:
        """Return its commands with what introduces them."""
        return Group(cls.BINDING_GROUP_TITLE or "", cls.HELP or "", cls.OWN_COMMANDS)


def binding(command: Command, action: str) -> Binding:
    """Make Textual's binding of a command's keys to an action."""
    return Binding(command.keys, action, command.name, show=False, tooltip=command.help, id=command.id)


_SHOWN = {
    "enter": "⏎", "escape": "esc", "backspace": "⌫", "space": "space", "colon": ":", "comma": ",",
    "full_stop": ".", "semicolon": ";", "backslash": "\\", "pagedown": "pgdn", "pageup": "pgup",
    "up": "↑", "down": "↓", "left": "←", "right": "→",
    "shift+up": "shift+↑", "shift+down": "shift+↓", "shift+left": "shift+←", "shift+right": "shift+→",
}  # fmt: skip


def shown_keys(keys: str, *, ascii_only: bool = False) -> list[str]:
    """Return the names of keys as a person reads them: `enter,l` becomes `⏎` and `l`."""
    return [_shown(name, ascii_only=ascii_only) for name in names_of(keys)]


def names_of(keys: str) -> Iterator[str]:
    """Split a command's keys."""
    return (name.strip() for name in keys.split(",") if name.strip())


def key_names(keys: str) -> set[str]:
    """A command's keys as Textual names them when they are pressed: `plus` for `+`."""
    return {_character_to_key(name) if len(name) == 1 else name for name in names_of(keys)}


_OTHERS = {"ctrl+i", "ctrl+j", "ctrl+m", "ctrl+h", "ctrl+left_square_bracket"}
"""Terminals send tab, enter, backspace and escape for these."""


def is_key(name: str) -> bool:
    """Whether a terminal can send a key of this name."""
    *modifiers, key = name.split("+")
    if name in _OTHERS or not {*modifiers} <= {"ctrl", "alt", "shift"}:
        return False
    if len(key) == 1 and key.isalnum():
        return "shift" not in modifiers  # which makes it another letter
    if key in {each.value for each in Keys}:
        return True
    with suppress(KeyError):
        return bool(unicodedata.lookup(KEY_TO_UNICODE_NAME.get(key, key).replace("_", " ")))
    return key in KEY_NAME_REPLACEMENTS.values()


def _shown(name: str, *, ascii_only: bool) -> str:
    if name[0] == "f" and name[1:].isdigit():
        return name.upper()
    shown = _SHOWN.get(name, name.replace("ctrl+", "^"))
    return shown if shown.isascii() or not ascii_only else name
