"""Folding and printing of titles."""

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segue.core.deezer.models import Track
from segue.core.deezer.previews import same_song
from segue.core.explore.matching import match_playlist
from segue.core.explore.playlist_files import read_playlist
from segue.core.library import Library
from segue.core.text import LONGEST, counted, fold, printable
from segue.core.titles import song_key
from segue.core.tracks import TrackInfo

MARKS = "\u0315\u0300" * 500_000
"""A million combining marks out of order, which would take Unicode's normal form hours."""


@pytest.mark.parametrize(
    ("title", "folded"),
    [
        ("Sigur Rós – Hoppípolla!", "sigur ros hoppipolla"),
        ("Donde Estés Llegaré", "donde estes llegare"),
        ("Don't Stop", "dont stop"),
        ("Don’t   Stop", "dont stop"),
        ("STRASSE / Straße", "strasse strasse"),
        ("Bjørn Ærø & Œuvre", "bjorn aero oeuvre"),
        ("???", "???"),
        ("久石譲", "久石譲"),
        ("ﬁn", "fin"),
    ],
)
def test_titles_are_compared_without_case_accents_and_punctuation(title: str, folded: str) -> None:
    assert fold(title) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_nothing_that_steers_a_terminal_is_printed(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert not any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in shown)


def test_an_escape_sequence_is_disarmed_and_plain_text_kept() -> None:
    assert printable("\x1b[2J\x9bHé\u202e") == "�[2J�Hé�"
    assert printable("Café Tacvba — 久石譲 👩\u200d🎤") == "Café Tacvba — 久石譲 👩\u200d🎤"


@pytest.mark.parametrize(
    "text",
    ["a" + MARKS, "\ufdfa" * 1_000_000, "(" * 1_000_000, " " * 1_000_000 + "ft"],
    ids=["marks", "ligatures", "brackets", "blanks"],
)
def test_a_text_of_a_million_letters_is_cut_before_anything_is_done_with_it(
    text: str, tiny_library: Library, tmp_path: Path
) -> None:
    assert fold(text) == fold(text[:LONGEST])
    assert song_key(text) == song_key(text[:LONGEST])
    found = Track.from_json({"id": 1, "title": text, "artist": {"id": 2, "name": "A"}})
    assert not same_song(TrackInfo("track_1", "Another", "A"), found)
    assert tiny_library.catalogue.search(text) == tiny_library.catalogue.search(text[:LONGEST])
    for suffix, content in {".txt": text, ".m3u8": f"#EXTM3U\n#EXTINF:1,{text}\n{text}"}.items():
        path = tmp_path / f"mine{suffix}"
        path.write_text(f"{content}\n")
        (match,) = match_playlist(tiny_library.catalogue, read_playlist(str(path)))
        assert len(match.entry.label) <= LONGEST


def test_a_query_of_hundreds_of_words_is_a_query(tiny_library: Library) -> None:
    assert tiny_library.catalogue.search(" ".join(map(str, range(400)))) == []


def plainly_folded(text: str) -> str:
    """Letter after letter, with no way of its own for ASCII."""
    for _ in range(2):
        text = unicodedata.normalize("NFKD", text).casefold()
    spelled = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
    text = "".join(spelled.get(letter, letter) for letter in text if not unicodedata.combining(letter))
    kept = (letter for letter in text if letter not in "'’")
    words = "".join(letter if re.match(r"[^\W_]", letter) else " " for letter in kept)
    return " ".join(part for part in words.split(" ") if part) or " ".join(text.split())


@given(st.text() | st.text(st.characters(codec="ascii")))
@example("'")
@example("'_'")
def test_folding_is_that_of_letter_after_letter(text: str) -> None:
    assert fold(text) == plainly_folded(text)


def test_one_of_a_kind_is_not_plural() -> None:
    assert [counted(count, "other version") for count in (0, 1, 2_000)] == [
        "0 other versions", "1 other version", "2,000 other versions",
    ]  # fmt: skip
