"""Hearing single tracks, and the player's own controls."""

from dataclasses import replace
from typing import TYPE_CHECKING

from segue.tui.controllers.base import Controller
from segue.tui.messages import Heard, PreviewTold
from segue.tui.values import Playing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.timer import Timer

    from segue.core.audio import Player, PlayerEvent
    from segue.core.radio.audition import Auditioner, AuditionEvent
    from segue.tui.ahead import PreviewsAhead
    from segue.tui.app import SegueApp


class Sound(Controller):
    """Plays the track under the cursor. The radio waits meanwhile, and its plan stays as it is."""

    def __init__(self, app: "SegueApp") -> None:
        super().__init__(app)
        self._player: Player | None = None
        self._auditioner: Auditioner | None = None
        self._ahead: PreviewsAhead | None = None
        self._wanted: int | None = None
        self._rest: Timer | None = None
        self._ticking: Timer | None = None

    @property
    def player(self) -> "Player":
        """The player, made when it is first needed."""
        if self._player is None:
            self._player = self.app.equipment.make_player()
            self._player.set_volume(self.app.settings.volume)
            self._player.subscribe(self._tell)
            seconds = 1.0 if self.app.calm else 0.25
            self._ticking = self.app.set_interval(seconds, self._tick, pause=True)
        return self._player

    def _tell(self, event: "PlayerEvent | AuditionEvent") -> None:
        self.app.post_message(Heard(event))

    def _tick(self) -> None:
        self.app.position = self.player.position

    def show(self, playing: Playing | None) -> None:
        """Show what plays, and follow its position only while it moves."""
        self.app.playing = playing
        self.app.position = self.player.position if playing else 0.0
        if self._ticking is not None:
            (self._ticking.resume if playing and not playing.paused else self._ticking.pause)()

    # commands

    def toggle(self) -> None:
        """Play the track under the cursor; pause or go on if it is the one that plays."""
        row, playing = self.cursor_row(), self.app.playing
        if row is None:
            return
        if playing is not None and playing.row == row:
            self.pause()
        else:
            self.hear_row(row)

    def pause(self) -> None:
        """Pause what plays, or go on."""
        playing = self.app.playing
        if playing is None:
            self.app.desk.radio.pause_or_go_on()
            return
        if playing.by == "radio":
            self.app.desk.radio.pause_or_go_on()
        elif playing.paused:
            self.player.play()
        else:
            self.player.pause()
        if playing.by == "audition":
            self.show(replace(playing, paused=not playing.paused))

    def audition(self) -> None:
        """Let the cursor play, or no longer."""
        self.app.audition = not self.app.audition
        if self.app.audition:
            self.app.say("Audition is on: the track that the cursor rests on plays. A ends it.")
            if (row := self.app.current_row()) is not None:
                self.hear_row(row)
        else:
            self.app.say("Audition is off.")
            self.quiet()

    def back(self) -> None:
        """Go 5 seconds back."""
        self._seek(-5.0)

    def ahead(self) -> None:
        """Go 5 seconds ahead."""
        self._seek(5.0)

    def _seek(self, seconds: float) -> None:
        if self.app.playing is not None:
            self.player.seek(max(self.player.position + seconds, 0.0))
            self._tick()

    def quieter(self) -> None:
        """Turn the volume down."""
        self._turn(-0.1)

    def louder(self) -> None:
        """Turn the volume up."""
        self._turn(0.1)

    def _turn(self, step: float) -> None:
        self.player.set_volume(round(min(max(self.player.volume + step, 0.0), 1.0), 2))
        self.app.say(f"Volume {self.player.volume:.0%}")

    def mute(self) -> None:
        """Silence the sound, or let it be heard again."""
        self.player.mute(not self.player.muted)
        self.app.say("Muted" if self.player.muted else "Sound is on again")

    # auditions

    def rested(self, row: int | None, around: "Sequence[int]" = ()) -> None:
        """Be told where the cursor is; with audition on, the track is heard once it has rested there.

        The tracks `around` it are fetched meanwhile.
        """
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        if self.app.audition and row is not None:
            self._rest = self.app.set_timer(
                self.app.settings.audition_rest, lambda: self._hear_rested(row, around)
            )

    def _hear_rested(self, row: int, around: "Sequence[int]") -> None:
        self.hear_row(row)
        if self._ahead is not None:
            self._ahead.want(self.app.tracks.infos(around))

    def hear_row(self, row: int) -> None:
        """Hear a track. A radio waits meanwhile."""
        self.app.desk.radio.wait()
        self._wanted = row
        if self._auditioner is None:
            from segue.core.radio.audition import Auditioner  # 40 ms with all that decodes and plays
            from segue.tui.ahead import PreviewsAhead

            self._ahead = PreviewsAhead(
                self.app.equipment.previews,
                self.app.settings.preview_megabytes,
                lambda track_id, status: self.app.post_message(PreviewTold(track_id, status)),
            )
            self._auditioner = Auditioner(self._ahead, self.player, self._tell)
        self._auditioner.audition(self.app.tracks.info(row))

    def quiet(self) -> None:
        """End an audition; a radio that waited goes on."""
        if self._auditioner is not None:
            self._auditioner.stop()
        if self.app.playing is not None and self.app.playing.by == "audition":
            self.show(None)
        self.app.desk.radio.go_on()

    def hear(self, event: "PlayerEvent | AuditionEvent") -> None:
        """Follow what the player and the auditioner tell."""
        from segue.core.audio import SinkChanged
        from segue.core.radio.audition import AuditionEnded, Auditioning, NothingToHear

        match event:
            case SinkChanged(sink, reason):
                self.app.trouble = "silent" if sink == "silent" else ""
                if reason and not self.app.radio.on:  # a radio says so itself
                    self.app.say(f"Playing silently: {reason}", "warning")
            case Auditioning(track, seconds, credit, link, note):
                row = self._wanted
                if row is not None and self.app.tracks.info(row).track_id == track.track_id:
                    self.app.unheard = ""
                    self.show(Playing(row, track.label, seconds, credit=credit, link=link, note=note))
            case NothingToHear(track, reason):
                self.app.unheard = f"{track.label} can't be heard: {reason}"
                if not self.app.audition:
                    self.app.say(f"{track.label} can't be heard: {reason}", "warning")
                self.quiet()
            case AuditionEnded(track):
                seconds = self.player.duration
                self.quiet()
                self.app.state.record(track.track_id, source="audition", seconds=seconds)

    def close(self) -> None:
        """Let go of the sound."""
        if self._ahead is not None:
            self._ahead.close()
        if self._auditioner is not None:
            self._auditioner.close()
        if self._player is not None:
            self._player.close()
