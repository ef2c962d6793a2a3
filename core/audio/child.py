"""Decodes standard input to PCM on standard output, as a program of its own that may die.

`python child.py RATE CHANNELS SECONDS LIMIT [FFMPEG ARGUMENT...]`: miniaudio reads the file; what it refuses
goes to ffmpeg where one is named. The process takes at most LIMIT bytes of memory and 20 s of processor time,
and it imports nothing of Segue. Run by `core.audio.decode.decode`.
"""

import os
import sys

CPU_SECONDS = 20


def main() -> None:
    """Decode, or become ffmpeg."""
    rate, channels, seconds, limit = map(int, sys.argv[1:5])
    _bound(limit)
    try:
        _decode(rate, channels, seconds)
    except Exception:  # noqa: BLE001 - whatever the reason, ffmpeg may know better
        if not sys.argv[5:]:
            sys.exit(1)
        os.lseek(0, 0, os.SEEK_SET)
        os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606 - no shell, and a fixed command


def _bound(limit: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has none; the time limit of the parent remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _decode(rate: int, channels: int, seconds: int) -> None:
    import miniaudio

    with open(0, "rb", closefd=False) as file:
        data = file.read()
    wanted, out = seconds * rate, sys.stdout.buffer
    for chunk in miniaudio.stream_memory(data, nchannels=channels, sample_rate=rate, frames_to_read=rate):
        frames = min(len(chunk) // channels, wanted)
        out.write(chunk[: frames * channels].tobytes())
        wanted -= frames
        if not wanted:
            break
    out.flush()


if __name__ == "__main__":
    main()
