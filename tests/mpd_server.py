"""An MPD on loopback with stored playlists and a queue, and a line to an MPD that is cut."""

import shlex
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class FakeMPD:
    """Understands what Segue sends; a list of commands is carried out at its end, as MPD does."""

    files: list[str]
    playlists: dict[str, list[str]] = field(default_factory=dict)
    queue: list[str] = field(default_factory=list)

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


@contextmanager
def mpd(fake: FakeMPD) -> Iterator[int]:
    """A running server; its port."""

    class Handler(StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            waiting: list[list[str]] | None = None
            self.wfile.write(b"OK MPD 0.23.5\n")
            for line in self.rfile:
                words = shlex.split(line.decode())
                if words == ["command_list_ok_begin"]:
                    waiting = []
                elif words == ["command_list_end"] and waiting is not None:
                    self.answer(waiting, listed=True)
                    waiting = None
                elif waiting is not None:
                    waiting.append(words)
                else:
                    self.answer([words], listed=False)

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
