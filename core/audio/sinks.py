"""What plays a timeline: the protocol of a sink, silence, and the speaker, which falls back to silence."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from segue.core.audio.pcm import RATE
from segue.core.audio.timeline import Timeline
from segue.core.errors import SegueError

Value = TypeVar("Value")

OPEN_SECONDS = 5.0
"""A device that has not opened by then is given up."""
RETRY_SECONDS = 30.0
"""How long after the loss of a device it is worth looking for one again."""


class SinkError(SegueError):
    """The device cannot be opened, or has gone."""


class NotInstalledError(SinkError):
    """The sink's package is not there; that says nothing about the device."""


class Sink(Protocol):
    """A place that plays a timeline from some frame on. Frames are those of the timeline.

    Only the player's own thread calls `start`, `stop` and `feed`; they may block. The rest answers at once,
    from any thread.
    """

    name: str

    def start(self, timeline: Timeline, first: int) -> None:
        """Begin to play from frame `first`. Raises `SinkError`."""

    def stop(self) -> int:
        """Stop playing; returns the frame from which to go on later."""

    def heard(self) -> int:
        """The frame that is being heard now."""

    def editable(self) -> int:
        """The first frame that an edit of the timeline can still change."""

    def edited(self, at: int) -> None:
        """Take note that the timeline has changed from a frame on that `editable` gave. Holds its lock."""

    def feed(self) -> float:
        """Hand on what is due; returns the seconds until the next time."""

    def failure(self) -> str:
        """Why it no longer plays; empty while all is well."""

    def close(self) -> None:
        """Let go of the device."""


class SilentSink:
    """Plays silently at the speed of a clock, so that radio, progress and skipping work without a device."""

    name = "silent"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first = 0
        self._began: float | None = None

    def start(self, timeline: Timeline, first: int) -> None:  # noqa: ARG002 - nobody listens
        """Let time pass from frame `first`."""
        self._first, self._began = first, self._clock()

    def stop(self) -> int:
        """Stop the clock."""
        self._first, self._began = self.heard(), None
        return self._first

    def heard(self) -> int:
        """The frame that would be heard now."""
        if self._began is None:
            return self._first
        return self._first + int((self._clock() - self._began) * RATE)

    def editable(self) -> int:
        """Nothing is ever handed over, so all that comes can be changed."""
        return self.heard()

    def edited(self, at: int) -> None:
        """Nothing was handed over."""

    def feed(self) -> float:
        """Nothing to hand on."""
        return 3600.0

    def failure(self) -> str:
        """It never fails."""
        return ""

    def close(self) -> None:
        """Nothing to let go."""


@dataclass(frozen=True, slots=True)
class SinkChanged:
    """Sound goes to another sink now; `reason` says why there is none, and is empty when all is well."""

    sink: str
    reason: str


class Speaker:
    """Plays a timeline on the first of the candidates that opens.

    `start`, `stop`, `feed` and `close` are for one thread; they wait for a device at most five seconds. The
    rest answers at once from any thread.
    """

    def __init__(
        self,
        candidates: Sequence[Callable[[], Sink]],
        timeline: Timeline,
        *,
        clock: Callable[[], float],
        on_change: Callable[[SinkChanged], None],
    ) -> None:
        self._candidates = candidates
        self._timeline = timeline
        self._clock = clock
        self._on_change = on_change
        self._sink: Sink = SilentSink(clock)
        self._settled = False
        self._running = False
        self._at = 0
        self._lost_at: float | None = None

    @property
    def name(self) -> str:
        """The name of the sink in use, `silent` before the first start."""
        return self._sink.name

    def heard(self) -> int:
        """The frame that is being heard."""
        return self._sink.heard() if self._running else self._at

    def editable(self) -> int:
        """The first frame that an edit can still change."""
        return self._sink.editable() if self._running else self._at

    def retry(self) -> None:
        """Look for a device again at the next start, when the last one was lost some time ago."""
        if self._lost_at is not None and self._clock() - self._lost_at > RETRY_SECONDS:
            self._settled = False

    def start(self) -> None:
        """Play on from where it was stopped."""
        if self._running:
            return
        makers: list[Callable[[], Sink]] = [lambda: self._sink] if self._settled else []
        makers += [*self._candidates, lambda: SilentSink(self._clock)]
        reason = ""
        for make in makers:
            try:
                sink = make()
                within(OPEN_SECONDS, partial(sink.start, self._timeline, self._at), late=sink.close)
            except SinkError as error:
                if not (reason and isinstance(error, NotInstalledError)):
                    reason = str(error)
                continue
            self._settle(sink, reason)
            return

    def stop(self) -> None:
        """Stop, and remember where."""
        if not self._running:
            return
        try:
            at = within(OPEN_SECONDS, self._sink.stop)
        except SinkError as error:
            self._fall_back(str(error))
            at = self._sink.stop()
        self._at, self._running = at, False

    def edited(self, at: int) -> None:
        """Take note that the timeline has changed from frame `at` on. Any thread that holds its lock."""
        if self._running:
            self._sink.edited(at)

    def feed(self) -> float:
        """Hand the sink what is due; fall back to silence when it has gone. Seconds until the next time."""
        if reason := self._sink.failure():
            self._fall_back(reason)
        try:
            return self._sink.feed()
        except SinkError as error:
            self._fall_back(str(error))
            return 0.0

    def close(self) -> None:
        """Stop and let go of the device."""
        self.stop()
        with suppress(SinkError):
            within(OPEN_SECONDS, self._sink.close)

    def _fall_back(self, reason: str) -> None:
        """The device has gone: go on in silence from where it was."""
        lost, self._at = self._sink, self._sink.heard()
        threading.Thread(target=lost.close, name="segue-close", daemon=True).start()  # it may hang
        silent = SilentSink(self._clock)
        silent.start(self._timeline, self._at)
        self._settle(silent, reason)

    def _settle(self, sink: Sink, reason: str) -> None:
        """Use a sink that has just been started, and tell when it is another than before."""
        changed = not self._settled or sink.name != self._sink.name
        lost = sink.name == "silent" and bool(reason)
        with self._timeline.lock:
            self._sink, self._settled, self._running = sink, True, True
            sink.edited(sink.editable())  # whatever was edited while it opened
        self._lost_at = self._clock() if lost else None
        if changed:
            self._on_change(SinkChanged(sink.name, reason if lost else ""))


def within(
    seconds: float, action: Callable[[], Value], *, late: Callable[[], object] = lambda: None
) -> Value:
    """Do something that may hang: raise `SinkError` after so many seconds, clean up should it end later."""
    done: queue.SimpleQueue[Value | BaseException] = queue.SimpleQueue()
    given_up = threading.Event()

    def work() -> None:
        try:
            done.put(action())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            done.put(error)
        if given_up.is_set():
            late()

    threading.Thread(target=work, name="segue-device", daemon=True).start()
    try:
        outcome = done.get(timeout=seconds)
    except queue.Empty:
        given_up.set()
        raise SinkError("the sound device does not answer") from None
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
