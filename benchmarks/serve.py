"""Requests a second of `segue serve`: `python -m benchmarks.serve [--quick]`.

Similar tracks at 123,000 tracks (vectors at random), asked over connections that are kept: each song for the
first time, then songs that were asked before. The peer is a bare uvicorn that answers the same call with the
same bytes, in the same run. The one who asks is a process of its own on the same machine.
"""

import argparse
import asyncio
import json
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
    size, count = (5_000, 400) if args.quick else (TRACKS, 10_000)
    with tempfile.TemporaryDirectory() as folder:
        library = made(Path(folder), size)
        answers = Answers(library)
        port = started(App(answers, "benchmark"))
        sample = answers.answer("/api/similar_tracks", {"item_id": "track_0", "n": "10"})
        bare = started(Bare(sample))
        print(
            f"{describe_machine()}; {size:,} tracks; answers of {len(sample):,} bytes; "
            f"{CONNECTIONS} connections"
        )
        print("| | requests a second | median ms | 95 % within ms |\n|---|--:|--:|--:|")
        report("for the first time", asked(port, 0, 400))
        asked(port, 0, 400)
        rate, p95 = report("asked before", asked(port, 0, count))
        peer, _ = report("a bare server", asked(bare, 0, count))
        met = rate >= WANTED and p95 <= BUDGET
        print(f"asked before: {rate / peer:.2f} of the bare server; goal {WANTED}/s and {BUDGET:g} ms: {met}")


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


def asked(port: int, first: int, count: int) -> list[float]:
    """Ask from another process: the seconds that each answer took, and the whole run as the last."""
    call = [sys.executable, "-m", "benchmarks.serve", "--asking", str(port), str(first), str(count)]
    done = subprocess.run(call, capture_output=True, check=True, text=True)
    return list(map(float, json.loads(done.stdout)))


async def ask_all(port: int, first: int, count: int) -> list[float]:
    """Ask for 400 songs in turn over several connections."""
    numbers = iter(range(first, first + count))
    seconds: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            start = time.perf_counter()
            path = f"/api/similar_tracks?item_id=track_{number % 400}&n=10"
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


def report(name: str, measured: list[float]) -> tuple[float, float]:
    """Print a line; requests a second, and the milliseconds within which 95 % were answered."""
    *seconds, whole = measured
    median, p95 = (float(each) * 1000 for each in np.quantile(seconds, [0.5, 0.95]))
    rate = len(seconds) / whole
    print(f"| {name} | {rate:,.0f} | {median:.2f} | {p95:.2f} |")
    return rate, p95


if __name__ == "__main__":
    main()
