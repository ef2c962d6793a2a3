"""The token bucket on a clock that is moved by hand."""

import numpy as np

from segue.core.deezer.transport import TokenBucket, shared_bucket
from tests.core.radio.doubles import Clock


def test_forty_pass_at_once_and_the_next_waits_until_the_first_token_is_back() -> None:
    clock = Clock()
    bucket = TokenBucket(clock=clock)
    assert [bucket.take() for _ in range(40)] == [0.0] * 40
    assert bucket.take() == 5.0
    clock.sleep(5.0)
    assert bucket.take() == 0.0


def test_a_prefetch_leaves_tokens_for_playback() -> None:
    bucket = TokenBucket(clock=Clock())
    assert [bucket.take("prefetch") for _ in range(30)] == [0.0] * 30
    assert bucket.take("prefetch") > 0
    assert [bucket.take("play") for _ in range(10)] == [0.0] * 10
    assert bucket.take("play") > 0


def test_waiting_as_asked_is_enough() -> None:
    rng = np.random.default_rng(5)
    clock = Clock()
    bucket = TokenBucket(tokens=8, seconds=5, reserve=3, clock=clock)
    taken = []
    for _ in range(500):
        priority = "play" if rng.random() < 0.5 else "prefetch"
        while wait := bucket.take("play" if priority == "play" else "prefetch"):
            clock.sleep(wait)
        taken.append(clock.now)
        clock.sleep(float(rng.exponential(0.2)))
    assert max(sum(0 <= other - at < 5 - 1e-6 for other in taken) for at in taken) <= 8


def test_a_closed_bucket_lets_nobody_through() -> None:
    clock = Clock()
    bucket = TokenBucket(clock=clock)
    bucket.close_for(2.0)
    bucket.close_for(1.0)
    assert bucket.take() == 2.0
    clock.sleep(2.0)
    assert bucket.take() == 0.0


def test_the_process_has_one_bucket() -> None:
    assert shared_bucket() is shared_bucket()
