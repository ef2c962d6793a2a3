import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from segue.core.corpus.fetch import DEEZER_FILES, Fetched, Limits, RemoteFile, blob_hash, fetch
from segue.core.errors import SegueError
from tests.core.corpus.server import Behaviour, serving

CONTENT = np.random.default_rng(0).bytes(300_000)
QUICK = Limits(attempts=3, connect=20, silence=1.0)


def git_hash(content: bytes) -> str:
    return hashlib.sha1(
        b"blob " + str(len(content)).encode() + b"\0" + content, usedforsecurity=False
    ).hexdigest()


FILE = RemoteFile("music.npy", git_hash(CONTENT))


class Waits(list[float]):
    """A sleep that only notes how long it would have slept."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def run(address: str, folder: Path, limits: Limits = QUICK, waits: Waits | None = None) -> list[Fetched]:
    return list(
        fetch([FILE], folder, origin=address, limits=limits, sleep=waits if waits is not None else Waits())
    )


def assert_nothing_but(folder: Path, *names: str) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)


def test_the_hash_is_gits_own(tmp_path: Path) -> None:
    path = tmp_path / "hello"
    path.write_bytes(b"hello\n")
    assert blob_hash(path) == "ce013625030ba8dba906f756967f9e9ca394464a"  # `git hash-object`
    path.write_bytes(b"")
    assert blob_hash(path) == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def test_a_good_server_is_asked_once_and_a_verified_file_never_again(tmp_path: Path) -> None:
    behaviour = Behaviour(CONTENT)
    with serving(behaviour) as address:
        first = run(address, tmp_path / "deezer")
        second = run(address, tmp_path / "deezer")
    path = tmp_path / "deezer" / "music.npy"
    assert path.read_bytes() == CONTENT
    assert first == [Fetched("music.npy", path, len(CONTENT), downloaded=True)]
    assert second == [Fetched("music.npy", path, len(CONTENT), downloaded=False)]
    assert behaviour.requests == [""]
    assert_nothing_but(tmp_path / "deezer", "music.npy")


@pytest.mark.parametrize("trouble", ["cut", "stall", "long length"])
def test_a_broken_transfer_goes_on_where_it_stopped(trouble: str, tmp_path: Path) -> None:
    behaviour, waits = Behaviour(CONTENT, trouble, trouble, "whole"), Waits()
    with serving(behaviour) as address:
        run(address, tmp_path, waits=waits)
    assert (tmp_path / "music.npy").read_bytes() == CONTENT
    assert behaviour.requests[0] == ""
    if trouble == "long length":  # everything had come the first time, only the length was a lie
        assert len(behaviour.requests) == 1
    else:
        assert behaviour.requests == ["", "bytes=150000-", "bytes=225000-"]
        assert waits == [1.0, 1.0]  # each try brought something new, so the wait starts again


def test_a_server_that_takes_back_what_it_sent_is_left(tmp_path: Path) -> None:
    behaviour = Behaviour(CONTENT, *("cut", "other range") * 9, "whole")
    with serving(behaviour) as address, pytest.raises(SegueError, match="gave up after 3 tries"):
        run(address, tmp_path)
    assert len(behaviour.requests) < 5


def test_a_server_without_ranges_sends_everything_again(tmp_path: Path) -> None:
    behaviour = Behaviour(CONTENT, "cut", "no ranges")
    with serving(behaviour) as address:
        run(address, tmp_path)
    assert (tmp_path / "music.npy").read_bytes() == CONTENT
    assert behaviour.requests == ["", "bytes=150000-"]


@pytest.mark.parametrize("trouble", ["500", "502", "503", "429", "corrupt", "short length"])
def test_passing_trouble_is_waited_out(trouble: str, tmp_path: Path) -> None:
    behaviour, waits = Behaviour(CONTENT, trouble, trouble, "whole"), Waits()
    with serving(behaviour) as address:
        run(address, tmp_path, waits=waits)
    assert (tmp_path / "music.npy").read_bytes() == CONTENT
    assert waits == [1.0, 2.0]
    assert behaviour.requests == ["", "", ""]


def test_a_server_that_names_no_length_is_believed_when_the_hash_agrees(tmp_path: Path) -> None:
    with serving(Behaviour(CONTENT, "no length")) as address:
        run(address, tmp_path)
    assert (tmp_path / "music.npy").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("500", "the server answers 500; gave up after 3 tries; run it again to continue"),
        ("corrupt", "the download is damaged or another file"),
        ("short length", "the download is damaged or another file"),
        ("stall", "gave up after 3 tries"),
    ],
)
def test_lasting_trouble_ends_in_one_clear_line(trouble: str, message: str, tmp_path: Path) -> None:
    content = CONTENT[:40] if trouble == "stall" else CONTENT
    with serving(Behaviour(content, trouble)) as address, pytest.raises(SegueError, match=message):
        run(address, tmp_path, limits=Limits(attempts=3, silence=0.1) if trouble == "stall" else QUICK)
    assert not (tmp_path / "music.npy").exists()


def test_a_file_that_is_not_there_is_not_asked_for_twice(tmp_path: Path) -> None:
    behaviour = Behaviour(CONTENT, "404")
    with (
        serving(behaviour) as address,
        pytest.raises(SegueError, match=r"music\.npy: the server answers 404"),
    ):
        run(address, tmp_path)
    assert len(behaviour.requests) == 1
    assert_nothing_but(tmp_path)


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with serving(Behaviour(CONTENT)) as address:
        pass
    waits = Waits()
    with pytest.raises(SegueError, match="cannot be reached"):
        run(address, tmp_path, waits=waits)
    assert waits == [1.0, 2.0]


@pytest.mark.parametrize("step", ["whole", "no length"])
def test_a_file_larger_than_allowed_stops_early(step: str, tmp_path: Path) -> None:
    with (
        serving(Behaviour(CONTENT, step)) as address,
        pytest.raises(SegueError, match="more than the 100,000 bytes"),
    ):
        run(address, tmp_path, limits=Limits(size=100_000))
    assert_nothing_but(tmp_path)


@pytest.mark.parametrize("left", [b"", CONTENT[:1000], b"other" * 200, CONTENT, CONTENT + b"more"], ids=len)
@pytest.mark.parametrize("step", ["whole", "no ranges", "other range"])
def test_whatever_an_earlier_run_left_the_result_is_right(left: bytes, step: str, tmp_path: Path) -> None:
    (tmp_path / ".music.npy.part").write_bytes(left)
    behaviour = Behaviour(CONTENT, step)
    with serving(behaviour) as address:
        run(address, tmp_path)
    assert (tmp_path / "music.npy").read_bytes() == CONTENT
    assert_nothing_but(tmp_path, "music.npy")
    if left == CONTENT:  # a kill between the last byte and the check costs no request
        assert behaviour.requests == []


def test_a_file_that_does_not_verify_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "music.npy").write_bytes(CONTENT[:-1] + b"x")
    with serving(Behaviour(CONTENT)) as address:
        assert run(address, tmp_path)[0].downloaded
    assert (tmp_path / "music.npy").read_bytes() == CONTENT


def test_a_folder_can_be_the_mirror(tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "music.npy").write_bytes(CONTENT)
    assert run(str(mirror), tmp_path / "here")[0].downloaded
    assert (tmp_path / "here" / "music.npy").read_bytes() == CONTENT
    (mirror / "music.npy").write_bytes(b"another")
    with pytest.raises(SegueError, match="is not the expected file"):
        run(str(mirror), tmp_path / "there")
    with pytest.raises(SegueError, match="cannot be read"):
        run(str(tmp_path / "absent"), tmp_path / "there")
    assert_nothing_but(tmp_path / "there")


def test_progress_adds_up_to_the_file(tmp_path: Path) -> None:
    shown: list[tuple[str, int | None]] = []
    reported: list[float] = []

    @contextmanager
    def show(name: str, total: int | None) -> Iterator[object]:
        shown.append((name, total))
        reported.clear()
        yield reported.append

    with serving(Behaviour(CONTENT, "cut", "whole")) as address:
        list(fetch([FILE], tmp_path, origin=address, show=show, sleep=Waits()))  # type: ignore[arg-type] # a list will do
    assert shown == [("music.npy", 300_000), ("music.npy", 300_000)]
    assert sum(reported) == 300_000


def test_every_file_of_the_collection_has_a_hash() -> None:
    assert len({file.blob for file in DEEZER_FILES}) == len(DEEZER_FILES) == 8
    assert all(len(file.blob) == 40 and set(file.blob) <= set("0123456789abcdef") for file in DEEZER_FILES)
