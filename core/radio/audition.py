"""Hear a track at once, the latest asked for only."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from segue.core.audio import Player, PlayerEvent, TrackEnded
from segue.core.deezer.previews import NoPreview, PreviewSource
from segue.core.radio.fetcher import Fetcher, Ready, Run, in_thread
from segue.core.tracks import TrackInfo


@dataclass(frozen=True, slots=True)
class Auditioning:
    """The preview of a track has begun."""

    track: TrackInfo
    seconds: float
    credit: str
    link: str
    note: str
    envelope: Sequence[float] = ()
    """How loud each two-hundredth of the preview is, from 0 to 1."""
    cover: str = ""
    """The address of the album's cover."""


@dataclass(frozen=True, slots=True)
class NothingToHear:
    """The track has no preview, or Deezer is out of reach."""

    track: TrackInfo
    reason: str


@dataclass(frozen=True, slots=True)
class AuditionEnded:
    """The preview was heard to its end."""

    track: TrackInfo


AuditionEvent = Auditioning | NothingToHear | AuditionEnded


class Auditioner:
    """Plays the track asked for last. Controls return at once; events arrive on other threads.

    A radio on the same player has to be paused first; it finds its place again when it is resumed.

    Parameters
    ----------
    source
        Where previews come from.
    player
        What plays them.
    on_event
        Called with every event.
    fade
        Seconds in which one preview gives way to the next.
    run
        How to carry out jobs that block.
    """

    def __init__(
        self,
        source: PreviewSource,
        player: Player,
        on_event: Callable[[AuditionEvent], None],
        *,
        fade: float = 0.2,
        run: Run = in_thread,
    ) -> None:
        self._player = player
        self._on_event = on_event
        self._fade = fade
        self._lock = threading.Lock()
        self._wanted: TrackInfo | None = None
        self._heard: TrackInfo | None = None
        self._fetcher = Fetcher(source, self._arrived, run=run)
        self._unsubscribe = player.subscribe(self._hear)

    def audition(self, track: TrackInfo) -> None:
        """Play the preview of a track as soon as it is there, in place of any other."""
        self._wanted = track
        self._fetcher.want([track], despite_outage=True)

    def stop(self) -> None:
        """Play nothing any more."""
        self._wanted = None
        self._fetcher.want([])
        if self._heard is not None and self._player.key == self._key(self._heard):
            self._player.stop()
        self._heard = None

    def close(self) -> None:
        """Stop, and leave the player to others."""
        self.stop()
        self._unsubscribe()

    def _arrived(self) -> None:
        with self._lock:
            track = self._wanted
            if track is None:
                return
            outcome = self._fetcher.outcome(track)
            if outcome is None and (outage := self._fetcher.outage) is not None:
                outcome = NoPreview(track, outage.reason, outage=True)
            if outcome is None:
                return
            self._wanted = None
        self._fetcher.want([])
        if isinstance(outcome, Ready):
            self._play(track, outcome)
        else:
            self._on_event(NothingToHear(track, outcome.reason))

    def _play(self, track: TrackInfo, ready: Ready) -> None:
        self._heard = track
        self._player.load(ready.segment, key=self._key(track), crossfade=self._fade)
        self._player.play()
        preview = ready.preview
        seconds = ready.seconds
        self._on_event(
            Auditioning(
                track, seconds, preview.credit, preview.link, preview.note, ready.envelope, preview.cover
            )
        )

    def _hear(self, event: PlayerEvent) -> None:
        track = self._heard
        if track is not None and isinstance(event, TrackEnded) and event.key == self._key(track):
            self._heard = None
            self._on_event(AuditionEnded(track))

    def _key(self, track: TrackInfo) -> object:
        return ("audition", id(self), track.track_id)
