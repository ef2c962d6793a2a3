"""The words under which a text is found, and an index of their three-letter parts for queries with typos.

A word is padded by a space on either side, so that its beginning and its end count (`" ha"`, `"ah "`).
"""

import re
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from segue.core.lazy import Lazy
from segue.core.text import fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = Lazy("numpy")  # 45 ms, which the explorer's first frame need not wait

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


SCHEMA = "CREATE TABLE trigrams (gram INTEGER PRIMARY KEY, places BLOB NOT NULL)"
_POSTINGS = 300_000
"""Places looked at for one query: some 2 ms."""
_NEAR = 0.4
"""Places with less than this share of the best place's score are not looked at."""
_LETTER_BITS = 21  # Unicode ends at 0x10FFFF


def write_trigrams(connection: sqlite3.Connection, texts: Sequence[str]) -> None:
    """Index folded texts; a text's position is its place.

    Parameters
    ----------
    connection
        A database that has `SCHEMA`.
    texts
        Folded words separated by single spaces.
    """
    grams, places = _grams(texts)
    order = np.argsort(grams, kind="stable")  # places rise already
    grams, places = grams[order], places[order]
    fresh = np.ones(len(grams), dtype=bool)
    fresh[1:] = (grams[1:] != grams[:-1]) | (places[1:] != places[:-1])
    grams, places = grams[fresh], places[fresh].astype("<i4")
    keys, starts = np.unique(grams, return_index=True)
    ends = np.append(starts, len(grams))[1:]
    connection.executemany(
        "INSERT INTO trigrams VALUES (?, ?)",
        ((int(key), places[a:b].tobytes()) for key, a, b in zip(keys, starts, ends, strict=True)),
    )


def nearest_places(
    connection: sqlite3.Connection, words: Sequence[str], total: int, limit: int
) -> "NDArray[np.int64]":
    """The places that share most with some words, rare trigrams counting more.

    Parameters
    ----------
    words
        Folded words of the query.
    total
        How many texts were indexed.
    limit
        How many places to return at most.

    Returns
    -------
    int64 (n,)
        Best first; among equals the lower place, which is the more popular track.

    Raises
    ------
    ValueError, TypeError
        When the index is damaged.
    """
    grams = [int(gram) for gram in np.unique(_grams([" ".join(words)])[0])]
    marks = ",".join("?" * len(grams))
    blobs = connection.execute(f"SELECT places FROM trigrams WHERE gram IN ({marks})", grams)  # noqa: S608 - marks only
    found = sorted((np.frombuffer(blob, dtype="<i4") for (blob,) in blobs if blob), key=len)
    if not found:
        return np.empty(0, dtype=np.int64)
    # the rarest tell most; the commonest are left out where they would cost more than they tell
    kept = max(int(np.searchsorted(np.cumsum([len(at) for at in found]), _POSTINGS, side="right")), 1)
    weights = [np.full(len(at), np.log1p(total / len(at)), dtype=np.float32) for at in found[:kept]]
    places = np.concatenate(found[:kept])
    if places.max() >= total:  # it would ask for any amount of memory
        raise ValueError("a place beyond the last")
    score = np.bincount(places, weights=np.concatenate(weights))
    candidates = np.flatnonzero(score >= _NEAR * score.max())
    best = candidates[np.argsort(-score[candidates], kind="stable")][:limit]
    return np.asarray(best, np.int64)


def _grams(texts: Sequence[str]) -> "tuple[NDArray[np.int64], NDArray[np.int64]]":
    """Every trigram of some texts, as numbers, and the text each one comes from."""
    padded = [f" {text.replace(' ', '  ')} " for text in texts]
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "replace"), dtype="<u4")
    if len(letters) < 3:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    owner = np.repeat(np.arange(len(texts), dtype=np.int32), [len(text) for text in padded])
    space = letters == 32
    whole = ~(space[1:-1] | (space[:-2] & space[2:])) & (owner[:-2] == owner[2:])
    at = np.flatnonzero(whole)
    first, second, third = (letters[at + step].astype(np.int64) for step in range(3))
    grams = (first << 2 * _LETTER_BITS) | (second << _LETTER_BITS) | third
    return grams, owner[at].astype(np.int64)
