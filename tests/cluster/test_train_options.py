"""`segue train`: options of a cluster that can't be are errors of one line, before anything is read."""

import pytest

from segue.core.cli.main import main

TRAIN = ("train", "no-such-file.txt", "--name", "no-such-library")


def _refused(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The one line that the command ends with."""
    assert main([*TRAIN, *options]) != 0
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert isinstance(line, str)
    return line


@pytest.mark.parametrize(
    "options", [("--shards", "2"), ("--rounds", "3"), ("--shards", "2", "--rounds", "3")]
)
def test_what_is_for_a_cluster_needs_one(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    assert _refused(capsys, *options).endswith("add --cluster ADDRESS")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--recipe", "notebook"), "--cluster trains the recipe fast alone, not notebook"),
        (("--shards", "0"), "--shards 0: must be at least 1"),
        (("--rounds", "3", "--epochs", "4"), "--rounds 3 and --epochs 4: a round is an epoch; give one"),
    ],
)
def test_what_no_cluster_can_do_is_refused(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], reason: str
) -> None:
    assert reason in _refused(capsys, "--cluster", "local", *options)


@pytest.mark.usefixtures("_without_ray")
def test_without_ray_training_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert "pip install 'segue[cluster]'" in _refused(capsys, "--cluster", "local")
