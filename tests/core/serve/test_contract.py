"""What `segue serve` answers, field by field, against what its callers read.

`PLUGIN` is what AudioMuse-AI's plugin for Navidrome unmarshals and what it sends (`main.go` and
`audiomuse_api.go`, April 2026); `OPENSUBSONIC` is the OpenAPI description of OpenSubsonic's `sonicSimilarity`
(July 2026): `SubsonicBaseResponse`, `SonicMatch`, `Child` and `Error`.
"""

from typing import Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("uvicorn", reason="the extra serve is not installed")

from segue.core.library import Library
from segue.core.serve.answers import Answers
from segue.core.subsonic import Subsonic
from tests.core.serve.test_serve import TOKEN, Ask, served
from tests.subsonic_server import PASSWORD, USER, subsonic

Shape = Any
"""A type, a value, a list of one shape, or a dict of shapes by name; a name with `?` may be missing."""

REPRESENTATIVE = [{"item_id": str, "title": str, "author": str, "album": str}]
PLUGIN: dict[str, Shape] = {
    "similar_tracks": [{"item_id": str, "title": str, "author": str, "album": str, "distance": float}],
    "find_path": {"path": REPRESENTATIVE, "total_distance": float},
    "similar_artists": [
        {
            "artist": str,
            "artist_id": str,
            "divergence": float,
            "component_matches": [
                {
                    "artist1_representative_songs": REPRESENTATIVE,
                    "artist2_representative_songs": REPRESENTATIVE,
                }
            ],
        }
    ],
}
BASE = {"version": str, "type": str, "serverVersion": str, "openSubsonic": True}
CHILD = {
    "id": str,
    "isDir": bool,
    "title": str,
    "album?": str,
    "artist?": str,
    "duration?": int,
    "type?": str,
}
OPENSUBSONIC: dict[str, Shape] = {
    "ok": {"subsonic-response": {**BASE, "status": "ok"}},
    "matches": {
        "subsonic-response": {**BASE, "status": "ok", "sonicMatch": [{"entry": CHILD, "similarity": float}]}
    },
    "failed": {
        "subsonic-response": {**BASE, "status": "failed", "error": {"code": int, "message": str}},
    },
    "extensions": {
        "subsonic-response": {
            **BASE,
            "status": "ok",
            "openSubsonicExtensions": [{"name": str, "versions": [int]}],
        }
    },
}


def check(value: object, shape: Shape, place: str = "") -> None:
    if isinstance(shape, dict):
        assert isinstance(value, dict), place
        fields = {name.removesuffix("?"): each for name, each in shape.items()}
        assert set(value) <= set(fields), place
        assert {name for name in shape if not name.endswith("?")} <= set(value), place
        for name, each in value.items():
            check(each, fields[name], f"{place}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), place
        for each in value:
            check(each, shape[0], f"{place}[]")
    elif isinstance(shape, type):
        assert isinstance(value, (int, float) if shape is float else shape), place
        assert shape is bool or not isinstance(value, bool), place
    else:
        assert value == shape, place


def test_the_check_itself_refuses_what_differs() -> None:
    check({"a": 1, "b": ["x"]}, {"a": int, "b": [str], "c?": str})
    for wrong in (
        {"a": "1", "b": []},
        {"a": True, "b": []},
        {"a": 1},
        {"a": 1, "b": [2]},
        {"a": 1, "b": [], "d": 1},
    ):
        with pytest.raises(AssertionError):
            check(wrong, {"a": int, "b": [str], "c?": str})


def songs(library: Library, count: int) -> list[dict[str, Any]]:
    """Songs as Navidrome has them, with ids of its own for tracks and artists."""
    codes = library.catalogue.artist_codes
    return [
        {
            "id": f"song-{row}",
            "title": info.title,
            "artist": info.artist,
            "artistId": f"artist-{int(codes[row])}",
            "duration": round(info.duration or 100),
        }
        for row, info in enumerate(library.catalogue.infos(range(count)))
    ]


def test_the_plugins_calls_with_the_servers_own_ids(tiny_library: Library) -> None:
    with subsonic(songs(tiny_library, 150)) as fake:
        answers = Answers(tiny_library, Subsonic(fake.url, USER, PASSWORD))
        owned = answers.owned
        assert owned is not None
        known = list(owned.row_of)
        with served(answers) as (ask, _):
            sent = {"item_id": known[0], "n": 10, "eliminate_duplicates": "true", "radius_similarity": "true"}
            near = asked(ask, "similar_tracks", sent)
            assert {each["item_id"] for each in near} <= set(known)
            sent = {"start_song_id": known[0], "end_song_id": known[9], "count": 6, "max_steps": 6}
            path = asked(ask, "find_path", sent | {"path_fix_size": "false", "mood_pct": 100})["path"]
            assert (path[0]["item_id"], path[-1]["item_id"]) == (known[0], known[9])

            artist = next(song["artistId"] for song in fake.songs if song["id"] == known[0])
            sent = {"artist": artist, "n": 5, "include_component_matches": "true"}
            artists = asked(ask, "similar_artists", sent)
            ids = {song["artistId"] for song in fake.songs} - {artist}
            assert 1 <= len(artists) <= 5
            assert {each["artist_id"] for each in artists} <= ids
            for each in artists:
                (songs_of,) = each["component_matches"]
                for part in songs_of.values():
                    assert part
                    assert {one["item_id"] for one in part} <= set(known)
            assert ask("/api/similar_artists", artist="artist-nobody", n=5)[0] == 404


def asked(ask: Ask, call: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    status, found = ask(f"/api/{call}", **parameters)
    assert status == 200
    check(found, PLUGIN[call], call)
    return found


@pytest.mark.parametrize(
    ("call", "parameters", "shape"),
    [
        ("getSonicSimilarTracks", {"id": 3, "count": 5}, "matches"),
        ("getSonicSimilarTracks", {"id": 3, "count": 0}, "matches"),
        ("getSonicSimilarTracks.view", {"id": 3}, "matches"),
        ("findSonicPath", {"startSongId": 3, "endSongId": 60, "count": 6}, "matches"),
        ("findSonicPath", {"startSongId": 3, "endSongId": 60}, "matches"),
        ("ping", {}, "ok"),
        ("getOpenSubsonicExtensions", {}, "extensions"),
        ("getSonicSimilarTracks", {}, 10),
        ("getSonicSimilarTracks", {"id": "nobody"}, 70),
        ("findSonicPath", {"startSongId": 3, "endSongId": "nobody"}, 70),
        ("getSonicSimilarTracks", {"id": 3, "apiKey": "wrong"}, 44),
        ("getAlbumList", {}, 70),
    ],
)
def test_opensubsonics_calls(
    tiny_library: Library, call: str, parameters: dict[str, Any], shape: str | int
) -> None:
    named = {
        name: tiny_library.track_ids[x] if isinstance(x, int) and x in {3, 60} else x
        for name, x in parameters.items()
    }
    with served(Answers(tiny_library)) as (ask, _):
        query = {"u": "x", "v": "1.16.1", "c": "test", "f": "json", "apiKey": TOKEN, **named}
        status, found = ask(f"/rest/{call}", token="", **query)
        form = urlencode(query).encode()
        assert ask(f"/rest/{call}", token="", method="POST", body=form) == (status, found)
    assert status == 200
    check(found, OPENSUBSONIC[shape if isinstance(shape, str) else "failed"], call)
    answer = found["subsonic-response"]
    if isinstance(shape, int):
        assert answer["error"]["code"] == shape
    for match in answer.get("sonicMatch", []):
        assert 0 <= match["similarity"] <= 1
    if call == "findSonicPath" and shape == "matches":
        ends = [match["entry"]["id"] for match in answer["sonicMatch"]]
        assert (ends[0], ends[-1]) == (named["startSongId"], named["endSongId"])
        assert answer["sonicMatch"][0]["similarity"] == 1
        assert len(ends) <= parameters.get("count", 25)
