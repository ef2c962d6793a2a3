"""What the writing and the reading of a catalogue agree upon."""

from dataclasses import fields

from segue.core.tracks import TrackInfo

FORMAT = 1
"""Version of the file's layout, its `user_version`."""
COLUMNS = tuple(field.name for field in fields(TrackInfo))
"""The columns of a track's metadata, in the order of the fields."""
