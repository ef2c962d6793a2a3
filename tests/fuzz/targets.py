"""The doors that take bytes from strangers, each with well-formed inputs to start from.

One list of all doors, long as there are many: a door that is missing is seen here, and nowhere else.
"""

import contextlib
import gzip
import io
import json
import random
import shutil
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import zstandard

from segue.core.errors import SegueError
from tests.core.corpus.exports import EXPORTS
from tests.core.corpus.writers import million_slice, python2_npy
from tests.core.radio.doubles import wav
from tests.fuzz.binary import archive, array, database, table
from tests.fuzz.structure import (
    Damage,
    after_first_line,
    anyhow,
    cells,
    in_archive,
    json_values,
    markup,
    packed,
    parts,
)

if TYPE_CHECKING:
    from segue.core.tuning.search import Tuner

ROWS = [
    ["track_1", "artist_7", "track_2", "artist_8", "track_1", "artist_7"],
    ["track_2", "artist_8", "track_3", "artist_9"],
]
TRACKS = [["a", "b", "a"], ["b", "c"]]


Seeds = tuple[bytes, ...] | Callable[[], tuple[bytes, ...]]
"""Well-formed inputs, or what makes them: making all takes long, and collecting needs the names alone."""


@dataclass(frozen=True)
class Target:
    """A door. `run` gets bytes and may raise nothing but a `SegueError`."""

    name: str
    run: Callable[[bytes], None]
    made: Seeds
    damages: tuple[Damage, ...] = (cells,)
    """What keeps the outer form of its files; bytes are damaged anyhow besides."""

    @cached_property
    def seeds(self) -> tuple[bytes, ...]:
        """Well-formed inputs."""
        return self.made() if callable(self.made) else self.made

    def damaged(self, rng: random.Random) -> bytes:
        """One of the seeds, damaged."""
        damage = rng.choice((anyhow, *self.damages, *self.damages))
        return damage(rng.choice(self.seeds), rng)


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
    from segue.core.corpus import build_corpus
    from segue.core.corpus.readers import read_playlists

    build_corpus(read_playlists(path))


def playlist_targets() -> list[Target]:
    """Every form that `read_playlists` tells apart by content."""
    lines = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    named = json.dumps([{"tracks": row} for row in TRACKS]).encode()
    forms: dict[str, tuple[str, Seeds, tuple[Damage, ...]]] = {
        "npy": (".npy", (python2_npy(ROWS),), (cells,)),
        "json lines": (".jsonl", (lines,), (json_values,)),
        "json": (".json", (json.dumps(ROWS).encode(), named), (json_values,)),
        "gzip": (".jsonl.gz", (gzip.compress(lines, mtime=0),), (packed(json_values), packed(anyhow))),
        "zstd": (".jsonl.zst", (zstandard.compress(lines),), ()),
        "token lines": (".txt", ("\n".join(",".join(row) for row in ROWS).encode(),), (cells,)),
        "table": (
            ".csv",
            (
                b"playlist_id,track_id,position\n1,a,0\n1,b,1\n2,b,0\n2,c,1\n2,a,2\n",
                b'pid\ttrack\ttitle\tartist\tartist_id\n1\ta\t"T\tt"\tA\tx\n2\ta\tT\tA\tx\n1\tb\t\t\t\n',
            ),
            (cells,),
        ),
        "million slice": (".json", (million_slice(TRACKS).encode(),), (json_values,)),
        "m3u": (".m3u8", ("#EXTM3U\n#EXTINF:30,Artist - Títle\na.mp3\na.mp3\n".encode(),), (cells,)),
        "yes": ("train.txt", (b"10 11 12 \n2 2 1 \n0 1 0 \n1 2 \n",), (cells,)),
        "parquet": (".parquet", _parquets, (table,)),
    }
    return [
        Target(f"playlists: {name}", from_file(suffix, read_playlists_and_build), seeds, damages)
        for name, (suffix, seeds, damages) in forms.items()
    ]


def _parquets() -> tuple[bytes, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = []
    for columns in (
        {"playlist_id": [1, 1, 2], "track_id": ["a", "b", "a"]},
        {"pid": ["x", "y", "x"], "track": [1, 2, 1], "pos": [0, 0, 1], "title": ["T", "U", "T"]},
        {"tracks": TRACKS},
    ):
        out = io.BytesIO()
        pq.write_table(pa.table(columns), out)
        found.append(out.getvalue())
    return tuple(found)


def _metadata(path: Path) -> None:
    from segue.core.catalogue.metadata import read_metadata

    read_metadata([path])


def _playlist_in(path: Path) -> None:
    from segue.core.explore.playlist_files import read_playlist

    for _ in (1, 2):  # recognised by its suffix, then by its look
        read_playlist(str(path))
        path = path.rename(path.with_suffix(".unknown"))


def _settings(path: Path) -> None:
    from segue.tui.model.settings import read_settings

    read_settings(path)


def _prepared(path: Path) -> None:
    """A prepared corpus of which one file is damaged, after the name in the first line."""
    from segue.core.corpus.loading import load_corpus

    name, _, data = path.read_bytes().partition(b"\n")
    folder = Path(shutil.copytree(_prepared_corpus(), path.with_name("corpus")))
    if name.decode(errors="replace") in {file.name for file in folder.iterdir()}:
        (folder / name.decode()).write_bytes(data)
    loaded = load_corpus(folder)
    _ = loaded.corpus.counts


@cache
def _prepared_corpus() -> Path:
    from segue.core.corpus.prepare import prepare

    folder = Path(tempfile.mkdtemp(prefix="segue-fuzz-"))
    source = folder / "playlists.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    prepare([source], folder / "corpus", processes=1)
    return folder / "corpus"


def _checkpoint(path: Path) -> None:
    from segue.core.track2vec.recipes import Checkpoint

    Checkpoint.open(path, {"seed": 0})


def _state(path: Path) -> None:
    from segue.core.state import State

    state = State.open(path)
    try:
        state.love("track_1")
        state.undo()
        state.redo()
        state.record("track_1", source="radio")
        _ = (state.journal(), state.heard(), state.session(), state.loves(), state.bans())
        _ = (state.places(), state.stations())
        state.save_session({"x": 1})
    finally:
        state.close()


def _titles(path: Path) -> None:
    """Learned titles: a damaged file knows nothing, and only writing says so."""
    from segue.core.catalogue.overlay import TitleOverlay
    from segue.core.tracks import TrackInfo

    overlay = TitleOverlay(path)
    try:
        infos = overlay.completed([TrackInfo("track_1"), TrackInfo("track_2")])
        _ = (infos, overlay.ids_titled("title"), overlay.ids_matching('"title" *', 9), len(overlay))
        overlay.keep([(TrackInfo("track_1", "Title", "Artist"), "")], unknown=["track_3"])
    finally:
        overlay.close()


def _full_titles() -> bytes:
    from segue.core.catalogue.overlay import TitleOverlay
    from segue.core.tracks import TrackInfo

    path = Path(tempfile.mkdtemp(prefix="segue-fuzz-")) / "titles.sqlite"
    overlay = TitleOverlay(path)
    overlay.keep([(TrackInfo("track_1", "Title", "Artist"), "https://cover")], unknown=["track_2"])
    overlay.close()
    return path.read_bytes()


def _own(path: Path) -> None:
    """What earlier imports have kept, and what is added to it."""
    from segue.core.corpus.own import FILE, OwnCorpus
    from segue.core.corpus.readers.batch import Entry
    from segue.core.corpus.readers.identities import OwnPlaylist

    folder = path.parent / f"{path.stem}-own"
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_bytes(path.read_bytes())
    corpus = OwnCorpus.open(folder)
    corpus.add([OwnPlaylist("Mix", "spotify", [Entry("track_1", "Title")])])
    corpus.save()


def _journal(path: Path) -> None:
    """A damaged journal of a search, joined as `segue tune` does, up to the training of a trial."""
    folder = path.with_name("study")
    folder.mkdir()
    path.rename(folder / "journal.log")
    tuner = _tuner(folder)
    _ = tuner.board
    tuner._wants_another(99)
    tuner._begin()


def _tuner(folder: Path) -> "Tuner":
    from segue.core.tuning.search import Tuner, split_without_test
    from segue.core.tuning.space import preset_of
    from tests.fuzz.libraries import sound_library

    return Tuner(split_without_test(sound_library()), folder, preset_of("fast"), library="sound")


@cache
def _journal_of_a_search() -> tuple[bytes, ...]:
    """Ten trials without their trainings: eight are done, one has failed, one is running."""
    from optuna.trial import TrialState

    folder = Path(tempfile.mkdtemp(prefix="segue-fuzz-"))
    tuner = _tuner(folder)
    for number in range(10):
        attempt = tuner._begin()
        assert attempt is not None
        attempt.trial.report(number / 100, 1)
        if number < 8:
            attempt.end(TrialState.COMPLETE, (number / 50, number / 99))
        elif number == 8:
            attempt.end(TrialState.FAIL, cut_short=True)
    return ((folder / "journal.log").read_bytes(),)


def _vectors(path: Path) -> None:
    from segue.core.interchange import read_vectors

    read_vectors(path)


def _track_ids(path: Path) -> None:
    from segue.core.interchange import read_track_ids

    read_track_ids(path)


def _vector_files() -> tuple[bytes, ...]:
    """A file of each format that vectors are read from."""
    from segue.core.interchange import FORMATS, write_vectors
    from segue.core.tracks import TrackInfo
    from tests.core.interchange.writers import keyed_vectors

    folder = Path(tempfile.mkdtemp(prefix="segue-fuzz-"))
    vectors, ids = np.eye(3, 2, dtype=np.float32), ["a", "b", "c"]
    for name in FORMATS:
        tracks = [TrackInfo(track_id, title="T") for track_id in ids]
        write_vectors(folder / name, name, vectors=vectors, track_ids=ids, tracks=tracks)
    return (*((folder / name).read_bytes() for name in FORMATS), keyed_vectors(ids, vectors))


def _preview(data: bytes) -> None:
    from segue.core.audio.decode import decode_preview

    expect_one_line(lambda: decode_preview(data))


def _own_audio(path: Path) -> None:
    from segue.core.audio.decode import decode

    decode(path)


def _tags(path: Path) -> None:
    """Tags as they are indexed, under each ending that has a reader of its own."""
    from segue.core.own_files.tags import UnreadableFileError, read_tags

    for suffix in (".m4a", ".mp3", ".flac", ".wav", ".ogg", ".wma", ".aiff"):
        path = path.rename(path.with_suffix(suffix))
        with contextlib.suppress(UnreadableFileError):
            read_tags(path)


def _tagged() -> tuple[bytes, ...]:
    """A file with tags of every form that is at hand."""
    from tests.core.own_files.sounds import tag, write_wav

    with tempfile.TemporaryDirectory() as folder:
        names = {"TIT2": "Title", "TPE1": "Artist", "TSRC": "GBAYE0601498", "TXXX": "x\0y"}
        wave = tag(write_wav(Path(folder) / "x.wav", 0.1), **names).read_bytes()
    comments = [b"TITLE=T", b"ARTIST=A", b"ISRC=GBAYE0601498"]
    body = b"".join(len(text).to_bytes(4, "little") + text for text in (b"v", *comments))
    block = body[:5] + len(comments).to_bytes(4, "little") + body[5:]
    stream = bytes.fromhex("1000100000000000000a0ac442f0") + (44_100).to_bytes(4, "big") + bytes(16)
    flac = b"fLaC\x00\x00\x00\x22" + stream + b"\x84" + len(block).to_bytes(3, "big") + block

    def atom(name: bytes, *inside: bytes) -> bytes:
        whole = b"".join(inside)
        return (8 + len(whole)).to_bytes(4, "big") + name + whole

    title = atom(b"\xa9nam", atom(b"data", bytes((0, 0, 0, 1, 0, 0, 0, 0)), b"Title"))
    kept = atom(b"udta", atom(b"meta", bytes(4), atom(b"hdlr", bytes(25)), atom(b"ilst", title)))
    header = atom(b"mvhd", bytes(12), (1_000).to_bytes(4, "big"), (200_000).to_bytes(4, "big"), bytes(80))
    mp4 = atom(b"ftyp", b"M4A \x00\x00\x00\x00M4A mp42") + atom(b"moov", header, kept)
    return (wave, flac, mp4)


def _cover(data: bytes) -> None:
    from segue.core.deezer.source import decoded

    pixels = decoded(data, 8, 8)
    assert pixels is None or pixels.shape == (8, 8, 3)


def _pictures() -> tuple[bytes, ...]:
    from PIL import Image

    found = []
    noise = Image.frombytes("RGB", (40, 40), random.Random(1).randbytes(4_800))
    forms: tuple[tuple[Image.Image, dict[str, Any]], ...] = (
        (noise, {"format": "JPEG"}),
        (noise, {"format": "JPEG", "progressive": True}),
        (noise.convert("CMYK"), {"format": "JPEG"}),
        (noise, {"format": "PNG"}),
        (noise.convert("P"), {"format": "PNG", "transparency": 3}),
        (noise.convert("1"), {"format": "PNG"}),
    )
    for picture, options in forms:
        out = io.BytesIO()
        picture.save(out, **options)
        found.append(out.getvalue())
    return tuple(found)


def _ctl(data: bytes) -> None:
    """What listens in the explorer's place answers `segue ctl` and a status bar."""
    from segue.core.cli import scripting

    def show(patience: float | None) -> None:
        ours, theirs = socket.socketpair()
        with ours, contextlib.redirect_stdout(io.StringIO()):
            with theirs:
                theirs.sendall(data[:100_000])
            for answer in scripting._answers(ours, Path("socket"), patience):
                scripting._print(scripting._checked(answer), Path("socket"), as_json=False)

    for patience in (5.0, None):
        expect_one_line(lambda patience=patience: show(patience))  # type: ignore[misc]  # bound at once


def _controlled(**more: Any) -> tuple[Any, Any]:  # noqa: ANN401 - what takes commands, and what plays
    """As much of the explorer as commands reach."""
    from segue.tui.control import Control
    from tests.fuzz.libraries import sound_library

    library = sound_library()
    playing = SimpleNamespace(
        **{"row": 3, "paused": False, "label": "L", "link": "", "duration": 30.0, "by": "a radio", **more}
    )
    app = SimpleNamespace(
        library=library, playing=playing, tracks=library.catalogue, position=1.0, crate="Mine",
        radio=SimpleNamespace(on=True, paused=False, upcoming=[]),
        taste=SimpleNamespace(loved={}, banned={}), go=lambda _place: None,
    )  # fmt: skip
    done = {
        "love",
        "ban",
        "pause",
        "stop_radio",
        "skip",
        "previous",
        "play",
        "radio_from",
        "add_rows",
        "mute",
    }
    sound = SimpleNamespace(position=1.0, volume=0.5, muted=False, mute=lambda: None)
    sound.set_volume, sound.seek_to = _number, _number
    acts = SimpleNamespace(**dict.fromkeys(done, lambda *_args: None))
    controllers = SimpleNamespace(sound=sound, playback=acts, tastes=acts, steering=acts, crates=acts)
    control = Control(cast("Any", app), cast("Any", controllers))
    return app, control


def _command(data: bytes) -> None:
    """What a caller at the explorer's socket sends, up to what it does to the explorer."""
    text = data.partition(b"\n")[0][:1_024].decode("utf-8", errors="replace").strip()
    _app, control = _controlled()
    expect_one_line(lambda: json.dumps(control.do(text), allow_nan=False))


def _media_key(data: bytes) -> None:
    """What programs on the session bus send, of the types that it lets through, and what they are sent."""
    from dbus_fast import Message

    from segue.tui.mpris import NAME, PATH, Player

    words = data.split(b"\n", 2)
    member, number, text = [*(word.decode(errors="replace") for word in words), "", "", ""][:3]
    try:
        value = float(number)
    except ValueError:
        value = 0.0
    whole = int(np.clip(np.nan_to_num(value), -(1 << 62), 1 << 62))
    app, control = _controlled(label=text, link=text, cover=f"https://{text}")
    control._controllers.sound.set_volume = float  # any number will do: NaN is 0
    app.playing.row = None if len(text) % 2 else 3
    player = Player(cast("Any", app), control)
    calls: dict[str, Callable[[], object]] = {
        "Seek": lambda: player.Seek(whole),
        "SetPosition": lambda: player.SetPosition(text, whole),
        "Volume": lambda: setattr(player, "_set_volume", value),
        "OpenUri": lambda: player.OpenUri(text),
        "Next": player.Next,
        "PlayPause": player.PlayPause,
    }
    calls.get(member, player.Play)()
    sent = Message(
        destination=NAME, path=PATH, interface=NAME, member="X", signature="a{sv}", body=[player.Metadata]
    )
    sent.serial = 1
    assert sent._marshall(False)


def _number(value: float) -> None:
    assert np.isfinite(value)


class Answered:
    """A client of Deezer's to which everything is answered with the same bytes."""

    def __init__(self, data: bytes) -> None:
        from segue.core.deezer.client import DeezerClient
        from segue.core.deezer.transport import Reply, Transport

        class Answers(Transport):
            def get(
                self, *_: object, check: Callable[[Reply], None] = lambda _reply: None, **_more: object
            ) -> Reply:
                reply = Reply(200, data, "application/json")
                check(reply)
                return reply

        self.client = DeezerClient("http://127.0.0.1:9", transport=Answers(loopback=True))


def _deezer(data: bytes) -> None:
    """Whatever a server answers, the models make something of it or refuse."""
    client = Answered(data).client
    for ask in (client.track, client.artist, client.album, client.playlist):
        expect_one_line(lambda ask=ask: ask(1))  # type: ignore[misc]  # bound at once
    for look in (client.search, client.artists, lambda text: client.playlists("search/playlist", text, 0, 9)):
        expect_one_line(lambda look=look: look("x"))  # type: ignore[misc]  # bound at once
    expect_one_line(client.genres)


@cache
def _full_state() -> bytes:
    """A state with something in every table."""
    from segue.core.state import State

    path = Path(tempfile.mkdtemp(prefix="segue-fuzz-")) / "state.sqlite"
    state = State.open(path)
    state.love("track_1")
    state.ban_track("track_2")
    state.ban_artist("artist_1")
    state.set_place("here", {"library": "x", "row": 1})
    state.save_station("mine", {"seed": "track_1"})
    state.record("track_1", source="radio", seconds=3.0)
    state.save_session({"screen": "explore"})
    state.close()
    return path.read_bytes()


def other_targets() -> list[Target]:
    """Every other door."""
    npy = io.BytesIO()
    np.save(npy, np.ones((3, 2), np.float32))
    npz, ids = io.BytesIO(), io.BytesIO()
    np.save(ids, np.array(["a", "b"], object), allow_pickle=True)
    facts = json.dumps({"format": 1, "identity": {"seed": 0}, "history": [], "seconds": 1.0}).encode()
    np.savez(npz, facts=np.frombuffer(facts, np.uint8), best=np.ones((2, 2), np.float32))
    inside = (after_first_line(array), after_first_line(json_values), after_first_line(cells))
    mp3 = (Path(__file__).parent.parent / "end_to_end" / "tones" / "500.mp3").read_bytes()
    others = tuple(path.read_bytes() for path in sorted((Path(__file__).parent / "sounds").glob("tone*")))
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
                b"id_y,title,artist,album,duration\n1,T,\"{'id': 2, 'name': 'A'}\",\"{'title': 'L'}\",30\n",
            ),
        ),
        Target(
            "playlist in",
            from_file(".m3u8", _playlist_in),
            (
                b"#EXTM3U\n#EXTINF:1,A - T\nhttps://www.deezer.com/track/1\n",
                b"Artist - Title\n01. Other - One\ntrack_12\n",
            ),
        ),
        Target(
            "playlist in: json",
            from_file(".jspf", _playlist_in),
            (
                b'{"playlist":{"track":[{"title":"T","creator":"A","identifier":["https://x/1"]}]}}',
                b'{"tracks":{"data":[{"id":1,"title":"T","artist":{"name":"A"}},"A - T"]}}',
            ),
            (json_values,),
        ),
        Target(
            "playlist in: csv",
            from_file(".csv", _playlist_in),
            (b'title,artist,track_id\n"T, t",A,track_1\n\'=U,B,\n',),
        ),
        *_export_targets(),
        Target("prepared", from_file("", _prepared), _prepared_seeds, inside),
        Target("settings", from_file(".toml", _settings), (b'theme = "x"\n[keys]\n"radio.start" = "R"\n',)),
        Target("checkpoint", from_file(".training", _checkpoint), (npz.getvalue(),), (archive,)),
        Target("search journal", from_file(".log", _journal), _journal_of_a_search, (json_values,)),
        Target("state", from_file(".sqlite", _state), lambda: (_full_state(), b""), (database,)),
        Target("learned titles", from_file(".sqlite", _titles), lambda: (_full_titles(), b""), (database,)),
        Target(
            "own playlists",
            from_file(".jsonl", _own),
            (
                b'{"own_playlist":"Mix","form":"spotify","entries":[{"track_id":"a","title":"T","time":1.5}]}\n',
            ),
            (json_values,),
        ),
        Target("vectors", from_file(".npy", _vectors), lambda: (npy.getvalue(), *_vector_files()), (array,)),
        Target("track ids", from_file("", _track_ids), (ids.getvalue(), b'["a", 1]', b"a\nb\n"), (array,)),
        Target("audio", _preview, (mp3, wav(0.4)), (parts,)),
        Target("own audio", from_file("", _own_audio), (mp3[:20_000], wav(0.4), *others), (parts,)),
        Target("tags", from_file(".bin", _tags), (*_tagged(), *others, mp3[:20_000]), (parts,)),
        Target("covers", _cover, _pictures, (parts,)),
        Target(
            "ctl answers",
            _ctl,
            (
                b'{"library":"x","playing":null,"radio":{"on":true}}\n{"error":"nothing plays"}\n',
                b'{"playing":{"seconds":1.5,"duration":30,"label":"A - T","paused":false,"loved":true}}\n',
            ),
            (json_values,),
        ),
        Target(
            "ctl commands",
            _command,
            (
                b"seek 1:30",
                b"volume +10",
                b"play track_1",
                b"radio Mara Quill",
                b"go 3",
                b"crate Mine",
                b"status",
            ),
        ),
        Target(
            "media keys",
            _media_key,
            (
                b"Seek\n9e18\nTitle",
                b"SetPosition\n1e7\n/segue/track/3",
                b"Volume\n0.5\nT",
                "OpenUri\nnan\nhttps://ü.example".encode(),
                b"PlayPause",
            ),
        ),
        Target(
            "deezer",
            _deezer,
            (
                json.dumps(track).encode(),
                json.dumps({"data": [track], "total": 1}).encode(),
                b'{"error":{"type":"Exception","message":"Quota limit exceeded","code":4}}',
                b'{"error":[]}',
            ),
            (json_values,),
        ),
    ]


_BY_SUFFIX: dict[str, Damage] = {
    **dict.fromkeys((".json", ".jsonl", ".jspf"), json_values),
    **dict.fromkeys((".xml", ".xspf", ".wpl", ".html"), markup),
    ".xlsx": in_archive(markup),
}


def _export_targets() -> list[Target]:
    """Every service's export, damaged."""
    tracks = [(1, "Für Elise", "A, B", "L"), (2, "Title", "C", "L")]
    found = []
    for name, write in EXPORTS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = write(Path(folder) / "x", [tracks, tracks[::-1]])
            file = path if path.is_file() else min(path.iterdir())
            damages = (_BY_SUFFIX.get(file.suffix, cells),)
            found.append(
                Target(
                    f"playlist in: {name}",
                    from_file(file.suffix, _playlist_in),
                    (file.read_bytes(),),
                    damages,
                )
            )
    return found


def _prepared_seeds() -> tuple[bytes, ...]:
    files = sorted(_prepared_corpus().iterdir())
    return tuple(file.name.encode() + b"\n" + file.read_bytes() for file in files if file.is_file())


@cache
def all_targets() -> tuple[Target, ...]:
    """Every door."""
    from tests.fuzz.kept import kept_targets  # which need a door's own words
    from tests.fuzz.libraries import library_targets
    from tests.fuzz.services import service_targets

    return (*playlist_targets(), *other_targets(), *service_targets(), *kept_targets(), *library_targets())
