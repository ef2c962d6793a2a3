"""Text for people and for comparison."""

import re
import unicodedata

_NOT_A_WORD = re.compile(r"[\W_]+")
_SPELLED_OUT = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
_LETTERS = str.maketrans(_SPELLED_OUT)
LONGEST = 2_000
"""Letters of a title, a name or a query that are looked at. Longer texts are not titles, and the time that
Unicode takes to put combining marks in order grows with the square of their number."""


def fold(text: str) -> str:
    """The form in which titles are compared: no case, no accents, no punctuation, single spaces.

    `"Sigur Rós – Hoppípolla!"` becomes `"sigur ros hoppipolla"`. A text of punctuation only keeps it, so that
    a song called `"???"` can still be found. Of a longer text only the first `LONGEST` letters count.
    """
    text = text[:LONGEST]
    if text.isascii():
        plain = text.lower()
    else:
        # twice, since folding the case of a decomposed letter can give one that decomposes further
        decomposed = _decompose(_decompose(text).casefold()).casefold().translate(_LETTERS)
        plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = _NOT_A_WORD.sub(" ", plain.replace("'", "").replace("’", "")).strip()
    return words or " ".join(plain.split())


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
