"""HTTP for everything that Segue asks: bounded in time, in place and in what it gives away."""

from segue.core.http.engine import Answer, Http
from segue.core.http.request import (
    BrokenOffError,
    ClosedError,
    Deadline,
    HttpError,
    OfflineError,
    Place,
    RefusedError,
    SlowError,
    UnreachableError,
    UnusableError,
    any_server,
    place_of,
    same_server,
)

__all__ = [
    "Answer",
    "BrokenOffError",
    "ClosedError",
    "Deadline",
    "Http",
    "HttpError",
    "OfflineError",
    "Place",
    "RefusedError",
    "SlowError",
    "UnreachableError",
    "UnusableError",
    "any_server",
    "place_of",
    "same_server",
]
