import gzip
import json
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.corpus.readers import read_playlists
from segue.core.errors import SegueError
from tests.core.corpus.writers import million_slice

IDS = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=30).filter(
    lambda text: not text.startswith("artist_")  # which isn't a track
)


@settings(max_examples=60)
@given(rows=st.lists(st.lists(IDS, min_size=1), min_size=1))
def test_json_lines_come_back_as_written(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("json") / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert read_playlists(path).lists() == rows


@settings(max_examples=60)
@given(rows=st.lists(st.lists(IDS, min_size=1), min_size=1))
def test_an_array_of_playlists_comes_back_as_written(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("json") / "rows.json"
    path.write_text(json.dumps(rows, indent=1))
    assert read_playlists(path, format="json").lists() == rows


def test_objects_with_a_list_of_tracks_and_tracks_that_are_objects(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '{"name": "one", "tracks": ["a", "b"]}\n'
        '{"track_ids": [1, 2, 1]}\n'
        '{"items": [{"track_uri": "a"}, {"id": 3}, {"title": "no id"}]}\n'
    )
    playlists = read_playlists(path)
    assert playlists.report.format == "jsonl"
    assert playlists.lists() == [["a", "b"], ["1", "2", "1"], ["a", "3"]]
    assert playlists.report.skipped == {"empty track id": 1}


def test_deezer_rows_part_into_tracks_and_artists(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        '["track_1", "artist_1", "track_2", "artist_2", "track_1", "artist_9"]\n'
        '["artist_5", "track_3", "track_4", "artist_4", "artist_6"]\n'
    )
    playlists = read_playlists(path)
    assert playlists.lists() == [["track_1", "track_2", "track_1"], ["track_3", "track_4"]]
    # the first artist named for a track stays; an artist does not reach over the end of a playlist
    assert playlists.artist_ids == ["artist_1", "artist_2", "", "artist_4"]
    assert playlists.report.skipped == {"artist without a track": 2}


def test_an_artist_at_the_start_of_the_next_playlist_is_not_the_last_tracks(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('["track_1"]\n["artist_1", "track_2"]\n')
    playlists = read_playlists(path)
    assert playlists.artist_ids == ["", ""]
    assert playlists.report.skipped == {"artist without a track": 1}


def test_bad_lines_are_counted_and_a_file_of_them_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('["a", "b"]\nnot json\n["b", "c"]\n["cut sho\n\n["a"]\n7\n["d"]\n')
    playlists = read_playlists(path)
    assert playlists.lists() == [["a", "b"], ["b", "c"], ["a"], ["d"]]
    assert playlists.report.skipped == {"record that is not a JSON list of tracks": 3}
    path.write_text('["a", "b"]\nnot json\nat all\n')
    with pytest.raises(SegueError, match="2 of 3 records are not JSON lists of tracks"):
        read_playlists(path, format="jsonl")


def test_deep_nesting_is_a_bad_line_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "deep.jsonl"
    path.write_text('["a"]\n["b"]\n' + "[" * 100_000 + "\n")
    assert read_playlists(path).report.skipped == {"record that is not a JSON list of tracks": 1}


def test_a_million_playlist_slice_brings_titles_artists_and_albums(tmp_path: Path) -> None:
    path = tmp_path / "mpd.slice.0-999.json"
    path.write_text(million_slice([["spotify:track:a", "spotify:track:b"], ["spotify:track:a"]]))
    playlists = read_playlists(path)
    assert playlists.report.format == "million"
    assert playlists.lists() == [["spotify:track:a", "spotify:track:b"], ["spotify:track:a"]]
    assert playlists.artist_ids == ["artist:a", "artist:b"]
    track = playlists.tracks["spotify:track:b"]
    assert (track.title, track.artist, track.album) == (
        "Title of spotify:track:b",
        "Artist of spotify:track:b",
        "An Album",
    )
    assert track.duration == pytest.approx(123.456)


@settings(max_examples=40)
@given(rows=st.lists(st.lists(IDS, min_size=1), min_size=1))
def test_slices_come_back_as_written(rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("json") / "slice.json"
    path.write_text(million_slice(rows))
    playlists = read_playlists(path)
    assert playlists.lists() == rows
    assert {track: info.title for track, info in playlists.tracks.items()} == {
        track: f"Title of {track}" for row in rows for track in row
    }


def test_slices_of_a_folder_are_read_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (0, 2, 10, 1):
        name = f"mpd.slice.{number * 1000}-{number * 1000 + 999}.json"
        text = million_slice([[f"track {number}"]])
        if number == 2:
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
        elif number == 10:
            (tmp_path / f"{name}.zst").write_bytes(zstandard.compress(text.encode()))
        else:
            (tmp_path / name).write_text(text)
    (tmp_path / ".hidden.json").write_text("not for you")
    (tmp_path / "README.md").write_text("# not playlists")
    assert read_playlists(tmp_path).lists() == [["track 0"], ["track 1"], ["track 2"], ["track 10"]]


def test_a_slice_with_holes_loses_only_those(tmp_path: Path) -> None:
    path = tmp_path / "slice.json"
    document = {
        "playlists": [
            {"tracks": [{"track_uri": "a", "track_name": 7}, {"track_name": "no id"}, "b", 5]},
            {"name": "no tracks"},
            {"tracks": "none"},
            {"tracks": []},
            {"tracks": [{"track_uri": "a"}]},
        ]
    }
    path.write_text(json.dumps(document))
    playlists = read_playlists(path)
    assert playlists.lists() == [["a", "b", "5"], ["a"]]
    assert playlists.report.skipped == {"playlist without a list of tracks": 2, "empty track id": 1}


def test_a_slice_with_odd_metadata_keeps_its_tracks(tmp_path: Path) -> None:
    path = tmp_path / "slice.json"
    tracks = [
        {"track_uri": "a", "track_name": None, "duration_ms": "long"},
        {"track_uri": "b", "track_name": "B"},
    ]
    path.write_text(json.dumps({"playlists": [{"tracks": tracks}]}))
    playlists = read_playlists(path)
    assert playlists.lists() == [["a", "b"]]
    assert {track: info.title for track, info in playlists.tracks.items()} == {"b": "B"}


def test_a_title_that_is_not_utf_8_costs_no_track(tmp_path: Path) -> None:
    path = tmp_path / "slice.json"
    path.write_bytes(
        million_slice([["a", "b"]]).replace("Title of a", "XX").encode().replace(b"XX", b"\xe9t\xe9")
    )
    playlists = read_playlists(path)
    assert playlists.lists() == [["a", "b"]]
    assert playlists.tracks["a"].title == "�t�"


@pytest.mark.parametrize(
    ("odd", "title"),
    [
        ('"track_name": "cut \\ud83d"', "cut �"),
        ('"duration_ms": 1e999', ""),
        ('"duration_ms": -Infinity', ""),
    ],
)
def test_odd_metadata_costs_no_track(odd: str, title: str, tmp_path: Path) -> None:
    path = tmp_path / "slice.json"
    path.write_text(f'{{"playlists": [{{"tracks": [{{"track_uri": "a", {odd}}}, {{"track_uri": "b"}}]}}]}}')
    playlists = read_playlists(path)
    assert playlists.lists() == [["a", "b"]]
    assert [info.title for info in playlists.tracks.values()] == [title] * bool(title)


@pytest.mark.parametrize("text", ['{"playlists": 5}', '{"playlists": {}, "more": 1}', '[{"playlists": []}'])
def test_other_json_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(SegueError, match=r"other\.json"):
        read_playlists(path)
