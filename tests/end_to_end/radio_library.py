"""A library whose tracks bear numbers such as Deezer gives, for a fake Deezer to know."""

from dataclasses import replace
from pathlib import Path

from msgspec import structs

from segue.core.library import Library
from segue.core.synthetic import make_world
from tests.end_to_end.deezer_server import FakeDeezer
from tests.libraries import make_library

FIRST = 3_000_000


def make_radio_library(path: Path) -> Library:
    """Write a tiny library with its tracks renumbered from three million on."""
    invented = make_world("tiny")
    table = invented.playlists
    numbers = {track_id: f"track_{FIRST + place}" for place, track_id in enumerate(table.track_ids)}
    world = replace(invented, playlists=replace(table, track_ids=list(numbers.values()), tracks={}))
    # the names come with the world's own ids; a cached property takes what is put in its place
    vars(world)["tracks"] = [
        structs.replace(track, track_id=numbers[track.track_id]) for track in invented.tracks
    ]
    return make_library(path, world)


def introduce(library: Library, deezer: FakeDeezer) -> None:
    """Pass the names of the library's tracks to the fake Deezer."""
    for info in library.catalogue.infos(range(len(library))):
        deezer.add(int(info.track_id.removeprefix("track_")), info.title, info.artist)
