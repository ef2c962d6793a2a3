"""`segue ctl`: control a running explorer: status, next, pause, love."""

import argparse
import socket
from pathlib import Path
from typing import Any

from segue.core.cli.options import add_json
from segue.core.cli.output import print_json, say
from segue.core.errors import SegueError
from segue.core.manifest import parse_json
from segue.core.places import control_socket

PATIENCE = 5.0
"""Seconds in which the explorer has to answer."""
LONGEST = 1_000_000
"""Bytes that its answer may have."""
_WORDS = ("status", "next", "pause", "love")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "word", nargs="?", choices=_WORDS, default="status", metavar="WORD",
        help="status, next (skip), pause (or go on), love (the track that plays) (default: status)",
    )  # fmt: skip
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Say a word to the explorer, and print how it stands then."""
    answer = ask(args.word, control_socket())
    if "error" in answer:
        error = str(answer["error"])
        quiet = error in {"no radio plays", "nothing plays"}
        raise SegueError(f"{error}{'; start a radio in the explorer with r' if quiet else ''}")
    if args.json:
        print_json(answer)
    elif args.word == "next":
        say("Skipped.")  # what follows may still have to be fetched
    else:
        try:
            line = _line(answer)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise SegueError(f"{control_socket()}: what listens there is not an explorer; end it") from None
        say(line)
    return 0


def ask(word: str, path: Path) -> dict[str, Any]:
    """Say a word to the explorer at a socket and give its answer.

    Raises
    ------
    SegueError
        When none listens, or it does not answer.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise SegueError("this system's Python has no Unix sockets, which `segue ctl` needs")
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE)
            line.connect(str(path))
            line.sendall(f"{word}\n".encode())
            with line.makefile("rb") as file:
                answer = parse_json(file.readline(LONGEST))
    except (FileNotFoundError, ConnectionRefusedError):
        raise SegueError("no explorer is running; start one with `segue`") from None
    except (OSError, ValueError, RecursionError) as error:
        if "too long" in str(error):  # of the system's own limit, about a hundred letters
            raise SegueError(
                f"{path}: is too long for a socket; set XDG_STATE_HOME to a shorter path"
            ) from None
        raise SegueError(f"{path}: the explorer does not answer ({error}); start it again") from error
    if not isinstance(answer, dict):
        raise SegueError(f"{path}: what listens there is not an explorer; end it")
    return answer


def _line(answer: dict[str, Any]) -> str:
    playing = answer["playing"]
    if playing is None:
        return "The radio waits." if answer["radio"]["on"] else "Nothing plays."
    seconds, duration = int(playing["seconds"]), int(playing["duration"])
    words = [f"{seconds // 60}:{seconds % 60:02d}/{duration // 60}:{duration % 60:02d}"]
    words += [word for word in ("paused", "loved") if playing[word]]
    return f"{playing['label']}  {'  '.join(words)}"
