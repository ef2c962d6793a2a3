"""Every row of the table of small files that people have, where those files lie beside the real playlists."""

import json
import re
import warnings
from pathlib import Path

import pytest

from segue.core.catalogue import Catalogue
from segue.core.catalogue.metadata import read_metadata
from segue.core.cli import main
from segue.core.corpus import build_corpus
from segue.core.corpus.readers import Columns, read_playlists
from segue.core.errors import SegueError
from segue.core.explore.matching import match_playlist
from segue.core.explore.playlist_files import read_playlist
from segue.core.tracks import TrackInfo
from tests.libraries import make_library

pytestmark = pytest.mark.realdata

INTRO, HOME, NIGHT = "Intro — Mara Quill", "Home — The Who Else", "Night 0 — Mara Quill"
COMPLETED: dict[str, list[str]] = {
    "exportify_complete.csv": [INTRO, HOME, NIGHT, "Night 7 — Karol V, Niko Min"],
    "spanish_exportify.csv": [INTRO, HOME],
    "semicolon.csv": [INTRO, HOME],
    "sep_line.csv": [INTRO, HOME],
    "headless_lastfm.csv": [INTRO, HOME],
    "utf16.m3u8": [INTRO],
    "itunes_utf8.txt": [INTRO, HOME],
    "multi_artists.csv": [INTRO, HOME, "Café 1 — Bröther Øst", HOME],
    "wrong_identity.csv": [INTRO, HOME],
    "extenc.m3u": [INTRO],
    "extinf_nocomma.m3u": [INTRO, HOME, "Intro — The Who Else"],
    "vlc_relative.m3u8": [INTRO, HOME, ""],
    "bracket_first.txt": ["", INTRO],
    "winamp.pls": [INTRO],
    "xspf.xspf": [INTRO, HOME],
    "itunes.xml": [INTRO],
    "spotify_account_Playlist1.json": [INTRO, "", HOME],
    "spotify_api_playlist.json": [INTRO, HOME],
    "spotify_history.json": [INTRO],
}
"""Which tracks of the small library a playlist is taken for."""
READ: dict[str, list[list[str]]] = {
    "p_long_with_genres.parquet": [["a", "b", "c"], ["a", "b"]],
    "m3u_same": [["Mara Quill/Intro.mp3", "Bröther Øst/Café 1.mp3", "高橋ミオ/雨の街.mp3"]] * 5,
    "mac_cr.m3u": [["Mac HD:Music:Mara Quill:Intro.mp3", "Mac HD:Music:The Who Else:Home.mp3"]],
    "t_cr.csv": [["a", "b"], ["a"]],
    "t_datetime_pos.csv": [["a", "b"]],
    "t_floats.csv": [["12", "13"], ["12"]],
    "p_float_ids.parquet": [["12"], ["13"]],
    "p_binary.parquet": [["a", "b"], ["a"]],
    "n_name_artists.csv": [["a", "b"]],
    "t_dupcol.csv": [["a", "b"]],
    "n_rank.csv": [["a", "b", "c"]],
    "t_cp1252.csv": [["a", "b"], ["a"]],
    "t_exportify_all.csv": [["spotify:track:a", "spotify:track:b"]],
    "t_space_header.csv": [["a", "b"], ["a"]],
    "t_sep.csv": [["a", "b"]],
    "t_empty.csv": [["b", "c"]],
    "floats.jsonl": [["1", "2", "3"], ["3", "2", "1"]],
    "p_list_float.parquet": [["1", "2"], ["2", "3"]],
    "p_list_struct.parquet": [["a", "b"], ["a"]],
    "p_fixed_list.parquet": [["a", "b"], ["b", "c"]],
    "mpd_nan.json": [["a", "b"]],
}
"""The playlists of a file."""
IDS = ("id_b62.jsonl", "id_mbid.jsonl", "id_title.jsonl", "ids_m3u")
BY_NAME = {
    "marks.csv", "marks_complete.csv", "sessions_iso.csv", "bare_ids.csv", "bare_ids_metadata.csv",
    "name_artists_train.csv", "rank_train.csv", "metadata_cp1252.csv", "exportify_folder",
    "p_nested_ll.parquet", "v_big64.npy", "ids.txt", "ratechange.mp3",
}  # fmt: skip
"""Those that have a test of their own below."""


@pytest.fixture(scope="module")
def cases(real_data: Path) -> Path:
    folder = real_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip(f"no cases at {folder}")
    return folder


@pytest.fixture(scope="module")
def base(cases: Path, tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return catalogue(
        tmp_path_factory.mktemp("base"),
        [
            TrackInfo(track, title, artist, artist_id=artist_id)
            for track, title, artist, artist_id in json.loads((cases / "base_tracks.json").read_text())
        ],
    )


def catalogue(folder: Path, tracks: list[TrackInfo]) -> Catalogue:
    return Catalogue.create(folder / "c.sqlite", tracks, range(len(tracks), 0, -1))


def taken_for(base: Catalogue, path: Path) -> list[str]:
    matches = match_playlist(base, read_playlist(str(path)))
    return ["" if match.row is None else base.info(match.row).label for match in matches]


def test_every_file_of_the_table_is_here(cases: Path) -> None:
    rows = (cases / "README.md").read_text().partition("Without a file:")[0]
    named = {
        name.rstrip("/")
        for row in rows.splitlines()
        if row.startswith("| `")
        for name in re.findall(r"`([^`]+)`", row.split("|")[1])
    }
    assert named - {"base.csv"} == {*COMPLETED, *READ, *IDS, *BY_NAME}


@pytest.mark.parametrize("name", COMPLETED)
def test_a_playlist_is_completed_by_the_right_tracks(name: str, cases: Path, base: Catalogue) -> None:
    assert taken_for(base, cases / name) == COMPLETED[name]
    read_playlists(cases / name)


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_as_it_is_meant(name: str, cases: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_playlists(cases / name).lists() == READ[name]


@pytest.mark.parametrize("name", IDS)
def test_every_id_is_found_whole_and_by_its_beginning(
    name: str, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = make_library(tmp_path / "L", read_playlists(cases / name))

    def found(*arguments: str) -> str:
        assert main([*arguments, "--library", str(library.path), "--json"]) == 0
        return json.dumps(json.loads(capsys.readouterr().out), ensure_ascii=False)

    for track in library.track_ids[::7]:
        assert f'"track_id": "{track}"' in found("search", track)
        assert f'"track_id": "{track}"' in found("search", track[: max(len(track) * 3 // 4, 3)], "-n", "100")
        assert f'"seed": "{track}"' in found("neighbours", track, "-n", "5")


def test_letters_that_mean_something_are_kept(cases: Path, tmp_path: Path) -> None:
    playlists = read_playlists(cases / "marks.csv")
    found = catalogue(tmp_path, list(playlists.tracks.values()))
    wanted = [(entry.title, entry.artist) for entry in read_playlist(str(cases / "marks_complete.csv"))]
    labels = taken_for(found, cases / "marks_complete.csv")
    there = {info.label for info in playlists.tracks.values()}
    assert labels == [label if (label := f"{title} — {artist}") in there else "" for title, artist in wanted]
    assert any(labels)


def test_columns_are_what_they_are_called(cases: Path, tmp_path: Path) -> None:
    columns = Columns(playlist="user_id", track="item_id", position="timestamp")
    assert read_playlists(cases / "sessions_iso.csv", columns=columns).lists() == [
        ["a", "b", "c"],
        ["a", "b"],
    ]
    tracks = read_playlists(cases / "name_artists_train.csv").tracks
    assert (tracks["track_10010"].title, tracks["track_10010"].artist) == ("Café 1", "Bröther Øst")
    assert read_playlists(cases / "rank_train.csv").lists()[0][:2] == ["track_10008", "track_10003"]
    with pytest.raises(SegueError, match="holds lists of lists"):
        read_playlists(cases / "p_nested_ll.parquet")
    (row,) = read_playlists(cases / "exportify_folder").lists()
    assert len(row) == 4


def test_metadata_joins_and_is_read_as_windows_1252(cases: Path) -> None:
    vocabulary = build_corpus(read_playlists(cases / "bare_ids.csv")).vocabulary
    tracks = read_metadata([cases / "bare_ids_metadata.csv"], vocabulary).tracks
    assert [tracks[track].title[:5] for track in vocabulary.track_ids] == ["Song "] * 20
    tracks = read_metadata([cases / "metadata_cp1252.csv"]).tracks
    assert {info.title[:4] for info in tracks.values()} == {"Café"}


def test_vectors_that_are_too_large_are_refused_in_one_line_or_scaled(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        arguments = ["--tracks", str(cases / "ids.txt"), "--name", str(tmp_path / "L")]
        status = main(["import-vectors", str(cases / "v_big64.npy"), *arguments])
    assert status in {0, 1}
    assert status == 0 or capsys.readouterr().err.count("\n") == 1


def test_a_rate_that_changes_in_the_middle_of_a_file_does_not_change_its_speed(cases: Path) -> None:
    from segue.core.audio.decode import decode

    assert decode(cases / "ratechange.mp3").duration_seconds == pytest.approx(6, abs=0.2)
