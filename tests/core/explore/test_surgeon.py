"""A playlist woven, put in flow, and searched for what does not belong."""

import numpy as np
import pytest

from segue.core.errors import UsageError
from segue.core.explore.surgeon import closeness, flow, in_flow, outliers, woven
from segue.core.library import Library


def held_out(library: Library, least: int = 8) -> list[list[int]]:
    corpus = library.corpus
    assert corpus is not None
    found = [corpus.items[a:b].tolist() for a, b in zip(corpus.offsets, corpus.offsets[1:], strict=False)]
    return [list(dict.fromkeys(rows)) for rows in found if len(set(rows)) >= least][:40]


def test_closeness_is_the_cosine_and_the_meetings(tiny_library: Library) -> None:
    rows = held_out(tiny_library)[0]
    scores = closeness(tiny_library, rows)
    assert tiny_library.cooccurrence is not None
    for a, first in enumerate(rows):
        met = dict(zip(*(part.tolist() for part in tiny_library.cooccurrence.row(first)), strict=True))
        for b, second in enumerate(rows):
            cosine = float(tiny_library.vectors[first] @ tiny_library.vectors[second])
            assert scores[a, b] == pytest.approx(cosine + 0.25 * np.log1p(met.get(second, 0)), abs=1e-5)


def test_in_flow_keeps_every_track_and_flows_better_than_any_shuffle(tiny_library: Library) -> None:
    rng = np.random.default_rng(0)
    for rows in held_out(tiny_library)[:10]:
        shuffled = rng.permutation(rows).tolist()
        ordered = [track.row for track in in_flow(tiny_library, shuffled)]
        assert sorted(ordered) == sorted(rows)
        assert ordered[0] == shuffled[0]
        others = [
            flow(tiny_library, [shuffled[0], *rng.permutation(shuffled[1:]).tolist()]) for _ in range(30)
        ]
        assert flow(tiny_library, ordered) >= max(others)


@pytest.mark.parametrize("every", [1, 2, 3, 100])
def test_weaving_keeps_the_own_order_and_repeats_nothing(tiny_library: Library, every: int) -> None:
    rows = held_out(tiny_library)[1]
    placed = woven(tiny_library, rows, every=every)
    assert [track.row for track in placed if track.own] == rows
    fresh = [track.row for track in placed if not track.own]
    assert len(set(fresh)) == len(fresh) == len(rows) // every
    assert not set(fresh) & set(rows)
    own = 0
    for track in placed:
        own = own + 1 if track.own else 0
        assert own <= every


def test_two_foreign_tracks_are_found(tiny_library: Library) -> None:
    lists, rng = held_out(tiny_library), np.random.default_rng(1)
    better = total = 0
    for rows in lists:
        left = np.setdiff1d(np.arange(len(tiny_library)), rows)
        foreign = rng.choice(left, 2, replace=False).tolist()
        mixed = rng.permutation([*rows, *foreign]).tolist()
        scores = {doubt.row: doubt.score for doubt in outliers(tiny_library, mixed)}
        better += sum(scores[a] > scores[b] for a in foreign for b in rows)
        total += len(foreign) * len(rows)
    assert better / total > 0.8


def test_an_outlier_says_why(tiny_library: Library) -> None:
    rows = held_out(tiny_library)[0]
    worst = outliers(tiny_library, rows)[0]
    assert rows[worst.at] == worst.row
    assert tiny_library.catalogue.info(worst.nearest).label in worst.reason
    same = outliers(tiny_library, [rows[0]] * 5)  # nothing to choose between: no error, no doubt
    assert {doubt.score for doubt in same} == {0.0}


def test_what_cannot_be_worked_on(tiny_library: Library) -> None:
    with pytest.raises(UsageError, match="three known tracks"):
        outliers(tiny_library, [1, 2])
    with pytest.raises(UsageError, match="at least 1"):
        woven(tiny_library, [1, 2], every=0)
    with pytest.raises(UsageError, match="not among"):
        in_flow(tiny_library, [10**8])
    with pytest.raises(UsageError, match="too long"):
        in_flow(tiny_library, [1] * 3000)
