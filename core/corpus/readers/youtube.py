"""The watch history of YouTube and YouTube Music, as Google Takeout gives it in JSON."""

from collections.abc import Iterator, Mapping

from segue.core.corpus.readers.batch import Batch, Entry, Source, whole_playlists
from segue.core.corpus.readers.identities import identity_of
from segue.core.corpus.readers.json_lines import json_document
from segue.core.corpus.readers.sessions import sessions
from segue.core.corpus.readers.spotify import text_at
from segue.core.corpus.readers.table import BEYOND, seconds_of
from segue.core.errors import SegueError

_WATCHED = "Watched "
_TOPIC = " - Topic"


def read_youtube(source: Source) -> Iterator[Batch]:
    """Read what was played into sessions; videos that are not music are left out and counted.

    Music is what YouTube Music played, or what a channel that ends in `- Topic` holds.

    Raises
    ------
    SegueError
        When it is not a list.
    """
    document = json_document(source)
    if not isinstance(document, list):
        raise SegueError(f"{source.place}: is not a list of what was watched; is it from Takeout?")
    listens = []
    for record in document:
        if not isinstance(record, Mapping):
            continue
        address, title = text_at(record, "titleUrl"), text_at(record, "title").removeprefix(_WATCHED)
        channels = record.get("subtitles")
        first = next(iter(channels), None) if isinstance(channels, list) else None
        channel = text_at(first, "name") if isinstance(first, Mapping) else ""
        began = seconds_of(text_at(record, "time"))
        is_music = record.get("header") == "YouTube Music" or channel.endswith(_TOPIC) or "music." in address
        if not is_music:
            source.skipped["video that is not music"] += 1
        elif not channel or title.startswith("http") or began == BEYOND:
            source.skipped["video that is gone, or without a time"] += 1
        else:
            entry = Entry(identity_of(address), title, channel.removesuffix(_TOPIC))
            listens.append((began, None, entry))
    yield from whole_playlists(sessions(listens))
