"""Every reader against the same bad luck: empty, cut short, wrong, odd ids, long lines, line ends."""

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from segue.core.corpus.readers import FORMATS, read_playlists
from segue.core.errors import SegueError
from tests.core.corpus.writers import million_slice, python2_npy, write_yes

Rows = Sequence[Sequence[str]]
ROWS = [["a", "b", "c"], ["b"], ["c", "c", "a"]]


def as_jsonl(rows: Rows) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_lines(rows: Rows) -> bytes:
    return "".join(",".join(row) + "\n" for row in rows).encode()


def as_csv(rows: Rows) -> bytes:
    return (
        "playlist_id,track_id\n"
        + "".join(f'{number},"{track}"\n' for number, row in enumerate(rows) for track in row)
    ).encode()


def as_parquet(rows: Rows) -> bytes:
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table({"tracks": pa.array(rows, pa.list_(pa.string()))}), sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


WRITERS: dict[str, Callable[[Rows], bytes]] = {
    "npy": python2_npy,
    "jsonl": as_jsonl,
    "json": lambda rows: json.dumps(rows).encode(),
    "lines": as_lines,
    "csv": as_csv,
    "million": lambda rows: million_slice(rows).encode(),
    "parquet": as_parquet,
}
TEXTS = ["jsonl", "json", "lines", "csv", "million"]
every_writer = pytest.mark.parametrize("format_name", sorted(WRITERS))


def test_no_format_is_left_out() -> None:
    # Yes.com files and a listener's own are tested beside their readers
    beside = {"yes", "m3u", "pls", "xspf", "jspf", "wpl", "apple", "rekordbox", "tracks-csv", "tracks-json"}
    beside |= {
        "spotify",
        "spotify-history",
        "youtube",
        "listenbrainz",
        "scrobbles",
        "titles",
        "own",
        "youtube-page",
        "xlsx",
    }
    assert set(FORMATS) == set(WRITERS) | beside


@every_writer
def test_a_good_file_is_recognised_by_its_content_alone(format_name: str, tmp_path: Path) -> None:
    path = tmp_path / "playlists.data"
    path.write_bytes(WRITERS[format_name](ROWS))
    playlists = read_playlists(path)
    assert playlists.report.format == format_name
    assert playlists.lists() == ROWS
    assert playlists.track_ids == ["a", "b", "c"]


@every_writer
@pytest.mark.parametrize("packer", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_packed_files_are_unpacked_on_the_way(
    format_name: str, packer: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "playlists.data"
    path.write_bytes(packer(WRITERS[format_name](ROWS)))
    assert read_playlists(path).lists() == ROWS


@every_writer
@pytest.mark.parametrize("packer", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_packed_files_cut_short_are_errors(
    format_name: str, packer: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "playlists.data"
    path.write_bytes(packer(WRITERS[format_name](ROWS * 100))[:-5])
    with pytest.raises(SegueError, match="is damaged or cut short"):
        read_playlists(path)


@pytest.mark.parametrize("format_name", [*sorted(FORMATS), None])
@pytest.mark.parametrize("content", [b"", b"\n \r\n", b"\xef\xbb\xbf"], ids=["empty", "blank", "mark only"])
def test_an_empty_file_is_an_error_that_names_it(
    format_name: str | None, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "nothing.txt"
    path.write_bytes(content)
    with pytest.raises(SegueError, match=r"nothing\.txt"):
        read_playlists(path, format=format_name)


@pytest.mark.parametrize("format_name", ["npy", "json", "million", "parquet"])
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_document_cut_short_is_an_error(format_name: str, share: float, tmp_path: Path) -> None:
    content = WRITERS[format_name](ROWS * 20)
    path = tmp_path / "short"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(SegueError, match="short"):
        read_playlists(path, format=format_name)


@pytest.mark.parametrize("format_name", sorted(FORMATS))
@pytest.mark.parametrize(
    "content", [b"\x7fELF\x02\x01\x01" + bytes(200), b"GIF89a" + bytes(range(256)), b"%PDF-1.4\n\x00\x01"]
)
def test_wrong_magic_never_gives_playlists_silently(format_name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "program"
    path.write_bytes(content)
    with pytest.raises(SegueError, match="program"):
        read_playlists(path)
    try:
        skipped = read_playlists(path, format=format_name).report.skipped
    except SegueError as error:
        assert "program" in str(error)  # noqa: PT017 - text formats may read it, but must say what they skipped
    else:
        assert format_name in {"lines", "m3u"}
        assert skipped


@every_writer
def test_playlists_of_one_track_and_repeated_tracks_stay(format_name: str, tmp_path: Path) -> None:
    rows = [["a"], ["b", "b", "b"], ["a"]]
    path = tmp_path / "ones"
    path.write_bytes(WRITERS[format_name](rows))
    assert read_playlists(path).lists() == rows


@pytest.mark.parametrize("format_name", ["npy", "jsonl", "json", "million", "parquet", "csv"])
def test_an_id_with_a_line_break_is_skipped_and_counted(format_name: str, tmp_path: Path) -> None:
    rows = [["a", "b\nc", "d"], ["e\u2028f"], ["a", "g\x1bh"]]
    if format_name == "npy":
        rows[1] = ["e\x85f"]  # Python 2's str is latin-1
    path = tmp_path / "breaks"
    path.write_bytes(WRITERS[format_name](rows))
    playlists = read_playlists(path)
    assert playlists.lists() == [["a", "d"], ["a"]]
    assert playlists.report.skipped == {"track id with a line break or control character": 3}


@pytest.mark.parametrize("format_name", sorted(set(WRITERS) - {"lines", "csv"}))  # csv bounds a field itself
def test_an_id_of_a_megabyte_is_skipped_and_counted(format_name: str, tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(WRITERS[format_name]([["a", "x" * 1_000_000], ["b"]]))
    playlists = read_playlists(path)
    assert playlists.lists() == [["a"], ["b"]]
    assert playlists.report.skipped == {"track id longer than 1,024 characters": 1}


@pytest.mark.parametrize("format_name", ["jsonl", "json", "lines"])
def test_a_line_of_ten_megabytes_is_a_long_playlist(format_name: str, tmp_path: Path) -> None:
    row = [f"track_{number % 50_000:06}" for number in range(700_000)]
    path = tmp_path / "long"
    path.write_bytes(WRITERS[format_name]([["track_1", "track_2"], row]))
    playlists = read_playlists(path)
    assert np.diff(playlists.offsets).tolist() == [2, 700_000]
    assert playlists.lists()[1] == row


@pytest.mark.parametrize("format_name", TEXTS)
def test_byte_order_mark_and_windows_line_ends_change_nothing(format_name: str, tmp_path: Path) -> None:
    path = tmp_path / "windows"
    path.write_bytes(b"\xef\xbb\xbf" + WRITERS[format_name](ROWS).replace(b"\n", b"\r\n"))
    playlists = read_playlists(path)
    assert playlists.report.format == format_name
    assert playlists.lists() == ROWS


@pytest.mark.parametrize("format_name", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
def test_utf_16_is_read(format_name: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "wide"
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    path.write_bytes(mark + WRITERS[format_name](ROWS).decode().encode(encoding))
    assert read_playlists(path).lists() == ROWS


@pytest.mark.parametrize("format_name", ["jsonl", "lines", "csv"])
def test_lines_that_end_in_a_carriage_return_alone_are_lines(format_name: str, tmp_path: Path) -> None:
    path = tmp_path / "mac"
    path.write_bytes(WRITERS[format_name](ROWS).replace(b"\n", b"\r"))
    assert read_playlists(path).lists() == ROWS


@pytest.mark.parametrize(
    ("format_name", "expected", "reason"),
    [
        ("lines", [["a", "c"], ["d"]], "track id that is not UTF-8"),
        ("million", [["a", "c"], ["d"]], "track id that is not UTF-8"),
        ("jsonl", [["d"]], "record that is not a JSON list of tracks"),
    ],
)
def test_invalid_utf_8_costs_the_id_or_the_line(
    format_name: str, expected: Rows, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "latin"
    path.write_bytes(WRITERS[format_name]([["a", "bXX", "c"], ["d"]]).replace(b"XX", b"\xe9\xff"))
    playlists = read_playlists(path)
    assert playlists.lists() == expected
    assert playlists.report.skipped == {reason: 1}


def test_invalid_utf_8_in_a_document_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "latin"
    path.write_bytes(WRITERS["json"]([["a", "bXX"]]).replace(b"XX", b"\xe9\xff"))
    with pytest.raises(SegueError, match=r"latin: is JSON that is not in UTF-8 .*; save it as UTF-8"):
        read_playlists(path, format="json")


def test_numbers_are_ids(tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    path.write_text("[1, 2, 12345678901234567890]\n[2, 1.5, true, null, -3]\n")
    playlists = read_playlists(path)
    assert playlists.lists() == [["1", "2", "12345678901234567890"], ["2", "-3"]]
    assert playlists.report.skipped == {"empty track id": 3}
    path.write_text("1 2 3\n2 3\n1\n")
    assert read_playlists(path).lists() == [["1", "2", "3"], ["2", "3"], ["1"]]
    path.write_text("playlist,track\n7,1\n7,2\n")
    assert read_playlists(path).lists() == [["1", "2"]]


def test_yes_with_windows_line_ends_and_mark(tmp_path: Path) -> None:
    path = write_yes(tmp_path, [[0, 1], [1]], [("One", "A"), ("Two", "B")])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_playlists(path).lists() == [["yes_0", "yes_1"], ["yes_1"]]


def test_a_missing_file_an_empty_folder_and_an_unknown_format(tmp_path: Path) -> None:
    with pytest.raises(SegueError, match="no such file or folder"):
        read_playlists(tmp_path / "absent")
    with pytest.raises(SegueError, match="has no playlist files"):
        read_playlists(tmp_path)
    with pytest.raises(SegueError, match="unknown format 'xml'; choose from npy"):
        read_playlists(tmp_path, format="xml")
