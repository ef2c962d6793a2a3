"""What the server answers: the three calls of Navidrome's similarity plugin, and OpenSubsonic's two.

Shapes: AudioMuse-AI's `/api/similar_tracks`, `/api/find_path` and `/api/similar_artists`, as its plugin for
Navidrome makes them, and `getSonicSimilarTracks` and `findSonicPath` of OpenSubsonic's `sonicSimilarity`.
"""

import json
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from segue.core import __version__
from segue.core.errors import SegueError
from segue.core.explore.artists import artist_page
from segue.core.explore.neighbours import Filters, neighbourhood
from segue.core.explore.path import find_path
from segue.core.explore.variety import DEFAULT_GUARD, OFF
from segue.core.library import Library
from segue.core.serve.owned import Owned, match_songs
from segue.core.subsonic import Subsonic

MOST = 500
"""Tracks in an answer."""
KEPT = 64 << 20
"""Bytes of answers that are kept."""
LISTS = 1_000
"""Lists of neighbours that are kept: one may have 500 tracks."""
Parameters = Mapping[str, str]


class NotFoundError(Exception):
    """The song or the artist is not in the library."""


class BadRequestError(Exception):
    """A parameter is missing or out of range."""


class Answers:
    """Answers of one library; safe to ask from several threads, which then wait for each other.

    Parameters
    ----------
    library
        An opened library.
    server
        A music server whose song ids are used in place of the library's track ids, and whose songs alone are
        in the answers.
    """

    def __init__(self, library: Library, server: Subsonic | None = None) -> None:
        self._library = library
        self._server = server
        self._lock = threading.Lock()
        self.owned: Owned | None = None
        self._absent: frozenset[int] = frozenset()
        self._calls: dict[str, Callable[[Parameters], Any]] = {
            "/api/similar_tracks": self._similar_tracks,
            "/api/find_path": self._find_path,
            "/api/similar_artists": self._similar_artists,
        }
        for name, call in (
            ("getSonicSimilarTracks", self._sonic_similar),
            ("findSonicPath", self._sonic_path),
            ("getOpenSubsonicExtensions", lambda _parameters: {"openSubsonicExtensions": EXTENSIONS}),
            ("ping", lambda _parameters: {}),
        ):
            self._calls[f"/rest/{name}"] = self._calls[f"/rest/{name}.view"] = call
        self._near = lru_cache(LISTS)(self._near_uncached)
        self._kept: dict[tuple[str, tuple[tuple[str, str], ...]], bytes] = {}
        self._size = 0
        self.refresh()

    def refresh(self) -> None:
        """Read the server's songs again."""
        if self._server is None:
            return
        owned = match_songs(self._library, self._server.songs())
        with self._lock:
            self.owned = owned
            self._absent = frozenset(range(len(self._library))) - owned.song_of.keys()
            self._near.cache_clear()
            self._kept.clear()
            self._size = 0

    def knows(self, path: str) -> bool:
        """Whether there is such a call."""
        return path in self._calls

    def answer(self, path: str, parameters: Parameters) -> bytes:
        """The JSON of an answer.

        Raises
        ------
        NotFoundError
            When the song or artist is not in the library, or not for certain.
        BadRequestError
            When a parameter is missing or out of range.
        """
        with self._lock:
            try:
                found = self._calls[path](parameters)
            except SegueError as error:
                raise NotFoundError(str(error)) from None
            if path.startswith("/rest/"):
                found = {"subsonic-response": {**OK, **found}}
            answer = json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")
            key = path, tuple(sorted(parameters.items()))
            self._size += len(answer) - len(self._kept.pop(key, b""))
            self._kept[key] = answer
            while self._size > KEPT:  # the oldest go
                self._size -= len(self._kept.pop(next(iter(self._kept))))
            return answer

    def kept(self, path: str, parameters: Parameters) -> bytes | None:
        """An answer that was given before; None where it has to be worked out."""
        return self._kept.get((path, tuple(sorted(parameters.items()))))

    # the calls

    def _similar_tracks(self, parameters: Parameters) -> list[dict[str, Any]]:
        song_id, count = _text(parameters, "item_id"), _number(parameters, "n", 10)
        row = self._row(song_id)
        variety = parameters.get("eliminate_duplicates", "").lower() in {"true", "1"}
        return [
            self._described(near) | {"distance": _distance(similarity)}
            for near, similarity in self._near(row, count, variety=variety)
        ]

    def _find_path(self, parameters: Parameters) -> dict[str, Any]:
        start, end = (_text(parameters, name) for name in ("start_song_id", "end_song_id"))
        steps = self._path(start, end, _number(parameters, "max_steps", 25))
        path = [self._described(row) for row, _ in steps]
        return {"path": path, "total_distance": round(sum(_distance(each) for _, each in steps), 4)}

    def _similar_artists(self, parameters: Parameters) -> list[dict[str, Any]]:
        name = parameters.get("artist") or _text(parameters, "artist_id")
        page = artist_page(self._library, name, n=MOST)
        found: list[dict[str, Any]] = []
        for near in page.nearest:
            rows = self._library.catalogue.rows_of_code(near.artist.code).tolist()
            own = [row for row in rows if row not in self._absent]
            if not own:
                continue
            each: dict[str, Any] = {
                "artist": near.artist.name,
                "artist_id": near.artist.artist_id,
                "divergence": _distance(near.similarity),
                "component_matches": [],
            }
            if parameters.get("include_component_matches", "").lower() in {"true", "1"}:
                representative = [self._described(row) for row in own[:5]]
                each["component_matches"] = [{"artist2_representative_songs": representative}]
            found.append(each)
            if len(found) == _number(parameters, "n", 10):
                break
        return found

    def _sonic_similar(self, parameters: Parameters) -> dict[str, Any]:
        count = _number(parameters, "count", 10, least=0)
        row = self._row(_text(parameters, "id"))
        return {
            "sonicMatch": [
                self._match(*each) for each in (self._near(row, count, variety=True) if count else ())
            ]
        }

    def _sonic_path(self, parameters: Parameters) -> dict[str, Any]:
        start, end = (_text(parameters, name) for name in ("startSongId", "endSongId"))
        steps = self._path(start, end, _number(parameters, "count", 25))
        first = self._library.vectors[steps[0][0]]
        return {
            "sonicMatch": [self._match(row, float(first @ self._library.vectors[row])) for row, _ in steps]
        }

    # their parts

    def _near_uncached(self, row: int, count: int, variety: bool) -> list[tuple[int, float]]:
        guard = DEFAULT_GUARD if variety else OFF
        found = neighbourhood(self._library, row, count, guard=guard, banned=self._absent)
        return [(near.row, near.similarity) for near in found.rows]

    def _path(self, start: str, end: str, most: int) -> list[tuple[int, float]]:
        rows = [self._row(start), self._row(end)]
        if rows[0] == rows[1]:
            return [(rows[0], 1.0)]
        if most < 2:
            raise BadRequestError("a path holds two songs or more")
        filters = Filters(banned=self._absent)
        found = find_path(self._library, rows, between=min(most, 100) - 2, filters=filters)
        return [(step.row, step.similarity) for step in found.steps]

    def _row(self, song_id: str) -> int:
        row = (
            self._library.catalogue.row_of(song_id) if self.owned is None else self.owned.row_of.get(song_id)
        )
        if row is None:
            raise NotFoundError("this song is not in the library")
        return row

    def _song_id(self, row: int) -> str:
        if self.owned is None:
            return self._library.track_ids[row]
        return self.owned.song_of[row].song_id

    def _described(self, row: int) -> dict[str, Any]:
        info = self._library.catalogue.info(row)
        return {
            "item_id": self._song_id(row),
            "title": info.title,
            "author": info.artist,
            "album": info.album,
        }

    def _match(self, row: int, similarity: float) -> dict[str, Any]:
        info = self._library.catalogue.info(row)
        entry: dict[str, Any] = {
            "id": self._song_id(row),
            "isDir": False,
            "title": info.title or info.track_id,
        }
        known = {"artist": info.artist, "album": info.album, "type": "music"}
        entry |= {name: text for name, text in known.items() if text}
        if info.duration:
            entry["duration"] = round(info.duration)
        return {"entry": entry, "similarity": round(min(max(similarity, 0.0), 1.0), 4)}


OK = {
    "status": "ok",
    "version": "1.16.1",
    "type": "segue",
    "serverVersion": __version__,
    "openSubsonic": True,
}
EXTENSIONS = [{"name": "sonicSimilarity", "versions": [1]}]


def _text(parameters: Parameters, name: str) -> str:
    value = parameters.get(name, "")
    if not value:
        raise BadRequestError(f"the parameter {name} is missing")
    return value


def _number(parameters: Parameters, name: str, default: int, *, least: int = 1) -> int:
    text = parameters.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) < least:
        raise BadRequestError(f"{name} must be a whole number of at least {least}")
    return min(int(text), MOST)


def _distance(similarity: float) -> float:
    return round(max(1.0 - similarity, 0.0), 4)
