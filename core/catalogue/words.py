"""The words under which a text is found."""

import re

from segue.core.text import fold

_JOINED = re.compile(r"\w[^\w\s'’]+\w|&")
_UNSPACED = re.compile(r"([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")


def query_words(text: str) -> list[str]:
    """The folded words of what a person typed."""
    return fold(text).split()


def index_words(text: str) -> str:
    """The folded words of a stored text, and the spellings people use for them, in one string.

    Words joined by punctuation are also found in one piece (`AC/DC` as `acdc`, `R.E.M.` as `rem`, `Jay-Z` as
    `jayz`), and `&` as `and`.
    """
    if is_plain(text) or not _JOINED.search(text):
        return fold(text)
    words: list[str] = []
    for chunk in text.replace("&", " and ").split():
        parts = fold(chunk).split()
        words += parts
        if len(parts) > 1:
            words.append("".join(parts))
    return " ".join(words)


def is_plain(text: str) -> bool:
    """Whether a text is letters, digits, blanks and apostrophes alone; a pattern takes ten times as long."""
    return text.replace(" ", "").replace("'", "").isalnum()


def spaced(folded: str) -> str:
    """Folded text with every letter of a script that is written without spaces as a word of its own.

    That is how the full-text index holds such titles, as nobody but a dictionary knows where their words
    begin.
    """
    return folded if folded.isascii() else " ".join(_UNSPACED.sub(r" \1 ", folded).split())
