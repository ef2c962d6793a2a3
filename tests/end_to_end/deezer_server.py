"""A server on loopback that answers as Deezer does, its ill manners included.

The shapes of the answers are those recorded from the real API. Every track has a tone of its own as its
preview, so that what was played can be reported from the sound. All answers of one
server are in this file.
"""

import hashlib
import json
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

TONES = Path(__file__).parent / "tones"
TONE_HERTZ = (500, 561, 630, 707, 794, 891)

Manner = Literal[
    "fine",
    "missing",  # preview "" as for 78 of 1,669 recorded tracks
    "alternative",  # unreadable, with another release that plays
    "unknown",  # code 800
    "moved",  # code 800 by number, but found by search
    "expired",  # the first address is closed by 403, a fresh one works
    "stale",  # the first address says by its exp= that it has run out
    "slow",  # the body comes in pieces with pauses
    "cut once",  # the connection closes in mid-body, the next try works
    "cut",  # the connection always closes in mid-body
    "html",  # a login page where the MP3 is due
    "noise",  # bytes that are not audio
    "huge",  # ten times as many bytes as are due
    "endless",  # the same without saying so beforehand
    "astray",  # redirected to a host that is not Deezer's
    "gone",  # 404 for the file
    "unreachable",  # the file lies on a host at which nobody listens
    "vague",  # an error without a code
]

NO_DATA = {"error": {"type": "DataException", "message": "no data", "code": 800}}
QUOTA = {"error": {"type": "Exception", "message": "Quota limit exceeded", "code": 4}}
VAGUE = {"error": {"type": "Exception", "message": "An error has occured"}}
LOGIN = b"<!DOCTYPE html><html><body>Please log in to this hotel's network</body></html>"


@dataclass
class Asked:
    """A request as it came."""

    at: float
    path: str
    agent: str


@dataclass
class Song:
    """What the server knows of a track."""

    number: int
    title: str
    artist: str
    manner: Manner = "fine"
    hertz: int = 0


@dataclass
class FakeDeezer:
    """Deezer on loopback. Use it as a context manager; `base_url` is its API.

    Tracks that nobody has described are made up when they are asked for. The n-th track whose file is fetched
    gets the n-th tone, so that tracks that follow each other differ.
    """

    manners: dict[int, Manner] = field(default_factory=dict)
    quota: int = 50
    """Requests to the API in 5 seconds; those beyond get code 4."""
    storm: bool = False
    """Whether every request to the API is beyond the quota."""
    status: int = 200
    """Another status for every answer of the API, such as 503."""
    pause: float = 0.2
    """Seconds between the pieces of a slow body."""
    script: list[Manner] = field(default_factory=list)
    """The manners of the tracks in the order in which they are first asked for."""
    songs: dict[int, Song] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    shared: dict[str, str] = field(default_factory=dict)
    """Where share links lead, by their code."""
    playlists: dict[int, list[int]] = field(default_factory=dict)
    """The tracks of playlists by number. Every seventh is gone; of each the last is withheld."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._recent: deque[float] = deque()
        self._issued: Counter[int] = Counter()
        self._sent: Counter[int] = Counter()
        self._known: set[int] = set()
        fake = self

        class Handler(_Handler):
            deezer = fake

        self._server = _Server(("127.0.0.1", 0), Handler)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        """The address of the API."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def add(self, number: int, title: str, artist: str, manner: Manner = "fine") -> Song:
        """Describe a track."""
        self.songs[number] = Song(number, title, artist, manner)
        return self.songs[number]

    def song(self, number: int) -> Song:
        """The track of that number."""
        with self._lock:
            if number not in self.songs:
                manner = self.manners.get(number, "fine")
                self.songs[number] = Song(number, f"Song {number}", f"Artist {number % 10}", manner)
            return self.songs[number]

    def paths(self) -> list[str]:
        """The paths asked for, without what signs them."""
        return [asked.path.partition("?")[0] for asked in self.asked]

    def busiest(self, seconds: float = 5.0) -> int:
        """The most requests of the API within any so many seconds."""
        times = sorted(asked.at for asked in self.asked if not asked.path.startswith("/preview/"))
        return max((sum(0 <= other - at < seconds for other in times) for at in times), default=0)

    # answers

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        """What the API says: status and JSON."""
        if self.storm or not self._within_quota():
            return 200, QUOTA
        if self.status != 200:
            return self.status, {}
        kind, *rest = path.strip("/").split("/")
        found: dict[str, Any] | None = None
        if self.playlists and "playlist" in path:
            found = self._listed_playlists(kind, rest, query)
        elif kind == "genre":
            found = {"data": [{"id": 0, "name": "All"}, {"id": 129, "name": "Jazz"}]}
        elif kind == "search":
            found = self._search(query.get("q", [""])[0], rest)
        elif kind == "track":
            number = rest[0].removeprefix("isrc:XX")  # its recording code is made of it
            found = self._track(self._scripted(int(number))) if number.isdigit() else NO_DATA
        elif kind == "artist":
            related = {"data": [_artist(f"Artist {n}") for n in range(20)]}
            found = related if rest[1:] else _artist("Artist")
        elif kind == "playlist":
            found = self._playlist(query)
        elif kind == "album":
            found = self._album(int(rest[0]))
        return (200, found) if found is not None else (404, {"error": "Not Found"})

    def _scripted(self, number: int) -> Song:
        """A track that is asked for; for the first time, it takes the next manner of the script."""
        song = self.song(number)
        with self._lock:
            if number not in self._known:
                self._known.add(number)
                if self.script:
                    song.manner = self.script.pop(0)
        return song

    def _within_quota(self) -> bool:
        with self._lock:
            now = time.monotonic()
            while self._recent and self._recent[0] < now - 5:
                self._recent.popleft()
            self._recent.append(now)
            return len(self._recent) <= self.quota

    def _search(self, text: str, what: list[str]) -> dict[str, Any]:
        if what == ["artist"]:
            named = {song.artist for song in self.songs.values()}
            names = [name for name in sorted(named) if text.lower() in name.lower()]
            return {"data": [_artist(name) for name in names], "total": len(names)}
        words = text.lower().split()
        hits = [
            self._listed(song)
            for song in list(self.songs.values())
            if song.manner != "unknown"
            and all(word in f"{song.artist} {song.title}".lower() for word in words)
        ]
        return {"data": hits[:25], "total": len(hits), "error": []}

    def _playlist(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """A playlist of 230 tracks of which 2 are withheld; 100 come with it, the others by page."""
        paged = "index" in query
        first, limit = (int(query["index"][0]), int(query["limit"][0])) if paged else (0, 100)
        tracks = [self._listed(self.song(n)) for n in range(228)[first : first + limit]]
        listing = {"data": tracks, "total": 230, "checksum": "c"}
        return listing if paged else {"id": 1, "title": "Mix", "nb_tracks": 230, "tracks": listing}

    def _listed_playlists(
        self, kind: str, rest: list[str], query: dict[str, list[str]]
    ) -> dict[str, Any] | None:
        """One of the `playlists`, or those of a search, an artist or a chart, 25 a page."""
        index, limit = (
            int(query.get(name, [preset])[0]) for name, preset in (("index", "0"), ("limit", "25"))
        )
        if kind == "playlist":
            number = int(rest[0])
            if number not in self.playlists or number % 7 == 0:
                return NO_DATA
            all_of_it = [self.song(n) for n in self.playlists[number]]
            page = all_of_it[index : index + limit] if rest[1:] else all_of_it[:100]
            shown = [self._listed(song) for song in page if song is not all_of_it[-1]]
            listing = {"data": shown, "total": len(all_of_it)}
            creator = {"id": 77, "name": "A. User"}
            head = {"id": number, "title": f"Mix {number}", "nb_tracks": len(all_of_it), "creator": creator}
            return listing if rest[1:] else head | {"tracks": listing}
        if kind == "artist":
            artist = int(rest[0])
            found = [n for n, songs in self.playlists.items() if any(self._by(s) == artist for s in songs)]
        elif kind == "chart":
            found = list(self.playlists)[:10]
        else:
            found = [n for n in self.playlists if query["q"][0].lower() in f"mix {n}"]
        heads = [{"id": n, "title": f"Mix {n}", "nb_tracks": 9} for n in found[index : index + limit]]
        return {"data": heads, "total": len(found)}

    def _by(self, number: int) -> int:
        return int(_artist(self.song(number).artist)["id"])

    def _album(self, number: int) -> dict[str, Any]:
        tracks = [self._track(self.song(n)) for n in range(10, 13)]
        return {"id": number, "title": "Album", "artist": _artist("Artist"), "tracks": {"data": tracks}}

    def _listed(self, song: Song) -> dict[str, Any]:
        """A track as it stands in a list. Found by search, a moved one has a new number."""
        number = song.number + 10**6 if song.manner == "moved" else song.number
        return {
            "id": number,
            "readable": True,
            "title": song.title,
            "title_short": song.title,
            "link": f"https://www.deezer.com/track/{number}",
            "duration": 215,
            "preview": "" if song.manner == "missing" else self._sign(song),
            "artist": _artist(song.artist),
            "album": {"id": 1, "title": "Album", "type": "album"},
            "type": "track",
        }

    def _track(self, song: Song) -> dict[str, Any]:
        """A track asked for by its number."""
        manner = song.manner
        if manner in {"unknown", "moved"}:
            return NO_DATA
        if manner == "vague":
            return VAGUE
        track = self._listed(song) | {
            "isrc": f"XX{song.number:010}",
            "release_date": "2001-02-03",
            "bpm": 0,
            "gain": -9.5,
            "available_countries": ["FR", "DE"],
        }
        if manner == "alternative":
            other = self.song(song.number + 2 * 10**6)
            other.title, other.artist = song.title, song.artist
            track |= {"readable": False, "preview": "", "alternative": self._listed(other)}
        return track

    def _sign(self, song: Song) -> str:
        """A signed address for a preview, as Deezer's network of servers wants it."""
        with self._lock:
            self._issued[song.number] += 1
            times = self._issued[song.number]
        ends = int(time.time()) + (-60 if song.manner == "stale" and times == 1 else 900)
        path = f"/preview/{song.number}/{times}/{_digest(song.title)}.mp3"
        token = f"exp={ends}~acl={path}*~data=user_id=0,application_id=42~hmac={'0' * 64}"
        host = "http://127.0.0.1:9" if song.manner == "unreachable" else self.base_url
        return f"{host}{path}?hdnea={token}"

    def file(self, number: int, times: int) -> tuple[int, str, bytes]:
        """A preview's file: status, media type and body."""
        song = self.song(number)
        if song.manner == "expired" and times == 1:
            return 403, "text/html", b"Forbidden"
        if song.manner == "gone":
            return 404, "text/html", b"Not Found"
        if song.manner == "html":
            return 200, "text/html; charset=utf-8", LOGIN
        if song.manner == "noise":
            return 200, "audio/mpeg", bytes(range(1, 251)) * 400
        if song.manner in {"huge", "endless"}:
            return 200, "audio/mpeg", b"\xff\xfb\x90\x00" * 1_250_000
        with self._lock:
            if not song.hertz:
                taken = sum(1 for other in self.songs.values() if other.hertz)
                song.hertz = TONE_HERTZ[taken % len(TONE_HERTZ)]
        return 200, "audio/mpeg", (TONES / f"{song.hertz}.mp3").read_bytes()

    def breaks_off(self, number: int) -> bool:
        """Whether this delivery of the file is to break off."""
        with self._lock:
            self._sent[number] += 1
            manner = self.songs[number].manner
            return manner == "cut" or (manner == "cut once" and self._sent[number] == 1)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Keep quiet: the client may hang up at any time."""


class _Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for a `FakeDeezer`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    deezer: FakeDeezer

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.deezer.asked.append(Asked(time.monotonic(), self.path, self.headers.get("User-Agent", "")))
        if url.path.startswith("/preview/"):
            self._preview(*url.path.split("/")[2:4])
            return
        if url.path.startswith("/s/"):
            self._shared(url.path[3:])
            return
        status, value = self.deezer.answer(url.path, parse_qs(url.query))
        self._send(status, "application/json; charset=utf-8", json.dumps(value).encode())

    def _shared(self, code: str) -> None:
        """What link.deezer.com answers: a redirect to the page, or a page of its own."""
        self.send_response(302 if code in self.deezer.shared else 200)
        self.send_header("Location", self.deezer.shared.get(code, ""))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _preview(self, number: str, times: str) -> None:
        song = self.deezer.song(int(number))
        if song.manner == "astray":
            self.send_response(302)
            self.send_header("Location", "https://example.com/preview.mp3")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        status, media_type, body = self.deezer.file(int(number), int(times))
        if self.deezer.breaks_off(int(number)):
            self._send(status, media_type, body[: len(body) // 2], claimed=len(body))
            self.close_connection = True
        elif song.manner == "slow":
            self._send(status, media_type, body, pieces=10)
        elif song.manner == "endless":
            self._send(status, media_type, body, claimed=None)
        else:
            self._send(status, media_type, body)

    def _send(
        self, status: int, media_type: str, body: bytes, *, claimed: int | None = -1, pieces: int = 1
    ) -> None:
        """Send an answer that claims so many bytes; by default as many as it has, None for no claim."""
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        if claimed is not None:
            self.send_header("Content-Length", str(len(body) if claimed < 0 else claimed))
        else:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        size = -(-len(body) // pieces)
        for first in range(0, len(body), size):
            if first:
                time.sleep(self.deezer.pause)
            try:
                self.wfile.write(body[first : first + size])
            except OSError:  # the client has heard enough
                self.close_connection = True
                return

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def _artist(name: str) -> dict[str, Any]:
    number = int(_digest(name)[:6], 16)
    return {"id": number, "name": name, "link": f"https://www.deezer.com/artist/{number}", "type": "artist"}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
