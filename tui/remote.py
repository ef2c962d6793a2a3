"""The explorer's ear: `segue ctl` speaks to it through a socket that only its owner can open."""

import asyncio
import json
import os
import socket
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.core.errors import SegueError
from segue.core.log import logger

if TYPE_CHECKING:
    from segue.tui.app import SegueApp

PATIENCE = 5.0
"""Seconds in which a caller has to say its word."""
LONGEST = 1024
"""Bytes that a word may have."""
MOST = 8
"""Callers at once; for one more, the one that has waited longest is sent away."""


class Remote:
    """Answers one word with one line of JSON: `status`, `next`, `pause` or `love`."""

    def __init__(self, app: "SegueApp") -> None:
        self._app = app
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        self._callers: dict[asyncio.StreamWriter, None] = {}
        """Those that have not been answered, in the order in which they came."""

    async def listen(self, path: Path) -> None:
        """Listen at a socket, unless another explorer does, or this machine has none."""
        if not hasattr(socket, "AF_UNIX") or _taken(path):
            return
        try:
            self._server = await asyncio.start_unix_server(self._answer, sock=_bound(path), limit=LONGEST)
        except OSError as error:
            logger.warning("segue ctl will not find this explorer: %s", error)
            return
        self._path = path

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None and self._path is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
            for caller in self._callers:
                caller.transport.abort()
            self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._callers) >= MOST:
            longest = next(iter(self._callers))
            del self._callers[longest]
            longest.transport.abort()
        self._callers[writer] = None
        try:
            word = await asyncio.wait_for(reader.readline(), PATIENCE)
            if not word:
                return  # sent away, or gone
            answer = self._answer_to(word.decode("utf-8", errors="replace").strip())
            writer.write(json.dumps(answer).encode() + b"\n")
            await asyncio.wait_for(writer.drain(), PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            logger.info("segue ctl: %s", error)
        finally:
            self._callers.pop(writer, None)
            writer.close()

    def _answer_to(self, word: str) -> dict[str, Any]:
        """Do as the word says; what the machine refuses is the answer."""
        try:
            return self._do(word)
        except (SegueError, sqlite3.Error, OSError) as error:
            return {"error": str(error)}

    def _do(self, word: str) -> dict[str, Any]:
        app = self._app
        playing, radio = app.playing, app.radio
        if word == "next":
            if not radio.on:
                return {"error": "no radio plays"}
            app.desk.radio.skip()
        elif word == "pause":
            if playing is None and not radio.on:
                return {"error": "nothing plays"}
            app.desk.sound.pause()
        elif word == "love":
            if playing is None or playing.row is None:
                return {"error": "nothing plays"}
            if playing.row not in app.taste.loved:
                app.desk.taste.love_row(playing.row)
        elif word != "status":
            return {"error": f"no word is {word!r}"}
        return self._status()

    def _status(self) -> dict[str, Any]:
        app, playing = self._app, self._app.playing
        told: dict[str, Any] | None = None
        if playing is not None:
            info = app.tracks.info(playing.row) if playing.row is not None else None
            told = {
                "track_id": info.track_id if info else "",
                "label": playing.label,
                "seconds": round(app.position, 1),
                "duration": playing.duration,
                "paused": playing.paused,
                "by": playing.by,
                "loved": playing.row in app.taste.loved,
            }
        upcoming = [app.tracks.info(planned.row).label for planned in app.radio.upcoming]
        radio = {"on": app.radio.on, "paused": app.radio.paused, "next": upcoming}
        return {"library": app.library.name, "playing": told, "radio": radio}


def _taken(path: Path) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def _bound(path: Path) -> socket.socket:
    """Make a socket that only the owner can open."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and not path.is_socket():
        raise FileExistsError(f"{path} is no socket; move it away")
    path.unlink(missing_ok=True)  # whoever made it has ended without a word
    made = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        made.bind(str(path))
    except OSError:
        made.close()
        raise
    finally:
        os.umask(before)
    return made
