"""Which entries of a listener's exports are one song, whatever each calls it and in whatever order."""

import random

import pytest
from msgspec.structs import replace

from segue.core.corpus.readers.batch import Entry
from segue.core.explore.own_songs import one_song_each

A, B = "spotify:track:" + "a" * 22, "spotify:track:" + "b" * 22
MBID, VIDEO = "f27ec8db-af05-4f36-916e-3d57f91ecf5e", "youtube:aaaaaaaaaaa"
HOME = Entry("", "Home", "The Who Else")


def song_ids(*entries: Entry) -> list[str]:
    """The track id of each entry's song."""
    return [song.track_id for song in one_song_each(entries)]


SONGS: dict[str, tuple[list[Entry], list[str]]] = {
    "a history without ids": ([HOME, replace(HOME, track_id=A)], [A, A]),
    "another spelling": (
        [Entry("", "HOME (Official Video)", "Who Else - Topic"), replace(HOME, track_id=A)],
        [A, A],
    ),
    "one of the artists": (
        [Entry("", "Home", "Mara Quill feat. The Who Else"), replace(HOME, track_id=A)],
        [A, A],
    ),
    "services": ([replace(HOME, track_id=each) for each in (VIDEO, MBID, A, "track_7")], ["track_7"] * 4),
    "a recording code": (
        [Entry(A, "Home", "The Who Else", isrc="X"), Entry(B, "Home - Live", "The Who Else", isrc="X")],
        [A, A],
    ),
    "another id": ([Entry(A, "Home", "The Who Else", ids=(MBID,)), Entry(MBID, "Heim", "Who Else")], [A, A]),
    "an uploader's title": (
        [Entry(VIDEO, "The Who Else - Home", "Some Channel"), replace(HOME, track_id=A)],
        [A, A],
    ),
    "lines of text": (
        [Entry("", "Home", "The Who Else", ids=("x",), text="The Who Else - Home"), HOME],
        [HOME.identity] * 2,
    ),
    "paths": (
        [Entry("a/1.mp3", "Home", "The Who Else"), Entry("b/1.mp3", "Home", "The Who Else"), HOME],
        ["a/1.mp3"] * 3,
    ),
    "two ids of one service": ([replace(HOME, track_id=A), replace(HOME, track_id=B)], [A, B]),
    "by the length": (
        [
            *[Entry(A, "Home", "The Who Else", duration=100)] * 3,
            Entry(B, "Home", "The Who Else", duration=108),
            Entry("", "Home", "The Who Else", duration=107),
        ],
        [A, A, A, B, B],
    ),
    "by the plays": ([*[replace(HOME, track_id=B)] * 2, replace(HOME, track_id=A), HOME], [B, B, A, B]),
    "a length too far": (
        [
            Entry(A, "Untitled", "Mara Quill", duration=100),
            Entry("x.mp3", "Untitled", "Mara Quill", duration=200),
        ],
        [A, "x.mp3"],
    ),
    "lines of one artist": (
        [Entry("", f"Rock & {name}", "The Who Else", text=f"The Who Else - Rock & {name}") for name in "AB"],
        ["the who else - rock & a", "the who else - rock & b"],
    ),
    "another artist": ([HOME, Entry(A, "Home", "Mara Quill")], [HOME.identity, A]),
    "another version": ([HOME, Entry(A, "Home (Live)", "The Who Else")], [HOME.identity, A]),
    "an artist who is not known": ([Entry("", "Home"), replace(HOME, track_id=A)], ["home", A]),
    "a wrong id": (
        [replace(HOME, track_id=A), replace(HOME, track_id=A, album="x"), Entry(A, "Night", "Mara Quill")],
        [A, A, "mara quill - night"],
    ),
    "a wrong id of a known song": (
        [*[replace(HOME, track_id=A)] * 2, Entry(A, "Night", "Mara Quill"), Entry(B, "Night", "Mara Quill")],
        [A, A, B, B],
    ),
    "a wrong code": (
        [*[Entry(A, "Home", "The Who Else", isrc="X")] * 2, Entry(B, "Night", "Mara Quill", isrc="X")],
        [A, A, B],
    ),
    "an id alone": ([Entry(A), replace(HOME, track_id=A)], [A, A]),
}


@pytest.mark.parametrize("name", SONGS)
def test_entries_are_one_song_in_any_order(name: str) -> None:
    entries, expected = SONGS[name]
    assert song_ids(*entries) == expected
    rng = random.Random(3)
    for _ in range(10):
        order = rng.sample(range(len(entries)), len(entries))
        assert song_ids(*(entries[at] for at in order)) == [expected[at] for at in order]


PAIRS: dict[str, tuple[tuple[str, str], tuple[str, str], bool]] = {
    "a remaster of a year": (("Hurt", "Johnny Cash"), ("Hurt - 2002 Remaster", "Johnny Cash"), True),
    "a remaster in brackets": (("Hurt", "Johnny Cash"), ("Hurt [2002 Remastered]", "Johnny Cash"), True),
    "a guest in the title": (("Hurt", "Johnny Cash"), ("Hurt (feat. Fiona Apple)", "Johnny Cash"), True),
    "a guest among the artists": (("Hurt", "Johnny Cash"), ("Hurt", "Johnny Cash, Fiona Apple"), True),
    "accents and articles": (("Café", "The Añoranza"), ("CAFE", "Anoranza"), True),
    "a live version twice": (("Hurt (Live)", "Johnny Cash"), ("Hurt - Live", "Johnny Cash"), True),
    "an upload": (("Hurt", "Johnny Cash"), ("Johnny Cash - Hurt (Official Video)", "JohnnyCashVEVO"), True),
    "the same title": (("Hurt", "Nine Inch Nails"), ("Hurt", "Johnny Cash"), False),
    "a part of a name": (("Home", "Tom"), ("Home", "Tom Waits"), False),
    "a cover": (("Hurt", "Johnny Cash"), ("Hurt (Johnny Cash Cover)", "Some Band"), False),
    "an uploaded cover": (("Hurt", "Johnny Cash"), ("Johnny Cash - Hurt (cover)", "Jane Doe"), False),
    "a karaoke": (("Hurt", "Johnny Cash"), ("Hurt (Karaoke Version)", "Johnny Cash"), False),
    "an uploaded karaoke": (("Hurt", "Johnny Cash"), ("Johnny Cash - Hurt", "Sing King Karaoke"), False),
    "in the style of": (("Hurt", "Johnny Cash"), ("Hurt (In the Style of Johnny Cash)", "Singers"), False),
    "a live version": (("Hurt", "Johnny Cash"), ("Hurt - Live at Lyon", "Johnny Cash"), False),
    "an acoustic version": (("Hurt", "Johnny Cash"), ("Hurt - Acoustic", "Johnny Cash"), False),
    "a demo": (("Hurt", "Johnny Cash"), ("Hurt (Demo)", "Johnny Cash"), False),
    "a remix": (("Hurt", "Johnny Cash"), ("Hurt - Remix", "Johnny Cash"), False),
    "an instrumental": (("Hurt", "Johnny Cash"), ("Hurt (Instrumental)", "Johnny Cash"), False),
    "recorded again": (("Home", "Mara Quill"), ("Home (Mara's Version)", "Mara Quill"), False),
    "parts": (("Wall, Pt. 1", "Los Años"), ("Wall, Pt. 2", "Los Años"), False),
    "a mark that makes another letter": (("दाल", "Asha Rao"), ("दूल", "Asha Rao"), False),
    "no artist": (("Home", ""), ("Home", "Mara Quill"), False),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("ids", [("", A), (A, ""), (VIDEO, "x.mp3"), ("track_1", VIDEO), ("", VIDEO)])
def test_two_names_are_one_song_whichever_has_the_id(name: str, ids: tuple[str, str]) -> None:
    one, other, same = PAIRS[name]
    songs = song_ids(*(Entry(each, *words) for each, words in zip(ids, (one, other), strict=True)))
    assert (songs[0] == songs[1]) is same


def test_a_song_has_all_its_ids_and_the_words_of_the_first_service() -> None:
    entries = [
        Entry(VIDEO, "Home (Official Video)", "The Who Else - Topic"),
        Entry(A, "Home", "The Who Else", "An album", duration=200, isrc="X"),
        Entry(MBID, "Home", "The Who Else", duration=201),
        HOME,
    ]
    for order in (entries, entries[::-1]):
        songs = one_song_each(order)
        assert songs == [
            Entry(A, "Home", "The Who Else", "An album", duration=200, isrc="X", ids=(MBID, VIDEO))
        ] * len(entries)


def test_songs_are_those_of_a_plain_comparison_of_every_two() -> None:
    rng = random.Random(5)
    titles, artists = ["Home", "Intro", "Night", "Café"], ["Mara Quill", "Los Años", "DJ Forty"]
    names: list[Entry] = []
    for at, (title, artist) in enumerate((title, artist) for title in titles for artist in artists):
        names += [
            Entry(f"track_{at}", title, artist),
            Entry(f"spotify:track:{at:022d}", title.upper(), artist),
            Entry("", title, f"{artist} & Guest {at}"),
        ]
    entries = [rng.choice(names) for _ in range(400)]
    songs = song_ids(*entries)

    def same(one: Entry, other: Entry) -> bool:
        return one.title.casefold() == other.title.casefold() and one.artist[:4] == other.artist[:4]

    for one, song in zip(entries, songs, strict=True):
        assert [same(one, other) for other in entries] == [song == its for its in songs]


def test_nothing_is_no_song() -> None:
    assert one_song_each([]) == []
