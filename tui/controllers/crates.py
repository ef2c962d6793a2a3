"""Crates: playlists of the listener's own, gathered while walking."""

from collections.abc import Sequence

from segue.tui.availability import has_track, is_playing, on_crate
from segue.tui.commands import command
from segue.tui.context import Explorer
from segue.tui.controllers.base import Controller
from segue.tui.controllers.history import History
from segue.tui.controllers.walks import Walks
from segue.tui.model.places import BlendPlace, CratePlace, PlaylistPlace
from segue.tui.model.words import count_of

FIRST = "My crate"
"""The name of a crate that nobody has named."""
NEW = "\x00new"
"""The choice of a new crate; no name of a crate has such a character."""


class Crates(Controller):
    """Fills, orders and opens crates. They lie in the state file, and so does their undo."""

    def __init__(self, app: Explorer, history: History, walks: Walks) -> None:
        super().__init__(app)
        self._history = history
        self._walks = walks

    @property
    def current(self) -> str:
        """The crate that is added to: the one chosen last, else the one changed last."""
        return self.app.crate or next(iter(self.app.state.crates()), FIRST)

    @command("crates.add", "*", "add to crate", also="playlist collect", when=has_track)
    def add(self) -> None:
        """Add the track under the cursor, or the selection, to the current crate; Q chooses the crate."""
        rows = self.selected_rows()
        if not rows and (row := self.cursor_row()) is not None:
            rows = [row]
        if rows:
            self.add_rows(rows)

    @command("crates.add_playing", "_", "what plays to crate", when=is_playing)
    def add_playing(self) -> None:
        """Add what plays to the current crate, wherever the cursor is."""
        playing = self.app.playing
        if playing is not None and playing.row is not None:
            self.add_rows([playing.row])
        else:
            self.app.say("Nothing plays.")

    def add_rows(self, rows: Sequence[int]) -> None:
        """Add tracks to the current crate."""
        name, held = self.current, self.app.state.crates().get(self.current, [])
        new = [info.track_id for info in self.app.tracks.infos(rows) if info.track_id not in held]
        if not new:
            self.app.say(f"Already in crate {name}.")
            return
        what = self.label(rows[0]) if len(rows) == 1 else count_of(len(new), "track")
        self._set(name, [*held, *new], f"add {what} to crate {name}")
        self.app.say(f"Added {what} to crate {name}, {count_of(len(held) + len(new), 'track')}. u undoes.")

    @command("crates.open", "Q", "crates", also="playlist lists collection")
    def open(self) -> None:
        """Open a crate, which tracks are added to from then on, or make a new one."""
        from segue.tui.screens.ask import ChoiceScreen

        current = self.current
        choices = [
            (name, name, count_of(len(held), "track") + (", current" if name == current else ""))
            for name, held in self.app.state.crates().items()
        ]
        screen = ChoiceScreen(
            "Crates", [*choices, (NEW, "a new crate", "asks for its name")], remove=self._remove
        )
        self.app.ask(screen, self._opened)

    def _opened(self, name: str | None) -> None:
        if name is None:
            return
        if name == NEW:
            from segue.tui.screens.ask import LineScreen

            self.app.ask(LineScreen("A new crate", "Its name; * adds to it.", FIRST), self._make)
            return
        self.app.crate = name
        self._walks.go(CratePlace(name=name))

    def _make(self, name: str | None) -> None:
        if name is None:
            return
        if name not in self.app.state.crates():
            self._set(name, [], f"make crate {name}")
        self._opened(name)

    def _remove(self, name: str) -> None:
        if name != NEW:
            self._kept(self.app.state.remove_crate(name), f"remove crate {name}")
            self.app.say(f"Removed crate {name}. u undoes.")

    @command("crates.complete", "", "complete crate", when=on_crate)
    def complete(self) -> None:
        """Crate: list what continues it; t then shows what is missing from it."""
        if rows := self._rows():
            self._walks.go(PlaylistPlace(rows, name=self.app.walk.here.name))

    @command("crates.blend", "", "blend crate", when=on_crate)
    def blend(self) -> None:
        """Crate: list what is like all of its tracks."""
        if rows := self._rows():
            self._walks.go(BlendPlace(rows, (1,) * len(rows), name=self.app.walk.here.name))

    def _rows(self) -> tuple[int, ...]:
        """The tracks of the crate in sight; says so where there are none."""
        if not isinstance(self.app.walk.here, CratePlace) or not len(self.app.listing.rows):
            self.app.say("Open a crate with tracks first; Q lists the crates.")
            return ()
        return tuple(int(row) for row in self.app.listing.rows)

    def move(self, line: int, steps: int) -> None:
        """Move a line of the crate in sight."""
        name, held, at = self._in_sight(line)
        to = at + steps
        if 0 <= to < len(held):
            held.insert(to, held.pop(at))
            self.app.keep_cursor(line + steps)
            self._set(name, held, f"move a track of crate {name}")

    def take_out(self, line: int) -> None:
        """Take a line out of the crate in sight."""
        name, held, at = self._in_sight(line)
        held.pop(at)
        self._set(name, held, f"take a track out of crate {name}")

    def _in_sight(self, line: int) -> tuple[str, list[str], int]:
        """The crate in sight, its track ids, and the place of a line of the list among them."""
        name = self.app.walk.here.name
        held = self.app.state.crates().get(name, [])
        return name, held, held.index(self.app.tracks.info(self.app.listing.rows[line]).track_id)

    def _set(self, name: str, track_ids: Sequence[str], what: str) -> None:
        self._kept(self.app.state.set_crate(name, track_ids), what)

    def _kept(self, number: int | None, what: str) -> None:
        """Let a change be undone in the state file, and show it."""
        state = self.app.state

        def redo() -> bool:
            changed = number is not None and state.redo(number) is not None
            self._show()
            return changed

        def undo() -> bool:
            changed = number is not None and state.undo(number) is not None
            self._show()
            return changed

        self._history.add(what, redo, undo)
        self._show()

    def _show(self) -> None:
        if isinstance(self.app.walk.here, CratePlace):
            self._walks.list_here()
