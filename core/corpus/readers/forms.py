"""The formats of playlist files: how each is recognised, and what reads it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from segue.core.corpus.readers import own_tables
from segue.core.corpus.readers.batch import Columns, Reader
from segue.core.corpus.readers.deezer_npy import read_deezer_npy
from segue.core.corpus.readers.documents import (
    LINK_ELSEWHERE,
    read_documents,
    read_titles,
    read_token_lines,
    read_yes,
)
from segue.core.corpus.readers.identities import identity_of, read_own_lines
from segue.core.corpus.readers.json_lines import LIST_KEYS, read_json_array, read_json_lines, read_parquet
from segue.core.corpus.readers.million import read_million
from segue.core.corpus.readers.own_tables import is_scrobbles, read_own_table, read_scrobbles
from segue.core.corpus.readers.players import (
    read_apple,
    read_jspf,
    read_m3u,
    read_pls,
    read_rekordbox,
    read_wpl,
    read_xspf,
)
from segue.core.corpus.readers.services import (
    read_listenbrainz,
    read_spotify,
    read_spotify_history,
    read_youtube,
    read_youtube_page,
)
from segue.core.corpus.readers.table import has_layout, read_csv
from segue.core.corpus.readers.workbook import read_workbook
from segue.core.text import decoded
from segue.core.tracks import service_id

BEGINNING = 1 << 16
"""Bytes by which a text is recognised."""
_XML = re.compile(rb"\s*<[?!a-zA-Z]")
_READ = {
    b"<plist": "apple",
    b"<dj_playlists": "rekordbox",
    b"<?wpl": "wpl",
    b"<smil": "wpl",
    b"xspf.org": "xspf",
    b"<tracklist": "xspf",
}
_NOT_READ = {b"<html": "a web page", b"<!doctype html": "a web page", b"<asx": "ASX"}
_DASH = re.compile(r"\S\s+[-–—]\s+\S")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f"))
_LETTERS = re.compile(r"[^\W\d_]{2,}(?:['’][^\W\d_]+)*")
_AROUND_WORDS = "'\"()[].,:!?…’“”"
_BETWEEN_FIELDS = re.compile(r"[,;\t]")
_LINES = 200
_TABLES = frozenset({".csv", ".tsv"})


def xml_format(head: bytes) -> str | None:
    """The format of XML that begins so; empty for XML that is not read, None for anything else."""
    head = head[:BEGINNING].lower()
    if not _XML.match(head):
        return None
    if b"<html" in head[:4096] and (b"mdl-" in head or b"outer-cell" in head):
        return "takeout"
    if any(mark in head[:4096] for mark in _NOT_READ):
        return ""
    return next((name for mark, name in _READ.items() if mark in head), "")


def foreign_form(head: bytes) -> str | None:
    """Return what a file is that begins so and is not read, and what to do; None for one that may be read."""
    if head.startswith(b"PK\x05\x06"):
        return "is an empty archive, not a playlist"
    head = head[:BEGINNING].removeprefix(b"\xef\xbb\xbf")
    if xml_format(head) == "":
        dialect = next((f" ({name})" for mark, name in _NOT_READ.items() if mark in head.lower()), "")
        return (
            f"is XML{dialect}, but neither XSPF, WPL, an iTunes library nor a rekordbox collection; "
            "export M3U8"
        )
    start = head[:4096]
    if start.startswith((b"%PDF", b"%!PS", b"{\\rtf")):
        return "is a document, not a playlist; save it as plain text, CSV or M3U8"
    if b"#EXT-X-" in start:
        return "lists the parts of a stream (HLS), not tracks"
    if b"\0" in start or 20 * (len(start) - len(start.translate(None, _CONTROLS))) > len(start):
        return "is a binary file, not a playlist; export M3U8 or CSV"
    return None


def holds_titles(text: str) -> bool:
    """Whether the first 200 lines of a text are one track each: ids or links of services, or titles.

    Titles are those where more than half of the lines are `Artist - Title`.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")][:_LINES]
    titles = 2 * sum(1 for line in lines if _DASH.search(line)) > len(lines)
    return titles or (bool(lines) and all(map(_is_of_service, lines)))


def _is_of_service(line: str) -> bool:
    is_id = service_id(identity_of(line)) is not None or LINK_ELSEWHERE.match(line) is not None
    return is_id and not re.search(r"[\s,;]", line)


def holds_words(head: bytes) -> bool:
    """Whether lines of text are titles or prose rather than track ids parted by blanks.

    They are when this holds for more than half of the first 200 lines: within a field, which ends at a
    comma, a semicolon or a tab, two tokens are parted by a blank; and either more than half of the line's
    tokens are words (two letters or more and nothing else), or one in twenty has neither letter nor digit,
    as the dash of `Artist - Title`.
    """
    lines = [line for line in decoded(head[:BEGINNING]).splitlines() if line.strip()][:_LINES]
    return 2 * sum(map(_is_of_words, lines)) > len(lines)


def _is_of_words(line: str) -> bool:
    fields = [field.split() for field in _BETWEEN_FIELDS.split(line)]
    tokens = [token for field in fields for token in field]
    if max(map(len, fields)) < 2:
        return False
    words = sum(map(_is_word, tokens))
    marks = sum(not any(map(str.isalnum, token)) for token in tokens)
    return 2 * words > len(tokens) or (marks > 0 and 20 * marks >= len(tokens))


def _is_word(token: str) -> bool:
    """Whether a token is spelled as a word: `dQwXcQ` has letters alone and is none."""
    letters = token.strip(_AROUND_WORDS)
    return _LETTERS.fullmatch(letters) is not None and (
        letters[1:] == letters[1:].lower() or letters == letters.upper()
    )


_JSON = re.compile(r'\s*(?:\{\s*["}]|\[\s*(?:["\[{\]-]|\d+(?:\.\d+)?\s*[,\]]|true|false|null))')
"""How JSON begins, where a title may begin with a bracket."""
_PLAYLISTS_WITHIN = re.compile(r'"(?:tracks|track_ids|items|songs|playlist)"\s*:\s*\[')
_YEAR_IN_BRACKETS = re.compile(r"\s*\[[\d.]+\][^\S\n]*[^\s,\]]")


@dataclass(frozen=True)
class Head:
    """The beginning of a file, and the end of its name."""

    raw: bytes
    """Without byte order mark."""
    suffix: str = ""
    """Such as `.csv`: in small letters, without `.gz`."""

    @cached_property
    def text(self) -> str:
        """The bytes as text."""
        return decoded(self.raw[:BEGINNING])

    @cached_property
    def rows(self) -> list[list[str]]:
        """The cells of the first lines, as a table has them."""
        return own_tables.first_rows(self.text)

    @cached_property
    def is_json(self) -> bool:
        """Whether it begins as JSON."""
        if self.suffix in {".json", ".jsonl", ".jspf"}:
            return self.text.lstrip().startswith(("{", "["))
        return _JSON.match(self.text) is not None and not _YEAR_IN_BRACKETS.match(self.text)

    def is_json_with(self, *keys: str) -> bool:
        """Whether it is JSON that has all of these keys near its beginning."""
        return self.is_json and all(re.search(rf'"{key}"\s*:', self.text) for key in keys)


@dataclass(frozen=True)
class Form:
    """A format of playlist files."""

    name: str
    """The word that `--format` takes."""
    read: Reader
    recognises: Callable[[Head], bool]
    is_own: bool = True
    """Whether such files are a listener's, of which a folder may hold a mixture; else they are a corpus."""


def _is_million(head: Head) -> bool:
    return head.is_json_with("playlists") and not head.is_json_with("items")


def _is_spotify(head: Head) -> bool:
    if not head.text.lstrip().startswith("{"):
        return False
    account = head.is_json_with("playlists", "items") or head.is_json_with("tracks", "album", "uri")
    return account or (head.is_json_with("items", "track") and not head.is_json_with("title"))


def _is_history(head: Head) -> bool:
    return head.is_json_with("ms_played", "ts") or head.is_json_with("msPlayed", "endTime")


def _has_list(head: Head) -> bool:
    return any(head.is_json_with(key) for key in (*LIST_KEYS, "track", "data"))


def _is_documents(head: Head) -> bool:
    text = head.text.lstrip()
    if not head.is_json or text[1:].lstrip().startswith("["):
        return False
    named = head.is_json_with("title") or head.is_json_with("name") or head.is_json_with("track_name")
    if text.startswith("["):
        first = text.split("\n", 1)[0].rstrip()
        is_lines = first.endswith("]") and "\n" in text.rstrip()
        return named and not is_lines and not _PLAYLISTS_WITHIN.search(text)
    return head.is_json_with("data") or (_has_list(head) and not _is_object_a_line(text))


def _is_object_a_line(text: str) -> bool:
    return text.split("\n", 1)[0].rstrip().endswith("}")


def _is_json_lines(head: Head) -> bool:
    text = head.text.lstrip()
    if not head.is_json:
        return False
    if text.startswith("{"):
        return _has_list(head) and _is_object_a_line(text)
    first, *more = text.split("\n", 1)
    closed = first.rstrip().endswith("]") if more else not text[1:].lstrip().startswith("{")
    return closed and not text[1:].lstrip().startswith("[")


def _is_yes(head: Head) -> bool:
    """Whether the first playlist holds indices into the header, as two playlists of equal length don't."""
    lines = head.raw.split(b"\n", 3)
    if len(lines) < 3:
        return False
    ids, counts, playlist = (line.split() for line in lines[:3])
    if not all(map(bytes.isdigit, [*ids, *counts, *playlist])):
        return False
    return len(set(ids)) == len(counts) > 0 and all(int(song) < len(ids) for song in playlist)


def _is_table(head: Head) -> bool:
    return bool(head.rows) and has_layout(head.rows[0], Columns())


def _is_own_table(head: Head) -> bool:
    is_table = head.suffix in _TABLES or any(len(row) > 1 for row in head.rows)
    return is_table and own_tables.track_columns(head.rows) is not None


FORMS = (
    Form("npy", read_deezer_npy, lambda head: head.raw.startswith(b"\x93NUMPY"), is_own=False),
    Form("parquet", read_parquet, lambda head: head.raw.startswith(b"PAR1"), is_own=False),
    Form("xlsx", read_workbook, lambda head: head.raw.startswith(b"PK")),
    Form("xspf", read_xspf, lambda head: xml_format(head.raw) == "xspf"),
    Form("wpl", read_wpl, lambda head: xml_format(head.raw) == "wpl"),
    Form("apple", read_apple, lambda head: xml_format(head.raw) == "apple"),
    Form("youtube-page", read_youtube_page, lambda head: xml_format(head.raw) == "takeout"),
    Form("rekordbox", read_rekordbox, lambda head: xml_format(head.raw) == "rekordbox"),
    Form("pls", read_pls, lambda head: re.match(r"\s*\[playlist\]", head.text, re.IGNORECASE) is not None),
    Form(
        "m3u",
        read_m3u,
        lambda head: head.suffix in {".m3u", ".m3u8"} or head.raw.startswith((b"#EXTM3U", b"#EXTINF")),
    ),
    Form("own", read_own_lines, lambda head: head.is_json_with("own_playlist", "entries")),
    Form("spotify-history", read_spotify_history, _is_history),
    Form("youtube", read_youtube, lambda head: head.is_json_with("titleUrl", "header")),
    Form("listenbrainz", read_listenbrainz, lambda head: head.is_json_with("track_metadata")),
    Form("jspf", read_jspf, lambda head: head.is_json_with("playlist", "track") or head.suffix == ".jspf"),
    Form("spotify", read_spotify, _is_spotify),
    Form("million", read_million, _is_million, is_own=False),
    Form("tracks-json", read_documents, _is_documents),
    Form("jsonl", read_json_lines, _is_json_lines, is_own=False),
    Form("json", read_json_array, lambda head: head.is_json, is_own=False),
    Form("yes", read_yes, _is_yes, is_own=False),
    Form("csv", read_csv, _is_table, is_own=False),
    Form("scrobbles", read_scrobbles, lambda head: is_scrobbles(head.rows)),
    Form("tracks-csv", read_own_table, _is_own_table),
    Form("csv-unknown", read_csv, lambda head: head.suffix in _TABLES, is_own=False),
    Form("titles", read_titles, lambda head: holds_titles(head.text)),
    Form("lines", read_token_lines, lambda _head: True, is_own=False),
)
"""In the order in which they are tried."""

FORMATS: dict[str, Reader] = {form.name: form.read for form in FORMS if form.name != "csv-unknown"}
"""The readers by the name that `--format` takes."""
OWN = frozenset(form.name for form in FORMS if form.is_own)


def format_of(head: Head) -> str:
    """The name of the first form that recognises a file."""
    found = next(form.name for form in FORMS if form.recognises(head))
    return found.removesuffix("-unknown")
