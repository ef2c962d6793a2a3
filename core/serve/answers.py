"""What the server answers: the three calls of Navidrome's similarity plugin, and OpenSubsonic's two.

Shapes: AudioMuse-AI's `/api/similar_tracks`, `/api/find_path` and `/api/similar_artists`, as its plugin for
Navidrome makes them, and `getSonicSimilarTracks` and `findSonicPath` of OpenSubsonic's `sonicSimilarity`.
"""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segue.core import __version__
from segue.core.catalogue import Artist
from segue.core.errors import SegueError
from segue.core.explore.artists import page_of
from segue.core.explore.matching import Owned, match_songs
from segue.core.explore.neighbours import Filters, gather, neighbourhood
from segue.core.explore.path import find_path
from segue.core.explore.variety import DEFAULT_GUARD, OFF
from segue.core.library import Library
from segue.core.serve.lists import LENGTH, NearLists
from segue.core.subsonic import Subsonic
from segue.core.text import fold
from segue.core.tracks import TrackInfo

MOST = 500
"""Tracks in an answer."""
ENOUGH = 25
"""Tracks in an answer for which a list nearly always holds enough."""
KEPT = 64 << 20
"""Bytes of answers that are kept."""
KNOWN = 50_000
"""Tracks whose metadata is kept."""
Parameters = Mapping[str, str]
Rows = Sequence[tuple[int, float]]
"""Rows, each with a cosine."""


class NotFoundError(Exception):
    """The song or the artist is not in the library."""


class BadRequestError(Exception):
    """A parameter is missing or out of range."""


class Answers:
    """Answers of one library; safe to ask from several threads.

    `server` is a music server whose song ids are used in place of the library's track ids, and whose songs
    alone are in the answers. `folder` is where the lists of neighbours are kept for the next start.
    """

    def __init__(
        self, library: Library, server: Subsonic | None = None, *, folder: Path | None = None
    ) -> None:
        self._library, self._server, self._folder = library, server, folder
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, tuple[tuple[str, str], ...]], bytes] = {}
        self._size = 0
        self._calls = self._read()

    def _read(self) -> "_Calls":
        owned = None if self._server is None else match_songs(self._library, self._server.songs())
        return _Calls(self._library, owned, self._folder)

    @property
    def owned(self) -> Owned | None:
        """The server's songs."""
        return self._calls.owned

    @property
    def lists(self) -> NearLists:
        """The lists of neighbours behind the answers."""
        return self._calls.lists

    def refresh(self) -> None:
        """Read the server's songs again."""
        if self._server is None:
            return
        calls = self._read()
        with self._lock:
            before, self._calls = self._calls, calls
            self._kept.clear()
            self._size = 0
        before.lists.close()

    def knows(self, path: str) -> bool:
        """Whether there is such a call."""
        return path in self._calls.by_path

    def answer(self, path: str, parameters: Parameters) -> bytes:
        """The JSON of an answer.

        Raises `NotFoundError` when the song or artist is not in the library, or not for certain, and
        `BadRequestError` when a parameter is missing or out of range.
        """
        calls = self._calls
        try:
            found = calls.by_path[path](parameters)
        except SegueError as error:
            raise NotFoundError(str(error)) from None
        if path.startswith("/rest/"):
            found = {"subsonic-response": {**OK, **found}}
        answer = json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")
        with self._lock:
            if calls is self._calls:
                self._keep((path, tuple(sorted(parameters.items()))), answer)
        return answer

    def is_at_hand(self, path: str, parameters: Parameters) -> bool:
        """Whether an answer is worked out in less than a millisecond."""
        return self._calls.is_at_hand(path, parameters)

    def _keep(self, key: tuple[str, tuple[tuple[str, str], ...]], answer: bytes) -> None:
        self._size += len(answer) - len(self._kept.pop(key, b""))
        self._kept[key] = answer
        while self._size > KEPT:  # the oldest go
            self._size -= len(self._kept.pop(next(iter(self._kept))))

    def kept(self, path: str, parameters: Parameters) -> bytes | None:
        """An answer that was given before; None where it has to be worked out."""
        return self._kept.get((path, tuple(sorted(parameters.items()))))


class _Calls:
    """The calls, for the songs that a server has at one time."""

    def __init__(self, library: Library, owned: Owned | None, folder: Path | None) -> None:
        self._library = library
        self.owned = owned
        rows = np.arange(len(library)) if owned is None else np.array(sorted(owned.song_of), np.int64)
        self.lists = NearLists(library, rows, folder)
        self._known: dict[int, TrackInfo] = {}
        self._absent = frozenset() if owned is None else frozenset(range(len(library))) - owned.song_of.keys()
        self.by_path: dict[str, Callable[[Parameters], Any]] = {
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
            self.by_path[f"/rest/{name}"] = self.by_path[f"/rest/{name}.view"] = call

    def is_at_hand(self, path: str, parameters: Parameters) -> bool:
        """See `Answers.is_at_hand`."""
        song, count = ("item_id", "n") if path == "/api/similar_tracks" else ("id", "count")
        if self.by_path[path] not in (self._similar_tracks, self._sonic_similar):
            return False
        number = parameters.get(count, "10")
        if not (number.isascii() and number.isdigit()) or len(number) > 2 or int(number) > ENOUGH:
            return False
        row = self._find(parameters.get(song, ""))
        return row is not None and self.lists.has(row)

    def _similar_tracks(self, parameters: Parameters) -> list[dict[str, Any]]:
        song_id, count = _text(parameters, "item_id"), _number(parameters, "n", 10)
        variety = parameters.get("eliminate_duplicates", "").lower() in {"true", "1"}
        near = self._near(self._row(song_id), count, variety=variety)
        return [
            described | {"distance": _distance(similarity)}
            for described, (_, similarity) in zip(self._described(near), near, strict=True)
        ]

    def _find_path(self, parameters: Parameters) -> dict[str, Any]:
        start, end = (_text(parameters, name) for name in ("start_song_id", "end_song_id"))
        steps = self._path(start, end, _number(parameters, "max_steps", 25))
        distance = round(sum(_distance(each) for _, each in steps), 4)
        return {"path": self._described(steps), "total_distance": distance}

    def _similar_artists(self, parameters: Parameters) -> list[dict[str, Any]]:
        name = parameters.get("artist") or _text(parameters, "artist_id")
        count = _number(parameters, "n", 10)
        page = page_of(self._library, self._artist(name), n=MOST)
        with_songs = parameters.get("include_component_matches", "").lower() in {"true", "1"}
        mine = self._songs_of(page.artist.code) if with_songs else []
        found: list[dict[str, Any]] = []
        for near in page.nearest:
            theirs = self._songs_of(near.artist.code)
            if not theirs:
                continue
            songs = {"artist1_representative_songs": mine, "artist2_representative_songs": theirs}
            found.append(
                {
                    "artist": near.artist.name,
                    "artist_id": self._artist_id(near.artist),
                    "divergence": _distance(near.similarity),
                    "component_matches": [songs] if with_songs else [],
                }
            )
            if len(found) == count:
                break
        return found

    def _sonic_similar(self, parameters: Parameters) -> dict[str, Any]:
        count = _number(parameters, "count", 10, least=0)
        row = self._row(_text(parameters, "id"))
        return {"sonicMatch": self._matches(self._near(row, count, variety=True) if count else [])}

    def _sonic_path(self, parameters: Parameters) -> dict[str, Any]:
        start, end = (_text(parameters, name) for name in ("startSongId", "endSongId"))
        rows = [row for row, _ in self._path(start, end, _number(parameters, "count", 25))]
        cosines = self._library.vectors[rows] @ self._library.vectors[rows[0]]
        return {"sonicMatch": self._matches(list(zip(rows, cosines.tolist(), strict=True)))}

    # their parts

    def _near(self, row: int, count: int, *, variety: bool) -> list[tuple[int, float]]:
        """The nearest rows with their cosines; from the lists, where they hold enough."""
        guard, listed = DEFAULT_GUARD if variety else OFF, self.lists.of(row)
        vectors = self._library.vectors
        if not variety and (count < len(listed) or len(listed) < LENGTH):
            near = listed[listed != row][:count]  # what `gather` comes to, in a tenth of its time
            return list(zip(near.tolist(), (vectors[near] @ vectors[row]).tolist(), strict=True))

        def best(k: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
            return listed[:k], np.zeros(len(listed[:k]), np.float32)

        rows, _ = gather(self._library, best, vectors[row], count, filters=Filters(guard), without=[row])
        if len(rows) < count and len(listed) == LENGTH:
            rows = neighbourhood(self._library, row, count, filters=Filters(guard, banned=self._absent)).rows
        return [(near.row, near.similarity) for near in rows]

    def _path(self, start: str, end: str, most: int) -> list[tuple[int, float]]:
        rows = [self._row(start), self._row(end)]
        if rows[0] == rows[1]:
            return [(rows[0], 1.0)]
        if most < 2:
            raise BadRequestError("a path needs at least two songs")
        filters = Filters(banned=self._absent)
        found = find_path(self._library, rows, between=min(most, 100) - 2, filters=filters)
        return [(step.row, step.similarity) for step in found.steps]

    def _find(self, song_id: str) -> int | None:
        if self.owned is not None:
            return self.owned.row_of.get(song_id)
        return self._library.catalogue.row_of(song_id)

    def _row(self, song_id: str) -> int:
        if (row := self._find(song_id)) is None:
            raise NotFoundError("this song is not in the library")
        return row

    def _artist(self, name: str) -> int:
        """The number of an artist by the server's id, the library's, or exactly its name."""
        if self.owned is not None and name in self.owned.code_of:
            return self.owned.code_of[name]
        found = self._library.catalogue.artists(name, limit=1)
        if not found or (name != found[0].artist_id and fold(name) != fold(found[0].name)):
            raise NotFoundError("this artist is not in the library")
        return found[0].code

    def _artist_id(self, artist: Artist) -> str:
        return artist.artist_id if self.owned is None else self.owned.artist_of.get(artist.code, "")

    def _songs_of(self, code: int) -> list[dict[str, Any]]:
        """Up to five songs of an artist that can be had, the most played first."""
        rows = self._library.catalogue.rows_of_code(code).tolist()
        return self._described([(row, 1.0) for row in rows if row not in self._absent][:5])

    def _song_id(self, row: int) -> str:
        if self.owned is None:
            return self._library.track_ids[row]
        return self.owned.song_of[row].song_id

    def _infos(self, rows: Sequence[int]) -> list[TrackInfo]:
        """The metadata of some rows; what is near to many songs is asked for often."""
        known = self._known
        if len(known) > KNOWN:
            known = self._known = {}  # other threads may still read the old one
        new = [row for row in rows if row not in known]
        known.update(zip(new, self._library.catalogue.infos(new), strict=True))
        return [known[row] for row in rows]

    def _described(self, found: Rows) -> list[dict[str, Any]]:
        rows = [row for row, _ in found]
        return [
            {"item_id": self._song_id(row), "title": info.title, "author": info.artist, "album": info.album}
            for row, info in zip(rows, self._infos(rows), strict=True)
        ]

    def _matches(self, found: Rows) -> list[dict[str, Any]]:
        infos = self._infos([row for row, _ in found])
        return [
            {"entry": self._entry(row, info), "similarity": round(min(max(similarity, 0.0), 1.0), 4)}
            for (row, similarity), info in zip(found, infos, strict=True)
        ]

    def _entry(self, row: int, info: TrackInfo) -> dict[str, Any]:
        known = {"artist": info.artist, "album": info.album, "type": "music"}
        seconds = {"duration": round(info.duration)} if info.duration else {}
        named = {"id": self._song_id(row), "isDir": False, "title": info.title or info.track_id}
        return named | {name: text for name, text in known.items() if text} | seconds


OK = {
    "status": "ok",
    "version": "1.16.1",
    "type": "segue",
    "serverVersion": __version__,
    "openSubsonic": True,
}
EXTENSIONS = [{"name": "sonicSimilarity", "versions": [1]}]


def failure(code: int, message: str) -> bytes:
    """A refusal as Subsonic sends it."""
    answer = {**OK, "status": "failed", "error": {"code": code, "message": message}}
    return json.dumps({"subsonic-response": answer}).encode()


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
