"""The doors that take bytes from strangers, each with well-formed inputs to start from."""

import gzip
import io
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from core.errors import SegueError
from core.library import Library
from tests.core.corpus.writers import million_slice, python2_npy
from tests.libraries import make_library

ROWS = [
    ["track_1", "artist_7", "track_2", "artist_8", "track_1", "artist_7"],
    ["track_2", "artist_8", "track_3", "artist_9"],
]
TRACKS = [["a", "b", "a"], ["b", "c"]]


@dataclass(frozen=True)
class Target:
    """A door. `run` gets bytes and may raise nothing but a `SegueError`."""

    name: str
    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def expect_one_line(act: Callable[[], object]) -> None:
    """Do it; a `SegueError` is a good answer as long as it is one printable line."""
    line = ""
    try:
        act()
    except SegueError as error:
        line = str(error).strip()
    assert "\n" not in line, line


def from_file(suffix: str, act: Callable[[Path], object]) -> Callable[[bytes], None]:
    """Make a door of a function that reads a file."""

    def run(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"input{suffix}"
            path.write_bytes(data)
            expect_one_line(lambda: act(path))

    return run


def read_playlists_and_build(path: Path) -> None:
    """Read, count and encode."""
    from core.corpus import build_corpus
    from core.corpus.readers import read_playlists

    build_corpus(read_playlists(path))


def playlist_targets() -> list[Target]:
    """Every form that `read_playlists` tells apart by content."""
    lines = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    forms: dict[str, tuple[str, bytes]] = {
        "npy": (".npy", python2_npy(ROWS)),
        "json lines": (".jsonl", lines),
        "gzip": (".jsonl.gz", gzip.compress(lines, mtime=0)),
        "token lines": (".txt", "\n".join(",".join(row) for row in ROWS).encode()),
        "table": (".csv", b"playlist_id,track_id,position\n1,a,0\n1,b,1\n2,b,0\n2,c,1\n2,a,2\n"),
        "million slice": (".json", million_slice(TRACKS).encode()),
        "m3u": (".m3u8", "#EXTM3U\n#EXTINF:30,Artist - Títle\na.mp3\nb.mp3\n".encode()),
        "yes": ("train.txt", b"10 11 12 \n2 2 1 \n0 1 0 \n1 2 \n"),
    }
    return [
        Target(f"playlists: {name}", from_file(suffix, read_playlists_and_build), (seed,))
        for name, (suffix, seed) in forms.items()
    ] + [Target("playlists: parquet", from_file(".parquet", read_playlists_and_build), (_parquet(),))]


def _parquet() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table({"playlist_id": [1, 1, 2], "track_id": ["a", "b", "a"]}), out)
    return out.getvalue()


def _metadata(path: Path) -> None:
    from core.catalogue.metadata import read_metadata

    read_metadata([path])


def _playlist_in(path: Path) -> None:
    from core.explore.playlist_in import read_playlist

    read_playlist(str(path))


def _settings(path: Path) -> None:
    from tui.settings import read_settings

    read_settings(path)


def _checkpoint(path: Path) -> None:
    from core.track2vec.checkpoint import Checkpoint

    Checkpoint.open(path, {"seed": 0})


def _state(path: Path) -> None:
    from core.state import State

    state = State.open(path)
    try:
        state.love("track_1")
        state.undo()
        state.journal()
        state.session()
    finally:
        state.close()


def _vectors(path: Path) -> None:
    from core.cli.import_vectors import read_vectors

    read_vectors(path)


def _decode(data: bytes) -> None:
    from core.audio.decode import decode

    expect_one_line(lambda: decode(data))


def _deezer(data: bytes) -> None:
    """Whatever a server answers, the models make something of it or refuse."""
    from core.deezer.client import DeezerClient
    from core.deezer.transport import Reply

    class Answers:
        def get(self, *_args: object, **_kwargs: object) -> Reply:
            return Reply(200, data, "application/json")

    client = DeezerClient("http://127.0.0.1:9", transport=Answers())  # type: ignore[arg-type]  # only `get` is asked
    for ask in (client.track, client.artist, client.album):
        expect_one_line(lambda ask=ask: ask(1))  # type: ignore[misc]  # bound at once
    expect_one_line(lambda: client.search("x"))


@cache
def sound_library() -> Library:
    """A library to break copies of."""
    return make_library(Path(tempfile.mkdtemp(prefix="segue-fuzz-")) / "sound")


def library_target(name: str) -> Target:
    """The opener, with one file of a sound library replaced."""

    def run(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(shutil.copytree(sound_library().path, Path(folder) / "copy"))
            path.joinpath(name).write_bytes(data)
            expect_one_line(lambda: use_library(path))

    return Target(f"library: {name}", run, (sound_library().path.joinpath(name).read_bytes(),))


def use_library(path: Path) -> None:
    """Open a library and do with it what the explorer does."""
    from core.evaluation import read_report
    from core.explore.neighbours import neighbourhood

    library = Library.open(path)
    rows = [hit.row for hit in library.catalogue.search("a")]
    library.catalogue.infos(rows)
    neighbourhood(library, 0, 5)
    _ = (library.track_ids, library.corpus, library.held_out, library.positions, library.history)
    if library.occurrences is not None:
        library.occurrences.together(0, 1)
    read_report(library)


LIBRARY_FILES = (
    "library.json",
    "vectors.npy",
    "counts.npy",
    "tracks.txt",
    "catalogue.sqlite",
    "heldout.npz",
    "positions.npy",
    "history.jsonl",
    "corpus/items.npy",
    "corpus/offsets.npy",
    "cooccurrence/indptr.npy",
    "cooccurrence/indices.npy",
    "occurrences/starts.npy",
)


def other_targets() -> list[Target]:
    """Every other door."""
    npy = io.BytesIO()
    np.save(npy, np.ones((3, 2), np.float32))
    npz = io.BytesIO()
    facts = json.dumps({"format": 1, "identity": {"seed": 0}, "history": [], "seconds": 1.0}).encode()
    np.savez(npz, facts=np.frombuffer(facts, np.uint8), best=np.ones((2, 2), np.float32))
    tones = Path(__file__).parent.parent / "end_to_end" / "tones"
    sounds = tuple(path.read_bytes() for path in sorted(tones.glob("*.mp3"))[:1])
    track = {
        "id": 1,
        "title": "T",
        "preview": "https://cdnt-preview.dzcdn.net/x.mp3",
        "artist": {"id": 2, "name": "A"},
    }
    return [
        Target(
            "metadata",
            from_file(".csv", _metadata),
            (
                "title,name,preview,track_id\nDonde Estés,A,http://x,track_1\nB,C,,track_2\n".encode(),
                b"deezer_id,genres,name\n1,[pop],X\n",
                b"0 \tTitle\tArtist\n1 \tB\tC\n",
            ),
        ),
        Target(
            "playlist in",
            from_file(".m3u8", _playlist_in),
            (
                b"#EXTM3U\n#EXTINF:1,A - T\nhttps://www.deezer.com/track/1\n",
                b'{"playlist":{"track":[{"title":"T"}]}}',
            ),
        ),
        Target("settings", from_file(".toml", _settings), (b'theme = "x"\n[keys]\n"radio.start" = "R"\n',)),
        Target("checkpoint", from_file(".training", _checkpoint), (npz.getvalue(),)),
        Target("state", from_file(".sqlite", _state), (b"",)),
        Target("vectors", from_file(".npy", _vectors), (npy.getvalue(),)),
        Target("audio", _decode, sounds),
        Target(
            "deezer",
            _deezer,
            (
                json.dumps(track).encode(),
                json.dumps({"data": [track], "total": 1}).encode(),
                b'{"error":{"type":"Exception","message":"Quota limit exceeded","code":4}}',
                b'{"error":[]}',
            ),
        ),
    ]


@cache
def all_targets() -> tuple[Target, ...]:
    """Every door."""
    libraries = [library_target(name) for name in LIBRARY_FILES]
    return (*playlist_targets(), *other_targets(), *libraries)
