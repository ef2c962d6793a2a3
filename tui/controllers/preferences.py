"""Settings, colours and keys, changed while the explorer runs and kept in settings.toml; other libraries."""

from pathlib import Path
from typing import Any, get_args, get_type_hints

from msgspec import field

from segue.core.errors import SegueError
from segue.core.text import counted
from segue.tui.commands import Command, command, is_key, key_names, shown_keys
from segue.tui.controllers.base import Controller
from segue.tui.controllers.views import command_groups, nested
from segue.tui.controllers.walks import Walks
from segue.tui.model.settings import Settings, manual, read_settings, settings_path, write_key, write_setting

LATER = ("glyphs", "motion", "mouse", "volume", "preview_megabytes")
"""Settings that apply from the next start on."""
LOOK = 2.0
"""Seconds between two looks whether the settings file was changed by hand."""


class Preferences(Controller):
    """Shows and writes settings.toml, and reads it again when it was changed elsewhere."""

    _walks: Walks
    _seen: float = field(default_factory=lambda: _changed_at(settings_path()))
    """When the file was changed that was read."""

    def watch(self) -> None:
        """Begin to look whether the file was changed, and say which of its keys run nothing."""
        self.app.set_interval(LOOK, self.look)
        self.app.call_after_refresh(self._say_clashes)

    def look(self) -> None:
        """Read the file again if it was changed by hand."""
        now = _changed_at(settings_path())
        if now != self._seen:
            self._seen = now
            self._read()

    def _read(self) -> None:
        try:
            settings = read_settings()
        except SegueError as error:
            self.app.say(str(error), "error")
            return
        self.app.apply_settings(settings)
        self._walks.list_here()
        self._say_clashes()

    def _say_clashes(self) -> None:
        """Report in one line which keys of the file clash with another command's, or never arrive."""
        keymap = self.app.settings.keys
        if not keymap:
            return  # the commands of all views take 60 ms to import
        commands, found = self._commands(), []
        for name, keys in keymap.items():
            for key in sorted(key_names(keys)):
                taken = self._taken(commands[name], key)
                if is_key(key) and taken is not None:
                    found.append(f"{key!r} is the key of both {name} and {taken.id}")
                elif not is_key(key):
                    found.append(f"{key!r}, the key of {name}, is not a key that a terminal sends")
        if found:
            self.app.say(f"{settings_path()}, [keys]: {'; '.join(dict.fromkeys(found))}", "warning")

    def _write(self, name: str, value: object) -> None:
        write_setting(name, value)
        self._kept()
        when = " It takes effect at the next start." if name in LATER else ""
        self.app.say(f"{name} is now {value}, saved in {settings_path()}.{when}")

    def _kept(self) -> None:
        self._seen = _changed_at(settings_path())
        self._read()

    @command("settings.theme", "", "theme …", also="change colours dark light gruvbox")
    def theme(self) -> None:
        """Choose a theme; it is shown as the cursor reaches it."""
        from segue.tui.screens.ask import FilterScreen

        before = self.app.theme
        names = get_args(get_type_hints(Settings)["theme"])
        choices = [(name, name.removeprefix("segue-"), "now" if name == before else "") for name in names]

        def show(name: str) -> None:
            self.app.theme = name

        def chosen(name: str) -> None:
            show(name)
            if name != before:
                self._write("theme", name)

        screen = FilterScreen("Theme", choices, moved=show, start=before)
        self.app.ask(screen, chosen, lambda: show(before))

    @command("settings.open", "", "settings …", also="change preferences options configuration volume")
    def settings(self) -> None:
        """Show and change the settings; they are saved in settings.toml."""
        from segue.tui.screens.ask import FilterScreen

        texts, now = manual(), self.app.settings
        choices = [
            (name, f"{name} = {getattr(now, name)}", texts[name])
            for name in Settings.__struct_fields__
            if name != "keys"
        ]
        screen = FilterScreen(f"Settings, kept in {settings_path()}", choices)
        self.app.ask(screen, self._change)

    def _change(self, name: str) -> None:
        from segue.tui.screens.ask import ChoiceScreen, LineScreen

        kind, now = get_type_hints(Settings)[name], getattr(self.app.settings, name)
        if name == "theme":
            self.theme()
        elif isinstance(now, bool):
            self._write(name, not now)
        elif options := get_args(kind):
            choices = [(option, option, "now" if option == now else "") for option in options]
            screen = ChoiceScreen(manual()[name], choices, start=now)
            self.app.ask(screen, lambda value: self._write(name, value))
        else:
            line = LineScreen(name, manual()[name], f"{now:g}")
            self.app.ask(line, lambda text: self._write(name, _number(text)))

    @command("settings.keys", "", "keys …", also="change a key keymap bindings shortcuts remap")
    def keys(self) -> None:
        """Change the key of a command; a key that is taken there is refused."""
        from segue.tui.screens.help import PaletteScreen

        commands = self._commands()
        screen = PaletteScreen(list(commands.values()), "Which command gets another key?")
        self.app.ask(screen, lambda name: self._ask_key(commands[name]))

    def _commands(self) -> dict[str, Command]:
        groups = command_groups(self.app.app_commands)
        return {each.id: each for group in groups for each in group.commands}

    def _ask_key(self, wanted: Command) -> None:
        from segue.tui.screens.ask import KeyScreen

        prompt = f"Press the new key of {wanted.name}; ⌫ takes its keys away, esc keeps them"
        self.app.ask(KeyScreen(prompt, named=True), lambda key: self._set_key(wanted, key))

    def _set_key(self, wanted: Command, key: str) -> None:
        keys = "" if key == "backspace" else key
        if keys and (taken := self._taken(wanted, key)) is not None:
            self.app.say(
                f"{' '.join(shown_keys(key))} is already the key of {taken.name}; choose another.", "warning"
            )
            return
        write_key(wanted.id, keys)
        self._kept()
        shown = f"the key {' '.join(shown_keys(key))}" if keys else "no key"
        self.app.say(f"{wanted.name[0].upper()}{wanted.name[1:]} has {shown}, saved in {settings_path()}.")

    def _taken(self, wanted: Command, key: str) -> Command | None:
        """The command that would lose the key, or would keep it from the wanted one."""
        keymap = self.app.settings.keys
        for each in self._commands().values():
            if each.id != wanted.id and key in key_names(each.keys_in(keymap)) and nested(each, wanted):
                return each
        return None

    @command("libraries.open", "", "open library …", also="another library switch change load model")
    def libraries(self) -> None:
        """Open another library; type to find it."""
        from segue.tui.panes.train.panels import StoredLibrary, same, stored_libraries
        from segue.tui.screens.ask import FilterScreen

        current = self.app.library.path

        def show(stored: list[StoredLibrary]) -> None:
            choices = [(str(each.path), each.path.name, _about(each)) for each in stored if not each.trouble]
            screen = FilterScreen("Open which library?", choices)
            self.app.ask(screen, opened)

        def _about(each: StoredLibrary) -> str:
            hit = "not scored" if each.hit is None else f"hit@10 {each.hit:.3f}"
            return f"{counted(each.tracks, 'track')}, {hit}{', open' if same(each.path, current) else ''}"

        def opened(answer: str) -> None:
            if not same(Path(answer), current):
                self.app.open_library(Path(answer))

        self.app.work("libraries", lambda: stored_libraries(current), show, what="Listing libraries")


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _number(text: str) -> Any:  # noqa: ANN401 - checked when it is written
    try:
        return int(text) if text.strip().isdigit() else float(text)
    except ValueError:
        return text
