"""Names read like music, in many scripts, and can be searched."""

import re
import unicodedata
from collections import Counter

import numpy as np
import pytest

from segue.core.synthetic import World, make_world
from segue.core.synthetic.languages import LANGUAGES, Grammar
from segue.core.synthetic.spec import GENRES, genres_of
from segue.core.text import fold, printable
from segue.core.tracks import deezer_number


@pytest.fixture(scope="module")
def demo() -> World:
    return make_world("demo")


def test_a_grammar_joins_its_words() -> None:
    grammar = Grammar(
        """
        title: The {adj} {noun} | {noun}s
        adj: Red Blue
        noun: Fox | Sea Lion
        noun: Owl
        """
    )
    made = set(grammar.make("title", 500, np.random.default_rng(0)))
    singular = {f"The {adj} {noun}" for adj in ("Red", "Blue") for noun in ("Fox", "Sea Lion", "Owl")}
    assert made == singular | {"Foxs", "Sea Lions", "Owls"}


def test_a_name_has_a_capital_and_its_article() -> None:
    grammar = Grammar("title: half a {noun}\nnoun: Owl")
    assert grammar.names("title", 2, np.random.default_rng(0)).tolist() == ["Half an Owl"] * 2


def test_alternatives_are_drawn_alike_and_repeatably() -> None:
    grammar = Grammar("title: {letter}\nletter: a b c d")
    texts = [grammar.make("title", 20_000, np.random.default_rng(5)).tolist() for _ in range(2)]
    assert texts[0] == texts[1]
    counts = Counter(texts[0])
    assert len(counts) == 4
    assert min(counts.values()) > 4700
    assert not len(grammar.make("title", 0, np.random.default_rng(5)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_makes_clean_text_of_every_kind(language: str) -> None:
    rng = np.random.default_rng(0)
    for symbol in ("artist", "title", "album", "venue"):
        for text in LANGUAGES[language].make(symbol, 300, rng):
            assert text == text.strip()
            assert not re.search(r"[{}|]|  ", text), text
            assert printable(text) == text
            assert fold(text)


def test_titles_are_mostly_their_own(demo: World) -> None:
    titles = Counter(track.title for track in demo.tracks)
    assert sum(count for count in titles.values() if count == 1) > 0.97 * len(demo.tracks)
    works = Counter((track.artist, track.title, track.album) for track in demo.tracks)
    assert max(works.values()) <= 2


def test_artists_have_names_of_their_own(demo: World) -> None:
    names = {track.artist_id: track.artist for track in demo.tracks}
    assert len(set(names.values())) > 0.99 * len(names)


def test_many_scripts_and_long_names_occur(demo: World) -> None:
    text = "".join(track.title + track.artist for track in demo.tracks)
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in set(text)}
    assert scripts >= {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "ARABIC", "GREEK"}
    assert any("WITH ACUTE" in unicodedata.name(letter, "") for letter in set(text))
    assert max(len(track.title) for track in demo.tracks) > 70
    assert max(len(track.artist) for track in demo.tracks) > 40


@pytest.mark.parametrize("mark", ["Live", "Remix", "Remaster", "feat.", "Radio Edit", "Acoustic"])
def test_versions_of_songs_occur_beside_the_song(demo: World, mark: str) -> None:
    songs = {(track.artist_id, track.title) for track in demo.tracks}
    versions = [track for track in demo.tracks if mark in track.title]
    assert versions
    if mark != "feat.":
        originals = [re.split(r" \(| - ", track.title)[0] for track in versions]
        known = [(track.artist_id, title) in songs for track, title in zip(versions, originals, strict=True)]
        assert np.mean(known) > 0.5


def test_metadata_is_that_of_its_genre(demo: World) -> None:
    genres = {genre.name: genre for genre in GENRES}
    for track in demo.tracks:
        genre = genres[track.genre]
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", track.release_date)
        assert genre.years[0] <= int(track.release_date[:4]) <= 2024
        assert track.bpm is not None
        assert genre.bpm[0] <= track.bpm <= genre.bpm[1]
        assert track.duration is not None
        assert 0.5 * genre.seconds[0] < track.duration < 2 * genre.seconds[1]
        assert track.gain is not None
        assert track.gain < 0


def test_albums_come_out_one_after_another(demo: World) -> None:
    by_place = [demo.tracks[at] for at in np.argsort(demo.places)]
    years: dict[str, int] = {}
    for track in by_place:
        year = int(track.release_date[:4])
        assert year >= years.get(track.artist_id, 0)
        years[track.artist_id] = year


def test_no_invented_track_is_one_of_deezer(demo: World) -> None:
    numbers = [deezer_number(track.track_id) for track in demo.tracks]
    assert all(number is not None and number >= 10**12 for number in numbers)


def test_genres_are_spread_over_the_table() -> None:
    assert [genre.name for genre in genres_of(2)] == [GENRES[0].name, GENRES[-1].name]
    assert genres_of(len(GENRES)) == list(GENRES)
    assert len({genre.name for genre in genres_of(70)}) == 70
