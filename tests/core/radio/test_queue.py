"""The queue: lists in order, trailers, changes by the listener, and what is left of it after a kill."""

import json
from pathlib import Path

import numpy as np
import pytest

from segue.core.explore.radio import Planned, RadioPlanner
from segue.core.library import Library
from segue.core.radio.parts import Replanned, Skipped, Stopped
from segue.core.radio.queue import LONGEST, TRAILER_SECONDS, Queue, cut_note, in_order
from segue.core.state import State
from tests.core.radio.test_session import Radio


def queued(*rows: int, seconds: float | None = None) -> list[Planned]:
    return [Planned(row, seconds=seconds) for row in rows]


def rows(queue: Queue) -> list[int]:
    return [planned.row for planned in queue.plan]


def radio_from(library: Library, *seeds: int) -> RadioPlanner:
    return RadioPlanner(library, seeds, rng=np.random.default_rng(1))


def test_a_list_is_heard_in_its_order_to_its_end_and_says_so() -> None:
    radio = Radio(planner=Queue(queued(7, 3, 3, 9)))
    radio.run(200)
    assert [title for _, title in radio.playing()] == ["Title 7", "Title 3", "Title 3", "Title 9"]
    assert radio.events[-1][1] == Stopped("that was the last track")


def test_a_trailer_of_twelve_tracks_lasts_61_seconds() -> None:
    radio = Radio(planner=Queue(queued(*range(12), seconds=TRAILER_SECONDS)))
    radio.run(100)
    starts = radio.playing()
    assert [title for _, title in starts] == [f"Title {row}" for row in range(12)]
    assert [at for at, _ in starts] == pytest.approx([5.0 * n for n in range(12)], abs=0.2)
    at, last = radio.events[-1]
    assert last == Stopped("that was the last track")
    assert at - 1000 == pytest.approx(61, abs=0.3)


def test_a_track_without_a_preview_is_passed_over_wherever_it_stands() -> None:
    radio = Radio(planner=Queue(queued(1, 2, 3)))
    radio.source.reasons = {"track_2": "no preview on Deezer", "track_3": "no preview on Deezer"}
    radio.run(100)
    assert [title for _, title in radio.playing()] == ["Title 1"]
    assert len(radio.of(Skipped)) == 2
    assert isinstance(radio.events[-1][1], Stopped)


def test_previous_brings_back_the_track_before_and_next_returns() -> None:
    queue = Queue(queued(1, 2, 3))
    radio = Radio(planner=queue)
    radio.run(5)
    radio.session.next()
    radio.run(5)
    radio.session.jump(lambda _: queue.back())
    radio.run(5)
    radio.session.next()
    radio.run(1)
    assert [title for _, title in radio.playing()] == ["Title 1", "Title 2", "Title 1", "Title 2"]
    assert rows(queue) == [3]


def test_play_now_gives_way_at_once_and_what_follows_is_reported() -> None:
    queue = Queue(queued(1, 2, 3))
    radio = Radio(planner=queue)
    radio.run(5)
    radio.session.jump(lambda _: queue.fill(queued(8, 9), source="Loved"))
    radio.run(1)
    at, title = radio.playing()[-1]
    assert title == "Title 8"
    assert at == pytest.approx(5, abs=0.2)
    last = radio.of(Replanned)[-1]
    assert isinstance(last, Replanned)
    assert [planned.row for planned in last.plan] == [9]
    assert radio.journal.lines[0].seconds == pytest.approx(5, abs=0.1)


def test_play_next_and_add_put_tracks_before_and_after_the_others() -> None:
    queue = Queue(queued(1, 2))
    queue.add(queued(5, 6), first=True)
    queue.add(queued(7))
    assert rows(queue) == [5, 6, 1, 2, 7]


def test_lines_are_removed_moved_and_jumped_to() -> None:
    queue = Queue(queued(0, 1, 2, 3, 4))
    queue.remove(1)
    queue.move(3, 0)
    assert rows(queue) == [4, 0, 2, 3]
    queue.move(0, 9)
    queue.remove(9)
    assert rows(queue) == [4, 0, 2, 3]
    queue.jump_to(2)
    assert rows(queue) == [2, 3]
    queue.clear()
    assert rows(queue) == []


def test_tracks_in_line_come_before_the_radio_which_goes_on_after_them(tiny_library: Library) -> None:
    queue = Queue(radio=radio_from(tiny_library, 0))
    first = queue.advance()
    assert first is not None
    assert first.row == 0
    planned = rows(queue)
    queue.add(queued(3), first=True)
    assert rows(queue) == [3, *planned]
    queue.move(5, 0)
    assert rows(queue)[:6] == [planned[-1], 3, *planned[:-1]]
    queue.remove(0)
    assert rows(queue)[:5] == [3, *planned[:-1]]
    for _ in range(8):
        assert queue.advance() is not None
    assert len(rows(queue)) == 5


def test_what_the_listener_changed_is_undone_with_the_radio(tiny_library: Library) -> None:
    queue = Queue(queued(4), source="Loved", radio=radio_from(tiny_library, 0))
    queue.advance()
    before, was = rows(queue), queue.snapshot()
    queue.fill(queued(9, 8), source="Path")
    queue.advance()
    queue.restore(was, playing=True)
    assert rows(queue) == [4, *before]
    assert queue.source == "Loved"
    again = queue.snapshot()
    queue.clear()
    assert rows(queue) == []
    queue.restore(again)
    assert rows(queue) == [4, *before]


def test_a_list_flows_on_into_a_radio_near_what_was_heard(tiny_library: Library) -> None:
    queue = Queue(queued(4, 5), flow=lambda seeds: radio_from(tiny_library, *seeds))
    queue.advance()
    assert rows(queue) == [5]
    queue.advance()
    assert len(rows(queue)) == 5
    assert not {4, 5} & set(rows(queue))
    assert queue.radio is not None
    assert queue.radio.seeds == (5, 4)


def test_a_list_flows_on_from_what_was_really_heard(tiny_library: Library) -> None:
    queue = Queue(queued(4, 5, 6, 7), flow=lambda seeds: radio_from(tiny_library, *seeds))
    for _ in range(3):
        queue.advance()
        if queue.heard[-1].row == 5:
            queue.skip(2.0)
    queue.advance()
    assert queue.radio is not None
    assert queue.radio.seeds == (7, 6, 4)
    assert (queue.radio._before, queue.radio._skipped) == ([4, 6, 7], [5])
    queue.skip(2.0)
    assert (queue.radio._before, queue.radio._skipped) == ([4, 6], [5, 7])
    assert len(queue.radio.plan) == 5


def test_a_skip_steers_the_radio_only_away_from_its_own_tracks(tiny_library: Library) -> None:
    planner = radio_from(tiny_library, 0)
    queue = Queue(queued(9), radio=planner)
    queue.advance()
    plan = planner.plan
    queue.skip(1.0)
    assert planner.plan == plan
    queue.advance()
    queue.skip(1.0)
    assert 0 in planner._skipped


def test_a_radio_from_several_tracks_lies_near_their_middle(tiny_library: Library) -> None:
    vectors = tiny_library.vectors
    seeds = (0, *np.argsort(-(vectors @ vectors[0]))[1:4].tolist())
    planner = radio_from(tiny_library, *seeds)
    assert planner.plan[0].row == 0
    middle = vectors[list(seeds)].mean(axis=0)
    heard = [planned.row for planned in planner.plan]
    assert (vectors[heard] @ middle).mean() > (vectors @ middle).mean()
    planner.reseed(3)
    assert planner.seeds == (3,)


def test_a_long_list_is_cut_and_its_steps_are_cosines(tiny_library: Library) -> None:
    found = in_order(tiny_library, [2, 5, 7], "Path")
    vectors = tiny_library.vectors
    assert [planned.similarity for planned in found] == pytest.approx(
        [0.0, float(vectors[2] @ vectors[5]), float(vectors[5] @ vectors[7])], abs=1e-6
    )
    assert found[1].reason.startswith("2 of 3, ")
    assert cut_note(LONGEST) == ""
    assert cut_note(LONGEST + 5) == "the first 1,000 of 1,005 tracks are played"
    assert len(in_order(tiny_library, [0] * (LONGEST + 5), "All")) == LONGEST
    assert in_order(tiny_library, [], "Nothing") == []


def test_a_queue_comes_back_from_the_state_file_with_what_played_first(
    tiny_library: Library, tmp_path: Path
) -> None:
    queue = Queue(queued(1, 2, 3, seconds=6.0), source="Loved", radio=radio_from(tiny_library, 7, 8))
    queue.advance()
    queue.advance()
    State.open(tmp_path / "state.sqlite").save_session(queue.to_json(), name="queue")  # and is killed
    saved = State.open(tmp_path / "state.sqlite").session(name="queue")
    other = Queue()
    assert other.read_json(saved, tracks=len(tiny_library)) == (7, 8)
    assert rows(other) == [2, 3]
    assert other.source == "Loved"
    assert [planned.row for planned in other.heard] == [1]
    assert other.plan[0].seconds == 6.0
    json.dumps(other.to_json())


@pytest.mark.parametrize("damaged", [{}, {"tracks": 3}, {"source": "x", "tracks": [[1]], "heard": []}, []])
def test_a_damaged_queue_is_refused_and_changes_nothing(damaged: dict[str, object]) -> None:
    queue = Queue(queued(1), source="Loved")
    with pytest.raises((KeyError, TypeError, ValueError)):
        queue.read_json(damaged, tracks=10)
    assert rows(queue) == [1]


def test_stopping_a_trailer_plays_its_track_whole_and_ends_there() -> None:
    queue = Queue(queued(1, 2, 3, seconds=6.0))
    radio = Radio(planner=queue)
    radio.run(7)
    radio.session.play_whole()
    radio.session.steer(lambda _: queue.clear())
    radio.run(60)
    assert [at for at, _ in radio.playing()] == pytest.approx([0, 5], abs=0.2)
    at, last = radio.events[-1]
    assert isinstance(last, Stopped)
    assert at - 1000 == pytest.approx(35, abs=0.3)
