"""Decodes standard input to PCM on standard output, as a program of its own that may die.

`python child.py RATE CHANNELS FIRST FRAMES LIMIT CPU [FFMPEG ARGUMENT...]`: miniaudio reads FRAMES frames of
the file from frame FIRST on; what it refuses goes to ffmpeg where one is named. The process takes at most
LIMIT bytes of memory and CPU seconds of processor time, and it imports nothing of Segue. Run by
`core.audio.decode` and `core.audio.stream`.
"""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator


def main() -> None:
    """Decode, or become ffmpeg."""
    rate, channels, first, frames, limit, seconds = map(int, sys.argv[1:7])
    _bound(limit, seconds)
    written = 0
    try:
        for chunk in _decoded(rate, channels, first):
            part = chunk[: (frames - written) * channels]
            sys.stdout.buffer.write(memoryview(part).cast("B"))
            written += len(part) // channels
            if written >= frames:
                break
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os._exit(0)  # the parent is gone
    except Exception:  # noqa: BLE001 - whatever the reason, ffmpeg may know better
        if written or not sys.argv[7:]:
            os._exit(1)
        os.lseek(0, 0, os.SEEK_SET)
        os.execv(sys.argv[7], sys.argv[7:])  # noqa: S606 - no shell, and a fixed command


def _bound(limit: int, seconds: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has none; the time limit of the parent remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _decoded(rate: int, channels: int, first: int) -> "Iterator[array[int]]":
    """The samples of standard input, which is a file, half a second at a time from a frame on."""
    import miniaudio

    class File(miniaudio.StreamableSource):  # type: ignore[misc] # it has no types
        """The file, of which no more is read than is decoded."""

        def read(self, num_bytes: int) -> bytes:
            return os.read(0, num_bytes)

        def seek(self, offset: int, origin: miniaudio.SeekOrigin) -> bool:
            ways = {miniaudio.SeekOrigin.CURRENT: os.SEEK_CUR, miniaudio.SeekOrigin.END: os.SEEK_END}
            try:
                os.lseek(0, offset, ways.get(origin, os.SEEK_SET))
            except OSError:
                return False
            return True

    yield from miniaudio.stream_any(
        File(), nchannels=channels, sample_rate=rate, frames_to_read=rate // 2, seek_frame=first
    )


if __name__ == "__main__":
    main()
