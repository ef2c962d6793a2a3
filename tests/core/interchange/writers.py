"""Files that only other programs write."""

import pickle
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def keyed_vectors(keys: Sequence[str], vectors: npt.NDArray[np.float32]) -> bytes:
    """The pickle of gensim's KeyedVectors, as `kv.save` writes it."""
    state = {"index_to_key": list(keys), "vectors": vectors, "norms": None, "__numpys": []}
    body = pickle.dumps(state, protocol=4)[11:-1]  # without PROTO, FRAME and STOP
    name = b"gensim.models.keyedvectors"
    return b"\x80\x04\x8c%c%s\x8c\x0cKeyedVectors\x93)\x81" % (len(name), name) + body + b"b."
