"""The session: place, walk, dials, basket and radio, kept so that the next start continues there."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from msgspec.structs import asdict, replace

from segue.core.errors import SegueError
from segue.core.explore.variety import FAMILIARITY
from segue.core.files import locked
from segue.tui.context import Explorer
from segue.tui.model.values import Basket, Dials
from segue.tui.model.walk import Walk

if TYPE_CHECKING:
    from segue.core.library import Library
    from segue.tui.controllers.playback import Playback

VERSION = 1
"""Of the saved format; another one is not read."""


@contextmanager
def seat(library: "Library", folder: Path) -> Iterator[int]:
    """Take the first seat at a library that no other explorer has, by a lock in `folder`, for the block."""
    name = crc32(f"{library.name} {len(library)}".encode(errors="surrogateescape"))
    for number in count(1):
        with locked(folder / f"explorer-{name:08x}-{number}.lock") as free:
            if free:
                yield number
                return


class Session:
    """Saves and restores where the listener is, by library, in the state."""

    def __init__(self, app: Explorer, playback: "Playback") -> None:
        self._app = app
        self._playback = playback
        self.name = f"tui {app.kept_as}"
        self._saved: dict[str, Any] | None = None
        self._refused = False

    def restore(self) -> bool:
        """Restore the last session; return whether there was one."""
        saved = self._app.state.session(name=self.name)
        try:
            if saved is None or saved["version"] != VERSION:
                return False
            self._put(saved)
        except (KeyError, TypeError, ValueError):
            return False  # a damaged session must not keep the library from opening
        return True

    def _put(self, saved: dict[str, Any]) -> None:
        app, tracks = self._app, len(self._app.library)
        walk = Walk.from_json(saved["walk"], tracks=tracks)
        weights = tuple((int(row), int(weight)) for row, weight in saved["basket"] if 0 <= row < tracks)
        dials, radio = Dials(**saved["dials"]), saved["radio"]
        if dials.familiarity not in FAMILIARITY:
            # the first version wrote "deep cuts"
            dials = replace(dials, familiarity="deep" if dials.familiarity == "deep cuts" else "any")
        app.crate = str(saved.get("crate", ""))
        app.walk, app.basket, app.dials = walk, Basket(weights), dials
        if "radio_dials" in saved:
            app.radio_dials = Dials(**saved["radio_dials"])
        app.radio = replace(
            app.radio, mode=radio["mode"], distance=int(radio["distance"]), drift=float(radio["drift"])
        )
        if self._app.state.queue(self._playback.queue_name) is None:
            self._take_over(radio)
        self._playback.resume(radio.get("track"), float(radio.get("at", 0.0)))

    def _take_over(self, radio: dict[str, Any]) -> None:
        """Keep the queue of a session of before queues were kept by themselves; the first had but a radio."""
        queue, track = radio.get("queue"), radio.get("track")
        if queue is None and radio.get("on") and track is not None:
            seed = radio.get("seed", track)
            first = [track, "where you left it", 0.0, None]
            queue = {"source": "", "tracks": [first], "heard": [], "radio": [seed]}
        if queue is not None:
            radio["track"] = queue["tracks"][0][0] if queue["tracks"] else None
            self._app.state.keep_queue(self._playback.queue_name, queue)

    def keep(self) -> None:
        """Save; an error is shown once, and the next time may succeed."""
        try:
            self.save()
        except (SegueError, sqlite3.Error) as error:
            if not self._refused:
                self._app.say(f"Your place could not be saved: {error}", "error")
            self._refused = True
        else:
            self._refused = False

    def save(self) -> None:
        """Save the session if it has changed."""
        self._playback.keep()
        now = self._now()
        if now != self._saved:
            self._app.state.save_session(now, name=self.name)
            self._saved = now

    def _now(self) -> dict[str, Any]:
        app, radio = self._app, self._app.radio
        return {
            "version": VERSION,
            "walk": app.walk.to_json(),
            "crate": app.crate,
            "basket": [list(pair) for pair in app.basket.weights],
            "dials": asdict(app.dials),
            "radio_dials": asdict(app.radio_dials),
            "radio": {
                "mode": radio.mode, "distance": radio.distance, "drift": radio.drift,
                **self._playback.to_json(),
            },
        }  # fmt: skip
