"""The mix is compared with a sum computed sample by sample."""

import itertools

import numpy as np
import pytest

from segue.core.audio.pcm import RATE, Samples, frames
from segue.core.audio.timeline import RAMP, Timeline


def noise(count: int, seed: int, loudness: float = 4000) -> Samples:
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((count, 2)) * loudness).astype(np.int16)


def test_a_clip_comes_out_as_it_went_in() -> None:
    line, sound = Timeline(), noise(1000, 1)
    line.place(sound, 50)
    mixed = line.mix(0, 1100)
    assert not mixed[:50].any()
    np.testing.assert_array_equal(mixed[50:1050], sound)
    assert not mixed[1050:].any()


def test_any_cut_into_pieces_gives_the_same_mix() -> None:
    line = Timeline()
    line.place(noise(30_000, 1), 0)
    line.cut(20_000, fade=5_000)
    line.place(noise(30_000, 2), 20_000, fade_in=5_000)
    line.set_gain(10_000, 0.4)
    line.set_gain(10_400, 0.9)
    whole = line.mix(0, 50_000)
    rng = np.random.default_rng(0)
    edges = np.unique(np.concatenate([[0, 50_000], rng.integers(0, 50_000, 60)])).tolist()
    pieces = [line.mix(a, b - a) for a, b in itertools.pairwise(edges)]
    assert np.abs(np.concatenate(pieces).astype(int) - whole).max() <= 1


def test_a_crossfade_is_the_equal_power_sum() -> None:
    line = Timeline()
    before, after = noise(10_000, 1), noise(10_000, 2)
    line.place(before, 0)
    line.cut(6_000, fade=2_000)
    line.place(after, 6_000, fade_in=2_000)
    mixed = line.mix(0, 16_000).astype(float)
    expected = np.zeros((16_000, 2))
    for frame in range(16_000):
        along = min(max((frame - 6_000) / 2_000, 0), 1) * np.pi / 2
        if frame < 8_000:
            expected[frame] += np.cos(along) * before[frame]
        if frame >= 6_000:
            expected[frame] += np.sin(along) * after[frame - 6_000]
    assert np.abs(mixed - np.clip(expected, -32768, 32767)).max() <= 1
    power = [np.sqrt((mixed[a : a + 500] ** 2).mean()) for a in range(5_000, 9_000, 500)]
    assert max(power) / min(power) < 1.2, "the joint loudness stays"


def test_a_clip_that_is_cut_twice_fades_on_without_a_jump() -> None:
    line = Timeline()
    line.place(np.full((20_000, 2), 10_000, dtype=np.int16), 0)
    line.cut(1_000, fade=10_000)
    line.cut(4_000, fade=1_000)
    mixed = line.mix(0, 20_000).astype(int)[:, 0]
    assert np.abs(np.diff(mixed)).max() < 40
    assert not mixed[5_000:].any()


def test_the_sum_of_loud_clips_is_limited_not_wrapped() -> None:
    line = Timeline()
    for _ in range(3):
        line.place(np.full((100, 2), -20_000, dtype=np.int16), 0)
    assert (line.mix(0, 100) == -32768).all()


def test_gain_reaches_its_value_in_a_ramp() -> None:
    line = Timeline()
    line.place(np.full((RATE, 2), 10_000, dtype=np.int16), 0)
    line.set_gain(1_000, 0.25)
    mixed = line.mix(0, RATE)[:, 0]
    assert (mixed[:1_000] == 10_000).all()
    assert (mixed[1_000 + RAMP :] == 2_500).all()
    assert (np.diff(mixed[1_000 : 1_000 + RAMP].astype(int)) <= 0).all()


def test_a_gain_changed_in_mid_ramp_goes_on_from_where_it_is() -> None:
    line = Timeline()
    line.place(np.full((RATE, 2), 10_000, dtype=np.int16), 0)
    line.set_gain(1_000, 0.0)
    line.set_gain(1_000 + RAMP // 2, 1.0)
    mixed = line.mix(0, RATE)[:, 0].astype(int)
    assert mixed.min() == pytest.approx(5_000, abs=30)
    assert np.abs(np.diff(mixed)).max() < 30


def test_what_has_been_heard_is_forgotten() -> None:
    line = Timeline()
    for number in range(100):
        line.place(noise(frames(1), number), number * RATE)
        line.set_gain(number * RATE, 0.5 + number / 1000)
        before = line.mix(number * RATE, RATE)
        line.forget(number * RATE)
        np.testing.assert_array_equal(line.mix(number * RATE, RATE), before)
    assert len(line.clips) == 1
    assert len(line._ramps) <= 2
