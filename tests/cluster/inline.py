"""What the rounds use of Ray, done at once in this process: to test without a cluster."""

from collections.abc import Callable, Sequence
from typing import Any


class Task:
    """A function whose calls are results already."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def options(self, **_options: object) -> "Task":
        """The same: there is nobody to try it again."""
        return self

    def remote(self, *arguments: Any) -> Any:  # noqa: ANN401 - any function's
        """The result."""
        return self._function(*arguments)


remote = Task


def put(value: Any) -> Any:  # noqa: ANN401 - as Ray's: of anything
    """The value stands for itself."""
    return value


def get(result: Any) -> Any:  # noqa: ANN401 - as Ray's: of anything
    """A result is itself."""
    return result


def wait(results: Sequence[Any], **_options: object) -> tuple[list[Any], list[Any]]:
    """Everything is done."""
    return list(results), []
