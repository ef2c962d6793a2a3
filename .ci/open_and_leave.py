"""Open a full-screen program in a pseudo-terminal, press a key, leave: `open_and_leave.py COMMAND...`.

Only the standard library, so that it runs on a bare system. Exit code 0 when the program drew itself, answered a
key and ended with 0.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

PATIENCE = 1800.0
"""Seconds in which the program must have drawn itself: the first `make run` installs everything."""


def main(command: list[str]) -> int:
    """Run the command; return the exit code."""
    child, master = pty.fork()
    if not child:
        os.execvp(command[0], command)  # noqa: S606 - the caller's command
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    drawn = b""

    def until(text: bytes, seconds: float) -> bool:
        nonlocal drawn
        deadline = time.monotonic() + seconds
        while text not in drawn and time.monotonic() < deadline:
            if not select.select([master], [], [], 0.2)[0]:
                continue
            try:
                found = os.read(master, 65_536)
            except OSError:  # the program has closed the terminal
                found = b""
            if not found:
                break
            drawn += found
        return text in drawn

    opened = until(b"Welcome to Segue", PATIENCE)
    seen = len(drawn)
    os.write(master, b"\x1b")  # leave the tour
    until(b"\0", 2)
    os.write(master, b"j")
    until(b"\0", 2)
    answered = len(drawn) > seen
    for _ in range(60):
        try:
            os.write(master, b"q")
        except OSError:
            break
        until(b"\0", 1)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            break
    else:
        code = -1
        os.kill(child, 9)
    if opened and answered and code == 0:
        print("opened, answered a key, left")
        return 0
    sys.stderr.write(drawn[-3000:].decode(errors="replace"))
    print(f"\nopened: {opened}, answered a key: {answered}, exit code: {code}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
