"""Open the explorer in a pseudo-terminal, press a key, leave: `open_and_leave.py COMMAND...`.

Needs only the standard library, so that it runs on a bare system. Exit code 0 when the explorer drew itself,
answered a key and ended with 0.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

INSTALLING = 800.0
"""Seconds until the explorer must have drawn itself: the first `make run` installs everything."""
ANSWERING = 60.0
"""Seconds until it must have answered a key."""


class Screen:
    """A program in a pseudo-terminal of 100 by 30 cells, and what it has drawn so far."""

    def __init__(self, command: list[str], home: str) -> None:
        self.child, self.master = pty.fork()
        if not self.child:
            for name in ("DATA", "STATE", "CONFIG", "CACHE"):  # a listener's own, as of one who is new
                os.environ[f"XDG_{name}_HOME"] = str(Path(home) / name.lower())
            os.execvp(command[0], command)  # noqa: S606 - the caller's command
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.drawn = b""

    def shows(self, text: bytes, seconds: float, *, key: bytes = b"") -> bool:
        """Press the key every two seconds until the program draws the text; return whether it did."""
        start, deadline, pressed = len(self.drawn), time.monotonic() + seconds, 0.0
        while text not in self.drawn[start:] and time.monotonic() < deadline:
            try:
                if key and time.monotonic() > pressed + 2:
                    os.write(self.master, key)
                    pressed = time.monotonic()
                if select.select([self.master], [], [], 0.2)[0]:
                    self.drawn += os.read(self.master, 65_536) or b""
            except OSError:  # the program has ended
                break
        return text in self.drawn[start:]

    def leave(self) -> int:
        """Press q until the program ends; return its exit code, -9 when it had to be killed."""
        for _ in range(int(ANSWERING)):
            self.shows(b"never drawn", 1.0, key=b"q")
            ended, status = os.waitpid(self.child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.child, 9)
        return os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])


def main(command: list[str]) -> int:
    """Run the command; return the exit code."""
    with tempfile.TemporaryDirectory() as home:
        return open_and_leave(Screen(command, home))


def open_and_leave(screen: Screen) -> int:
    """Wait for the tour, leave it by a key, and leave the explorer."""
    opened = screen.shows(b"Welcome to Segue", INSTALLING)
    answered = opened and screen.shows(b"Nothing plays", ANSWERING, key=b"\x1b")  # leaves the tour
    code = screen.leave()
    if answered and code == 0:
        sys.stdout.write("opened, answered a key, left\n")
        return 0
    sys.stderr.write(screen.drawn[-3000:].decode(errors="replace"))
    sys.stderr.write(f"\nopened: {opened}, answered a key: {answered}, exit code: {code}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
