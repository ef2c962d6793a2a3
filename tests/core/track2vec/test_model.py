"""The Keras model is the notebook's."""

import numpy as np

from segue.core.track2vec.model import build_model, keep_positive, keras, raw_vectors


def test_the_notebooks_model_has_the_notebooks_3_697_232_weights() -> None:
    assert build_model(123_241, 30).count_params() == 3_697_232


def test_output_is_a_sigmoid_of_the_cosine() -> None:
    model = build_model(7, 5, weight=3.0, seed=1)
    targets, contexts = np.array([[0], [3], [6]]), np.array([[1], [3], [2]])
    out = np.asarray(model([targets, contexts]))
    vectors = raw_vectors(model).astype(float)
    for row, (target, context) in enumerate(zip(targets.ravel(), contexts.ravel(), strict=True)):
        one, other = vectors[target], vectors[context]
        cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
        np.testing.assert_allclose(out[row], 1 / (1 + np.exp(-3 * cosine)), rtol=1e-5)


def test_every_seed_starts_with_a_positive_weight_and_other_vectors() -> None:
    models = [build_model(4, 3, seed=seed) for seed in range(5)]
    assert [float(model.get_layer("classif").kernel[0, 0]) for model in models] == [1.0] * 5
    assert len({raw_vectors(model).tobytes() for model in models}) == 5


def test_the_weight_is_kept_positive() -> None:
    pushed = keras().ops.convert_to_tensor([[-2.0], [1.5]])
    kept = np.asarray(keep_positive(pushed)).ravel()
    assert kept[0] > 0
    assert kept[1] == 1.5
