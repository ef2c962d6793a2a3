"""TensorFlow stays silent; everybody else is heard."""

import os
import subprocess
import sys

import pytest

from segue.core.track2vec.quiet import quiet_stderr


def test_importing_tensorflow_writes_nothing() -> None:
    code = (
        "from segue.core.track2vec.model import build_model\n"
        "from segue.core.track2vec.quiet import tensorflow\n"
        "build_model(10, 4)\n"
        "print(tensorflow().__name__)"
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
    code = "import sys, core.track2vec; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
