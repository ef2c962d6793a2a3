"""Remote control: `segue ctl` sends a command through a socket that only its owner can open."""

import asyncio
import json
import os
import socket
import sqlite3
from pathlib import Path
from typing import Any

from segue.core.errors import SegueError
from segue.core.log import logger
from segue.tui.control import Control

PATIENCE = 5.0
"""Seconds a caller has to send its command."""
LONGEST = 1024
"""Bytes that a command may have."""
MOST = 8
"""Callers at once; one more drops the one that has waited longest. As many programs may follow."""
FOLLOW = "follow"
"""What a program says that wants to hear of every change."""
EVERY = 0.25
"""Seconds between looks for a change, while somebody follows."""


class Remote:
    """Answers a command with a line of JSON, and `follow` with a line for every change."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        self._callers: dict[asyncio.StreamWriter, None] = {}
        """Those that were not answered yet, in the order in which they came."""
        self._followers: set[asyncio.StreamWriter] = set()

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
            for caller in (*self._callers, *self._followers):
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
            line = command.decode("utf-8", errors="replace").strip()
            if line == FOLLOW:
                await self._follow(writer)
            else:
                await _send(writer, self._answer_to(line))
        except (OSError, TimeoutError, ValueError) as error:
            logger.info("segue ctl: %s", error)
        finally:
            self._callers.pop(writer, None)
            writer.close()

    async def _follow(self, writer: asyncio.StreamWriter) -> None:
        """Send the status whenever it has changed, until the caller goes."""
        del self._callers[writer]
        if len(self._followers) >= MOST:
            await _send(writer, {"error": f"{MOST} programs follow already; end one"})
            return
        self._followers.add(writer)
        sent = None
        try:
            while not writer.is_closing():
                status = self._answer_to("status")
                if _rounded(status) != sent:
                    await _send(writer, status)
                    sent = _rounded(status)
                await asyncio.sleep(EVERY)
        finally:
            self._followers.discard(writer)

    def _answer_to(self, command: str) -> dict[str, Any]:
        """Run a command; an error is the answer."""
        try:
            return self._control.do(command)
        except (SegueError, sqlite3.Error, OSError) as error:
            return {"error": str(error)}


async def _send(writer: asyncio.StreamWriter, answer: dict[str, Any]) -> None:
    writer.write(json.dumps(answer).encode() + b"\n")
    await asyncio.wait_for(writer.drain(), PATIENCE)


def _rounded(status: dict[str, Any]) -> dict[str, Any]:
    """A status in which only whole seconds count."""
    playing = status.get("playing")
    return status if not playing else status | {"playing": playing | {"seconds": int(playing["seconds"])}}


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
