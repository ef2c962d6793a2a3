"""TensorFlow stays silent, everybody else is heard, and other programs' settings change nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from segue.core.track2vec.model import quiet_stderr

ROOT = Path(__file__).parents[3]


def test_importing_tensorflow_writes_nothing_and_leaves_out_what_only_draws() -> None:
    code = (
        "import sys\n"
        "from segue.core.track2vec.model import build_model\n"
        "from segue.core.track2vec.model import import_without_extras, tensorflow\n"
        "import_without_extras()\n"
        "build_model(10, 4)\n"
        "print(tensorflow().__name__, *sorted({'matplotlib', 'pandas', 'sklearn'} & {*sys.modules}))\n"
        "import matplotlib\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout == "tensorflow\n"
    assert done.stderr == ""


def test_the_descriptor_comes_back(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_stderr():
        os.write(2, b"noise\n")
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


def test_what_was_written_before_a_failure_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with quiet_stderr():
            os.write(2, b"libcudart is broken\n")
            raise ImportError("no tensorflow")

    with pytest.raises(ImportError):
        fail()
    assert capfd.readouterr().err == "libcudart is broken\n"


def test_importing_the_room_loads_no_tensorflow() -> None:
    code = "import sys, segue.core.track2vec; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


TRAIN = """
import numpy as np
from segue.core.corpus import Playlists, build_corpus, split_corpus
from segue.core.track2vec import FastConfig, NotebookConfig, train
lists = [[f"t{(i * 7 + j) % 40}" for j in range(6)] for i in range(120)]
split = split_corpus(build_corpus(Playlists.from_lists(lists)))
for config in (FastConfig(epochs=1, dim=8), NotebookConfig(epochs=1, steps_per_epoch=3)):
    print(train(split, config).vectors.tobytes().hex())
"""


def trained(home: Path, settings: str = "", **environment: str) -> str:
    """The vectors of both recipes, trained in a process of its own."""
    (home / ".keras").mkdir()
    if settings:
        (home / ".keras" / "keras.json").write_text(settings)
    done = subprocess.run(
        [sys.executable, "-c", TRAIN],
        env=os.environ | {"HOME": str(home), "PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.slow
def test_settings_of_other_programs_change_no_vector(tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = trained(tmp_path_factory.mktemp("plain"))
    for settings, environment in (
        ('{"floatx": "float16", "backend": "torch"}', {}),
        (
            '{"floatx": "float64"}',
            {"KERAS_BACKEND": "jax", "MPLBACKEND": "module://matplotlib_inline.backend_inline"},
        ),
    ):
        home = tmp_path_factory.mktemp("home")
        assert trained(home, settings, **environment) == plain, (settings, environment)


@pytest.mark.slow
def test_another_precision_in_the_same_process_is_refused(tmp_path: Path) -> None:
    code = (
        "import segue, keras; keras.config.set_floatx('float64')\n"
        "try: segue.build_model(10, 4)\n"
        "except segue.SegueError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "float64" in done.stdout
    assert "set_floatx('float32')" in done.stdout


@pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="the system does not tell its address space"
)
@pytest.mark.parametrize("kilobytes", [400_000, 1_200_000, 2_000_000])
def test_too_little_address_space_is_one_line_and_leaves_nothing(kilobytes: int, tmp_path: Path) -> None:
    (tmp_path / "lists.jsonl").write_text('["a", "b", "c", "a"]\n' * 30)
    train = f"{sys.executable} -m segue train lists.jsonl --min-count 1 --name ./new"
    command = f"ulimit -v {kilobytes} && exec {train}"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("segue:")]
    assert line.startswith("segue: not enough memory")
    assert "ulimit -v unlimited" in line
    assert [path.name for path in tmp_path.iterdir()] == ["lists.jsonl"]


INTERRUPTED = """
import signal, sys
from segue.core.track2vec import model
sys.path.insert(0, sys.argv[1])
try:
    model.tensorflow()
except KeyboardInterrupt:
    assert sys.modules["tensorflow"].whole
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    print("interrupted")
"""


def test_an_interrupt_within_the_import_is_neither_swallowed_nor_leaves_halves(tmp_path: Path) -> None:
    (tmp_path / "keras.py").write_text("")
    (tmp_path / "tensorflow.py").write_text(
        "import signal\n"
        "try:\n"
        "    signal.raise_signal(signal.SIGINT)\n"
        "except BaseException:\n"  # as pybind's callbacks do
        "    pass\n"
        "from types import SimpleNamespace\n"
        "constant, whole = int, True\n"
        "def get_logger():\n"
        "    return SimpleNamespace(setLevel=str)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("interrupted\n", "")
