"""`segue doctor`: check this machine, and say what to do about what is missing."""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core import __version__
from core.cli.options import add_json, add_library
from core.cli.output import print_json, say
from core.errors import SegueError
from core.places import find_library, user_folder

if TYPE_CHECKING:
    from core.audio.sinks.base import Sink

State = Literal["ok", "note", "bad"]
SMALLEST = (80, 24)
MARKS: dict[State, str] = {"ok": "ok  ", "note": "note", "bad": "BAD "}


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    what: str
    state: State
    """`note`: Segue works, with something left out. `bad`: it does not."""
    found: str
    cure: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_library(parser)
    parser.add_argument("--offline", action="store_true", help="ask nothing of the network")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print a finding for each check; exit code 1 when something is bad."""
    findings = list(examine(args.library, offline=args.offline))
    if args.json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(f"{MARKS[finding.state]}  {finding.what:<12} {finding.found}")
            if finding.cure:
                say(f"{'':<19}-> {finding.cure}")
    return 1 if any(finding.state == "bad" for finding in findings) else 0


def examine(library: str, *, offline: bool) -> Iterator[Finding]:
    """Make every check, one after the other."""
    yield _versions()
    yield _terminal()
    yield _colours()
    yield _letters()
    yield from _sinks()
    yield Finding("Deezer", "note", "not asked (--offline)") if offline else _deezer()
    yield _library(library)
    yield from _folders()


def _versions() -> Finding:
    names = ("textual", "numpy", "tensorflow", "keras", "miniaudio", "pydub", "simpleaudio")
    found = [f"segue {__version__}", f"Python {platform.python_version()}", f"SQLite {_sqlite()}"]
    missing = []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    lost = [name for name in missing if name != "simpleaudio"]
    cure = f"install {', '.join(lost)}: without it a part of Segue does not work" if lost else ""
    return Finding("versions", "note" if lost else "ok", ", ".join(found), cure)


def _sqlite() -> str:
    import sqlite3

    return sqlite3.sqlite_version


def _terminal() -> Finding:
    name = os.environ.get("TERM", "")
    over = [
        word
        for word, variable in (("SSH", "SSH_CONNECTION"), ("tmux", "TMUX"), ("screen", "STY"))
        if variable in os.environ
    ]
    where = f" over {' and '.join(over)}" if over else ""
    if not sys.stdout.isatty():
        return Finding("terminal", "note", f"output is no terminal{where}", "run the explorer in a terminal")
    size = shutil.get_terminal_size()
    found = f"{name or 'TERM is not set'}, {size.columns} x {size.lines}{where}"
    if name in {"", "dumb"}:
        return Finding(
            "terminal", "bad", found, "set TERM to your terminal's name, for example xterm-256color"
        )
    if size.columns < SMALLEST[0] or size.lines < SMALLEST[1]:
        return Finding("terminal", "note", found, f"make it {SMALLEST[0]} x {SMALLEST[1]} or larger")
    return Finding("terminal", "ok", found)


def _colours() -> Finding:
    if "NO_COLOR" in os.environ:
        return Finding("colours", "ok", "none, as NO_COLOR asks")
    if os.environ.get("COLORTERM") in {"truecolor", "24bit"}:
        return Finding("colours", "ok", "16 million")
    few = "256color" not in os.environ.get("TERM", "")
    cure = "if your terminal can show more, set COLORTERM=truecolor (ssh does not pass it on)"
    return Finding("colours", "note", "16" if few else "256", cure)


def _letters() -> Finding:
    encoding = (sys.stdout.encoding or "").lower()
    if encoding.replace("-", "") == "utf8":
        return Finding("letters", "ok", "UTF-8")
    return Finding("letters", "bad", encoding or "unknown", "set LANG to a UTF-8 locale, for example C.UTF-8")


def _sinks() -> Iterator[Finding]:
    from core.audio.sinks.mini import MiniaudioSink
    from core.audio.sinks.simple import SimpleaudioSink

    makers: dict[str, Callable[[], Sink]] = {"simpleaudio": SimpleaudioSink, "miniaudio": MiniaudioSink}
    works: list[str] = []
    for name, make in makers.items():
        failure = _failure_of(make)
        if not failure:
            works.append(name)
        yield Finding("sound", "note" if failure else "ok", f"{name}: {failure or 'plays'}")
    if not works:
        cure = "radio runs silently; plug in or start a sound device, or set SEGUE_SINK=silent to leave it so"
        yield Finding("sound", "note", "no device", cure)


def _failure_of(make: "Callable[[], Sink]") -> str:
    """Play a moment of silence through a sink, and give what went wrong."""
    from core.audio.timeline import Timeline

    try:
        sink = make()
        try:
            sink.start(Timeline(), 0)
            sink.stop()
        finally:
            sink.close()
    except SegueError as error:
        return str(error)
    except (ImportError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _deezer() -> Finding:
    from core.deezer.client import DeezerClient
    from core.deezer.errors import DeezerError

    client = DeezerClient()
    try:
        client.search("music")
    except DeezerError as error:
        cure = "previews need it; everything else works without. Behind a proxy, set HTTPS_PROXY"
        return Finding("Deezer", "note", str(error), cure)
    finally:
        client.close()
    return Finding("Deezer", "ok", f"answers at {client.base_url}")


def _library(name: str) -> Finding:
    from core.library import Library

    try:
        library = Library.open(find_library(name))
        library.index()  # reads every vector, and refuses what is not finite
        described = f"{library.name}: {len(library):,} tracks x {library.vectors.shape[1]} at {library.path}"
    except SegueError as error:
        return Finding("library", "bad", str(error))
    if library.report is None:
        return Finding("library", "note", f"{described}, not scored", f"segue evaluate --library {name}")
    return Finding("library", "ok", described)


def _folders() -> Iterator[Finding]:
    for kind in ("state", "config", "data"):
        folder = user_folder(kind)
        problem = _cannot_write(folder)
        cure = "make it writable, or set XDG_STATE_HOME, XDG_CONFIG_HOME and XDG_DATA_HOME" if problem else ""
        yield Finding(kind, "note" if problem else "ok", problem or str(folder), cure)


def _cannot_write(folder: Path) -> str:
    """Try to write where the folder is or would be made, and give what went wrong."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=there):
            return ""
    except OSError as error:
        return f"{folder}: {error.strerror}"
