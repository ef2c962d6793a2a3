"""Titles that try to take the terminal over, and a library full of them."""

import unicodedata
from pathlib import Path

import numpy as np

from segue.core.corpus import build_corpus, split_corpus
from segue.core.corpus.corpus import Playlists
from segue.core.evaluation import evaluate, save_report
from segue.core.library import Library, Manifest, write_library
from segue.core.neighbours import unit
from segue.core.tracks import TrackInfo

EVIL = (
    "\x1b[2Jcleared",
    "\x1b]0;renamed\x07window",
    "\x1b]52;c;c3RvbGVu\x07clipboard",
    "\x9b31mred by C1",
    "back\b\b\b\bspace",
    "two\r\nlines",
    "tab\tand\x0bfeed\x0c",
    "\u202egnol tfel ot thgir",
    "\u2066isolated\u2069\u200e",
    "line\u2028separator\u2029paragraph",
    "del\x7fete\x00nul",
    "[bold red]markup[/] [link=file:///etc]x[/link]",
    "\U000e0041tag",
    "=HYPERLINK(1)",
    "\u0301\u0308" * 60,
    "👨\u200d👩\u200d👧\u200d👦" * 30,
    "m" * 100_000,
)
"""Escape sequences, C1 controls, line breaks, changes of direction, markup, formulas; marks without a
letter, joined emoji, and a cell of a hundred thousand letters."""


def raw_in(text: str, *, allowed: str = "\n") -> set[str]:
    """The characters of a text that must not reach a terminal."""
    return {
        letter
        for letter in text
        if letter not in allowed
        and letter not in "\u200c\u200d"
        and unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"}
    }


def evil_id(number: int) -> str:
    """What is hostile in a track's id: something in every fourth, and never a line break."""
    return EVIL[number % len(EVIL)] if number % 4 == 3 and number % len(EVIL) != 5 else ""


def make_evil_library(path: Path) -> Library:
    """Forty tracks whose titles, artists, albums and ids are all hostile, evaluated and with a map."""
    infos = [
        TrackInfo(
            f"track_{number}{evil_id(number)}",
            f"{EVIL[number % len(EVIL)]} {number}",
            f"Artist {EVIL[(number + 3) % len(EVIL)]}",
            f"Album {EVIL[(number + 5) % len(EVIL)]}",
            f"artist_{number % 9}{EVIL[number % len(EVIL)]}",
            f"genre {EVIL[(number + 7) % len(EVIL)]}",
            "",
            "\x1b[2J1999",
            200.0,
        )
        for number in range(40)
    ]
    infos = [info for info in infos if "\n" not in info.track_id]
    rng = np.random.default_rng(0)
    ids = [info.track_id for info in infos]
    lists = [[ids[row] for row in rng.permutation(len(ids))[:8]] for _ in range(120)]
    artists = {info.track_id: info.artist_id for info in infos}
    by_artist = [[artists[track_id] for track_id in row] for row in lists]
    split = split_corpus(build_corpus(Playlists.from_lists(lists, by_artist)), seed=0)
    vocabulary = split.train.vocabulary
    vectors = unit(rng.normal(size=(len(vocabulary.track_ids), 8)).astype(np.float32))
    library = write_library(
        path,
        vectors=vectors,
        vocabulary=vocabulary,
        tracks={info.track_id: info for info in infos},
        manifest=Manifest(name=f"evil {EVIL[0]}", created="2026-01-01T00:00:00Z"),
        split=split,
        positions=np.ascontiguousarray(vectors[:, :2]),
    )
    save_report(library, evaluate(library, rankers=("nearest", "popularity")))
    return library
