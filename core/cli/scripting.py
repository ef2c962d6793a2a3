"""For scripts: `segue ctl` controls a running explorer, `segue schema` prints what `--json` prints."""

import argparse
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from segue.core.cli import add
from segue.core.cli.output import print_json, say
from segue.core.errors import SegueError, UsageError
from segue.core.manifest import parse_json
from segue.core.places import control_socket

PATIENCE = 5.0
"""Seconds in which the explorer has to answer."""
LONGEST = 1_000_000
"""Bytes that its answer may have."""
LONGEST_COMMAND = 1_000
_WORDS = {
    "status": "",
    "play": "[TRACK]",
    "pause": "",
    "stop": "",
    "next": "",
    "previous": "",
    "seek": "1:30|+10|-10",
    "volume": "60|+10|-10",
    "mute": "",
    "love": "",
    "ban": "",
    "radio": "[TRACK]",
    "go": "[TRACK]",
    "crate": "[NAME]",
}
"""Each word, and what may follow it."""
_TAKE_NOTHING = {word for word, follows in _WORDS.items() if not follows}


def configure_ctl(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "word", nargs="?", choices=tuple(_WORDS), default="status", metavar="WORD",
        help="status; play (resume, or play TRACK), pause (or resume), stop, next, previous; seek to 1:30 or "
        "by +10; volume 60 or +10, mute; love or ban what plays; radio near TRACK or what plays; go to it; "
        "add what plays to the crate NAME or the current one (default: status)",
    )  # fmt: skip
    add.option(
        parser,
        "values",
        "VALUE",
        "a time, a percentage, a track or a crate, depending on the word",
        nargs="*",
    )
    add.flag(parser, "--follow", "with status: print it again at every change, for status bars")
    add.json(parser)


def run_ctl(args: argparse.Namespace) -> int:
    """Send a word to the explorer, and print its status then."""
    if args.values and args.word in _TAKE_NOTHING:
        raise UsageError(f"{args.word} takes no value, not {args.values[0]!r}")
    if args.word in {"seek", "volume"} and len(args.values) != 1:
        raise UsageError(f"{args.word} takes one value: {_WORDS[args.word].replace('|', ', ')}")
    path = control_socket()
    if args.follow:
        if args.word != "status":
            raise UsageError("--follow goes with status")
        for answer in follow(path):
            _print(answer, path, as_json=args.json)
        return 0
    line = " ".join([args.word, *args.values])
    if "\n" in line or len(line.encode()) >= LONGEST_COMMAND:
        raise UsageError("a value is one line of at most 1,000 characters")
    answer = _checked(ask(line, path))
    if args.word == "next" and not args.json:
        say("Skipped.")  # what follows may still have to be fetched
    else:
        _print(answer, path, as_json=args.json)
    return 0


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        error = " ".join(str(answer["error"]).split())
        quiet = error in {"no radio plays", "nothing plays"}
        raise SegueError(f"{error}{'; start a radio in the explorer with r' if quiet else ''}")
    return answer


def _print(answer: dict[str, Any], path: Path, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    try:
        line = _line(answer)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise SegueError(f"{path}: what listens there is not an explorer; stop it") from None
    say(line)
    sys.stdout.flush()  # a follower reads along


def ask(word: str, path: Path) -> dict[str, Any]:
    """Send a word to the explorer at a socket, and return its answer.

    Raises `SegueError` when none listens, or it does not answer.
    """
    return next(_talk(word, path, PATIENCE))


def follow(path: Path) -> Iterator[dict[str, Any]]:
    """The status of the explorer at a socket, and again at every change, until the explorer is closed.

    Raises `SegueError` as `ask`.
    """
    for answer in _talk("follow", path, None):
        yield _checked(answer)


def _talk(line: str, path: Path, patience: float | None) -> Iterator[dict[str, Any]]:
    """Send a line, and yield each answer; None waits without end for the next one to begin."""
    if not hasattr(socket, "AF_UNIX"):
        raise SegueError("this system's Python has no Unix sockets, which `segue ctl` needs")
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(path))
            connection.sendall(f"{line}\n".encode())
            yield from _answers(connection, path, patience)
    except (FileNotFoundError, ConnectionRefusedError):
        raise SegueError("no explorer is running; start one with `segue`") from None
    except OSError as error:
        if "too long" in str(error):  # of the system's own limit, about a hundred letters
            raise SegueError(
                f"{path}: is too long for a socket; set XDG_STATE_HOME to a shorter path"
            ) from None
        raise SegueError(f"{path}: the explorer does not answer ({error}); start it again") from error


def _answers(connection: socket.socket, path: Path, patience: float | None) -> Iterator[dict[str, Any]]:
    """The answers that come, until the other side hangs up."""
    try:
        for text in _lines(connection, patience):
            answer = parse_json(text)
            if not isinstance(answer, dict):
                raise SegueError(f"{path}: what listens there is not an explorer; stop it")
            yield answer
    except ConnectionResetError:
        if patience is not None:
            raise SegueError(f"{path}: the explorer closed the connection; start it again") from None
    except (OSError, ValueError, RecursionError) as error:
        raise SegueError(f"{path}: the explorer does not answer ({error}); start it again") from error


def _lines(connection: socket.socket, patience: float | None) -> Iterator[bytes]:
    """The lines that come, until the other side hangs up; each that has begun ends within `PATIENCE`."""
    left, first = bytearray(), True
    while True:
        deadline = None if patience is None and not left else time.monotonic() + (patience or PATIENCE)
        while b"\n" not in left and len(left) < LONGEST:
            connection.settimeout(None if deadline is None else max(deadline - time.monotonic(), 1e-3))
            piece = connection.recv(65_536)
            deadline = deadline or time.monotonic() + PATIENCE
            if time.monotonic() > deadline:
                raise TimeoutError("timed out")
            if not piece:
                if left or first:
                    yield bytes(left)
                return
            left += piece
        line, _, left = left.partition(b"\n")
        first = False
        yield bytes(line)


def _line(answer: dict[str, Any]) -> str:
    playing = answer["playing"]
    if playing is None:
        return "The radio waits." if answer["radio"]["on"] else "Nothing plays."
    seconds, duration = int(playing["seconds"]), int(playing["duration"])
    words = [f"{seconds // 60}:{seconds % 60:02d}/{duration // 60}:{duration % 60:02d}"]
    words += [word for word in ("paused", "loved") if playing[word]]
    return f"{playing['label']}  {'  '.join(words)}"


def configure_schema(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.option(
        parser,
        "words",
        "VERB",
        "a verb, with its action where that has a schema of its own (default: list all schemas)",
        nargs="*",
    )


def run_schema(args: argparse.Namespace) -> int:
    """Print the schema."""
    import msgspec

    from segue.core.cli.schemas import OUTPUTS

    call = " ".join(args.words)
    if not call:
        for name in OUTPUTS:
            say(name)
        return 0
    if call not in OUTPUTS:
        raise UsageError(f"no schema for {call!r}; choose from {', '.join(OUTPUTS)}")
    print_json(msgspec.json.schema(OUTPUTS[call]))
    return 0
