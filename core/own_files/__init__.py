"""The listener's own audio files: an index by their tags, and which of them a track is."""

from segue.core.own_files.index import FileIndex, file_index, make_source

__all__ = ["FileIndex", "file_index", "make_source"]
