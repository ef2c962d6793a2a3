"""Batches of text to batches of numbers, in this process or in several."""

import multiprocessing
import os
import queue
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from segue.core.corpus.keys import Keys, KeyTable, keys_of
from segue.core.corpus.readers.batch import Batch, Said, Source, clean
from segue.core.corpus.readers.reading import FORMATS, first_positions, said_of
from segue.core.corpus.spool import joined
from segue.core.errors import SegueError

AHEAD = 1 << 26
"""Bytes of the next file that are fetched while this one is parsed."""

Part = tuple[str, Source]
"""A file and the name of its format."""


@dataclass(frozen=True)
class Coded:
    """A batch whose tracks are numbers; texts only of the tracks that this encoder had not seen."""

    numbers: npt.NDArray[np.int32]
    """int32 (n_positions,): the encoder's number of the track at each position."""
    lengths: npt.NDArray[np.int32]
    new_at: npt.NDArray[np.int64]
    """int64 (m,): where each of the m new tracks comes first, in order of their numbers."""
    new_keys: Keys
    """uint64 (m, 2)"""
    new_ids: bytes
    """A line for each new track, with its line end."""
    new_artists: bytes
    new_metadata: bytes
    """Each line is a JSON object, or empty where nothing is known."""
    read: int
    """Bytes of the file read since the last batch."""


@dataclass(frozen=True)
class End:
    """A file has been read to its end."""

    skipped: Counter[str]
    read: int


class Encoder:
    """Numbers the tracks of files in order of appearance."""

    def __init__(self) -> None:
        self._table = KeyTable()

    def encode(self, part: Part) -> Iterator[Coded | End]:
        """Read one file."""
        format_name, source = part
        so_far = 0
        for batch in FORMATS[format_name](source):
            read, so_far = source.meter.read() - so_far, source.meter.read()
            yield self._coded(batch, source, read)
        yield End(source.skipped, source.size - so_far)

    def _coded(self, raw: Batch, source: Source, read: int) -> Coded:
        batch = clean(raw, source)
        keys, known = keys_of(batch.track_ids), len(self._table)
        numbers = self._table.numbers(keys)
        first = first_positions(numbers, known)
        said = [said_of(batch, at) for at in first]
        return Coded(
            numbers=numbers,
            lengths=np.asarray(batch.lengths, np.int32),
            new_at=np.array(first, np.int64),
            new_keys=keys[first],
            new_ids=joined(batch.track_ids[at] for at in first),
            new_artists=joined(artist for artist, _ in said),
            new_metadata=b"\n".join([*(_metadata(track) for _, track in said), b""]),
            read=read,
        )


def _metadata(said: Said | None) -> bytes:
    if said is None or not (said.title or said.artist):
        return b""
    return _to_json(said if said.duration else msgspec.structs.replace(said, duration=None))


_to_json = msgspec.json.Encoder().encode


def encode_all(parts: Sequence[Part], processes: int) -> Iterator[tuple[int, Coded | End]]:
    """Encode files with several encoders; the results come in the order of the files.

    Yields
    ------
    encoder : int
        Which encoder's numbers the batch speaks in.
    result : Coded or End
        A batch, or the end of a file.
    """
    processes = min(processes, len(parts))
    if processes <= 1:
        encoder = Encoder()
        for part in parts:
            for result in encoder.encode(part):
                yield 0, result
        return
    workers = [_Worker(parts[number::processes]) for number in range(processes)]
    try:
        for number in range(len(parts)):
            for result in workers[number % processes].results():
                yield number % processes, result
    finally:
        for worker in workers:
            worker.stop()


class _Worker:
    """A process that encodes its share of the files, two batches ahead at most."""

    def __init__(self, parts: Sequence[Part]) -> None:
        context = multiprocessing.get_context("spawn")  # forking a process that has threads can hang
        self._connection, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(theirs, list(parts)), daemon=True)
        self._process.start()
        theirs.close()
        self._ready: queue.Queue[Coded | End | SegueError] = queue.Queue(maxsize=2)
        self._stopped = threading.Event()
        threading.Thread(target=self._receive, daemon=True).start()

    def results(self) -> Iterator[Coded | End]:
        """The batches of the next file and its end."""
        while True:
            result = self._ready.get()
            if isinstance(result, SegueError):
                raise result
            yield result
            if isinstance(result, End):
                return

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._stopped.set()
        self._process.terminate()
        self._process.join()
        with suppress(queue.Empty):
            while True:
                self._ready.get_nowait()

    def _receive(self) -> None:
        try:
            while not self._stopped.is_set():
                self._ready.put(self._connection.recv())
        except (EOFError, OSError):
            self._ready.put(SegueError("a reading process has died (out of memory?); try --processes 1"))


def _read_ahead(path: Path) -> None:
    """Ask the system for the beginning of a file, which comes from the disk while another is parsed."""
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError), path.open("rb") as file:
            os.posix_fadvise(file.fileno(), 0, AHEAD, os.POSIX_FADV_WILLNEED)


def _work(connection: Connection, parts: list[Part]) -> None:
    """The process: send what the encoder yields, quietly until the other side is gone."""
    import gc

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    gc.disable()  # JSON makes no cycles, and looking for them costs a quarter of the time
    encoder = Encoder()
    with suppress(BrokenPipeError):
        try:
            for number, part in enumerate(parts):
                if number + 1 < len(parts):
                    _read_ahead(parts[number + 1][1].path)
                for result in encoder.encode(part):
                    connection.send(result)
        except SegueError as error:
            connection.send(error)
        except MemoryError:
            connection.send(SegueError("out of memory while reading; try --processes 1"))
        except OSError as error:  # such as of a file that has gone meanwhile
            connection.send(SegueError(f"can't be read ({error}); look after the disk"))
