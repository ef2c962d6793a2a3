"""What kind of terminal this is, and how to keep the output of libraries off it."""

import asyncio
import gc
import os
import re
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from segue.core.text import printable


def over_ssh() -> bool:
    """Whether the terminal is at the far end of an SSH connection."""
    return bool(os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"))


def colourless() -> bool:
    """Whether the user wants no colours (https://no-color.org)."""
    return bool(os.environ.get("NO_COLOR"))


def sixteen_colours() -> bool:
    """Whether the terminal claims no more than 16 colours, as with `TERM=screen` or `linux`."""
    more = ("256color", "direct", "truecolor", "kitty", "ghostty", "alacritty", "dumb", "")
    return (
        os.environ.get("COLORTERM", "") not in {"truecolor", "24bit"}
        and os.environ.get("TERM", "").rpartition("-")[2] not in more
    )


ANSWER_SECONDS = 0.1
"""How long a terminal may take to say what it can draw; those in use take some milliseconds."""


_ASK_KITTY = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
"""Asks for a picture of one pixel, which kitty's protocol answers."""
_ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]*)c")
"""The answer to `CSI c`: what the terminal is."""
_REPLIES = re.compile(rb"\x1b_G[^\x1b]*\x1b\\|" + _ATTRIBUTES.pattern)


class PixelQuestion:
    """Asks the terminal how it draws pictures, before the app starts to read what comes from it.

    Asked early and answered late, it costs no time: the terminal answers while modules are loaded. A query of
    kitty's protocol goes before one that every terminal answers, so that nobody waits for one that does not
    know the first.

    Parameters
    ----------
    terminal
        A file descriptor of it, open for reading and writing.
    """

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self._before: list[Any] = []
        """Its attributes, while an answer is awaited."""
        self._kind: Literal["kitty", "sixel", ""] = ""
        self.typed = b""
        """The keys that came meanwhile."""
        try:
            import termios
            import tty
        except ImportError:  # Windows
            return
        with suppress(OSError, termios.error):
            before = termios.tcgetattr(terminal)
            tty.setcbreak(terminal, termios.TCSANOW)
            self._before, self._until = before, monotonic() + ANSWER_SECONDS
            # tmux and screen would take kitty's for the title of a window
            inside = os.environ.get("TMUX") or os.environ.get("TERM", "").startswith(("screen", "tmux"))
            os.write(terminal, (b"" if inside else _ASK_KITTY) + b"\x1b[c")

    def answer(self) -> Literal["kitty", "sixel", ""]:
        """How it draws; empty where it does not. The terminal is as it was before the question.

        Where it knows both it is sixel: such terminals have none of kitty's placeholders (WezTerm, Konsole).
        """
        if not self._before:
            return self._kind
        import termios

        answer = b""
        with suppress(OSError):
            while not _ATTRIBUTES.search(answer) and len(answer) < 4096:
                if not select.select([self._terminal], [], [], max(self._until - monotonic(), 0))[0]:
                    break
                answer += os.read(self._terminal, 1024)
        with suppress(OSError, termios.error):
            termios.tcsetattr(self._terminal, termios.TCSANOW, self._before)
        self._before = []
        self.typed = _REPLIES.sub(b"", answer)
        if attributes := _ATTRIBUTES.search(answer):
            kitty = b"\x1b_Gi=31;OK" in answer
            self._kind = "sixel" if b"4" in attributes[1].split(b";")[1:] else "kitty" if kitty else ""
        return self._kind


def leave_on_signal(leave: Callable[[], object]) -> None:
    """Call `leave` on a signal to end, or when the terminal is closed, instead of ending at once.

    So the session is saved and the terminal is restored. Call it within the running event loop.
    """
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        # neither Windows' loop nor one outside the main thread handles signals
        with suppress(AttributeError, NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(getattr(signal, name), leave)


def session_bus() -> str:
    """The address of the desktop's session bus, empty where there is none. Nothing is asked of it."""
    if named := os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return named
    usual = Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent")) / "bus"
    return f"unix:path={usual}" if usual.is_socket() else ""


def title_code(title: str) -> str:
    """The control sequence that gives the terminal's window a title; empty where it could show up as text."""
    if os.environ.get("TERM", "dumb") in {"dumb", "linux"}:
        return ""
    return f"\x1b]2;{printable(title)[:200]}\x1b\\"


KEEP_TITLE, RESTORE_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""Ask the terminal to keep its window's title, and to bring it back."""


def draw_soon() -> None:
    """Have Textual draw changes within 4 ms. Call it before Textual is imported.

    Textual draws at a fixed rate, and a typed letter takes one frame: at the default of 60 a second its
    results wait for the next frame, 17 to 33 ms. Nothing is drawn more often, since only changes are drawn.
    Over SSH the default rate saves bandwidth.
    """
    if not over_ssh():
        os.environ.setdefault("TEXTUAL_FPS", "240")


def collect_garbage_again() -> None:
    """Turn garbage collection on again after the start, leaving out what the start made."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
        _give_memory_back()


_MALLOC = {"M_TRIM_THRESHOLD": (-1, 2 << 20), "M_MMAP_THRESHOLD": (-3, 1 << 20), "M_ARENA_MAX": (-8, 2)}
"""How glibc is to keep memory: the number of each parameter in its `malloc.h`, and its value."""


def _give_memory_back() -> None:
    """Have the memory of sound that was played go back to the system.

    glibc raises both thresholds as large blocks are freed, up to 64 MB that each of many threads keeps.
    """
    import ctypes  # NumPy, which is loaded by now, needs it too

    with suppress(OSError, AttributeError, TypeError):  # another C library, or Windows
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, value in _MALLOC.values():
            mallopt(parameter, value)


def _opened(log: Path) -> int:
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:  # a read-only home
        return os.open(os.devnull, os.O_WRONLY)


@contextmanager
def quiet_stderr(log: Path) -> Iterator[None]:
    """Send what is written to file descriptor 2 into a log file while the block runs.

    Audio libraries write there from C and would garble the screen, which Textual draws through
    `sys.__stderr__`. So that stream gets a copy of the terminal first, then the log takes descriptor 2.
    Without a terminal it does nothing.
    """
    if not sys.__stderr__ or not os.isatty(2):
        yield
        return
    terminal = os.dup(2)
    before = sys.__stderr__
    screen = os.fdopen(os.dup(terminal), "w", encoding=before.encoding, errors="replace", buffering=1)
    sink = _opened(log)
    sys.__stderr__ = screen  # type: ignore[misc] # typed as final
    os.dup2(sink, 2)
    os.close(sink)
    try:
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        sys.__stderr__ = before  # type: ignore[misc] # typed as final
        with suppress(OSError):  # the terminal may have been closed before everything was written
            screen.close()
