"""Open a full-screen program in a pseudo-terminal, press a key, leave: `open_and_leave.py COMMAND...`.

Only the standard library, so that it runs on a bare system. Exit code 0 when the program drew itself,
answered a key and ended with 0.
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


class Screen:
    """A program in a pseudo-terminal of 100 by 30 cells, and what it has drawn so far."""

    def __init__(self, command: list[str]) -> None:
        self.child, self.master = pty.fork()
        if not self.child:
            os.execvp(command[0], command)  # noqa: S606 - the caller's command
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        self.drawn = b""

    def read(self, seconds: float, until: bytes | None = None) -> bool:
        """Read for so many seconds or until a text was drawn; return whether it was."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and (until is None or until not in self.drawn):
            if not select.select([self.master], [], [], 0.2)[0]:
                continue
            try:
                found = os.read(self.master, 65_536)
            except OSError:  # the program has closed the terminal
                break
            self.drawn += found
            if not found:
                break
        return until is not None and until in self.drawn

    def leave(self) -> int | None:
        """Press q until the program ends; return its exit code, or None when it doesn't end."""
        for _ in range(60):
            try:
                os.write(self.master, b"q")
                self.read(1)
            except OSError:
                pass
            ended, status = os.waitpid(self.child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.child, 9)
        return None


def main(command: list[str]) -> int:
    """Run the command; return the exit code."""
    screen = Screen(command)
    opened = screen.read(PATIENCE, b"Welcome to Segue")
    before = len(screen.drawn)
    os.write(screen.master, b"\x1b")  # leave the tour
    screen.read(2)
    os.write(screen.master, b"j")
    screen.read(2)
    answered = len(screen.drawn) > before
    code = screen.leave()
    if opened and answered and code == 0:
        sys.stdout.write("opened, answered a key, left\n")
        return 0
    sys.stderr.write(screen.drawn[-3000:].decode(errors="replace"))
    sys.stderr.write(f"\nopened: {opened}, answered a key: {answered}, exit code: {code}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
