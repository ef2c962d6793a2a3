"""A connection to a Ray cluster, or to one on this machine for as long as it is needed, and tasks on it."""

import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from segue.core.arrays import one_line
from segue.core.corpus.processes import Run, cores
from segue.core.errors import SegueError, UsageError
from segue.core.log import logger
from segue.core.track2vec.model import quiet_stderr

LOCAL = "local"
"""The address that starts a cluster on this machine."""

RETRIES = 5
"""How often Ray tries a task again whose worker died. Errors that a task raises are never tried again."""

SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # without it, Ray warns of what a later version will do
    "RAY_grpc_client_keepalive_time_ms": "20000",
    "RAY_grpc_client_keepalive_timeout_ms": "20000",
}
"""Ray's environment: it sends no usage statistics and leaves the terminal alone. After 20 seconds of silence
it asks a node whether it is there; by default it does so after 300, and a lost node costs up to 420."""

START = "start a cluster with ray start --head, or use --cluster local"
AHEAD = 2
"""Tasks handed out for each processor, so that none waits for the next."""
CALLS = 4
"""Functions at once that are called on the command's node for tasks elsewhere."""
FAREWELL = 20.0
"""Seconds that cancelled tasks are given to end before the folder they write to is removed."""
PATIENCE = 10.0
"""Seconds until an address that doesn't answer is given up."""

FRAME_HEAD = 9
"""Bytes before each frame of HTTP/2; the fourth is its type."""

WATCHER = "import sys; sys.stdin.buffer.read() or sys.stderr.write(sys.argv[1])"
"""What waits for this process to end: it reads nothing unless the end was announced."""

LONGEST_TMP = 22
"""Ray lays sockets some 75 bytes below its folder, and a socket's path has at most 107."""


@contextmanager
def connect(address: str, *, processes: int | None = None) -> Iterator[Any]:
    """Yield the module `ray`, connected; leave the cluster at the end, or shut down the one started here.

    An error of Ray's within the block becomes a `SegueError`; one that a task raised is raised as it was. The
    `address` `local` starts a cluster on this machine, with `processes` tasks at once, by default one a core;
    anything else is the address of one that runs, HOST:PORT. Raises `SegueError` when Ray is not installed,
    no cluster answers, or Ray fails.
    """
    ray = find_ray(local=address == LOCAL)
    _log_what_ray_prints(ray)
    folder = _folder() if address == LOCAL else None
    try:
        with last_words(address):
            _init(ray, address, processes, folder)
            yield ray
    except ray.exceptions.RayTaskError as error:
        raise _of_task(error) from error
    except ray.exceptions.RayError as error:
        raise SegueError(f"{address}: {one_line(error)}; run it again, finished work is kept") from error
    finally:
        ray.shutdown()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def last_words(address: str) -> Iterator[None]:
    """Have another process say why this one is gone, should it end without leaving the block.

    Where Ray's own code finds its cluster lost, it ends the process at once, without an error of Python's.
    """
    ended = "Ray ended the command, or it was killed; run it again, finished work is kept"
    line = f"segue: {address}: {ended}\n"
    watcher = subprocess.Popen(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-S", "-c", WATCHER, line], stdin=subprocess.PIPE, start_new_session=True
    )
    assert watcher.stdin is not None  # noqa: S101 - it was asked for
    try:
        yield
    finally:
        with suppress(OSError):
            watcher.communicate(b"done", PATIENCE)


def find_ray(*, local: bool = False) -> Any:  # noqa: ANN401 - untyped, and installed only with the extra
    """Import Ray with its environment set. Raises `SegueError` when it is not installed."""
    os.environ.update({name: value for name, value in SETTINGS.items() if name not in os.environ})
    if local and not any(name.startswith("RAY_AUTH_") for name in os.environ):
        # a token of this process alone, else Ray writes one into the home folder
        os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
    try:
        import ray  # 1 s and 80 MB
    except ImportError as error:
        if getattr(error, "name", None) not in {None, "ray"}:
            raise SegueError(f"Ray can't be imported ({one_line(error)}); install it again") from None
        raise SegueError("--cluster needs Ray, which is not installed: pip install ray") from None
    return ray


def _log_what_ray_prints(ray: Any) -> None:  # noqa: ANN401 - Ray has no types
    """Put Ray's remarks on killed workers into the log: it prints them on standard output, into our JSON."""
    worker = sys.modules.get(f"{ray.__name__}._private.worker")
    if hasattr(worker, "print_to_stdstream"):  # the only place; no setting silences it

        def to_log(data: dict[str, Any], **_settings: object) -> None:
            for line in data["lines"]:
                logger.info("ray: %s", line)

        vars(worker)["print_to_stdstream"] = to_log


def _init(ray: Any, address: str, processes: int | None, folder: Path | None) -> None:  # noqa: ANN401 - Ray has no types
    if folder is None:
        check_address(address)
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    if folder is not None:
        options |= {
            "num_cpus": processes or cores(),
            "include_dashboard": False,
            "_temp_dir": str(folder / "r"),  # which Ray opens to all users of the machine
            "_node_ip_address": "127.0.0.1",
        }
    try:
        with quiet_stderr(), _same_signals():
            if folder is not None:
                _start_no_api_server()
            ray.init(address=address, **options)
    except (ConnectionError, RuntimeError, ValueError, OSError, ray.exceptions.RayError) as error:
        hint = "free some memory or disk" if folder else START
        raise SegueError(f"{address}: can't connect to a Ray cluster ({one_line(error)}); {hint}") from None


def _start_no_api_server() -> None:
    """Keep Ray from starting what serves its dashboard, and without one still asks which cloud this is."""
    from ray._private import node  # no setting of Ray's leaves it out

    if hasattr(node.Node, "start_api_server"):
        node.Node.start_api_server = lambda *_, **__: None


def check_address(address: str) -> None:
    """Refuse an address at which nothing listens: Ray would try for a quarter of an hour.

    Raises `SegueError` when it is not valid, nothing answers, or what answers is not Ray.
    """
    if address.startswith("ray://"):
        raise UsageError(f"{address}: run segue on a machine of the cluster, with --cluster HOST:PORT")
    host, colon, port = address.rpartition(":")
    if not colon or not host or not port.isdigit():
        raise UsageError(f"--cluster {address}: must be HOST:PORT or local")
    try:
        line = socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE)
    except (OSError, OverflowError) as error:
        raise SegueError(f"{address}: no answer ({one_line(error)}); {START}") from None
    with line:
        if os.environ.get("RAY_USE_TLS") != "1" and not _speaks_http2(line):
            raise SegueError(f"{address}: what listens there is not a Ray cluster; {START}")


def _speaks_http2(line: socket.socket) -> bool:
    """Whether a frame of settings comes back, as from every gRPC server (RFC 9113, section 3.4)."""
    head = b""
    try:
        line.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")
        while len(head) < FRAME_HEAD and (piece := line.recv(FRAME_HEAD - len(head))):
            head += piece
    except OSError:
        return False
    return len(head) == FRAME_HEAD and head[3:4] == b"\4"


def _of_task(error: Any) -> Exception:  # noqa: ANN401 - a RayTaskError
    """The error of a person's that a task raised, or one line on any other."""
    cause = error.cause
    if isinstance(cause, SegueError):
        return cause
    return SegueError(f"a task of the cluster failed: {type(cause).__name__}: {one_line(cause)}")


def _folder() -> Path:
    """A new folder for the local cluster's sockets, logs and what doesn't fit into memory."""
    named = os.environ.get("RAY_TMPDIR") or tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix="segue-", dir=named if len(named) <= LONGEST_TMP else "/tmp"))  # noqa: S108 - mkdtemp


@contextmanager
def _same_signals() -> Iterator[None]:
    """Keep this process' handler of SIGTERM, which `ray.init` would put its own in place of."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def task_of(ray: Any, function: Callable[..., Any], returns: int | str = 1) -> Any:  # noqa: ANN401 - Ray has no types
    """Make a task of Ray's of a function, on one processor; it is tried again where its worker dies."""
    return ray.remote(function).options(num_cpus=1, max_retries=RETRIES, num_returns=returns)


def run_with(ray: Any) -> Run:  # noqa: ANN401 - untyped
    """Return the runner that makes a task of Ray's of every call; one whose worker dies is tried again."""

    def run(
        function: Callable[..., Any], calls: Iterable[tuple[Any, ...]], _progress: object = None, /
    ) -> Iterator[Any]:
        task = task_of(ray, function)
        under_way: deque[Any] = deque()
        try:
            for arguments in calls:
                under_way.append(task.remote(*arguments))
                if len(under_way) >= AHEAD * workers_of(ray):
                    yield result_of(ray, under_way[0])
                    under_way.popleft()
            while under_way:
                yield result_of(ray, under_way[0])
                under_way.popleft()
        finally:
            _cancel(ray, list(under_way))

    return run


class _Caller:
    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - any function's
        return function(*arguments)


class CommandNode:
    """Calls functions on the node of the command, for tasks on nodes that don't see its files."""

    def __init__(self, ray: Any) -> None:  # noqa: ANN401 - Ray has no types
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        self._caller = (
            ray.remote(_Caller)
            .options(
                num_cpus=0,
                max_restarts=-1,
                max_task_retries=-1,
                max_concurrency=CALLS,
                scheduling_strategy=here,
            )
            .remote()
        )

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - any function's
        """Call a function, and wait for its result."""
        import ray

        return result_of(ray, self._caller.call.remote(function, *arguments))


def workers_of(ray: Any) -> int:  # noqa: ANN401 - Ray has no types
    """How many tasks the cluster runs at once."""
    return max(int(ray.cluster_resources().get("CPU", 1)), 1)


def result_of(ray: Any, task: Any) -> Any:  # noqa: ANN401 - Ray has no types
    """What a task gives, or the `SegueError` or `OSError` that it raised; others as Ray wraps them."""
    try:
        return ray.get(task)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, SegueError | OSError):
            raise error.cause from error
        raise


def _cancel(ray: Any, tasks: list[Any]) -> None:  # noqa: ANN401 - Ray has no types
    """Cancel tasks whose results are no longer needed, and wait until they have ended."""
    for task in tasks:
        with suppress(ray.exceptions.RayError):
            ray.cancel(task, force=True)
    if tasks:
        ray.wait(tasks, num_returns=len(tasks), timeout=FAREWELL, fetch_local=False)
