"""Marks and stations: places that are kept."""

from datetime import UTC, datetime
from typing import Any

from segue.core.errors import SegueError
from segue.tui.controllers.base import Controller
from segue.tui.values import Basket
from segue.tui.walk import KINDS, Place


class Places(Controller):
    """Keeps places in the state by the ids of their tracks, so that they outlive a new training."""

    def marks(self) -> dict[str, str]:
        """Give the label of each marked place by its letter."""
        found = {
            name: self._place(value) for name, value in self.app.state.places().items() if len(name) == 1
        }
        return {name: self.told(place) for name, place in sorted(found.items()) if place is not None}

    def keep_mark(self, letter: str, place: Place) -> None:
        """Keep a place under a letter."""
        self.app.state.set_place(letter, self._recipe(place))

    def go_to_mark(self, letter: str) -> None:
        """Go to the place under a letter."""
        value = self.app.state.places().get(letter)
        place = self._place(value) if value is not None else None
        if place is None:
            self.app.say(f"No place is marked {letter}.")
        else:
            self.app.desk.walk.go(place)

    def save(self) -> None:
        """Save the present place as a station."""
        from segue.tui.screens.words import WordsScreen

        place = self.app.walk.here
        screen = WordsScreen(
            "Save this place as a station", "A name; S opens the stations.", self.told(place)
        )
        self.app.ask(screen, lambda name: self._save(name, place))

    def _save(self, name: str | None, place: Place) -> None:
        if not name:
            return
        before, kept = self.app.state.stations().get(name), self._recipe(place)
        self.app.desk.undo.do(
            f"save {name}",
            lambda: self.app.state.save_station(name, kept),
            lambda: (
                self.app.state.remove_station(name)
                if before is None
                else self.app.state.save_station(name, before)
            ),
        )
        self.app.say(f"Saved {name}. S opens the stations.")

    def stations(self) -> None:
        """Choose a station, and go there."""
        from segue.tui.screens.choice import ChoiceScreen

        stations = self.app.state.stations()
        if not stations:
            self.app.say("No station is saved. s saves the present place.")
            return
        choices = [(name, name, self._remark(value)) for name, value in stations.items()]
        screen = ChoiceScreen("Stations", choices, remove=self._remove)
        self.app.ask(screen, lambda name: self._open(name, stations))

    def _remove(self, name: str) -> None:
        state, kept = self.app.state, self.app.state.stations()[name]
        self.app.desk.undo.do(
            f"remove {name}", lambda: state.remove_station(name), lambda: state.save_station(name, kept)
        )
        self.app.say(f"Removed {name}. u undoes.")

    def share(self) -> None:
        """Copy the recipe of the present place."""
        from segue.tui.recipe import write

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
        """Go to the place of a recipe, and turn the dials as it says."""
        from segue.tui.recipe import read

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
        if place.kind == "blend":
            self.app.basket = Basket(tuple(zip(place.rows, place.weights, strict=True)))
        self.app.desk.walk.go(place)

    def _remark(self, value: Any) -> str:  # noqa: ANN401 - a recipe as it was saved
        place = self._place(value)
        return "its tracks are not in this library" if place is None else KINDS[place.kind].lower()

    def _open(self, name: str | None, stations: dict[str, Any]) -> None:
        if name is None:
            return
        place = self._place(stations[name], name)
        if place is None:
            raise SegueError(f"the tracks of {name} are not in the library {self.app.library.name}")
        self.app.desk.walk.go(place)

    def told(self, place: Place) -> str:
        """Name a place in a few words."""
        if place.name:
            return place.name
        words = " / ".join(self.label(row) for row in place.rows[:2])
        kind = KINDS[place.kind]
        return words if place.kind == "track" else f"{kind}: {words}" if words else kind

    def _recipe(self, place: Place) -> dict[str, Any]:
        infos = self.app.tracks.infos(place.rows)
        return {**place.to_json(), "rows": [], "tracks": [info.track_id for info in infos]}

    def _place(self, value: Any, name: str = "") -> Place | None:  # noqa: ANN401 - JSON from the state
        """Read a recipe; None where it is not a place of this library."""
        try:
            rows = self.app.library.catalogue.rows_of_ids(value["tracks"])
            if len(rows) != len(value["tracks"]):
                return None
            return Place.from_json({**value, "rows": rows, "name": name or value.get("name", "")})
        except (KeyError, TypeError, ValueError):
            return None


def today(seconds: float) -> str:
    """Give the day of a time since the epoch, as it is part of file names."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
