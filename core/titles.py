"""Which titles are versions of one song."""

import re

from segue.core.text import LONGEST, fold

_VERSION = (
    r"(?:\d{4}\s+)?(?:remaster(?:ed|isee?|isé)?|remix(?:ed)?|rmx|mix|edit|live|ao vivo|en vivo|en directo"
    r"|feat|featuring|ft|with|radio|version|versión|mono|stereo|demo|extended|dub|instrumental|karaoke|bonus"
    r"|deluxe|explicit|clean|album|single|original|re-?recorded|unplugged|cover|reprise|edition)\b"
)
_IS_VERSION = re.compile(rf"(?<!\w){_VERSION}|(?<!\w)w\\?/", re.IGNORECASE)
_OTHER_SONG = re.compile(r"\b(?:acoustic|acoustique|acústic[oa]|part|pt|vol|chapter)\b", re.IGNORECASE)
_IMITATION = re.compile(
    r"\b(?:karaoke|tribute|made (?:famous|popular)|in the style of|originally performed|instrumental|cover"
    r"(?:ed)?(?: version| by|\)|\]|$))",
    re.IGNORECASE,
)
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


def is_imitation(title: str) -> bool:
    """Whether a title says that it is a karaoke, a cover or a tribute."""
    return bool(_IMITATION.search(title[:LONGEST]))


def _names_version(text: str) -> bool:
    return bool(_IS_VERSION.search(text)) and not _OTHER_SONG.search(text)
