"""Reading a query and ranking what it found."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from segue.core.catalogue.words import query_words, spaced
from segue.core.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
else:
    np = Lazy("numpy")  # 45 ms, which the explorer's first frame need not wait

Why = Literal["id", "exact", "prefix", "typo"]
Scope = Literal["", "title", "artist", "album"]

_SCOPE = re.compile(r"(?:^|(?<=\s))(al|a|t):", re.IGNORECASE)
_SCOPES: dict[str, Scope] = {"a": "artist", "t": "title", "al": "album"}
DEEZER_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?deezer\.com/(?:[a-z]{2}(?:-[a-z]{2})?/)?track/(\d{1,18})\b", re.IGNORECASE
)
_BEGUN_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_WORD = re.compile(r"[^\W\d_]+(?:['’ ]+[^\W\d_]+)*")
SHORTEST_BEGINNING = 3
TYPO_FLOOR = 0.6


@dataclass(frozen=True, slots=True)
class Hit:
    """A track that answers a query."""

    row: int
    why: Why
    """What matched: the id, the whole title, every word or its beginning, or words spelled nearly so."""
    score: float
    """Higher is better: about 4 for an id, above 3 for an exact title, 2 to 3 for words, 0 to 1 for typos."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the query and the column it must be in; an empty scope means any."""

    word: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Candidate:
    """A track that may answer, with its folded texts."""

    row: int
    title: str
    artist: str
    popularity: float
    """0 to 1, on a logarithmic scale of play counts."""


def parse(query: str) -> list[Term]:
    """Split a query into words and their scopes: `"a: cohen t: hallelujah"`; `al:` is the album."""
    pieces = _SCOPE.split(query)
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
    if link := DEEZER_LINK.match(text):
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
