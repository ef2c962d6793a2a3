"""Calls that processes of this machine run, with their results in order."""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from segue.core.errors import SegueError


class Run(Protocol):
    """Calls a function with each tuple of arguments, somewhere, and gives the results in their order."""

    def __call__(
        self,
        function: Callable[..., Any],
        calls: Iterable[tuple[Any, ...]],
        progress: Callable[[int], None] | None = None,
        /,
    ) -> Iterator[Any]:
        """Run the calls.

        `progress` goes to each call as its last argument; a runner that can't carry it leaves it out.
        """


def run_here(
    function: Callable[..., Any],
    calls: Iterable[tuple[Any, ...]],
    progress: Callable[[int], None] | None = None,
    /,
) -> Iterator[Any]:
    """Run one call after the other in this process."""
    return (function(*arguments, *([progress] if progress else [])) for arguments in calls)


@contextmanager
def workers(processes: int) -> Iterator[Run]:
    """Start processes that run calls, and end them afterwards, whatever they are doing; 1 is this process."""
    if processes == 1:
        yield run_here
        return
    started = [_start() for _ in range(processes)]
    try:
        yield partial(_run, [connection for _, connection in started])
    finally:
        for process, connection in started:
            process.terminate()
            process.join()
            connection.close()


def _start() -> tuple[BaseProcess, Connection]:
    context = multiprocessing.get_context("spawn")  # forking a process that has threads can hang
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _run(
    connections: list[Connection],
    function: Callable[..., Any],
    calls: Iterable[tuple[Any, ...]],
    progress: Callable[[int], None] | None = None,
    /,
) -> Iterator[Any]:
    waiting, idle = enumerate(calls), list(connections)
    busy: dict[Connection, int] = {}
    results: dict[int, Any] = {}
    wanted = 0
    while True:
        while idle and (call := next(waiting, None)) is not None:
            number, arguments = call
            busy[idle[-1]] = number
            idle.pop().send((function, arguments, progress is not None))
        if not busy:
            return
        for connection in wait(list(busy)):
            assert isinstance(connection, Connection)  # noqa: S101 - nothing else is waited for
            try:
                kind, value = connection.recv()
            except (EOFError, OSError):
                raise SegueError("a reading process died (out of memory?); try --processes 1") from None
            if kind == "progress":
                assert progress is not None  # noqa: S101 - only then it is sent
                progress(value)
            else:
                results[busy.pop(connection)] = value
                idle.append(connection)
        while wanted in results:
            result = results.pop(wanted)
            if isinstance(result, Exception):
                raise result
            yield result
            wanted += 1


def _work(connection: Connection) -> None:
    """The process: answer calls until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    gc.disable()  # JSON makes no cycles, and looking for them costs a quarter of the time

    def report(read: int) -> None:
        connection.send(("progress", read))

    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            function, arguments, reports = connection.recv()
            result: Any
            try:
                result = function(*arguments, *([report] if reports else []))
            except SegueError as error:
                result = error
            except MemoryError:
                result = SegueError("out of memory while reading; try --processes 1")
            except BrokenPipeError:
                return
            except OSError as error:  # such as of a file that has gone meanwhile
                result = SegueError(f"can't be read ({error}); check the disk")
            connection.send(("result", result))


def cores() -> int:
    """How many of the machine's cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
