"""Previews are fetched from a server on loopback that has each of Deezer's manners."""

import time
from collections.abc import Iterator

import pytest

from segue.core.deezer.client import DeezerClient
from segue.core.deezer.models import Track
from segue.core.deezer.previews import CREDIT, DeezerPreviews, NoPreview, Preview, expiry, same_song
from segue.core.deezer.transport import TokenBucket, Transport
from segue.core.tracks import TrackInfo
from tests.core.radio.doubles import Clock
from tests.end_to_end.deezer_server import TONES, FakeDeezer, Manner


@pytest.fixture
def deezer() -> Iterator[FakeDeezer]:
    with FakeDeezer() as server:
        yield server


def previews_of(deezer: FakeDeezer) -> DeezerPreviews:
    """A source whose waits pass at once, on a clock of its own."""
    clock = Clock()
    transport = Transport(loopback=True, bucket=TokenBucket(clock=clock), clock=clock, sleep=clock.sleep)
    return DeezerPreviews(DeezerClient(deezer.base_url, transport))


def track(number: int, title: str = "", artist: str = "") -> TrackInfo:
    return TrackInfo(f"track_{number}", title, artist)


def test_a_preview_comes_whole_with_credit_and_link(deezer: FakeDeezer) -> None:
    found = previews_of(deezer).fetch(track(7))
    assert isinstance(found, Preview)
    assert found.audio == (TONES / f"{deezer.song(7).hertz}.mp3").read_bytes()
    assert (found.credit, found.link, found.note) == (CREDIT, "https://www.deezer.com/track/7", "")
    assert all(asked.agent.startswith("segue/") for asked in deezer.asked)


@pytest.mark.parametrize(
    ("manner", "note"),
    [
        ("fine", ""),
        ("alternative", "an alternative release"),
        ("moved", "found by artist and title"),
        ("expired", ""),
        ("stale", ""),
        ("cut once", ""),
    ],
)
def test_obstacles_that_are_overcome(deezer: FakeDeezer, manner: Manner, note: str) -> None:
    deezer.add(7, "Une chanson", "Élodie", manner)
    found = previews_of(deezer).fetch(track(7, title="Une chanson", artist="Élodie"))
    assert isinstance(found, Preview), found
    assert found.note == note
    assert found.audio[:2] in {b"\xff\xfb", b"ID"}


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        ("missing", "no preview on Deezer"),
        ("unknown", "Deezer does not know this track"),
        ("html", "Deezer sent text/html; charset=utf-8 instead of audio"),
        ("huge", "127.0.0.1 wanted to send 5,000,000 bytes where at most 3,000,000 are due"),
        ("endless", "127.0.0.1 sent more than the 3,000,000 bytes that may be due"),
        ("gone", "the preview's file is gone"),
    ],
)
def test_tracks_that_have_nothing_to_play_say_why(deezer: FakeDeezer, manner: Manner, reason: str) -> None:
    deezer.add(7, "Song", "Artist", manner)
    previews = previews_of(deezer)
    assert previews.fetch(track(7)) == NoPreview(track(7), reason)
    before = len(deezer.asked)
    assert previews.fetch(track(7)) == NoPreview(track(7), reason)
    assert len(deezer.asked) == before, "what was found out in this run is not asked again"
    assert isinstance(previews_of(deezer).fetch(track(7)), NoPreview)
    assert len(deezer.asked) > before, "the next run asks again"


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        ("cut", "the answer of 127.0.0.1 broke off after 16,205 bytes"),
        ("astray", "refused to leave Deezer's hosts for https://example.com/preview.mp3"),
        ("vague", "Deezer says: An error has occured"),
        ("unreachable", "127.0.0.1 cannot be reached (Connection refused); check the network"),
    ],
)
def test_faults_that_may_pass_are_not_remembered(deezer: FakeDeezer, manner: Manner, reason: str) -> None:
    deezer.add(7, "Song", "Artist", manner)
    previews = previews_of(deezer)
    assert previews.fetch(track(7)) == NoPreview(track(7), reason)
    deezer.song(7).manner = "fine"
    assert isinstance(previews.fetch(track(7)), Preview)


def test_an_expired_address_is_renewed_once(deezer: FakeDeezer) -> None:
    deezer.add(7, "Song", "Artist", "expired")
    previews_of(deezer).fetch(track(7))
    assert deezer.paths()[0] == deezer.paths()[2] == "/track/7"
    assert len(deezer.asked) == 4


def test_an_address_that_has_run_out_is_not_even_tried(deezer: FakeDeezer) -> None:
    deezer.add(7, "Song", "Artist", "stale")
    previews_of(deezer).fetch(track(7))
    assert [path.split("/")[1] for path in deezer.paths()] == ["track", "track", "preview"]


def test_a_quota_storm_is_an_outage_and_no_fault_of_the_track(deezer: FakeDeezer) -> None:
    deezer.storm = True
    previews = previews_of(deezer)
    found = previews.fetch(track(7))
    assert found == NoPreview(track(7), "Deezer's request quota is used up", outage=True)
    deezer.storm = False
    assert isinstance(previews.fetch(track(7)), Preview)


def test_no_server_at_all_is_an_outage() -> None:
    with FakeDeezer() as deezer:
        previews = previews_of(deezer)
    found = previews.fetch(track(7))
    assert isinstance(found, NoPreview)
    assert found.outage
    assert found.reason == "127.0.0.1 cannot be reached (Connection refused); check the network"


def test_a_number_of_another_corpus_is_not_taken_for_deezers(deezer: FakeDeezer) -> None:
    deezer.add(42, "Some other song", "Somebody else")
    deezer.add(4711, "Yesterday", "The Beatles")
    found = previews_of(deezer).fetch(TrackInfo("42", "Yesterday", "The Beatles"))
    assert isinstance(found, Preview)
    assert found.link == "https://www.deezer.com/track/4711"


def test_a_song_without_any_number_is_found_by_its_names(deezer: FakeDeezer) -> None:
    deezer.add(1, "Hoppípolla", "Sigur Rós")
    found = previews_of(deezer).fetch(TrackInfo("yes:12", "Hoppípolla", "Sigur Rós"))
    assert isinstance(found, Preview)
    assert found.note == "found by artist and title"


def test_a_search_hit_of_another_artist_is_no_substitute(deezer: FakeDeezer) -> None:
    deezer.add(1, "Yesterday", "A Tribute to the Beetles")
    found = previews_of(deezer).fetch(TrackInfo("yes:12", "Yesterday", "Beetles Orchestra"))
    assert isinstance(found, NoPreview)


def test_the_end_of_an_address_is_read_from_it() -> None:
    base = "https://cdnt-preview.dzcdn.net/api/1/1/a/b/c/0/d.mp3"
    assert expiry(f"{base}?hdnea=exp=1727969139~acl=/api/*~hmac=00") == 1727969139
    assert expiry(base) is None
    assert expiry(f"{base}?hdnea=exp={'9' * 40}~acl") is None


def test_a_slow_file_is_waited_for(deezer: FakeDeezer) -> None:
    deezer.pause = 0.05
    deezer.add(7, "Song", "Artist", "slow")
    began = time.monotonic()
    assert isinstance(previews_of(deezer).fetch(track(7)), Preview)
    assert time.monotonic() - began > 0.4


@pytest.mark.parametrize(
    ("title", "artist", "same"),
    [
        ("Blue", "Ann", True),
        ("Blue (2011 Remaster)", "Ann & The Others", True),
        ("Blue (feat. Bob)", "Ann", True),
        ("Blue Night", "Ann", False),
        ("Blue", "Annabel", False),
        ("Blue (Karaoke Version)", "Ann", False),
        ("Blue (Made Famous by Ann)", "Ann", False),
        ("Blue", "Ann Tribute Band", False),
        ("Blue", "Mary Ann", False),
        ("Blue", "Bob feat. Ann", True),
        ("Blue", "The Ann", True),
        ("Blue (Part 2)", "Ann", False),
        ("Blue - Dancing with Wolves", "Ann", False),
        ("Blue (with Bob)", "Ann", True),
    ],
)
def test_a_song_found_by_search_is_the_same_song_by_the_same_artist(
    title: str, artist: str, *, same: bool
) -> None:
    found = Track.from_json({"id": 7, "title": title, "artist": {"id": 1, "name": artist}})
    assert same_song(TrackInfo("track_1", "Blue", "Ann"), found) is same


@pytest.mark.parametrize(
    ("title", "other"),
    [("\u0915\u093f\u0932\u093e", "\u0915\u093e\u0932\u093e"), ("\u304b\u304d", "\u304c\u304d")],
    ids=["Hindi", "Japanese"],
)
def test_words_that_differ_in_their_vowel_signs_are_other_songs(title: str, other: str) -> None:
    found = Track.from_json({"id": 7, "title": other, "artist": {"id": 1, "name": "Ann"}})
    assert not same_song(TrackInfo("track_1", title, "Ann"), found)
    assert same_song(TrackInfo("track_1", other, "Ann"), found)


def test_the_short_title_of_another_part_is_not_the_song() -> None:
    found = Track.from_json(
        {"id": 7, "title": "Blue (Part 2)", "title_short": "Blue", "artist": {"id": 1, "name": "Ann"}}
    )
    assert not same_song(TrackInfo("track_1", "Blue", "Ann"), found)


def test_a_recording_code_of_another_song_plays_nothing(deezer: FakeDeezer) -> None:
    deezer.add(1, "Yesterday", "The Beatles")
    code = "XX0000000001"
    wrong = TrackInfo("yes:12", "Blue", "Ann", isrc=code)
    assert isinstance(previews_of(deezer).fetch(wrong), NoPreview)
    right = TrackInfo("yes:13", "Yesterday", "Beatles", isrc=code)
    found = previews_of(deezer).fetch(right)
    assert isinstance(found, Preview)
    assert found.note == "found by its recording code"
