"""The explorer on a session bus of its own: media keys, metadata, notifications, and no bus at all."""

import asyncio
import gc
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import pytest
from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusDict, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method
from msgspec import structs

from segue.core.library import Library
from segue.tui.model.settings import Settings
from segue.tui.mpris import NAME, NO_TRACK, PATH
from tests.tui.support import Stage, make_stage, press, until

needs_bus = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed")
PLAYER = "org.mpris.MediaPlayer2.Player"


@pytest.fixture
def bus_address() -> Iterator[str]:
    """A session bus that nobody else uses."""
    with subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1", "--address=unix:tmpdir=/tmp"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as daemon:  # fmt: skip
        assert daemon.stdout is not None
        address = daemon.stdout.readline().strip()
        try:
            yield address
        finally:
            daemon.kill()


@asynccontextmanager
async def on_the_bus(
    library: Library, address: str, settings: Settings | None = None
) -> AsyncIterator[tuple[Stage, Any, "Client"]]:
    stage = make_stage(library, settings=settings)
    stage.app.equipment = structs.replace(stage.app.equipment, bus=address)
    bus = await MessageBus(address).connect()
    client = Client(bus)
    async with stage.on_screen() as pilot:
        for _ in range(500):
            if await client.has_owner():
                break
            await pilot.pause(0.02)
        yield stage, pilot, client
    bus.disconnect()


class Client:
    """A desktop that presses media keys and reads along."""

    def __init__(self, bus: MessageBus) -> None:
        self.bus = bus
        self.signals: list[Message] = []
        bus.add_message_handler(self._heard)

    def _heard(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL and message.path == PATH:
            self.signals.append(message)

    async def call(self, interface: str, member: str, signature: str = "", *values: Any) -> Any:  # noqa: ANN401 - D-Bus
        answer = await self.bus.call(
            Message(
                destination=NAME, path=PATH, interface=interface, member=member, signature=signature,
                body=list(values),
            )
        )  # fmt: skip
        assert answer is not None
        assert answer.message_type is MessageType.METHOD_RETURN, answer.body
        return answer.body[0] if answer.body else None

    async def has_owner(self) -> bool:
        answer = await self.bus.call(
            Message(
                destination="org.freedesktop.DBus", path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus", member="NameHasOwner", signature="s", body=[NAME],
            )
        )  # fmt: skip
        assert answer is not None
        return bool(answer.body[0])

    async def listen(self) -> None:
        await self.bus.call(
            Message(
                destination="org.freedesktop.DBus", path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus", member="AddMatch", signature="s",
                body=[f"type='signal',path='{PATH}'"],
            )
        )  # fmt: skip

    async def press(self, key: str, signature: str = "", *values: Any) -> None:  # noqa: ANN401 - D-Bus
        await self.call(PLAYER, key, signature, *values)

    async def get(self, name: str) -> Any:  # noqa: ANN401 - D-Bus
        return (await self.call("org.freedesktop.DBus.Properties", "Get", "ss", PLAYER, name)).value

    async def set(self, name: str, value: Variant) -> None:
        await self.call("org.freedesktop.DBus.Properties", "Set", "ssv", PLAYER, name, value)

    def changed(self, name: str) -> list[Any]:
        """The values of a property that were signalled."""
        bodies = [signal.body for signal in self.signals if signal.member == "PropertiesChanged"]
        return [body[1][name].value for body in bodies if name in body[1]]


@needs_bus
async def test_media_keys_and_metadata(small_library: Library, bus_address: str) -> None:
    async with on_the_bus(small_library, bus_address) as (stage, pilot, client):
        await client.listen()
        assert await client.get("PlaybackStatus") == "Stopped"
        assert (await client.get("Metadata"))["mpris:trackid"].value == NO_TRACK
        for key in ("Next", "Previous", "Play", "Pause", "PlayPause", "Stop"):
            await client.press(key)  # nothing plays: nothing happens
        stage.previews.cover = "https://e-cdns-images.dzcdn.net/images/cover/1/250x250.jpg"
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing is not None)
        first = stage.playing
        assert first is not None
        info = stage.app.tracks.info(first)
        shown = {name: value.value for name, value in (await client.get("Metadata")).items()}
        assert shown == {
            "mpris:trackid": f"/segue/track/{first}", "mpris:length": 30_000_000, "xesam:title": info.title,
            "xesam:artist": [info.artist], "xesam:album": info.album,
            "xesam:url": f"https://www.deezer.com/{info.track_id}", "mpris:artUrl": stage.previews.cover,
        }  # fmt: skip
        assert await client.get("PlaybackStatus") == "Playing"
        await client.press("PlayPause")
        assert await client.get("PlaybackStatus") == "Paused"
        await client.press("Pause")
        assert await client.get("PlaybackStatus") == "Paused", "pausing twice does not go on"
        await client.press("Play")
        assert await client.get("PlaybackStatus") == "Playing"
        await client.press("Seek", "x", 10_000_000)
        assert await client.get("Position") == pytest.approx(10e6, abs=0.05e6)
        await client.press("SetPosition", "ox", f"/segue/track/{first}", 20_000_000)
        assert await client.get("Position") == pytest.approx(20e6, abs=0.05e6)
        await client.press("SetPosition", "ox", "/segue/track/999", 1_000_000)
        assert await client.get("Position") == pytest.approx(20e6, abs=0.05e6), "of another track"
        await client.set("Volume", Variant("d", 0.25))
        assert stage.app.controllers.sound.volume == 0.25
        await client.press("Next")
        await until(pilot, lambda: stage.playing not in {None, first})
        await client.press("Previous")
        await until(pilot, lambda: stage.playing == first)
        await client.press("Stop")
        await until(pilot, lambda: stage.playing is None)
        await until(pilot, lambda: "Stopped" in client.changed("PlaybackStatus"))
        assert {"Playing", "Paused", "Stopped"} <= set(client.changed("PlaybackStatus"))
        titles = [
            found["xesam:title"].value for found in client.changed("Metadata") if "xesam:title" in found
        ]
        assert titles[0] == info.title
        assert [signal for signal in client.signals if signal.member == "Seeked"]
        assert 0.25 in client.changed("Volume")


class Notifications(ServiceInterface):
    """A desktop's notifications."""

    def __init__(self) -> None:
        super().__init__("org.freedesktop.Notifications")
        self.shown: list[tuple[int, str, str]] = []

    @dbus_method()
    def Notify(  # noqa: N802, PLR0917 - the specification's
        self,
        app: DBusStr,  # noqa: ARG002 - the interface
        replaces: DBusUInt32,
        icon: DBusStr,  # noqa: ARG002 - the interface
        summary: DBusStr,
        body: DBusStr,
        actions: Annotated[list[str], DBusSignature("as")],  # noqa: ARG002 - the interface
        hints: DBusDict,  # noqa: ARG002 - the interface
        timeout: DBusInt32,  # noqa: ARG002 - the interface
    ) -> DBusUInt32:
        self.shown.append((replaces, summary, body))
        return 77


@needs_bus
@pytest.mark.parametrize("asked", [True, False])
async def test_a_notification_a_track_takes_the_place_of_the_last_where_it_is_asked_for(
    small_library: Library, bus_address: str, asked: bool
) -> None:
    desktop, served = Notifications(), await MessageBus(bus_address).connect()
    served.export("/org/freedesktop/Notifications", desktop)
    await served.request_name("org.freedesktop.Notifications")
    settings = Settings(notify=asked)
    async with on_the_bus(small_library, bus_address, settings) as (stage, pilot, client):
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing is not None)
        first = stage.playing
        if asked:
            await until(pilot, lambda: len(desktop.shown) == 1)
        await client.press("Next")
        await until(pilot, lambda: stage.playing not in {None, first})
        if asked:
            await until(pilot, lambda: len(desktop.shown) == 2)
            assert [replaces for replaces, _, _ in desktop.shown] == [0, 77]
        else:
            await client.press("PlayPause")
            assert desktop.shown == []
    served.disconnect()


@needs_bus
async def test_a_second_explorer_has_a_name_of_its_own(small_library: Library, bus_address: str) -> None:
    async with on_the_bus(small_library, bus_address) as (_, _, client):
        second = make_stage(small_library)
        second.app.equipment = structs.replace(second.app.equipment, bus=bus_address)
        async with second.app.run_test(size=(100, 30)) as pilot:
            for _ in range(500):
                answer = await client.bus.call(
                    Message(
                        destination="org.freedesktop.DBus", path="/org/freedesktop/DBus",
                        interface="org.freedesktop.DBus", member="ListNames",
                    )
                )  # fmt: skip
                assert answer is not None
                if f"{NAME}.instance{os.getpid()}" in answer.body[0]:
                    break
                await pilot.pause(0.02)
            else:
                pytest.fail("it has no name")


@pytest.mark.parametrize("address", ["unix:path=/nonexistent/bus", "nonsense", "tcp:host=127.0.0.1,port=9"])
async def test_without_a_bus_music_plays_and_nothing_is_said(
    small_library: Library, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = make_stage(small_library)
    stage.app.equipment = structs.replace(stage.app.equipment, bus=address)
    async with stage.on_screen() as pilot:
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing is not None)
    assert stage.toasts == [] or not any("bus" in printed.lower() for printed in stage.toasts)
    assert capsys.readouterr().err == ""


@needs_bus
async def test_a_bus_that_goes_away_takes_nothing_with_it(
    small_library: Library, bus_address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async with on_the_bus(small_library, bus_address) as (stage, pilot, client):
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing is not None)
        first = stage.playing
        pid = await client.bus.call(
            Message(
                destination="org.freedesktop.DBus", path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus", member="GetConnectionUnixProcessID", signature="s",
                body=["org.freedesktop.DBus"],
            )
        )  # fmt: skip
        assert pid is not None
        os.kill(pid.body[0], 9)
        with pytest.raises((EOFError, OSError)):
            await asyncio.wait_for(client.bus.wait_for_disconnect(), 20)  # type: ignore[no-untyped-call]  # untyped
        await press(pilot, "n")
        await until(pilot, lambda: stage.playing not in {None, first})
    gc.collect()
    assert capfd.readouterr().err == ""


@needs_bus
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("playerctl") is None, reason="playerctl is not installed")
async def test_playerctl_drives_it(small_library: Library, bus_address: str) -> None:
    async def playerctl(*words: str) -> str:
        process = await asyncio.create_subprocess_exec(
            "playerctl", "--player=segue", *words,
            env=os.environ | {"DBUS_SESSION_BUS_ADDRESS": bus_address}, stdout=subprocess.PIPE,
        )  # fmt: skip
        out, _ = await asyncio.wait_for(process.communicate(), 30)
        return out.decode().strip()

    async with on_the_bus(small_library, bus_address) as (stage, pilot, _):
        await press(pilot, "r")
        await until(pilot, lambda: stage.playing is not None)
        first = stage.playing
        assert first is not None
        assert await playerctl("status") == "Playing"
        assert await playerctl("metadata", "title") == stage.app.tracks.info(first).title
        await playerctl("pause")
        assert await playerctl("status") == "Paused"
        await playerctl("play")
        assert await playerctl("status") == "Playing"
        await playerctl("position", "12")
        assert float(await playerctl("position")) == pytest.approx(12, abs=0.05)
        await playerctl("volume", "0.5")
        assert stage.app.controllers.sound.volume == 0.5
        await playerctl("next")
        await until(pilot, lambda: stage.playing not in {None, first})
        await playerctl("previous")
        await until(pilot, lambda: stage.playing == first)
        await playerctl("stop")
        await until(pilot, lambda: stage.playing is None)


def test_the_start_without_a_bus_imports_nothing_of_it(small_library: Library) -> None:
    root = Path(__file__).parents[2]
    code = f"""
import asyncio, sys
sys.path.insert(0, {str(root)!r})
from segue.core.library import Library
from tests.tui.support import make_stage, settle
async def main():
    async with make_stage(Library.open({str(small_library.path)!r})).app.run_test() as pilot:
        await settle(pilot)
        print("dbus_fast" in sys.modules)
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "False"
