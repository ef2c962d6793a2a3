"""Which titles and artists are the same: versions of one song, credits of several artists, imitations."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from segue.core.text import LONGEST, SPELLED_OUT, fold

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
_DASH = re.compile(r"\s+[-–—]\s+")
_UPLOAD = re.compile(
    r"(?:\d{4}\s+)?(?:digital(?:ly)?\s+)?re-?master(?:ed|isé|is[eé]e)?(?:\s+(?:in\s+)?\d{4})?(?:\s+(?:version|edition))?"
    r"|(?:the\s+)?(?:official|offizielles|clip|oficial|officiel|hd|hq|4k|uhd|full|music|lyrics?|lyric|audio|video|videoclip"
    r"|musikvideo|visuali[sz]er|m/?v|song|with|explicit|clean|mono|stereo|album|original|version|letra|vídeo|só|\s)+",
    re.IGNORECASE,
)
"""What is written behind a title, in brackets or after a dash, without being another version."""
_CREDIT_IN_TITLE = re.compile(
    r"\s*[(\[](?:feat\.?|featuring|ft\.?|with|w/)\s+([^()\[\]]+)[)\]]|\s+(?:feat\.?|featuring|ft\.)\s+(.+)$",
    re.IGNORECASE,
)
_BETWEEN_ARTISTS = re.compile(
    r"\s*[,;&/+、×]\s*|\s+(?:feat\.?|featuring|ft\.?|vs\.?|versus|x|and|und|et|y|e|with|con|avec|presents|pres\.)\s+",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"\s+-\s+topic$|(?<=\w)vevo$", re.IGNORECASE)
_MARKS_ARE_ACCENTS = ("LATIN", "GREEK", "HEBREW", "ARABIC")
_SPELLED_OUT = str.maketrans(SPELLED_OUT)


def letters(text: str) -> str:
    """The form in which titles are the same: as `fold` gives it, with every mark that makes another letter.

    Accents fall in scripts where a word without them is still that word (`Beyoncé`); elsewhere they stay:
    `दाल` is not `दूल`, `パス` not `ハス`, `Мой` not `Мои`, `Всё` not `Все`.
    """
    return fold(text) if text.isascii() else _letters(text[:LONGEST])


@lru_cache(maxsize=1_000)
def _letters(text: str) -> str:
    kept: list[str] = []
    drops_marks = True
    for letter in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()):
        is_mark, drops, written = _of_letter(letter)
        if not is_mark:
            drops_marks = drops
            kept.append(written)
        elif not drops_marks:
            kept.append(letter)
    words = " ".join(unicodedata.normalize("NFC", "".join(kept)).translate(_SPELLED_OUT).split())
    return words or " ".join(text.casefold().split())


@lru_cache(maxsize=10_000)  # more than any catalogue of songs has
def _of_letter(letter: str) -> tuple[bool, bool, str]:
    """Whether a letter is a mark, whether marks on it are accents, and what is kept of it."""
    if unicodedata.category(letter)[0] == "M":
        return True, False, letter
    if letter.isalnum():
        return False, unicodedata.name(letter, "").startswith(_MARKS_ARE_ACCENTS), letter
    return False, True, "" if letter in "'’" else " "


def plain_title(title: str) -> str:
    """A title's `letters` without what uploaders, remasterings and guests add to it.

    `"Home (Official Video) [HD]"`, `"Home - Remastered 2011"` and `"Home (feat. X)"` give `"home"`;
    `"Home (Live)"` keeps its note.
    """
    title = title[:LONGEST]
    base = _CREDIT_IN_TITLE.sub("", title)
    base = _BRACKETS.sub(lambda match: "" if _UPLOAD.fullmatch(match[1].strip()) else match[0], base)
    parts = re.split(r"\s+[-–—|]\s+", base)
    while len(parts) > 1 and _UPLOAD.fullmatch(parts[-1].strip()):
        parts.pop()
    return letters(" ".join(parts)) or letters(title)


def credits_of(artist: str, title: str = "", is_artist: Callable[[str], bool] | None = None) -> set[str]:
    """The artists that a credit names, each by its `artist_key`, and the credit as a whole, in one word too.

    The artist is such as `"A, B & C feat. D"` or `"A - Topic"`; the title may name guests. `is_artist` tells
    whether a name is one artist's, which is not split: `Earth, Wind & Fire`.
    """
    whole = _CHANNEL.sub("", artist.strip()[:LONGEST]).strip()
    guests = _CREDIT_IN_TITLE.search(title[:LONGEST])
    names = [whole]
    if not (is_artist is not None and is_artist(whole)):
        names += _BETWEEN_ARTISTS.split(whole)
    if guests:
        names += _BETWEEN_ARTISTS.split(guests[1] or guests[2] or "")
    found = {artist_key(name) for name in names if name.strip()}
    return found | {letters(whole).replace(" ", "")} if whole else found


def artist_key(name: str) -> str:
    """The name as `letters`, without the words that some write and others do not: `The` and `and`."""
    words = [word for word in letters(name).split() if word not in {"and", "und", "et", "y"}]
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words) or letters(name)


def same_song(title: str, artist: str, other_title: str, other_artist: str) -> bool:
    """Whether two tracks are one song by one artist, versions aside; a karaoke or a cover is another.

    An artist who is credited with others is the same artist.
    """
    imitates = is_imitation(other_title) or is_imitation(other_artist)
    if imitates and not (is_imitation(title) or is_imitation(artist)):
        return False
    song = song_key(title)
    if not song or song != song_key(other_title):
        return False
    return bool(credits_of(artist, title) & credits_of(other_artist, other_title))


def song_key(title: str) -> str:
    """The title's `letters` without its version: the same for every version of one song.

    `"Hurt (2002 Remaster)"`, `"Hurt - Live at Lyon"` and `"Hurt feat. X"` all give `"hurt"`. Brackets that
    belong to the title stay (`"(I Can't Get No) Satisfaction"`), and so does an acoustic version, which
    listeners count as another recording worth hearing. A title that is nothing but a version word keeps it.
    """
    title = title[:LONGEST]
    if not _MARKED.search(title):
        return letters(title)
    base = _BRACKETS.sub(lambda match: "" if _is_set_aside(match[1]) else match[0], title)
    parts = _DASH.split(base)
    while len(parts) > 1 and _is_set_aside(parts[-1]):
        parts.pop()
    return letters(_FEATURING.sub("", " ".join(parts))) or letters(title)


def names_part(title: str) -> bool:
    """Whether a title names a part, a volume or an acoustic version: another song than without it."""
    return bool(_OTHER_SONG.search(title[:LONGEST]))


def is_imitation(title: str) -> bool:
    """Whether a title says that it is a karaoke, a cover or a tribute."""
    return bool(_IMITATION.search(title[:LONGEST]))


def _is_set_aside(text: str) -> bool:
    return _names_version(text) or _UPLOAD.fullmatch(text.strip()) is not None


def _names_version(text: str) -> bool:
    return bool(_IS_VERSION.search(text)) and not _OTHER_SONG.search(text)
