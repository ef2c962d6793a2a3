"""What is heard, loved and banned, sent to ListenBrainz where the listener asks for it.

Listens and feedback wait in a file of the listener's until ListenBrainz has taken them, in their order; what
plays at the moment is sent once or not at all. API: https://listenbrainz.readthedocs.io/en/latest/users/api/.
"""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from segue.core.arrays import one_line
from segue.core.errors import SegueError, UsageError
from segue.core.files import require_regular
from segue.core.http import Answer, Deadline, Http, HttpError, RefusedError, UnusableError, same_server
from segue.core.log import logger
from segue.core.manifest import parse_json
from segue.core.places import read_token, user_folder
from segue.core.tracks import FIRST_INVENTED, TrackInfo, deezer_number, service_id

ADDRESS = "https://api.listenbrainz.org"
SECONDS = 20.0
"""How long a request may take in all."""
HALF, ENOUGH = 0.5, 240.0
"""A listen is half a track, or so many seconds of it, as ListenBrainz defines it."""
FIRST_WAIT, LONGEST_WAIT = 15.0, 900.0
"""Seconds between tries while ListenBrainz is out of reach."""
MOST_WAITING = 10_000
"""Listens and feedback that are kept while offline; the oldest go first."""
_LARGEST = 1 << 16
"""Bytes of an answer that are read."""
_TOKEN = re.compile(r"[A-Za-z0-9-]{8,128}")
_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS waiting (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL)"
)


def listenbrainz_token() -> str:
    """The listener's token, as `read_token`.

    Raises `UsageError` when there is none, others can read it, or it is not a token.
    """
    token = read_token("listenbrainz")
    if not _TOKEN.fullmatch(token):
        raise UsageError("the listenbrainz token is not valid; copy it again from listenbrainz.org/settings")
    return token


@dataclass(frozen=True, slots=True)
class _Job:
    number: int
    kind: str
    body: dict[str, Any]


class TokenRefusedError(SegueError):
    """ListenBrainz does not take the token."""


class _BusyError(HttpError):
    """ListenBrainz wants to be asked later, or is in trouble itself."""

    outage = True


class ListenBrainz:
    """Tells ListenBrainz what is heard. Its methods return at once; a thread of its own sends.

    Listens wait in the file at `path`. Another `address` is for tests, on this machine only. `on_trouble` is
    called once when the token is refused. The second try comes after `first_wait` seconds.
    """

    def __init__(
        self,
        token: str,
        path: Path,
        *,
        address: str = ADDRESS,
        on_trouble: Callable[[str], object] = lambda _text: None,
        first_wait: float = FIRST_WAIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._token = token
        self._path = path
        self._address = address
        self.on_trouble = on_trouble
        self._first_wait = first_wait
        self._clock = clock
        self._http = Http(same_server(address))
        self._changed = threading.Condition()
        self._playing: dict[str, Any] | None = None
        self._new = self._closed = self._refused = False
        self._thread: threading.Thread | None = None
        self._wake()  # what waits from the last time

    # what happens

    def begun(self, track: TrackInfo) -> None:
        """A track has begun to play, a preview or the whole of it."""
        if track.title and track.artist and not _is_invented(track):
            with self._changed:
                self._playing = {
                    "listen_type": "playing_now",
                    "payload": [{"track_metadata": _metadata(track)}],
                }
            self._wake()

    def heard(self, track: TrackInfo, seconds: float, length: float) -> None:
        """A whole track was heard for so many seconds; it is a listen when that is enough of its length."""
        if track.title and track.artist and length > 30 and seconds >= min(length * HALF, ENOUGH):
            listen = {"listened_at": int(self._clock() - seconds), "track_metadata": _metadata(track, length)}
            self._keep("listen", {"listen_type": "single", "payload": [listen]})

    def feedback(self, track: TrackInfo, score: int) -> None:
        """A track was loved (1), banned (-1), or neither any more (0)."""
        service = service_id(track.track_id)
        mbid = service[1] if service is not None and service[0] == "musicbrainz" else ""
        if mbid or (track.title and track.artist and not _is_invented(track)):
            names = {"artist_name": track.artist, "recording_name": track.title}
            self._keep("feedback", {"recording_mbid": mbid, "score": score, "names": names})

    def close(self) -> None:
        """Send nothing more; what waits is sent the next time."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._http.close()
        if self._thread is not None:
            self._thread.join(2.0)

    # the file

    def _keep(self, kind: str, body: dict[str, Any]) -> None:
        try:
            with closing(self._open()) as connection:
                connection.execute("INSERT INTO waiting (kind, body) VALUES (?, ?)", (kind, json.dumps(body)))
                connection.execute(
                    "DELETE FROM waiting WHERE number <= (SELECT max(number) FROM waiting) - ?",
                    (MOST_WAITING,),
                )
        except (OSError, SegueError, sqlite3.Error, UnicodeError) as error:
            logger.warning("%s: a listen can't be kept (%s)", self._path, one_line(error))
        self._wake()

    def waiting(self) -> int:
        """How many listens and feedbacks were not taken yet."""
        if not self._path.exists():
            return 0
        with closing(self._open()) as connection:
            return int(connection.execute("SELECT count(*) FROM waiting").fetchone()[0])

    def _first(self) -> _Job | None:
        if not self._path.exists():
            return None
        with closing(self._open()) as connection:
            row = connection.execute(
                "SELECT number, kind, body FROM waiting ORDER BY number LIMIT 1"
            ).fetchone()
        if row is None:
            return None
        try:
            body = parse_json(str(row[2]).encode())
        except (ValueError, RecursionError):
            body = None
        return _Job(int(row[0]), str(row[1]), body if isinstance(body, dict) else {})

    def _drop(self, job: _Job) -> None:
        with closing(self._open()) as connection:
            removed = connection.execute("DELETE FROM waiting WHERE number = ?", (job.number,)).rowcount
        if not removed:  # else it would be sent again and again
            raise SegueError(f"{self._path}: is damaged; remove it")

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_regular(self._path)
        self._path.touch(mode=0o600)
        connection = sqlite3.connect(self._path, timeout=10.0, isolation_level=None)
        connection.execute(_SCHEMA)
        return connection

    # the thread

    def _wake(self) -> None:
        with self._changed:
            self._new = True
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="segue-listenbrainz", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _work(self) -> None:
        wait: float | None = None
        while True:
            with self._changed:
                if wait is None:
                    self._changed.wait_for(lambda: self._closed or self._new)
                else:
                    self._changed.wait_for(lambda: self._closed, wait)
                self._new = False
                if self._closed or self._refused:
                    return
            try:
                self._send_all()
                wait = None
            except TokenRefusedError as error:
                self._refused = True
                self.on_trouble(str(error))
            except HttpError as error:
                logger.info("ListenBrainz: %s", error)
                wait = min(2 * wait, LONGEST_WAIT) if wait else self._first_wait
            except (OSError, SegueError, sqlite3.Error, UnicodeError) as error:
                logger.warning("ListenBrainz: %s", one_line(error))
                wait = LONGEST_WAIT

    def _send_all(self) -> None:
        with self._changed:
            playing, self._playing = self._playing, None
        if playing is not None:
            with suppress(UnusableError):
                self._post("/1/submit-listens", playing)
        while not self._closed and (job := self._first()) is not None:
            try:
                self._send(job)
            except (UnusableError, RefusedError) as error:
                logger.warning("ListenBrainz does not take a %s: %s", job.kind, error)
            self._drop(job)

    def _send(self, job: _Job) -> None:
        if job.kind == "listen":
            self._post("/1/submit-listens", job.body)
            return
        mbid = str(job.body.get("recording_mbid") or self._look_up(job.body.get("names")))
        if not _MBID.fullmatch(mbid):
            raise UnusableError("it does not know the recording")
        self._post(
            "/1/feedback/recording-feedback", {"recording_mbid": mbid, "score": job.body.get("score", 0)}
        )

    def _look_up(self, names: Any) -> str:  # noqa: ANN401 - as read from a file
        """The MusicBrainz id of a recording by its names, empty where it is not known."""
        if not isinstance(names, dict):
            return ""
        deadline = Deadline(SECONDS, time.monotonic)
        params = {str(key): str(value) for key, value in names.items()}
        with self._http.get(self._address + "/1/metadata/lookup/", deadline, params=params) as answer:
            body = _whole(answer, deadline)
        return str(body.get("recording_mbid", ""))

    def _post(self, path: str, value: dict[str, Any]) -> None:
        deadline = Deadline(SECONDS, time.monotonic)
        headers = {"Authorization": f"Token {self._token}", "Content-Type": "application/json"}
        with self._http.post(self._address + path, deadline, json.dumps(value).encode(), headers) as answer:
            _whole(answer, deadline)


def _whole(answer: Answer, deadline: Deadline) -> dict[str, Any]:
    """The object that an answer holds.

    Raises `TokenRefusedError` or `HttpError` when it is an error, by what to do about it.
    """
    if answer.status == 401:
        raise TokenRefusedError(
            "ListenBrainz rejected your token; copy it again from listenbrainz.org/settings"
        )
    if answer.status == 429 or answer.status >= 500:
        raise _BusyError(f"ListenBrainz answered HTTP {answer.status}")
    if answer.status != 200:
        raise UnusableError(f"ListenBrainz answered HTTP {answer.status}")
    try:
        value = parse_json(answer.whole(deadline, _LARGEST))
    except (ValueError, RecursionError):
        raise UnusableError("ListenBrainz sent an answer that is not JSON") from None
    return value if isinstance(value, dict) else {}


def _metadata(track: TrackInfo, length: float | None = None) -> dict[str, Any]:
    more: dict[str, Any] = {"media_player": "Segue", "submission_client": "Segue"}
    service = service_id(track.track_id)
    if service is not None and service[0] == "musicbrainz":
        more["recording_mbid"] = service[1]
    if track.isrc:
        more["isrc"] = track.isrc
    if length:
        more["duration_ms"] = round(length * 1000)
    names = {"artist_name": track.artist, "track_name": track.title, "additional_info": more}
    return names | ({"release_name": track.album} if track.album else {})


def _is_invented(track: TrackInfo) -> bool:
    """Whether it is of a synthetic world, such as the demo: others don't know it."""
    return (deezer_number(track.track_id) or 0) >= FIRST_INVENTED


def make_listenbrainz() -> ListenBrainz:
    """Make it for this user. Raises `UsageError` as `listenbrainz_token`."""
    return ListenBrainz(listenbrainz_token(), user_folder("state") / "listenbrainz.sqlite")
