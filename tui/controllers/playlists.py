"""Playlists in and out."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from segue.tui.controllers.base import Controller
from segue.tui.controllers.places import today
from segue.tui.messages import PlaylistRead, Said
from segue.tui.walk import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from segue.core.explore.playlist_in import Match

LONGEST = 5_000
"""Tracks that a playlist may have."""


class Playlists(Controller):
    """Reads a playlist and goes on from it; writes the list in sight."""

    def read(self) -> None:
        """Ask for a playlist, and read it in the background."""
        from segue.tui.screens.paste import PasteScreen  # 60 ms with Textual's text area

        self.app.ask(PasteScreen(), self._read)

    def _read(self, text: str | None) -> None:
        if text is None:
            return
        from segue.tui.recipe import is_recipe

        if is_recipe(text):
            self.app.desk.places.open_recipe(text)
            return
        catalogue, offline = self.app.library.catalogue, self.app.equipment.offline

        def read() -> PlaylistRead:
            from segue.core.explore.playlist_in import match_playlist, read_playlist
            from segue.tui.screens.paste import names_a_source

            pasted = "\n" in text or not names_a_source(text)
            # a second line makes a single title a text instead of a file's name
            entries = read_playlist(f"{text}\n" if pasted else text, offline=offline)
            name = "pasted titles" if pasted else Path(text).stem or text
            return PlaylistRead(name, match_playlist(catalogue, entries[:LONGEST]))

        self.app.work("playlist", read, what="Reading the playlist")

    def arrive(self, name: str, matches: "Sequence[Match]") -> None:
        """Go to what continues a playlist, and say what was not found of it."""
        rows = tuple(match.row for match in matches if match.row is not None)
        lost = [match.entry.label for match in matches if match.row is None]
        if not rows:
            self.app.say(f"None of the {len(matches)} lines is a track of this library.", "warning")
            return
        told = f"{len(rows)} of {len(matches)} tracks found"
        if lost:
            told += f"; not found: {', '.join(lost[:3])}{' …' if len(lost) > 3 else ''}"
        self.app.say(told)
        self.app.desk.walk.go(Place("playlist", rows, name=name))

    def turn(self) -> None:
        """List what continues the playlist, what is missing in it, or its own tracks."""
        here = self.app.walk.here
        if here.kind == "playlist":
            self.app.desk.walk.instead(replace(here, variant=(here.variant + 1) % 3))
        else:
            self.app.say("t turns a playlist round: o opens one.")

    def write(self) -> None:
        """Ask for a file, and write the list in sight into it."""
        count = len(self.app.listing.rows)
        if not 0 < count <= LONGEST:
            self.app.say(f"This list has {count:,} tracks; a playlist has 1 to {LONGEST:,}.")
            return
        from segue.tui.screens.words import WordsScreen

        name = f"segue-{today(self.app.equipment.clock())}.m3u8"
        hint = f"{count} tracks, as .m3u8, .jspf, .csv or .txt (links)"
        self.app.ask(WordsScreen("Write this list to a file", hint, name), self._write)

    def _write(self, name: str | None) -> None:
        if name is None:
            return
        path, rows = Path(name).expanduser(), self.app.listing.rows
        title, tracks = self.app.listing.title, self.app.tracks.infos(rows)
        if path.exists():
            self.app.say(f"{path} exists; choose another name.", "warning")
            return

        def write() -> Said:
            from segue.core.explore.playlist_out import save_playlist

            save_playlist(path, tracks, title=title)
            return Said(f"Wrote {len(tracks)} tracks to {path}")

        self.app.work("playlist", write, what="Writing the playlist")

    def link(self) -> None:
        """Copy the link of the track under the cursor."""
        from segue.core.explore.playlist_out import location

        if (row := self.cursor_row()) is not None:
            from segue.core.deezer.source import is_invented

            info = self.app.tracks.info(row)
            if is_invented(info):
                self.app.say(f"{info.label} was made up by Segue and has no page.")
                return
            link = location(info)
            self.app.copy_to_clipboard(link)
            self.app.say(f"Copied {link}")
