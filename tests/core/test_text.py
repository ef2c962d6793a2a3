"""Folding and printing of titles."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.core.text import fold, printable


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
