"""Going on where the last session was left: place, way, dials, basket and radio, paused."""

import sqlite3
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from segue.core.errors import SegueError
from segue.core.explore.dials import FAMILIARITY
from segue.tui.values import Basket, Dials
from segue.tui.walk import Walk

if TYPE_CHECKING:
    from segue.tui.app import SegueApp

VERSION = 1
"""Of the saved form; another one is not read."""


class Session:
    """Saves and restores where the listener is, by library, in the state."""

    def __init__(self, app: "SegueApp") -> None:
        self._app = app
        self._name = f"tui {app.library.name} {len(app.library)}"
        self._saved: dict[str, Any] | None = None
        self._refused = False

    def never(self) -> bool:
        """Whether no session of this library was ever kept."""
        return self._app.state.session(name=self._name) is None

    def restore(self) -> bool:
        """Go on where the listener left; whether there was such a place."""
        saved = self._app.state.session(name=self._name)
        try:
            if saved is None or saved["version"] != VERSION:
                return False
            self._put(saved)
        except (KeyError, TypeError, ValueError):
            return False  # an odd session is no reason not to open
        return True

    def _put(self, saved: dict[str, Any]) -> None:
        app, tracks = self._app, len(self._app.library)
        walk = Walk.from_json(saved["walk"], tracks=tracks)
        weights = tuple((int(row), int(weight)) for row, weight in saved["basket"] if 0 <= row < tracks)
        dials, radio = Dials(**saved["dials"]), saved["radio"]
        if dials.familiarity not in FAMILIARITY:  # a word of an older version
            dials = replace(dials, familiarity="any")
        app.walk, app.place_cursor, app.basket, app.dials = walk, walk.cursor, Basket(weights), dials
        app.radio = replace(
            app.radio, mode=radio["mode"], distance=int(radio["distance"]), drift=float(radio["drift"])
        )
        if radio["on"] and 0 <= radio["track"] < tracks:
            seed = radio.get("seed", radio["track"])
            seed = int(seed) if 0 <= seed < tracks else None
            app.desk.radio.begin(int(radio["track"]), paused=True, at=float(radio.get("at", 0.0)), seed=seed)

    def keep(self) -> None:
        """Save, and say it once where the disk refuses; the next time may go well again."""
        try:
            self.save()
        except (SegueError, sqlite3.Error) as error:
            if not self._refused:
                self._app.say(f"Your place is not kept: {error}", "error")
            self._refused = True
        else:
            self._refused = False

    def save(self) -> None:
        """Keep where the listener is, if it has changed."""
        now = self._now()
        if now != self._saved:
            self._app.state.save_session(now, name=self._name)
            self._saved = now

    def _now(self) -> dict[str, Any]:
        app, radio = self._app, self._app.radio
        track, at = app.desk.radio.place()
        return {
            "version": VERSION,
            "walk": app.walk.resting(app.place_cursor).to_json(),
            "basket": [list(pair) for pair in app.basket.weights],
            "dials": asdict(app.dials),
            "radio": {
                "on": radio.on, "track": track, "at": round(at, 1), "seed": radio.seed, "mode": radio.mode,
                "distance": radio.distance, "drift": radio.drift,
            },
        }  # fmt: skip
