"""The player, and the commands that act on its sound whatever plays."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from segue.tui.commands import command
from segue.tui.context import Explorer
from segue.tui.controllers.base import Controller
from segue.tui.model.values import Playing

if TYPE_CHECKING:
    from textual.timer import Timer

    from segue.core.audio import AnyPlayer, PlayerEvent


class Sound(Controller):
    """Owns the player: its place in the track, its volume, and what the screen shows of both."""

    def __init__(self, app: Explorer) -> None:
        super().__init__(app)
        self._player: AnyPlayer | None = None
        self._ticking: Timer | None = None

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
                    self.app.say(f"No audio output: {reason}", "warning")
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
        self._change_volume(-0.1)

    @command("sound.louder", ")", "louder", also="volume up")
    def louder(self) -> None:
        """Turn the volume up."""
        self._change_volume(0.1)

    def _change_volume(self, step: float) -> None:
        self.set_volume(self.volume + step)

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
