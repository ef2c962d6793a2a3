"""Vectors in other programs' formats: what is written is read, and what is damaged is named."""

import gzip
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from segue.core.errors import SegueError
from segue.core.interchange import FORMATS, VectorTable, read_vectors, unit_rows, write_vectors
from segue.core.interchange.words import metadata_beside
from segue.core.tracks import TrackInfo
from tests.core.interchange.writers import keyed_vectors

IDS = ["track_1", "7", "Ünïcode", "track_4"]
TRACKS = [
    TrackInfo("track_1", title="Été\tin\nParis", artist="Ana"),
    TrackInfo("7", title="Seven", artist=""),
    TrackInfo("Ünïcode"),
    TrackInfo("track_4", title="Four", artist="Bo & Co"),
]
VECTORS: npt.NDArray[np.float32] = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
PLACES: npt.NDArray[np.float32] = np.random.default_rng(1).uniform(-1, 1, (4, 2)).astype(np.float32)


def written(folder: Path, name: str, suffix: str) -> Path:
    path = folder / f"mine{suffix}"
    write_vectors(path, name, vectors=VECTORS, track_ids=IDS, tracks=TRACKS, positions=PLACES)
    return path


# the suffix tells nothing when a file is read: all but npy's, which NumPy itself would add, are wrong here
@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_is_read_to_the_last_bit(name: str, tmp_path: Path) -> None:
    found = read_vectors(written(tmp_path, name, ".data"))
    assert found.format == name
    assert np.asarray(found.vectors, np.float32).tobytes() == VECTORS.tobytes()
    if name != "npy":
        assert found.track_ids == IDS
    else:
        assert (tmp_path / "mine.tracks.txt").read_text("utf-8").splitlines() == IDS


@pytest.mark.parametrize("name", ["parquet", "projector"])
def test_titles_travel_with_the_vectors(name: str, tmp_path: Path) -> None:
    found = read_vectors(written(tmp_path, name, ".tsv"))
    title = TRACKS[0].title if name == "parquet" else "Été in Paris"
    assert found.tracks["track_1"] == TrackInfo("track_1", title=title, artist="Ana")
    assert "Ünïcode" not in found.tracks


def test_a_parquet_file_keeps_the_map(tmp_path: Path) -> None:
    found = read_vectors(written(tmp_path, "parquet", ".parquet"))
    assert found.positions is not None
    assert found.positions.tobytes() == PLACES.tobytes()


def test_a_word2vec_file_may_be_packed(tmp_path: Path) -> None:
    path = written(tmp_path, "word2vec-binary", ".bin")
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read_vectors(path).track_ids == IDS


@pytest.mark.parametrize("name", ["word2vec", "word2vec-binary", "glove"])
def test_an_id_with_a_space_is_not_written_where_it_would_end_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(
        SegueError, match=r"the track id 'a b' holds a space.*write \.npy, \.npz or \.parquet"
    ):
        write_vectors(tmp_path / "x", name, vectors=VECTORS[:1], track_ids=["a b"], tracks=[TrackInfo("a b")])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("vectors", "metadata"),
    [
        ("vectors.tsv", "metadata.tsv"),
        ("mine_vectors.tsv", "mine_metadata.tsv"),
        ("w2v_tensor.tsv", "w2v_metadata.tsv"),
        ("mine.tsv", "mine.metadata.tsv"),
    ],
)
def test_the_metadata_of_a_projector_file_lie_beside_it(vectors: str, metadata: str) -> None:
    assert metadata_beside(Path(vectors)) == Path(metadata)


def test_a_projector_file_with_one_column_of_metadata_has_no_header(tmp_path: Path) -> None:
    (tmp_path / "vectors.tsv").write_text("1\t2\n3\t4\n")
    (tmp_path / "metadata.tsv").write_text("a\nb\n")
    assert read_vectors(tmp_path / "vectors.tsv").track_ids == ["a", "b"]


def test_ids_of_a_text_file_may_hold_spaces(tmp_path: Path) -> None:
    path = tmp_path / "glove.txt"
    path.write_text(". . 0.5 1\nSigur Rós 2 3\n", encoding="utf-8")
    assert read_vectors(path).track_ids == [". .", "Sigur Rós"]


def test_the_first_word2vec_put_a_line_break_after_each_vector(tmp_path: Path) -> None:
    path = tmp_path / "old.bin"
    rows = [b"a " + struct.pack("<2f", 1, 2) + b"\n", b"b " + struct.pack("<2f", 3, 4) + b"\n"]
    path.write_bytes(b"2 2\n" + b"".join(rows))
    found = read_vectors(path)
    assert found.track_ids == ["a", "b"]
    assert found.vectors.tolist() == [[1, 2], [3, 4]]


def test_keyed_vectors_are_read_without_gensim(tmp_path: Path) -> None:
    path = tmp_path / "mine.kv"
    path.write_bytes(keyed_vectors(IDS, VECTORS))
    found = read_vectors(path)
    assert found.track_ids == IDS
    assert found.vectors.tobytes() == VECTORS.tobytes()


def text(content: str) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode())


def binary(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def npy(array: object) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.save(file, np.asarray(array), allow_pickle=True)

    return write


def npz(**arrays: object) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with path.open("wb") as file:
            np.savez(file, allow_pickle=True, **{name: np.asarray(array) for name, array in arrays.items()})

    return write


def zipped(name: str) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(name, "text")

    return write


def table(**columns: object) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.table(columns), path)

    return write


def projector(vectors: str, metadata: str) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        path.write_text(vectors)
        metadata_beside(path).write_text(metadata)

    return write


ROW = struct.pack("<2f", 1, 2)
DAMAGED: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (text(""), "x: is empty"),
    "words": (text("some words\nand more\n"), r"holds no vectors that Segue reads: \.npy, \.npz, Parquet"),
    "line short": (text("3 2\na 1 2\nb 1\nc 1 2\n"), "line 3 holds 1 numbers, not 2"),
    "line long": (text("a 1 2\nb 1 2 3\n"), "line 2 holds 3 numbers, not 2"),
    "not a number": (text("2 2\na 1 2\nb 1 two\n"), "line 3: 'two' is not a number"),
    "NaN": (text("2 2\na 1 2\nb 1 nan\n"), r"row 1 \('b'\) holds NaN or infinity"),
    "twice": (text("3 2\na 1 2\nb 1 2\na 3 4\n"), "lists the track id 'a' 2 times"),
    "header promises more": (text("9 2\na 1 2\n"), "promises 9 vectors and it holds 1; is it cut short"),
    "header promises less": (text("1 2\na 1 2\nb 1 2\n"), "promises 1 vectors and it holds 2"),
    "header of another width": (text("2 3\na 1 2\nb 1 2\n"), "line 2 holds 2 numbers, not 3"),
    "not UTF-8": (binary(b"2 2\na 1 2\n\xff 1 2\n"), "line 3 is not UTF-8"),
    "too wide": (text("a " + "1 " * 4097 + "\n"), "has 4,097 dimensions; at most 4,096 are read"),
    "binary cut": (binary(b"2 2\na " + ROW + b"b " + ROW[:7]), "ends within vector 2 of 2; it is cut short"),
    "binary huge": (
        binary(b"999999 300\na " + ROW),
        "promises 999,999 vectors of 300 numbers, more than its",
    ),
    "binary longer": (binary(b"1 2\na " + ROW + b"b " + ROW), "holds more than the 1 vectors"),
    "binary NaN": (binary(b"1 2\na " + struct.pack("<2f", 1, float("nan"))), r"row 0 \('a'\) holds NaN"),
    "npy of objects": (
        npy(np.array([[1.0, None]], object)),
        "holds Python objects, not numbers; save it again",
    ),
    "npy cut": (binary(b"\x93NUMPY\x01\x00v\x00{'descr'"), "its NumPy header is damaged"),
    "npy of text": (npy(["a", "b"]), r"holds an array of <U1 \(2,\), not a table of numbers"),
    "npy of one row": (npy([1.0, 2.0]), r"holds an array of float64 \(2,\), not a table of numbers"),
    "npz of objects": (
        npz(vectors=VECTORS, ids=np.array(["a", None], object)),
        "it holds Python objects, or no NumPy array",
    ),
    "npz of two": (npz(a=VECTORS, b=VECTORS), "expected one array of numbers"),
    "npz with few ids": (npz(vectors=VECTORS, ids=["a"]), "lists 1 track ids for 4 vectors"),
    "a zip": (binary(b"PK\x03\x04 something else"), "is damaged"),
    "a zip of other files": (zipped("a.txt"), "expected one array of numbers .*found none"),
    "npy in gzip": (binary(gzip.compress(b"\x93NUMPY")), "is a compressed npy file; unpack it first"),
    "a pickle": (
        binary(pickle.dumps({"a": [1.0]})),
        r"no gensim KeyedVectors; in gensim, save.*word2vec_format",
    ),
    "a pickle that runs": (
        binary(b"\x80\x02cos\nsystem\nU\x04true\x85R."),
        r"asks for 'os\.system', which no file of gensim KeyedVectors needs",
    ),
    "a pickle cut": (binary(b"\x80\x04\x95\x10\x00"), "pickle is cut short"),
    "parquet without vectors": (table(id=["a"], name=["b"]), "has no column 'vector' among id, name"),
    "parquet of texts": (table(id=["a"], vector=["b"]), "the column of vectors holds string"),
    "parquet ragged": (table(id=["a", "b"], vector=[[1.0, 2.0], [1.0]]), "row 1 holds 1 numbers, not 2"),
    "parquet with a hole": (table(id=["a", "b"], vector=[[1.0], None]), "row 1 holds no vector"),
    "parquet with a null": (table(id=["a", "b"], vector=[[1.0], [None]]), r"row 1 \('b'\) holds NaN"),
    "parquet without id": (table(id=["a", None], vector=[[1.0], [2.0]]), "the track id of row 1 is empty"),
    "parquet cut": (binary(b"PAR1 and no more"), "is not a readable Parquet file"),
    "tsv ragged": (projector("1\t2\n3\n", "a\nb\n"), "line 2 holds 1 numbers, not 2"),
    "tsv of fewer ids": (projector("1\t2\n3\t4\n", "a\n"), "lists 1 track ids for 2 vectors"),
    "tsv with words": (projector("1\t2\n3\tx\n", "a\nb\n"), "line 2 holds something that is not a number"),
    "tsv of odd metadata": (projector("1\t2\n", "id\ttitle\na\n"), "line 2 holds 1 columns, not 2"),
}


@pytest.mark.parametrize("name", list(DAMAGED))
def test_damage_is_named_in_one_line_of_the_field(name: str, tmp_path: Path) -> None:
    write, message = DAMAGED[name]
    write(tmp_path / "x")
    with pytest.raises(SegueError, match=message) as caught:
        read_vectors(tmp_path / "x")
    line = str(caught.value)
    assert line.startswith(str(tmp_path / "x"))
    assert "\n" not in line
    assert "allow_pickle" not in line


@pytest.mark.parametrize("size", [1e300, 3e38, 1.0, 1e-300, 5e-324])
def test_rows_of_any_magnitude_become_unit_rows_in_their_own_direction(size: float) -> None:
    rows, lengths = unit_rows(np.array([[3.0, 4.0], [size, size], [0.0, 0.0]]))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0.5**0.5, 0.5**0.5], [0, 0]], rtol=1e-6)
    assert lengths[[0, 2]].tolist() == [5, 0]
    assert lengths[1] > 0


def test_unit_rows_keep_their_bits() -> None:
    once, _ = unit_rows(np.random.default_rng(3).normal(size=(5_000, 30)))
    twice, _ = unit_rows(once)
    assert once.tobytes() == twice.tobytes()


def test_an_array_that_python_2_wrote_is_read(tmp_path: Path) -> None:
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 1L), }"
    head = b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header.ljust(117) + b"\n"
    (tmp_path / "x").write_bytes(head + struct.pack("<2f", 1, 2))
    assert read_vectors(tmp_path / "x").vectors.tolist() == [[1], [2]]


def test_ids_may_be_bytes(tmp_path: Path) -> None:
    npz(vectors=np.eye(2), ids=np.array(["é".encode(), b"b"]))(tmp_path / "x")
    assert read_vectors(tmp_path / "x").track_ids == ["é", "b"]


def test_integers_are_numbers(tmp_path: Path) -> None:
    npy(np.arange(6, dtype=np.int8).reshape(3, 2))(tmp_path / "x")
    found: VectorTable = read_vectors(tmp_path / "x")
    assert found.vectors.tolist() == [[0, 1], [2, 3], [4, 5]]
