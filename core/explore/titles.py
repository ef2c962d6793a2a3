"""Titles asked of Deezer for tracks that a library has none of."""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from segue.core.catalogue.overlay import TitleOverlay, title_overlay
from segue.core.tracks import FIRST_INVENTED, service_id

if TYPE_CHECKING:
    from segue.core.deezer.client import DeezerClient
    from segue.core.deezer.models import Track
    from segue.core.library import Library

SECONDS = 60.0
"""How long one question may take, the wait for the rate limit included."""
AT_ONCE = 4
"""Questions at once: enough to use up the rate limit over a slow line."""
_CHUNK = 2_000


class DeezerTitles:
    """Asks Deezer for titles and keeps them in the overlay; made before it is needed, it costs nothing.

    `client` is Deezer's, made with the first question by default; it must keep what it learns in `overlay`,
    which is the listener's own by default.
    """

    def __init__(
        self,
        *,
        offline: bool = False,
        client: "DeezerClient | None" = None,
        overlay: TitleOverlay | None = None,
    ) -> None:
        self.offline = offline
        self._client = client
        self._overlay = overlay or title_overlay()
        self._lock = threading.Lock()

    def to_ask(self, track_ids: Sequence[str]) -> list[str]:
        """Those tracks that Deezer can be asked for and has not been lately."""
        return self._overlay.to_ask(filter(is_deezers, track_ids))

    def known(self, track_ids: Sequence[str]) -> Collection[str]:
        """Those tracks that have a title in the overlay."""
        return self._overlay.learned(track_ids)

    def ask(self, track_id: str) -> bool:
        """Ask for one track at low priority; returns whether Deezer has a title.

        Raises `HttpError` when Deezer did not answer, and `SegueError` when its answer can't be kept.
        """
        from segue.core.deezer.models import NotFoundError

        key = service_id(track_id)
        if key is None:
            return False
        with suppress(NotFoundError):
            found = self._deezer().within(SECONDS, "prefetch").track(int(key[1]))
            if found.title:
                self._overlay.keep([found.learned()])  # the client only logs that it could not be kept
                return True
        self._overlay.keep([], unknown=[track_id])
        return False

    def search(self, text: str) -> "Sequence[Track]":
        """The tracks at Deezer that a text may mean. Raises `HttpError` when Deezer did not answer."""
        return self._deezer().within(SECONDS).search(text)

    def close(self) -> None:
        """End waiting questions."""
        with self._lock:
            if self._client is not None:
                self._client.close()

    def _deezer(self) -> "DeezerClient":
        with self._lock:
            if self._client is None:
                from segue.core.deezer.client import DeezerClient  # requests: 100 ms

                self._client = DeezerClient(offline=self.offline, learn=self._overlay.learn)
            return self._client


def is_deezers(track_id: str) -> bool:
    """Whether an id is a track of Deezer's, and not of an invented world."""
    key = service_id(track_id)
    return key is not None and key[0] == "deezer" and 0 < int(key[1]) < FIRST_INVENTED


def untitled(library: "Library", top: int | None = None) -> list[str]:
    """The ids of the tracks without a title, the most played first, among the `top` most played."""
    import numpy as np

    counts = library.catalogue.counts(range(len(library)))
    rows = np.argsort(-counts, kind="stable")[:top].tolist()
    found: list[str] = []
    for start in range(0, len(rows), _CHUNK):
        infos = library.catalogue.infos(rows[start : start + _CHUNK])
        found += [info.track_id for info in infos if not info.title]
    return found


def ask_all(
    titles: DeezerTitles, track_ids: Sequence[str], advance: Callable[[int], object]
) -> Iterator[bool]:
    """Ask for tracks in order, a few at once; yields for each whether it has a title now.

    Raises `HttpError` when Deezer did not answer; what it answered before is kept.
    """
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="segue-titles")
    try:
        for has_title in pool.map(titles.ask, track_ids):
            advance(1)
            yield has_title
    finally:
        titles.close()
        pool.shutdown(cancel_futures=True)
