"""Excerpts fetched ahead of the cursor, so that the next audition begins at once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from segue.core.deezer.limiter import Priority
from segue.core.deezer.previews import NoPreview, Preview, PreviewSource
from segue.core.tracks import TrackInfo


class PreviewsAhead:
    """A source of previews that can be told what may be wanted next.

    What was fetched ahead is kept in memory only, in at most so many megabytes, and given away once. One
    thread fetches, at the lower priority; what is not wanted any more is not begun.

    `tell(track_id, status)` hears of each change, on any thread: `fetching`, `ready` in memory, `none` to be
    had, or empty when the excerpt is given away or has lost its room.
    """

    def __init__(
        self,
        source: PreviewSource,
        megabytes: int,
        tell: Callable[[str, str], object] = lambda _track_id, _status: None,
    ) -> None:
        self._tell = tell
        self._source = source
        self._room = megabytes * 2**20
        self._kept: OrderedDict[str, Preview] = OrderedDict()
        self._wanted: list[TrackInfo] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._over = False

    def fetch(self, track: TrackInfo, *, priority: Priority = "play") -> Preview | NoPreview:
        """Bring the excerpt of a track: the one that was fetched ahead, or a fresh one."""
        with self._changed:
            found: Preview | NoPreview | None = self._kept.pop(track.track_id, None)
        if found is None:
            self._tell(track.track_id, "fetching")
            found = self._bring(track, priority)
        self._tell(track.track_id, "none" if isinstance(found, NoPreview) else "")
        return found

    def want(self, tracks: Sequence[TrackInfo]) -> None:
        """Fetch these ahead, the first first, in place of what was wanted before."""
        with self._changed:
            self._wanted = list(tracks)
            if self._thread is None and self._wanted:
                self._thread = threading.Thread(target=self._work, name="segue-ahead", daemon=True)
                self._thread.start()
            self._changed.notify()

    def kept(self) -> list[str]:
        """Give the ids of the tracks that were fetched ahead, the oldest first."""
        with self._changed:
            return list(self._kept)

    def close(self) -> None:
        """Fetch no more. The source stays open, since it is somebody else's."""
        with self._changed:
            self._over, self._wanted = True, []
            self._kept.clear()
            self._changed.notify()

    def _work(self) -> None:
        while (track := self._next()) is not None:
            self._tell(track.track_id, "fetching")
            found = self._bring(track, "prefetch")
            self._tell(track.track_id, "none" if isinstance(found, NoPreview) else "ready")
            with self._changed:
                if isinstance(found, Preview) and not self._over:
                    self._kept[track.track_id] = found
                    while sum(len(preview.audio) for preview in self._kept.values()) > self._room:
                        self._tell(self._kept.popitem(last=False)[0], "")

    def _bring(self, track: TrackInfo, priority: Priority) -> Preview | NoPreview:
        """Fetch; whatever goes wrong is an answer, since nobody restarts this thread."""
        try:
            return self._source.fetch(track, priority=priority)
        except Exception as error:  # noqa: BLE001 - a fault in one excerpt must not end the others
            return NoPreview(track, f"unexpected {type(error).__name__}: {error}")

    def _next(self) -> TrackInfo | None:
        """Wait for a track to fetch; None at the end."""
        with self._changed:
            while not self._over:
                while self._wanted:
                    track = self._wanted.pop(0)
                    if track.track_id not in self._kept:
                        return track
                self._changed.wait()
        return None
