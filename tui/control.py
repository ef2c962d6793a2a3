"""What can be asked of a running explorer: by `segue ctl` on a socket, media keys, status bars."""

import asyncio
import json
import os
import re
import socket
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.core.errors import SegueError
from segue.core.log import logger
from segue.tui.context import Explorer
from segue.tui.model.places import TrackPlace

if TYPE_CHECKING:
    from collections.abc import Callable

    from segue.tui.controllers import Controllers


NOTHING = "nothing plays"
TAKE_VALUES = {"play", "seek", "volume", "radio", "go", "crate"}
_TIME = re.compile(r"([+-]?)(?:(\d{1,4}):)?(\d{1,6}(?:\.\d{1,3})?)")
_PERCENT = re.compile(r"([+-]?)(\d{1,3})%?")


class Control:
    """Runs a command such as `next` or `seek +10`, and describes what plays."""

    def __init__(self, app: Explorer, controllers: "Controllers") -> None:
        self._app = app
        self._controllers = controllers
        self.sound = controllers.sound
        self._commands: dict[str, Callable[[str], object]] = {
            "status": lambda _: None,
            "play": self._play,
            "pause": lambda _: self.pause(),
            "stop": lambda _: self.stop(),
            "next": lambda _: self.next(),
            "previous": lambda _: self.previous(),
            "love": lambda _: self._love(),
            "ban": lambda _: self._ban(),
            "seek": self._seek,
            "volume": self._volume,
            "mute": lambda _: self.sound.mute(),
            "radio": lambda track: self._controllers.steering.radio_from([self._row(track)]),
            "go": lambda track: self._app.go(TrackPlace((self._row(track),))),
            "crate": self._crate,
        }

    def do(self, line: str) -> dict[str, Any]:
        """Run a command with what follows it, and describe how the explorer stands then.

        Raises
        ------
        SegueError
            When there is no such command, or it can't be run now.
        """
        word, _, rest = line.partition(" ")
        command = self._commands.get(word)
        if command is None or (rest and word not in TAKE_VALUES):
            raise SegueError(f"unknown command {line!r}; send one of {', '.join(self._commands)}")
        command(rest.strip())
        return self.status()

    def status(self) -> dict[str, Any]:
        """What plays, and what comes next."""
        app, playing, sound = self._app, self._app.playing, self.sound
        shown: dict[str, Any] | None = None
        if playing is not None:
            info = app.tracks.info(playing.row) if playing.row is not None else None
            shown = {
                "track_id": info.track_id if info else "", "label": playing.label,
                "title": info.title if info else "", "artist": info.artist if info else "",
                "album": info.album if info else "", "link": playing.link, "seconds": round(app.position, 1),
                "duration": playing.duration, "paused": playing.paused, "by": playing.by,
                "loved": playing.row in app.taste.loved,
            }  # fmt: skip
        upcoming = [app.tracks.info(planned.row).label for planned in app.radio.upcoming]
        radio = {"on": app.radio.on, "paused": app.radio.paused, "next": upcoming}
        return {
            "library": app.library.name, "playing": shown, "radio": radio,
            "volume": sound.volume, "muted": sound.muted, "crate": app.crate,
        }  # fmt: skip

    # --- what media keys do, too

    @property
    def paused(self) -> bool:
        """Whether there is something to go on with."""
        playing = self._app.playing
        return playing.paused if playing is not None else self._app.radio.paused

    @property
    def has_sound(self) -> bool:
        """Whether something plays, or waits to."""
        return self._app.playing is not None or self._app.radio.on

    def play(self) -> None:
        """Go on with what was paused."""
        self._require(self.has_sound)
        if self.paused:
            self._controllers.playback.pause()

    def pause(self) -> None:
        """Pause what plays, or go on with it."""
        self._require(self.has_sound)
        self._controllers.playback.pause()

    def stop(self) -> None:
        """Stop what plays and forget what comes."""
        self._require(self.has_sound)
        self._controllers.playback.stop_radio()

    def next(self) -> None:
        """Go to the next track."""
        self._require(self._app.radio.on, "no radio plays")
        self._controllers.playback.skip()

    def previous(self) -> None:
        """Go back a track, or to the beginning of this one."""
        self._require(self._app.radio.on, "no radio plays")
        self._controllers.playback.previous()

    def seek_to(self, seconds: float) -> None:
        """Go to a moment of what plays."""
        self._require(self._app.playing is not None)
        self.sound.seek_to(seconds)

    # --- with what follows the word

    def _play(self, track: str) -> None:
        if not track:
            self.play()
            return
        from segue.core.radio.queue import in_order

        row = self._app.library.catalogue.resolve(track)
        tracks = in_order(self._app.library, [row], self._app.tracks.info(row).label)
        self._controllers.playback.play(lambda queue: queue.fill(tracks, source="segue ctl"))

    def _love(self) -> None:
        if (row := self._row()) not in self._app.taste.loved:
            self._controllers.tastes.love(row)

    def _ban(self) -> None:
        if (row := self._row()) not in self._app.taste.banned:
            self._controllers.tastes.ban(row)

    def _seek(self, text: str) -> None:
        found = _TIME.fullmatch(text)
        if found is None:
            raise SegueError(f"seek {text}: use a time such as 1:30, or +10 or -10 seconds")
        sign, minutes, seconds = found.groups()
        moment = 60 * int(minutes or 0) + float(seconds)
        now = self.sound.position
        self.seek_to(now + moment if sign == "+" else max(now - moment, 0.0) if sign else moment)

    def _volume(self, text: str) -> None:
        found = _PERCENT.fullmatch(text)
        if found is None:
            raise SegueError(f"volume {text}: use a percentage such as 60, or +10 or -10")
        sign, number = found[1], int(found[2]) / 100
        now = self.sound.volume
        self.sound.set_volume(now + number if sign == "+" else now - number if sign else number)

    def _crate(self, name: str) -> None:
        row = self._row()
        if name:
            self._app.crate = name
        self._controllers.crates.add_rows([row])

    def _row(self, track: str = "") -> int:
        """The row of a track; without one, of what plays."""
        if track:
            return self._app.library.catalogue.resolve(track)
        playing = self._app.playing
        if playing is None or playing.row is None:
            raise SegueError(NOTHING)
        return playing.row

    @staticmethod
    def _require(holds: bool, otherwise: str = NOTHING) -> None:
        if not holds:
            raise SegueError(otherwise)


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
