"""`segue doctor`: check this machine, and say what to do about what is missing."""

import argparse
import os
import platform
import shutil
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from importlib import metadata

from segue.core import __version__
from segue.core.cli import doctor_checks
from segue.core.cli.doctor_checks import Finding, guarded
from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import print_json, say

INDENT = 19
SMALLEST = (80, 24)
MARKS: dict[doctor_checks.FindingState, str] = {"ok": "ok  ", "note": "note", "bad": "BAD "}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_library(parser)
    add_json(parser)


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
    texts = [finding.found, *([f"-> {finding.cure}"] if finding.cure else [])]
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
    yield from guarded("keras", doctor_checks.keras_settings)
    yield from guarded("sound", doctor_checks.sound)
    if offline:
        yield Finding("Deezer", "note", "not asked (--offline)", "leave --offline out to ask")
    else:
        yield from guarded("Deezer", doctor_checks.deezer)
    yield from guarded("library", partial(doctor_checks.library, library))
    yield from guarded("folders", doctor_checks.folders)
    yield from guarded("state file", doctor_checks.state_file)
    yield from guarded("settings", doctor_checks.settings)


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
    if os.environ.get("NO_COLOR"):  # empty it asks nothing, https://no-color.org
        return Finding("colours", "ok", "none, as NO_COLOR asks")
    if os.environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return Finding("colours", "ok", "16 million")
    few = "256color" not in os.environ.get("TERM", "")
    cure = "if your terminal can show more, set COLORTERM=truecolor (ssh does not pass it on)"
    return Finding("colours", "note", "16" if few else "256", cure)


def _letters() -> Finding:
    encoding = (sys.stdout.encoding or "").lower()
    if encoding.replace("-", "") == "utf8":
        return Finding("letters", "ok", "UTF-8")
    return Finding("letters", "bad", encoding or "unknown", "set LANG to a UTF-8 locale, for example C.UTF-8")
