"""Places that are kept: marks, stations and recipes; and the paths that start at a mark."""

from typing import Any

from msgspec.structs import replace

from segue.core.errors import SegueError
from segue.tui.availability import at, has_track
from segue.tui.commands import command
from segue.tui.controllers.base import Controller
from segue.tui.controllers.history import History
from segue.tui.controllers.walks import Walks
from segue.tui.model.places import BlendPlace, PathPlace, Place, TrackPlace, place_from_json
from segue.tui.model.values import Basket


class Places(Controller):
    """Keeps places in the state file by the ids of their tracks, so that they outlive a new training."""

    _history: History
    _walks: Walks

    @command("path.mark", "m", "mark", 42, when=has_track)
    def mark(self) -> None:
        """Mark this track: a letter names the place, and a path starts here."""
        if (row := self.cursor_row()) is None:
            return
        from segue.tui.screens.ask import KeyScreen

        self.app.mark = row
        prompt = (
            f"{self.app.glyphs.mark} {self.label(row)}: press a letter to keep it under that letter, any "
            "other key only to start a path here"
        )
        self.app.ask(KeyScreen(prompt), lambda key: self._mark(key, row))

    def _mark(self, key: str, row: int) -> None:
        if len(key) == 1 and key.isalpha():
            self.app.state.set_place(key, self._saved(TrackPlace((row,))))
            self.app.say(f"Marked {key}: {self.label(row)}. ' {key} comes back, p draws a path from it.")
        else:
            self.app.say(f"The path starts at {self.label(row)}: go to its end and press p.")

    @command("path.jump", "'", "go to mark")
    def jump(self) -> None:
        """Go to a marked place by its letter."""
        saved = {name: value for name, value in self.app.state.places().items() if len(name) == 1}
        marks = {name: place for name in sorted(saved) if (place := self.read(saved[name])) is not None}
        if not marks:
            self.app.say("No place is marked. m marks the track under the cursor.")
            return
        from segue.tui.screens.ask import KeyScreen

        letters = "  ".join(f"{name} {place.long_name(self.app.tracks)}" for name, place in marks.items())

        def go(letter: str) -> None:
            if letter in marks:
                self._walks.go(marks[letter])
            else:
                self.app.say(f"No place is marked {letter}. m marks one.")

        self.app.ask(KeyScreen(f"Go to: {letters}"), go)

    @command("path.draw", "p", "path", 46, when=has_track)
    def draw(self) -> None:
        """Find a path from the mark, or from the seed, to this track."""
        end = self.cursor_row()
        if end is None:
            return
        start = self.app.mark if self.app.mark is not None else self.app.walk.here.seed
        if start is None or start == end:
            self.app.say("A path needs two ends: mark its start with m, go to its end, press p.")
            return
        self.app.mark = None
        self._walks.go(PathPlace((start, end), self.app.settings.path_steps))

    @command("path.reroll", "R", "reroll", 87, when=at(PathPlace))
    def reroll(self) -> None:
        """Draw another path between the same ends."""
        here = self.app.walk.here
        if isinstance(here, PathPlace):
            self._walks.replace(replace(here, draw=here.draw + 1))
        else:
            self.app.say("R draws another path: mark a start with m, go to the end, press p.")

    @command("path.longer", "", "longer path", when=at(PathPlace))
    def longer(self) -> None:
        """Add two steps to the path."""
        self._stretch(2)

    @command("path.shorter", "", "shorter path", when=at(PathPlace))
    def shorter(self) -> None:
        """Take two steps from the path."""
        self._stretch(-2)

    def _stretch(self, steps: int) -> None:
        here = self.app.walk.here
        if isinstance(here, PathPlace):
            length = (here.steps or self.app.settings.path_steps) + steps
            self._walks.replace(replace(here, steps=min(max(length, 3), 50)))

    @command("places.save", "s", "save")
    def save(self) -> None:
        """Save this place as a station, under a name."""
        from segue.tui.screens.ask import LineScreen

        place = self.app.walk.here
        name = place.long_name(self.app.tracks)
        screen = LineScreen("Save this place as a station", "A name; S opens the stations.", name)
        self.app.ask(screen, lambda name: self._save(name, place))

    def _save(self, name: str, place: Place) -> None:
        state, saved = self.app.state, self._saved(place)
        before = state.stations().get(name)

        def undo() -> None:
            if before is None:
                state.remove_station(name)
            else:
                state.save_station(name, before)

        self._history.do(f"save {name}", lambda: state.save_station(name, saved), undo)
        self.app.say(f"Saved {name}. S opens the stations.")

    @command("places.stations", "S", "stations")
    def stations(self) -> None:
        """Open a saved station."""
        stations = self.app.state.stations()
        if not stations:
            self.app.say("No station is saved. s saves the present place.")
            return
        from segue.tui.screens.ask import FilterScreen

        choices = [(name, name, self._remark(value)) for name, value in stations.items()]
        screen = FilterScreen("Stations", choices, remove=self._remove)
        self.app.ask(screen, lambda name: self._open(name, stations))

    def _remark(self, value: Any) -> str:  # noqa: ANN401 - JSON from the state
        place = self.read(value)
        return "its tracks are not in this library" if place is None else place.heading.lower()

    def _remove(self, name: str) -> None:
        state, saved = self.app.state, self.app.state.stations()[name]
        self._history.do(
            f"remove {name}", lambda: state.remove_station(name), lambda: state.save_station(name, saved)
        )
        self.app.say(f"Removed {name}. u undoes.")

    def _open(self, name: str, stations: dict[str, Any]) -> None:
        place = self.read(stations[name], name)
        if place is None:
            raise SegueError(f"the tracks of {name} are not in the library {self.app.library.name}")
        self._walks.go(place)

    def _saved(self, place: Place) -> dict[str, Any]:
        infos = self.app.tracks.infos(place.rows)
        return {**place.to_json(), "rows": [], "tracks": [info.track_id for info in infos]}

    def read(self, value: Any, name: str = "") -> Place | None:  # noqa: ANN401 - JSON from the state
        """Read a place that was saved; None where this library lacks its tracks."""
        try:
            rows = self.app.library.catalogue.rows_of_ids(value["tracks"])
            if len(rows) != len(value["tracks"]):
                return None
            return place_from_json({**value, "rows": rows, "name": name or value.get("name", "")})
        except (KeyError, TypeError, ValueError):
            return None

    @command("places.share", "Y", "copy recipe", also="recipe share export")
    def share(self) -> None:
        """Copy this place as a line of text; o opens such a line in any library."""
        from segue.tui.model.recipe import write

        text = write(self.app.walk.here, self.app.dials, self._name)
        self.app.copy_to_clipboard(text)
        self.app.say(f"Copied {text}")

    def _name(self, row: int) -> str:
        """Name a track so that it is found again."""
        info, catalogue = self.app.tracks.info(row), self.app.library.catalogue
        try:
            found = info.label.count("(") == info.label.count(")") and catalogue.resolve(info.label) == row
        except SegueError:
            found = False
        return info.label if found else info.track_id

    def open_recipe(self, text: str) -> None:
        """Go to the place of a recipe, and set the dials as it says."""
        from segue.tui.model.recipe import read

        catalogue = self.app.library.catalogue
        try:
            place, dials = read(
                text,
                catalogue.resolve,
                self.app.dials,
                steps=self.app.settings.path_steps,
                rows_of_artist=lambda name: catalogue.rows_of_artist(name).tolist(),
            )
        except SegueError as error:
            self.app.say(f"The recipe can't be read: {error}", "error")
            return
        self.app.dials = dials
        if isinstance(place, BlendPlace):
            self.app.basket = Basket(tuple(zip(place.rows, place.weights, strict=True)))
        self._walks.go(place)
