"""Tracks in sight that have no title get one from Deezer, here a server on loopback, in the background."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from segue.core.catalogue.overlay import title_overlay
from segue.core.corpus.readers import read_playlists
from segue.core.deezer.client import DeezerClient
from segue.core.deezer.transport import TokenBucket, Transport
from segue.core.explore.titles import DeezerTitles
from segue.core.library import Library
from tests.end_to_end.deezer_server import FakeDeezer
from tests.libraries import make_library, write_untitled_library
from tests.tui.screen import text_of
from tests.tui.support import make_stage, opened, press, until


@pytest.fixture
def deezer() -> Iterator[FakeDeezer]:
    with FakeDeezer(quota=10_000) as server:
        yield server


def titles_of(deezer: FakeDeezer) -> DeezerTitles:
    """Asks the server without a limit on the rate."""
    transport = Transport(loopback=True, bucket=TokenBucket(tokens=10_000, reserve=0))
    return DeezerTitles(client=DeezerClient(deezer.base_url, transport, learn=title_overlay().learn))


@pytest.fixture
def untitled(tmp_path: Path) -> Library:
    return write_untitled_library(tmp_path / "untitled")


async def test_after_a_rest_every_row_in_sight_has_a_title_and_search_finds_it(
    untitled: Library, deezer: FakeDeezer
) -> None:
    before = {path: path.read_bytes() for path in untitled.path.iterdir() if path.is_file()}
    ids = list(untitled.track_ids)
    numbers = [int(track_id.removeprefix("track_")) for track_id in ids]
    deezer.manners[numbers[3]] = "unknown"
    deezer.add(numbers[2], "Hoppípolla", "Sigur Rós")
    async with opened(untitled, titles=titles_of(deezer), size=(100, 24)) as (stage, pilot):
        rows = list(stage.tracks.in_sight())
        assert rows
        assert len(rows) < len(untitled)

        def all_titled() -> bool:
            infos = stage.app.tracks.infos(rows)
            return all(info.title for info in infos if info.track_id != ids[3])

        await until(pilot, all_titled)
        assert "Hoppípolla" in text_of(stage)
        asked = [path for path in deezer.paths() if path.startswith("/track/")]
        assert asked[:3] == [f"/track/{number}" for number in numbers[:3]], "the first row comes first"
        in_sight = {f"/track/{numbers[row]}" for row in rows}
        assert set(asked) <= in_sight, "what is not in sight is not asked for"
        await press(pilot, "slash", *"hoppi")
        await until(pilot, lambda: list(stage.explore.results.listing.rows) == [2])
        # a screen on, with one row that nobody knows: it is not asked for again
        await press(pilot, "escape", "G")
        last = list(stage.tracks.in_sight())
        await until(pilot, lambda: all(info.title for info in stage.app.tracks.infos(last)))
        await press(pilot, "g", "g")
        assert deezer.paths().count(f"/track/{numbers[3]}") == 1
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.realdata
async def test_real_playlists_without_metadata_have_titles_after_one_rest(
    real_data: Path, deezer: FakeDeezer, tmp_path: Path
) -> None:
    playlists = read_playlists(real_data / "deezer_music2_first1000" / "music_2_first1000.jsonl")
    library = make_library(tmp_path / "deezer", playlists, min_count=4)
    async with opened(library, titles=titles_of(deezer), size=(120, 40)) as (stage, pilot):
        rows = list(stage.tracks.in_sight())
        assert len(rows) > 20
        assert not any(info.title for info in stage.app.tracks.infos(rows))
        await until(pilot, lambda: all(info.title for info in stage.app.tracks.infos(rows)))
        shown = text_of(stage)
        for row in rows[: len(rows) - 1]:
            number = library.track_ids[row].removeprefix("track_")
            assert f"Song {number}" in shown
        wanted = library.track_ids[rows[-1]].removeprefix("track_")
        await press(pilot, "slash", *f"song {wanted}")
        await until(pilot, lambda: list(stage.explore.results.listing.rows)[:1] == [rows[-1]])


async def test_rows_that_were_scrolled_past_are_dropped(untitled: Library, deezer: FakeDeezer) -> None:
    stage = make_stage(untitled, titles=titles_of(deezer))
    async with stage.app.run_test(size=(100, 24)) as pilot:
        await press(pilot, "G")
        last = list(stage.tracks.in_sight())
        await until(pilot, lambda: all(info.title for info in stage.app.tracks.infos(last)))
        asked = {int(path.removeprefix("/track/")) for path in deezer.paths()}
        middle = [untitled.track_ids[row] for row in range(len(untitled) // 2 - 5, len(untitled) // 2 + 5)]
        assert not asked & {int(track_id.removeprefix("track_")) for track_id in middle}


async def test_an_outage_costs_nothing_but_the_titles(untitled: Library, deezer: FakeDeezer) -> None:
    deezer.status = 503
    async with opened(untitled, titles=titles_of(deezer), size=(100, 24)) as (stage, pilot):
        await until(pilot, lambda: len(deezer.asked) > 0)
        await press(pilot, "j", "j")
        assert stage.tracks.cursor == 2
        assert stage.toasts == []
