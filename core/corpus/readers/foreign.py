"""What holds no playlists that are read here: recognised by its content, and refused with what to do."""

import re

HEAD = 1 << 16
"""Bytes looked at."""
_XML = re.compile(rb"\s*<[?!a-zA-Z]")
_DIALECTS = {
    b"<html": "a web page",
    b"<plist": "an iTunes library",
    b"<dj_playlists": "a rekordbox collection",
    b"xspf.org": "XSPF",
    b"<?wpl": "WPL",
    b"<smil": "WPL",
    b"<asx": "ASX",
}
_PLS = re.compile(rb"\s*\[playlist\]", re.IGNORECASE)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f"))
_LETTERS = re.compile(r"[^\W\d_]{3,}(?:['’][^\W\d_]+)*")
_AROUND_WORDS = "'\"()[].,:!?…’“”"
_BETWEEN_FIELDS = re.compile(r"[,;\t]")
_LINES = 200


def foreign_form(head: bytes) -> str | None:
    """Say what a file is that begins so and is not read, and what to do; None for one that may be read."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "is UTF-16; save it as UTF-8"
    if head.startswith(b"PK\x03\x04"):
        return "is a zip archive or a spreadsheet, not a playlist; unpack it, or save it as CSV"
    head = head[:HEAD].removeprefix(b"\xef\xbb\xbf")
    if _XML.match(head):
        dialect = next((f" ({name})" for mark, name in _DIALECTS.items() if mark in head.lower()), "")
        return f"is XML{dialect}, and XML playlists are not read; export M3U8"
    if _PLS.match(head):
        return "is a PLS playlist, and those are not read; export M3U8"
    start = head[:4096]
    if b"\0" in start or 20 * (len(start) - len(start.translate(None, _CONTROLS))) > len(start):
        return "is a binary file, not a playlist; export M3U8 or CSV"
    return None


def holds_words(head: bytes) -> bool:
    """Whether lines of text are titles or prose rather than track ids parted by blanks.

    They are when this holds for more than half of the first 200 lines: within a field, which ends at a
    comma, a semicolon or a tab, two tokens are parted by a blank; and either more than half of the line's
    tokens are words (three letters or more and nothing else), or one in twenty has neither letter nor digit,
    as the dash of `Artist - Title`.
    """
    lines = [line for line in head[:HEAD].decode(errors="replace").splitlines() if line.strip()][:_LINES]
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
