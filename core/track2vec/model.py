"""The Keras model, as the notebook draws it, and the import of TensorFlow and Keras without noise.

TensorFlow's native libraries write some ten lines on file descriptor 2 while they load, and none of their
environment variables silences all of them (tensorflow issue 100442). They would spoil a progress bar or a
text UI, so the descriptor itself points elsewhere meanwhile.

`KERAS_BACKEND`, `~/.keras/keras.json` and `MPLBACKEND` are settings of other programs. A training must give
the same vectors whatever they hold.
"""

import atexit
import gc
import mmap
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segue.core.errors import SegueError
from segue.core.lazy import no_cycle_search


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


@contextmanager
def own_environment() -> Iterator[None]:
    """Import Keras and matplotlib without the settings that other programs made for them."""
    wanted = {"KERAS_BACKEND": "tensorflow"}
    drawing = os.environ.get("MPLBACKEND", "")
    if drawing.startswith("module://") and not _can_be_imported(drawing.removeprefix("module://")):
        wanted["MPLBACKEND"] = "agg"  # a notebook's, inherited by a command that the notebook starts
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


absent: set[str] = set()
"""Packages that Keras must not find while it is imported. Empty but in a process of Segue's own."""


def import_without_extras() -> None:
    """Leave out what Keras would import for its plots and its scikit-learn wrappers: a third of the time.

    For a process that does nothing but train; in a notebook these parts of Keras may be wanted.
    """
    absent.update({"matplotlib", "pandas", "sklearn"})


class _Absent(MetaPathFinder):
    """Finds nothing, and lets nobody else find the packages in `absent`, in the thread that made it."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, name: str, *_: object) -> None:
        if name.partition(".")[0] in absent and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextmanager
def _without_absent() -> Iterator[None]:
    finder = _Absent()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def _can_be_imported(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


ADDRESS_SPACE = 2_400_000_000
"""Bytes of address space that TensorFlow takes, most of it never touched (2.24 GB measured with 2.21)."""


def check_address_space() -> None:
    """Refuse to import TensorFlow where `ulimit -v` leaves too little for it: its libraries end the process.

    Raises `SegueError` when the limit is too low.
    """
    statm = Path("/proc/self/statm")
    if not statm.exists():  # not Linux, where alone the limit holds
        return
    import resource  # not on Windows

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return
    taken = int(statm.read_text("ascii").split()[0]) * mmap.PAGESIZE
    if limit - taken < ADDRESS_SPACE:
        raise SegueError(
            f"not enough memory: TensorFlow takes {ADDRESS_SPACE / 1e9:.1f} GB of address space and "
            f"{max(limit - taken, 0) / 1e9:.1f} GB are left; raise the limit with `ulimit -v unlimited`"
        )


@contextmanager
def _signals_wait() -> Iterator[None]:
    """Hold Ctrl-C and its like back for these seconds: TensorFlow's modules may swallow what it raises."""
    numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    is_main = threading.current_thread() is threading.main_thread()
    handlers = {number: signal.getsignal(number) for number in numbers if is_main}
    ours = {number: handler for number, handler in handlers.items() if callable(handler)}
    came: list[int] = []
    for number in ours:
        signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


def tensorflow() -> Any:  # noqa: ANN401 - untyped
    """The module `tensorflow`, imported silently, with its kernels on the CPU already loaded.

    Raises `SegueError` when the process may not take enough memory for it.
    """
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    check_address_space()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    ours = "keras" not in sys.modules
    with (
        _signals_wait(),
        quiet_stderr(),
        own_environment(),
        _without_absent(),
        no_cycle_search(),
    ):  # the last: 0.6 s
        import keras
        import tensorflow as tf  # 2.5 to 5 s and 650 MB

        tf.constant(0)  # the devices report themselves at the first tensor
        tf.get_logger().setLevel("ERROR")  # a second training in a process is called a costly retracing
    atexit.register(gc.freeze)  # a last search through 400,000 objects would take a second
    if ours:
        keras.config.set_floatx("float32")  # keras.json may hold another
    return tf


def keras() -> Any:  # noqa: ANN401 - untyped
    """The module `keras` on TensorFlow, in single precision, imported silently.

    Raises `SegueError` when this process has imported Keras on another backend, or set another precision.
    """
    tensorflow()
    import keras

    if keras.config.backend() != "tensorflow":
        raise SegueError(
            f"Keras runs on {keras.config.backend()} in this process; set KERAS_BACKEND=tensorflow before "
            "importing it"
        )
    if keras.config.floatx() != "float32":
        raise SegueError(
            f"Keras computes in {keras.config.floatx()} in this process; "
            "call keras.config.set_floatx('float32') first"
        )
    return keras


SMALLEST_WEIGHT = 0.05
"""The last layer's weight never falls below this."""


def build_model(vocabulary_size: int, dim: int, *, weight: float = 1.0, seed: int = 0) -> Any:  # noqa: ANN401 - keras is untyped
    """Build Track2Vec: one shared embedding, the cosine of the two vectors, a sigmoid of one weight and bias.

    There are V tracks, with vectors of `dim` numbers that start from `seed`. `weight` is the first value of
    the last layer's weight. Keras' own would be negative half of the time; the model then learns to push
    neighbours apart and never recovers. So it starts positive, and is kept so. The Keras model has the inputs
    `target` and `context`, int32 (n, 1), the output float32 (n, 1), and `vocabulary_size * dim + 2` weights.
    """
    layers, initializers = keras().layers, keras().initializers
    target = layers.Input((1,), dtype="int32", name="target")
    context = layers.Input((1,), dtype="int32", name="context")
    embedding = layers.Embedding(
        vocabulary_size,
        dim,
        embeddings_initializer=initializers.RandomUniform(-0.05, 0.05, seed=seed),
        name="embedding",
    )
    cosine = layers.Dot(axes=2, normalize=True, name="cosine")([embedding(target), embedding(context)])
    output = layers.Dense(
        1,
        activation="sigmoid",
        kernel_initializer=initializers.Constant(weight),
        kernel_constraint=keep_positive,
        name="classif",
    )(layers.Flatten(name="flat")(cosine))
    return keras().Model([target, context], output, name="Track2Vec")


def keep_positive(weight: Any) -> Any:  # noqa: ANN401 - a keras tensor
    """Constraint of the last layer's weight."""
    return keras().ops.maximum(weight, SMALLEST_WEIGHT)


def raw_vectors(model: Any) -> npt.NDArray[np.float32]:  # noqa: ANN401 - keras is untyped
    """The embedding as trained, float32 (V, dim): what the notebook saves as `latent_positions.npy`."""
    return np.asarray(model.get_layer("embedding").embeddings, np.float32)
