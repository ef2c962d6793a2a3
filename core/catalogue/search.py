"""Words in the index, reading a query, and ranking what it found."""

import re
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from segue.core.lazy import Lazy
from segue.core.text import fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = Lazy("numpy")  # 45 ms, which the explorer's first frame need not wait

_JOINED = re.compile(r"\w[^\w\s'’]+\w|&")
_UNSPACED = r"([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
"""Compiled when first used: 2 ms."""


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

    That is how the full-text index holds such titles, as only a dictionary knows where their words
    begin.
    """
    return folded if folded.isascii() else " ".join(re.sub(_UNSPACED, r" \1 ", folded).split())


SCHEMA = "CREATE TABLE trigrams (gram INTEGER PRIMARY KEY, places BLOB NOT NULL)"
_POSTINGS = 300_000
"""Places looked at for one query: some 2 ms."""
_NEAR = 0.4
"""Places with less than this share of the best place's score are not looked at."""
_LETTER_BITS = 21  # Unicode ends at 0x10FFFF


def write_trigrams(connection: sqlite3.Connection, texts: Sequence[str]) -> None:
    """Index folded texts, words parted by single spaces, in a database that has `SCHEMA`.

    A text's position is its place.
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
    """The places, of `total` texts, that share most with some folded words, rare trigrams counting more.

    They are int64 (n,), at most `limit`, the best first; among equals the lower place, which is the more
    popular track. Raises `ValueError` or `TypeError` when the index is damaged.
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


Why = Literal["id", "exact", "prefix", "typo"]
Scope = Literal["", "title", "artist", "album"]

_SCOPE = r"(?i)(?:^|(?<=\s))(al|a|t):"
_SCOPES: dict[str, Scope] = {"a": "artist", "t": "title", "al": "album"}
DEEZER_LINK = r"(?i)(?:https?://)?(?:www\.)?deezer\.com/(?:[a-z]{2}(?:-[a-z]{2})?/)?track/(\d{1,18})\b"
"""Compiled when first used, as `_UNSPACED` is."""
_BEGUN_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_WORD = re.compile(r"[^\W\d_]+(?:['’ ]+[^\W\d_]+)*")
SHORTEST_BEGINNING = 3
TYPO_FLOOR = 0.6


class Hit(Struct, frozen=True):
    """A track that answers a query."""

    row: int
    why: Why
    """What matched: the id, the whole title, every word or its beginning, or words spelled nearly so."""
    score: float
    """Higher is better: about 4 for an id, above 3 for an exact title, 2 to 3 for words, 0 to 1 for typos."""


class Term(Struct, frozen=True):
    """A word of the query and the column it must be in; an empty scope means any."""

    word: str
    scope: Scope


class Candidate(Struct, frozen=True):
    """A track that may answer, with its folded texts."""

    row: int
    title: str
    artist: str
    popularity: float
    """0 to 1, on a logarithmic scale of plays."""


def parse(query: str) -> list[Term]:
    """Split a query into words and their scopes: `"a: cohen t: hallelujah"`; `al:` is the album."""
    pieces = re.split(_SCOPE, query)
    scopes: list[Scope] = ["", *(_SCOPES[name.lower()] for name in pieces[1::2])]
    return [
        Term(word, scope)
        for scope, piece in zip(scopes, pieces[::2], strict=True)
        for word in query_words(piece)
    ]


def track_ids(query: str) -> list[str]:
    """The track ids that a text may mean: itself, `track_<number>`, or the number of a Deezer link.

    Ids have any shape: `track_3135556`, `spotify:track:…`, `dQw4w9WgXcQ`, a path, words.
    """
    text = query.strip()
    if link := re.match(DEEZER_LINK, text):
        return [f"track_{link[1]}", link[1]]
    if not text:
        return []
    return [text, f"track_{text}"] if text.isascii() and text.isdigit() else [text]


def begun_ids(query: str) -> list[str]:
    """The beginnings of ids that a text may be: three characters, or four digits of a number, or more."""
    text = query.strip()
    if len(text) < SHORTEST_BEGINNING or (text.isdigit() and len(text) <= SHORTEST_BEGINNING):
        return []
    return [text, f"track_{text}"] if _BEGUN_NUMBER.fullmatch(text) else [text]


def is_of_words(query: str) -> bool:
    """Whether a text is letters and blanks alone, as titles are, and ids hardly ever."""
    return _WORD.fullmatch(query.strip()) is not None


def match_expression(terms: Sequence[Term]) -> str:
    """The FTS5 query: every word, or a word that it begins, in its column; empty when there is no word.

    `fold` leaves letters and digits, so no word can be taken for an operator. Punctuation, which it keeps
    where there is nothing else, is not in the full-text index.
    """
    return " AND ".join(
        f'{{{term.scope}}} : "{word}" *' if term.scope else f'"{word}" *'
        for term in terms
        for word in spaced(term.word).split()
        if word.isalnum()
    )


def rank_prefixes(terms: Sequence[Term], candidates: Sequence[Candidate]) -> list[Hit]:
    """Order tracks that hold every word, by how well they match and how popular they are.

    An exact title comes first, then whole words before beginnings of words, titles that start with the query
    before those that merely hold it, and the popular before the obscure. One or two letters say too little
    for anything but popularity.
    """
    words = [term.word for term in terms]
    phrase = " ".join(words)
    title_only = all(term.scope in {"", "title"} for term in terms)
    letters = sum(map(len, words))
    hits = []
    for candidate in candidates:
        title, artist = candidate.title, candidate.artist
        if title_only and title == phrase:
            hits.append(Hit(candidate.row, "exact", 3.0 + 0.9 * candidate.popularity))
            continue
        if letters <= 2:
            hits.append(Hit(candidate.row, "prefix", 2.0 + 0.9 * candidate.popularity))
            continue
        spelled = set(title.split()) | set(artist.split())
        whole = sum(len(word) for word in words if word in spelled) / letters
        starts = title.startswith(phrase) or artist.startswith(phrase)
        covered = min(1.0, letters / (len(title) or letters))
        score = 2.0 + 0.3 * whole + 0.15 * starts + 0.15 * covered + 0.35 * candidate.popularity
        hits.append(Hit(candidate.row, "prefix", score))
    return sorted(hits, key=lambda hit: -hit.score)


def rank_typos(terms: Sequence[Term], candidates: Sequence[Candidate]) -> list[Hit]:
    """Order tracks by how nearly they hold the words of a query; those too far off are left out.

    Each word of the query is compared with every word of the track by optimal string alignment (an insertion,
    a deletion, a substitution or two letters swapped count one). The last word may still be unfinished, so it
    is also compared with beginnings.
    """
    vocabulary: dict[str, int] = {}
    numbers: list[int] = []
    starts: list[int] = []
    for candidate in candidates:
        for text in (candidate.title, candidate.artist):
            starts.append(len(numbers))
            # a column without words holds the empty one, which is near to nothing
            numbers += [vocabulary.setdefault(word, len(vocabulary)) for word in text.split() or [""]]
    if not numbers:
        return []
    nearest = np.maximum.reduceat(_nearness(terms, list(vocabulary))[:, numbers], starts, axis=1)
    by_column = {
        "title": nearest[:, ::2],
        "artist": nearest[:, 1::2],
        "album": np.zeros_like(nearest[:, ::2]),
    }
    by_column[""] = np.maximum(by_column["title"], by_column["artist"])
    near = np.array([by_column[term.scope][at] for at, term in enumerate(terms)])
    letters = np.array([len(term.word) for term in terms], dtype=np.float32)
    similarity = letters @ near / letters.sum()
    scores = 0.9 * similarity + 0.1 * np.array([candidate.popularity for candidate in candidates])
    order = np.argsort(-scores, kind="stable")
    return [
        Hit(candidates[at].row, "typo", float(scores[at]))
        for at in order.tolist()
        if similarity[at] >= TYPO_FLOOR
    ]


def _nearness(terms: Sequence[Term], vocabulary: Sequence[str]) -> "NDArray[np.float32]":
    """How nearly each query word (row) is spelled like each word (column), 0 to 1."""
    from rapidfuzz.distance import OSA  # rapidfuzz: 33 ms, and only typos need it
    from rapidfuzz.process import cdist

    words = [term.word for term in terms]
    nearness: NDArray[np.float32] = cdist(
        words, vocabulary, scorer=OSA.normalized_similarity, dtype=np.float32
    )
    last = words[-1]
    beginnings = [word[: len(last)] for word in vocabulary]
    unfinished = cdist([last], beginnings, scorer=OSA.normalized_similarity, dtype=np.float32)[0]
    nearness[-1] = np.maximum(nearness[-1], 0.95 * unfinished)
    return nearness
