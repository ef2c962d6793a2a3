"""A fixed budget of damage at every door, the same each time, and all that ever broke one."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.libraries import LIBRARY_FILES
from tests.fuzz.targets import Target, all_targets

FOUND = Path(__file__).parent / "found"
"""Inputs that once broke a door, by `slug of the target-digest`; kept to be tried for ever."""
NAMES = [target.name for target in all_targets()]
PER_TARGET = 100
FEWER = {"own audio": 12} | {f"library: {name}": 25 for name in LIBRARY_FILES}
"""How often doors are tried that start a process or open a library for each input."""


def slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name)


def by_name(name: str) -> Target:
    return next(target for target in all_targets() if target.name == name)


@pytest.mark.parametrize("name", NAMES)
def test_well_formed_input_passes(name: str) -> None:
    target = by_name(name)
    for seed in target.seeds:
        target.run(seed)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # what numpy or pandas think of garbage is not the point
@pytest.mark.parametrize("name", NAMES)
def test_damaged_input_is_refused_in_one_line(name: str) -> None:
    target = by_name(name)

    @settings(
        max_examples=FEWER.get(name, PER_TARGET),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(st.one_of(st.builds(random.Random, st.integers(0, 1 << 32)), st.binary(max_size=200)))
    def attack(drawn: random.Random | bytes) -> None:
        target.run(drawn if isinstance(drawn, bytes) else target.damaged(drawn))

    attack()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", sorted(FOUND.glob("*")), ids=lambda path: path.name)
def test_what_once_broke_a_door_is_refused_now(path: Path) -> None:
    name = path.name.rpartition("-")[0]
    target = next(target for target in all_targets() if slug(target.name) == name)
    target.run(path.read_bytes())


@pytest.mark.parametrize("name", NAMES)
def test_damage_does_damage(name: str) -> None:
    target = by_name(name)
    outcomes = {target.damaged(random.Random(number)) for number in range(60)}
    assert len(outcomes - set(target.seeds)) > 25
