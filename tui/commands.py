"""Every command, declared once: its key, its words, and who carries it out.

From these tables come the bindings, the footer, the command palette, F1's help, the user's keymap and the
page `docs/keys.md`. An id is for good, since users' keymaps name it.

A command of the context `app` has the id `CONTROLLER.METHOD` and runs that method (see `tui.controllers`).
A command of another context has the id `CONTEXT.ACTION` and runs the ordinary Textual action of that name on
the widget that carries the context's bindings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from textual.binding import Binding

from segue.tui.panes import VIEWS


@dataclass(frozen=True)
class Command:
    """One thing the listener can ask for."""

    id: str
    """Its name for keymaps and tests."""
    keys: str
    """Textual key names, separated by commas; empty for a command of the palette only."""
    name: str
    """A word or two, for the footer and the palette."""
    help: str
    """A sentence, for the tooltip, the palette and the help."""
    weight: int = 0
    """How early it gets a place in the footer; 0 never."""
    when: str = ""
    """The condition under which the footer and the palette offer it (see `SegueApp.holds`); empty always."""

    @property
    def context(self) -> str:
        """The part of the id before the dot, which of an app command names the controller."""
        return self.id.partition(".")[0]

    @property
    def method(self) -> str:
        """The part of the id after the dot."""
        return self.id.partition(".")[2]


@dataclass(frozen=True)
class Context:
    """The commands that hold while a kind of widget has the focus."""

    name: str
    title: str
    about: str
    """A paragraph for F1."""
    commands: tuple[Command, ...]

    def bindings(self) -> list[Binding]:
        """Give Textual's bindings for a widget of this context."""
        return [
            Binding(
                command.keys,
                f"app.do('{command.id}')" if self.name == "app" else command.method,
                command.name,
                show=False,
                tooltip=command.help,
                id=command.id,
            )
            for command in self.commands
            if command.keys
        ]


# fmt: off
APP = Context(
    "app",
    "Everywhere",
    "A list of tracks stands in the middle. Walk into any track, listen to it, start a radio from it.",
    (
        Command("walk.back", "h,backspace", "back",
                "Go back to the place before; its cursor is where you left it.", 88),
        Command("walk.forward", "L", "forward", "Go forward again to the place you came back from."),
        Command("walk.artist", "a", "artist",
                "List the tracks of this artist, and the nearest artists.", 40, "track"),
        Command("walk.album", "b", "album", "List the tracks of this album.", 0, "track"),
        Command("surprise.jump", "!", "surprise",
                "Go far away, to a track that still belongs; again goes farther.", 44),
        Command("walk.browse", "", "all tracks", "List all tracks, the most played first."),
        Command("walk.loves", "", "loved tracks", "List the tracks you love."),
        Command("walk.bans", "", "banned tracks", "List the tracks that are never played; x lifts a ban."),
        Command("walk.journal", "J", "journal", "List what you heard, the latest first."),
        Command("walk.versions", "e", "versions",
                "Unfold the other versions of this song below it, or fold them again.", 47, "versions"),
        Command("walk.playing", "", "go to playing", "Go to the track that plays.", 0, "playing"),
        Command("search.open", "/", "search",
                "Find a track in the whole catalogue; / again finds in the list.", 95),
        Command("sound.toggle", "space", "play",
                "Play the track under the cursor, or pause it.", 90, "track"),
        Command("sound.pause", "P", "pause", "Pause or go on, whatever plays.", 0, "playing"),
        Command("sound.audition", "A", "audition",
                "Let the cursor play: each track it rests on is heard.", 60, "track"),
        Command("sound.back", "comma", "5 s back", "Go 5 seconds back in the track that plays."),
        Command("sound.ahead", "semicolon", "5 s ahead", "Go 5 seconds ahead in the track that plays."),
        Command("sound.quieter", "(", "quieter", "Turn the volume down."),
        Command("sound.louder", ")", "louder", "Turn the volume up."),
        Command("sound.mute", "", "mute", "Silence the sound, or let it be heard again."),
        Command("radio.start", "r", "radio",
                "Start an endless radio from the track under the cursor.", 92, "track"),
        Command("radio.skip", "n", "skip",
                "Skip to the radio's next track; an early skip pushes it away.", 86, "radio"),
        Command("radio.closer", "<", "closer", "Radio: stay closer.", 58, "radio"),
        Command("radio.farther", ">", "farther", "Radio: pass over the nearest tracks.", 57, "radio"),
        Command("radio.stick", "{", "stick", "Radio: hold on to the first track.", 56, "radio"),
        Command("radio.drift", "}", "drift", "Radio: let it drift away from the first track.", 55, "radio"),
        Command("radio.reseed", "=", "reseed",
                "Radio: make the track under the cursor its new first track.", 54, "radio"),
        Command("radio.mode", "W", "walk or steer",
                "Radio: change between the random walk and the steered one.", 0),
        Command("radio.stop", "", "stop radio", "Stop the radio.", 0, "radio"),
        Command("taste.love", "f", "love",
                "Love this track, or no longer; loves pull the radio.", 70, "track"),
        Command("taste.ban", "x", "ban", "Never play this track again, or lift the ban.", 50, "track"),
        Command("taste.ban_artist", "X", "ban artist",
                "Never play this artist again, or lift the ban.", 0, "track"),
        Command("undo.undo", "u", "undo", "Undo the last love, ban, basket or dial change."),
        Command("undo.redo", "ctrl+r", "redo", "Do it again after all."),
        Command("undo.repeat", "full_stop", "repeat",
                "Do the last love, ban or basket change to this track too.", 0, "track"),
        Command("path.mark", "m", "mark",
                "Mark this track: a letter names the place, and a path starts here.", 42, "track"),
        Command("path.jump", "'", "go to mark", "Go to a marked place by its letter."),
        Command("path.draw", "p", "path",
                "Find a way from the mark, or from the centre, to this track.", 46, "track"),
        Command("path.reroll", "R", "reroll", "Draw another path between the same ends.", 87, "path"),
        Command("path.longer", "", "longer path", "Give the path more steps.", 0, "path"),
        Command("path.shorter", "", "shorter path", "Give the path fewer steps.", 0, "path"),
        Command("basket.plus", "+", "more like",
                "Blend: more like this; again for a greater weight.", 36, "track"),
        Command("basket.minus", "-", "less like",
                "Blend: less like this; again for a greater weight.", 35, "track"),
        Command("basket.show", "B", "blend", "Show the blend of what is in the basket.", 0, "basket"),
        Command("basket.clear", "Z", "empty basket", "Empty the basket.", 0, "basket"),
        Command("explain.show", "?", "explain", "Say why this track is near the centre.", 48, "track"),
        Command("dials.familiarity", "F", "familiarity",
                "Turn the dial: any, familiar, mixed, deep.", 34),
        Command("dials.unheard", "U", "unheard", "List and play only what you have not heard."),
        Command("dials.variety", "V", "variety", "Loosen the guard against one artist or song taking over."),
        Command("dials.ranker", "K", "ranker",
                "Change what ranks the neighbours: next, nearest and the others."),
        Command("places.save", "s", "save", "Save this place as a station, under a name."),
        Command("places.stations", "S", "stations", "Open a saved station."),
        Command("places.share", "Y", "copy recipe",
                "Copy this place as a line of text; o opens such a line in any library."),
        Command("playlists.read", "o", "open playlist",
                "Continue a playlist: a file, a Deezer link, pasted titles, or a recipe."),
        Command("playlists.turn", "t", "what else",
                "Playlist: what continues it, what is missing in it, or its own tracks.", 87, "playlist"),
        Command("playlists.write", "w", "write playlist", "Write this list as m3u8, JSPF, CSV or links."),
        Command("playlists.link", "y", "copy link", "Copy the link of this track.", 0, "track"),
        *(Command(f"views.{view.name}", view.keys, view.title, view.help) for view in VIEWS),
        Command("views.next", "]", "next view", "Go to the next view."),
        Command("views.previous", "[", "previous view", "Go to the view before."),
        Command("help.palette", "colon,ctrl+p", "commands", "Find any command by name.", 94),
        Command("help.context", "f1", "help", "Explain the focused pane and its keys.", 93),
        Command("help.keys", "", "all keys", "List every key; type to find one."),
        Command("help.tour", "", "tour", "Take the short tour again."),
        Command("help.quit", "q", "quit", "Leave; the next start goes on from here.", 30),
    ),
)

LIST = Context(
    "list",
    "A list of tracks",
    "Move with the arrows or as in vim, with counts: 5j, 20G. Click selects, a second click goes in.",
    (
        Command("list.choose", "enter,l,right", "in",
                "Go to this track and list what is near it.", 96, "track"),
        Command("list.down", "j,down", "down", "Go down a row; a number before it counts."),
        Command("list.up", "k,up", "up", "Go up a row; a number before it counts."),
        Command("list.half_down", "ctrl+d", "half down", "Go down half a page."),
        Command("list.half_up", "ctrl+u", "half up", "Go up half a page."),
        Command("list.page_down", "ctrl+f,pagedown", "page down", "Go down a page."),
        Command("list.page_up", "ctrl+b,pageup", "page up", "Go up a page."),
        Command("list.top", "home", "top", "Go to the first row; also g g."),
        Command("list.bottom", "G,end", "bottom",
                "Go to the last row, or to the row of the number before it."),
        Command("list.g", "g", "g …", "g g goes to the top, g p to the track that plays."),
        Command("list.z", "z", "z …",
                "z z, z t and z b put the cursor's row in the middle, at the top, at the bottom."),
        Command("list.select", "v", "select",
                "Select from here: move on, then love, ban or blend them all at once."),
        Command("list.next_match", "n", "next match", "Go to the next find.", 98, "finding"),
        Command("list.previous_match", "N", "previous match", "Go to the find before."),
        Command("list.end_find", "escape", "end find",
                "Forget the find, the selection, and the number typed."),
    ),
)

SEARCH = Context(
    "searching",
    "The search line",
    "Words in any order, without accents or capitals. a: artist, t: title, al: album; ids and links too.",
    (
        Command("searching.leave", "escape", "leave", "Back to the list.", 99),
        Command("searching.choose", "enter", "first result", "Go into the first track that was found.", 98),
        Command("searching.down", "down,tab", "to the results", "Go to the list of what was found.", 97),
        Command("searching.scope", "ctrl+t,/", "this list / catalogue",
                "On an empty line: find in this list instead.", 96),
    ),
)
# fmt: on


def contexts() -> Mapping[str, Context]:
    """Give every context by name: the app's, the lists' and each view's own."""
    own = [view.context() for view in VIEWS]
    return {context.name: context for context in (APP, LIST, SEARCH, *(one for one in own if one))}


def commands() -> Iterator[tuple[Context, Command]]:
    """Give every command with its context."""
    for context in contexts().values():
        for command in context.commands:
            yield context, command


_SHOWN = {
    "enter": "⏎", "escape": "esc", "backspace": "⌫", "space": "space", "colon": ":", "comma": ",",
    "full_stop": ".", "semicolon": ";", "pagedown": "pgdn", "pageup": "pgup",
    "up": "↑", "down": "↓", "left": "←", "right": "→",
}  # fmt: skip


def shown_keys(keys: str, *, ascii_only: bool = False) -> list[str]:
    """Give the names of keys as a person reads them: `enter,l` becomes `⏎` and `l`."""
    names = [name.strip() for name in keys.split(",") if name.strip()]
    return [_shown(name, ascii_only=ascii_only) for name in names]


def _shown(name: str, *, ascii_only: bool) -> str:
    if name[0] == "f" and name[1:].isdigit():
        return name.upper()
    shown = _SHOWN.get(name, name.replace("ctrl+", "^"))
    return shown if shown.isascii() or not ascii_only else name
