import csv
import random
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from segue.core.corpus.readers import Columns, read_playlists, streams
from segue.core.errors import SegueError

IDS = st.text("abc, \"';é", min_size=1, max_size=8).filter(str.strip)
ROWS = st.lists(st.lists(IDS, min_size=1, max_size=6), min_size=1, max_size=8)


def write_csv(path: Path, rows: list[list[str]], *, delimiter: str = ",", positions: bool = False) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["playlist_id", "track_id", "position"] if positions else ["playlist_id", "track_id"])
        for number, row in enumerate(rows):
            for position, track in enumerate(row):
                writer.writerow([number, track, position] if positions else [number, track])


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@settings(max_examples=30)
@given(rows=ROWS)
def test_a_long_table_comes_back_as_playlists(
    delimiter: str, rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    write_csv(path, rows, delimiter=delimiter)
    playlists = read_playlists(path)
    assert playlists.report.format == "csv"
    assert playlists.lists() == rows


@settings(max_examples=30)
@given(rows=ROWS, seed=st.integers(0, 99))
def test_shuffled_rows_find_back_by_position(
    rows: list[list[str]], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    write_csv(path, rows, positions=True)
    header, *lines = list(csv.reader(path.read_text().splitlines()))
    random.Random(seed).shuffle(lines)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *lines])
    playlists = read_playlists(path).lists()
    in_order = dict.fromkeys(line[0] for line in lines)
    assert playlists == [rows[int(number)] for number in in_order]


def test_scattered_playlists_without_positions_keep_the_order_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("playlist_id,track_id\n1,a\n2,x\n1,b\n2,y\n1,c\n")
    assert read_playlists(path).lists() == [["a", "b", "c"], ["x", "y"]]


def test_more_rows_than_a_block(tmp_path: Path) -> None:
    rows = [
        [f"t{(number * 7 + position) % 5000}" for position in range(number % 40 + 1)]
        for number in range(4000)
    ]
    path = tmp_path / "rows.tsv"
    write_csv(path, rows, delimiter="\t", positions=True)
    assert read_playlists(path).lists() == rows


def test_other_column_names_are_guessed_or_given(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("PID,pos,Track_URI,artist_uri,track_name,artist_name\n7,1,b,x,Bee,Ann\n7,0,a,y,Ay,Bob\n")
    playlists = read_playlists(path)
    assert playlists.lists() == [["a", "b"]]
    assert playlists.artist_ids == ["y", "x"]
    assert (playlists.tracks["a"].title, playlists.tracks["a"].artist) == ("Ay", "Bob")
    path.write_text("liste,chanson,rang\n1,b,2\n1,a,1\n")
    with pytest.raises(SegueError, match=r"no playlist column that is recognised among liste, chanson, rang"):
        read_playlists(path)
    columns = Columns(playlist="liste", track="chanson", position="rang")
    assert read_playlists(path, columns=columns).lists() == [["a", "b"]]
    with pytest.raises(SegueError, match="no column 'nom' among liste"):
        read_playlists(path, columns=Columns(playlist="liste", track="nom"))


def test_rows_that_are_too_short_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("playlist_id,track_id\n1,a\n1\n\n1,b\n2,\n2,c\n")
    playlists = read_playlists(path)
    assert playlists.lists() == [["a", "b"], ["c"]]
    assert playlists.report.skipped == {"row with too few columns": 1, "empty track id": 1}


def test_positions_that_are_no_numbers_come_last(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("playlist_id,track_id,position\n1,z,last\n1,b,2\n1,a,1\n")
    playlists = read_playlists(path)
    assert playlists.lists() == [["a", "b", "z"]]
    assert playlists.report.skipped == {"position that is not a number (track put last)": 1}


def test_a_quote_that_never_closes_is_an_error_not_a_hang(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('playlist_id,track_id\n1,"a\n' + "1,b\n" * 100_000)
    with pytest.raises(SegueError, match="is not a readable table"):
        read_playlists(path)


@settings(max_examples=20)
@given(rows=ROWS)
def test_parquet_with_a_list_a_playlist(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("parquet") / "rows.parquet"
    parquet.write_table(pa.table({"name": ["x"] * len(rows), "tracks": pa.array(rows)}), path)
    playlists = read_playlists(path)
    assert playlists.report.format == "parquet"
    assert playlists.lists() == rows


@settings(max_examples=20)
@given(rows=ROWS)
def test_parquet_with_a_row_a_track(rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("parquet") / "rows.parquet"
    long = [
        (number, position, track) for number, row in enumerate(rows) for position, track in enumerate(row)
    ]
    table = pa.table(
        {
            name: list(column)
            for name, column in zip(("pid", "pos", "track_id"), zip(*long, strict=True), strict=True)
        }
    )
    parquet.write_table(table.take(list(reversed(range(len(long))))), path)
    assert sorted(read_playlists(path).lists()) == sorted(rows)


def test_parquet_that_claims_a_billion_rows_in_a_kilobyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 3_000_000, pa.int32()), ["a"])
    parquet.write_table(pa.table({"playlist_id": column, "track_id": column}), path)
    assert path.stat().st_size < 20_000
    with pytest.raises(SegueError, match="claims 3,000,000 rows, too many for its size"):
        read_playlists(path)


def test_parquet_of_one_huge_value_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "ALWAYS_FINE", 1 << 20)
    path = tmp_path / "bomb.parquet"
    parquet.write_table(pa.table({"tracks": [["a" * (32 << 20)]]}), path, compression="zstd")
    with pytest.raises(SegueError, match="unpacks to more than 250 times its size"):
        read_playlists(path)


def test_parquet_without_known_columns_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    parquet.write_table(pa.table({"x": [1], "y": [2]}), path)
    with pytest.raises(SegueError, match="no playlist column that is recognised among x, y"):
        read_playlists(path)
