import csv
import gzip
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.catalogue.metadata import _read, read_metadata
from segue.core.errors import SegueError
from segue.core.tracks import TrackInfo


@dataclass
class Known:
    track_ids: list[str] = field(default_factory=lambda: ["track_1", "track_2", "track_3"])
    artist_ids: list[str] = field(default_factory=lambda: ["artist_7", "artist_8", ""])


def write(path: Path, header: str, *rows: str) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_tracks_artists_gives_titles_and_artists_and_leaves_dead_links_out(tmp_path: Path) -> None:
    path = write(
        tmp_path / "TracksArtists.csv",
        ",title,name,preview,rank,track_id",
        "0,Donde Estés Llegaré,Alexis y Fido,http://cdn/1.mp3,5,track_1",
        '1,"Alone, ""again""",Petit Biscuit,,6,track_2',
        "2,Not wanted,Nobody,,7,track_99",
    )
    report = read_metadata([path], Known())
    assert report.tracks == {
        "track_1": TrackInfo("track_1", "Donde Estés Llegaré", "Alexis y Fido", artist_id="artist_7"),
        "track_2": TrackInfo("track_2", 'Alone, "again"', "Petit Biscuit", artist_id="artist_8"),
    }
    assert report.skipped == {}
    assert _read(path, Counter())[1].name == "TracksArtists.csv"
    assert set(read_metadata([path]).tracks) == {"track_1", "track_2", "track_99"}


@pytest.mark.parametrize("artist", ["artist", "artist_name"])
def test_a_plain_table_of_titles_is_read(artist: str, tmp_path: Path) -> None:
    path = write(tmp_path / "mine.csv", f"track_id,title,{artist},album", "track_1,Home,The Who Else,First")
    found = read_metadata([path], Known()).tracks
    assert found == {"track_1": TrackInfo("track_1", "Home", "The Who Else", "First", artist_id="artist_7")}


@settings(max_examples=20)
@given(
    rows=st.dictionaries(
        st.integers(1, 10**12),
        st.tuples(*[st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1)] * 2),
        min_size=1,
    )
)
def test_whatever_a_csv_writer_writes_comes_back(
    rows: dict[int, tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("metadata") / "any name.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["track_id", "title", "name"])
        writer.writerows([f"track_{number}", title, artist] for number, (title, artist) in rows.items())
    found = read_metadata([path]).tracks
    assert {track: (info.title, info.artist) for track, info in found.items()} == {
        f"track_{number}": texts for number, texts in rows.items()
    }


def test_tracks_with_nested_artist_and_album(tmp_path: Path) -> None:
    path = write(
        tmp_path / "Tracks.csv",
        "Unnamed: 0,album,artist,bpm,duration,gain,release_date,isrc,title,type,id_y,deezer_id",
        "0,\"{u'title': u'Alone', u'id': 5}\",\"{u'name': u'Petit Biscuit', u'id': 79}\","
        "116.0,273.0,-10.3,2015-05-25,FR1,Alone,track,track_1,1.0",
        "1,\"{broken\",{u'name': u'X'},,,,,,Memories,track,track_2,2.0",
    )
    tracks = read_metadata([path]).tracks
    assert tracks["track_1"] == TrackInfo(
        "track_1",
        "Alone",
        "Petit Biscuit",
        "Alone",
        "artist_79",
        "",
        "FR1",
        "2015-05-25",
        273.0,
        116.0,
        -10.3,
    )
    assert tracks["track_2"] == TrackInfo("track_2", "Memories", "X")


def test_nested_values_are_never_run(tmp_path: Path) -> None:
    proof = tmp_path / "it ran"
    path = write(
        tmp_path / "Tracks.csv",
        "album,artist,title,deezer_id",
        f"\"{{'title': __import__('os').system('touch {proof}')}}\",\"{'{' * 500}\",Alone,1.0",
    )
    assert read_metadata([path]).tracks == {"track_1": TrackInfo("track_1", "Alone")}
    assert not proof.exists()


@pytest.mark.parametrize(
    "value", [f"0x{'f' * 19_000}", f"{'9' * 4_000}", f"{'[' * 150}{']' * 150}", "None", "True", "1e400"]
)
def test_a_nested_value_that_is_not_a_name_is_unknown(value: str, tmp_path: Path) -> None:
    path = write(
        tmp_path / "Tracks.csv",
        "album,artist,title,deezer_id",
        f"\"{{'title': {value}}}\",\"{{'name': {value}, 'id': {value}}}\",Alone,1.0",
    )
    assert read_metadata([path]).tracks == {"track_1": TrackInfo("track_1", "Alone")}


def test_files_complete_each_other_and_the_earlier_is_believed(tmp_path: Path) -> None:
    projected = write(
        tmp_path / "tracks_proj.csv",
        "id,u1,u2,nbo,bpm,duration,gain,release_date,title,album_title,artist_name,preview",
        "track_1,1.5,-1.2,12,116.0,273.0,-10.3,2015-05-25,Alone,Album,Petit Biscuit,",
    )
    titles = write(
        tmp_path / "TracksArtists.csv",
        "title,name,track_id",
        "Alone (Edit),Petit B.,track_1",
        "Memories,,track_2",
    )
    artists = write(tmp_path / "Artists.csv", "error,id,name,nb_fan", ",7.0,Somebody,9", ",8.0,The Eight,9")
    genres = write(
        tmp_path / "artist_details_spot.csv",
        ",deezer_id,genres,id,name,popularity,genre",
        "0,8,\"['pop']\",6gK1,Eight!,71,pop",
    )
    tracks = read_metadata([projected, titles, artists, genres], Known()).tracks
    assert tracks == {
        "track_1": TrackInfo(
            "track_1",
            "Alone",
            "Petit Biscuit",
            "Album",
            "artist_7",
            "",
            "",
            "2015-05-25",
            273.0,
            116.0,
            -10.3,
        ),
        "track_2": TrackInfo("track_2", "Memories", "The Eight", artist_id="artist_8", genre="pop"),
    }


def test_artists_alone_name_the_tracks_of_theirs(tmp_path: Path) -> None:
    path = write(tmp_path / "Artists.csv", "id,name", "7,Seven", "99,Nobody's")
    assert read_metadata([path], Known()).tracks == {
        "track_1": TrackInfo("track_1", artist="Seven", artist_id="artist_7")
    }


def test_song_hash_in_both_spellings(tmp_path: Path) -> None:
    path = tmp_path / "song_hash.txt"
    path.write_text('0\tGucci Time (w\\/ Swizz Beatz)\tGucci Mane\n1 \t"Quoted\tT.I.\n2\tNaN\tNone\n')
    tracks = read_metadata([path]).tracks
    assert tracks == {
        "yes_0": TrackInfo("yes_0", "Gucci Time (w/ Swizz Beatz)", "Gucci Mane"),
        "yes_1": TrackInfo("yes_1", '"Quoted', "T.I."),
        "yes_2": TrackInfo("yes_2", "NaN", "None"),
    }


def test_bad_rows_are_counted_and_the_rest_stays(tmp_path: Path) -> None:
    path = write(
        tmp_path / "TracksArtists.csv",
        "title,name,track_id",
        "One,A,track_1",
        "Too,many,track_2,columns,here",
        "No id,B,",
        "Cut short",
        "Three,C,track_3",
        "Also,too,track_2,many",
    )
    report = read_metadata([path])
    assert {track: info.title for track, info in report.tracks.items()} == {
        "track_1": "One",
        "track_3": "Three",
    }
    assert report.skipped == {"row with too many columns": 2, "row without track id": 2}


def test_marks_line_ends_packing_and_other_bytes(tmp_path: Path) -> None:
    content = "title,name,track_id\r\nÉté,Björk,track_1\r\n".encode("utf-8-sig")
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_bytes(content)
    packed.write_bytes(gzip.compress(content))
    for path in (plain, packed):
        assert read_metadata([path]).tracks["track_1"].title == "Été"
    plain.write_bytes(b"title,name,track_id\n\xe9t\xe9,Bj\xf6rk,track_1\n")
    assert read_metadata([plain]).tracks["track_1"].title == "été"


def test_numbers_that_are_none_are_unknown(tmp_path: Path) -> None:
    path = write(
        tmp_path / "Tracks.csv",
        "title,deezer_id,bpm,duration,gain",
        "A,1,nan,inf,-3",
        "B,2,fast,1e300,",
        "C,3,,,",
    )
    tracks = read_metadata([path]).tracks
    assert [(info.bpm, info.duration, info.gain) for info in tracks.values()] == [
        (None, None, -3.0),
        (None, None, None),
        (None, None, None),
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("title,track_id,preview", "lacks the column name of a TracksArtists.csv"),
        ("name,track_id", "lacks the column title of a TracksArtists.csv"),
        ("id,title,u1", "lacks the column artist_name of a tracks_proj.csv"),
        ("x,y", "it has x, y"),
    ],
)
def test_missing_columns_are_named(header: str, message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "odd.csv", header, "1,2,3")
    with pytest.raises(SegueError, match=rf"odd\.csv: .*{message}"):
        read_metadata([path])


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b'title,name,track_id\n"never closed,', b"\x00\x01\x02" * 100]
)
def test_files_that_are_no_tables_are_errors(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    with pytest.raises(SegueError, match=r"odd\.csv"):
        read_metadata([path])


def test_a_missing_file_and_a_damaged_archive_are_errors(tmp_path: Path) -> None:
    with pytest.raises(SegueError, match=r"absent\.csv: cannot be opened"):
        read_metadata([tmp_path / "absent.csv"])
    path = tmp_path / "cut.csv.gz"
    path.write_bytes(gzip.compress(b"title,name,track_id\n" * 1000)[:-9])
    with pytest.raises(SegueError, match=r"cut\.csv\.gz"):
        read_metadata([path])


@pytest.mark.realdata
def test_the_real_samples_are_understood(real_data: Path) -> None:
    folder = real_data / "deezer_music2_first1000"
    kinds = {
        "TracksArtists_csv_sample.csv": ("TracksArtists.csv", 10),
        "Tracks_csv_sample_ElaadF_notebook.csv": ("Tracks.csv", 60),
        "tracks_proj_csv_sample.csv": ("tracks_proj.csv", 5),
        "Artists_csv_sample_comeetie_notebook.csv": ("Artists.csv", 0),
        "artist_details_spot.csv": ("artist_details_spot.csv", 0),
        "../yes_small/song_hash.txt": ("song_hash.txt", 3_168),
        "../yes_complete_titles/song_hash.txt": ("song_hash.txt", 75_262),
    }
    for name, (kind, tracks) in kinds.items():
        report = read_metadata([folder / name])
        assert _read(folder / name, Counter())[1].name == kind
        assert (len(report.tracks), report.skipped) == (tracks, {})
    genres = read_metadata([folder / "artist_details_spot.csv"], Known(["track_1"], ["artist_7912872"]))
    assert genres.tracks["track_1"].artist == "Petit Biscuit"
    assert genres.tracks["track_1"].genre == "tropical house"
