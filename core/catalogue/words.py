"""The words under which a text is found, and the titles that are versions of one song."""

import re

from segue.core.text import LONGEST, fold

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


_VERSION = (
    r"(?:\d{4}\s+)?(?:remaster(?:ed|isee?|isé)?|remix(?:ed)?|rmx|mix|edit|live|ao vivo|en vivo|en directo"
    r"|feat|featuring|ft|with|radio|version|versión|mono|stereo|demo|extended|dub|instrumental|karaoke|bonus"
    r"|deluxe|explicit|clean|album|single|original|re-?recorded|unplugged|cover|reprise|edition)\b"
)
_IS_VERSION = re.compile(rf"(?<!\w){_VERSION}|(?<!\w)w\\?/", re.IGNORECASE)
_OTHER_SONG = re.compile(r"\b(?:acoustic|acoustique|acústic[oa]|part|pt|vol|chapter)\b", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*[(\[{]([^()\[\]{}]*)(?:[)\]}]|$)")
_FEATURING = re.compile(r"\s+(?:feat\.?|featuring|ft\.)\s.*$", re.IGNORECASE)
_MARKED = re.compile(r"[(\[{]|\s[-–—fF]")
"""What every title with a version has: a bracket, a dash or the beginning of `feat`."""
_DASH = re.compile(r"\s+[-–—]\s+")


def song_key(title: str) -> str:
    """The folded title without its version: the same for every version of one song.

    `"Hurt (2002 Remaster)"`, `"Hurt - Live at Lyon"` and `"Hurt feat. X"` all give `"hurt"`. Brackets that
    belong to the title stay (`"(I Can't Get No) Satisfaction"`), and so does an acoustic version, which
    listeners count as another recording worth hearing. A title that is nothing but a version word keeps it.
    """
    title = title[:LONGEST]
    if not _MARKED.search(title):
        return fold(title)
    base = _BRACKETS.sub(lambda match: "" if _names_version(match[1]) else match[0], title)
    parts = _DASH.split(base)
    while len(parts) > 1 and _names_version(parts[-1]):
        parts.pop()
    return fold(_FEATURING.sub("", " ".join(parts))) or fold(title)


def _names_version(text: str) -> bool:
    return bool(_IS_VERSION.search(text)) and not _OTHER_SONG.search(text)
