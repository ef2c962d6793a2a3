"""Long work in another process: a verb of `segue` that reports its progress as JSON lines.

TensorFlow must not be loaded into the explorer, and training must not end with it. So the child writes to a
log file, which is read as it grows: it keeps running while the explorer opens another library, and its last
lines are kept.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from segue.core.places import user_folder

Event = dict[str, Any]
COMMAND: tuple[str, ...] = (sys.executable, "-m", "segue")
POLL = 0.1
"""Seconds between two reads of a child's log."""


_started: dict[str, "Child"] = {}
"""The last child of each name. A training keeps running while the explorer opens another library."""


def _folder() -> Path:
    """Where the files of children lie: in the state folder, or in a temporary one where that is read-only."""
    folder = user_folder("state") / "runs"
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="segue-"))


class Child:
    """A verb of `segue` that runs in another process."""

    def __init__(self, arguments: Sequence[str], name: str) -> None:
        self.name = name
        self.arguments = tuple(arguments)
        self.log = _folder() / f"{name}.log"
        self.stopping = False
        self.announced = False
        """Whether its end was shown as a toast: the explorer of the next library follows it too."""
        self._process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def last(name: str) -> "Child | None":
        """Return the child of that name that was started last."""
        return _started.get(name)

    def start(self) -> None:
        """Start it. It is stopped when this process ends.

        Raises
        ------
        OSError
            When it can't be started, or its log can't be written.
        """
        # the explorer may have been started anywhere: the child finds the packages where this process did
        paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
        with self.log.open("wb") as file:
            self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                [*COMMAND, *self.arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,  # Ctrl-C and a closed terminal are not meant for it
            )
        _started[self.name] = self
        atexit.register(self.stop)

    @property
    def running(self) -> bool:
        """Whether it is running."""
        return self._process is not None and self._process.poll() is None

    @property
    def code(self) -> int | None:
        """Its exit code, once it has ended."""
        return None if self._process is None else self._process.poll()

    @property
    def what_went_wrong(self) -> str:
        """The last line that was not an event: why it failed."""
        events = self._read(self.log.read_bytes().split(b"\n"))
        words = [event["text"] for event in events if event["event"] == "remark"]
        if not words:
            return f"it ended with code {self.code}; see {self.log}"
        return str(words[-1]).removeprefix("segue: ")

    def stop(self) -> None:
        """Stop it: a training keeps the best vectors so far. A second call kills it.

        It gets SIGTERM: a process started in the background may ignore SIGINT.
        """
        if self._process is not None and self.running:
            self._process.send_signal(signal.SIGKILL if self.stopping else signal.SIGTERM)
            self.stopping = True

    def events(self, given_up: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """Yield its events from the first on, as they come, until it has ended or `given_up` is true.

        A line that is not an event comes as a `remark` with its `text`. This waits for the child, so it is
        for a thread.
        """
        with self.log.open("rb") as file:
            unfinished = b""
            while not given_up():
                ended = not self.running
                lines = (unfinished + file.read()).split(b"\n")
                unfinished = lines.pop()
                yield from self._read([*lines, unfinished] if ended else lines)
                if ended:
                    return
                time.sleep(POLL)

    def _read(self, lines: Sequence[bytes]) -> Iterator[Event]:
        for line in lines:
            text = line.decode("utf-8", errors="replace")
            try:
                value = json.loads(text)
            except ValueError:
                value = None
            if isinstance(value, dict) and "event" in value:
                yield value
            elif value is None and text.strip():
                yield {"event": "remark", "text": text}
