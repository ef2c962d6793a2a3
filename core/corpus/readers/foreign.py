"""What holds no playlists that are read here: recognised by its content, and refused with what to do."""

import re

from segue.core.text import decoded

HEAD = 1 << 16
"""Bytes looked at."""
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
_LETTERS = re.compile(r"[^\W\d_]{3,}(?:['’][^\W\d_]+)*")
_AROUND_WORDS = "'\"()[].,:!?…’“”"
_BETWEEN_FIELDS = re.compile(r"[,;\t]")
_LINES = 200


def xml_format(head: bytes) -> str | None:
    """The format of XML that begins so; empty for XML that is not read, None for anything else."""
    head = head[:HEAD].lower()
    if not _XML.match(head):
        return None
    if b"<html" in head[:4096] and (b"mdl-" in head or b"outer-cell" in head):
        return "takeout"
    if any(mark in head[:4096] for mark in _NOT_READ):
        return ""
    return next((name for mark, name in _READ.items() if mark in head), "")


def foreign_form(head: bytes) -> str | None:
    """Say what a file is that begins so and is not read, and what to do; None for one that may be read."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "is a spreadsheet or an archive in an archive, not a playlist; unpack it, or save it as CSV"
    head = head[:HEAD].removeprefix(b"\xef\xbb\xbf")
    if xml_format(head) == "":
        dialect = next((f" ({name})" for mark, name in _NOT_READ.items() if mark in head.lower()), "")
        return (
            f"is XML{dialect}, but neither XSPF, WPL, an iTunes library nor a rekordbox collection; "
            "export M3U8"
        )
    start = head[:4096]
    if b"\0" in start or 20 * (len(start) - len(start.translate(None, _CONTROLS))) > len(start):
        return "is a binary file, not a playlist; export M3U8 or CSV"
    return None


def holds_titles(text: str) -> bool:
    """Whether more than half of the first 200 lines of a text are `Artist - Title`."""
    lines = [line for line in text.splitlines() if line.strip()][:_LINES]
    return 2 * sum(1 for line in lines if _DASH.search(line)) > len(lines)


def holds_words(head: bytes) -> bool:
    """Whether lines of text are titles or prose rather than track ids parted by blanks.

    They are when this holds for more than half of the first 200 lines: within a field, which ends at a
    comma, a semicolon or a tab, two tokens are parted by a blank; and either more than half of the line's
    tokens are words (three letters or more and nothing else), or one in twenty has neither letter nor digit,
    as the dash of `Artist - Title`.
    """
    lines = [line for line in decoded(head[:HEAD]).splitlines() if line.strip()][:_LINES]
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
