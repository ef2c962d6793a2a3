"""Who a track is: metadata and search in one SQLite file, written once and opened read-only."""

from segue.core.catalogue.catalogue import Artist, Catalogue

__all__ = ["Artist", "Catalogue"]
