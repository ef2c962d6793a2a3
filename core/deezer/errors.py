"""What can go wrong between here and Deezer, by what to do about it."""

from segue.core.errors import SegueError


class DeezerError(SegueError):
    """Deezer gave no usable answer."""

    retry = False
    """Whether asking again in a moment may help."""
    outage = False
    """Whether the whole service is out of reach, so that the next track would fare no better."""


class NotFoundError(DeezerError):
    """Deezer does not know the thing asked for (code 800, or a path that does not exist)."""


class ForbiddenError(DeezerError):
    """A file's signed address has run out, or the file is closed to this country."""


class RefusedError(DeezerError):
    """The address leads away from Deezer's hosts, so it was not followed."""


class UnusableError(DeezerError):
    """The answer is too large, no JSON, or not the audio that was due."""


class BrokenOffError(DeezerError):
    """The answer began, then stalled or broke off."""

    retry = True


class BusyError(DeezerError):
    """Deezer is busy (code 700, HTTP 5xx)."""

    retry = True
    outage = True


class QuotaError(BusyError):
    """Too many requests came from this address (code 4, HTTP 429)."""


class UnreachableError(DeezerError):
    """No connection: no network, no such host, a refused or a broken handshake."""

    retry = True
    outage = True


class ClosedError(DeezerError):
    """The client was closed while a request was waiting."""
