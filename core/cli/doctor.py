"""`segue doctor`: check this machine, and say what to do about what is missing."""

import argparse
import json
import os
import platform
import shutil
import stat
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from segue.core import __version__
from segue.core.cli import add
from segue.core.cli.output import print_json, say
from segue.core.errors import SegueError
from segue.core.files import read_regular
from segue.core.places import find_library, user_folder
from segue.core.text import counted

if TYPE_CHECKING:
    from segue.core.audio.sinks import Sink

INDENT = 19
SMALLEST = (80, 24)
FindingState = Literal["ok", "note", "bad"]
MARKS: dict[FindingState, str] = {"ok": "ok  ", "note": "note", "bad": "BAD "}
LISTENED = 0.3
"""Seconds of silence that are played, to see whether the device takes them."""
LEAST_FREE = 50_000_000
"""Bytes. With less a library is soon too large for the disk."""
DEEZER_SECONDS = 10.0
_CARDS = Path("/dev/snd")
_PARTS = ("track_ids", "held_out", "corpus", "occurrences", "cooccurrence", "positions", "history")


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    what: str
    state: FindingState
    """`note`: Segue works, with something left out. `bad`: it does not."""
    found: str
    hint: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.library(parser)
    add.json(parser)


def run(args: argparse.Namespace) -> int:
    """Print a finding for each check; exit code 1 when something is bad."""
    findings = []
    for finding in examine(args.library, offline=args.offline):
        findings.append(finding)
        if not args.json:
            show(finding)  # at once: a network without an answer takes its time
    if args.json:
        print_json([asdict(finding) for finding in findings])
    return 1 if any(finding.state == "bad" for finding in findings) else 0


def show(finding: Finding) -> None:
    """Print a finding, in a terminal folded to its width."""
    folded = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    indent = INDENT if not folded or folded >= SMALLEST[0] else 6
    texts = [finding.found, *([f"-> {finding.hint}"] if finding.hint else [])]
    for number, text in enumerate(texts):
        head = "" if number else f"{MARKS[finding.state]}  {finding.what:<12} "
        lines = (
            textwrap.wrap(
                text,
                max(folded, 20) or 10**9,
                initial_indent=head or " " * indent,
                subsequent_indent=" " * indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
            if folded
            else [(head or " " * indent) + text]
        )
        for line in lines:
            say(line)
    sys.stdout.flush()


def examine(library: str, *, offline: bool) -> Iterator[Finding]:
    """Make every check, one after the other."""
    yield _versions()
    yield _terminal()
    yield _colours()
    yield _letters()
    yield from guarded("keras", check_keras)
    yield from guarded("sound", check_sound)
    if offline:
        yield Finding("Deezer", "note", "not checked (--offline)", "run without --offline to check")
    else:
        yield from guarded("Deezer", check_deezer)
    yield from guarded("library", partial(check_library, library))
    yield from guarded("folders", check_folders)
    yield from guarded("state file", check_state_file)
    yield from guarded("settings", check_settings)


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
    hint = f"install {', '.join(lost)}: some of Segue does not work without it" if lost else ""
    return Finding("versions", "note" if lost else "ok", ", ".join(found), hint)


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
        return Finding(
            "terminal", "note", f"output is not a terminal{where}", "run the explorer in a terminal"
        )
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
    if os.environ.get("NO_COLOR"):  # an empty value has no effect, https://no-color.org
        return Finding("colours", "ok", "none, as NO_COLOR asks")
    if os.environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return Finding("colours", "ok", "16 million")
    few = "256color" not in os.environ.get("TERM", "")
    hint = "if your terminal supports more, set COLORTERM=truecolor (ssh does not forward it)"
    return Finding("colours", "note", "16" if few else "256", hint)


def _letters() -> Finding:
    encoding = (sys.stdout.encoding or "").lower()
    if encoding.replace("-", "") == "utf8":
        return Finding("letters", "ok", "UTF-8")
    return Finding("letters", "bad", encoding or "unknown", "set LANG to a UTF-8 locale, for example C.UTF-8")


def guarded(what: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Make a check; one that fails by itself is a finding, and the others go on."""
    try:
        yield from check()
    except SegueError as error:
        yield failure(what, error)
    except Exception as error:  # noqa: BLE001 - the doctor is asked when things are out of order
        yield Finding(what, "bad", f"{type(error).__name__}: {error}", "`segue doctor --debug` shows where")


def failure(what: str, error: SegueError, state: FindingState = "bad") -> Finding:
    """The finding in an error's one line, which has the hint behind its last semicolon."""
    found, parting, hint = str(error).rpartition("; ")
    return Finding(what, state, found, hint) if parting else Finding(what, state, hint, "see the line above")


def check_keras() -> Iterator[Finding]:
    """Name settings of other programs that Segue trains without."""
    ignored = [
        f"{name}={value}" for name in ("KERAS_BACKEND", "MPLBACKEND") if (value := os.environ.get(name))
    ]
    ignored = [setting for setting in ignored if setting != "KERAS_BACKEND=tensorflow"]
    file = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "keras.json"
    try:
        held = json.loads(file.read_bytes()) if file.is_file() else {}
    except (OSError, ValueError):
        held = {}
    if isinstance(held, dict):
        wanted = {"floatx": "float32", "backend": "tensorflow"}
        ignored += [
            f"{name} {held[name]!r} of {file}" for name, own in wanted.items() if held.get(name, own) != own
        ]
    if ignored:
        yield Finding("keras", "ok", f"always trains on TensorFlow in float32; ignored: {', '.join(ignored)}")


def check_sound() -> Iterator[Finding]:
    """Play a moment of silence through every sink, in the order in which the radio would try them."""
    from segue.core.audio.devices import DEVICES
    from segue.core.audio.player import SINKS

    wanted = os.environ.get("SEGUE_SINK", "")
    if wanted == "silent":
        yield Finding("sound", "ok", "off: SEGUE_SINK=silent")
        return
    if wanted and wanted not in SINKS:
        hint = f"set it to one of {', '.join(SINKS)}, or unset it"
        yield Finding("sound", "bad", f"SEGUE_SINK is {wanted!r}, which is not a sink", hint)
        return
    order = sorted(DEVICES, key=lambda name: name != wanted)
    failures = {name: _failure_of(DEVICES[name]) for name in order}
    first = next((name for name in order if not failures[name]), "")
    if not first:
        found, hint = _why_silent(list(failures.values()))
        reasons = "; ".join(f"{name}: {failures[name]}" for name in order)
        yield Finding("sound", "note", f"no audio output: {found} ({reasons}); the radio runs silently", hint)
        return
    yield Finding("sound", "ok", f"{first}: plays")
    for name in order[1:]:
        if failures[name]:
            yield Finding(name, "note", failures[name], f"nothing to do: {first} plays")


def _failure_of(make: "Callable[[Callable[[], float]], Sink]") -> str:
    from segue.core.audio.sinks import OPEN_SECONDS, SinkError, within
    from segue.core.audio.timeline import Timeline

    try:
        sink = make(time.monotonic)
        within(OPEN_SECONDS, partial(sink.start, Timeline(), 0), late=sink.close)
        try:
            end = time.monotonic() + LISTENED
            while not (reason := sink.failure()) and time.monotonic() < end:
                time.sleep(min(max(sink.feed(), 0.01), 0.05))
        finally:
            within(OPEN_SECONDS, sink.close)
    except SinkError as error:
        return str(error)
    except (ImportError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    return reason


def _why_silent(failures: list[str]) -> tuple[str, str]:
    """Why there is no sound on this machine, and what to do."""
    quiet = "or set SEGUE_SINK=silent to run without audio output"
    if any("does not answer" in failure for failure in failures):
        return "the sound device does not answer", f"start the sound server again, {quiet}"
    if not sys.platform.startswith("linux"):
        return "no device", f"plug in or start a sound device, {quiet}"
    if not _CARDS.is_dir():
        hint = (
            "plug one in; in a container, pass it through (--device /dev/snd); "
            "over SSH, run Segue on your own machine"
        )
        return "no sound card found (/dev/snd is missing)", f"{hint}; {quiet}"
    if not all(os.access(card, os.R_OK | os.W_OK) for card in _CARDS.glob("pcm*")):
        return (
            "no permission to use the sound card",
            f"add yourself to its group: sudo usermod -aG audio $USER, {quiet}",
        )
    return (
        "no device could be opened",
        f"start the sound server, or check ~/.asoundrc or ALSA_CONFIG_PATH, {quiet}",
    )


def check_deezer() -> Iterator[Finding]:
    """Send Deezer one request."""
    from segue.core.deezer.client import DeezerClient
    from segue.core.http import HttpError

    client = DeezerClient()
    try:
        client.within(DEEZER_SECONDS).search("music")
    except HttpError as error:
        hint = "only previews need it. Behind a proxy, set HTTPS_PROXY"
        yield Finding("Deezer", "note", str(error), hint)
    else:
        yield Finding("Deezer", "ok", f"answers at {client.base_url}")
    finally:
        client.close()


def check_library(name: str) -> Iterator[Finding]:
    """Read every part of a library, as late as the explorer may read it."""
    from segue.core.evaluation import read_report
    from segue.core.library import Library

    opened = Library.open(find_library(name))
    for part in _PARTS:
        getattr(opened, part)
    opened.index()  # reads every vector, and refuses what is not finite
    if len(opened):
        opened.catalogue.infos([0, len(opened) - 1])
    described = f"{opened.name}: {counted(len(opened), 'track')} x {opened.vectors.shape[1]} at {opened.path}"
    score = f"segue evaluate --library {name}"
    try:
        report = read_report(opened)
    except SegueError as error:
        yield Finding("library", "note", f"{described}; {error}", score)
        return
    if report is None and opened.held_out is not None:
        yield Finding("library", "note", f"{described}, not scored", score)
    else:
        yield Finding("library", "ok", described)


def check_folders() -> Iterator[Finding]:
    """Whether Segue's folders can be written, and the files in them be read."""
    for kind in ("state", "config", "data"):
        folder = user_folder(kind)
        problem, hint = _problem_of(folder, kind)
        yield Finding(kind, "note" if problem else "ok", problem or str(folder), hint)


def check_state_file() -> Iterator[Finding]:
    """The state, where there is one."""
    from segue.core.state import State

    path = user_folder("state") / "state.sqlite"
    if not path.exists():
        return
    opened = State(path)
    try:
        found = f"{counted(len(opened.heard()), 'track')} heard, {len(opened.loves()):,} loved"
    finally:
        opened.close()
    yield Finding("state file", "ok", found)


def check_settings() -> Iterator[Finding]:
    """The settings, where there are any; the explorer checks the keys."""
    import tomllib

    path = user_folder("config") / "settings.toml"
    if not path.exists():
        return
    try:
        tomllib.loads(read_regular(path).decode())
    except (OSError, SegueError, ValueError, RecursionError) as error:
        yield Finding("settings", "bad", f"{path}: {error}", "fix the line, or remove the file")
    else:
        yield Finding("settings", "ok", str(path))


def _problem_of(folder: Path, kind: str) -> tuple[str, str]:
    """Try to write where the folder is or would be made; return what went wrong and what to do."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=there):
            pass
        free = shutil.disk_usage(there).free
    except OSError as error:
        return f"{folder}: {error.strerror}", f"make it writable, or set XDG_{kind.upper()}_HOME"
    if free < LEAST_FREE:
        return f"{folder}: {free / 1e6:,.0f} MB are free", f"free some space, or set XDG_{kind.upper()}_HOME"
    if os.name == "posix" and folder.exists() and folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"{folder}: other users can write there", f"chmod go-w {folder}"
    return "", ""
