import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from segue.core.corpus import Corpus
from segue.core.corpus.loading import load_corpus
from segue.core.corpus.prepare import prepare
from segue.core.corpus.readers import read_playlists
from segue.core.errors import SegueError
from tests.core.corpus.writers import million_slice, python2_npy, write_yes


def make_rows(n_playlists: int, seed: int = 0) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    return [
        [
            f"spotify:track:{track:022}"
            for track in (3000 * rng.random(rng.integers(1, 30)) ** 3).astype(int).tolist()
        ]
        for _ in range(n_playlists)
    ]


def write_slices(folder: Path, n_slices: int) -> list[list[str]]:
    folder.mkdir(exist_ok=True)
    everything = []
    for number in range(n_slices):
        rows = make_rows(100, seed=number)
        name = f"mpd.slice.{number * 100}-{number * 100 + 99}.json"
        (folder / name).write_text(million_slice(rows, start=number * 100))
        everything += rows
    return everything


def write_deezer(folder: Path) -> Path:
    rng = np.random.default_rng(3)
    rows = [
        [
            token
            for track in rng.integers(0, 900, 9).tolist()
            for token in (f"track_{track}", f"artist_{track % 40}")
        ]
        for _ in range(9000)
    ]
    path = folder / "music.npy"
    path.write_bytes(python2_npy(rows))
    return path


def write_jsonl(folder: Path) -> Path:
    path = folder / "rows.jsonl.gz"
    lines = [json.dumps([*row, "bad\nid", ""]) for row in make_rows(5000, seed=9)]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def write_radio(folder: Path) -> Path:
    rng = np.random.default_rng(4)
    rows = [rng.integers(0, 50, 7).tolist() for _ in range(300)]
    return write_yes(folder, rows, [(f"Song {number}", f"Band {number % 7}") for number in range(50)])


def write_million(folder: Path) -> Path:
    write_slices(folder / "slices", 5)
    return folder / "slices"


@pytest.mark.parametrize("write", [write_deezer, write_jsonl, write_radio, write_million])
@pytest.mark.parametrize("processes", [1, 2])
def test_a_prepared_corpus_is_the_one_built_in_memory(
    write: Callable[[Path], Path], processes: int, tmp_path: Path
) -> None:
    path = write(tmp_path)
    expected = load_corpus(path)
    record, fresh = prepare([path], tmp_path / "corpus", processes=processes)
    loaded = load_corpus(tmp_path / "corpus")
    assert fresh
    assert loaded.corpus.fingerprint == expected.corpus.fingerprint == record.fingerprint
    assert loaded.corpus.vocabulary.track_ids == expected.corpus.vocabulary.track_ids
    assert loaded.corpus.vocabulary.artist_ids == expected.corpus.vocabulary.artist_ids
    assert loaded.corpus.vocabulary.counts.tolist() == expected.corpus.vocabulary.counts.tolist()
    assert loaded.tracks == expected.tracks
    assert loaded.report.skipped == expected.report.skipped == record.skipped
    assert loaded.report.format == "prepared"
    playlists = read_playlists(path)
    assert (record.playlists, record.read, record.distinct) == (
        len(playlists),
        len(playlists.codes),
        len(playlists.track_ids),
    )
    assert (record.tracks, record.positions) == (len(expected.corpus.vocabulary), expected.corpus.n_positions)


@pytest.mark.parametrize("bad", range(3))
def test_the_slice_among_others_that_is_cut_short_is_named(bad: int, tmp_path: Path) -> None:
    folder = write_million(tmp_path)
    cut = sorted(folder.iterdir())[bad]
    cut.write_bytes(cut.read_bytes()[:-100])
    with pytest.raises(SegueError, match=rf"{cut.name}: is not valid JSON .*is it cut short\?"):
        prepare([folder], tmp_path / "corpus", processes=1)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_several_files_are_one_corpus_in_their_order(processes: int, tmp_path: Path) -> None:
    rows = make_rows(900)
    files = []
    for number, start in enumerate(range(0, 900, 300)):
        files.append(tmp_path / f"{'zyx'[number]}.jsonl")
        files[-1].write_text("".join(json.dumps(row) + "\n" for row in rows[start : start + 300]))
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    record, _ = prepare(files, tmp_path / "corpus", processes=processes)
    assert record.fingerprint == load_corpus(tmp_path / "all.jsonl").corpus.fingerprint


def test_the_least_count_holds(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path)
    for least in (1, 5):
        record, _ = prepare([path], tmp_path / f"corpus {least}", min_count=least)
        assert record.fingerprint == load_corpus(path, min_count=least).corpus.fingerprint
        assert Corpus.open(tmp_path / f"corpus {least}").vocabulary.counts.min() >= least
    with pytest.raises(SegueError, match="no track occurs 1000000 times"):
        prepare([path], tmp_path / "corpus", min_count=1_000_000)
    assert not (tmp_path / "corpus").exists()


def test_an_unchanged_corpus_is_not_prepared_twice(tmp_path: Path) -> None:
    folder, out = tmp_path / "slices", tmp_path / "corpus"
    write_slices(folder, 2)
    first, fresh = prepare([folder], out, processes=1)
    assert fresh
    written = (out / "items.npy").stat().st_mtime_ns
    again, fresh = prepare([folder], out, processes=1)
    assert (again, fresh) == (first, False)
    assert (out / "items.npy").stat().st_mtime_ns == written
    # other settings, more files, changed files, a damaged result and --again all prepare again
    assert prepare([folder], out, processes=1, min_count=3)[1]
    assert prepare([folder], out, processes=1)[1]
    write_slices(folder, 3)
    assert prepare([folder], out, processes=1)[1]
    later = time.time_ns() + 10**9
    os.utime(folder / "mpd.slice.0-99.json", ns=(later, later))
    assert prepare([folder], out, processes=1)[1]
    (out / "items.npy").write_bytes(b"")
    assert prepare([folder], out, processes=1)[1]
    assert prepare([folder], out, processes=1, again=True)[1]
    assert not prepare([folder], out, processes=1)[1]


def test_a_prepared_corpus_is_no_playlist_file(tmp_path: Path) -> None:
    prepare([write_jsonl(tmp_path)], tmp_path / "corpus")
    with pytest.raises(SegueError, match="corpus: is a prepared corpus, not playlists"):
        prepare([tmp_path / "corpus"], tmp_path / "again")


def test_something_else_is_never_overwritten(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    with pytest.raises(SegueError, match="is not a prepared corpus and not empty; choose another --out"):
        prepare([path], tmp_path / "photos")
    with pytest.raises(SegueError, match="is not a folder; choose another --out"):
        prepare([path], path)
    assert (tmp_path / "photos" / "cat.jpg").read_bytes() == b"cat"


@pytest.mark.parametrize("processes", [1, 2])
def test_a_bad_file_among_good_ones_names_itself_and_leaves_the_old_corpus(
    processes: int, tmp_path: Path
) -> None:
    folder, out = tmp_path / "slices", tmp_path / "corpus"
    write_slices(folder, 4)
    before, _ = prepare([folder], out)
    bad = folder / "mpd.slice.200-299.json"
    bad.write_text(bad.read_text()[:-1000])
    with pytest.raises(SegueError, match=r"mpd\.slice\.200-299\.json: is not valid JSON"):
        prepare([folder], out, processes=processes)
    assert Corpus.open(out).fingerprint == before.fingerprint
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_progress_adds_up_to_the_bytes_of_the_files(tmp_path: Path) -> None:
    write_slices(tmp_path / "slices", 3)
    reported: list[float] = []
    prepare([tmp_path / "slices"], tmp_path / "corpus", processes=2, progress=reported.append)
    assert sum(reported) == sum(path.stat().st_size for path in (tmp_path / "slices").iterdir())


def test_what_a_killed_run_left_is_cleared_away(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path)
    dead = tmp_path / ".corpus.999999999-abcdef01.tmp"
    alive = tmp_path / f".corpus.{os.getpid()}-abcdef01.tmp"
    for folder in (dead, alive):
        folder.mkdir()
        (folder / "codes").write_bytes(b"1234")
    prepare([path], tmp_path / "corpus")
    assert not dead.exists()
    dead.mkdir()  # as a killed `prepare --again` leaves it
    assert not prepare([path], tmp_path / "corpus")[1]
    assert not dead.exists()
    assert alive.exists()


def test_a_corpus_put_aside_by_a_killed_run_comes_back(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path)
    record, _ = prepare([path], tmp_path / "corpus")
    (tmp_path / "corpus").rename(tmp_path / ".corpus.old")
    assert load_corpus(tmp_path / "corpus").corpus.fingerprint == record.fingerprint
    (tmp_path / "corpus").rename(tmp_path / ".corpus.old")
    assert prepare([path], tmp_path / "corpus") == (record, False)


@pytest.mark.parametrize("name", ["corpus.json", "tracks.jsonl"])
@pytest.mark.parametrize("content", [b"", b"{", b"[1]\n", b'{"track_id": "a", "colour": 1}\n'])
def test_a_damaged_record_or_metadata_is_an_error(name: str, content: bytes, tmp_path: Path) -> None:
    prepare([write_radio(tmp_path)], tmp_path / "corpus")
    (tmp_path / "corpus" / name).write_bytes(content)
    if name == "tracks.jsonl" and not content:
        assert load_corpus(tmp_path / "corpus").tracks == {}
    elif name == "corpus.json" and content.startswith(b'{"t'):
        assert prepare([tmp_path / "train.txt"], tmp_path / "corpus")[1]
    else:
        with pytest.raises(SegueError, match=name.replace(".", r"\.")):
            load_corpus(tmp_path / "corpus")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_grows_with_the_tracks_and_not_with_the_playlists(tmp_path: Path) -> None:
    # the high-water mark of this very program; getrusage would count the one that started it
    code = (
        "import sys; from pathlib import Path; from segue.core.corpus.prepare import prepare;"
        "prepare([Path(sys.argv[1])], Path(sys.argv[2]));"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])"
    )
    kilobytes = []
    for times in (12, 60):
        path, out = tmp_path / f"{times}.jsonl", tmp_path / f"{times} corpus"
        rows = "".join(
            json.dumps([f"track_{n}" for n in range(start, start + 10)]) + "\n" for start in range(5000)
        )
        path.write_text(rows * times)
        run = subprocess.run(
            [sys.executable, "-c", code, path, out],
            capture_output=True,
            check=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        )
        kilobytes.append(int(run.stdout))
    # against 600,000 positions; what is mapped of the files counts too
    assert Corpus.open(tmp_path / "60 corpus").n_positions == 3_000_000
    assert kilobytes[1] - kilobytes[0] < 30_000
