"""Previews fetched ahead of the cursor, so that the next audition starts at once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from segue.core.deezer.previews import NoPreview, Preview, PreviewSource
from segue.core.deezer.transport import Priority
from segue.core.tracks import TrackInfo


class Prefetch:
    """A source of previews that also fetches ahead.

    Previews fetched ahead are kept in memory only, up to `megabytes`, and handed out once. One thread fetches
    them at the lower priority; tracks that are no longer wanted are not fetched.

    `tell(track_id, status)` is called at each change, on any thread: `fetching`, `ready` in memory, `none`
    available, or empty once the preview was handed out or dropped.
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
        """Return the preview of a track, fetched ahead or now."""
        with self._changed:
            found: Preview | NoPreview | None = self._kept.pop(track.track_id, None)
        if found is None:
            self._tell(track.track_id, "fetching")
            found = self._fetch(track, priority)
        self._tell(track.track_id, "none" if isinstance(found, NoPreview) else "")
        return found

    def want(self, tracks: Sequence[TrackInfo]) -> None:
        """Fetch these ahead in order; what was wanted before is dropped."""
        with self._changed:
            self._wanted = list(tracks)
            if self._thread is None and self._wanted:
                self._thread = threading.Thread(target=self._work, name="segue-prefetch", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Stop fetching. The source stays open: it belongs to the caller."""
        with self._changed:
            self._over, self._wanted = True, []
            self._kept.clear()
            self._changed.notify()

    def _work(self) -> None:
        while (track := self._next()) is not None:
            self._tell(track.track_id, "fetching")
            found = self._fetch(track, "prefetch")
            self._tell(track.track_id, "none" if isinstance(found, NoPreview) else "ready")
            with self._changed:
                if isinstance(found, Preview) and not self._over:
                    self._kept[track.track_id] = found
                    while sum(len(preview.audio) for preview in self._kept.values()) > self._room:
                        self._tell(self._kept.popitem(last=False)[0], "")

    def _fetch(self, track: TrackInfo, priority: Priority) -> Preview | NoPreview:
        """Fetch a preview; any failure is an answer, since nothing restarts this thread."""
        try:
            return self._source.fetch(track, priority=priority)
        except Exception as error:  # noqa: BLE001 - a failed preview must not end the others
            return NoPreview(track, f"unexpected {type(error).__name__}: {error}")

    def _next(self) -> TrackInfo | None:
        """Wait for a track to fetch; None once closed."""
        with self._changed:
            while not self._over:
                while self._wanted:
                    track = self._wanted.pop(0)
                    if track.track_id not in self._kept:
                        return track
                self._changed.wait()
        return None
