"""A whole evaluation against one written pair by pair."""

import json
import shutil
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from segue.core.errors import SegueError, UsageError
from segue.core.evaluation import evaluate, list_pairs, open_case, pair_ranks, read_report, save_report
from segue.core.evaluation.evaluate import score_ranker
from segue.core.evaluation.report import Report, held_out
from segue.core.evaluation.weight import choose_continue_weights, choose_weights
from segue.core.library import Library
from segue.core.rankers import RANKERS, next_ranker, ranker
from segue.core.rankers.playlist import combined_scores, continue_ranker
from tests.core.evaluation import naive
from tests.libraries import make_library

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return make_library(tmp_path_factory.mktemp("evaluated") / "evaluated")


@pytest.fixture(scope="module")
def report(library: Library) -> Report:
    return evaluate(library, created=NOON)


def test_every_ranker_is_scored_as_in_the_naive_way(library: Library, report: Report) -> None:
    assert [scores.ranker for scores in report.rankers] == list(RANKERS)
    assert library.held_out is not None
    pairs = [(int(seed), int(target)) for seed, target in library.held_out.validation]
    assert report.n_pairs == len(pairs)
    for scores in report.rankers:
        one = ranker(library, scores.ranker)
        lists = [one.rank(np.array([seed]), 10)[0][0].tolist() for seed, _ in pairs]
        scored = list(zip(lists, pairs, strict=True))
        assert scores.all.hit.mean == pytest.approx(
            np.mean([naive.hit(row, pair[1], 10) for row, pair in scored])
        )
        assert scores.all.ndcg.mean == pytest.approx(
            np.mean([naive.ndcg(row, pair[1], 10) for row, pair in scored])
        )
        assert scores.all.mrr.mean == pytest.approx(
            np.mean([naive.reciprocal(row, pair[1], 10) for row, pair in scored])
        )
        other = [naive.hit(row, target, 10) for row, (seed, target) in scored if seed != target]
        assert scores.without_repeats.pairs == len(other)
        assert scores.without_repeats.hit.mean == pytest.approx(np.mean(other))
        # the paper's way: the seed itself leads the list
        paper = [naive.hit([seed, *row], target, 11) for row, (seed, target) in scored]
        assert scores.paper.hit.mean == pytest.approx(np.mean(paper))
        for measure in (scores.all.hit, scores.all.ndcg, scores.all.mrr):
            assert measure.low <= measure.mean <= measure.high


def test_coverage_and_hubness_count_each_seed_once(library: Library, report: Report) -> None:
    assert library.held_out is not None
    seeds = sorted({int(seed) for seed in library.held_out.validation[:, 0]})
    lists = [ranker(library, "nearest").rank(np.array([seed]), 10)[0][0].tolist() for seed in seeds]
    counts = naive.k_occurrences(lists, len(library))
    nearest = report.ranker("nearest")
    assert report.n_seeds == len(seeds)
    assert nearest.coverage == pytest.approx(np.mean([count > 0 for count in counts]))
    assert nearest.hubness == pytest.approx(naive.skewness(counts))


def test_buckets_part_the_pairs_by_the_targets_training_count(library: Library, report: Report) -> None:
    assert library.held_out is not None
    assert library.corpus is not None
    heard = library.corpus.items.tolist()
    counts = [heard.count(target) for target in library.held_out.validation[:, 1].tolist()]
    nearest = report.ranker("nearest")
    assert sum(bucket.scores.pairs for bucket in nearest.buckets) == len(counts)
    for bucket in nearest.buckets:
        most = 10**9 if bucket.most is None else bucket.most
        assert bucket.scores.pairs == sum(bucket.least <= count <= most for count in counts) > 0
        listed = list_pairs(library, bucket=bucket)
        assert len(listed) == bucket.scores.pairs
        assert all(bucket.least <= pair.target_count <= most for pair in listed)


def test_the_structure_of_the_world_is_found_and_chance_stays_chance(report: Report) -> None:
    assert report.ranker("next").all.hit.low > report.ranker("popularity").all.hit.high
    assert report.ranker("nearest").all.hit.low > report.ranker("random").all.hit.high
    assert report.ranker("random").all.hit.mean < 0.15


def test_a_repeated_and_an_unseen_target_are_counted(report: Report, library: Library) -> None:
    assert library.held_out is not None
    assert library.corpus is not None
    pairs = library.held_out.validation.tolist()
    assert report.target_is_seed == np.mean([seed == target for seed, target in pairs])
    heard = set(library.corpus.items.tolist())
    assert report.target_unseen == np.mean([target not in heard for _, target in pairs])


def test_the_weights_of_next_are_chosen_on_pairs_that_are_not_scored(
    library: Library, report: Report
) -> None:
    held = library.held_out
    assert held is not None
    assert report.n_choosing == len(held.choosing) > 0
    chosen = report.next_weight, report.next_popularity, report.next_following
    assert chosen == choose_weights(next_ranker(library), held.choosing)
    assert report.next_weight == library.manifest.next_weight
    assert report.next_popularity == library.manifest.next_popularity
    scored = {*held.validation_playlists.tolist(), *held.test_playlists.tolist()}
    assert not scored & set(held.choosing_playlists.tolist())


def test_a_library_without_choosing_pairs_keeps_its_weights(library: Library, tmp_path: Path) -> None:
    folder = shutil.copytree(library.path, tmp_path / "older")
    with np.load(folder / "heldout.npz") as arrays:
        kept = {name: arrays[name] for name in arrays.files if not name.startswith("choosing")}
    np.savez_compressed(folder / "heldout.npz", allow_pickle=False, **kept)
    manifest = json.loads((folder / "library.json").read_text())
    (folder / "library.json").write_text(json.dumps(manifest | {"next_weight": 0.7, "next_popularity": 0.01}))
    found = evaluate(Library.open(folder), rankers=("next",))
    assert (found.next_weight, found.next_popularity, found.n_choosing) == (0.7, 0.01, 0)


def test_rankers_store_nothing_but_the_vectors_of_ppmi(
    library: Library, report: Report, tmp_path: Path
) -> None:
    assert report.completion is not None

    def files(path: Path) -> set[str]:
        return {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}

    fresh = make_library(tmp_path / "fresh")
    assert files(library.path) - files(fresh.path) <= {"ppmi_svd.npy", "report.json"}
    # what `continue` and its kin read, beside the meetings, at most 10 MB a million positions and two offsets
    assert fresh.corpus is not None
    kept = sum(file.stat().st_size for file in (fresh.path / "occurrences").iterdir())
    ends = 8 * (len(fresh) + 1) + 8 * (fresh.corpus.n_playlists + 1)
    assert kept <= 10 * fresh.corpus.n_positions + ends + 3 * 128


def test_a_report_is_read_as_it_was_written(library: Library, report: Report) -> None:
    save_report(library, report)
    tested = evaluate(library, pairs="test", rankers=("nearest", "popularity"), created=NOON)
    save_report(library, tested)
    again = Library.open(library.path)
    assert read_report(again) == report
    assert read_report(again, "test") == tested
    assert again.manifest.next_weight == report.next_weight
    assert again.manifest.scores["validation"]["next"]["hit@10"] == report.ranker("next").all.hit.mean
    assert tested.next_weight == report.next_weight
    assert tested.created == "2026-03-04T12:00:00Z"


def test_completion_is_scored_as_in_the_naive_way(library: Library, report: Report) -> None:
    held, corpus, whole = library.held_out, library.corpus, continue_ranker(library)
    assert held is not None
    assert corpus is not None
    assert whole is not None
    found = report.completion
    assert found is not None
    fitted = choose_continue_weights(whole, held.choosing, held.choosing_playlists, corpus)
    assert library.manifest.continue_weights.items() >= fitted.items()
    lists, rng = [], np.random.default_rng(found.playlists)
    hidden_recalls, hidden_precisions = [], []
    rng.permutation(found.playlists)
    for number, (_, target) in zip(held.validation_playlists.tolist(), held.validation.tolist(), strict=True):
        playlist = corpus.playlist(number).tolist()
        scores = whole.scores(playlist).tolist()
        others = sorted(set(range(len(library))) - set(playlist), key=lambda row: (-scores[row], row))
        lists.append((others[:10], target))
        share = rng.uniform(0.2, 0.5)
        both = [*playlist, target]
        cut = len(both) - max(round(share * len(both)), 1)
        hidden = set(both[cut:]) - set(both[:cut])
        if not hidden:
            continue
        votes = whole.missing(both[:cut], votes=whole.members(both[:cut], without=number)).tolist()
        known = [row for row in range(len(library)) if row not in both[:cut]]
        known.sort(key=lambda row: (-votes[row], row))
        hidden_recalls.append(len(hidden & set(known[:10])) / len(hidden))
        hidden_precisions.append(len(hidden & set(known[: len(hidden)])) / len(hidden))
    assert found.playlists == len(lists)
    best = found.continued[0]
    assert best.hit.mean == pytest.approx(np.mean([naive.hit(row, target, 10) for row, target in lists]))
    assert best.ndcg.mean == pytest.approx(np.mean([naive.ndcg(row, target, 10) for row, target in lists]))
    lacking = found.missing[0]
    assert lacking.recall.mean == pytest.approx(np.mean(hidden_recalls))
    assert lacking.r_precision.mean == pytest.approx(np.mean(hidden_precisions))
    assert [one.ranker for one in found.missing] == ["missing", "s-knn", "v-stan", "rp3"]
    assert [one.ranker for one in found.continued] == [
        "continue",
        "next",
        "nearest",
        "s-knn",
        "v-stan",
        "rp3",
    ]
    for other in found.continued[1:3]:
        hits = []
        for number, (_, target) in zip(held.validation_playlists, held.validation.tolist(), strict=True):
            playlist = corpus.playlist(int(number)).tolist()
            weights = [0.5 ** (back / 8) for back in reversed(range(len(playlist)))]
            scores = combined_scores(library, playlist, weights, other.ranker).tolist()
            others = sorted(set(range(len(library))) - set(playlist), key=lambda row: (-scores[row], row))
            hits.append(target in others[:10])
        assert other.hit.mean == pytest.approx(np.mean(hits))
    assert evaluate(library, rankers=("next",)).completion is None


@pytest.mark.parametrize("name", ["s-knn", "v-stan", "rp3"])
def test_similar_playlists_alone_are_scored_by_their_votes(
    library: Library, report: Report, name: str
) -> None:
    held, corpus, whole = library.held_out, library.corpus, continue_ranker(library)
    assert held is not None
    assert corpus is not None
    assert whole is not None
    assert report.completion is not None
    hits = []
    for number, (_, target) in zip(held.validation_playlists, held.validation.tolist(), strict=True):
        given = whole.votes(corpus.playlist(int(number)).tolist())
        votes = given[name]
        ordered = sorted(zip((-votes.values.astype(np.float32)).tolist(), votes.rows.tolist(), strict=True))
        hits.append(target in [row for value, row in ordered[:10] if value < 0])
    scored = {one.ranker: one for one in report.completion.continued}
    assert scored[name].hit.mean == pytest.approx(np.mean(hits))


def test_a_playlist_that_was_drawn_twice_counts_once(library: Library) -> None:
    held = library.held_out
    assert held is not None
    drawn = held.test_playlists.tolist()
    assert len(set(drawn)) < len(drawn), "the notebook draws with replacement"
    pairs, playlists = held_out(library, "test")
    assert playlists.tolist() == list(dict.fromkeys(drawn))
    assert len(pairs) == evaluate(library, pairs="test", rankers=("nearest",)).n_pairs == len(set(drawn))


class Fixed:
    """A ranker whose lists are given by hand."""

    name = "fixed"

    def __init__(self, lists: dict[int, list[int]]) -> None:
        self._lists = lists

    def rank(
        self, seeds: NDArray[np.integer[Any]], k: int, *, exclude: NDArray[np.integer[Any]] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        del exclude
        rows = [(self._lists[seed] + [-1] * k)[:k] for seed in seeds.tolist()]
        return np.array(rows, np.int32), np.zeros((len(rows), k), np.float32)

    def scores(self, seed: int) -> NDArray[np.float32]:
        raise AssertionError(f"nobody asks for all scores of {seed}")


def test_by_hand() -> None:
    """Six tracks, of which 5 is never heard; lists of two; one target is its own seed and one is unheard."""
    ranker_by_hand = Fixed({0: [1, 2], 1: [0], 2: [3, 4]})
    pairs = np.array([[0, 2], [0, 0], [1, 0], [2, 5], [2, 1]], np.int32)
    found = score_ranker(
        ranker_by_hand,
        pairs,
        counts=np.array([9, 3, 2, 2, 1, 0]),
        artists=np.array([7, 7, 8, -1, 8, 7]),
        k=2,
    )
    assert found.all.pairs == 5
    assert found.all.hit.mean == pytest.approx(2 / 5)
    assert found.all.ndcg.mean == pytest.approx((1 / log2(3) + 1) / 5)
    assert found.all.mrr.mean == pytest.approx((1 / 2 + 1) / 5)
    assert found.without_repeats.pairs == 4
    assert found.without_repeats.hit.mean == pytest.approx(2 / 4)
    assert found.paper.hit.mean == pytest.approx(3 / 5)
    assert found.paper.ndcg.mean == pytest.approx((1 / log2(3) + 1 + 1) / 5)
    assert [(bucket.label, bucket.scores.pairs) for bucket in found.buckets] == [
        ("never", 1),
        ("1–3", 2),
        ("4–9", 2),
    ]
    assert [bucket.scores.hit.mean for bucket in found.buckets] == [0, 1 / 2, 1 / 2]
    assert found.coverage == 5 / 6
    # 0 -> 1 same, 0 -> 2 other, 1 -> 0 same, 2 -> 3 unknown, 2 -> 4 same
    assert found.same_artist == 3 / 4


def test_only_repeats_leave_nothing_to_score() -> None:
    found = score_ranker(
        Fixed({1: [0]}),
        np.array([[1, 1]], np.int32),
        counts=np.array([1, 1]),
        artists=np.array([-1, -1]),
        k=1,
    )
    assert (found.without_repeats.pairs, found.without_repeats.hit.mean) == (0, 0)
    assert found.paper.hit.mean == 1
    assert found.same_artist is None


def test_progress_counts_every_seed_of_every_ranker(library: Library) -> None:
    seen: list[int] = []
    report = evaluate(library, rankers=("nearest", "random"), on_progress=seen.append)
    assert sum(seen) == 2 * report.n_seeds


def test_a_damaged_report_says_how_to_make_it_again(tiny_library: Library, tmp_path: Path) -> None:
    library = Library.open(shutil.copytree(tiny_library.path, tmp_path / "damaged"))
    assert read_report(library) is None
    for text in ('{"format": 1, "validation": {"rankers": 3}}', '{"format": 2, "validation": {}}'):
        (library.path / "report.json").write_text(text)
        with pytest.raises(SegueError, match="segue evaluate"):
            read_report(library)


def test_no_pairs_is_said(tiny_library: Library, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_library.path, tmp_path / "bare")
    (folder / "heldout.npz").unlink()
    library = Library.open(folder)
    with pytest.raises(SegueError, match="was made without playlists"):
        evaluate(library)
    with pytest.raises(UsageError, match="validation or test"):
        evaluate(library, pairs="train")  # type: ignore[arg-type]  # what a caller without types may do


def test_an_absent_ranker_is_named(report: Report) -> None:
    with pytest.raises(UsageError, match="it has nearest, next"):
        report.ranker("oracle")


def test_a_case_shows_the_playlist_the_target_and_both_predictions(library: Library) -> None:
    assert library.corpus is not None
    ranks = {}
    pairs = list_pairs(library)
    assert library.held_out is not None
    for name in RANKERS:
        ranks[name] = pair_ranks(ranker(library, name), library.held_out.validation, 10)
    for pair in pairs:
        case = open_case(library, pair, rankers=RANKERS)
        assert case.tracks == tuple(library.corpus.playlist(pair.playlist).tolist())
        assert case.tracks[-1] == pair.seed
        assert [prediction.ranker for prediction in case.predictions] == list(RANKERS)
        for prediction in case.predictions:
            rank = ranks[prediction.ranker][pair.number]
            assert len(prediction.rows) == len(prediction.scores) <= 10
            if rank:
                assert prediction.rank_of_target == rank
                assert prediction.rows[rank - 1] == pair.target
            else:
                assert prediction.rank_of_target is None or prediction.rank_of_target > 10
    assert [one.ranker for one in open_case(library, pairs[0]).predictions] == ["nearest", "next"]
