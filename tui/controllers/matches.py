"""What a track is: its title, looked up in the background, and matches that the listener corrects."""

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import field
from msgspec.structs import replace

from segue.core.http.request import HttpError
from segue.core.log import logger
from segue.tui.availability import has_track
from segue.tui.commands import command
from segue.tui.context import TROUBLE
from segue.tui.controllers.base import Controller
from segue.tui.controllers.history import History
from segue.tui.controllers.sound import Auditions
from segue.tui.controllers.walks import Walks
from segue.tui.model.glyphs import clock
from segue.tui.model.places import PlaylistPlace
from segue.tui.widgets.detail import Detail
from segue.tui.widgets.track_list import TrackList

if TYPE_CHECKING:
    from segue.core.deezer.models import Track
    from segue.core.explore.matching import Match

FOUND = 30
"""Tracks of the library that a search offers."""
RECORDING, AS_FOUND = "recording", "as found"
"""The choices of what is heard as a track, and of what Segue finds by itself."""
Choice = tuple[str, str, str]
PAUSE = 60.0
"""Seconds without a request for titles after one that failed."""


class Matches(Controller):
    """Matches lines of the playlist that was opened, and tracks to what is heard; kept in the state file."""

    _history: History
    _walks: Walks
    _auditions: Auditions
    _name: str = ""
    _lines: "list[Match]" = field(default_factory=list)

    def keep(self, name: str, matches: "Sequence[Match]") -> None:
        """Keep the lines of the playlist that was opened last."""
        self._name, self._lines = name, list(matches)

    @command("match.another", "E", "match another", also="wrong correct preview recording", when=has_track)
    def another(self) -> None:
        """Choose what a line of this playlist is, or which recording is heard as this track."""
        here, row = self.app.walk.here, self.app.current_row()
        if not (self._lines and isinstance(here, PlaylistPlace) and here.name == self._name):
            if (row := self.cursor_row()) is not None:
                self._ask_recording(row)
            return
        self.ask_line(row)

    def ask_line(self, row: int | None = None) -> None:
        """Ask which line of the playlist that was opened last is another track, or what is heard as `row`."""
        from segue.tui.screens.ask import FilterScreen

        choices = [(str(at), line.entry.label, self._taken_for(line)) for at, line in enumerate(self._lines)]
        if row is not None:
            choices.insert(0, (RECORDING, f"Which recording is heard as {self.label(row)}", ""))

        def chosen(key: str) -> None:
            if key == RECORDING and row is not None:
                self._ask_recording(row)
            else:
                self._ask_track(self._lines[int(key)])

        start = next((str(at) for at, line in enumerate(self._lines) if line.row == row), "")
        self.app.ask(FilterScreen(f"Lines of {self._name}", choices, start=start), chosen)

    def _taken_for(self, line: "Match") -> str:
        if line.row is None:
            return "not found"
        how, label = "chosen" if line.how == "chosen" else f"by {line.how}", self.label(line.row)
        return how if label == line.entry.label else f"{label} ({how})"

    def _ask_track(self, line: "Match") -> None:
        """Ask which track of the library a line is."""
        catalogue, entry = self.app.library.catalogue, line.entry

        def search(text: str) -> list[Choice]:
            infos = catalogue.infos([hit.row for hit in catalogue.search(text, limit=FOUND)])
            return [(info.track_id, info.label, _remark(info.album, info.duration)) for info in infos]

        def keep(track_id: str | None) -> None:
            number = self.app.state.set_match(entry.identity, track_id)
            self._done(f"match {entry.label}", number, self._match_again)

        self._search(entry.label, search, keep, has_choice=line.how == "chosen")

    def _ask_recording(self, row: int) -> None:
        """Ask which recording at Deezer is heard as a track."""
        from segue.core.deezer.source import is_invented

        titles, info = self.app.equipment.titles, self.app.tracks.info(row)
        if is_invented(info):
            self.app.say(f"{info.label} is a demo track and has no other recording.")
            return
        if titles is None:
            self.app.say("Deezer can't be searched offline; start without --offline.", "warning")
            return

        def search(text: str) -> list[Choice]:
            tracks = titles.search(text)
            return [(str(each.id), f"{each.title} — {each.artist.name}", _heard(each)) for each in tracks]

        def keep(number: str | None) -> None:
            change = self.app.state.set_recording(info.track_id, None if number is None else int(number))
            self._done(f"hear another recording of {info.label}", change, lambda: None)
            self._auditions.hear_again(row)

        has_choice = self.app.state.recording(info.track_id) is not None
        words = f"{info.artist} {info.title}".strip()
        self._search(words, search, keep, has_choice=has_choice)

    def _search(
        self,
        words: str,
        search: Callable[[str], list[Choice]],
        keep: Callable[[str | None], None],
        *,
        has_choice: bool,
    ) -> None:
        """Ask for words, offer what they find, and keep what is chosen; None leaves it to Segue."""
        from segue.tui.screens.ask import ChoiceScreen, LineScreen

        def offer(choices: list[Choice]) -> None:
            if has_choice:
                choices = [(AS_FOUND, "what Segue finds by itself", ""), *choices]
            if not choices:
                self.app.say("Nothing was found; try fewer words.", "warning")
                return
            screen = ChoiceScreen("Which of these is it", choices)
            self.app.ask(screen, lambda key: keep(None if key == AS_FOUND else key))

        screen = LineScreen("Match another track", "Words of its title and artist; enter searches", words)
        self.app.ask(
            screen, lambda text: self.app.work("match", lambda: search(text), offer, what="Searching")
        )

    def _done(self, name: str, number: int | None, again: Callable[[], None]) -> None:
        """Report what was changed in the state file, and make it undoable there."""
        if number is None:
            self.app.say("Nothing changed.")
            return
        self._history.keep(name, number, again)
        self.app.say(f"{name[0].upper()}{name[1:]}. u undoes.")
        again()

    def _match_again(self) -> None:
        """Match the lines of the playlist again; list it if it is shown, or if nothing was found before."""
        catalogue, chosen, name = self.app.library.catalogue, self.app.state.matches(), self._name
        entries = [line.entry for line in self._lines]

        def match() -> "list[Match]":
            from segue.core.explore.matching import match_playlist

            return match_playlist(catalogue, entries, chosen)

        def show(matches: "list[Match]") -> None:
            here, rows, is_first = self.app.walk.here, rows_of(matches), not rows_of(self._lines)
            self.keep(name, matches)
            if not (isinstance(here, PlaylistPlace) and here.name == name):
                if rows and is_first:
                    self._walks.go(PlaylistPlace(rows, name=name))
            elif rows:
                self._walks.replace(replace(here, rows=rows))
            else:
                self._walks.back()

        self.app.work("playlist", match, show, what="Matching the playlist")


def rows_of(matches: "Sequence[Match]") -> tuple[int, ...]:
    """The rows of the lines that were found."""
    return tuple(match.row for match in matches if match.row is not None)


def _heard(found: "Track") -> str:
    return _remark(found.album, found.duration) + ("" if found.preview else ", no preview")


def _remark(album: str, seconds: float | None) -> str:
    return ", ".join(part for part in (album, clock(seconds) if seconds else "") if part)


class Titles(Controller):
    """Asks for one title after the other on a thread, from the top; what is out of sight is dropped."""

    _changed: threading.Condition = field(default_factory=threading.Condition)
    _wanted: dict[TrackList, list[tuple[int, str]]] = field(default_factory=dict)
    _thread: threading.Thread | None = None
    _over: bool = False

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
                detail.follow()
