"""What was played, cut into sessions."""

from collections.abc import Iterable, Iterator

from segue.core.corpus.readers.batch import Entry

GAP = 300.0
"""Seconds of silence after which a session begins."""
SHORTEST = 30.0
"""Seconds; what was left sooner was skipped."""
USUAL = 210.0
"""Seconds that a track is taken to last where its length is not known."""


def sessions(listens: Iterable[tuple[float, float | None, Entry]]) -> Iterator[list[Entry]]:
    """Cut a history where nothing was played for more than 300 s.

    Parameters
    ----------
    listens
        When each began (seconds since 1970), how long it played (seconds; None: unknown), and what it was.
    """
    session: list[Entry] = []
    ended = float("inf")
    for began, played, entry in sorted(listens, key=lambda listen: listen[0]):
        if session and began - ended > GAP:
            yield session
            session = []
        entry.time = began
        session.append(entry)
        ended = began + (played or entry.duration or USUAL)
    if session:
        yield session
