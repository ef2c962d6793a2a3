"""The main job's benchmark times functions by their names, which move."""

from operator import attrgetter
from pkgutil import resolve_name

import pytest

from benchmarks.main_job import PHASES


@pytest.mark.parametrize("place", PHASES)
def test_what_the_main_job_times_is_there(place: str) -> None:
    module, _, name = place.partition(":")
    assert callable(attrgetter(name)(resolve_name(module)))
