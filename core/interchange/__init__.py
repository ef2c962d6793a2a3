"""Track vectors in the formats of other programs, read and written."""

from segue.core.interchange.formats import (
    FORMATS,
    SUFFIXES,
    format_of,
    read_track_ids,
    read_vectors,
    write_vectors,
)
from segue.core.interchange.table import VectorTable, unit_rows

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "VectorTable",
    "format_of",
    "read_track_ids",
    "read_vectors",
    "unit_rows",
    "write_vectors",
]
