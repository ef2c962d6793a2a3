"""The doors of files that Segue keeps beside a library, of weights, and of a line that is pasted."""

import contextlib
import io
import json
import tempfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from segue.core.errors import SegueError
from segue.core.tracks import TrackInfo
from tests.fuzz.binary import array, database
from tests.fuzz.libraries import sound_library
from tests.fuzz.structure import cells
from tests.fuzz.targets import Answered, Target, expect_one_line, from_file

if TYPE_CHECKING:
    from collections.abc import Callable

TRACK = TrackInfo("recording_2cfad207-3f55-4aec-8120-86cf66e34d59", "Title", "Artist", duration=30.0)
SHAPE = (4, 3)
"""Of the weights."""


def _files(path: Path) -> None:
    """The index of own files: looked up in, and added to."""
    from segue.core.own_files import FileIndex

    with closing(FileIndex(path)) as index:
        index.folders()
        for track in (TRACK, TrackInfo("x", "Title", "Artist", isrc="GBAYE0601498"), TrackInfo("a.wav")):
            found = index.find(track)
            assert found is None or isinstance(found.tags.title, str)
        index.scan(_music())


def _music() -> Path:
    from tests.core.own_files.sounds import tag, write_wav

    folder = Path(tempfile.gettempdir()) / "segue-fuzz-music"
    folder.mkdir(exist_ok=True)
    if not (folder / "a.wav").exists():
        tag(write_wav(folder / "a.wav", 0.05), TIT2="Title", TPE1="Artist", TSRC="GBAYE0601498")
    return folder


def _gathering(path: Path) -> None:
    """A gathering that is gone on with."""
    from segue.core.explore.gather import Gathering

    folder = path.with_name("gathered")
    folder.mkdir()
    path.rename(folder / "gathering.sqlite")
    playlist = {"id": 5, "title": "P", "nb_tracks": 1, "tracks": {"data": []}, "data": [], "total": 0}
    with Gathering(folder) as gathering:
        _ = (gathering.has_agreed, gathering.progress())
        gathering.run(Answered(json.dumps(playlist).encode()).client, 9, lambda _progress: None)


def _waiting(path: Path) -> None:
    """Listens that wait for ListenBrainz, sent to where nobody listens; what its thread survives is fine."""
    import sqlite3

    from segue.core.listenbrainz import ListenBrainz
    from tests.fuzz.services import Answering

    sender = ListenBrainz("token", path.with_name("none"), address="http://127.0.0.1:9")
    sender.close()
    sender._closed, sender._path, sender._http = False, path, cast("Any", Answering(b"{}"))
    with contextlib.suppress(OSError, sqlite3.Error, UnicodeError):
        expect_one_line(sender.waiting)
    sender.feedback(TRACK, 1)
    with contextlib.suppress(OSError, sqlite3.Error, UnicodeError):
        expect_one_line(sender._send_all)


def _databases() -> dict[str, bytes]:
    """One of each, with something in every table."""
    from segue.core.explore.gather import Gathering
    from segue.core.listenbrainz import ListenBrainz
    from segue.core.own_files import FileIndex

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(FileIndex(folder / "files.sqlite")) as index:
            index.scan(_music())
        with Gathering(folder) as gathering:
            gathering.agree()
            with gathering._writing():
                for path in ("playlist/1", "playlist/2", "chart/0/playlists"):
                    gathering._add_task(path, "", 0)
                gathering._connection.execute("INSERT INTO artists (id, playlists) VALUES (3, 1)")
                gathering._connection.execute("UPDATE playlists SET line = ? WHERE id = 2", (b"{}",))
        sender = ListenBrainz("token", folder / "waiting.sqlite", address="http://127.0.0.1:9")
        sender.close()
        sender.heard(TrackInfo("x", "Title", "Artist"), 200.0, 200.0)
        sender.feedback(TRACK, 1)
        return {path.name: path.read_bytes() for path in folder.glob("*.sqlite")}


def _lists(path: Path) -> None:
    """The lists of neighbours that `segue serve` keeps."""
    from segue.core.serve.answers import Answers
    from segue.core.serve.lists import _place

    library = sound_library()
    folder = path.with_name("lists")
    folder.mkdir()
    path.rename(_place(folder, library, np.arange(len(library))))
    answers = Answers(library, folder=folder)
    try:
        answers.answer("/api/similar_tracks", {"item_id": library.track_ids[0], "n": "5"})
    finally:
        answers.lists.close()


def _kept_lists() -> tuple[bytes, ...]:
    from segue.core.serve.lists import LENGTH

    count = len(sound_library())
    out = io.BytesIO()
    np.save(out, np.tile(np.arange(min(LENGTH, count), dtype=np.int32), (count, 1)))
    return (out.getvalue(),)


def _weights(path: Path) -> None:
    from segue.core.cli.vectors import _raw
    from segue.core.library import WEIGHTS

    path.rename(path.with_name(WEIGHTS))
    _raw(cast("Any", SimpleNamespace(path=path.parent, vectors=np.zeros(SHAPE, np.float32))))


def _weight_files() -> tuple[bytes, ...]:
    """Weights, and those that are not stored in their file: behind links, elsewhere, or nowhere."""
    import h5py

    from segue.core.library import EMBEDDING

    values = np.arange(12, dtype=np.float32).reshape(SHAPE)
    source = h5py.VirtualSource("/etc/passwd", "x", shape=SHAPE, dtype="f4")
    layout = h5py.VirtualLayout(SHAPE, "f4")
    layout[:] = source
    makers: tuple[Callable[[Any], object], ...] = (
        lambda file: file.create_dataset(EMBEDDING, data=values),
        lambda file: file.create_dataset(EMBEDDING, data=values, chunks=(2, 3), compression="gzip"),
        lambda file: file.__setitem__(EMBEDDING, h5py.ExternalLink("/etc/passwd", "x")),
        lambda file: file.__setitem__(EMBEDDING, h5py.SoftLink(f"/{EMBEDDING}")),
        lambda file: file.create_dataset(EMBEDDING, SHAPE, "f4", external=[("/etc/passwd", 0, 48)]),
        lambda file: file.create_dataset(EMBEDDING, (1 << 40, 1 << 10), "f4", chunks=(1, 1)),
        lambda file: file.create_virtual_dataset(EMBEDDING, layout),
    )
    files = []
    for make in makers:
        out = io.BytesIO()
        with h5py.File(out, "w") as file:
            make(file)
        files.append(out.getvalue())
    return tuple(files)


def _recipe(data: bytes) -> None:
    """A line that somebody has sent, to be gone to, and written again."""
    from segue.tui.model import recipe
    from segue.tui.model.values import Dials

    text = data.decode(errors="replace")[:2_000]

    def row_of(name: str) -> int:
        if not name.strip():
            raise SegueError("no such track")
        return len(name) % 7

    def go() -> None:
        recipe.is_recipe(text)
        place, dials = recipe.read(
            text, row_of, Dials(), steps=5, rows_of_artist=lambda name: range(len(name))
        )
        line = recipe.write(place, dials, lambda row: "x" * (row + 7))
        assert recipe.read(line, row_of, dials, steps=5)[1] == dials

    expect_one_line(go)


def kept_targets() -> list[Target]:
    """A door for each."""
    doors = {"files": _files, "gathering": _gathering, "waiting": _waiting}
    return [
        *(
            Target(
                f"kept: {name}",
                from_file(".sqlite", run),
                lambda name=name: (_databases()[f"{name}.sqlite"],),  # type: ignore[misc]  # bound at once
                (database,),
            )
            for name, run in doors.items()
        ),
        Target("kept: lists", from_file(".npy", _lists), _kept_lists, (array,)),
        Target("weights", from_file(".h5", _weights), _weight_files, (cells,)),
        Target(
            "recipe",
            _recipe,
            (
                "track:(Salt — Oda):2 -track:(Sand (live) — Oda) deep unheard".encode(),
                b"path track:(a) track:(bb) unguarded",
                b"-artist:(Oda) track:(Salt):3 familiar",
            ),
        ),
    ]
