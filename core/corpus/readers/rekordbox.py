"""The collection that rekordbox exports as XML."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from segue.core.corpus.readers.batch import Batch, Entry, NamedEntries, Source, whole_playlists
from segue.core.corpus.readers.identities import path_of
from segue.core.corpus.readers.xml_tree import called, name_of, xml_root
from segue.core.corpus.readers.xspf import milliseconds


def read_rekordbox(source: Source) -> Iterator[Batch]:
    """Read the playlists, whose entries name tracks of the collection by number or by path.

    A collection without playlists is one. Tracks are known by their paths.
    """
    root = xml_root(source)
    by_number: dict[str, Entry] = {}
    by_path: dict[str, Entry] = {}
    for collection in called(root, "collection"):
        for track in collection:
            path = path_of(track.get("Location", ""))
            by_number[track.get("TrackID", "")] = by_path[path] = _entry(track, path)
    rows: list[list[Entry]] = []
    for node in called(root, "node"):
        if node.get("Type") != "1":
            continue
        is_path = node.get("KeyType") == "1"
        keys = [each.get("Key", "") for each in node if name_of(each) == "track"]
        found = [by_path.get(path_of(key)) if is_path else by_number.get(key) for key in keys]
        if missing := found.count(None):
            source.skipped["track that is not in the collection"] += missing
        rows.append(NamedEntries(node.get("Name", ""), (entry for entry in found if entry is not None)))
    yield from whole_playlists(rows if any(rows) else [list(by_number.values())])


def _entry(track: Element, path: str) -> Entry:
    seconds = track.get("TotalTime", "")
    length = milliseconds(f"{seconds}000") if seconds.isdecimal() else None
    name, artist, album = (track.get(key, "") for key in ("Name", "Artist", "Album"))
    return Entry("" if path == "." else path, name, artist, album, duration=length)
