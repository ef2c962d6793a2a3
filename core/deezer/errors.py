"""What Deezer itself may answer in place of what was asked, by what to do about it."""

from segue.core.http.errors import HttpError


class DeezerError(HttpError):
    """Deezer's answer is an error."""


class NotFoundError(DeezerError):
    """Deezer does not know the thing asked for (code 800, or a path that does not exist)."""


class ForbiddenError(DeezerError):
    """A file's signed address has run out, or the file is closed to this country."""


class BusyError(DeezerError):
    """Deezer is busy (code 700, HTTP 5xx)."""

    retry = True
    outage = True


class QuotaError(BusyError):
    """Too many requests came from this address (code 4, HTTP 429)."""
