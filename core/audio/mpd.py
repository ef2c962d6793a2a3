"""The player that lets an MPD play: it queues songs there, and follows what becomes of them.

Controls note what is wanted and return at once. One thread owns the connection: it compares what MPD says
with what is wanted, tells listeners what others did there, and asks MPD for the rest. After a lost connection
it compares again, and so goes on where MPD is. What is wanted and what MPD says are compared in one file.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from segue.core.audio.player import (
    AnyPlayer,
    PauseChanged,
    Playable,
    PlayerEvent,
    PlayerNotice,
    PlayerStopped,
    RemoteSong,
    TrackEnded,
    TrackLeft,
    VolumeChanged,
)
from segue.core.errors import SegueError
from segue.core.mpd import idle, lasting, seconds_of

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds between attempts to connect again."""
NEAR_END = 2.0
"""Seconds before its end from which a song counts as heard."""
UNKNOWN = 86_400.0
"""Seconds of a song whose length isn't known yet."""
BEHIND = 3
"""Songs that stay in MPD's queue after they were played, for other players' "previous"."""
MOST_ERRANDS = 50
"""Errands in a row; then MPD is heard first."""


@dataclass(eq=False, slots=True)
class _Song:
    """A song of ours."""

    path: str
    seconds: float
    number: int | None = None
    """Its id in MPD's queue; None while it is not there."""
    is_refused: bool = False
    """Whether MPD does not take it."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What MPD said of itself."""

    number: int | None
    """The id of its current song."""
    state: str
    """`play`, `pause` or `stop`."""
    elapsed: float
    duration: float
    """0 where it is not known."""
    volume: int | None
    crossfade: float
    at: float

    def position(self, now: float) -> float:
        """Seconds into its current song."""
        passed = now - self.at if self.state == "play" else 0.0
        return min(self.elapsed + passed, self.duration or UNKNOWN)


Errand = Callable[[Any], object]
"""Returns False where MPD's next state is compared with `_known`: another client did what differs."""


class MPDPlayer(AnyPlayer):
    """Plays songs of an MPD's own database there.

    Songs are put after the one that is current in MPD's queue, at least those that `line_up` names; only they
    are ever removed. Volume and crossfade are MPD's own. `clock` gives monotonic seconds.
    """

    elsewhere = True

    def __init__(self, host: str, port: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._place = host, port
        self._clock = clock
        super().__init__(threading.RLock())
        self._song: _Song | None = None
        """What is loaded."""
        self._line: list[_Song] = []
        """What comes next."""
        self._behind: list[_Song] = []
        """What was played and is still in MPD's queue, the latest last."""
        self._gone: list[_Song] = []
        """What is to leave MPD's queue."""
        self._left = False
        """Whether MPD has left what is loaded, and nothing was loaded since."""
        self._arrived: _Song | None = None
        """The song of ours that it has gone on to."""
        self._heard_out = False
        """Whether it left because the song was at its end."""
        self._passed = False
        """Whether MPD had passed over what was loaded last by then."""
        self._position = 0.0
        """Seconds into what is loaded while MPD is not at it."""
        self._begin = False
        """Whether what is loaded has yet to be started."""
        self._target: float | None = None
        """Seconds to go to."""
        self._new_volume = False
        self._seen: _Seen | None = None
        self._known: tuple[int | None, str] | None = None
        """The song and the state that listeners know of."""
        self._lost = False
        self._closing = threading.Event()
        self._awake, self._wakes = socket.socketpair()
        self._awake.setblocking(False)
        self._wakes.setblocking(False)  # while MPD is away nobody empties it, and full is as good as woken
        self._thread = threading.Thread(target=self._run, name="segue-mpd", daemon=True)
        self._thread.start()

    # what a user sees

    @property
    def duration(self) -> float:
        """Seconds of what is loaded."""
        with self._lock:
            return 0.0 if self._song is None else self._song.seconds or UNKNOWN

    @property
    def position(self) -> float:
        """Seconds into what is loaded."""
        with self._lock:
            if self._song is None:
                return 0.0
            if self._target is not None:
                return self._target
            if self._left or self._seen is None or not self._is_current():
                return self._position
            return self._seen.position(self._clock())

    def _is_current(self) -> bool:
        song, seen = self._song, self._seen
        return (
            song is not None and seen is not None and song.number is not None and seen.number == song.number
        )

    # what a user does

    def load(
        self, segment: Playable, *, key: object = None, crossfade: float = 0.0, at: float | None = None
    ) -> None:
        """Put a song in place of what plays, at once; one that MPD has gone on to just plays on there."""
        del crossfade, at  # MPD's own
        if not isinstance(segment, RemoteSong):
            raise SegueError("MPD plays only its own files")
        with self._lock:
            self._key = key
            arrived = self._arrived
            near = (*self._line, *self._behind[-1:])
            found = next((song for song in near if song.path == segment.path), None)
            passed = found in self._line and arrived in self._line[self._line.index(found) + 1 :]
            if arrived is not None and arrived.path == segment.path:
                self._go_to(arrived)
            else:
                self._go_to(found or _Song(segment.path, segment.seconds))
            self._begin = not passed and self._song is not arrived
            self._left, self._arrived = passed, arrived if passed else None
            self._passed = passed
            self._target, self._position = None, 0.0
        self._wake()

    def _go_to(self, song: _Song) -> None:
        """Load a song of ours, or a new one; those that are passed over lie behind."""
        before = [] if self._song is None else [self._song]
        if song in self._line:
            at = self._line.index(song)
            self._behind += [*before, *self._line[:at]]
            del self._line[: at + 1]
        elif song in self._behind:
            self._behind.remove(song)
            self._line[:0] = before
        else:
            self._behind += before
        self._song = song

    def line_up(self, segments: Sequence[Playable]) -> None:
        """Have these play after what is loaded, in MPD's own time."""
        wanted = [segment for segment in segments if isinstance(segment, RemoteSong)]
        with self._lock:
            if [song.path for song in self._line] == [segment.path for segment in wanted]:
                return
            old, line = list(self._line), list[_Song]()
            for segment in wanted:
                at = next((at for at, song in enumerate(old) if song.path == segment.path), None)
                if at is None:
                    line.append(_Song(segment.path, segment.seconds))
                else:  # what stood before it and comes after it now is queued again
                    self._gone += old[:at]
                    line.append(old[at])
                    del old[: at + 1]
            self._gone += old
            self._line = line
        self._wake()

    def play(self) -> None:
        """Play, or go on; what another player has left is taken up again."""
        with self._lock:
            if self._song is None or self._wanted:
                return
            if not self._begin and not self._is_current():
                self._begin, self._target = True, self._position
            self._wanted = True
        self._wake()

    def stop(self) -> None:
        """Stop and forget what was loaded; our songs leave MPD's queue, and nothing else does."""
        with self._lock:
            self._gone += [*self._behind, *([self._song] if self._song else []), *self._line]
            self._behind, self._line = [], []
            self._song = self._key = self._arrived = self._target = None
            self._wanted = self._begin = self._left = self._passed = False
        self._wake()

    def seek(self, seconds: float) -> None:
        """Go to a place in what is loaded; beyond its end is its end."""
        with self._lock:
            if self._song is not None:
                self._target = min(max(seconds, 0.0), self.duration)
        self._wake()

    def close(self) -> None:
        """Stop, take our songs out of MPD's queue, and hang up."""
        self.stop()
        self._closing.set()
        self._wake()
        self._thread.join(5.0)
        self._wakes.close()

    def _apply_volume(self) -> None:
        self._new_volume = True

    def _wake(self) -> None:
        with suppress(OSError):
            self._wakes.send(b"!")

    # the player's thread

    def _run(self) -> None:
        pause = FIRST_WAIT
        while True:
            try:
                with lasting(*self._place) as (client, begin):
                    begin()
                    self._rejoin(client)
                    if self._lost:
                        self._emit(PlayerNotice("MPD answers again"))
                    self._lost, pause = False, FIRST_WAIT
                    self._serve(client, begin)
            except Exception as error:  # noqa: BLE001 - a player that no longer answers is of no use
                if not isinstance(error, SegueError):
                    _log.exception("the line to MPD")
                if not self._lost:
                    self._emit(PlayerNotice(f"{error}; it is tried again"))
                self._lost = True
            if self._closing.wait(pause if self._lost else 0.0) or not self._lost:
                self._awake.close()
                return
            pause = min(2 * pause, LONGEST_WAIT)

    def _rejoin(self, client: Any) -> None:  # noqa: ANN401 - untyped
        """Find out which of our songs MPD still has: it may have been restarted."""
        import mpd

        position = self.position
        for song in [*self._behind, *self._line, *self._gone, *([self._song] if self._song else [])]:
            if song.number is not None:
                try:
                    known = client.playlistid(song.number)[0]["file"] == song.path
                except (mpd.CommandError, LookupError):
                    known = False
                song.number = song.number if known else None
        current = client.currentsong()
        with self._lock:
            loaded = self._song
            if loaded is None or loaded.number is not None or self._seen is None:
                return
            self._position, self._seen = position, None
            if current.get("file") == loaded.path:
                loaded.number = int(current["id"])
            elif self._wanted:
                self._begin, self._target = True, self._position

    def _serve(self, client: Any, begin: Callable[[], None]) -> None:  # noqa: ANN401 - untyped
        """Follow MPD, and run errands, until the player is closed."""
        while True:
            begin()
            self._look(client)
            for _ in range(MOST_ERRANDS):
                errand = self._errand()
                if errand is None:
                    break
                begin()
                self._look(client, ours=errand(client) is not False)
            if self._closing.is_set():
                return
            idle(client, self._awake, begin)
            with suppress(BlockingIOError):
                self._awake.recv(4096)

    def _look(self, client: Any, *, ours: bool = False) -> None:  # noqa: ANN401 - untyped
        """See what MPD does, and tell of what others did there; with `ours`, after an errand of our own."""
        status = client.status()
        number = status.get("songid")
        now = _Seen(
            None if number is None else int(number),
            status["state"],
            seconds_of(status.get("elapsed", "")) or 0.0,
            seconds_of(status.get("duration", "")) or 0.0,
            volume if 0 <= (volume := int(status.get("volume", -1))) <= 100 else None,
            seconds_of(status.get("xfade", "")) or 0.0,
            self._clock(),
        )
        with self._lock:
            before, self._seen = self._seen, now
            if self._song is not None and self._is_current() and now.duration:
                self._song.seconds = now.duration
            events = [*self._volume_events(before, now), *self._song_events(before, now, ours=ours)]
        for event in events:
            self._emit(event)

    def _volume_events(self, before: _Seen | None, now: _Seen) -> list[PlayerEvent]:
        if now.volume is None or self._new_volume or (before is not None and before.volume == now.volume):
            return []
        if self._muted and now.volume == 0:
            return []
        self._volume, self._muted = now.volume / 100, False
        return [VolumeChanged(self._volume)]

    def _song_events(self, before: _Seen | None, now: _Seen, *, ours: bool) -> list[PlayerEvent]:
        """What has become of our song since."""
        song, known = self._song, self._known
        if not self._left:  # what follows a song that was left is reported once the next one is loaded
            self._known = now.number, now.state
        if self._passed:
            self._passed = False
            return [TrackEnded(self._key) if self._heard_out else TrackLeft(self._key, back=False)]
        if song is not None and song.is_refused and not self._left:
            self._left = True
            return [TrackEnded(self._key)]
        if before is None or song is None or song.number is None or self._begin or self._left:
            return []
        if now.number == song.number and now.state != "stop":
            if known != self._known and not ours and self._wanted == (now.state == "pause"):
                self._wanted = not self._wanted
                return [PauseChanged(not self._wanted)]
            return []
        if before.number == song.number:
            self._position = before.position(now.at)
        same = now.number == before.number
        return (
            []
            if same and (before.number != song.number or before.state == "stop")
            else self._left_for(now, before)
        )

    def _left_for(self, now: _Seen, before: _Seen) -> list[PlayerEvent]:
        """MPD is not at our song any more."""
        near = max(NEAR_END, before.crossfade + 1.0)
        moved = now.state != "stop"
        ahead = next((song for song in self._line if moved and song.number == now.number), None)
        back = next((song for song in self._behind if moved and song.number == now.number), None)
        heard_out = back is None and self._wanted and self._position >= self.duration - near
        if ahead is None and back is None and moved and not heard_out:
            self._wanted = False
            return [PlayerNotice("MPD plays something else"), PauseChanged(paused=True)]
        self._left, self._arrived, self._heard_out = True, ahead or back, heard_out
        if ahead is not None or back is not None:
            self._wanted = now.state == "play"
        if heard_out:
            return [TrackEnded(self._key)]
        return [TrackLeft(self._key, back=back is not None) if moved else PlayerStopped(self._key)]

    def _errand(self) -> Errand | None:
        """What is to be asked of MPD next."""
        with self._lock:
            return self._tidying() or (None if self._song is None else self._queueing(self._song))

    def _tidying(self) -> Errand | None:
        """Set the volume, or take a song out of MPD's queue."""
        seen = self._seen
        if self._new_volume:
            self._new_volume = False
            return partial(self._set_volume, round(0 if self._muted else 100 * self._volume))
        at_one = seen is not None and seen.number in {song.number for song in self._gone if song.number}
        if at_one and self._song is None and seen is not None and seen.state != "stop":
            return lambda client: client.stop()
        if self._gone:
            return partial(self._remove, self._gone)
        if len(self._behind) > BEHIND and (seen is None or self._behind[0].number != seen.number):
            return partial(self._remove, self._behind)
        return None

    def _queueing(self, song: _Song) -> Errand | None:
        """Put a song into MPD's queue, else control it."""
        taken = [each for each in (song, *self._line) if not each.is_refused]
        for after, each in pairwise([None, *taken]):
            if each is not None and each.number is None:
                return partial(self._add, each, after)
        return None if self._left else self._control(song)

    def _control(self, song: _Song) -> Errand | None:
        """Start, pause, resume or seek, whichever is due."""
        seen, target = self._seen, self._target
        state = seen.state if seen is not None and self._is_current() else "stop"
        if self._wanted and (self._begin or state == "stop"):
            self._begin, self._target = False, None
            return partial(self._start, song.number, target)
        if state == "stop" or self._begin:
            return None
        if target is not None:
            self._target = None
            return lambda client: client.seekid(song.number, f"{target:.3f}")
        if self._wanted != (state == "play"):
            return partial(self._pause, song.number, not self._wanted)
        return None

    # errands, without the lock

    def _start(self, number: int | None, target: float | None, client: Any) -> bool:  # noqa: ANN401 - untyped
        if target:
            client.seekid(number, f"{target:.3f}")
        else:
            client.playid(number)
        self._known = number, "play"
        return False

    def _pause(self, number: int | None, paused: bool, client: Any) -> bool:  # noqa: ANN401 - untyped
        client.pause(int(paused))
        self._known = number, "pause" if paused else "play"
        return False

    def _add(self, song: _Song, after: _Song | None, client: Any) -> bool:  # noqa: ANN401 - untyped
        """Put a song after one of ours, by default after the current one."""
        import mpd

        try:
            if after is not None and after.number is not None:
                place = int(client.playlistid(after.number)[0]["pos"]) + 1
            else:
                status = client.status()
                place = int(status["song"]) + 1 if "song" in status else int(status["playlistlength"])
            song.number = int(client.addid(song.path, place))
        except (mpd.CommandError, LookupError) as error:
            self._refuse(song, str(error))
        return False

    def _refuse(self, song: _Song, reason: str) -> None:
        """Do without a song that MPD does not take."""
        with self._lock:
            song.is_refused = True
        self._emit(PlayerNotice(f"MPD does not take {song.path}: {reason}"))

    def _remove(self, songs: list[_Song], client: Any) -> None:  # noqa: ANN401 - untyped
        """Take the first of our songs out of MPD's queue."""
        import mpd

        if (song := songs[0]).number is not None:
            with suppress(mpd.CommandError):  # somebody was faster
                client.deleteid(song.number)
        with self._lock:
            song.number = None
            if song in songs:
                songs.remove(song)

    def _set_volume(self, volume: int, client: Any) -> bool:  # noqa: ANN401 - untyped
        import mpd

        try:
            client.setvol(volume)
        except mpd.CommandError as error:
            self._emit(PlayerNotice(f"MPD's volume can't be set: {error}"))
        return False
