"""An MPD on loopback with stored playlists and a queue, and a line to an MPD that is cut."""

import select
import shlex
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer
from time import monotonic, sleep


@dataclass
class FakeMPD:
    """Understands what Segue sends; a list of commands is carried out at its end, as MPD does."""

    files: list[str]
    playlists: dict[str, list[str]] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)
    changes: int = 0
    """Rises with what an idle client is notified of."""

    def run(self, words: list[str]) -> list[str]:
        """The lines of an answer; a `KeyError` is refused as `No such playlist or file`."""
        match words:
            case ["listallinfo"]:
                return [f"file: {name}" for name in self.files]
            case ["listplaylists"]:
                return [f"playlist: {name}" for name in self.playlists]
            case ["playlistadd", name, path]:
                self.playlists.setdefault(name, []).append(self.known(path))
            case ["rename", old, new]:
                if new in self.playlists:
                    raise KeyError(new)
                self.playlists[new] = self.playlists.pop(old)
            case ["rm", name]:
                del self.playlists[name]
            case ["load", name]:
                self.queue += self.playlists[name]
        return []

    def known(self, path: str) -> str:
        if path not in self.files:
            raise KeyError(path)
        return path


SECONDS = 100.0


@dataclass
class FakePlayer(FakeMPD):
    """An MPD that plays: its time stands still unless a test lets it pass. Every file lasts 100 seconds."""

    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Title and artist by path."""
    ids: list[int] = field(default_factory=list)
    """The id of each entry of the queue."""
    current: int | None = None
    state: str = "stop"
    elapsed: float = 0.0
    volume: int = 60
    looks: int = 0
    """How often a client asked for the state."""
    last: int = 0

    def run(self, words: list[str]) -> list[str]:  # noqa: C901, PLR0911 - one case a command
        match words:
            case ["listallinfo"]:
                return [line for path in self.files for line in self._tags(path)]
            case ["status"]:
                self.looks += 1
                return self._status()
            case ["currentsong"]:
                return [] if self.current is None else self._entry(self.current)
            case ["playlistid", number]:
                return self._entry(int(number))
            case ["addid", path, place]:
                self.last += 1
                self.queue.insert(int(place), self.known(path))
                self.ids.insert(int(place), self.last)
                return [f"Id: {self.last}"]
            case ["deleteid", number]:
                at = self.ids.index(int(number)) if int(number) in self.ids else -1
                del self.ids[at], self.queue[at]
                self.current = None if self.current == int(number) else self.current
            case ["playid", number]:
                self.current, self.state, self.elapsed = int(number), "play", 0.0
            case ["seekid", number, seconds]:
                self.current, self.state, self.elapsed = int(number), "play", float(seconds)
            case ["pause", paused]:
                self.state = "pause" if paused == "1" else "play"
            case ["stop"]:
                self.state = "stop"
            case ["setvol", volume]:
                self.volume = int(volume)
            case _:
                return super().run(words)
        self.changes += 1
        return []

    def _tags(self, path: str) -> list[str]:
        title, artist = self.names.get(path, ("", ""))
        return [f"file: {path}", f"Title: {title}", f"Artist: {artist}"]

    def _entry(self, number: int) -> list[str]:
        if number not in self.ids:
            raise KeyError(number)
        at = self.ids.index(number)
        return [f"file: {self.queue[at]}", f"Pos: {at}", f"Id: {number}"]

    def _status(self) -> list[str]:
        lines = [f"volume: {self.volume}", f"state: {self.state}", f"playlistlength: {len(self.ids)}"]
        if self.current is not None:
            lines += [f"song: {self.ids.index(self.current)}", f"songid: {self.current}"]
        if self.state != "stop":
            lines += [f"elapsed: {self.elapsed}", f"duration: {SECONDS}"]
        return lines

    # what other clients and time do

    def put(self, *paths: str) -> None:
        """Put the listener's own songs into the queue, and play the first."""
        for path in paths:
            self.last += 1
            self.queue.append(path)
            self.ids.append(self.last)
        self.current, self.state = self.ids[0], "play"

    def do(self, **changed: object) -> None:
        """Change something, and tell."""
        for name, value in changed.items():
            setattr(self, name, value)
        self.changes += 1

    def step(self, steps: int) -> None:
        """Go so many songs on, or back."""
        at = self.ids.index(self.current) + steps if self.current is not None else len(self.ids)
        there = 0 <= at < len(self.ids)
        self.do(current=self.ids[at] if there else None, state="play" if there else "stop", elapsed=0.0)

    def pass_to(self, seconds: float) -> None:
        """Let time pass up to a moment of the song, and a client see that."""
        looks = self.looks
        self.do(elapsed=seconds)
        until = monotonic() + 10
        while self.looks == looks and monotonic() < until:
            sleep(0.002)

    def play_out(self) -> None:
        """Let the song end; MPD goes on to the next."""
        self.pass_to(SECONDS - 0.5)
        self.step(1)

    @property
    def at(self) -> str:
        """The file of the current song."""
        return "" if self.current is None else self.queue[self.ids.index(self.current)]


@contextmanager
def mpd(fake: FakeMPD) -> Iterator[int]:  # noqa: C901 - it counts the handler's methods
    """A running server; its port."""

    class Handler(StreamRequestHandler):
        disable_nagle_algorithm = True
        rbufsize = 0  # what is not read yet can be selected
        seen = fake.changes

        def handle(self) -> None:
            waiting: list[list[str]] | None = None
            self.wfile.write(b"OK MPD 0.23.5\n")
            for line in self.rfile:
                words = shlex.split(line.decode())
                if words[0] == "idle":
                    self.idle()
                elif words == ["noidle"]:
                    pass  # it crossed the news
                elif words == ["command_list_ok_begin"]:
                    waiting = []
                elif words == ["command_list_end"] and waiting is not None:
                    self.answer(waiting, listed=True)
                    waiting = None
                elif waiting is not None:
                    waiting.append(words)
                else:
                    self.answer([words], listed=False)

        def idle(self) -> None:
            while fake.changes == self.seen:
                if select.select([self.connection], [], [], 0.005)[0]:
                    self.rfile.readline()
                    break
            self.wfile.write(b"changed: player\nOK\n" if fake.changes != self.seen else b"OK\n")
            self.seen = fake.changes

        def answer(self, commands: list[list[str]], *, listed: bool) -> None:
            for number, words in enumerate(commands):
                try:
                    lines = [*fake.run(words), *["list_OK"] * listed]
                except KeyError:
                    self.wfile.write(f"ACK [50@{number}] {{{words[0]}}} No such playlist or file\n".encode())
                    return
                self.wfile.write("".join(f"{line}\n" for line in lines).encode())
            self.wfile.write(b"OK\n")

    with served(Handler) as port:
        yield port


@contextmanager
def cut_after(port: int, lines: int) -> Iterator[int]:
    """A line to a server that passes on so many lines of the client's, and then breaks off; its port."""

    class Handler(StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as there:
                there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self.back, args=(there,), daemon=True).start()
                for _ in range(lines):
                    there.sendall(self.rfile.readline())
                self.rfile.readline()  # one more is asked and never arrives
            self.connection.shutdown(socket.SHUT_RDWR)

        def back(self, there: socket.socket) -> None:
            with suppress(OSError):
                while data := there.recv(65_536):
                    self.wfile.write(data)

    with served(Handler) as at:
        yield at


@contextmanager
def served(handler: type[StreamRequestHandler]) -> Iterator[int]:
    """A server of one kind of connection; its port."""

    class Server(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # the client went away

    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:  # else it goes on asking a closed socket, on a whole processor
            server.shutdown()
