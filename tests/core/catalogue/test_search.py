"""Search against plainer ways: every matching track is found, typos forgiven, versions distinguished."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.search import read_titles, same_track
from benchmarks.typing_people import mistyped
from segue.core.catalogue import Catalogue
from segue.core.catalogue.search import index_words, parse, query_words, spaced, track_ids
from segue.core.library import Library
from segue.core.text import fold
from segue.core.titles import song_key

PLACES = st.integers(0, 199)


@given(row=PLACES, ends=st.lists(st.integers(1, 12), min_size=1, max_size=4), draws=st.integers(0, 99))
@settings(max_examples=60)
def test_beginnings_of_words_in_any_order_find_what_a_scan_finds(
    tiny_library: Library, row: int, ends: list[int], draws: int
) -> None:
    info = tiny_library.catalogue.info(row)
    words = spaced(" ".join(query_words(f"{info.title} {info.artist}"))).split()
    typed = [words[at % len(words)][:end] for at, end in enumerate(ends)]
    np.random.default_rng(draws).shuffle(typed)
    found = {
        hit.row for hit in tiny_library.catalogue.search(" ".join(typed), limit=10_000) if hit.why != "typo"
    }
    scan = set()
    for other, track in enumerate(tiny_library.catalogue.infos(range(len(tiny_library)))):
        held = spaced(index_words(f"{track.title} {track.artist} {track.album}")).split()
        if all(any(word.startswith(start) for word in held) for start in typed):
            scan.add(other)
    assert row in found
    assert found == scan if len(scan) < 200 else found <= scan


@given(row=PLACES, draws=st.integers(0, 10_000))
@settings(max_examples=60)
def test_one_typo_in_title_and_artist_is_forgiven(tiny_library: Library, row: int, draws: int) -> None:
    info = tiny_library.catalogue.info(row)
    typed = mistyped(f"{info.title} {info.artist}".lower(), np.random.default_rng(draws))
    tracks = tiny_library.catalogue.infos(range(len(tiny_library)))
    assert same_track(tracks, row, [hit.row for hit in tiny_library.catalogue.search(typed)[:5]])


@given(st.text())
@settings(max_examples=100)
def test_any_query_is_answered(tiny_library: Library, query: str) -> None:
    hits = tiny_library.catalogue.search(query, limit=20)
    assert len(hits) <= 20
    assert len({hit.row for hit in hits}) == len(hits)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_one_and_two_letters_are_answered_by_popularity(tiny_library: Library) -> None:
    for query in ("s", "ba", "z"):
        hits = [hit.row for hit in tiny_library.catalogue.search(query) if hit.why == "prefix"]
        counts = tiny_library.catalogue.counts(hits)
        assert (np.diff(counts) <= 0).all()


@pytest.mark.realdata
def test_real_titles_are_found_by_title_and_artist(real_data: Path, tmp_path: Path) -> None:
    tracks = read_titles(real_data / "yes_complete_titles" / "song_hash.txt")[:6000]
    catalogue = Catalogue.create(tmp_path / "c.sqlite", tracks, np.ones(len(tracks), int))
    rng = np.random.default_rng(0)
    asked = [row for row in rng.choice(len(tracks), 150).tolist() if len(fold(tracks[row].title)) > 3]
    found = [
        same_track(tracks, row, [hit.row for hit in catalogue.search(mistyped(tracks[row].label, rng))[:5]])
        for row in asked
    ]
    assert np.mean(found) > 0.97


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hurt", "Hurt (2002 Remaster)"),
        ("Hurt", "Hurt - Live at Lyon"),
        ("Hurt", "Hurt (feat. X)"),
        ("Hurt", "Hurt ft. X"),
        ("Hurt", "Hurt [Radio Edit]"),
        ("Hurt", "Hurt - Remastered 2011"),
        ("Hurt", "Hurt (w\\/ Ne-Yo)"),
        ("Hurt", "Hurt (Skrillex Remix) [Extended]"),
        ("Hurt (Live", "HURT"),
        ("Chanson (En Vivo)", "Chanson"),
    ],
)
def test_versions_are_one_song(one: str, other: str) -> None:
    assert song_key(one) == song_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hurt", "Hurt (Acoustic)"),
        ("Hurt", "Hurt (Acoustic Version)"),
        ("Symphony, Pt. 1", "Symphony, Pt. 2"),
        ("Hallelujah (Your Love Is Amazing)", "Hallelujah"),
        ("Live", "Mix"),
        ("(I Can't Get No) Satisfaction", "Satisfaction"),
        ("Love - Hate", "Love"),
        ("Deliver", "De"),
        ("Without You", "You"),
    ],
)
def test_other_songs_are_not_versions(one: str, other: str) -> None:
    assert song_key(one) != song_key(other)


def test_scopes_and_links_are_read() -> None:
    assert [(term.word, term.scope) for term in parse("love a: the xx  t:islands al:xx")] == [
        ("love", ""),
        ("the", "artist"),
        ("xx", "artist"),
        ("islands", "title"),
        ("xx", "album"),
    ]
    assert [(term.word, term.scope) for term in parse("mama:said")] == [("mama", ""), ("said", "")]
    assert track_ids("deezer.com/track/42") == ["track_42", "42"]
    assert track_ids("HTTPS://WWW.DEEZER.COM/track/42") == ["track_42", "42"]
    assert track_ids("https://www.deezer.com/en-gb/track/42?x") == ["track_42", "42"]
    assert track_ids("https://evil.example/track/42") == ["https://evil.example/track/42"]
    assert track_ids("99 problems") == ["99 problems"]


def test_spellings_people_use_are_indexed() -> None:
    assert "rem" in index_words("R.E.M.").split()
    assert "acdc" in index_words("AC/DC").split()
    assert "and" in index_words("Simon & Garfunkel").split()
    assert spaced("live 東京") == "live 東 京"
    assert index_words("Don't Stop") == "dont stop"
