"""A place written as a line of text is the same place when it is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.core.errors import SegueError
from segue.core.library import Library
from segue.tui.model.places import ArtistPlace, BlendPlace, PathPlace, Place, PlaylistPlace, TrackPlace
from segue.tui.model.recipe import is_recipe, read, write
from segue.tui.model.values import Dials
from tests.tui.support import make_stage, press, settle

NAMES = [
    "Salt — Oda", "Salt (Live) — Oda", "track_12", "-track 9: — deep", "夜 — 東京", "path — (x)", "a", "b",
]  # fmt: skip
rows = st.lists(st.integers(0, len(NAMES) - 1), min_size=1, max_size=6, unique=True).map(tuple)
places = st.one_of(
    st.builds(TrackPlace, rows.map(lambda some: some[:1])),
    st.builds(ArtistPlace, rows.map(lambda some: some[:1])),
    st.builds(lambda some: PathPlace(some, 10), rows),
    st.builds(lambda some: PlaylistPlace(some, name="a recipe"), rows),
    rows.flatmap(
        lambda some: st.lists(
            st.sampled_from([-3, -2, -1, 2, 3]), min_size=len(some), max_size=len(some)
        ).map(lambda weights: BlendPlace(some, tuple(weights)))
    ),
)
dials = st.builds(
    Dials, st.just("like"), st.sampled_from(["any", "familiar", "mixed", "deep"]), st.booleans(),
    st.booleans(),
)  # fmt: skip


@given(places, dials)
def test_what_is_written_is_read(place: Place, turned: Dials) -> None:
    text = write(place, turned, NAMES.__getitem__)
    assert is_recipe(text)
    assert read(text, NAMES.index, Dials(), steps=10) == (place, turned)


@pytest.mark.parametrize("text", ["track:(Salt", "track:(a) loud", "album", "track:(a):9"])
def test_what_is_no_recipe_is_refused(text: str) -> None:
    with pytest.raises(SegueError):
        read(text, NAMES.index, Dials(), steps=10)


def test_an_artist_in_a_blend_is_their_most_played_tracks() -> None:
    tracks = {"Oda": (4, 2, 7, 1), "B (2)": (3,)}
    place, _ = read(
        "track:(a):2 -artist:(Oda) artist:(B (2)):3 deep", NAMES.index, Dials(), steps=10,
        rows_of_artist=lambda name: tracks.get(name, ()),
    )  # fmt: skip
    assert place == BlendPlace((6, 4, 2, 7, 3), (2, -1, -1, -1, 3))
    with pytest.raises(SegueError, match="unknown artist 'Odo'"):
        read("-artist:(Odo)", NAMES.index, Dials(), steps=10, rows_of_artist=lambda _name: ())


def test_titles_and_files_are_no_recipes() -> None:
    assert not any(map(is_recipe, ["Salt — Oda", "~/track.m3u8", "path to nowhere", "track"]))


async def test_a_recipe_goes_from_one_explorer_to_another(small_library: Library) -> None:
    first = make_stage(small_library)
    async with first.on_screen() as pilot:
        await press(pilot, "+", "+", "j", "-", "F", "B", "Y")
        text, shown = first.app.clipboard, first.titles()
        assert ":2 -track:(" in text
        assert text.endswith(" familiar")
    second = make_stage(small_library)
    async with second.on_screen() as pilot:
        second.app.controllers.playlists._read(text)
        await settle(pilot)
        assert second.titles() == shown
        artist = small_library.catalogue.info(0).artist
        second.app.controllers.playlists._read(f"track:({small_library.track_ids[1]}) -artist:({artist})")
        await settle(pilot)
        assert second.app.walk.here.kind == "blend"
        assert [weight for _, weight in second.app.basket.weights].count(-1) > 0
        second.app.controllers.playlists._read("track:(No such song anywhere at all)")
        await settle(pilot)
        assert "can't be read" in second.toasts[-1]
