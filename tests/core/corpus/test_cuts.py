"""A file read in stretches gives the rows of the file read whole, wherever it is cut."""

import csv
import io
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from segue.core.corpus.readers import FORMATS
from segue.core.corpus.readers.batch import Batch, Entry, Source, clean, fault_of, refuse_mostly_bad
from segue.core.corpus.readers.reading import described
from segue.core.corpus.stretches import can_be_cut, ends_within_row, stretches
from segue.core.errors import SegueError

ids = st.one_of(
    st.sampled_from(["a", "b", "é", "漢字", "𝄞", "\u2028", "", " "]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)
playlists = st.lists(st.lists(ids, max_size=6), max_size=12)
line_ends = st.sampled_from(["\n", "\r\n"])
marks = st.sampled_from(["", "\ufeff"])
sizes = st.integers(1, 200)

Row = list[tuple[str, str, Entry | None]]


def rows_of(format_name: str, source: Source) -> list[Row]:
    rows = []
    for batch in FORMATS[format_name](source):
        at = 0
        for length in batch.lengths:
            where = list(range(at, at + length))
            artists, entries = described(batch, where)
            ids = [batch.track_ids[n] for n in where]
            metadata: list[Entry | None] = [*entries] or [None] * length
            rows.append(list(zip(ids, artists, metadata, strict=True)))
            at += length
    return rows


@given(st.lists(st.one_of(ids, st.sampled_from(["a\n", "\x7f", "x" * 1024, "x" * 1025, "a\0"]))))
def test_only_ids_without_fault_are_kept(texts: list[str]) -> None:
    source, faults = Source(Path("x")), [fault_of(text) for text in texts]
    kept = clean(Batch(texts, [len(texts)]), source)
    assert kept.track_ids == [text for text, fault in zip(texts, faults, strict=True) if not fault]
    assert source.skipped == Counter(filter(None, faults))


def read(format_name: str, sources: Sequence[Source]) -> tuple[list[Row] | str, Counter[str]]:
    """The rows of all sources and what was skipped, or why they were refused."""
    try:
        found = [row for source in sources for row in rows_of(format_name, source)]
        refuse_mostly_bad(sources[0].path, [source.judged for source in sources if source.judged])
    except SegueError as error:
        return str(error), Counter()
    return found, sum((source.skipped for source in sources), Counter[str]())


def assert_cutting_changes_nothing(format_name: str, path: Path, size: int) -> None:
    parts = stretches(format_name, Source(path), size)
    assert parts[0].start == 0
    assert parts[-1].end is None
    assert [part.end for part in parts[:-1]] == [part.start for part in parts[1:]]
    assert read(format_name, parts) == read(format_name, [Source(path)])


def cut_text(format_name: str, text: str, size: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "playlists"
        path.write_bytes(text.encode())
        assert_cutting_changes_nothing(format_name, path, size)


@given(playlists, line_ends, marks, st.booleans(), sizes)
def test_json_lines(rows: list[list[str]], end: str, mark: str, closed: bool, size: int) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows] + ["no JSON", ""]
    cut_text("jsonl", mark + end.join(lines) + end * closed, size)


@given(playlists, line_ends, marks, st.booleans(), sizes)
@example([["a"]] * 3, "\n", "", False, 1)
def test_lines_of_tokens(rows: list[list[str]], end: str, mark: str, closed: bool, size: int) -> None:
    lines = [",".join(token.replace("\n", "") for token in row) for row in rows]
    cut_text("lines", mark + end.join(lines) + end * closed, size)


@given(st.lists(st.lists(st.integers(-1, 30), max_size=6), max_size=12), sizes)
def test_radio_lists_of_song_numbers(rows: list[list[int]], size: int) -> None:
    lines = [range(17_000, 17_030), [1] * 30, *rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        path.write_text("".join(" ".join(map(str, line)) + " \n" for line in lines))
        (path.parent / "song_hash.txt").write_text("0\tNought\tNil\nno song\n29\tLast\tEnd\n")
        assert_cutting_changes_nothing("yes", path, size)


def table_of(rows: list[list[str]], delimiter: str, end: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerow(["playlist_id", "track_id", "position", "artist_id", "title"])
    for number, row in enumerate(rows):
        for position, track in enumerate(row):
            writer.writerow([f"p{number}", track, position, f"artist {track}", f'5" {track}'])
        if number % 3 == 0:
            writer.writerow([f"p{number}"])
    return text.getvalue()


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=6)


@given(st.lists(st.lists(cells, max_size=6), max_size=12), st.sampled_from(",;\t"), line_ends, sizes)
def test_tables(rows: list[list[str]], delimiter: str, end: str, size: int) -> None:
    cut_text("csv", table_of(rows, delimiter, end), size)


@given(st.lists(st.lists(ids, max_size=6), max_size=12), sizes)
def test_a_table_with_texts_over_several_lines_is_known_where_it_is_cut_in_a_row(
    rows: list[list[str]], size: int
) -> None:
    rows = [[track.replace("\r", "") for track in row] for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(table_of(rows, ",", "\n").encode())
        parts = stretches("csv", Source(path), size)
        if not any(map(ends_within_row, parts)):
            cut_text("csv", path.read_bytes().decode(), size)


def test_a_cut_within_a_quoted_text_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('playlist_id,track_id,title\na,1,one\nb,2,"two\nc,3,lines"\nd,4,four\n')
    at = path.read_bytes().index(b"c,3")
    whole = Source(path)
    assert not ends_within_row(whole)
    assert ends_within_row(replace(whole, end=at))
    assert not ends_within_row(replace(whole, start=path.read_bytes().index(b"d,4")))


def test_packed_files_and_files_that_are_no_lines_stay_whole(tmp_path: Path) -> None:
    plain, packed = tmp_path / "rows.jsonl", tmp_path / "rows.jsonl.gz"
    plain.write_text('["a"]\n')
    packed.write_bytes(b"\x1f\x8b\x08\x00")
    assert can_be_cut("jsonl", Source(plain))
    assert not can_be_cut("jsonl", Source(packed))
    assert not can_be_cut("json", Source(plain))
