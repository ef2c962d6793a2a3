"""Parse the command line, run one verb, and turn errors into one line and an exit code."""

import argparse
import errno
import importlib
import io
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress

from segue.core import __version__
from segue.core.cli.interrupt import EndedError, end_in_order
from segue.core.cli.options import add_library
from segue.core.cli.output import note
from segue.core.cli.verbs import VERBS, Verb
from segue.core.errors import SegueError, UsageError
from segue.core.log import log_path, logger, start_log

OpenTui = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None, *, open_tui: OpenTui | None = None) -> int:
    """Run `segue` and return its exit code: 0 done, 1 failed, 2 called wrongly, 130 stopped by Ctrl-C.

    Told to end by a signal, it is 128 and the signal's number.

    Parameters
    ----------
    argv
        The arguments without the program's name; those of this process by default.
    open_tui
        What to do without a verb. The engine knows no TUI, so whoever has one brings it.
    """
    give_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        with end_in_order():
            return _run(arguments, open_tui)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence before the shell
        try:
            return _failure(error, debug="--debug" in arguments)
        except OSError:  # the terminal has been closed
            sys.stdout = sys.stderr = None
            return 1


def _run(arguments: list[str], open_tui: OpenTui | None) -> int:
    verb = _chosen(arguments)
    parser = _parser(verb)
    args = parser.parse_args(arguments)
    start_log(debug=bool(args.debug))
    logger.info("segue %s %s", __version__, " ".join(arguments))
    if verb is not None:
        return int(importlib.import_module(verb.module).run(args))
    if open_tui is not None:
        return open_tui(args)
    parser.print_help()
    return UsageError.exit_code


def give_streams() -> None:
    """Make the standard streams fit to be written to.

    The null device takes the place of those that were closed (`>&-`): else the next file to be opened would
    get a stream's number, and what a library writes to its standard error would go into that file. Letters
    that a terminal without UTF-8 can't show become question marks.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", errors="replace", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _failure(error: BaseException, *, debug: bool) -> int:
    """Say in one line what went wrong and return the exit code."""
    if isinstance(error, BrokenPipeError):
        # whoever read along (`| head`) has gone; without a stream the flush at exit stays quiet
        sys.stdout = None
        return 1
    if isinstance(error, EndedError):
        with suppress(OSError):
            note(f"segue: ended by {error}")
        return 128 + error.number
    if isinstance(error, KeyboardInterrupt):
        note("segue: stopped")
        return 130
    expected = isinstance(error, SegueError)
    logger.error("%s", error, exc_info=None if expected and not debug else error)
    if debug:
        traceback.print_exception(error)
    text = " ".join(str(error).split())
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        note(f"segue: the disk is full ({text}); free some space")
        return SegueError.exit_code
    if isinstance(error, SegueError):
        note(f"segue: {text}")
        return error.exit_code
    note(f"segue: unexpected {type(error).__name__}: {text} ({log_path()} says where)")
    return 1


def _chosen(arguments: Sequence[str]) -> Verb | None:
    by_name = {verb.name: verb for verb in VERBS}
    first = next((word for word in arguments if word in by_name or not word.startswith("-")), None)
    before = arguments[: arguments.index(first)] if first is not None else []
    if first is None or any(word in {"--library", "-l"} for word in before):
        return None
    return by_name.get(first)


def _parser(verb: Verb | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="segue",
        description="Explore a music space learned from playlists. Without a verb, open the explorer.",
        epilog=_overview(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"segue {__version__}")
    parser.add_argument("--debug", action="store_true", help="show tracebacks and write a detailed log")
    if verb is None:
        add_library(parser)
        parser.add_argument("--no-sound", action="store_true", help="play silently (a clock, no device)")
        parser.add_argument("--offline", action="store_true", help="ask nothing of the network")
        return parser
    subparsers = parser.add_subparsers(metavar="VERB", required=True)
    chosen = subparsers.add_parser(verb.name, help=verb.help, description=verb.help.capitalize() + ".")
    chosen.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    importlib.import_module(verb.module).configure(chosen)
    return parser


def _overview() -> str:
    lines: list[str] = []
    for group in dict.fromkeys(verb.group for verb in VERBS):
        lines.append(f"{group}:")
        lines += [f"  {verb.name:<16}{verb.help}" for verb in VERBS if verb.group == group]
    return "\n".join([*lines, "", "`segue VERB --help` explains a verb."])
