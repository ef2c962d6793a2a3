"""Single tracks: what the cursor rests on is heard while the queue waits."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from segue.tui.availability import has_track
from segue.tui.commands import command
from segue.tui.context import Explorer
from segue.tui.controllers.base import Controller
from segue.tui.controllers.sound import Sound
from segue.tui.model.values import Playing

PREVIEW_BYTES = 30 * 44_100 * 4
"""A decoded preview: 30 seconds in stereo of 16 bits."""

if TYPE_CHECKING:
    from textual.timer import Timer

    from segue.core.radio.fetcher import Auditioner, AuditionEvent


class Auditions(Controller):
    """Plays single tracks, and fetches those around the cursor before they are asked for."""

    def __init__(self, app: Explorer, sound: Sound) -> None:
        super().__init__(app)
        self._sound = sound
        self._auditioner: Auditioner | None = None
        self._wanted: int | None = None
        self._rest: Timer | None = None
        self.pause_queue: Callable[[], bool] | None = None
        """Pauses what plays from the queue, and returns whether there was anything to pause."""
        self.resume_queue: Callable[[], object] | None = None
        self._queue_waits = False

    @command("sound.audition", "A", "audition", 60, when=has_track)
    def audition(self) -> None:
        """Toggle audition: each track the cursor rests on plays."""
        self.app.audition = not self.app.audition
        if self.app.audition:
            self.app.say("Audition is on: the track the cursor rests on plays. A turns it off.")
            if (row := self.app.current_row()) is not None:
                self.hear(row)
        else:
            self.app.say("Audition is off.")
            if self._auditioner is not None:
                self._auditioner.prefetch([])
            self.end()

    def cursor_rested(self, row: int | None, around: Sequence[int] = ()) -> None:
        """Note where the cursor is; with audition on, the track plays once the cursor has rested there."""
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        if self.app.audition and row is not None:
            rest = self.app.settings.audition_rest
            self._rest = self.app.set_timer(rest, lambda: self._hear_and_prefetch(row, around))

    def _hear_and_prefetch(self, row: int, around: Sequence[int]) -> None:
        self.hear(row)
        if self._auditioner is not None:
            most = self.app.settings.preview_megabytes * 2**20 // PREVIEW_BYTES
            self._auditioner.prefetch(self.app.tracks.infos(around[:most]))

    def hear(self, row: int) -> None:
        """Play a track while the radio waits."""
        if self.pause_queue is not None and self.pause_queue():
            self._queue_waits = True
        self._wanted = row
        if self._auditioner is None:
            from segue.core.radio.fetcher import Auditioner  # 40 ms with all that decodes and plays

            self._auditioner = Auditioner(
                self.app.equipment.previews,
                self._sound.player,
                self._tell,
                on_status=lambda statuses: self.app.call_later(self._show_previews, statuses),
            )
        track = self.app.tracks.info(row)
        self.app.busy, self.app.unheard = f"Fetching {track.label}", ""
        self._auditioner.audition(track)

    def hear_again(self, row: int) -> None:
        """Play a track of which another recording was chosen."""
        if self._auditioner is not None:
            self._auditioner.forget(self.app.tracks.info(row))
        self.hear(row)

    def _show_previews(self, statuses: dict[str, str]) -> None:
        without = {track_id: status for track_id, status in self.app.previews.items() if status == "none"}
        self.app.previews = without | statuses

    def end(self, *, resume: bool = True) -> None:
        """Stop a single track; what waited in the queue resumes."""
        if self._auditioner is not None:
            self._auditioner.stop()
            self.app.busy = ""
        if self.app.playing is not None and self.app.playing.by == "audition":
            self._sound.show(None)
        if resume and self._queue_waits and self.resume_queue is not None:
            self.resume_queue()
        self._queue_waits = False

    def _tell(self, event: "AuditionEvent") -> None:
        self.app.call_later(self._on_event, event)

    def _on_event(self, event: "AuditionEvent") -> None:
        from segue.core.radio.fetcher import AuditionEnded, Auditioning, NothingToHear

        match event:
            case Auditioning(track, seconds, credit, link, note, envelope, cover):
                row = self._wanted
                if row is not None and self.app.tracks.info(row).track_id == track.track_id:
                    self.app.busy = self.app.unheard = ""
                    self._sound.show(
                        Playing(
                            row,
                            track.label,
                            seconds,
                            credit=credit,
                            link=link,
                            note=note,
                            envelope=envelope,
                            cover=cover,
                        )
                    )
            case NothingToHear(track, reason):
                self._show_previews({track.track_id: "none"})
                self.app.busy, self.app.unheard = "", f"{track.label} can't be heard: {reason}"
                if not self.app.audition:
                    self.app.say(self.app.unheard, "warning")
                self.end()
            case AuditionEnded(track):
                seconds = self._sound.player.duration
                self.end()
                self.app.state.record(track.track_id, source="audition", seconds=seconds)

    def close(self) -> None:
        """End what is fetched and decoded."""
        if self._auditioner is not None:
            self._auditioner.close()
