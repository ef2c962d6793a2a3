"""What `segue doctor` finds out about sound, the network, the library and the listener's folders."""

import json
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from segue.core.errors import SegueError
from segue.core.places import find_library, user_folder

if TYPE_CHECKING:
    from segue.core.audio.sinks.base import Sink

FindingState = Literal["ok", "note", "bad"]
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
    cure: str = ""


def guarded(what: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Make a check; one that fails by itself is a finding, and the others go on."""
    try:
        yield from check()
    except SegueError as error:
        yield failure(what, error)
    except Exception as error:  # noqa: BLE001 - the doctor is asked when things are out of order
        yield Finding(what, "bad", f"{type(error).__name__}: {error}", "`segue doctor --debug` shows where")


def failure(what: str, error: SegueError, state: FindingState = "bad") -> Finding:
    """The finding in an error's one line, which has the cure behind its last semicolon."""
    found, parting, cure = str(error).rpartition("; ")
    return Finding(what, state, found, cure) if parting else Finding(what, state, cure, "see the line above")


def keras_settings() -> Iterator[Finding]:
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
        yield Finding(
            "keras", "ok", f"trains on TensorFlow in float32, whatever is set: {', '.join(ignored)}"
        )


def sound() -> Iterator[Finding]:
    """Play a moment of silence through every sink, in the order in which the radio would try them."""
    from segue.core.audio.player import SINKS
    from segue.core.audio.sinks.mini import MiniaudioSink
    from segue.core.audio.sinks.simple import SimpleaudioSink

    wanted = os.environ.get("SEGUE_SINK", "")
    if wanted == "silent":
        yield Finding("sound", "ok", "silent, as SEGUE_SINK asks")
        return
    if wanted and wanted not in SINKS:
        cure = f"set it to one of {', '.join(SINKS)}, or unset it"
        yield Finding("sound", "bad", f"SEGUE_SINK is {wanted!r}, which is not a sink", cure)
        return
    makers: dict[str, Callable[[], Sink]] = {"simpleaudio": SimpleaudioSink, "miniaudio": MiniaudioSink}
    order = sorted(makers, key=lambda name: name != wanted)
    failures = {name: _failure_of(makers[name]) for name in order}
    first = next((name for name in order if not failures[name]), "")
    if not first:
        found, cure = _why_silent(list(failures.values()))
        told = "; ".join(f"{name}: {failures[name]}" for name in order)
        yield Finding("sound", "note", f"{found}, so that the radio runs silently ({told})", cure)
        return
    yield Finding("sound", "ok", f"{first}: plays")
    for name in order[1:]:
        if failures[name]:
            yield Finding(name, "note", failures[name], f"nothing to do: {first} plays")


def _failure_of(make: "Callable[[], Sink]") -> str:
    from segue.core.audio.sinks.base import SinkError
    from segue.core.audio.speaker import OPEN_SECONDS, within
    from segue.core.audio.timeline import Timeline

    try:
        sink = make()
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
    quiet = "or set SEGUE_SINK=silent to leave it so"
    if any("does not answer" in failure for failure in failures):
        return "the sound device does not answer", f"start the sound server again, {quiet}"
    if not sys.platform.startswith("linux"):
        return "no device", f"plug in or start a sound device, {quiet}"
    if not _CARDS.is_dir():
        cure = "plug one in; in a container pass it on (--device /dev/snd); over SSH run Segue where you are"
        return "the system shows no sound card (/dev/snd is missing)", f"{cure}; {quiet}"
    if not all(os.access(card, os.R_OK | os.W_OK) for card in _CARDS.glob("pcm*")):
        return "the sound card is not yours to use", f"join its group: sudo usermod -aG audio $USER, {quiet}"
    return "no device opens", f"start the sound server, or mend ~/.asoundrc or ALSA_CONFIG_PATH, {quiet}"


def deezer() -> Iterator[Finding]:
    """Ask Deezer for something."""
    from segue.core.deezer.client import DeezerClient
    from segue.core.http import HttpError

    client = DeezerClient()
    try:
        client.within(DEEZER_SECONDS).search("music")
    except HttpError as error:
        cure = "previews need it; everything else works without. Behind a proxy, set HTTPS_PROXY"
        yield Finding("Deezer", "note", str(error), cure)
    else:
        yield Finding("Deezer", "ok", f"answers at {client.base_url}")
    finally:
        client.close()


def library(name: str) -> Iterator[Finding]:
    """Read every part of a library, as late as the explorer may read it."""
    from segue.core.evaluation import read_report
    from segue.core.library import Library

    opened = Library.open(find_library(name))
    for part in _PARTS:
        getattr(opened, part)
    opened.index()  # reads every vector, and refuses what is not finite
    if len(opened):
        opened.catalogue.infos([0, len(opened) - 1])
    described = f"{opened.name}: {len(opened):,} tracks x {opened.vectors.shape[1]} at {opened.path}"
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


def folders() -> Iterator[Finding]:
    """Whether Segue's folders can be written, and the files in them be read."""
    for kind in ("state", "config", "data"):
        folder = user_folder(kind)
        problem, cure = _problem_of(folder, kind)
        yield Finding(kind, "note" if problem else "ok", problem or str(folder), cure)


def state_file() -> Iterator[Finding]:
    """The state, where there is one."""
    from segue.core.state import State

    path = user_folder("state") / "state.sqlite"
    if not path.exists():
        return
    opened = State(path)
    try:
        found = f"{len(opened.heard()):,} tracks heard, {len(opened.loves()):,} loved"
    finally:
        opened.close()
    yield Finding("state file", "ok", found)


def settings() -> Iterator[Finding]:
    """The settings, where there are any; which words they know is the explorer's to say."""
    import tomllib

    path = user_folder("config") / "settings.toml"
    if not path.exists():
        return
    try:
        tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        yield Finding("settings", "bad", f"{path}: {error}", "mend the line, or remove the file")
    else:
        yield Finding("settings", "ok", str(path))


def _problem_of(folder: Path, kind: str) -> tuple[str, str]:
    """Try to write where the folder is or would be made; give what went wrong and what to do."""
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
        return f"{folder}: others may write there", f"chmod go-w {folder}"
    return "", ""
