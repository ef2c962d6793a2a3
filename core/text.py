"""Text for people and for comparison."""

import re
import unicodedata
from functools import lru_cache

_NOT_A_WORD = re.compile(r"[\W_]+")
_ASCII_WORDS = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
_ASCII_WORDS[ord("'")] = ""
SPELLED_OUT = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
LONGEST = 2_000
"""Letters of a title, a name or a query that are looked at. Longer texts are not titles, and the time that
Unicode takes to put combining marks in order grows with the square of their number."""
_REMEMBERED = 10_000
"""Letters looked up once; more than any catalogue of songs has."""


class _Letters(dict[int, "int | str | None"]):
    """What `str.translate` makes of a decomposed letter: nothing of an accent, most others as they are."""

    def __missing__(self, code: int) -> int | None:
        plain = None if unicodedata.combining(chr(code)) else code
        if len(self) < _REMEMBERED:
            self[code] = plain
        return plain


_LETTERS = _Letters({ord(letter): plain for letter, plain in SPELLED_OUT.items()})


def fold(text: str) -> str:
    """The form in which titles are compared: no case, no accents, no punctuation, single spaces.

    `"Sigur Rós – Hoppípolla!"` becomes `"sigur ros hoppipolla"`. A text of punctuation only keeps it, so that
    a song called `"???"` can still be found. Of a longer text only the first `LONGEST` letters count.
    """
    return _folded(text[:LONGEST])


@lru_cache(maxsize=1_000)  # indexing a track folds its title several times in a row
def _folded(text: str) -> str:
    if text.isascii():  # in a third of the time of the way below
        words = " ".join(text.translate(_ASCII_WORDS).split())
        return words or " ".join(text.lower().split())
    # twice, since folding the case of a decomposed letter can give one that decomposes further
    plain = _decompose(_decompose(text).casefold()).casefold().translate(_LETTERS)
    words = _NOT_A_WORD.sub(" ", plain.replace("'", "").replace("’", "")).strip()
    return words or " ".join(plain.split())


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: `1 track`, `2,000 tracks`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def printable(text: str) -> str:
    """The text as it may reach a terminal: control, escape, bidi and line-breaking characters become `�`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("�" if _harmful(letter) else letter for letter in text)


def escaped(json: str) -> str:
    """JSON with the characters that `printable` replaces written as escapes, so that it means the same."""
    if json.isascii() and json.isprintable():
        return json
    return "".join(_escape(letter) if _harmful(letter) else letter for letter in json)


def _escape(letter: str) -> str:
    """A backslash, `u` and four digits for each of the letter's UTF-16 units."""
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _decompose(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


def _harmful(letter: str) -> bool:
    category = unicodedata.category(letter)
    if category == "Cf":
        return letter not in "\u200c\u200d"  # joiners shape Persian words and emoji
    return category in {"Cc", "Cs", "Zl", "Zp"}


def is_windows_1252(raw: bytes) -> bool:
    """Whether text is not UTF-8: of what is not ASCII, more is broken than whole.

    A text of UTF-8 that is cut within a letter or damaged in places remains UTF-8.
    """
    try:
        raw.decode()
    except UnicodeDecodeError:
        text = raw.decode(errors="replace")
        bad = text.count("\ufffd")
        return 2 * bad > sum(letter > "\x7f" for letter in text)
    return False


def decoded(raw: bytes) -> str:
    """Text in UTF-8 or, as old programs write it, in Windows-1252."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252" if is_windows_1252(raw) else "utf-8", "replace")
