"""Previews fetched and decoded ahead of time, a few at once, and one track heard on its own."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from segue.core.audio import AnyPlayer, PlayerEvent, TrackEnded
from segue.core.audio.decode import DecodeError, decode, decode_preview, even_out
from segue.core.audio.pcm import envelope
from segue.core.audio.player import Playable, RemoteSong
from segue.core.audio.stream import PREVIEW_SECONDS, FileSound, preview_start
from segue.core.deezer.previews import NoPreview, Preview, PreviewSource
from segue.core.deezer.transport import Priority
from segue.core.tracks import TrackInfo

Run = Callable[[Callable[[], None]], None]
"""Carries out a job that blocks."""

AT_ONCE = 3
"""Jobs in flight. Two tracks are fetched ahead; one more lets a skip overtake a slow answer."""
SLOW = 5.0
"""Seconds after which a job that is no longer wanted gives its place to another."""
MOST = 8
"""Jobs in flight at the very most, the slow ones included; each ends at a deadline of its own."""
FIRST_WAIT, LONGEST_WAIT = 5.0, 60.0
"""Seconds between questions to a Deezer that is out of reach."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A decoded preview, whose encoded bytes are gone, or a file of the listener's that is streamed."""

    preview: Preview
    segment: Playable
    envelope: Sequence[float] = ()
    """How loud each two-hundredth of it is, from 0 to 1; empty for a file."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        sound = self.segment
        return sound.seconds if isinstance(sound, FileSound | RemoteSong) else len(sound) / 1000

    @property
    def facts(self) -> tuple[float, str, str, str, Sequence[float], str]:
        """What is reported of it once it plays: seconds, credit, link, note, envelope and cover."""
        preview = self.preview
        return self.seconds, preview.credit, preview.link, preview.note, self.envelope, preview.cover


@dataclass(frozen=True, slots=True)
class Outage:
    """Nothing can be fetched at the moment."""

    reason: str
    since: float
    again_at: float
    """When it is worth asking again, by the fetcher's clock."""
    wait: float
    lasting: bool = False
    """Whether it never is."""


def in_thread(job: Callable[[], None]) -> None:
    """Carry a job out in a thread that does not keep the program alive."""
    threading.Thread(target=job, name="segue-fetch", daemon=True).start()


def prepare(
    source: PreviewSource,
    track: TrackInfo,
    priority: Priority = "play",
    on_fetched: Callable[[], None] = lambda: None,
    *,
    whole: bool = False,
) -> Ready | NoPreview:
    """Fetch, decode and even out a preview; `on_fetched` is called before it is decoded. Blocks.

    A file of the listener's own is streamed when it is to be heard `whole`.
    """
    found = source.fetch(track, priority=priority)
    if isinstance(found, NoPreview):
        return found
    on_fetched()
    file = found.file
    try:
        if file is not None and file.elsewhere:
            return Ready(found, RemoteSong(file.path.as_posix(), file.seconds))
        if file is not None and whole:
            return Ready(found, FileSound(file.path, file.seconds))
        if file is not None:
            segment = even_out(decode(file.path, preview_start(file.seconds), PREVIEW_SECONDS))
        else:
            segment = even_out(decode_preview(found.audio))
    except DecodeError as error:
        return NoPreview(track, str(error))
    return Ready(replace(found, audio=b""), segment, envelope(segment))


class Fetcher:
    """Keeps ready what was asked for last, and forgets everything else.

    `on_done` is called, from any thread, when something has become ready or has failed. `run` carries out a
    job, by default in a thread of its own. `clock` gives monotonic seconds. `whole` tells whether files of
    the listener's own are to be heard whole.
    """

    def __init__(
        self,
        source: PreviewSource,
        on_done: Callable[[], None],
        *,
        whole: bool = False,
        run: Run = in_thread,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._whole = whole
        self._on_done = on_done
        self._run = run
        self._clock = clock
        self._lock = threading.Lock()
        self._wanted: list[TrackInfo] = []
        self._done: dict[str, Ready | NoPreview] = {}
        self._flying: dict[str, float] = {}
        """When each job in flight began."""
        self._decoding: set[str] = set()
        self._outage: Outage | None = None

    @property
    def outage(self) -> Outage | None:
        """The outage that lasts, if any."""
        return self._outage

    def want(self, tracks: Sequence[TrackInfo], *, despite_outage: bool = False) -> None:
        """Want these, the first most urgently, and forget all others.

        During an outage nothing is asked before its wait has passed, unless the listener insists.
        """
        with self._lock:
            if despite_outage:
                self._outage = None
            self._wanted = list(tracks)
            ids = {track.track_id for track in tracks}
            self._done = {track_id: done for track_id, done in self._done.items() if track_id in ids}
        self._launch()

    def outcome(self, track: TrackInfo) -> Ready | NoPreview | None:
        """What came of a wanted track; None while it is on its way."""
        with self._lock:
            return self._done.get(track.track_id)

    def stage(self, track: TrackInfo) -> str:
        """`fetching` or `decoding` while a track is on its way, else empty."""
        with self._lock:
            if track.track_id not in self._flying:
                return ""
            return "decoding" if track.track_id in self._decoding else "fetching"

    def statuses(self) -> dict[str, str]:
        """By track id, of wanted tracks: `fetching`, `ready`, or `none` where there is no preview."""
        with self._lock:
            flying = {track.track_id: "fetching" for track in self._wanted if track.track_id in self._flying}
            done = {
                key: "none" if isinstance(found, NoPreview) else "ready" for key, found in self._done.items()
            }
        return flying | done

    @property
    def crowded(self) -> bool:
        """Whether slow answers keep what is wanted from being asked for."""
        with self._lock:
            wanted = {track.track_id for track in self._wanted}
            return bool(wanted - self._flying.keys() - self._done.keys()) and not self._has_room()

    def _has_room(self) -> bool:
        """Whether another job may begin."""
        wanted, old = {track.track_id for track in self._wanted}, self._clock() - SLOW
        busy = sum(track_id in wanted or began > old for track_id, began in self._flying.items())
        return busy < AT_ONCE and len(self._flying) < MOST

    def _launch(self) -> None:
        while job := self._next_job():
            self._run(job)

    def _next_job(self) -> Callable[[], None] | None:
        with self._lock:
            if not self._has_room():
                return None
            if self._outage is not None and self._clock() < self._outage.again_at:
                return None
            for place, track in enumerate(self._wanted):
                if track.track_id not in self._done and track.track_id not in self._flying:
                    self._flying[track.track_id] = self._clock()
                    priority: Priority = "prefetch" if place else "play"
                    return partial(self._bring, track, priority)
        return None

    def _bring(self, track: TrackInfo, priority: Priority) -> None:
        def fetched() -> None:
            self._decoding.add(track.track_id)
            self._on_done()

        try:
            outcome = prepare(self._source, track, priority, fetched, whole=self._whole)
        except Exception as error:  # noqa: BLE001 - a fault in one preview must not end the radio
            outcome = NoPreview(track, f"unexpected {type(error).__name__}: {error}")
        with self._lock:
            self._flying.pop(track.track_id, None)
            self._decoding.discard(track.track_id)
            if isinstance(outcome, NoPreview) and outcome.outage:
                self._outage = replace(self._prolonged(outcome.reason), lasting=outcome.lasting)
            else:
                self._outage = None
                if any(wanted.track_id == track.track_id for wanted in self._wanted):
                    self._done[track.track_id] = outcome
        self._on_done()
        self._launch()

    def _prolonged(self, reason: str) -> Outage:
        """The outage after one more question in vain: the waits grow from 5 to 60 seconds."""
        now, before = self._clock(), self._outage
        if before is None:
            return Outage(reason, now, now + FIRST_WAIT, FIRST_WAIT)
        if now < before.again_at:
            return before  # two questions of the same moment count once
        wait = min(2 * before.wait, LONGEST_WAIT)
        return Outage(reason, before.since, now + wait, wait)


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
    """Plays the track asked for last, and fetches others ahead.

    Controls return at once; events arrive on other threads.

    A radio on the same player has to be paused first; it finds its place again when it is resumed.
    `on_status` is called, from any thread, whenever `statuses` may have changed. `fade` is the
    seconds in which one preview gives way to the next.
    """

    def __init__(
        self,
        source: PreviewSource,
        player: AnyPlayer,
        on_event: Callable[[AuditionEvent], None],
        *,
        on_status: Callable[[], object] = lambda: None,
        fade: float = 0.2,
        run: Run = in_thread,
    ) -> None:
        self._player = player
        self._on_event = on_event
        self._on_status = on_status
        self._fade = fade
        self._lock = threading.RLock()
        self._wanted: TrackInfo | None = None
        self._ahead: list[TrackInfo] = []
        self._heard: TrackInfo | None = None
        self._fetcher = Fetcher(source, self._arrived, run=run)
        self._unsubscribe = player.subscribe(self._hear)

    def statuses(self) -> dict[str, str]:
        """What `Fetcher.statuses` says of the tracks that are wanted now."""
        return self._fetcher.statuses()

    def audition(self, track: TrackInfo) -> None:
        """Play the preview of a track as soon as it is there, in place of any other."""
        self._wanted = track
        self._fetch(despite_outage=True)
        self._arrived()

    def prefetch(self, tracks: Sequence[TrackInfo]) -> None:
        """Keep the previews of these ready, in place of those that were asked for before."""
        self._ahead = list(tracks)
        self._fetch()
        self._on_status()

    def forget(self, track: TrackInfo) -> None:
        """Fetch the preview of a track again when it is next wanted."""
        self._ahead = [other for other in self._ahead if other.track_id != track.track_id]
        self._fetch()

    def _fetch(self, *, despite_outage: bool = False) -> None:
        """Have fetched what is wanted now; under the lock, or a thread may ask for what was wanted before."""
        with self._lock:
            wanted = [] if self._wanted is None else [self._wanted]
            self._fetcher.want([*wanted, *self._ahead], despite_outage=despite_outage)

    def stop(self) -> None:
        """Play nothing any more."""
        self._wanted = None
        self._fetch()
        if self._heard is not None and self._player.key == self._key(self._heard):
            self._player.stop()
        self._heard = None

    def close(self) -> None:
        """Stop, forget what was fetched ahead, and leave the player to others."""
        self._ahead = []
        self.stop()
        self._unsubscribe()

    def _arrived(self) -> None:
        self._on_status()
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
        self._fetch()
        self._on_status()
        if isinstance(outcome, Ready):
            self._play(track, outcome)
        else:
            self._on_event(NothingToHear(track, outcome.reason))

    def _play(self, track: TrackInfo, ready: Ready) -> None:
        self._heard = track
        self._player.load(ready.segment, key=self._key(track), crossfade=self._fade)
        self._player.play()
        self._on_event(Auditioning(track, *ready.facts))

    def _hear(self, event: PlayerEvent) -> None:
        track = self._heard
        if track is not None and isinstance(event, TrackEnded) and event.key == self._key(track):
            self._heard = None
            self._on_event(AuditionEnded(track))

    def _key(self, track: TrackInfo) -> object:
        return ("audition", id(self), track.track_id)
