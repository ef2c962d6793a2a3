"""The watch history of YouTube and YouTube Music, as Google Takeout gives it, in JSON or as a web page."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

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
    yield from _sessions((record for record in document if isinstance(record, Mapping)), source)


_CELL = '<div class="outer-cell'
_LINK = re.compile(r'<a href="([^"<>]{1,500})"[^<>]{0,100}>([^<]{1,1000})</a>')
_TEXT = re.compile(r"<[^<>]{0,500}>")
_ZONE = re.compile(r"\s+(?:(?:GMT|UTC)([+-]\d{1,2})(?::?(\d{2}))?|[A-Z]{2,5})$")
_DATES = (
    "%b %d, %Y, %I:%M:%S %p",
    "%d %b %Y, %H:%M:%S",
    "%d.%m.%Y, %H:%M:%S",
    "%d/%m/%Y, %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
)


def read_youtube_page(source: Source) -> Iterator[Batch]:
    """Read the same from the web page that Takeout gives unless it is asked for JSON.

    Times are understood in English and in numbers; a zone that is written as a word is taken for UTC.

    Raises
    ------
    SegueError
        When it is another web page.
    """
    cells = source.text().split(_CELL)[1:]
    if not cells and source.is_one_of_many:
        source.skipped["web page that is not a watch history"] += 1
    elif not cells:
        raise SegueError(f"{source.place}: is not a watch history; choose JSON in Takeout, or export M3U8")
    yield from _sessions(filter(None, map(_record_of, cells)), source)


def _record_of(cell: str) -> Mapping[str, Any] | None:
    """A cell of the page as its JSON has it."""
    header, _, content = cell[:20_000].partition("content-cell")
    content = content.partition("</div>")[0].partition(">")[2]
    links = [(html.unescape(address), html.unescape(text)) for address, text in _LINK.findall(content)]
    if not links:
        return None
    lines = [html.unescape(_TEXT.sub("", line)).strip() for line in content.split("<br")]
    when = next(
        (began for line in reversed(lines) if (began := _time(line.removeprefix(">"))) is not None), None
    )
    return {
        "header": "YouTube Music" if "YouTube Music" in header else "YouTube",
        "titleUrl": links[0][0],
        "title": links[0][1],
        "subtitles": [{"name": text} for _, text in links[1:2]],
        "time": "" if when is None else when.isoformat(),
    }


def _time(text: str) -> datetime | None:
    text = " ".join(text.replace("Sept ", "Sep ").split())
    zone = _ZONE.search(text)
    if zone is not None and zone[0].strip() not in {"AM", "PM"}:
        text = text[: zone.start()]
    hours, minutes = (int(part or 0) for part in zone.groups()) if zone is not None else (0, 0)
    for form in _DATES:
        try:
            found = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        return found - timedelta(hours=hours, minutes=-minutes if hours < 0 else minutes)
    return None


def _sessions(records: Iterable[Mapping[str, Any]], source: Source) -> Iterator[Batch]:
    listens = []
    for record in records:
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
