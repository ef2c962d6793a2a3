"""Keys that take effect one after another, however fast they come.

Textual hands every key to the focused widget as soon as it comes, but runs bindings only when the key has
gone up from there to the app. Of two keys in one chunk, the second reached the list before the first had run:
`g g` did nothing, and the letters after `/` ran commands. Here the second key waits until the first has taken
effect.
"""

import asyncio
from collections import deque
from functools import partial
from pathlib import Path

from textual import events
from textual.app import App
from textual.message import Message

PATIENCE = 0.25
"""Seconds after which the next key waits no longer: the widget that had the key may have gone."""


class KeyTaken(Message):
    """Follows a key from the focused widget up to the app, and arrives when the key has taken effect."""


class KeysInTurn(App[Path]):
    """An app that handles one key at a time."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._waiting: deque[events.Key] = deque()
        self._turn: asyncio.TimerHandle | None = None
        """Runs from the moment a key is handed out until the next may be."""

    @property
    def has_waiting_keys(self) -> bool:
        """Whether a key has not taken effect yet."""
        return self._turn is not None

    async def on_event(self, event: events.Event) -> None:
        """Let a key wait while the one before is under way."""
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
        elif self._turn is not None:
            self._waiting.append(event)
        else:
            await self._hand_out(event)

    async def _hand_out(self, key: events.Key) -> None:
        later = asyncio.get_running_loop().call_later
        self._turn = later(PATIENCE, self.call_later, self._next_key)
        target = (self.focused or self.screen) if self.screen_stack else None
        await super().on_event(key)
        if target is None or not target.post_message(KeyTaken()):
            self.call_later(self._next_key)

    def on_key_taken(self) -> None:
        """Hand out the next key once what this one brought about is drawn and has the focus."""
        later = partial(self.call_later, self._next_key)
        if not self._waiting or not self.screen_stack or not self.screen.call_after_refresh(later):
            later()

    async def _next_key(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        if self._waiting:
            await self._hand_out(self._waiting.popleft())
