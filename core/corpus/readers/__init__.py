"""Every playlist file in, behind one `read_playlists`."""

from segue.core.corpus.readers.batch import Columns
from segue.core.corpus.readers.forms import FORMATS
from segue.core.corpus.readers.reading import read_playlists

__all__ = ["FORMATS", "Columns", "read_playlists"]
