"""Errors meant for a person: one line that names the place and the hint."""


class SegueError(Exception):
    """Something a person can put right. Its text is shown as it stands, without a traceback.

    Write it as one line that says what is wrong, where (file, line or record), and what to do.
    """

    exit_code = 1


class UsageError(SegueError):
    """The command was called wrongly."""

    exit_code = 2
