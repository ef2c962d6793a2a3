"""Vim's motions over a list with a cursor: counts, gg, G, ctrl+d/u, zz, n and N."""

from textual import events
from textual.widget import Widget

from segue.tui.widgets.finding import Finding


class Motions(Widget):
    """Mixed into a list that has a `cursor`, a length and a `finding`."""

    cursor: int
    finding: Finding | None
    selecting_from: int | None = None
    _count = ""
    _prefix = ""

    def __len__(self) -> int:
        raise TypeError("a list with motions has a length")

    def forget_count(self) -> None:
        """Forget a count or a prefix that was typed."""
        self._count = self._prefix = ""

    @property
    def pending(self) -> str:
        """What was typed of a motion so far, for the key bar."""
        return self._count + self._prefix

    def _take(self, default: int = 1) -> int:
        count = int(self._count) if self._count else default
        self.forget_count()
        return min(count, 10**7)

    async def on_key(self, event: events.Key) -> None:
        """Collect a count, and the second key of g and z."""
        if self._prefix:
            self._after_prefix(event)
        elif event.character and event.character.isdecimal() and (self._count or event.character != "0"):
            self._count = (self._count + event.character)[-7:]
            event.stop()
            event.prevent_default()

    def _after_prefix(self, event: events.Key) -> None:
        prefix, key = self._prefix, event.key
        if prefix == "g" and key == "g":
            self.cursor = self._take() - 1
        elif prefix == "g" and key == "p":
            self.run_on_app("walk.playing")
        elif prefix == "z" and key in {"z", "t", "b"}:
            self._put_cursor_at(key)
        self.forget_count()
        event.stop()
        event.prevent_default()

    def run_on_app(self, command: str) -> None:
        """Have the app do a command of its own."""
        self.call_later(self.app.run_action, f"app.do('{command}')")

    def _put_cursor_at(self, key: str) -> None:
        height = self.scrollable_content_region.height
        above = {"z": height // 2, "t": 0, "b": height - 1}[key]
        self.scroll_to(y=self.cursor - above, animate=False, force=True)

    def action_g(self) -> None:
        """Wait for the key after g."""
        self._prefix = "g"

    def action_z(self) -> None:
        """Wait for the key after z."""
        self._prefix = "z"

    def action_down(self) -> None:
        """Go down as many rows as the count says."""
        self.cursor += self._take()

    def action_up(self) -> None:
        """Go up as many rows as the count says."""
        self.cursor -= self._take()

    def _page(self) -> int:
        return max(self.scrollable_content_region.height, 2)

    def action_half_down(self) -> None:
        """Go down half a page."""
        self.cursor += self._take() * (self._page() // 2)

    def action_half_up(self) -> None:
        """Go up half a page."""
        self.cursor -= self._take() * (self._page() // 2)

    def action_page_down(self) -> None:
        """Go down a page."""
        self.cursor += self._take() * (self._page() - 1)

    def action_page_up(self) -> None:
        """Go up a page."""
        self.cursor -= self._take() * (self._page() - 1)

    def action_top(self) -> None:
        """Go to the first row."""
        self.forget_count()
        self.cursor = 0

    def action_bottom(self) -> None:
        """Go to the row of the count, or to the last."""
        self.cursor = self._take(len(self)) - 1

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `n` and escape to the app while nothing is being found."""
        if action in {"next_match", "previous_match"}:
            return self.finding is not None
        if action == "end_find":
            return self.finding is not None or self.selecting_from is not None or bool(self.pending)
        if action == "select":
            return hasattr(self, "action_select")
        return super().check_action(action, parameters)

    def action_next_match(self) -> None:
        """Go to the next find."""
        if self.finding:
            self.cursor = self.finding.after(self.cursor, self._take())

    def action_previous_match(self) -> None:
        """Go to the find before."""
        if self.finding:
            self.cursor = self.finding.before(self.cursor, self._take())

    def action_end_find(self) -> None:
        """Forget what was being found."""
        self.finding = self.selecting_from = None
        self.forget_count()
        self.refresh()
