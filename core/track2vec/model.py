"""The Keras model, as the notebook draws it: two tracks in, the probability that they are neighbours out."""

from typing import Any

import numpy as np
import numpy.typing as npt

from segue.core.track2vec.tensorflow_import import keras

SMALLEST_WEIGHT = 0.05
"""The last layer's weight never falls below this."""


def build_model(vocabulary_size: int, dim: int, *, weight: float = 1.0, seed: int = 0) -> Any:  # noqa: ANN401 - keras is untyped
    """Build Track2Vec: one shared embedding, the cosine of the two vectors, a sigmoid of one weight and bias.

    Parameters
    ----------
    vocabulary_size : number of tracks V.
    dim : length of a track's vector.
    weight : first value of the last layer's weight. Keras' own would be negative half of the time; the model
        then learns to push neighbours apart and never recovers. So it starts positive, and is kept so.
    seed : of the vectors' first values.

    Returns
    -------
    keras.Model with inputs `target` and `context`, int32 (n, 1), and output float32 (n, 1). It has
    `vocabulary_size * dim + 2` weights.
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
