"""Importing TensorFlow without its noise.

TensorFlow's native libraries write some ten lines on file descriptor 2 while they load, and none of their
environment variables silences all of them (tensorflow issue 100442). Over a progress bar or a text UI they
are dirt, so the descriptor itself points elsewhere meanwhile.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send what anyone writes on file descriptor 2 to a scratch file; give it back should the block fail."""
    if sys.stderr is not None:
        sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as scratch:
        os.dup2(scratch.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(saved, 2)
            scratch.seek(0)
            os.write(2, scratch.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def tensorflow() -> Any:  # noqa: ANN401 - untyped
    """The module `tensorflow`, imported without a word, with its kernels on the CPU already loaded."""
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    with quiet_stderr():
        import tensorflow as tf  # 5 s and 650 MB

        tf.constant(0)  # the devices report themselves at the first tensor
        tf.get_logger().setLevel("ERROR")  # a second training in a process is called a costly retracing
    return tf


def keras() -> Any:  # noqa: ANN401 - untyped
    """The module `keras` on the TensorFlow backend, imported without a word."""
    tensorflow()
    import keras

    return keras
