"""A list as a playlist of ListenBrainz, whose own export leads on to Spotify, Apple Music and SoundCloud.

API: https://listenbrainz.readthedocs.io/en/latest/users/api/playlist.html.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from segue.core.errors import SegueError
from segue.core.http import Deadline, Http, RefusedError, place_of
from segue.core.manifest import parse_json
from segue.core.send.matched import Sent
from segue.core.tracks import TrackInfo, service_id

ADDRESS = "https://api.listenbrainz.org"
SECONDS = 20.0
_LARGEST = 1 << 20
_RECORDING = "https://musicbrainz.org/recording/"
_EXTENSION = "https://musicbrainz.org/doc/jspf#playlist"


class ListenBrainzPlaylists:
    """Makes playlists for whoever has the token.

    Parameters
    ----------
    token
        The listener's; it goes to `address` alone, in a header.
    """

    def __init__(self, token: str, *, address: str = ADDRESS) -> None:
        self._address, self._token = address, token
        self._place = place_of(address)
        self._http = Http(self._judge)

    def recordings(self, tracks: Iterable[TrackInfo]) -> list[Sent]:
        """The MusicBrainz recording of each track: its own id, else as ListenBrainz finds its title."""
        sent = []
        for track in tracks:
            key = service_id(track.track_id)
            if key and key[0] == "musicbrainz":
                sent.append(Sent(track, key[1], "id"))
                continue
            mbid = self._look_up(track) if track.title and track.artist else ""
            sent.append(Sent(track, mbid, "title and artist" if mbid else ""))
        return sent

    def create(self, name: str, mbids: Sequence[str], *, public: bool = False) -> str:
        """Make a playlist, in one call, and return its address; none is replaced.

        Raises
        ------
        SegueError
            When ListenBrainz refuses or is lost; then no playlist was made, or a whole one.
        """
        playlist = {
            "title": name,
            "extension": {_EXTENSION: {"public": public}},
            "track": [{"identifier": [_RECORDING + mbid]} for mbid in mbids],
        }
        body = json.dumps({"playlist": playlist}).encode()
        headers = {"Authorization": f"Token {self._token}", "Content-Type": "application/json"}
        deadline = Deadline(SECONDS)
        try:
            with self._http.post(f"{self._address}/1/playlist/create", deadline, body, headers) as answer:
                found = _read(answer, deadline)
                status = answer.status
        except SegueError as error:
            raise SegueError(
                f"{error}; {name} was made whole or not at all; older playlists are unchanged"
            ) from error
        mbid = found.get("playlist_mbid") if isinstance(found, dict) else None
        if status != 200 or not isinstance(mbid, str):
            why = found.get("error", "") if isinstance(found, dict) else ""
            raise SegueError(f"ListenBrainz made no playlist (status {status}{f': {why}' if why else ''})")
        return f"https://listenbrainz.org/playlist/{mbid}"

    def _look_up(self, track: TrackInfo) -> str:
        deadline = Deadline(SECONDS)
        parameters = {"artist_name": track.artist, "recording_name": track.title}
        with self._http.get(f"{self._address}/1/metadata/lookup/", deadline, params=parameters) as answer:
            found = _read(answer, deadline)
            if answer.status == 429:
                raise SegueError("ListenBrainz wants to be asked less often; try again in a minute")
            if answer.status not in {200, 404} or not isinstance(found, dict):
                raise SegueError(
                    f"ListenBrainz can't be asked for {track.label} (status {answer.status}); try again later"
                )
        mbid = found.get("recording_mbid", "")
        key = service_id(mbid) if isinstance(mbid, str) else None
        return key[1] if key and key[0] == "musicbrainz" else ""

    def _judge(self, url: str) -> None:
        if place_of(url) != self._place:
            raise RefusedError("ListenBrainz leads to another server, which is not followed")


def _read(answer: Any, deadline: Deadline) -> Any:  # noqa: ANN401 - any JSON value
    content = bytearray()
    while piece := answer.read(deadline):
        content += piece
        if len(content) > _LARGEST:
            raise SegueError("ListenBrainz answered more than expected")
    try:
        return parse_json(bytes(content))
    except (ValueError, RecursionError):
        return None
