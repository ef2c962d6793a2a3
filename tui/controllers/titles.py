"""Titles for the tracks in sight that have none, asked for in the background."""

import threading

from segue.core.http.request import HttpError
from segue.core.log import logger
from segue.tui.context import TROUBLE, Explorer
from segue.tui.controllers.base import Controller
from segue.tui.widgets.detail import Detail
from segue.tui.widgets.track_list import TrackList

PAUSE = 60.0
"""Seconds without a question after one that was not answered."""


class Titles(Controller):
    """Asks for one title after the other on a thread, from the top; what is out of sight is dropped."""

    def __init__(self, app: Explorer) -> None:
        super().__init__(app)
        self._changed = threading.Condition()
        self._wanted: dict[TrackList, list[tuple[int, str]]] = {}
        self._thread: threading.Thread | None = None
        self._over = False

    def want(self, tracks: TrackList, rows: list[int]) -> None:
        """Ask for these rows of a list instead of those that it wanted before."""
        titles = self.app.equipment.titles
        if titles is None or self._over:
            return
        ids = [self.app.tracks.info(row).track_id for row in rows]
        known = titles.known(ids)
        for row, track_id in zip(rows, ids, strict=True):
            if track_id in known:
                self._learned(row)  # what a preview has taught
        asked = set(titles.to_ask(ids))
        with self._changed:
            self._wanted[tracks] = [
                (row, track_id) for row, track_id in zip(rows, ids, strict=True) if track_id in asked
            ]
            if self._thread is None and asked:
                self._thread = threading.Thread(target=self._work, name="segue-titles", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Ask for no more titles."""
        with self._changed:
            self._over = True
            self._changed.notify()

    def _work(self) -> None:
        titles = self.app.equipment.titles
        while titles is not None and (wanted := self._next()) is not None:
            tracks, row, track_id = wanted
            if row not in tracks.in_sight():
                continue
            try:
                titles.ask(track_id)
            except HttpError as error:
                logger.info("no titles for now: %s", error)
                with self._changed:
                    self._wanted.clear()
                    self._changed.wait_for(lambda: self._over, PAUSE)
            except TROUBLE as error:
                logger.warning("no titles: %s", error)
                return
            else:
                self.app.call_later(self._learned, row)

    def _next(self) -> tuple[TrackList, int, str] | None:
        """Wait for a track to ask for; None once closed."""
        with self._changed:
            while not self._over:
                for tracks, rows in self._wanted.items():
                    if rows:
                        row, track_id = rows.pop(0)
                        return tracks, row, track_id
                self._wanted.clear()
                self._changed.wait()
        return None

    def _learned(self, row: int) -> None:
        self.app.tracks.forget(row)
        for tracks in self.app.query(TrackList):
            if row in tracks.in_sight():
                tracks.refresh()
        for detail in self.app.query(Detail):
            if detail.row == row:
                detail.refresh(layout=True)
