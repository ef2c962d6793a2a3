"""A sound card made of a pipe: takes sound at the speed of listening and writes it to a file.

Run as `python pace.py FIFO FILE BYTES_PER_SECOND`. Beside FILE it writes FILE.log, a line for each block: the
monotonic second at which it was taken and the bytes taken before it.
"""

import fcntl
import os
import sys
import time
from pathlib import Path

BLOCK = 4096


def main(fifo: str, file: str, rate: float) -> None:
    """Take sound until killed."""
    # opened for both ends, so that it outlives every player and never meets an end of file
    pipe = os.open(fifo, os.O_RDWR)
    fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, BLOCK)
    began, taken, total = 0.0, 0, 0
    with Path(file).open("wb", buffering=0) as out, Path(f"{file}.log").open("w", buffering=1) as log:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            asked = time.monotonic()
            block = os.read(pipe, BLOCK)
            now = time.monotonic()
            if now - asked > 0.05:  # it had nothing to take: a pause
                began, taken = now, 0
            log.write(f"{now} {total}\n")
            out.write(block)
            taken += len(block)
            total += len(block)
            time.sleep(max(began + taken / rate - time.monotonic(), 0))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
