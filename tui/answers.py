"""What the app does with the answers of its background jobs."""

from typing import TYPE_CHECKING, cast

from segue.core.log import logger
from segue.tui.messages import (
    Explained,
    Heard,
    PlaceListed,
    PlaylistRead,
    PreviewTold,
    RadioPlanned,
    RadioTold,
    Said,
    Surprised,
    TasteRead,
    WorkFailed,
)

if TYPE_CHECKING:
    from segue.tui.app import SegueApp


class Answers:
    """Hands each message on to who waits for it. Mixed into the app, whose handlers these are."""

    @property
    def _me(self) -> "SegueApp":
        return cast("SegueApp", self)

    def on_place_listed(self, message: PlaceListed) -> None:
        """Show the tracks of a place, if the listener is still there."""
        if message.place == self._me.walk.here:
            self._me.listing = message.listing

    def on_explained(self, message: Explained) -> None:
        """Show why a track is near."""
        self._me.desk.explain.tell(message.explanation)

    def on_surprised(self, message: Surprised) -> None:
        """Go to a far track."""
        self._me.desk.surprise.arrive(message.row)

    def on_playlist_read(self, message: PlaylistRead) -> None:
        """Go on from a playlist."""
        self._me.desk.playlists.arrive(message.name, message.matches)

    def on_preview_told(self, message: PreviewTold) -> None:
        """Show how it stands with an excerpt."""
        others = {key: status for key, status in self._me.excerpts.items() if key != message.track_id}
        self._me.excerpts = {**others, message.track_id: message.status} if message.status else others

    def on_heard(self, message: Heard) -> None:
        """Hand on what the sound says."""
        self._me.desk.sound.hear(message.event)

    def on_radio_told(self, message: RadioTold) -> None:
        """Hand on what the radio says."""
        self._me.desk.radio.hear(message.radio, message.event)

    def on_radio_planned(self, message: RadioPlanned) -> None:
        """Put a planned radio on the air."""
        self._me.desk.radio.go_on_air(message.planner, paused=message.paused)

    def on_taste_read(self, message: TasteRead) -> None:
        """Show loves, bans and what was heard."""
        self._me.taste = message.taste

    def on_work_failed(self, message: WorkFailed) -> None:
        """Say what failed, and why."""
        logger.error("%s failed", message.what, exc_info=message.error)
        self._me.say(f"{message.what} failed: {message.error}", "error")

    def on_said(self, message: Said) -> None:
        """Pass on a word from the background."""
        self._me.say(message.text, message.severity)
