"""The player, the commands that act on its sound whatever plays, and the auditions of single tracks."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from segue.tui.availability import has_track
from segue.tui.commands import command
from segue.tui.controllers.base import Controller
from segue.tui.model.values import Playing

if TYPE_CHECKING:
    from textual.timer import Timer

    from segue.core.audio import AnyPlayer, PlayerEvent
    from segue.core.radio.fetcher import Auditioner, AuditionEvent

PREVIEW_BYTES = 30 * 44_100 * 4
"""A decoded preview: 30 seconds in stereo of 16 bits."""


class Sound(Controller):
    """Owns the player: its place in the track, its volume, and what the screen shows of both."""

    _player: "AnyPlayer | None" = None
    _ticking: "Timer | None" = None

    @property
    def player(self) -> "AnyPlayer":
        """The player, made when it is first needed."""
        if self._player is None:
            self._player = self.app.equipment.make_player()
            if not self._player.elsewhere:
                self._player.set_volume(self.app.settings.volume)
            self._player.subscribe(lambda event: self.app.call_later(self._heard, event))
            self._ticking = self.app.set_interval(1.0, self._tick, pause=True)
        return self._player

    def _tick(self) -> None:
        self.app.position = self.player.position

    def show(self, playing: Playing | None) -> None:
        """Show what plays, and follow its position only while it moves."""
        self.app.playing = playing
        self.app.position = self.player.position if playing else 0.0
        if self._ticking is not None:
            (self._ticking.resume if playing and not playing.paused else self._ticking.pause)()

    def _heard(self, event: "PlayerEvent") -> None:
        from segue.core.audio import SinkChanged
        from segue.core.audio.player import PauseChanged, PlayerNotice, VolumeChanged

        playing, by_itself = self.app.playing, self.app.radio.on  # a radio reports what it hears itself
        match event:
            case SinkChanged(sink, reason):
                self.app.audio_trouble = "silent" if sink == "silent" else ""
                if reason and not by_itself:
                    self.app.say(f"No audio output: {reason}; segue doctor says more", "warning")
            case VolumeChanged(volume):
                self.app.volume = volume
            case PauseChanged(paused) if playing is not None and playing.by != "radio":
                self.show(replace(playing, paused=paused))
            case PlayerNotice(text) if not by_itself:
                self.app.say(text, "warning")
            case _:
                pass

    @command("sound.back", "comma", "5 s back", also="seek rewind")
    def back(self) -> None:
        """Go back 5 seconds in the track that plays."""
        self.seek(-5.0)

    @command("sound.ahead", "semicolon", "5 s ahead", also="seek forward fast")
    def ahead(self) -> None:
        """Go ahead 5 seconds in the track that plays."""
        self.seek(5.0)

    def seek_to(self, seconds: float) -> None:
        """Go on at a moment of what plays."""
        self.seek(seconds - self.player.position)

    def seek(self, seconds: float) -> None:
        """Go so many seconds ahead in what plays, back where negative."""
        if self.app.playing is not None:
            self.player.seek(max(self.player.position + seconds, 0.0))
            self._tick()

    @command("sound.quieter", "(", "quieter", also="volume down")
    def quieter(self) -> None:
        """Turn the volume down."""
        self.set_volume(self.volume - 0.1)

    @command("sound.louder", ")", "louder", also="volume up")
    def louder(self) -> None:
        """Turn the volume up."""
        self.set_volume(self.volume + 0.1)

    @property
    def volume(self) -> float:
        """The volume, between 0 and 1."""
        return self._player.volume if self._player is not None else self.app.settings.volume

    @property
    def muted(self) -> bool:
        """Whether the sound is muted."""
        return self._player is not None and self._player.muted

    @property
    def position(self) -> float:
        """Seconds into what plays, at this moment."""
        return self._player.position if self._player is not None and self.app.playing is not None else 0.0

    def set_volume(self, volume: float) -> None:
        """Set the volume between 0 and 1."""
        self.player.set_volume(round(min(max(0.0, volume), 1.0), 2))
        self._show_volume()
        self.app.say(f"Volume {self.player.volume:.0%}")

    def _show_volume(self) -> None:
        self.app.volume = 0.0 if self.player.muted else self.player.volume

    @command("sound.mute", "", "mute")
    def mute(self) -> None:
        """Mute or unmute the sound."""
        self.player.mute(not self.player.muted)
        self._show_volume()
        self.app.say("Muted" if self.player.muted else "Unmuted")

    def close(self) -> None:
        """Release the player."""
        if self._player is not None:
            self._player.close()


class Auditions(Controller):
    """Plays single tracks, and fetches those around the cursor before they are asked for."""

    _sound: Sound
    _auditioner: "Auditioner | None" = None
    _wanted: int | None = None
    _rest: "Timer | None" = None
    pause_queue: Callable[[], bool] | None = None
    """Pauses what plays from the queue, and returns whether there was anything to pause."""
    resume_queue: Callable[[], object] | None = None
    _queue_waits: bool = False

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
                on_status=lambda: self.app.call_later(self._show_previews),
            )
        track = self.app.tracks.info(row)
        self.app.busy, self.app.unheard = f"Fetching {track.label}", ""
        self._auditioner.audition(track)

    def hear_again(self, row: int) -> None:
        """Play a track of which another recording was chosen."""
        if self._auditioner is not None:
            self._auditioner.forget(self.app.tracks.info(row))
        self.hear(row)

    def _show_previews(self) -> None:
        """Show what is there at this moment: what a thread saw may be old when its turn comes."""
        without = {track_id: status for track_id, status in self.app.previews.items() if status == "none"}
        if self._auditioner is not None:
            self.app.previews = without | self._auditioner.statuses()

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
                            row, track.label, seconds, credit=credit, link=link, note=note,
                            envelope=envelope, cover=cover,
                        )
                    )  # fmt: skip
            case NothingToHear(track, reason):
                self.app.previews = {**self.app.previews, track.track_id: "none"}
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
