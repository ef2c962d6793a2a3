"""Media keys, the desktop's player controls and its notifications, over D-Bus (MPRIS 2.2).

Imported after the first frame, and only where there is a session bus and dbus-fast is installed (the extra
`desktop`). Specification: https://specifications.freedesktop.org/mpris-spec/latest/.
"""

# ruff: noqa: N802 - methods bear the names that MPRIS gives them

import asyncio
import html
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dbus_fast import Message, MessageType, PropertyAccess, RequestNameReply, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusDict, DBusDouble, DBusInt64, DBusObjectPath, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from segue.core.errors import SegueError
from segue.core.log import logger
from segue.tui.control import Control

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from segue.tui.context import Explorer

NAME = "org.mpris.MediaPlayer2.segue"
PATH = "/org/mpris/MediaPlayer2"
NO_TRACK = f"{PATH}/TrackList/NoTrack"
PATIENCE = 5.0
"""Seconds in which the bus has to answer."""
JUMP = 1.5
"""Seconds by which the position differs from what was expected after a seek."""
SHOWN = 6_000
"""Milliseconds that a notification stays."""


def _property(name: str, signature: str, read: "Callable[[Any], object]") -> Any:  # noqa: ANN401 - of dbus-fast
    """Declare a property of an interface that can be read: `read` gets the interface."""

    def value(interface: ServiceInterface) -> Any:  # noqa: ANN401 - what `signature` says
        return read(interface)

    value.__name__ = name  # by which dbus-fast reads it from the interface
    value.__annotations__["return"] = signature
    return dbus_property(access=PropertyAccess.READ, name=name)(value)


def _key(name: str, press: "Callable[[Control], object]") -> Any:  # noqa: ANN401 - of dbus-fast
    """Declare a method that does what a key asks."""

    def method(player: "Player") -> None:
        _try(lambda: press(player.control))

    return dbus_method(name=name)(method)


class Root(ServiceInterface):
    """Who plays: nothing is opened by address or by kind."""

    def __init__(self, leave: "Callable[[], object]") -> None:
        super().__init__("org.mpris.MediaPlayer2")
        self._leave = leave

    @dbus_method()
    def Raise(self) -> None:
        """A terminal can't be raised."""

    @dbus_method()
    def Quit(self) -> None:
        """Leave the explorer."""
        self._leave()

    CanQuit = _property("CanQuit", "b", lambda _: True)
    CanRaise = _property("CanRaise", "b", lambda _: False)
    HasTrackList = _property("HasTrackList", "b", lambda _: False)
    Identity = _property("Identity", "s", lambda _: "Segue")
    SupportedUriSchemes = _property("SupportedUriSchemes", "as", lambda _: [])
    SupportedMimeTypes = _property("SupportedMimeTypes", "as", lambda _: [])


class Player(ServiceInterface):
    """What plays, and the keys that act on it."""

    def __init__(self, app: "Explorer", control: Control) -> None:
        super().__init__("org.mpris.MediaPlayer2.Player")
        self.app = app
        self.control = control
        self._sent: dict[str, Any] = {}
        self._expected = 0.0, 0.0

    Next = _key("Next", Control.next)
    Previous = _key("Previous", Control.previous)
    PlayPause = _key("PlayPause", Control.pause)
    Stop = _key("Stop", Control.stop)
    Play = _key("Play", Control.play)

    @dbus_method()
    def Pause(self) -> None:
        """Pause, and stay paused."""
        if not self.control.paused:
            _try(self.control.pause)

    @dbus_method()
    def Seek(self, offset: DBusInt64) -> None:
        """Go so many microseconds ahead."""
        to = self.control.sound.position + offset / 1e6
        playing = self.app.playing
        if playing is not None and to >= playing.duration:
            _try(self.control.next)
        else:
            _try(lambda: self.control.seek_to(max(to, 0.0)))

    @dbus_method()
    def SetPosition(self, track: DBusObjectPath, position: DBusInt64) -> None:
        """Go to a moment, unless another track plays by now."""
        playing = self.app.playing
        if playing is not None and track == self._track_path() and 0 <= position / 1e6 <= playing.duration:
            _try(lambda: self.control.seek_to(position / 1e6))

    @dbus_method()
    def OpenUri(self, uri: DBusStr) -> None:
        """Nothing is opened by address."""

    @dbus_signal()
    def Seeked(self, position: DBusInt64) -> DBusInt64:
        """The position has jumped."""
        return position

    @dbus_property(access=PropertyAccess.READ)
    def PlaybackStatus(self) -> DBusStr:
        """Playing, paused or stopped."""
        if not self.control.has_sound:
            return "Stopped"
        return "Paused" if self.control.paused else "Playing"

    @dbus_property(access=PropertyAccess.READ)
    def Metadata(self) -> DBusDict:
        """The track, its artist, its length, its cover where that has an address, and its page."""
        playing = self.app.playing
        if playing is None:
            return {"mpris:trackid": Variant("o", NO_TRACK)}
        info = self.app.tracks.info(playing.row) if playing.row is not None else None
        found = {
            "mpris:trackid": Variant("o", self._track_path()),
            "mpris:length": Variant("x", round(playing.duration * 1e6)),
            "xesam:title": Variant("s", _text(info.title if info and info.title else playing.label)),
        }
        if info is not None and info.artist:
            found["xesam:artist"] = Variant("as", [_text(info.artist)])
        if info is not None and info.album:
            found["xesam:album"] = Variant("s", _text(info.album))
        if playing.cover.startswith("https://"):
            found["mpris:artUrl"] = Variant("s", _text(playing.cover))
        if playing.link:
            found["xesam:url"] = Variant("s", _text(playing.link))
        return found

    @dbus_property()
    def Volume(self) -> DBusDouble:
        """Between 0 and 1."""
        return self.control.sound.volume

    @Volume.setter
    def _set_volume(self, volume: DBusDouble) -> None:
        _try(lambda: self.control.sound.set_volume(volume))

    @dbus_property(access=PropertyAccess.READ)
    def Position(self) -> DBusInt64:
        """Microseconds into what plays."""
        return round(self.control.sound.position * 1e6)

    Rate = _property("Rate", "d", lambda _: 1.0)
    MinimumRate = _property("MinimumRate", "d", lambda _: 1.0)
    MaximumRate = _property("MaximumRate", "d", lambda _: 1.0)
    CanGoNext = _property("CanGoNext", "b", lambda player: player.app.radio.on)
    CanGoPrevious = _property("CanGoPrevious", "b", lambda player: player.app.radio.on)
    CanPlay = _property("CanPlay", "b", lambda player: player.control.has_sound)
    CanPause = _property("CanPause", "b", lambda player: player.control.has_sound)
    CanSeek = _property("CanSeek", "b", lambda player: player.app.playing is not None)
    CanControl = _property("CanControl", "b", lambda _: True)

    def tell(self) -> None:
        """Signal what has changed."""
        now = {
            "PlaybackStatus": self.PlaybackStatus, "Metadata": self.Metadata, "Volume": self.Volume,
            "CanGoNext": self.CanGoNext, "CanGoPrevious": self.CanGoPrevious, "CanPlay": self.CanPlay,
            "CanPause": self.CanPause, "CanSeek": self.CanSeek,
        }  # fmt: skip
        changed = {name: value for name, value in now.items() if self._sent.get(name) != value}
        self._sent = now
        if "Metadata" in changed:
            self._expected = time.monotonic(), self.control.sound.position
        if changed:
            self.emit_properties_changed(changed)

    def tell_position(self) -> None:
        """Signal a jump of the position, and a change of the volume."""
        position, now = self.control.sound.position, time.monotonic()
        since, before = self._expected
        moving = 0.0 if self.control.paused else now - since
        self._expected = now, position
        if self.app.playing is not None and not -JUMP < position - before - moving < JUMP:
            self.Seeked(round(position * 1e6))
        self.tell()

    def _track_path(self) -> str:
        playing = self.app.playing
        row = playing.row if playing is not None else None
        return NO_TRACK if row is None else f"/segue/track/{row}"


class Desktop:
    """The explorer's place on the session bus."""

    def __init__(self, app: "Explorer", control: Control) -> None:
        self._app = app
        self._player = Player(app, control)
        self._bus: MessageBus | None = None
        self._notification = 0
        """The number of the notification that the next one replaces."""
        self._shown: int | None = None
        self._telling: set[asyncio.Task[None]] = set()

    async def join(self, address: str) -> None:
        """Join a bus; where that fails there is nothing to say."""
        try:
            self._bus = bus = await asyncio.wait_for(MessageBus(address).connect(), PATIENCE)
            bus.export(PATH, Root(self._app.leave))
            bus.export(PATH, self._player)
            if await bus.request_name(NAME) not in {
                RequestNameReply.PRIMARY_OWNER,
                RequestNameReply.ALREADY_OWNER,
            }:
                await bus.request_name(f"{NAME}.instance{os.getpid()}")
        except Exception as error:  # noqa: BLE001 - a bus may fail in any way, and music plays without one
            logger.info("no media keys: %s", error)
            self.close()
            return
        self._do(self._until_lost(bus))
        for name in ("playing", "radio"):
            self._app.watch(self._app, name, self._changed, init=False)
        self._app.watch(self._app, "position", self._moved, init=False)
        self._changed()

    def close(self) -> None:
        """Leave the bus."""
        bus, self._bus = self._bus, None
        if bus is not None:
            with suppress(Exception):
                bus.disconnect()

    def _do(self, work: "Coroutine[None, None, None]") -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    @staticmethod
    async def _until_lost(bus: MessageBus) -> None:
        """Take note of a bus that goes away, so that asyncio does not write about it to the terminal."""
        with suppress(Exception):
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # untyped

    def _changed(self) -> None:
        if self._bus is None or not self._bus.connected:
            return
        self._player.tell()
        playing = self._app.playing
        row = playing.row if playing is not None else None
        if row is not None and row != self._shown and self._app.settings.notify:
            self._do(self._notify(row))
        self._shown = row if row is not None else self._shown

    def _moved(self) -> None:
        if self._bus is not None and self._bus.connected:
            self._player.tell_position()

    async def _notify(self, row: int) -> None:
        """Show a track; it takes the place of the one shown before."""
        info = self._app.tracks.info(row)
        body = html.escape(_text(" · ".join(filter(None, (info.artist, info.album)))), quote=False)
        values = [
            "Segue", self._notification, "", _text(info.title or info.track_id), body, [],
            {"transient": Variant("b", True)}, SHOWN,
        ]  # fmt: skip
        message = Message(
            destination="org.freedesktop.Notifications", path="/org/freedesktop/Notifications",
            interface="org.freedesktop.Notifications", member="Notify", signature="susssasa{sv}i",
            body=values,
        )  # fmt: skip
        bus = self._bus
        try:
            answer = await asyncio.wait_for(bus.call(message), PATIENCE) if bus is not None else None
        except Exception as error:  # noqa: BLE001 - as above
            logger.info("no notification: %s", error)
            return
        if answer is not None and answer.message_type is MessageType.METHOD_RETURN and answer.body:
            self._notification = int(answer.body[0])


def _text(text: str) -> str:
    """A text as the bus takes it: one line without control characters."""
    from segue.core.text import printable

    return printable(text)[:500]


def _try(action: "Callable[[], object]") -> None:
    """Do what a key asks; where it can't be done now, a key press does nothing."""
    with suppress(SegueError):
        action()
