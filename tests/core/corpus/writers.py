"""Writers of playlist files that share no code with the readers."""

import json
import struct
from collections.abc import Sequence
from pathlib import Path

NPY_MAGIC = b"\x93NUMPY\x01\x00"


def npy_header(shape: tuple[int, ...], descr: str = "|O") -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(NPY_MAGIC) + 2 + len(text) + 1) % 16) + b"\n"
    return NPY_MAGIC + struct.pack("<H", len(text)) + text


class Python2Pickle:
    """Protocol 2 as Python 2's cPickle wrote it, byte by byte: every object is put into the memo."""

    def __init__(self) -> None:
        self.out = bytearray(b"\x80\x02")
        self.memo = 0

    def put(self) -> None:
        if self.memo < 256:
            self.out += b"q" + bytes([self.memo])
        else:
            self.out += b"r" + struct.pack("<I", self.memo)
        self.memo += 1

    def name(self, module: str, name: str) -> None:
        self.out += b"c" + module.encode() + b"\n" + name.encode() + b"\n"
        self.put()

    def whole(self, number: int) -> None:
        if number < 256:
            self.out += b"K" + bytes([number])
        elif number < 65536:
            self.out += b"M" + struct.pack("<H", number)
        else:
            self.out += b"J" + struct.pack("<i", number)

    def string(self, text: str | bytes) -> None:
        raw = text if isinstance(text, bytes) else text.encode("latin-1")
        self.out += (b"U" + bytes([len(raw)]) if len(raw) < 256 else b"T" + struct.pack("<i", len(raw))) + raw
        self.put()

    def unicode(self, text: str) -> None:
        raw = text.encode()
        self.out += b"X" + struct.pack("<I", len(raw)) + raw
        self.put()

    def array_head(self, length: int) -> None:
        """Everything before the list of cells: three names, two calls."""
        self.name("numpy.core.multiarray", "_reconstruct")
        self.name("numpy", "ndarray")
        self.out += b"K\x00\x85"
        self.put()
        self.string("b")
        self.out += b"\x87"
        self.put()
        self.out += b"R"
        self.put()
        self.out += b"(K\x01"
        self.whole(length)
        self.out += b"\x85"
        self.put()
        self.name("numpy", "dtype")
        self.string("O8")
        self.out += b"K\x00K\x01\x87"
        self.put()
        self.out += b"R"
        self.put()
        self.out += b"(K\x03"
        self.string("|")
        self.out += b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?t"
        self.put()
        self.out += b"b\x89"

    def rows(self, rows: Sequence[Sequence[str]]) -> None:
        self.out += b"]"
        self.put()
        for start in range(0, len(rows), 1000):
            self.out += b"("
            for row in rows[start : start + 1000]:
                self.out += b"]"
                self.put()
                self.out += b"("
                for token in row:
                    self.string(token)
                self.out += b"e"
            self.out += b"e"

    def array_tail(self) -> bytes:
        self.out += b"t"
        self.put()
        return bytes(self.out + b"b.")


def python2_npy(rows: Sequence[Sequence[str]]) -> bytes:
    """The bytes of `numpy.save` under Python 2 for an object array of lists of str."""
    pickle = Python2Pickle()
    pickle.array_head(len(rows))
    pickle.rows(rows)
    return npy_header((len(rows),)) + pickle.array_tail()


def million_slice(rows: Sequence[Sequence[str]], *, start: int = 0) -> str:
    """A slice of the million playlist dataset as Spotify printed it, four spaces of indent and all."""
    playlists = [
        {
            "name": f"playlist {number}",
            "collaborative": "false",
            "pid": start + number,
            "tracks": [
                {
                    "pos": position,
                    "artist_name": f"Artist of {track}",
                    "track_uri": track,
                    "artist_uri": f"artist:{track[-1:]}",
                    "track_name": f"Title of {track}",
                    "album_uri": "spotify:album:1",
                    "duration_ms": 123_456,
                    "album_name": "An Album",
                }
                for position, track in enumerate(row)
            ],
        }
        for number, row in enumerate(rows)
    ]
    return json.dumps({"info": {"slice": "0-999"}, "playlists": playlists}, indent=4)


def write_yes(folder: Path, rows: Sequence[Sequence[int]], songs: Sequence[tuple[str, str]]) -> Path:
    """`train.txt` and `song_hash.txt`, with the space before each line's end that the real files have."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = [sum(row.count(number) for row in map(list, rows)) for number in range(len(songs))]
    lines = [[17_000_000 + number for number in range(len(songs))], counts, *rows]
    (folder / "train.txt").write_text("".join(" ".join(map(str, line)) + " \n" for line in lines))
    (folder / "song_hash.txt").write_text(
        "".join(f"{number}\t{title}\t{artist}\n" for number, (title, artist) in enumerate(songs))
    )
    return folder / "train.txt"
