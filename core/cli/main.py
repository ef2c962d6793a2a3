"""Parse the command line, run one verb, turn errors into one line and an exit code; `segue completion`."""

import argparse
import errno
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from segue.core import __version__
from segue.core.cli import add
from segue.core.cli.output import note
from segue.core.cli.verbs import GROUPS, VERBS, Verb
from segue.core.errors import SegueError, UsageError
from segue.core.log import log_path, logger, start_log

END_SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What `kill` sends, and a terminal that is closed."""


class EndedError(KeyboardInterrupt):
    """The process was asked to end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def end_in_order() -> Iterator[None]:
    """Have SIGTERM and SIGHUP raise `EndedError`: temporary files go, and the terminal is put in order.

    A signal that is ignored, as with `nohup`, stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread hears signals
        return

    def end(number: int, _frame: object) -> None:
        raise EndedError(number)

    handled = [number for number in END_SIGNALS if signal.getsignal(number) == signal.SIG_DFL]
    for number in handled:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_DFL)


class Stop(threading.Event):
    """Set when the process was asked to stop."""

    number = 0
    """The signal that asked; 0 before."""

    @property
    def exit_code(self) -> int:
        """0, or as a shell reports a process that the signal ended."""
        return 128 + self.number if self.number else 0


@contextmanager
def stop_on_interrupt(what: str) -> Iterator[Stop]:
    """Make the first Ctrl-C (SIGTERM, SIGHUP) set the event that is yielded, and the second one interrupt.

    `what` says what is stopping; it is printed at the first one.
    """
    stopped = Stop()

    def ask(number: int, _frame: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.number = number
        stopped.set()
        with suppress(OSError):  # the terminal may have been closed
            note(f"{what} (again to stop at once)" if number == signal.SIGINT else what)

    handled = [number for number in END_SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, *handled)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


SHELLS = ("bash", "zsh", "fish")
LIBRARIES = {"NAME|PATH", "A[:RANKER]", "B[:RANKER]"}
"""How the arguments that name libraries are shown."""


def configure_completion(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("shell", choices=SHELLS, help="your shell")


def run_completion(args: argparse.Namespace) -> int:
    """Print the script; `eval "$(segue completion bash)"` turns completion on."""
    from argcomplete.shell_integration import shellcode  # 12 ms

    sys.stdout.write(shellcode(["segue"], True, args.shell))
    return 0


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell's question, which stands in the environment, and exit."""
    import argcomplete

    for action in _actions(parser):
        if action.metavar in LIBRARIES:
            action.completer = _libraries  # type: ignore[attr-defined]  # where argcomplete looks for it
    argcomplete.autocomplete(parser)


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    below = [
        verb
        for action in parser._actions  # noqa: SLF001 - argparse has no public list of them
        if isinstance(action, argparse._SubParsersAction)  # noqa: SLF001 - argparse has no public way
        for verb in action.choices.values()
    ]
    return [action for one in (parser, *below) for action in one._actions]  # noqa: SLF001 - argparse has no public way


def _libraries(**_: Any) -> list[str]:  # noqa: ANN401 - what argcomplete passes
    from segue.core.places import all_libraries

    return [path.name for path in all_libraries()]


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, as all errors are."""

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        words = self.prog.split()
        raise UsageError(f"{message}; `{' '.join([words[0], 'help', *words[1:]])}` explains the arguments")


OpenTui = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None, *, open_tui: OpenTui | None = None) -> int:
    """Run `segue` and return its exit code: 0 done, 1 failed, 2 called wrongly, 130 stopped by Ctrl-C.

    Ended by a signal, it is 128 and the signal's number. `argv` holds the arguments without the program's
    name, by default those of this process. `open_tui` is called without a verb: the engine does not import
    the TUI, so the caller passes it in.
    """
    give_streams()
    arguments = [_readable(word) for word in (sys.argv[1:] if argv is None else argv)]
    try:
        with end_in_order():
            try:
                return _run(arguments, open_tui)
            finally:
                _flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence before the shell
        try:
            return _failure(error, debug="--debug" in arguments)
        except OSError:  # the terminal has been closed
            sys.stdout = sys.stderr = None
            return 1


def _flush() -> None:
    """Write what is buffered now, while an error can still be explained, not when the interpreter ends."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        sys.stdout = None  # its flush at the end would fail again, and take the exit code with it
        raise


def _run(arguments: list[str], open_tui: OpenTui | None) -> int:
    if "_ARGCOMPLETE" in os.environ:  # the shell asks what could be typed next
        complete(_parser_for(os.environ.get("COMP_LINE", "").split()))
    start_log(debug="--debug" in arguments)
    verb, arguments = arranged(arguments)
    parser = _parser() if verb is None else _parser_of(verb)
    args, left = parser.parse_known_args(arguments)
    if left:  # names that stand after an option, as in `fetch deezer --to FOLDER music_2.npy`
        args = parser.parse_intermixed_args(arguments)
    logger.info("segue %s %s %s", __version__, "" if verb is None else verb.name, " ".join(arguments))
    if verb is not None:
        return int(verb.load("run")(args))
    if open_tui is not None:
        return open_tui(args)
    parser.print_help()
    return UsageError.exit_code


def _readable(word: str) -> str:
    """The argument, with question marks for bytes that are not UTF-8 unless it names a file that exists."""
    if word.isascii() or os.path.lexists(word):
        return word
    return word.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


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
    """Report in one line what went wrong, and return the exit code."""
    if isinstance(error, BrokenPipeError):
        # the reader (`| head`) has gone; without a stream the flush at exit stays quiet
        sys.stdout = None
        return 1
    if isinstance(error, EndedError):
        with suppress(OSError):
            note(f"segue: terminated by {error}")
        return 128 + error.number
    if isinstance(error, KeyboardInterrupt):
        note("segue: stopped")
        return 130
    if isinstance(error, MemoryError):
        error = SegueError("not enough memory; close other programs, or use a smaller library")
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
    note(f"segue: unexpected {type(error).__name__}: {text} ({log_path()} has the details)")
    return 1


def arranged(arguments: Sequence[str]) -> tuple[Verb | None, list[str]]:
    """Find the verb, and put the options that stand before it after it.

    `segue --library X search Y` is `segue search Y --library X`; `segue help VERB` is `segue VERB --help`.
    Raises `UsageError` when there is no such verb.
    """
    words = list(arguments)
    place = 0
    while place < len(words) and words[place].startswith("-"):
        if words[place] in {"--version", "--help", "-h"}:
            return None, words
        word = words[place]
        takes_value = word in {"-l", "--mpd"} or (len(word) > 2 and "--library".startswith(word))
        place += 2 if takes_value else 1
    if place >= len(words):
        return None, words
    before, name, after = words[:place], words[place], words[place + 1 :]
    if name == "help":
        name, after = (after[0], ["--help"]) if after else ("", after)
        if not name:
            return None, ["--help"]
    verb = next((verb for verb in VERBS if name in {verb.name, verb.alias}), None)
    if verb is None:
        raise UsageError(_unknown(name))
    return verb, [*before, *after]


def _unknown(name: str) -> str:
    """What to say of a word that is not a verb."""
    from difflib import get_close_matches  # 4 ms

    names = [verb.name for verb in VERBS]
    near = get_close_matches(name, names, 1)
    suggestion = f"; did you mean {near[0]!r}?" if near else "."
    return f"unknown command {name!r}{suggestion} Commands: {', '.join(names)}"


def _parser() -> argparse.ArgumentParser:
    """The parser without a verb."""
    parser = Parser(
        prog="segue",
        description="Explore a music space learned from playlists. Without a verb, open the explorer.",
        epilog=_overview(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"segue {__version__}")
    add.option(parser, "--mpd", "HOST[:PORT]", "play through an MPD server what it has (needs the extra mpd)")
    add.library(parser)
    _add_common(parser)
    return parser


def _parser_for(typed: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for completion in the shell: it has all verbs, and the options of those that are typed."""
    parser = _parser()
    below = parser.add_subparsers()
    for verb in VERBS:
        known = {verb.name, verb.alias} & set(typed)
        configured = below.add_parser(verb.name, aliases=list(known - {verb.name}))
        if known:
            verb.load("configure")(configured)
            _add_common(configured)
    return parser


def _parser_of(verb: Verb) -> argparse.ArgumentParser:
    parser = Parser(
        prog=f"segue {verb.name}",
        description=verb.help[:1].upper() + verb.help[1:] + ".",
        epilog="examples:\n"
        + "\n".join(f"  segue {verb.name} {example}".rstrip() for example in verb.examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verb.load("configure")(parser)
    _add_common(parser)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    """Add what every verb takes, before or after its name."""
    common = parser.add_argument_group("common options")
    add.flag(common, "--no-sound", "run without audio output")
    add.flag(common, "--offline", "make no network requests")
    add.flag(common, "--debug", "show tracebacks and write a detailed log")


def _overview() -> str:
    lines: list[str] = []
    for group, verbs in GROUPS.items():
        lines += [f"{group}:", *(f"  {verb.name:<16}{verb.help}" for verb in verbs)]
    return "\n".join([*lines, "", "`segue VERB --help` explains a verb and gives examples."])
