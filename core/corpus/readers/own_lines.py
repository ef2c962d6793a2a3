"""A listener's playlists and sessions as `segue import` keeps them: a JSON object a line."""

from collections.abc import Iterator

import msgspec

from segue.core.corpus.readers.batch import Batch, Entry, NamedEntries, Source, whole_playlists


class OwnPlaylist(msgspec.Struct, omit_defaults=True):
    """A playlist or a session of the listener's, with all that its file holds of each track."""

    own_playlist: str
    """Its name; of a session when it began, as YYYY-MM-DD."""
    form: str
    """The format of the file that it comes from."""
    entries: list[Entry]
    is_session: bool = False
    crate: str = ""
    """The crate that was made of it."""
    crated: tuple[str, ...] = ()
    """The track ids that were put into the crate."""


_decode = msgspec.json.Decoder(OwnPlaylist).decode


def read_own_lines(source: Source) -> Iterator[Batch]:
    """Read the playlists and sessions, each entry whole.

    Raises
    ------
    SegueError
        When most lines are not playlists.
    """
    yield from whole_playlists(
        NamedEntries(line.own_playlist, line.entries) for line in own_playlists(source)
    )


def own_playlists(source: Source) -> Iterator[OwnPlaylist]:
    """The lines of the file; others are skipped and counted.

    Raises
    ------
    SegueError
        When most are others.
    """
    good = bad = 0
    for line in source.lines():
        if not line.strip():
            continue
        try:
            playlist = _decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            bad += 1
            source.skipped["line that is not a playlist"] += 1
        else:
            good += 1
            yield playlist
    source.refuse_if_mostly_bad(bad, good, "playlists of `segue import`")
