"""Which titles are versions of one song."""

import re
import unicodedata

from segue.core.text import LONGEST, fold

_VERSION = (
    r"(?:\d{4}\s+)?(?:remaster(?:ed|isee?|isé)?|remix(?:ed)?|rmx|mix|edit|live|ao vivo|en vivo|en directo"
    r"|feat|featuring|ft|radio|version|versión|mono|stereo|demo|extended|dub|instrumental|karaoke|bonus"
    r"|deluxe|explicit|clean|album|single|original|re-?recorded|unplugged|cover|reprise|edition)\b"
)
_IS_VERSION = re.compile(rf"(?<!\w){_VERSION}|^\s*with\b|(?<!\w)w\\?/", re.IGNORECASE)
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
_TOGETHER = re.compile(r"\s*[,;/&+]\s*|\s+(?:and|with|feat\.?|featuring|ft\.?|vs\.?|x)\s+", re.IGNORECASE)
_DASH = re.compile(r"\s+[-–—]\s+")


def song_key(title: str) -> str:
    """The folded title without its version: the same for every version of one song.

    `"Hurt (2002 Remaster)"`, `"Hurt - Live at Lyon"` and `"Hurt feat. X"` all give `"hurt"`. Brackets that
    belong to the title stay (`"(I Can't Get No) Satisfaction"`), and so does an acoustic version, which
    listeners count as another recording worth hearing. A title that is nothing but a version word keeps it.
    """
    return fold(_base(title[:LONGEST])) or fold(title)


def _base(title: str) -> str:
    if not _MARKED.search(title):
        return title
    base = _BRACKETS.sub(lambda match: "" if _names_version(match[1]) else match[0], title)
    parts = _DASH.split(base)
    while len(parts) > 1 and _names_version(parts[-1]):
        parts.pop()
    return _FEATURING.sub("", " ".join(parts))


def same_title(one: str, other: str) -> bool:
    """Whether two titles name one song, versions aside: as `song_key`, and the vowel signs are the same too.

    `fold` drops those of Hindi, Thai or Japanese as if they were accents, after which other words look alike.
    """
    key = song_key(one)
    return bool(key) and key == song_key(other) and _vowel_signs(one) == _vowel_signs(other)


def _vowel_signs(title: str) -> str:
    """The marks that are no accents of European letters, in order."""
    base = unicodedata.normalize("NFKD", _base(title[:LONGEST]))
    return "".join(each for each in base if each > "\u036f" and unicodedata.category(each)[0] == "M")


def same_artist(one: str, other: str) -> bool:
    """Whether two names are of one artist, or one is among several that the other names.

    `"Ann"` is in `"Ann & The Others"` and in `"Bob feat. Ann"`, and is neither `"Ann Lee"` nor `"Mary Ann"`.
    """
    name, theirs = _artist(one), _artist(other)
    if not (name and theirs):
        return False
    return (
        name == theirs
        or name in map(_artist, _TOGETHER.split(other[:LONGEST]))
        or theirs in map(_artist, _TOGETHER.split(one[:LONGEST]))
    )


def _artist(name: str) -> str:
    return fold(name).removeprefix("the ")


def names_part(title: str) -> bool:
    """Whether a title names a part, a volume or an acoustic version: another song than without it."""
    return bool(_OTHER_SONG.search(title[:LONGEST]))


def is_imitation(title: str) -> bool:
    """Whether a title says that it is a karaoke, a cover or a tribute."""
    return bool(_IMITATION.search(title[:LONGEST]))


def _names_version(text: str) -> bool:
    return bool(_IS_VERSION.search(text)) and not _OTHER_SONG.search(text)
