"""The command palette: every command that makes sense now, by name."""

from collections.abc import Callable
from typing import cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from segue.tui.availability import within_reach
from segue.tui.commands import Command, shown_keys
from segue.tui.context import Explorer


class CommandProvider(Provider):
    """Offers the commands to Textual's palette."""

    @property
    def segue(self) -> Explorer:
        """The app."""
        return cast("Explorer", self.app)

    async def discover(self) -> Hits:
        """Offer every command before anything is typed, the weightiest first."""
        for command in sorted(self._offered(), key=lambda command: -command.weight):
            yield DiscoveryHit(self._text(command), self._run(command), help=command.help)

    async def search(self, query: str) -> Hits:
        """Offer the commands whose name or help matches."""
        matcher = self.matcher(query)
        for command in self._offered():
            text = self._text(command)
            score = max(matcher.match(text), matcher.match(command.help) * 0.6)
            if score > 0:
                yield Hit(score, matcher.highlight(text), self._run(command), help=command.help)

    def _offered(self) -> list[Command]:
        # the palette has the focus by now, so what had it before counts
        return [each for each in within_reach(self.segue, self.focused) if not each.name.endswith("…")]

    def _text(self, command: Command) -> str:
        keys = " ".join(shown_keys(command.keys_in(self.segue.settings.keys)))
        return f"{command.name[0].upper()}{command.name[1:]}  {keys}".rstrip()

    def _run(self, command: Command) -> Callable[[], None]:
        def run() -> None:
            self.segue.call_later(self.segue.action_do, command.id)

        return run
