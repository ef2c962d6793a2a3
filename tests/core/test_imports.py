"""What a room must not bring in, proved in a fresh interpreter."""

import json
import subprocess
import sys

import pytest

HEAVY = {"tensorflow", "keras", "sklearn", "pandas", "scipy", "pyarrow", "optuna", "matplotlib", "ray"}
LIGHT_ROOMS = [
    "segue.core.audio",
    "segue.core.catalogue",
    "segue.core.cli",
    "segue.core.corpus",
    "segue.core.deezer",
    "segue.core.evaluation",
    "segue.core.explore",
    "segue.core.library",
    "segue.core.neighbours",
    "segue.core.radio",
    "segue.core.rankers",
    "segue.core.state",
]


def modules_after(statement: str) -> set[str]:
    """Name the top-level packages that a fresh interpreter holds after the statement."""
    probe = "import json, sys; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\n{probe}"], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("room", LIGHT_ROOMS)
def test_a_room_opens_without_the_heavy_packages_and_without_a_user_interface(room: str) -> None:
    assert modules_after(f"import {room}") & (HEAVY | {"textual"}) == set()


def test_the_probe_sees_what_is_imported() -> None:
    assert "pandas" in modules_after("import pandas")


def test_training_imports_tensorflow_only_when_it_trains() -> None:
    assert modules_after("import segue.core.track2vec") & {"tensorflow", "keras", "textual"} == set()


def test_the_cluster_imports_ray_only_when_one_is_asked_for() -> None:
    assert modules_after("import segue.core.cluster") & {"ray", "tensorflow", "keras", "textual"} == set()
