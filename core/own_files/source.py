"""Where sound comes from: the listener's own file of a track before any excerpt."""

from segue.core.deezer.client import Learn
from segue.core.deezer.limiter import Priority
from segue.core.deezer.previews import File, NoPreview, Preview, PreviewSource
from segue.core.deezer.source import is_invented, make_previews
from segue.core.own_files.index import FileIndex, file_index
from segue.core.own_files.tags import UnreadableFileError
from segue.core.tracks import TrackInfo

CREDIT = "Your own file"


class OwnFilesFirst:
    """A `PreviewSource` that looks among the listener's files and asks another source for the rest."""

    def __init__(self, index: FileIndex, others: PreviewSource) -> None:
        self._index = index
        self._others = others

    def fetch(self, track: TrackInfo, *, priority: Priority = "play") -> Preview | NoPreview:
        """The own file of a track, else its excerpt; no service is asked for a file that is there."""
        if not is_invented(track):
            try:
                found = self._index.find(track)
            except UnreadableFileError as error:
                return NoPreview(track, f"the file {error}")
            if found is not None:
                file = File(found.path, found.tags.seconds)
                return Preview(track, b"", found.path.absolute().as_uri(), CREDIT, file=file)
        return self._others.fetch(track, priority=priority)

    def close(self) -> None:
        """End waiting requests."""
        self._others.close()


def make_source(*, offline: bool = False, learn: Learn | None = None) -> PreviewSource:
    """Make the source of sound for every track; the parameters are those of `make_previews`."""
    return OwnFilesFirst(file_index(), make_previews(offline=offline, learn=learn))
