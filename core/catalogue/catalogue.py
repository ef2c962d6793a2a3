"""Who a track is: its metadata by row, and rows by title, artist, album, id or link.

One class of many short queries over one SQLite file; how a query is read and ranked lies in `search`, the
tables in `database`. Cut further, each part would need the other's connection, arrays and checks.
"""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cached_property
from math import log1p
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from msgspec import Struct

from segue.core.arrays import one_line
from segue.core.catalogue.database import (
    COLUMNS,
    COUNT,
    FORMAT,
    OF_TRACKS,
    TEXT,
    Kind,
    ReadPool,
    fit,
    info_of,
)
from segue.core.catalogue.overlay import title_overlay
from segue.core.errors import SegueError
from segue.core.lazy import Lazy
from segue.core.text import LONGEST, fold
from segue.core.tracks import TrackInfo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from segue.core.catalogue import search as query_forms
    from segue.core.catalogue.search import Candidate, Hit, Term
else:  # what the explorer's first frame need not wait
    np = Lazy("numpy")  # 45 ms
    query_forms = Lazy("segue.core.catalogue.search")  # 6 ms

STREAM = 200
"""How many of the most popular matches are ranked."""
TYPO_CANDIDATES = 300
"""How many tracks with similar spelling are compared letter by letter."""
FEW = 5
"""With fewer matches than this, similar spellings are offered as well."""
_CERTAIN_TYPO = 0.8
_SELECT = ", ".join(COLUMNS)
MOST_ROWS = 1 << 31


class Artist(Struct, frozen=True):
    """An artist of the catalogue."""

    code: int
    """The artist's number in `Catalogue.artist_codes`."""
    artist_id: str
    name: str

    @property
    def label(self) -> str:
        """The name, or the id where the name is unknown."""
        return self.name or self.artist_id


class Catalogue:
    """The catalogue of a library: read-only, and safe to use from several threads at once.

    Raises `SegueError` when there is none at the path, or it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pool = ReadPool(path)
        try:
            found = self._pool.fetch("PRAGMA user_version")[0][0]
            if found == FORMAT:
                self._pool.check_schema()
                # rows have no gaps; counting them would read the whole table
                last = self._pool.fetch("SELECT coalesce(max(row), -1) FROM tracks")
                if not isinstance(last[0][0], int) or not -1 <= last[0][0] < MOST_ROWS:
                    raise self._pool.damaged(f"its last row is {last[0][0]!r}")
                self._length = last[0][0] + 1
        except sqlite3.Error as error:
            self.close()
            raise SegueError(
                f"{path}: the catalogue can't be read ({one_line(error)}); train or import the library again"
            ) from error
        if found != FORMAT:
            self.close()
            raise SegueError(
                f"{path}: catalogue format {found}, this Segue reads {FORMAT}; train the library again"
            )

    @classmethod
    def create(cls, path: Path, tracks: Iterable[TrackInfo], counts: "ArrayLike") -> Self:
        """Write the catalogue of some tracks, one a row, and of their plays, int (V,), and open it."""
        from segue.core.catalogue.build import write_catalogue  # 5 ms, which a reader does not need

        write_catalogue(path, tracks, counts)
        return cls(path)

    def close(self) -> None:
        """Close the file."""
        self._pool.close()

    def __len__(self) -> int:
        return self._length

    def info(self, row: int) -> TrackInfo:
        """The metadata of one row. Raises `IndexError` when there is no such row."""
        return self.infos([row])[0]

    def infos(self, rows: Iterable[int]) -> list[TrackInfo]:
        """The metadata of some rows, in their order; a title that the library lacks is the learned one.

        Raises `IndexError` when one of them does not exist.
        """
        infos = list(map(info_of, self._records(rows, _SELECT, OF_TRACKS)))
        return infos if all(info.title for info in infos) else title_overlay().completed(infos)

    def counts(self, rows: Iterable[int]) -> "NDArray[np.int64]":
        """The plays of some rows, in their order: int64 (n,)."""
        return np.array([record[0] for record in self._records(rows, "count", (COUNT,))], dtype=np.int64)

    def plays(self, row: int) -> int:
        """How often a row's track is played."""
        return int(self._records([row], "count", (COUNT,))[0][0])

    @cached_property
    def _most_plays(self) -> int:
        """How often the most played track is played."""
        found = self._pool.fetch("SELECT coalesce(max(count), 0) FROM tracks")[0]
        self._check([found], (COUNT,))
        return int(found[0])

    @cached_property
    def artist_codes(self) -> "NDArray[np.int32]":
        """The number of each row's artist: int32 (V,), -1 where unknown."""
        return self._array("artists")

    @cached_property
    def album_codes(self) -> "NDArray[np.int32]":
        """The number of each row's album, which is one artist's: int32 (V,), -1 where unknown."""
        return self._array("albums")

    @cached_property
    def song_codes(self) -> "NDArray[np.int32]":
        """The number of each row's song, one for all its versions: int32 (V,), -1 unknown."""
        return self._array("songs")

    def search(self, query: str, limit: int = 50, *, similar: bool = True) -> "list[Hit]":
        """The tracks that a text may mean, best first.

        Words match beginnings of words in any order, without regard to case, accents and punctuation. `a:`,
        `t:` and `al:` restrict the words after them to artist, title and album. Ids and Deezer links are
        understood. Where few tracks match, those spelled similarly follow, unless `similar` is False.
        """
        query = query[:LONGEST]
        hits = [query_forms.Hit(row, "id", 4.0) for row in self._rows_of_ids(query)]
        begun = [query_forms.Hit(row, "id", 3.95) for row in self._rows_of_begun_ids(query, limit)]
        if not hits and not query_forms.is_of_words(query):
            hits, begun = begun, []
        if terms := [] if re.match(query_forms.DEEZER_LINK, query.strip()) else query_forms.parse(query):
            hits += query_forms.rank_prefixes(terms, self._matches(terms))
            hits += begun  # what is spelled as a title comes after the titles
            if similar and len(hits) < FEW and sum(len(term.word) for term in terms) > 2:
                hits += query_forms.rank_typos(terms, self._similar(terms))
        else:
            hits += begun
        unique: dict[int, Hit] = {}
        for hit in hits:
            unique.setdefault(hit.row, hit)
        return list(unique.values())[:limit]

    def find_track(self, title: str) -> int:
        """The row of the track with this title, as in the notebook; of several, the most popular.

        The title as spelled comes before one that differs in case, accents or punctuation. Raises
        `SegueError` when no track has it.
        """
        rows = self.rows_of_title(title)
        if not rows:
            raise SegueError(f'no track is called "{title}"{self._similar_titles(title)}')
        infos = self.infos(rows)
        return next((row for row, info in zip(rows, infos, strict=True) if info.title == title), rows[0])

    def resolve(self, text: str) -> int:
        """The row that a person means by an id, a Deezer link, a title, `title — artist`, or words of them.

        Raises `SegueError` when nothing fits; it names up to three similar titles.
        """
        if rows := self._rows_of_ids(text):
            return rows[0]
        if self.rows_of_title(text):
            return self.find_track(text)
        hits = self.search(text, limit=1)
        if hits and (hits[0].why != "typo" or hits[0].score >= _CERTAIN_TYPO):
            return hits[0].row
        raise SegueError(f'nothing found for "{text}"{self._similar_titles(text)}')

    def row_of(self, identity: str) -> int | None:
        """The row of a track id, of a bare Deezer number or of a Deezer link; None when there is none."""
        return next(iter(self.rows_of_ids([identity, *query_forms.track_ids(identity)])), None)

    def rows_of_title(self, title: str) -> list[int]:
        """The rows with this title, whatever its case, accents and punctuation, the most popular first."""
        return self._rows_titled(fold(title))

    def rows_of_ids(self, track_ids: Iterable[str]) -> list[int]:
        """The rows of those track ids that there are, in the order of the ids."""
        wanted = list(track_ids)
        found = dict(self._pool.fetch_in("SELECT track_id, row FROM tracks WHERE track_id IN", wanted))
        return [found[track_id] for track_id in wanted if track_id in found]

    def rows_of_isrcs(self, codes: Iterable[str]) -> dict[str, list[int]]:
        """The rows that have each of these recording codes, the most popular first."""
        found: dict[str, list[int]] = {}
        for code, row in self._pool.fetch_in("SELECT isrc, row FROM tracks WHERE isrc IN", sorted(codes)):
            found.setdefault(code, []).append(row)
        return {code: self._by_popularity(self._within(rows)).tolist() for code, rows in found.items()}

    def has_artist(self, name: str) -> bool:
        """Whether an artist has this name, whatever its case, accents and punctuation."""
        return bool(self._codes("name_key", fold(name)))

    def rows_of_artist(self, artist: str) -> "NDArray[np.int32]":
        """The rows of an artist (id or name), the most popular first: int32 (n,), empty when unknown."""
        return self._rows_of_codes(self._codes_called(artist))

    def rows_of_code(self, code: int) -> "NDArray[np.int32]":
        """The rows of the artist numbered `code` in `artist_codes`, the most popular first: int32 (n,)."""
        return self._rows_of_codes([code])

    def rows_of_album(self, album: str, artist: str) -> "NDArray[np.int32]":
        """The rows of an artist's album, the most popular first: int32 (n,), empty when unknown."""
        rows, key = self.rows_of_artist(artist), fold(album)
        return rows[[fold(info.album) == key for info in self.infos(rows)]]

    def artist(self, code: int) -> Artist:
        """The artist numbered `code` in `artist_codes`."""
        found = self._pool.fetch("SELECT code, artist_id, name FROM artists WHERE code = ?", (int(code),))
        if not found:
            raise self._disagrees() if 0 <= code < self._length else IndexError(f"no artist {code}")
        self._check(found, (COUNT, TEXT, TEXT))
        return Artist(*found[0])

    def artists(self, query: str, limit: int = 20) -> list[Artist]:
        """The artists that a text may mean: by id, by name, then by beginnings of words."""
        codes = self._codes_called(query)
        if terms := [query_forms.Term(term.word, "artist") for term in query_forms.parse(query)]:
            rows = [candidate.row for candidate in self._matches(terms)]
            codes += [code for code in self.artist_codes[rows].tolist() if code >= 0]
        return [self.artist(code) for code in list(dict.fromkeys(codes))[:limit]]

    def _codes_called(self, artist: str) -> list[int]:
        """The artists with exactly this id, or else this name."""
        named = (("artist_id", artist), ("artist_id", f"artist_{artist}"), ("name_key", fold(artist)))
        return next((codes for column, value in named if (codes := self._codes(column, value))), [])

    def _codes(self, column: str, value: str) -> list[int]:
        """The artists whose column has a value, the most popular first; none for an empty value."""
        sql = f"SELECT code FROM artists WHERE {column} = ? ORDER BY code"  # noqa: S608 - own names
        found = self._pool.fetch(sql, (value,)) if value else []
        return [code for (code,) in found]

    def _rows_of_codes(self, codes: Sequence[int]) -> "NDArray[np.int32]":
        return self._by_popularity(np.flatnonzero(np.isin(self.artist_codes, codes)).astype(np.int32))

    def _matches(self, terms: "Sequence[Term]") -> "list[Candidate]":
        """The most popular tracks that hold every word, and those called or sung by exactly the query."""
        expression = query_forms.match_expression(terms)
        places = expression and self._pool.fetch(
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid LIMIT ?", (expression, STREAM)
        )
        rows = self._rows_at(place for (place,) in places or []).tolist()
        if expression:
            rows += self._untitled(title_overlay().ids_matching(expression, STREAM))
        if not expression or len(rows) >= STREAM:
            phrase, scopes = " ".join(term.word for term in terms), {term.scope for term in terms}
            if scopes <= {"", "title"}:
                rows += self._rows_titled(phrase)[:STREAM]
            if scopes <= {"", "artist"}:
                rows += self._rows_of_codes(self._codes("name_key", phrase))[:STREAM].tolist()
        return self._candidates(list(dict.fromkeys(rows)))

    def _similar(self, terms: "Sequence[Term]") -> "list[Candidate]":
        with self._pool.connection() as connection:
            try:
                places = query_forms.nearest_places(
                    connection, [term.word for term in terms], self._length, TYPO_CANDIDATES
                )
            except (ValueError, TypeError):
                raise self._disagrees() from None
        return self._candidates(self._rows_at(places).tolist())

    def _candidates(self, rows: Sequence[int]) -> "list[Candidate]":
        scale = log1p(self._most_plays) or 1.0
        columns, kinds = "track_id, title_key, artist_key, count", (TEXT, TEXT, TEXT, COUNT)
        records = self._records(rows, columns, kinds)
        learned = title_overlay().learned([track_id for track_id, title, *_ in records if not title])
        candidates = []
        for row, (track_id, title, artist, count) in zip(rows, records, strict=True):
            if track_id in learned:
                info = learned[track_id][0]
                title, artist = fold(info.title), artist or fold(info.artist)  # noqa: PLW2901 - completed
            candidates.append(query_forms.Candidate(row, title, artist, log1p(count) / scale))
        return candidates

    def _rows_titled(self, key: str) -> list[int]:
        """The rows with this folded title, the most popular first."""
        rows = self._rows("title_key", key)
        learned = self._untitled(title_overlay().ids_titled(key))
        return list(self._by_popularity(self._within([*rows, *learned])).tolist()) if learned else rows

    def _untitled(self, track_ids: Sequence[str]) -> list[int]:
        """The rows among these tracks whose title the library lacks, the most popular first."""
        rows = self.rows_of_ids(track_ids)
        if not rows:
            return []
        titles = self._records(rows, "title", (TEXT,))
        kept = [row for row, (title,) in zip(rows, titles, strict=True) if not title]
        return list(self._by_popularity(self._within(kept)).tolist())

    def _rows_of_ids(self, query: str) -> list[int]:
        return [row for track_id in query_forms.track_ids(query) for row in self._rows("track_id", track_id)]

    def _rows_of_begun_ids(self, query: str, limit: int) -> list[int]:
        """The rows whose id begins with an id that is still being typed, in the order of the ids."""
        rows: list[int] = []
        for begun in query_forms.begun_ids(query):
            sql = "SELECT row FROM tracks WHERE track_id >= ? AND track_id < ? ORDER BY track_id LIMIT ?"
            found = self._pool.fetch(sql, (begun, begun[:-1] + chr(ord(begun[-1]) + 1), limit))
            rows += [row for (row,) in found]
        return rows

    def _rows(self, column: str, value: str) -> list[int]:
        """The rows whose column has a value, the most popular first; none for an empty value."""
        found = value and self._pool.fetch(f"SELECT row FROM tracks WHERE {column} = ?", (value,))  # noqa: S608 - own names
        return list(self._by_popularity(self._within(row for (row,) in found or [])).tolist())

    def _by_popularity(self, rows: "NDArray[np.int32]") -> "NDArray[np.int32]":
        return rows[np.argsort(self._place_of_row[rows])]

    def _records(self, rows: Iterable[int], columns: str, kinds: Sequence[Kind]) -> list[tuple[Any, ...]]:
        """Some columns of some rows, in their order, and the kinds of values that each may hold."""
        wanted = [int(row) for row in rows]
        records = self._pool.fetch_in(f"SELECT row, {columns} FROM tracks WHERE row IN", wanted)  # noqa: S608 - own names
        found = {record[0]: record[1:] for record in records}
        self._check(found.values(), kinds)
        try:
            return [found[row] for row in wanted]
        except KeyError as missing:
            if 0 <= missing.args[0] < self._length:
                raise self._disagrees() from None
            raise IndexError(f"no row {missing} among {self._length}") from None

    def _check(self, records: Iterable[tuple[Any, ...]], kinds: Sequence[Kind]) -> None:
        """Refuse values of another kind than were written: SQLite keeps any kind in any column."""
        if not fit(records, kinds):
            raise self._pool.damaged("a column holds what does not belong there")

    def _disagrees(self) -> SegueError:
        return self._pool.damaged("its tables disagree")

    def _rows_at(self, places: Iterable[int]) -> "NDArray[np.int32]":
        """The rows at some places of the order by popularity, as the index of words knows them."""
        return self._row_of_place[self._within(places)]

    def _within(self, numbers: Iterable[int]) -> "NDArray[np.int32]":
        """Numbers of rows or places, unless there are no such ones."""
        found = np.fromiter(numbers, np.int64)
        if len(found) and not 0 <= found.min() <= found.max() < self._length:
            raise self._disagrees()
        return found.astype(np.int32)

    @cached_property
    def _row_of_place(self) -> "NDArray[np.int32]":
        return self._array("row_of_place", least=0)

    @cached_property
    def _place_of_row(self) -> "NDArray[np.int32]":
        return self._array("place_of_row", least=0)

    def _array(self, name: str, least: int = -1) -> "NDArray[np.int32]":
        """An array of a number a row, from `least` on and below the number of rows: int32 (V,)."""
        found = self._pool.fetch("SELECT data FROM arrays WHERE name = ?", (name,))
        if not found or not isinstance(found[0][0], bytes) or len(found[0][0]) != 4 * self._length:
            raise self._disagrees()
        order: NDArray[np.int32] = np.frombuffer(found[0][0], dtype="<i4")
        if self._length and not least <= order.min() <= order.max() < self._length:
            raise self._disagrees()
        return order

    def _similar_titles(self, text: str) -> str:
        infos = self.infos(hit.row for hit in self.search(text, limit=3))
        return (
            f"; similar: {', '.join(info.label for info in infos)}"
            if infos
            else "; try fewer words or `segue search`"
        )
