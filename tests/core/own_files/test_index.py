import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from segue.core.cli import main
from segue.core.deezer.previews import NoPreview, Preview
from segue.core.errors import UsageError
from segue.core.library import Manifest, write_library
from segue.core.own_files.index import FileIndex, OwnFilesFirst, Report
from segue.core.pipeline import read_source
from segue.core.tracks import TrackInfo
from tests.core.own_files.sounds import tag, write_wav


class Nothing:
    """A source that is never asked for what a file is there for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fetch(self, track: TrackInfo, *, priority: str = "play") -> Preview | NoPreview:  # noqa: ARG002 - as others
        self.asked.append(track.track_id)
        return NoPreview(track, "no preview on Deezer")

    def close(self) -> None:
        pass


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return tmp_path / "music"


@pytest.fixture
def index(tmp_path: Path) -> FileIndex:
    return FileIndex(tmp_path / "data" / "files.sqlite")


def song(path: Path, title: str, artist: str, seconds: float = 0.3, isrc: str = "") -> Path:
    more = {"TSRC": isrc} if isrc else {}
    return tag(write_wav(path, seconds), TIT2=title, TPE1=artist, **more)


def path_of(index: FileIndex, track: TrackInfo) -> Path | None:
    found = index.find(track)
    return found.path if found else None


def test_a_track_is_found_by_title_and_artist_and_by_its_code(music: Path, index: FileIndex) -> None:
    moon = song(music / "a" / "1.wav", "Moon (Remastered 2011)", "Ann, Bo")
    code = song(music / "b" / "2.wav", "Another name", "Somebody", isrc="FRZ039800212")
    song(music / "3.wav", "Moon", "Another Ann")
    assert index.scan(music).files == 3
    assert path_of(index, TrackInfo("track_1", "Moon", "Bo")) == moon
    assert path_of(index, TrackInfo("track_2", "Sun", "Bo", isrc="FRZ039800212")) == code
    assert path_of(index, TrackInfo("track_3", "Moonlight", "Ann")) is None


def test_the_file_with_the_same_words_and_length_comes_first(music: Path, index: FileIndex) -> None:
    song(music / "live.wav", "Moon (Live)", "Ann", 0.3)
    short = song(music / "short.wav", "Moon", "Ann", 0.2)
    long = song(music / "long.wav", "Moon", "Ann", 0.9)
    index.scan(music)
    assert path_of(index, TrackInfo("t", "Moon", "Ann", duration=1.0)) == long
    assert path_of(index, TrackInfo("t", "Moon", "Ann", duration=0.1)) == short


def test_only_what_has_changed_is_read_again_and_what_is_gone_is_forgotten(
    music: Path, index: FileIndex
) -> None:
    first, second = song(music / "1.wav", "One", "Ann"), song(music / "2.wav", "Two", "Ann")
    assert index.scan(music).read == 2
    song(first, "Three", "Ann", 0.5)
    second.unlink()
    song(music / "4.wav", "Four", "Ann")
    report = index.scan(music)
    assert (report.files, report.read, report.unchanged, report.gone) == (2, 2, 0, 1)
    assert path_of(index, TrackInfo("t", "One", "Ann")) is None
    assert path_of(index, TrackInfo("t", "Three", "Ann")) == first
    assert path_of(index, TrackInfo("t", "Two", "Ann")) is None
    assert index.scan(music).unchanged == 2


def test_broken_files_are_counted_and_named_and_nothing_strange_is_opened(
    music: Path, index: FileIndex, tmp_path: Path
) -> None:
    good = song(music / "good.wav", "Good", "Ann")
    (music / "text.mp3").write_text("not audio at all")
    (music / "empty.flac").touch()
    with (music / "bomb.mp3").open("wb") as file:  # a title of 50 MB
        size = 50 << 20
        header = bytes(size + 10 >> shift & 0x7F for shift in (21, 14, 7, 0))
        file.write(b"ID3\x03\0\0" + header + b"TIT2" + struct.pack(">I", size) + b"\0\0" + bytes([3]))
        file.write(b"a" * (size + 5000))
    outside = song(tmp_path / "elsewhere" / "out.wav", "Outside", "Ann")
    (music / "link.wav").symlink_to(outside)
    (music / "around").symlink_to(music)
    os.mkfifo(music / "fifo.mp3")
    (music / os.fsdecode(b"not-utf8-\xff.wav")).write_bytes(good.read_bytes())
    report = index.scan(music)
    assert (report.files, report.unreadable, report.skipped) == (5, 3, 2)
    assert {Path(path).name for path, _ in report.problems} == {"text.mp3", "empty.flac", "bomb.mp3"}
    assert path_of(index, TrackInfo("t", "Outside", "Ann")) is None
    assert path_of(index, TrackInfo("t", "Good", "Ann")) is not None
    with pytest.raises(UsageError, match="no such folder"):
        index.scan(music / "absent")


def test_a_killed_index_goes_on_where_it_was(
    music: Path, index: FileIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        song(music / f"{number}.wav", f"Song {number}", "Ann", 0.15)
    monkeypatch.setattr("segue.core.own_files.index.AT_ONCE", 2)

    def die(_count: float) -> None:
        if path_of(FileIndex(index.path), TrackInfo("t", "Song 3", "Ann")):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.scan(music, die)
    report = index.scan(music)
    assert report.unchanged >= 4
    assert report.files == 6


def test_two_may_index_a_folder_at_once(music: Path, index: FileIndex) -> None:
    for number in range(6):
        song(music / f"{number}.wav", f"Song {number}", "Ann", 0.15)
    reports: list[Report] = []

    def meanwhile(_count: float) -> None:
        if not reports:
            reports.append(FileIndex(index.path).scan(music))

    first = index.scan(music, meanwhile)
    assert [(each.files, each.gone) for each in (first, *reports)] == [(6, 0), (6, 0)]
    assert index.scan(music).unchanged == 6


def test_a_path_is_its_own_track_and_asks_nobody(music: Path, index: FileIndex) -> None:
    there = write_wav(music / "album" / "song.wav", 0.5)
    others = Nothing()
    source = OwnFilesFirst(index, others)
    found = source.fetch(TrackInfo(str(there), "Any title", "Any artist"))
    assert isinstance(found, Preview)
    assert found.file is not None
    assert (found.file.path, round(found.file.seconds, 1)) == (there, 0.5)
    index.scan(music)
    relative = source.fetch(TrackInfo("album/song.wav"))
    assert isinstance(relative, Preview)
    (music / "text.mp3").write_text("not audio at all")
    broken = source.fetch(TrackInfo(str(music / "text.mp3")))
    assert isinstance(broken, NoPreview)
    assert not others.asked
    assert isinstance(source.fetch(TrackInfo("track_3", "Sun", "Bo")), NoPreview)
    assert others.asked == ["track_3"]


def test_a_damaged_index_knows_nothing_and_breaks_nothing(index: FileIndex) -> None:
    index.path.parent.mkdir()
    index.path.write_bytes(b"not a database" * 1000)
    assert index.find(TrackInfo("t", "Moon", "Ann")) is None


@pytest.mark.parametrize("source", ["lists", "lists/walk.m3u"])
def test_relative_paths_of_playlists_are_played_from_where_the_playlists_lie(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(2):
        write_wav(tmp_path / "music" / f"Ann - Song {number}.wav", 1)
    (tmp_path / "music" / "lists").mkdir()
    lines = [f"..\\Ann - Song {number}.wav" for number in range(2)] * 4
    (tmp_path / "music" / "lists" / "walk.m3u").write_text("\n".join(lines))
    found = read_source(tmp_path / "music" / source)
    vocabulary = found.corpus.vocabulary
    library = write_library(
        tmp_path / "library",
        vectors=np.eye(2, dtype=np.float32),
        vocabulary=vocabulary,
        tracks=found.tracks,
        manifest=Manifest("walk", "2026-01-02T03:04:05Z", corpus=found.description),
    )
    command = ["play", "Song 0", "Song 1", "-l", str(library.path), "--no-sound", "--duration", "0.2"]
    assert main([*command, "--json"]) == 0
    played = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"playing"' in line]
    assert [event["credit"] for event in played] == ["Your own file"] * 2
    assert played[0]["link"].endswith("/music/lists/../Ann%20-%20Song%200.wav")
