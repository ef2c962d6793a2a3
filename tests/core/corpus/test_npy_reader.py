"""The Deezer array, read without unpickling: by rows, by runs, and opcode by opcode, which must agree.

All three ways are tried on the same pickles, which are written here byte by byte, in one file.
"""

import io
import os
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.corpus.readers import read_playlists
from segue.core.corpus.readers.batch import Source
from segue.core.corpus.readers.deezer_npy import read_deezer_npy
from segue.core.corpus.readers.pickled import Interpreter, ObjectArray, RefusedError, interpret
from segue.core.corpus.readers.pickled import object_array as from_pickle
from segue.core.corpus.readers.records import Records, Row
from segue.core.errors import SegueError
from tests.core.corpus.writers import Python2Pickle, npy_header, python2_npy

ROWS = [
    ["track_1", "artist_7", "track_2", "artist_7", "track_1", "artist_7"],
    ["track_3", "artist_8"],
    ["track_2", "artist_7", "track_3", "artist_8"],
]
TRACKS = [["track_1", "track_2", "track_1"], ["track_3"], ["track_2", "track_3"]]


def object_array(rows: Sequence[object]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    array = np.empty(len(rows), object)
    array[:] = rows
    return array


def test_a_python_2_file_gives_tracks_and_their_artists(tmp_path: Path) -> None:
    path = tmp_path / "music.npy"
    path.write_bytes(python2_npy(ROWS))
    playlists = read_playlists(path)
    assert playlists.lists() == TRACKS
    assert dict(zip(playlists.track_ids, playlists.artist_ids, strict=True)) == {
        "track_1": "artist_7",
        "track_2": "artist_7",
        "track_3": "artist_8",
    }
    assert playlists.report.format == "npy"
    assert playlists.report.skipped == {}


def test_the_hand_made_pickle_is_what_numpy_reads(tmp_path: Path) -> None:
    rows = [[f"track_{number % 700}", f"artist_{number % 9}"] * 2 for number in range(2500)]
    loaded = np.load(io.BytesIO(python2_npy(rows)), allow_pickle=True, encoding="latin1")
    assert loaded.tolist() == rows


def test_what_numpy_saves_today_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "new.npy"
    np.save(path, object_array(ROWS), allow_pickle=True)
    assert read_playlists(path).lists() == TRACKS


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@settings(max_examples=40)
@given(rows=st.lists(st.lists(st.text("abcé日_ 1", min_size=1).filter(str.strip), min_size=1), min_size=1))
def test_every_protocol_gives_what_went_in(
    protocol: int, rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    array = object_array(rows)
    if protocol == 2:  # Python 3 writes bytes in protocol 2 through a call that is refused
        content = Python2Pickle()
        content.array_head(len(rows))
        content.out += b"]("
        for row in rows:
            content.out += b"]("
            for token in row:
                content.unicode(token)
            content.out += b"e"
        content.out += b"e"
        pickled = content.array_tail()
    else:
        pickled = pickle.dumps(array, protocol)
    path = tmp_path_factory.mktemp("npy") / "rows.npy"
    path.write_bytes(npy_header(array.shape) + pickled)
    assert read_playlists(path).lists() == rows


def test_lists_of_equal_length_that_numpy_stacked(tmp_path: Path) -> None:
    path = tmp_path / "square.npy"
    np.save(path, np.array([["a", "b"], ["c", "a"]], dtype=object), allow_pickle=True)
    assert read_playlists(path).lists() == [["a", "b"], ["c", "a"]]


def test_numbers_are_ids_too_and_other_things_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "numbers.npy"
    np.save(
        path, object_array([[1, "b", 2.5, None, 3_000_000_000], ["c"], "text", 7, ["d"]]), allow_pickle=True
    )
    playlists = read_playlists(path)
    assert playlists.lists() == [["1", "b", "3000000000"], ["c"], ["d"]]
    assert playlists.report.skipped == {"empty track id": 2, "cell that is not a list of tracks": 2}


def test_shared_strings_come_out_of_the_memo(tmp_path: Path) -> None:
    one = "track_" + "1" * 5
    path = tmp_path / "shared.npy"
    np.save(path, object_array([[one, one], [one]]), allow_pickle=True)
    assert read_playlists(path).lists() == [[one, one], [one]]


class Attack:
    """An object whose unpickling runs a command."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_pickle_that_runs_a_command_is_refused_and_nothing_has_run(protocol: int, tmp_path: Path) -> None:
    proof = tmp_path / "it ran"
    array = np.empty(1, object)
    array[0] = ["track_1", Attack(os.system, f"touch '{proof}'")]
    path = tmp_path / "evil.npy"
    path.write_bytes(npy_header((1,)) + pickle.dumps(array, protocol))
    with pytest.raises(SegueError, match=r"evil\.npy: its pickle asks for '.*', which no list"):
        read_playlists(path)
    assert not proof.exists()
    if protocol == 4:  # and the attack is a real one: NumPy's own door lets it in
        np.load(path, allow_pickle=True)
        assert proof.exists()


def attack_bytes(body: bytes) -> bytes:
    return npy_header((1,)) + b"\x80\x02" + body


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"cos\nsystem\nU\x04true\x85R.", id="protocol 2 global"),
        pytest.param(b"cnumpy\nload\nU\x04file\x85R.", id="another name of numpy"),
        pytest.param(b"cnumpy\nndarray\n(J\xff\xff\xff\x7f\x85tR.", id="a call of ndarray itself"),
        pytest.param(
            b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\ndtype\nK\x00\x85U\x01b\x87R.", id="a wrong type"
        ),
        pytest.param(b"cnumpy\ndtype\n(U\x02O8K\x00K\x01tR(Nb.", id="a mark left over"),
        pytest.param(b"U\x01ar\xff\xff\xff\x7f.", id="a memo of sixteen gigabytes"),
        pytest.param(b"B\xff\xff\xff\x7fabc.", id="bytes of two gigabytes that are not there"),
        pytest.param(b"X\xff\xff\xff\xffabc.", id="text of four gigabytes that is not there"),
        pytest.param(b"(((((((((.", id="marks only"),
        pytest.param(b"K\x01K\x02a.", id="append to a number"),
        pytest.param(b"\x87.", id="a tuple of nothing"),
        pytest.param(b"h\x07.", id="a memo never written"),
        pytest.param(b"Nb.", id="build on nothing"),
        pytest.param(b"(c", id="a name cut short"),
        pytest.param(b"i os\nsystem\n.", id="the INST opcode"),
        pytest.param(b"Pos.system\n.", id="a persistent id"),
        pytest.param(b"\x82\x01.", id="an extension code"),
        pytest.param(b"}.", id="a dictionary"),
    ],
)
def test_no_other_opcode_or_size_has_any_effect(body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "evil.npy"
    path.write_bytes(attack_bytes(body))
    with pytest.raises(SegueError, match=r"evil\.npy: .*pickle"):
        read_playlists(path)


def test_lists_that_contain_lists_over_and_over_are_refused(tmp_path: Path) -> None:
    # 10,000 playlists that are all one list of 10,000 tracks: 100 million positions in 60 kB
    pickled = Python2Pickle()
    pickled.array_head(10_000)
    pickled.out += b"]("
    pickled.out += b"]"
    pickled.put()
    row = pickled.memo - 1
    pickled.out += b"("
    pickled.string("a")
    text = pickled.memo - 1
    pickled.out += (b"h" + bytes([text])) * 9_999 + b"e"
    pickled.out += (b"h" + bytes([row])) * 9_999 + b"e"
    path = tmp_path / "laughs.npy"
    path.write_bytes(npy_header((10_000,)) + pickled.array_tail())
    with pytest.raises(SegueError, match="unfolds to more entries than it has bytes"):
        read_playlists(path)


def holding_itself(depth: int = 40) -> bytes:
    """A list of two of the list before, and so on: 2 ** depth entries if it is printed."""
    pickled = b"]q\0K\1a"
    for level in range(1, depth):
        twice = b"h" + bytes([level - 1]) + b"a"
        pickled += b"]q" + bytes([level]) + twice + twice
    return pickled


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(holding_itself() + b"cnumpy\ndtype\nh\x27\x85R.", id="a dtype"),
        pytest.param(holding_itself() + b"U\1a\x93.", id="a module"),
        pytest.param(holding_itself() + b"U\1ah\x27\x93.", id="a name"),
        pytest.param(b"cnumpy\ndtype\n" + b"]" * 90_000 + b"a" * 89_999 + b"\x85R.", id="a deep dtype"),
        pytest.param(b"U\1a" + b")" + b"\x85" * 90_000 + b"\x93.", id="a deep name"),
    ],
)
def test_a_name_that_is_not_a_string_is_refused_before_it_is_looked_at(body: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bomb.npy"
    path.write_bytes(attack_bytes(body))
    with pytest.raises(SegueError, match=r"bomb\.npy: its pickle names something by what is not a string"):
        read_playlists(path)


def test_a_list_that_contains_itself_is_no_playlist(tmp_path: Path) -> None:
    cell: list[object] = ["a"]
    cell.append(cell)
    path = tmp_path / "loop.npy"
    np.save(path, object_array([cell]), allow_pickle=True)
    assert read_playlists(path).lists() == [["a"]]


@pytest.mark.parametrize("kept", [0.999, 0.9, 0.5, 0.1])
def test_a_file_cut_short_is_an_error(kept: float, tmp_path: Path) -> None:
    content = python2_npy(ROWS * 50)
    path = tmp_path / "short.npy"
    path.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(SegueError, match=r"short\.npy: "):
        read_playlists(path)


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    content = python2_npy(ROWS)
    path = tmp_path / "short.npy"
    for length in range(1, len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(SegueError):
            read_playlists(path, format="npy")


@settings(max_examples=150)
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_no_flipped_byte_causes_anything_but_an_error(
    at: int, byte: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(python2_npy(ROWS))
    content[at % len(content)] = byte
    path = tmp_path_factory.mktemp("npy") / "flipped.npy"
    path.write_bytes(content)
    try:
        read_playlists(path, format="npy")
    except SegueError as error:
        assert "flipped.npy" in str(error)  # noqa: PT017 - it may also be read


def test_other_arrays_are_named(tmp_path: Path) -> None:
    path = tmp_path / "floats.npy"
    np.save(path, np.zeros(3, np.float32))
    with pytest.raises(SegueError, match="holds an array of dtype '<f4', not lists of tracks"):
        read_playlists(path)


def test_a_header_that_promises_too_much_is_an_error(tmp_path: Path) -> None:
    pickled = Python2Pickle()
    pickled.array_head(10**9)
    pickled.rows(ROWS)
    path = tmp_path / "huge.npy"
    path.write_bytes(npy_header((10**9,)) + pickled.array_tail())
    with pytest.raises(SegueError, match="its header contradicts its content"):
        read_playlists(path)


class Recalling(Python2Pickle):
    """Lists of strings, of which some are taken from the memo."""

    def take(self, number: int) -> None:
        self.out += b"j" + number.to_bytes(4, "little")

    def string_as(self, text: bytes, number: int) -> None:
        self.out += b"U" + bytes([len(text)]) + text + b"r" + number.to_bytes(4, "little")


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.lists(
            st.binary(max_size=20) | st.binary(min_size=250, max_size=255) | st.integers(300, 305), min_size=1
        ),
        min_size=1,
    ),
    numbers=st.lists(st.integers(300, 305), min_size=1),
)
def test_runs_of_strings_are_what_numpy_reads_whatever_their_bytes_and_places_in_the_memo(
    rows: list[list[bytes | int]], numbers: list[int]
) -> None:
    content = Recalling()
    content.array_head(len(rows) + 1)
    content.out += b"](]("
    for number in range(300, 306):  # each place holds something from the start
        content.string_as(b"U\x01ar", number)
    content.out += b"e"
    for row in rows:
        content.out += b"]r" + (200_000).to_bytes(4, "little") + b"("
        for at, token in enumerate(row):
            if isinstance(token, int):
                content.take(token)
            else:
                content.string_as(token, numbers[at % len(numbers)])
        content.out += b"e"
    content.out += b"e"
    pickled = content.array_tail()
    loaded = np.load(io.BytesIO(npy_header((len(rows) + 1,)) + pickled), allow_pickle=True, encoding="latin1")
    assert read_three_ways(pickled) == loaded.tolist()


def read_three_ways(pickled: bytes) -> object:
    """The cells of an array, or None where it is refused: opcode by opcode, by runs, and by rows alike."""
    careful = Interpreter(pickled, 0)
    careful._records = Records(b"", 0)
    found = [
        cells_of(machine)
        for machine in (careful, Interpreter(pickled, 0), Interpreter(pickled, 0, with_rows=True))
    ]
    assert found[1] == found[0]
    assert found[2] == found[0]
    return found[0]


def cells_of(machine: Interpreter) -> object:
    try:
        array = interpret(machine)
    except RefusedError:
        return None
    return [whole(cell, array.records) for cell in array.cells] if isinstance(array, ObjectArray) else None


def whole(cell: object, records: Records | None, depth: int = 2) -> object:
    """A cell without rows, down to the lists within the lists of a list, which may hold itself."""
    if not isinstance(cell, list) or not depth:
        return cell
    entries = records.entries(cell) if isinstance(cell, Row) and records is not None else cell
    return [whole(entry, records, depth - 1) for entry in entries]


def pickled_rows(kind: str, rows: Sequence[Sequence[str]]) -> bytes:
    """An array of lists as Python 2 wrote it, of str or unicode, or as Python 3 does."""
    if kind == "4":
        return pickle.dumps(object_array(rows), 4)
    content = Python2Pickle()
    content.array_head(len(rows))
    write: Callable[[str], None] = content.unicode
    if kind == "str":
        write = lambda token: content.string(token.encode())  # noqa: E731 - one of two
    content.out += b"]"
    content.put()
    content.memo += 300  # beyond the places of one byte
    for start in range(0, len(rows), 5):
        content.out += b"("
        for row in rows[start : start + 5]:
            content.out += b"]"
            content.put()
            for at in range(0, len(row), 4):
                content.out += b"("
                for token in row[at : at + 4]:
                    write(token)
                content.out += b"e"
        content.out += b"e"
    return content.array_tail()


KINDS = ("str", "unicode", "4")
SHORT = [
    [
        f"track_{row * 7 % 11}",
        f"artist_{row % 3}",
        f"track_{'é' * (row % 4)}{row}",
        f"artist_{'9' * row}{row}",
    ]
    for row in range(12)
]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_left_in_the_file_and_read_as_every_other_way(kind: str) -> None:
    pickled = pickled_rows(kind, SHORT)
    loaded = np.load(io.BytesIO(npy_header((12,)) + pickled), allow_pickle=True, encoding="latin1").tolist()
    assert read_three_ways(pickled) == loaded
    cells = from_pickle(pickled, 0, "rows.npy", with_rows=True).cells
    assert sum(isinstance(cell, Row) for cell in cells) >= 11


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    changes=st.lists(
        st.tuples(
            st.integers(0, 2000),
            st.integers(0, 6),
            st.binary(max_size=3)
            | st.sampled_from(
                [b"]", b"](", b"e", b"(", b"a", b"h\x00", b"j\x60\x01\0\0", b"\x94", b"0", b"."]
            ),
        ),
        max_size=4,
    ),
)
def test_a_damaged_file_is_read_alike_or_refused_by_every_way(
    kind: str, changes: list[tuple[int, int, bytes]]
) -> None:
    pickled = pickled_rows(kind, SHORT)
    for place, length, new in changes:
        at = place % len(pickled)
        pickled = pickled[:at] + new + pickled[at + length :]
    read_three_ways(pickled)


@pytest.mark.parametrize("kind", KINDS)
def test_lists_that_the_memo_gives_again_or_that_grow_later_are_whole(kind: str, tmp_path: Path) -> None:
    if kind == "4":
        rows = [*SHORT, ["new", SHORT[0][0]], SHORT[0], ["a"], [], SHORT[0], ["track_77", "b", "artist_5"]]
        pickled = pickle.dumps(object_array(rows), 4)
    else:  # the second row once more, growing in both of its places, and a row that holds it
        rows = [*SHORT, [*SHORT[1], "more", "etc"], [""]]
        rows[1] = rows[12]
        pickled = pickled_rows(kind, SHORT)
        place = pickled.index(b"]r", pickled.index(b"]r") + 1)
        again = b"j" + pickled[place + 2 : place + 6]
        last = pickled.rindex(b"e")
        added = b"(" + again + b"(U\x04moreU\x03etce" + b"](" + again + b"ee"
        pickled = pickled[: last + 1] + added + pickled[last + 1 :]
        pickled = pickled.replace(b"K\x0c\x85", b"K\x0e\x85", 1)
    path = tmp_path / "again.npy"
    path.write_bytes(npy_header((len(rows),)) + pickled)
    assert read_three_ways(pickled) == np.load(path, allow_pickle=True, encoding="latin1").tolist()
    (batch,) = read_deezer_npy(Source(path))
    as_read = [
        [token.encode().decode("latin-1") if kind == "str" else token for token in row] for row in rows
    ]
    tracks = [[token for token in row if not token.startswith("artist_")] for row in as_read]
    spread = batch.spread()
    assert spread.track_ids == [track for row in tracks for track in row]
    assert list(spread.lengths) == list(map(len, filter(None, tracks)))
    assert batch.track_ids == list(dict.fromkeys(spread.track_ids))
    assert batch.artist_ids is not None
    assert batch.artist_ids[0] == "artist_0"
