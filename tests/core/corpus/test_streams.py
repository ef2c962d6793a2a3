import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from segue.core.corpus.readers import streams
from segue.core.errors import SegueError


@settings(max_examples=40)
@given(parts=st.lists(st.binary(max_size=200_000), max_size=4))
@pytest.mark.parametrize("packer", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_files_of_several_frames_unpack_whole(
    packer: Callable[[bytes], bytes], parts: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("frames") / "file"
    path.write_bytes(b"".join(packer(part) for part in parts))
    content = b"".join(parts) if parts else b""
    assert streams.read_whole(path) == content


@pytest.mark.parametrize("packer", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_every_cut_of_a_packed_file_is_noticed(packer: Callable[[bytes], bytes], tmp_path: Path) -> None:
    packed = packer(b"some playlists " * 50)
    path = tmp_path / "file"
    for length in range(4, len(packed)):
        path.write_bytes(packed[:length])
        with pytest.raises(SegueError, match="is damaged or cut short"):
            streams.read_whole(path)


@pytest.mark.parametrize("packer", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_flipped_byte_in_a_packed_file_is_noticed(packer: Callable[[bytes], bytes], tmp_path: Path) -> None:
    content = bytes(range(256)) * 40
    packed = bytearray(
        zstandard.ZstdCompressor(write_checksum=True).compress(content)
        if packer is zstandard.compress
        else packer(content)
    )
    packed[len(packed) // 2] ^= 0x55
    path = tmp_path / "file"
    path.write_bytes(packed)
    with pytest.raises(SegueError, match="is damaged or cut short"):
        streams.read_whole(path)


@pytest.mark.parametrize("packer", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_decompression_bomb_stops_early(
    packer: Callable[[bytes], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "ALWAYS_FINE", 8 << 20)
    path = tmp_path / "bomb"
    path.write_bytes(packer(bytes(64 << 20)))
    with streams.open_stream(path) as stream:
        assert len(stream.read(7 << 20)) == 7 << 20
        with pytest.raises(SegueError, match="unpacks to more than 250 times its size"):
            stream.read(10 << 20)


def test_a_file_too_large_for_memory_is_named(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(1001))
    assert len(streams.read_whole(path, 1001)) == 1001
    for read in (streams.read_whole, streams.read_array):
        with pytest.raises(SegueError, match="holds more than 1,000 bytes in one piece; split it"):
            read(path, 1000)


@pytest.mark.parametrize("content", [b"", b"{}", bytes(range(256)) * 40_000], ids=["0", "2", "10 MB"])
@pytest.mark.parametrize("packer", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_an_array_of_a_file_holds_its_bytes(
    packer: Callable[[bytes], bytes], content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(packer(content))
    assert streams.read_array(path).tobytes() == content
    assert streams.read_array(path, len(content)).tobytes() == content


def test_files_read_ahead_hold_their_bytes_whatever_comes_next(tmp_path: Path) -> None:
    contents = [b"a" * 1000, b"", gzip.compress(b"packed"), b"b" * 3000, b"c" * 500, b"d" * 2000]
    paths = [tmp_path / str(number) for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    expected = [b"packed" if content == contents[2] else content for content in contents]
    for announced in (
        [*paths[1:], None],  # the one that does come,
        [paths[0]] * len(paths),  # another,
        [tmp_path / "none", None] * 3,  # none, or nothing
    ):
        for path, content, following in zip(paths, expected, announced, strict=True):
            array = streams.read_array(path, following=following)
            _wait_until_read_ahead()
            assert array.tobytes() == content  # not overwritten by what follows


def test_a_file_read_ahead_is_refused_when_it_is_asked_for(tmp_path: Path) -> None:
    small, large, cut = tmp_path / "small", tmp_path / "large", tmp_path / "cut.gz"
    small.write_bytes(b"s")
    large.write_bytes(bytes(1001))
    cut.write_bytes(gzip.compress(bytes(1000))[:-9])
    for bad, message in (
        (large, "large: holds more than 1,000 bytes in one piece"),
        (cut, "cut.gz: is damaged"),
        (tmp_path / "gone", "gone: cannot be opened"),
        (tmp_path, "is a directory|cannot be opened"),
    ):
        assert streams.read_array(small, 1000, following=bad).tobytes() == b"s"
        with pytest.raises(SegueError, match=message):
            streams.read_array(bad, 1000)


def _wait_until_read_ahead() -> None:
    if streams._held.ahead is not None:
        streams._held.ahead.result()


@pytest.mark.skipif(not Path("/proc/version").is_file(), reason="needs Linux")
def test_a_file_that_holds_more_than_its_size_is_read_to_its_end() -> None:
    path = Path("/proc/version")
    assert path.stat().st_size == 0
    assert streams.read_array(path).tobytes() == path.read_bytes()


def test_a_line_without_end_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LONGEST_LINE", 1000)
    path = tmp_path / "long"
    path.write_bytes(b"x" * 1000 + b"\n" + b"y" * 1001 + b"\n")
    lines = streams.lines_of(path)
    with pytest.raises(SegueError, match="has a line of more than 1,000 bytes"):
        list(lines)


def test_a_meter_tells_packed_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(b"line\n" * 100_000))
    meter = streams.Meter()
    assert meter.read() == 0
    for _ in streams.lines_of(path, meter):
        assert 0 < meter.read() <= path.stat().st_size
