"""Playlists in and out: read, written, and sent to where the listener listens."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from segue.core.errors import SegueError
from segue.core.text import counted
from segue.tui.availability import at, has_track
from segue.tui.commands import command
from segue.tui.context import Explorer
from segue.tui.controllers.base import Controller
from segue.tui.controllers.matches import Matches, rows_of
from segue.tui.controllers.places import Places
from segue.tui.controllers.playback import Playback
from segue.tui.controllers.walks import Walks
from segue.tui.model.places import PARTS, PlaylistPlace

if TYPE_CHECKING:
    from segue.core.explore.matching import Match
    from segue.core.send.destinations import Destination
    from segue.core.send.targets import Sent


SEND = "send"
SHOWN = 500
"""Tracks of a list that are shown before it is sent."""


class Sending(Struct):
    """Sends lists to one destination, which the listener knows by a name."""

    _app: Explorer
    _name: str
    _destination: "Destination"

    def preview(self, rows: Sequence[int], title: str) -> None:
        """Show which tracks are there and how each was found, and ask whether to send them."""
        library, wanted = self._app.library, list(dict.fromkeys(rows))
        self._app.work(
            "playlist", lambda: self._destination.match(library, wanted),
            lambda sent: self._show(sent, title), what=f"Finding the tracks at {self._name}",
        )  # fmt: skip

    def _show(self, sent: "Sequence[Sent]", title: str) -> None:
        there = sum(1 for each in sent if each.where)
        found = f"{there} of {counted(len(sent), 'track')} found at {self._name}"
        if not there:
            self._app.say(f"{found}; nothing was sent.", "warning")
            return
        from segue.tui.screens.ask import ChoiceScreen

        how = [f"{each.where} (by {each.how})" if each.where else "not there" for each in sent[:SHOWN]]
        tracks = [(str(at), sent[at].track.label, how[at]) for at in range(len(how))]

        def chosen(key: str) -> None:
            if key == SEND:
                self._ask_name(sent, title)

        self._app.ask(ChoiceScreen(found, [(SEND, f"Send {counted(there, 'track')}", ""), *tracks]), chosen)

    def _ask_name(self, sent: "Sequence[Sent]", title: str) -> None:
        from segue.core.send.destinations import AsM3U8
        from segue.tui.screens.ask import LineScreen

        if isinstance(self._destination, AsM3U8):
            value, hint = f"{title}.m3u8".replace("/", "-"), "The file, ending in .m3u8"
        else:
            value, hint = title, "The playlist's name there; a playlist of yours with that name is replaced"
        screen = LineScreen(f"Send to {self._name}", hint, value)
        self._app.ask(screen, lambda text: self._send(sent, title, text))

    def _send(self, sent: "Sequence[Sent]", title: str, text: str) -> None:
        from segue.core.send.destinations import AsM3U8, send_to

        destination, name = self._destination, text
        if isinstance(destination, AsM3U8):
            path = Path(text).expanduser()
            if path.exists():
                self._app.say(f"{path} exists; choose another name.", "warning")
                return
            destination, name = AsM3U8(path), title
        self._app.work(
            "playlist", lambda: send_to(destination, name, sent),
            lambda done: self._app.say(f"{self._name}: {done}"), what=f"Sending to {self._name}",
        )  # fmt: skip


LONGEST = 5_000
"""Tracks that a playlist may have."""
WHOLE, ASKED = "whole", "asked"
"""The choices of a playlist with its continuation, as long as it is by default or as one says."""
FILE = "file"
"""The choice of a file among the places that a list goes to."""
MORE = 20
"""Tracks that continue a playlist which is written with its continuation."""


Use = Callable[[Sequence[int], str], None]
"""Does something with a list of rows and its title."""


class Playlists(Controller):
    """Reads a playlist and continues it; writes the list in sight."""

    _walks: Walks
    _places: Places
    _playback: Playback
    _matches: Matches

    @command("playlists.read", "o", "open playlist", also="import load file continue complete spotify")
    def read(self) -> None:
        """Continue a playlist: a file, a Deezer link, pasted titles, or a recipe."""
        self._ask()

    def _ask(self, text: str = "") -> None:
        from segue.tui.screens.ask import PasteScreen  # 60 ms with Textual's text area

        self.app.ask(PasteScreen(text), self._read)

    def _read(self, text: str) -> None:
        from segue.tui.model.recipe import is_recipe

        if is_recipe(text):
            self._places.open_recipe(text)
            return
        catalogue, offline = self.app.library.catalogue, self.app.equipment.offline
        chosen = self.app.state.matches()

        def read() -> "tuple[str, list[Match], int] | SegueError":
            from segue.core.explore.matching import match_playlist
            from segue.core.explore.playlist_files import read_playlist
            from segue.tui.screens.ask import names_a_source

            pasted = "\n" in text or not names_a_source(text)
            # a second line makes a single title a text instead of a file's name
            try:
                entries = read_playlist(f"{text}\n" if pasted else text, offline=offline)
            except SegueError as error:
                return error
            name = "pasted titles" if pasted else Path(text).stem or text
            return name, match_playlist(catalogue, entries[:LONGEST], chosen), len(entries)

        def show(found: "tuple[str, list[Match], int] | SegueError") -> None:
            if isinstance(found, SegueError):
                self.app.say(str(found), "error")
                self._ask(text)  # as it was, to be corrected
            else:
                self._go(*found)

        self.app.work("playlist", read, show, what="Reading the playlist")

    def _go(self, name: str, matches: "Sequence[Match]", lines: int) -> None:
        """Go to what continues a playlist of so many lines, and say which of the first were not found."""
        self._matches.keep(name, matches)
        rows = rows_of(matches)
        missing = [match.entry.label for match in matches if match.row is None]
        if not rows:
            self.app.say(f"None of the {counted(len(matches), 'line')} is in this library.", "warning")
            self._matches.ask_line()
            return
        found = f"{len(rows)} of {counted(len(matches), 'track')} found"
        if missing:
            found += f"; not found: {', '.join(missing[:3])}{' …' if len(missing) > 3 else ''}"
        if lines > len(matches):
            found += f"; only the first {len(matches):,} of {lines:,} are used"
        self.app.say(found)
        self._walks.go(PlaylistPlace(rows, name=name))

    @command("playlists.turn", "t", "what else", 87, when=at(PlaylistPlace))
    def turn(self) -> None:
        """Playlist: what continues it, what is missing, itself, woven, in flow, or what does not belong."""
        here = self.app.walk.here
        if isinstance(here, PlaylistPlace):
            self._walks.replace(replace(here, part=PARTS[(PARTS.index(here.part) + 1) % len(PARTS)]))
        else:
            self.app.say("t works on a playlist; o opens one.")

    @command("playlists.write", "w", "write or send", also="playlist export save download m3u8 navidrome mpd")
    def write(self) -> None:
        """Write this list, the selection, a continued playlist or what was played to a file or a player."""
        here, lists = self.app.walk.here, dict[str, tuple[str, Sequence[int], str]]()
        is_own = isinstance(here, PlaylistPlace) and here.part == "own"
        title = here.name if is_own else self.app.listing.title
        selected = self.selected_rows()
        if selected:
            lists["selection"] = ("the selection", selected, title)
        if len(self.app.listing.rows):
            lists["list"] = ("this list", self.app.listing.rows, title)
        if heard := self._playback.heard_rows:
            lists["heard"] = ("what was played", heard, "Played by Segue")
        choices = [
            (key, name, f"{counted(len(rows), 'track')}, {title}")
            for key, (name, rows, title) in lists.items()
        ]
        if isinstance(here, PlaylistPlace):
            own = counted(len(here.rows), "track")
            whole = [
                (WHOLE, f"the playlist and {MORE} tracks that continue it", f"its own {own} first"),
                (ASKED, "the playlist and more or fewer that continue it", "asks how many"),
            ]
            choices[bool(selected) : bool(selected)] = whole
        if not choices:
            self.app.say("This list has no tracks to write.")
            return

        def take(key: str, use: Use) -> None:
            if key == WHOLE and isinstance(here, PlaylistPlace):
                self._continue(here, MORE, use)
            elif key == ASKED and isinstance(here, PlaylistPlace):
                self._ask_length(here, use)
            else:
                _, rows, title = lists[key]
                use(rows, title)

        self._ask_where(choices, take)

    def _ask_where(self, choices: list[tuple[str, str, str]], take: "Callable[[str, Use], None]") -> None:
        """Ask whether to a file or to where the settings lead, and which list."""
        from segue.core.send.destinations import configured  # 60 ms
        from segue.tui.screens.ask import ChoiceScreen, FileScreen

        settings, offline = self.app.settings, self.app.equipment.offline
        named = configured(settings.subsonic, settings.mpd, offline=offline)

        def to_file(answer: tuple[str, str]) -> None:
            key, name = answer
            take(key, lambda rows, title: self._write(name, rows, title))

        def where(name: str) -> None:
            if name == FILE:
                self.app.ask(FileScreen(f"segue-{day}.m3u8", choices), to_file)
                return
            sending = Sending(self.app, name, named[name])
            if len(choices) == 1:
                take(choices[0][0], sending.preview)
            else:
                screen = ChoiceScreen(f"What goes to {name}", choices)
                self.app.ask(screen, lambda key: take(key, sending.preview))

        day = datetime.fromtimestamp(self.app.equipment.clock(), UTC).strftime("%Y-%m-%d")
        if not named:
            where(FILE)
            return
        places = [(FILE, "a file", ".m3u8, .jspf, .csv or .txt"), *((name, name, "") for name in named)]
        self.app.ask(ChoiceScreen("Where to", places), where)

    def _ask_length(self, place: PlaylistPlace, use: Use) -> None:
        """Ask how many tracks continue a playlist, then use it with them."""
        from segue.tui.screens.ask import LineScreen

        def continued(text: str) -> None:
            if text.isdecimal() and 0 < int(text) <= LONGEST:
                self._continue(place, int(text), use)
            else:
                self.app.say(f"Enter a number of tracks from 1 to {LONGEST:,}.", "warning")

        hint = f"How many tracks follow its own {len(place.rows):,}?"
        self.app.ask(LineScreen("Write the playlist and what continues it", hint, str(MORE)), continued)

    def _continue(self, place: PlaylistPlace, more: int, use: Use) -> None:
        """Use a playlist and so many tracks that continue it."""
        request = self.app.listing_request()
        self.app.work(
            "playlist", lambda: replace(place, part="continue").list(request).rows[:more],
            lambda rows: use([*place.rows, *rows], place.name),
            what="Continuing the playlist",
        )  # fmt: skip

    def _write(self, name: str, rows: Sequence[int], title: str) -> None:
        """Write tracks to a new file."""
        if len(rows) > LONGEST:
            count = counted(len(rows), "track")
            self.app.say(f"This list has {count}; a playlist takes 1 to {LONGEST:,}.")
            return
        path, tracks = Path(name).expanduser(), self.app.tracks.infos(rows)
        if path.exists():
            self.app.say(f"{path} exists; choose another name.", "warning")
            return

        def write() -> str:
            from segue.core.explore.playlist_files import save_playlist

            save_playlist(path, tracks, title=title)
            return f"Wrote {counted(len(tracks), 'track')} to {path}"

        self.app.work("playlist", write, self.app.say, what="Writing the playlist")

    @command("playlists.link", "y", "copy link", also="url share deezer", when=has_track)
    def link(self) -> None:
        """Copy the link of this track."""
        if (row := self.cursor_row()) is None:
            return
        from segue.core.deezer.source import is_invented
        from segue.core.explore.playlist_files import location

        info = self.app.tracks.info(row)
        if is_invented(info):
            self.app.say(f"{info.label} is a demo track and has no page.")
            return
        link = location(info)
        self.app.copy_to_clipboard(link)
        self.app.say(f"Copied {link}")
