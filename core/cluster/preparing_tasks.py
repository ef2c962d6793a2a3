"""Ray as the one who runs the tasks of a preparation."""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from segue.core.cluster.preparing_ranges import Run
from segue.core.cluster.session import RETRIES
from segue.core.errors import SegueError

AHEAD = 2
"""Tasks handed out for each processor, so that none waits for the next."""
FAREWELL = 20.0
"""Seconds that cancelled tasks are given to end before the folder they write to is removed."""


def run_with(ray: Any) -> Run:  # noqa: ANN401 - untyped
    """Give the runner that makes a task of Ray's of every call; one whose worker dies is tried again."""

    def run(function: Any, calls: Iterable[tuple[Any, ...]]) -> Iterator[Any]:  # noqa: ANN401 - any function
        task = ray.remote(function).options(num_cpus=1, max_retries=RETRIES)
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
    """End tasks whose results nobody waits for, and wait until they have ended."""
    for task in tasks:
        with suppress(ray.exceptions.RayError):
            ray.cancel(task, force=True)
    if tasks:
        ray.wait(tasks, num_returns=len(tasks), timeout=FAREWELL, fetch_local=False)
