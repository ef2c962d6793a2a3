"""The lists of neighbours behind `segue serve` are those that the explorer shows."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from segue.core.errors import SegueError
from segue.core.explore.neighbours import Filters, neighbourhood
from segue.core.explore.variety import DEFAULT_GUARD, OFF
from segue.core.library import Library
from segue.core.rankers import default_ranker, ranker
from segue.core.serve.answers import Answers
from segue.core.serve.lists import LENGTH, NearLists
from segue.core.subsonic import Subsonic
from tests.subsonic_server import PASSWORD, USER, subsonic


def test_asked_by_many_at_once_each_gets_its_own_list(tiny_library: Library) -> None:
    rows = np.arange(len(tiny_library))
    expected, _ = ranker(tiny_library, default_ranker(tiny_library)).rank(rows, LENGTH)
    lists = NearLists(tiny_library, rows)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lists.of, rows[::-1].tolist()))
    assert all((one == want[want >= 0]).all() for one, want in zip(found, expected[::-1], strict=True))
    assert lists.complete.wait(10)
    assert lists.done == len(rows)


@pytest.mark.parametrize("count", [1, 10, 40, LENGTH + 20])
def test_answers_are_the_explorers_neighbours(tiny_library: Library, count: int) -> None:
    answers = Answers(tiny_library)
    for row in range(0, 200, 40):
        for variety, guard in (("true", DEFAULT_GUARD), ("false", OFF)):
            parameters = {
                "item_id": tiny_library.track_ids[row],
                "n": str(count),
                "eliminate_duplicates": variety,
            }
            near = json.loads(answers.answer("/api/similar_tracks", parameters))
            expected = neighbourhood(tiny_library, row, count, filters=Filters(guard)).rows
            assert [each["item_id"] for each in near] == [tiny_library.track_ids[x.row] for x in expected]


def test_only_songs_of_the_server_are_listed_and_a_refresh_makes_new_lists(tiny_library: Library) -> None:
    infos = tiny_library.catalogue.infos(range(120))
    songs = [{"id": f"s{at}", "title": info.title, "artist": info.artist} for at, info in enumerate(infos)]
    with subsonic(songs[:60]) as fake:
        answers = Answers(tiny_library, Subsonic(fake.url, USER, PASSWORD))
        owned, before = answers.owned, answers.lists
        assert owned is not None
        assert {row for mine in owned.song_of for row in before.of(mine).tolist()} <= set(owned.song_of)
        fake.songs += songs[60:]
        answers.refresh()
        assert answers.owned is not None
        assert len(answers.lists.of(next(iter(owned.song_of)))) > len(owned.song_of) - 1


def test_an_ended_list_raises_and_no_thread_waits(tiny_library: Library) -> None:
    lists = NearLists(tiny_library, np.arange(len(tiny_library)))
    lists.close()
    with pytest.raises(SegueError, match="try again"):
        lists.of(0)


def test_complete_lists_are_there_at_once_after_a_restart(tiny_library: Library, tmp_path: Path) -> None:
    rows, folder = np.arange(len(tiny_library)), tmp_path / "cache"
    before = NearLists(tiny_library, rows, folder)
    before.start()
    assert before.complete.wait(10)
    (kept,) = folder.iterdir()
    after = NearLists(tiny_library, rows, folder)
    assert after.complete.is_set()
    assert all((after.of(row) == before.of(row)).all() for row in rows.tolist())
    assert not NearLists(tiny_library, rows[1:], folder).complete.is_set(), "of other songs"

    whole = kept.read_bytes()
    for damaged in (whole[:-1], b"", whole[:-4] + b"\xff\xff\xff\x7f", b"\x80\x04}." + whole):
        kept.write_bytes(damaged)
        again = NearLists(tiny_library, rows, folder)
        assert not again.complete.is_set()
        assert (again.of(7) == before.of(7)).all()
        again.close()

    os.utime(tiny_library.path / "library.json")  # as by a training
    again = NearLists(Library.open(tiny_library.path), rows, folder)
    assert not again.complete.is_set()
    again.start()
    assert again.complete.wait(10)
    assert [path for path in folder.iterdir() if path != kept], "those of the library as it is now"
    assert not kept.exists(), "and no others"
