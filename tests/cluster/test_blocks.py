"""Blocks of the table and their averages, against a loop over single rows."""

import numpy as np
import pytest

from segue.core.cluster.blocks import Layout, Piece, State, average, first_block, take


def _piece(rng: np.random.Generator, n_rows: int, touched: int, dim: int) -> Piece:
    rows = np.sort(rng.choice(n_rows, touched, replace=False)).astype(np.int32)
    state = rng.standard_normal((2, touched, dim)).astype(np.float32)
    return Piece(rows, state, rng.integers(1, 50, touched))


@pytest.fixture
def state() -> State:
    return np.random.default_rng(0).standard_normal((2, 20, 3)).astype(np.float32)


@pytest.fixture
def pieces() -> list[Piece]:
    rng = np.random.default_rng(1)
    return [_piece(rng, 20, touched, 3) for touched in (12, 0, 7, 15)]


def test_the_average_is_that_of_a_loop_over_rows(state: State, pieces: list[Piece]) -> None:
    new = average(state, *pieces)
    touched = 0
    for row in range(20):
        made = [
            (piece.state[:, place], float(piece.counts[place]))
            for piece in pieces
            for place in np.flatnonzero(piece.rows == row)
        ]
        if not made:
            assert np.array_equal(new[:, row], state[:, row])
            continue
        touched += 1
        mean = sum(each * count for each, count in made) / sum(count for _, count in made)
        assert new[:, row] == pytest.approx(mean, abs=1e-6)
    assert 0 < touched < 20


def test_a_row_that_one_shard_touched_is_that_shards_to_the_bit(state: State) -> None:
    piece = Piece(np.array([4], np.int32), np.full((2, 1, 3), 0.1, np.float32), np.array([7]))
    new = average(state, piece)
    assert np.array_equal(new[:, 4], piece.state[:, 0])


def test_averaging_leaves_what_it_was_given_alone(state: State, pieces: list[Piece]) -> None:
    before = state.copy()
    state.flags.writeable = False  # as Ray hands it over
    average(state, *pieces)
    assert np.array_equal(state, before)


@pytest.mark.parametrize(
    ("n_tracks", "rows", "n_blocks"), [(10, 3, 4), (9, 3, 3), (1, 5, 1), (70_000, 65_536, 2)]
)
def test_blocks_hold_every_row_once_and_no_more_than_they_may(
    n_tracks: int, rows: int, n_blocks: int
) -> None:
    layout = Layout.of(n_tracks, rows)
    assert layout.n_blocks == n_blocks
    table = np.arange(n_tracks)
    parts = [table[layout.tracks_of(block)] for block in range(n_blocks)]
    assert sorted(np.concatenate(parts).tolist()) == table.tolist()
    assert [len(part) for part in parts] == [layout.size(block) for block in range(n_blocks)]
    assert max(map(len, parts)) <= rows


def test_rows_are_found_in_their_blocks() -> None:
    layout = Layout.of(100, 30)
    tracks = np.array([0, 3, 4, 50, 99], np.int32)
    table = np.arange(100)
    for block in range(layout.n_blocks):
        places = layout.places(tracks, block)
        rows = tracks[places] // layout.n_blocks
        assert np.array_equal(table[layout.tracks_of(block)][rows], tracks[places])


def test_the_first_table_is_spread_evenly_and_by_the_seed() -> None:
    layout = Layout.of(5000, 3000)
    block = first_block(layout, 0, 16, seed=1)
    assert block.shape == (2, 2500, 16)
    assert block[0].min() >= -0.05
    assert block[0].max() <= 0.05
    assert block[0].std() == pytest.approx(0.05 / np.sqrt(3), rel=0.02)
    assert np.array_equal(block, first_block(layout, 0, 16, seed=1))
    assert not np.array_equal(block, first_block(layout, 1, 16, seed=1))
    assert not np.array_equal(block, first_block(layout, 0, 16, seed=2))


def test_take_gives_each_shard_its_rows(state: State) -> None:
    one, none = take(state, np.array([19, 2], np.int32), np.zeros(0, np.int32))
    assert np.array_equal(one, state[:, [19, 2]])
    assert none.shape == (2, 0, 3)
