"""The notebook's generator, batch by batch."""

from itertools import islice

import numpy as np
from scipy.stats import chisquare

from segue.core.corpus import Corpus
from segue.core.track2vec.config import NotebookConfig
from segue.core.track2vec.epoch import drop_probability, smoothed
from segue.core.track2vec.recipes import track_ns_generator, word2vecSampling

COUNTS = np.array([900, 400, 100, 50, 20, 10, 5, 1], float)
FREQUENCY = COUNTS / COUNTS.sum()


def _sample(
    seq: list[int], sub_t: float, *, neg_samples: int = 5, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    table = smoothed(COUNTS, 0.5)
    rng = np.random.default_rng(seed)
    return word2vecSampling(np.array(seq, np.int32), 3, neg_samples, table, FREQUENCY, sub_t, rng)


def test_without_subsampling_all_pairs_come_with_five_negatives_each() -> None:
    pairs, labels = _sample([1, 2, 3, 4, 5], sub_t=1.0)
    positives = sorted(map(tuple, pairs[labels == 1].tolist()))
    near = [(a, b) for a in range(1, 6) for b in range(1, 6) if 0 < abs(a - b) <= 3]
    assert positives == near
    seen = np.bincount(pairs[labels == 0, 0], minlength=6)
    assert seen.tolist() == (5 * np.bincount([a for a, _ in near], minlength=6)).tolist()


def test_positives_and_negatives_are_shuffled_together() -> None:
    _, labels = _sample([1, 2, 3, 4, 5], sub_t=1.0)
    assert 0 in labels[:10]
    assert 1 in labels[-40:]


def test_negatives_follow_the_smoothed_table() -> None:
    pairs, labels = _sample([1, 2, 3, 4] * 200, sub_t=1.0)
    drawn = np.bincount(pairs[labels == 0, 1], minlength=8)
    assert chisquare(drawn, smoothed(COUNTS, 0.5) * drawn.sum()).pvalue > 0.001


def test_pairs_are_dropped_by_the_frequency_of_their_first_track() -> None:
    sub_t = 0.01
    seq = [0, 7] * 3_000
    all_pairs, all_labels = _sample(seq, 1.0)
    pairs, labels = _sample(seq, sub_t)
    before = np.bincount(all_pairs[all_labels == 1, 0], minlength=8)
    after = np.bincount(pairs[labels == 1, 0], minlength=8)
    dropped = max(0.0, float(drop_probability(FREQUENCY[:1], sub_t)[0]))
    assert abs(after[0] / before[0] - (1 - dropped)) < 0.02
    assert after[7] == before[7]


def test_a_playlist_of_one_gives_nothing() -> None:
    pairs, labels = _sample([3], sub_t=1.0)
    assert pairs.shape == (0, 2)
    assert labels.shape == (0,)


def test_batches_are_the_models_inputs_and_resume_at_any_step(train_corpus: Corpus) -> None:
    config = NotebookConfig(min_batch_size=4)
    (targets, contexts), labels = next(track_ns_generator(train_corpus, config))
    assert targets.shape == contexts.shape == labels.shape == (len(labels), 1)
    later = list(islice(track_ns_generator(train_corpus, config, seed=5), 4))[-1]
    (again_targets, _), again_labels = next(track_ns_generator(train_corpus, config, seed=5, first_step=3))
    np.testing.assert_array_equal(later[0][0], again_targets)
    np.testing.assert_array_equal(later[1], again_labels)
