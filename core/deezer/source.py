"""The source of excerpts that suits every track: Deezer for real ones, made-up tunes for invented ones."""

from segue.core.deezer.client import DeezerClient
from segue.core.deezer.demo import DemoPreviews
from segue.core.deezer.limiter import Priority
from segue.core.deezer.previews import DeezerPreviews, NoPreview, Preview, PreviewSource
from segue.core.tracks import TrackInfo, deezer_number

FIRST_INVENTED = 10**12
"""Synthetic worlds number their tracks from here, beyond every number of Deezer's."""


class Previews:
    """Asks Deezer for tracks that exist and makes up tunes for those that do not."""

    def __init__(self, real: PreviewSource, invented: PreviewSource) -> None:
        self._real = real
        self._invented = invented

    def fetch(self, track: TrackInfo, *, priority: Priority = "play") -> Preview | NoPreview:
        """Bring the excerpt of a track."""
        source = self._invented if is_invented(track) else self._real
        return source.fetch(track, priority=priority)

    def close(self) -> None:
        """End waiting requests."""
        self._real.close()
        self._invented.close()


def is_invented(track: TrackInfo) -> bool:
    """Whether a track belongs to a synthetic world."""
    number = deezer_number(track.track_id)
    return number is not None and number >= FIRST_INVENTED


def make_previews(*, offline: bool = False) -> PreviewSource:
    """Make the source that suits every track; `offline` asks nothing of the network."""
    return Previews(DeezerPreviews(DeezerClient(offline=offline)), DemoPreviews())
