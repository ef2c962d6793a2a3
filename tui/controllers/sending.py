"""A list to where the listener listens: what is there is shown first, then it is sent."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from segue.tui.context import Explorer
from segue.tui.model.glyphs import count_of

if TYPE_CHECKING:
    from segue.core.send.destinations import Destination
    from segue.core.send.targets import Sent

SEND = "send"
SHOWN = 500
"""Tracks of a list that are shown before it is sent."""


class Sending:
    """Sends lists to one destination, which the listener knows by a name."""

    def __init__(self, app: Explorer, name: str, destination: "Destination") -> None:
        self._app, self._name, self._destination = app, name, destination

    def preview(self, rows: Sequence[int], title: str) -> None:
        """Show which tracks are there and how each was found, and ask whether to send them."""
        library, wanted = self._app.library, list(dict.fromkeys(rows))
        self._app.work(
            "playlist", lambda: self._destination.match(library, wanted),
            lambda sent: self._show(sent, title), what=f"Finding the tracks at {self._name}",
        )  # fmt: skip

    def _show(self, sent: "Sequence[Sent]", title: str) -> None:
        there = sum(1 for each in sent if each.where)
        counted = f"{there} of {count_of(len(sent), 'track')} found at {self._name}"
        if not there:
            self._app.say(f"{counted}; nothing was sent.", "warning")
            return
        from segue.tui.screens.ask import ChoiceScreen

        how = [f"{each.where} (by {each.how})" if each.where else "not there" for each in sent[:SHOWN]]
        tracks = [(str(at), sent[at].track.label, how[at]) for at in range(len(how))]

        def chosen(key: str | None) -> None:
            if key == SEND:
                self._ask_name(sent, title)

        self._app.ask(
            ChoiceScreen(counted, [(SEND, f"Send {count_of(there, 'track')}", ""), *tracks]), chosen
        )

    def _ask_name(self, sent: "Sequence[Sent]", title: str) -> None:
        from segue.core.send.destinations import AsM3U8
        from segue.tui.screens.ask import LineScreen

        if isinstance(self._destination, AsM3U8):
            value, hint = f"{title}.m3u8".replace("/", "-"), "The file, ending in .m3u8"
        else:
            value, hint = title, "The playlist's name there; a playlist of yours with that name is replaced"
        screen = LineScreen(f"Send to {self._name}", hint, value)
        self._app.ask(screen, lambda text: self._send(sent, title, text))

    def _send(self, sent: "Sequence[Sent]", title: str, text: str | None) -> None:
        if text is None:
            return
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
