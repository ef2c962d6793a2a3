"""Remote control: `segue ctl` sends a command through a socket that only its owner can open."""

import asyncio
import json
import os
import socket
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.core.errors import SegueError
from segue.core.log import logger
from segue.tui.context import Explorer

if TYPE_CHECKING:
    from segue.tui.controllers import Controllers

PATIENCE = 5.0
"""Seconds a caller has to send its command."""
LONGEST = 1024
"""Bytes that a command may have."""
MOST = 8
"""Callers at once; one more drops the one that has waited longest."""


class Remote:
    """Answers a command with a line of JSON: `status`, `next`, `pause` or `love`."""

    def __init__(self, app: Explorer, controllers: "Controllers") -> None:
        self._app = app
        self._controllers = controllers
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        self._callers: dict[asyncio.StreamWriter, None] = {}
        """Those that were not answered yet, in the order in which they came."""

    async def listen(self, path: Path) -> None:
        """Listen at a socket, unless another explorer does or the machine has no such sockets."""
        if not hasattr(socket, "AF_UNIX") or _taken(path):
            return
        try:
            self._server = await asyncio.start_unix_server(self._answer, sock=_bound(path), limit=LONGEST)
        except OSError as error:
            logger.warning("segue ctl can't reach this explorer: %s", error)
            return
        self._path = path

    async def close(self) -> None:
        """Stop listening."""
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
            command = await asyncio.wait_for(reader.readline(), PATIENCE)
            if not command:
                return  # dropped, or gone
            answer = self._answer_to(command.decode("utf-8", errors="replace").strip())
            writer.write(json.dumps(answer).encode() + b"\n")
            await asyncio.wait_for(writer.drain(), PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            logger.info("segue ctl: %s", error)
        finally:
            self._callers.pop(writer, None)
            writer.close()

    def _answer_to(self, command: str) -> dict[str, Any]:
        """Run a command; an error is the answer."""
        try:
            return self._do(command)
        except (SegueError, sqlite3.Error, OSError) as error:
            return {"error": str(error)}

    def _do(self, command: str) -> dict[str, Any]:
        app = self._app
        playing, radio = app.playing, app.radio
        if command == "next":
            if not radio.on:
                return {"error": "no radio plays"}
            self._controllers.playback.skip()
        elif command == "pause":
            if playing is None and not radio.on:
                return {"error": "nothing plays"}
            self._controllers.playback.pause()
        elif command == "love":
            if playing is None or playing.row is None:
                return {"error": "nothing plays"}
            if playing.row not in app.taste.loved:
                self._controllers.tastes.love(playing.row)
        elif command != "status":
            return {"error": f"unknown command {command!r}; send status, next, pause or love"}
        return self._status()

    def _status(self) -> dict[str, Any]:
        app, playing = self._app, self._app.playing
        shown: dict[str, Any] | None = None
        if playing is not None:
            info = app.tracks.info(playing.row) if playing.row is not None else None
            shown = {
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
        return {"library": app.library.name, "playing": shown, "radio": radio}


def _taken(path: Path) -> bool:
    """Whether an explorer listens there."""
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
        raise FileExistsError(f"{path} is not a socket; move it away")
    path.unlink(missing_ok=True)  # left by an explorer that was killed
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
