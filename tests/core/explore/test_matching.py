"""Hard pairs: what an entry says, and which track of the library it is, if any."""

from pathlib import Path

import pytest

from segue.core.catalogue import Catalogue
from segue.core.corpus.corpus import Playlists
from segue.core.corpus.readers import read_playlists
from segue.core.corpus.readers.batch import Entry
from segue.core.explore.matching import Match, match_playlist
from segue.core.explore.own_songs import put_together
from segue.core.pipeline import read_source
from segue.core.titles import credits_of, is_imitation, letters, plain_title, same_song, song_key
from segue.core.tracks import TrackInfo
from tests.core.corpus.exports import EXPORTS

LIBRARY = {
    "intro": TrackInfo("track_1", "Intro", "Mara Quill"),
    "home": TrackInfo("track_2", "Home", "The Who Else", duration=199.0),
    "home live": TrackInfo("track_3", "Home (Live at Lyon)", "The Who Else", duration=251.0),
    "home quill": TrackInfo("track_4", "Home", "Mara Quill", duration=180.0),
    "september": TrackInfo("track_5", "September", "Earth, Wind & Fire"),
    "september fire": TrackInfo("track_6", "September", "Fire"),
    "thunder": TrackInfo("track_7", "Thunderstruck", "AC/DC"),
    "hoppipolla": TrackInfo("track_8", "Hoppípolla (Remastered 2009)", "Sigur Rós"),
    "despacio": TrackInfo("track_9", "Despacio (feat. Niko Min)", "Karol V"),
    "reina": TrackInfo("track_10", "Reina", "Karol V, Niko Min"),
    "dal": TrackInfo("track_11", "दाल", "Asha Rao"),
    "dul": TrackInfo("track_12", "दूल", "Asha Rao"),
    "pasu": TrackInfo("track_13", "パス", "ミナ"),
    "hasu": TrackInfo("track_14", "ハス", "ミナ"),
    "moy": TrackInfo("track_15", "Мой", "Иван"),
    "amelie": TrackInfo("track_16", "Amélie", "Loïc Beaulieu"),
    "hurt": TrackInfo("track_17", "Hurt", "Nine Nails", isrc="USIR19902125"),
    "hurt cash": TrackInfo("track_18", "Hurt", "Jon Cash", isrc="USDJ20200105"),
    "hallelujah karaoke": TrackInfo("track_19", "Hallelujah (Karaoke Version)", "Sing King"),
    "dream": TrackInfo("track_20", "Dream On", "Aerosmiths"),
    "song 12": TrackInfo("track_21", "Symphony 12", "Orchestra"),
    "mbid": TrackInfo("f27ec8db-af05-4f36-916e-3d57f91ecf5e", "Quiet", "Vela"),
    "path": TrackInfo("Mara Quill/22 - Song 22.mp3", "Song 22", "Mara Quill"),
    "youtube": TrackInfo("youtube:dQw4w9WgXcQ", "Never Stop", "Rick Ashley"),
    "spotify": TrackInfo("spotify:track:4uLU6hMCjMI75M1A2tKUQC", "Slow Cars", "Neon Trees"),
    "satisfaction": TrackInfo("track_22", "(I Can't Find) Satisfaction", "The Stones"),
    "one": TrackInfo("track_23", "One", "U3"),
    "remix": TrackInfo("track_24", "Blue Monday (Club Remix)", "New Orders"),
    "acoustic": TrackInfo("track_25", "Layla (Acoustic)", "Eric Clap"),
    "layla": TrackInfo("track_26", "Layla", "Eric Clap"),
    "and": TrackInfo("track_27", "Mrs. Brown", "Simon & Garf"),
    "street": TrackInfo("track_28", "雨の街", "高橋ミオ"),
    "jay": TrackInfo("track_29", "Empire", "Jay-Z"),
    "beyonce": TrackInfo("track_30", "Halo", "Beyoncé"),
    "yo": TrackInfo("track_31", "Ёлка", "Дед"),
    "fashion": TrackInfo("track_32", "Fashion", "X Japan"),
    "long": TrackInfo("track_33", "Bohemian Rhapsodies", "Queens", duration=354.0),
}
NOTHING = ""


def titled(title: str, artist: str = "", **more: object) -> Entry:
    return Entry("", title, artist, **more)  # type: ignore[arg-type] # names of the fields


PAIRS: list[tuple[Entry, str, str]] = [
    # ids
    (Entry("track_2"), "home", "id"),
    (Entry("2"), "home", "id"),
    (Entry("https://www.deezer.com/track/2"), "home", "id"),
    (Entry("track_2", "HOME", "Who Else"), "home", "id"),
    (Entry("track_2", "Home - Remastered 2011", "The Who Else"), "home", "id"),
    (Entry("track_1", "Home", "The Who Else"), "home", "exact"),
    (Entry("track_1", "Some Other", "Somebody Else"), NOTHING, ""),
    (Entry("f27ec8db-af05-4f36-916e-3d57f91ecf5e"), "mbid", "id"),
    (titled("x", "y", ids=("f27ec8db-af05-4f36-916e-3d57f91ecf5e",)), NOTHING, ""),
    (titled("Quiet", "", ids=("f27ec8db-af05-4f36-916e-3d57f91ecf5e",)), "mbid", "id"),
    (Entry("Mara Quill/22 - Song 22.mp3"), "path", "id"),
    (Entry("youtube:dQw4w9WgXcQ", "Rick Ashley - Never Stop (Official Video)", "RickVEVO"), "youtube", "id"),
    (Entry("spotify:track:4uLU6hMCjMI75M1A2tKUQC"), "spotify", "id"),
    (Entry("spotify:track:unknownunknownunknow0", "Intro", "Mara Quill"), "intro", "exact"),
    # recording codes
    (titled("Hurt", "Jon Cash", isrc="USDJ20200105"), "hurt cash", "isrc"),
    (titled("Hurt", "", isrc="USIR19902125"), "hurt", "isrc"),
    (titled("Home", "The Who Else", isrc="USDJ20200105"), "home", "exact"),
    # titles and one of the artists
    (titled("Intro", "Mara Quill"), "intro", "exact"),
    (titled("INTRO!", "mara quill"), "intro", "exact"),
    (titled("Home", "The Who Else"), "home", "exact"),
    (titled("Home", "Who Else"), "home", "exact"),
    (titled("Home", "Mara Quill"), "home quill", "exact"),
    (titled("Intro", "Mara Quill, Guest Two"), "intro", "exact"),
    (titled("Home", "The Who Else; Guest"), "home", "exact"),
    (titled("Home", "Guest & The Who Else"), "home", "exact"),
    (titled("Home", "Guest / The Who Else"), "home", "exact"),
    (titled("Home", "Guest feat. The Who Else"), "home", "exact"),
    (titled("Home", "Guest ft. The Who Else"), "home", "exact"),
    (titled("Home", "Guest x The Who Else"), "home", "exact"),
    (titled("Home", "Guest vs. The Who Else"), "home", "exact"),
    (titled("Home", "The Who Else feat. Some One"), "home", "exact"),
    (titled("Home (feat. Mara Quill)", "The Who Else"), "home", "exact"),
    (titled("Reina", "Niko Min"), "reina", "exact"),
    (titled("Reina", "Karol V"), "reina", "exact"),
    (titled("Reina", "Karol V & Niko Min"), "reina", "exact"),
    (titled("Despacio", "Karol V"), "despacio", "words"),
    (titled("Despacio", "Niko Min"), "despacio", "words"),
    (titled("Despacio (with Niko Min)", "Karol V"), "despacio", "words"),
    (titled("September", "Earth, Wind & Fire"), "september", "exact"),
    (titled("September", "Fire"), "september fire", "exact"),
    (titled("September", "Earth Wind and Fire"), "september", "exact"),
    (titled("Thunderstruck", "AC/DC"), "thunder", "exact"),
    (titled("Thunderstruck", "ACDC"), "thunder", "exact"),
    (titled("Mrs. Brown", "Simon and Garf"), "and", "exact"),
    (titled("Mrs Brown", "Garf"), "and", "exact"),
    (titled("Empire", "Jay Z"), "jay", "exact"),
    (titled("Halo", "Beyonce"), "beyonce", "exact"),
    (titled("Amelie", "Loic Beaulieu, Die Maschinen"), "amelie", "exact"),
    (titled("Fashion", "X Japan"), "fashion", "exact"),
    (titled("Satisfaction", "The Stones"), NOTHING, ""),
    (titled("(I Can't Find) Satisfaction", "Stones"), "satisfaction", "exact"),
    # what uploaders and remasterings add
    (titled("Home (Official Video)", "The Who Else - Topic"), "home", "exact"),
    (titled("Home [Official Music Video] [HD]", "The Who Else"), "home", "exact"),
    (titled("Home (Lyrics)", "TheWhoElseVEVO"), "home", "exact"),
    (titled("The Who Else - Home (Official Audio)", "SomeUploader"), "home", "exact"),
    (titled("Home - 2011 Remaster", "The Who Else"), "home", "exact"),
    (titled("Home (Remastered)", "The Who Else"), "home", "exact"),
    (titled("Hoppipolla", "Sigur Ros"), "hoppipolla", "words"),
    (titled("Hoppípolla", "Sigur Rós - Topic"), "hoppipolla", "words"),
    # versions
    (titled("Home (Live)", "The Who Else", duration=250.0), "home live", "words"),
    (titled("Home (Live at Lyon)", "The Who Else"), "home live", "exact"),
    (titled("Blue Monday", "New Orders"), "remix", "words"),
    (titled("Layla", "Eric Clap"), "layla", "exact"),
    (titled("Layla (Acoustic)", "Eric Clap"), "acoustic", "exact"),
    (titled("Home", "", duration=181.0), "home quill", "exact"),
    (titled("Home", "", duration=199.5), "home", "exact"),
    # letters that mean something
    (titled("दाल", "Asha Rao"), "dal", "exact"),
    (titled("दूल", "Asha Rao"), "dul", "exact"),
    (titled("パス", "ミナ"), "pasu", "exact"),
    (titled("ハス", "ミナ"), "hasu", "exact"),
    (titled("Мой", "Иван"), "moy", "exact"),
    (titled("Мои", "Иван"), NOTHING, ""),
    (titled("バス", "ミナ"), NOTHING, ""),
    (titled("Ёлка", "Дед"), "yo", "exact"),
    (titled("Елка", "Дед"), "yo", "similar"),
    (titled("雨の街", "高橋ミオ"), "street", "exact"),
    (titled("雪の街", "高橋ミオ"), NOTHING, ""),
    # lines in either order, and spelling
    (Entry("", "Mara Quill", "Intro", text="Intro - Mara Quill"), "intro", "exact"),
    (Entry("", "Intro", "Mara Quill", text="Mara Quill - Intro"), "intro", "exact"),
    (Entry(text="mara quill intro"), "intro", "words"),
    (Entry(text="Thunderstruck"), "thunder", "exact"),
    (titled("Thunderstuck", "AC/DC"), "thunder", "similar"),
    (titled("Bohemian Rapsodies", "Queens"), "long", "similar"),
    (titled("Dream On", "Aerosmits"), "dream", "similar"),
    # another song, another artist, an imitation
    (titled("Symphony 13", "Orchestra"), NOTHING, ""),
    (titled("Intro", "Somebody Else"), NOTHING, ""),
    (titled("Home Alone", "The Who Else"), NOTHING, ""),
    (titled("Hom", "The Who Else"), NOTHING, ""),
    (titled("Hallelujah", "Sing King"), NOTHING, ""),
    (titled("Hallelujah (Karaoke)", "Sing King"), "hallelujah karaoke", "words"),
    (titled("Dream", "Aerosmiths"), NOTHING, ""),
    (titled("One Two", "U3"), NOTHING, ""),
    (titled("Hurt", "Nine Inches"), NOTHING, ""),
    (titled("Never Heard Of It", "Nobody"), NOTHING, ""),
    (Entry(text="home"), "home", "exact"),
    (Entry(text="who else home intro"), NOTHING, ""),
]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    path = tmp_path_factory.mktemp("hard") / "c.sqlite"
    return Catalogue.create(path, LIBRARY.values(), range(len(LIBRARY), 0, -1))


def name_of(match: Match) -> str:
    return NOTHING if match.row is None else list(LIBRARY)[match.row]


@pytest.mark.parametrize("number", range(len(PAIRS)))
def test_a_hard_pair(number: int, catalogue: Catalogue) -> None:
    entry, expected, how = PAIRS[number]
    (match,) = match_playlist(catalogue, [entry])
    assert (name_of(match), match.how) == (expected, how)


def test_precision_and_recall_of_all_pairs(catalogue: Catalogue) -> None:
    assert len(PAIRS) >= 80
    matches = match_playlist(catalogue, [entry for entry, _, _ in PAIRS])
    pairs = [(name_of(match), expected) for match, (_, expected, _) in zip(matches, PAIRS, strict=True)]
    taken = [found == expected for found, expected in pairs if found]
    wanted = [found == expected for found, expected in pairs if expected]
    assert sum(taken) / len(taken) == 1.0
    assert sum(wanted) / len(wanted) == 1.0


def test_a_whole_credit_is_split_only_where_it_is_not_an_artist() -> None:
    assert credits_of("A, B & C feat. D x E vs. F") >= {"a", "b", "c", "d", "e", "f"}
    assert credits_of("Earth, Wind & Fire", is_artist=lambda _name: True) == {
        "earth wind fire",
        "earthwindfire",
    }
    assert credits_of("The Band - Topic") == {"band", "theband"}
    assert credits_of("A", "Song (feat. B & C)") == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("one", "other"), [("दाल", "दूल"), ("パス", "ハス"), ("Мой", "Мои"), ("Все", "Всё"), ("ป้า", "ปา")]
)
def test_no_two_words_are_versions_of_one_song(one: str, other: str) -> None:
    assert letters(one) != letters(other)
    assert song_key(one) != song_key(other)
    assert not same_song(one, "A", other, "A")


def test_accents_fall_where_the_word_stays() -> None:
    assert letters("Beyoncé") == letters("BEYONCE")
    assert plain_title("Café (Official Video) [4K]") == "cafe"
    assert plain_title("(Official Video)") == "official video"


@pytest.mark.parametrize(
    ("other", "artist", "is_same"),
    [
        ("Home", "The Who Else", True),
        ("Home (Live at Lyon)", "The Who Else", True),
        ("Home", "The Who Else, Guest", True),
        ("Home", "The Who", False),
        ("Homecoming", "The Who Else", False),
        ("Home (Karaoke Version)", "The Who Else", False),
        ("Home", "The Who Else Tribute", False),
    ],
)
def test_a_preview_is_of_the_same_song_by_the_same_artist(other: str, artist: str, is_same: bool) -> None:
    assert same_song("Home", "The Who Else", other, artist) is is_same
    assert not is_imitation("Home")


IDS = {
    "base62": "Lv3agJMiN3xAos8x74Kq8E",
    "mbid": "9c38c43e-06ec-b42e-ad8c-c8735136ebf9",
    "title": "Für Elise",
    "number and word": "7 rings",
    "cyrillic": "Ольга",
    "path": "Mara Quill/22 - Song 22.mp3",
    "isrc": "USIR19902125",
    "spotify": "spotify:track:4uLU6hMCjMI75M1A2tKUQC",
    "video": "dQw4w9WgXcQ",
    "dashes": "-_abc-DEF_1",
    "number": "3135554",
    "address": "http://radio.example/one?id=3",
}


@pytest.fixture(scope="module")
def untitled(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    path: Path = tmp_path_factory.mktemp("ids") / "c.sqlite"
    return Catalogue.create(path, map(TrackInfo, IDS.values()), range(len(IDS), 0, -1))


@pytest.mark.parametrize("kind", IDS)
def test_an_id_of_any_shape_is_found_whole_and_by_its_beginning(kind: str, untitled: Catalogue) -> None:
    identity = IDS[kind]
    row = list(IDS).index(kind)
    assert untitled.resolve(identity) == row
    assert untitled.row_of(identity) == row
    assert untitled.search(identity)[0].row == row
    for length in range(4 if identity.isdigit() else 3, len(identity)):
        found = [hit.row for hit in untitled.search(identity[:length])]
        assert found[:1] == [row], identity[:length]


def test_a_word_that_begins_ids_does_not_hide_titles(tmp_path: Path) -> None:
    tracks = [TrackInfo("home/a.mp3", "Other", "A"), TrackInfo("b", "Home", "A")]
    catalogue = Catalogue.create(tmp_path / "c.sqlite", tracks, [9, 1])
    assert [hit.row for hit in catalogue.search("home")] == [1, 0]


OWN = [
    [(1, "Hoppípolla", "Sigur Rós", "Takk"), (2, "Home (Remastered 2011)", "Mara Quill", "")],
    [(1, "Hoppípolla", "Sigur Rós", "Takk"), (3, "Nobody's song", "Nobody", "")],
]
OTHERS = [["track_7", "track_8"], ["track_9", "track_7", "track_8"]]
KNOWN = {
    "track_7": TrackInfo("track_7", "Hoppipolla", "Sigur Ros"),
    "track_8": TrackInfo("track_8", "Home", "Mara Quill"),
    "track_9": TrackInfo("track_9", "Home", "Somebody Else"),
}
TOGETHER = [["track_7", "track_8"], ["track_7", "spotify:track:" + "3".rjust(22, "0")], *OTHERS]


def test_the_same_track_takes_the_others_id(tmp_path: Path) -> None:
    own = read_playlists(EXPORTS["spotify account"](tmp_path / "mine", OWN))
    playlists, matched = put_together(own, Playlists.from_lists(OTHERS), KNOWN)
    assert playlists.lists() == TOGETHER
    assert matched == 2
    assert playlists.tracks[TOGETHER[1][1]].title == "Nobody's song"


@pytest.mark.parametrize("files", [1, 0])
def test_a_source_of_both_has_the_titles_of_both(files: int, tmp_path: Path) -> None:
    own = EXPORTS["spotify account"](tmp_path / "mine", OWN)
    others, metadata = tmp_path / "others.txt", tmp_path / "metadata.csv"
    others.write_text("\n".join(map(" ".join, OTHERS)))
    rows = [f"{info.track_id},{info.title},{info.artist}" for info in KNOWN.values()]
    metadata.write_text("\n".join(["track_id,title,artist", *rows]), encoding="utf-8")
    source = read_source(own, metadata_files=[metadata][:files], together_with=others, min_count=1)
    assert source.description["together"] == {"playlists": 2, "tracks": 3, "matched": 2 * files}
    assert len(source.corpus.vocabulary) == (4 if files else 6)
    assert source.titles == (4 if files else 3)
