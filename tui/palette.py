"""The command palette: every command that makes sense now, by name."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from segue.tui.commands import Command, shown_keys
from segue.tui.offer import within_reach

if TYPE_CHECKING:
    from segue.tui.app import SegueApp


class CommandProvider(Provider):
    """Offers the commands of the table to Textual's palette."""

    @property
    def segue(self) -> "SegueApp":
        """The app."""
        return cast("SegueApp", self.app)

    async def discover(self) -> Hits:
        """Offer every command before anything is typed, the weightiest first."""
        for command in sorted(self._offered(), key=lambda command: -command.weight):
            yield DiscoveryHit(self._text(command), self._doing(command), help=command.help)

    async def search(self, query: str) -> Hits:
        """Offer the commands whose name or sentence matches."""
        matcher = self.matcher(query)
        for command in self._offered():
            text = self._text(command)
            score = max(matcher.match(text), matcher.match(command.help) * 0.6)
            if score > 0:
                yield Hit(score, matcher.highlight(text), self._doing(command), help=command.help)

    def _offered(self) -> list[Command]:
        # the palette has the focus by now, so what had it before counts
        return [
            command
            for command in within_reach(self.segue, self.focused)
            if self.segue.holds(command) and not command.name.endswith("…")
        ]

    def _text(self, command: Command) -> str:
        keys = " ".join(shown_keys(self.segue.keys_of(command)))
        return f"{command.name[0].upper()}{command.name[1:]}  {keys}".rstrip()

    def _doing(self, command: Command) -> Callable[[], None]:
        def do() -> None:
            self.segue.call_later(self.segue.run_action, f"app.do('{command.id}')")

        return do
