"""A network mount whose server has gone: a file system in user space that answers nothing."""

import ctypes
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_REQUEST, _ANSWER, _FIRST = (
    struct.Struct("<IIQQIIII"),
    struct.Struct("<IiQ"),
    struct.Struct("<IIIIHHIIHHI28x"),
)
"""The headers of FUSE's protocol, and its answer to the first request (linux/fuse.h)."""


@contextmanager
def dead_mount(folder: Path) -> Iterator[Path]:
    """Mount it: a process that asks for a file in it waits until the end of the block."""
    folder.mkdir()
    try:
        device = os.open("/dev/fuse", os.O_RDWR)
    except OSError:
        pytest.skip("a dead mount needs /dev/fuse")
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"dead", bytes(folder), b"fuse", 0, options):
        os.close(device)
        pytest.skip(f"a dead mount needs the right to mount one ({os.strerror(ctypes.get_errno())})")

    _, _, number, *_ = _REQUEST.unpack_from(os.read(device, 1 << 17))  # FUSE_INIT; nothing else is read
    answer = _FIRST.pack(7, 31, 0, 0, 0, 0, 4096, 1, 0, 0, 0)
    os.write(device, _ANSWER.pack(_ANSWER.size + len(answer), 0, number) + answer)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--force", "--lazy", str(folder)], check=True)
        os.close(device)
