"""What can go wrong with a request, by what to do about it."""

from segue.core.errors import SegueError


class HttpError(SegueError):
    """A request brought no usable answer."""

    retry = False
    """Whether asking again in a moment may help."""
    outage = False
    """Whether the host is out of reach, so that asking it for something else would fare no better."""
    lasting = False
    """Whether waiting would not help either."""


class RefusedError(HttpError):
    """The address leads where Segue does not go, so it was not followed."""


class UnusableError(HttpError):
    """The answer is too large, or not what was asked for."""


class BrokenOffError(HttpError):
    """The answer began, then stalled or broke off."""

    retry = True


class SlowError(HttpError):
    """The deadline passed before the answer was whole."""

    outage = True


class UnreachableError(HttpError):
    """No connection: no network, no such host, a refused or a broken handshake."""

    retry = True
    outage = True


class OfflineError(HttpError):
    """The listener wants nothing asked of the network."""

    outage = True
    lasting = True


class ClosedError(HttpError):
    """The client was closed while a request was waiting."""
