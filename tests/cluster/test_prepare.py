"""A corpus prepared in tasks is that of one machine, byte for byte, however the input is cut and dealt.

The tasks run in this process here; `test_prepare_on_ray` has them run by Ray. All tests share the inputs and
the corpus that they are compared with, and therefore this file.
"""

import gzip
import json
import os
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.cli import main
from segue.core.corpus.counting import shards_of, splitters_of
from segue.core.corpus.encoding import keys_of
from segue.core.corpus.prepare import prepare
from segue.core.corpus.processes import run_here
from segue.core.corpus.spool import TEMPORARY
from segue.core.errors import SegueError
from tests.core.corpus.writers import million_slice, python2_npy, write_yes

Task = Callable[..., Any]
Calls = Iterable[tuple[Any, ...]]


def files_of(corpus: Path) -> dict[str, bytes]:
    """The bytes of every file; of the record all but the seconds."""
    files = {str(path.relative_to(corpus)): path.read_bytes() for path in corpus.rglob("*")}
    record = json.loads(files["corpus.json"])
    record.pop("seconds")
    return files | {"corpus.json": json.dumps(record, indent=1).encode()}


def assert_same(paths: list[Path], folder: Path, *cuts: tuple[int, int], **options: Any) -> None:  # noqa: ANN401 - those of `prepare`
    """Prepare once here, and once for each size of the stretches and number of shards."""
    prepare(paths, folder / "one", processes=1, **options)
    for number, (size, shards) in enumerate(cuts):
        tasks = folder / f"tasks{number}"
        prepare(paths, tasks, run=run_here, processes=2, stretch=size, shards=shards, **options)
        assert files_of(tasks) == files_of(folder / "one"), (size, shards)
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def rows(n: int, seed: int = 0) -> list[list[str]]:
    rng = np.random.default_rng(seed)
    tracks = [f"track_{n}" for n in range(300)] + ["é", "漢字", "𝄞 clef", "x" * 200]
    return [[tracks[int(at)] for at in len(tracks) * rng.random(rng.integers(0, 9)) ** 2] for _ in range(n)]


def as_json_lines(folder: Path) -> list[Path]:
    path = folder / "rows.jsonl"
    lines = [json.dumps([*row, "bad\nid", ""], ensure_ascii=False) for row in rows(300)]
    path.write_text("\n".join(["no JSON", "[]", *lines]))
    return [path]


def as_several_files(folder: Path) -> list[Path]:
    files = [folder / "z.jsonl", folder / "a.jsonl.gz", folder / "m.txt"]
    for number, path in enumerate(files):
        text = "".join(json.dumps(row) + "\n" for row in rows(100, number))
        if path.suffix == ".txt":
            text = "".join(",".join(row).replace(" ", "_") + "\r\n" for row in rows(100, 7))
        raw = text.encode()
        path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
    return files


def as_lines_with_artists(folder: Path) -> list[Path]:
    rng = random.Random(1)
    # an artist that comes later than its track's first appearance does not count
    lines = [
        ",".join(f"track_{rng.randrange(80)},artist_{rng.randrange(9)}" for _ in range(rng.randrange(1, 6)))
        for _ in range(200)
    ]
    path = folder / "playlists2.txt"
    path.write_text("\n".join(["track_3", "artist_1,track_4", *lines]) + "\n")
    return [path]


def as_radio(folder: Path) -> list[Path]:
    rng = np.random.default_rng(4)
    numbers = [rng.integers(0, 50, 7).tolist() for _ in range(150)]
    path = write_yes(folder, [*numbers, [99]], [(f"Song {n}", f"Band {n % 7}") for n in range(50)])
    with (folder / "song_hash.txt").open("a") as file:
        file.write("no song\n")
    return [path]


def as_table(folder: Path) -> list[Path]:
    path = folder / "long.csv"
    lines = ["playlist_id,track_id,position,artist_id,title"]
    for number, row in enumerate(rows(150)):
        lines += [f'p{number},{track},{at},of {track},"5"" of, {at}"' for at, track in enumerate(row)]
        lines += [f"p{number}"] if number == 3 else []
    path.write_text("\n".join(lines) + "\n")
    return [path]


def as_scattered_table(folder: Path) -> list[Path]:
    path = folder / "scattered.tsv"
    flat = [(number, track, at) for number, row in enumerate(rows(150)) for at, track in enumerate(row)]
    random.Random(3).shuffle(flat)
    lines = [f"p{number}\t{track}\t{at}" for number, track, at in flat]
    path.write_text("\n".join(["pid\ttrack_id\tpos", *lines]) + "\n")
    return [path]


def as_table_over_several_lines(folder: Path) -> list[Path]:
    path = folder / "titles.csv"
    lines = ["playlist_id,track_id,title"]
    lines += [f'p{n},{track},"two\nlines\np{n + 1},,"' for n, row in enumerate(rows(80)) for track in row]
    path.write_text("\n".join(lines) + "\n")
    return [path]


def as_slices(folder: Path) -> list[Path]:
    for number in range(5):
        (folder / f"mpd.slice.{number}.json").write_text(million_slice(rows(30, number)))
    return [folder]


def as_npy(folder: Path) -> list[Path]:
    path = folder / "music.npy"
    path.write_bytes(python2_npy([[f"track_{n % 40}", f"artist_{n % 7}"] for n in range(200)]))
    return [path]


class Far:
    """Runs tasks for which a folder isn't there; what they ask for is called where it is."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._away = folder, folder.with_name("away")
        self.asked = 0

    def run(self, function: Task, calls: Calls, _progress: object = None, /) -> Iterator[Any]:
        """As Ray would on another node."""
        for arguments in list(calls):
            self._folder.rename(self._away)
            try:
                result = function(*deepcopy(arguments))
            finally:
                self._away.rename(self._folder)
            yield result

    def ask(self, function: Task, *arguments: Any) -> Any:  # noqa: ANN401 - any function's
        """As `CommandNode` does."""
        self.asked += 1
        self._away.rename(self._folder)
        try:
            return function(*arguments)
        finally:
            self._folder.rename(self._away)

    def __deepcopy__(self, _memo: object) -> "Far":
        return self


INPUTS = [
    as_json_lines,
    as_several_files,
    as_lines_with_artists,
    as_radio,
    as_table,
    as_scattered_table,
    as_table_over_several_lines,
    as_slices,
    as_npy,
]


@pytest.mark.parametrize("write", INPUTS)
def test_every_kind_of_input_gives_the_same_bytes(
    write: Callable[[Path], list[Path]], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (home / "input").mkdir(parents=True)
    paths = write(home / "input")
    assert_same(paths, tmp_path, (700, 3), (1 << 20, 2))
    # and where no task sees a file of the command's
    far = Far(home)
    prepare(paths, home / "out", run=far.run, processes=2, stretch=2000, shards=2, ask=far.ask)
    assert files_of(home / "out") == files_of(tmp_path / "one")
    assert far.asked
    assert not list(Path(tempfile.gettempdir()).glob(f"{TEMPORARY}{os.getpid()}-*"))


def test_processes_of_this_machine_give_the_same_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "input"
    folder.mkdir()
    paths = [*as_several_files(folder), *as_table(folder), *as_npy(folder)]
    prepare(paths, tmp_path / "one", processes=1)
    reported: list[float] = []
    prepare(paths, tmp_path / "two", processes=2, stretch=999, progress=reported.append)
    assert files_of(tmp_path / "two") == files_of(tmp_path / "one")
    assert sum(reported) == sum(path.stat().st_size for path in paths)
    # of two files that can't be read the first is named, regardless of which is read first
    bad = [folder / "bad.jsonl.gz", folder / "worse.jsonl.gz"]
    bad[0].write_bytes(gzip.compress(b'["a", "b"]\n' * 50_000)[:-9])
    bad[1].write_bytes(gzip.compress(b'["a", "b"]\n')[:-9])
    with pytest.raises(SegueError, match=r"bad\.jsonl\.gz: is damaged or cut short"):
        prepare([*paths, *bad], tmp_path / "two", processes=2, stretch=999)
    assert files_of(tmp_path / "two") == files_of(tmp_path / "one")


@pytest.mark.parametrize("min_count", [1, 5, 40])
def test_the_least_count_holds(min_count: int, tmp_path: Path) -> None:
    assert_same(as_json_lines(tmp_path), tmp_path, (2500, 3), min_count=min_count)


@pytest.mark.slow
@settings(max_examples=40)
@given(
    st.lists(st.lists(st.sampled_from("abcdefgh") | st.text(max_size=3), max_size=5), max_size=12),
    st.integers(1, 60),
    st.integers(1, 5),
    st.integers(1, 3),
)
def test_any_playlists_in_any_cut_and_any_shards_give_the_same_bytes(
    playlists: list[list[str]], size: int, shards: int, min_count: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "rows.jsonl"
        lines = [json.dumps(row, ensure_ascii=False) for row in [*playlists, ["b", "a", "a", "b"] * 2]]
        path.write_bytes("\n".join(lines).encode(errors="surrogatepass"))
        assert_same([path], Path(name), (size, shards), min_count=min_count)


def test_what_can_be_cut_is_cut_and_what_cannot_is_named(tmp_path: Path) -> None:
    calls: list[str] = []
    remarks: list[str] = []

    def run(function: Task, arguments: Calls, _progress: object = None, /) -> Iterator[Any]:
        for each in arguments:
            calls.append(function.__name__)
            yield function(*each)

    paths = [write(tmp_path)[0] for write in (as_json_lines, as_npy, as_scattered_table, as_table)]
    prepare(paths, tmp_path / "out", run=run, processes=2, stretch=4000, shards=3, remark=remarks.append)
    sizes = {path: path.stat().st_size for path in paths}
    of_lines, of_table = (-(-sizes[path] // 4000) for path in (paths[0], paths[3]))
    # pieces end where a line or a playlist does, so that there may be one fewer
    assert of_lines + of_table - 2 <= calls.count("count_stretch") - 2 <= of_lines + of_table
    assert calls.count("merge_shard") == calls.count("number_shard") == 3
    assert [text.partition(": ")[0] for text in remarks] == [str(paths[1]), str(paths[2])]
    assert "can't be cut (npy" in remarks[0]
    assert "scattered" in remarks[1]


def test_shards_are_stable_and_even() -> None:
    ids = [f"track_{number}" for number in range(20_000)]
    shards = shards_of(keys_of(ids), 7)
    assert shards[:300].tolist() == [int(shards_of(keys_of([track]), 7)[0]) for track in ids[:300]]
    assert np.bincount(shards, minlength=7).min() > 20_000 / 7 * 0.9


def test_splitters_part_the_order_into_even_blocks() -> None:
    samples = [
        np.array([[-9, 1], [-4, 3], [-4, 8]]),
        np.array([[-4, 5], [-1, 0], [-1, 9]]),
        np.empty((0, 2), int),
    ]
    assert splitters_of(samples, 3) == [(-4, 5), (-1, 0)]
    assert splitters_of(samples, 1) == []
    assert splitters_of([np.empty((0, 2), int)], 4) == []


def test_too_many_bad_records_are_counted_over_all_stretches(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('["a","b"]\n' * 40 + "nonsense\n" * 41)
    complaint = r"rows\.jsonl: 41 of 81 records are not JSON lists of tracks"
    with pytest.raises(SegueError, match=complaint):
        prepare([path], tmp_path / "out", format="jsonl")
    with pytest.raises(SegueError, match=complaint):
        prepare([path], tmp_path / "out", run=run_here, processes=2, format="jsonl", stretch=50)
    assert not (tmp_path / "out").exists()


def test_a_failure_leaves_the_old_corpus_and_an_unchanged_one_is_kept(tmp_path: Path) -> None:
    (path,) = as_json_lines(tmp_path)
    first, fresh = prepare([path], tmp_path / "out", run=run_here, processes=2, stretch=999)
    assert fresh
    assert prepare([path], tmp_path / "out", run=run_here, processes=2) == (first, False)
    assert prepare([path], tmp_path / "out") == (first, False)
    with pytest.raises(SegueError, match="no track occurs 1000000 times; lower --min-count"):
        prepare([path], tmp_path / "out", run=run_here, processes=2, min_count=1_000_000)
    assert prepare([path], tmp_path / "out") == (first, False)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out", "rows.jsonl"]


def test_a_task_that_runs_twice_changes_nothing(tmp_path: Path) -> None:
    def run_twice(function: Task, calls: Calls, _progress: object = None, /) -> Iterator[Any]:
        for arguments in calls:
            function(*deepcopy(arguments))
            yield function(*arguments)

    (path,) = as_lines_with_artists(tmp_path)
    prepare([path], tmp_path / "one")
    prepare([path], tmp_path / "tasks", run=run_twice, processes=2, stretch=500, shards=3)
    assert files_of(tmp_path / "tasks") == files_of(tmp_path / "one")


@pytest.mark.usefixtures("_without_ray")
def test_without_ray_the_command_says_in_one_line_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["prepare", str(as_npy(tmp_path)[0]), "--out", str(tmp_path / "out"), "--cluster", "local"]
    assert main(command) == 1
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "pip install ray" in shown
    assert not (tmp_path / "out").exists()


def test_the_processes_of_a_cluster_elsewhere_are_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["prepare", str(as_npy(tmp_path)[0]), "--out", str(tmp_path / "out"), "--cluster", "head:6379"]
    assert main([*command, "--processes", "2"]) == 2
    assert "--processes is for this machine" in capsys.readouterr().err


def test_progress_adds_up_to_the_bytes_of_the_files(tmp_path: Path) -> None:
    reported: list[float] = []
    paths = [*as_json_lines(tmp_path), *as_npy(tmp_path)]
    prepare(paths, tmp_path / "out", run=run_here, processes=2, stretch=999, progress=reported.append)
    assert len(reported) > 3
    assert sum(reported) == sum(path.stat().st_size for path in paths)


@contextmanager
def another_copy(path: Path, content: bytes) -> Iterator[None]:
    """What a node sees whose copy of a file is another, of the same age."""
    before, stat = path.read_bytes(), path.stat()
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize("name", ["rows.jsonl", "table.csv"])
@pytest.mark.parametrize("shorter", [0, 126])
def test_nodes_with_different_copies_of_the_input_are_refused(
    name: str, shorter: int, tmp_path: Path
) -> None:
    path = tmp_path / name
    if name == "table.csv":
        lines = [f"{number // 3},track_{number % 50}\n" for number in range(900)]
        path.write_text("playlist_id,track_id\n" + "".join(lines))
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows(300)))
    other = path.read_bytes().replace(b"track_4", b"track_9")
    other = other[: len(other) - shorter]
    calls = 0

    def run(function: Task, arguments: Calls, _progress: object = None, /) -> Iterator[Any]:
        """The second task of each step runs on the other node."""
        nonlocal calls
        for each in list(arguments):
            calls += 1
            if calls == 2:
                with another_copy(path, other):
                    result = function(*each)
            else:
                result = function(*each)
            yield result

    refused = f"{name}: the copy on the node .* is another file than the command's"
    with pytest.raises(SegueError, match=refused):
        prepare([path], tmp_path / "corpus", run=run, processes=2, stretch=1000, shards=2)
    assert not (tmp_path / "corpus").exists()


def test_a_file_that_a_node_was_sent_is_named_as_the_commands(tmp_path: Path) -> None:
    folder = tmp_path / "input"
    folder.mkdir()
    path = folder / "damaged.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(rows(300)).encode())[:-9])
    far = Far(folder)
    with pytest.raises(SegueError, match=rf"^{path}: is damaged or cut short"):
        prepare([path], folder / "out", run=far.run, processes=2, ask=far.ask)


def test_a_node_without_the_input_or_the_shared_folder_is_named(tmp_path: Path) -> None:
    (path,) = as_json_lines(tmp_path)

    def without_input(function: Task, calls: Calls, _progress: object = None, /) -> Iterator[Any]:
        calls = list(calls)
        path.rename(tmp_path / "away")
        try:
            yield from [function(*each) for each in calls]
        finally:
            (tmp_path / "away").rename(path)

    with pytest.raises(SegueError, match=r"rows\.jsonl: can't be read on the node .* under the same path"):
        prepare([path], tmp_path / "corpus", run=without_input, processes=2, stretch=1000, shards=2)

    def without_folder(function: Task, calls: Calls, _progress: object = None, /) -> Iterator[Any]:
        for spool, *others in calls:
            yield function(replace(spool, folder=tmp_path / "elsewhere" / "spool"), *others)

    with pytest.raises(SegueError, match=r"spool: is not on the node "):
        prepare([path], tmp_path / "corpus", run=without_folder, processes=2, stretch=1000, shards=2)
