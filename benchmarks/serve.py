"""Requests a second of `segue serve`: `python -m benchmarks.serve [--quick]`.

Similar tracks at 123,000 tracks (vectors at random), asked over connections that are kept: songs whose list
of neighbours is not worked out yet, songs whose list is, each asked for the first time, and songs that were
asked before. The peer is a bare uvicorn that answers the same call with the same bytes, in the same run. The
one who asks is a process of its own on the same machine.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from benchmarks.machine import describe_machine
from segue.core.cli import main as segue
from segue.core.cli.links import listening
from segue.core.library import Library
from segue.core.serve.answers import Answers
from segue.core.serve.app import App, Message, Receive, Scope, Send, run_server

TRACKS = 123_000
CONNECTIONS = 4
ROUNDS = 5
WANTED, BUDGET = 1_000, 10.0
"""Requests a second, and milliseconds within which 95 % must be answered."""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer requests at 5,000 tracks")
    parser.add_argument("--asking", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.asking:
        port, first, count = map(int, args.asking)
        print(json.dumps(asyncio.run(ask_all(port, first, count))))
        return
    size, count = (5_000, 200) if args.quick else (TRACKS, 1_000)
    with tempfile.TemporaryDirectory() as folder:
        library = made(Path(folder), size)
        answers = Answers(library)
        port = started(App(answers, "benchmark"))
        bare = started(Bare(answers.answer("/api/similar_tracks", {"item_id": "track_0", "n": "10"})))
        begun, before = time.process_time(), answers.lists.done
        answers.lists.start()
        while answers.lists.done < before + 512:
            time.sleep(0.1)
        a_list = (time.process_time() - begun) / (answers.lists.done - before) * 1000
        fresh = Measured("first answers, without a list")
        fresh.ask(port, size - 200, 200)
        while answers.lists.done < min(ROUNDS * count + 1_000, size):
            time.sleep(0.1)
        answers.lists.close()
        listed, again, peer = map(Measured, ("first answers", "repeated answers", "a bare server"))
        for start in range(0, ROUNDS * count, count):  # in turn, since the machine's load changes
            listed.ask(port, start, count)
            again.ask(port, start, count)
            peer.ask(bare, start, count)
        load = os.getloadavg()[0]
        print(f"{describe_machine()}; load {load:.0f}; {size:,} tracks; {CONNECTIONS} connections")
        print(
            f"a list of neighbours: {a_list:.1f} ms of processor time, {a_list * size / 1000:.0f} s for all"
        )
        print("| | requests a second | median ms | 95 % within ms | processor ms a request |")
        print("|---|--:|--:|--:|--:|")
        for each in (fresh, listed, again, peer):
            print(each)
        for each in (listed, again):
            met = each.rate >= WANTED and each.within(0.95) <= BUDGET
            print(
                f"{each.name}: {each.rate / peer.rate:.2f} of the bare server's rate, "
                f"{each.processor / peer.processor:.1f} times its processor time; "
                f"goal of {WANTED:,}/s and {BUDGET:g} ms: {met}"
            )


class Measured:
    """What some requests took. The processor time is this process', in which the servers run."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._seconds: list[float] = []
        self._whole = self._processor = 0.0

    def ask(self, port: int, first: int, count: int) -> None:
        """Ask for some songs from another process."""
        call = [sys.executable, "-m", "benchmarks.serve", "--asking", str(port), str(first), str(count)]
        begun = time.process_time()
        done = subprocess.run(call, capture_output=True, check=True, text=True)
        self._processor += time.process_time() - begun
        *seconds, whole = map(float, json.loads(done.stdout))
        self._seconds += seconds
        self._whole += whole

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self._seconds) / self._whole

    @property
    def processor(self) -> float:
        """Milliseconds of processor time a request."""
        return self._processor / len(self._seconds) * 1000

    def within(self, share: float) -> float:
        """Milliseconds within which a share was answered."""
        return float(np.quantile(self._seconds, share)) * 1000

    def __str__(self) -> str:
        shares = f"{self.within(0.5):.2f} | {self.within(0.95):.2f}"
        return f"| {self.name} | {self.rate:,.0f} | {shares} | {self.processor:.2f} |"


class Bare:
    """Answers everything with the same bytes."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._headers = [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI
        """See the ASGI specification."""
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        message: Message = {"type": "http.response.body", "body": self._body}
        await send(message)


def made(folder: Path, size: int) -> Library:
    """A library of random vectors with titles."""
    rng = np.random.default_rng(0)
    with (folder / "vectors.txt").open("w") as file:
        file.write(f"{size} 100\n")
        for row, vector in enumerate(rng.standard_normal((size, 100)).astype(np.float32)):
            file.write(f"track_{row} " + " ".join(f"{x:.3f}" for x in vector) + "\n")
    path = folder / "library"
    if segue(["import-vectors", str(folder / "vectors.txt"), "--name", str(path)]):
        raise SystemExit(1)
    return Library.open(path)


def started(app: App | Bare) -> int:
    """A server in a thread; its port."""
    here = listening("127.0.0.1", 0)
    threading.Thread(target=run_server, args=(app, here), daemon=True).start()
    time.sleep(1)
    return int(here.getsockname()[1])


async def ask_all(port: int, first: int, count: int) -> list[float]:
    """Ask for some songs over several connections: the seconds of each answer, and of all as the last."""
    numbers = iter(range(first, first + count))
    seconds: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            start = time.perf_counter()
            path = f"/api/similar_tracks?item_id=track_{number}&n=10"
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer benchmark\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise SystemExit(head.decode())
            length = head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0]
            await reader.readexactly(int(length))
            seconds.append(time.perf_counter() - start)
        writer.close()

    start = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return [*seconds, time.perf_counter() - start]


if __name__ == "__main__":
    main()
