"""gensim reads what Segue writes, and Segue what gensim writes."""

from pathlib import Path

import numpy as np
import pytest

from segue.core.cli import main
from segue.core.errors import SegueError
from segue.core.interchange import read_vectors, write_vectors
from segue.core.tracks import TrackInfo

gensim_models = pytest.importorskip("gensim.models", reason="gensim is not installed")

KEYS = [f"track_{number}" for number in range(50)]
VECTORS = np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32)


@pytest.fixture
def keyed() -> object:
    keyed = gensim_models.KeyedVectors(8)
    keyed.add_vectors(KEYS, VECTORS)
    return keyed


# gensim leaves the file open where it counts the lines of one without a header
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize(
    ("name", "binary", "header"),
    [("word2vec", False, True), ("glove", False, False), ("word2vec-binary", True, True)],
)
def test_gensim_loads_the_same_vectors(name: str, binary: bool, header: bool, tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    write_vectors(path, name, vectors=VECTORS, track_ids=KEYS, tracks=[TrackInfo(key) for key in KEYS])
    loaded = gensim_models.KeyedVectors.load_word2vec_format(str(path), binary=binary, no_header=not header)
    assert loaded.index_to_key == KEYS
    assert loaded.vectors.tobytes() == VECTORS.tobytes()


@pytest.mark.parametrize("how", ["text", "binary", "kv", "kv and its arrays"])
def test_what_gensim_saves_is_read(how: str, keyed: object, tmp_path: Path) -> None:
    path = tmp_path / "mine.kv"
    if how.startswith("kv"):
        keyed.save(str(path), separately=["vectors"] if "arrays" in how else None)  # type: ignore[attr-defined]  # gensim is not typed
    else:
        keyed.save_word2vec_format(str(path), binary=how == "binary")  # type: ignore[attr-defined]  # as above
    found = read_vectors(path)
    assert found.track_ids == KEYS
    np.testing.assert_allclose(found.vectors, VECTORS, rtol=1e-6 if how == "text" else 0)


def test_vectors_that_gensim_keeps_beside_name_the_file_with_their_ids(
    keyed: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keyed.save(str(tmp_path / "mine.kv"), separately=["vectors"])  # type: ignore[attr-defined]  # not typed
    assert main(["import-vectors", str(tmp_path / "mine.kv.vectors.npy"), "--name", str(tmp_path / "l")]) == 1
    assert "is a part of mine.kv, which has the ids; import that" in capsys.readouterr().err


def test_vectors_that_gensim_keeps_beside_are_asked_for(keyed: object, tmp_path: Path) -> None:
    path = tmp_path / "mine.kv"
    keyed.save(str(path), separately=["vectors"])  # type: ignore[attr-defined]  # gensim is not typed
    (tmp_path / "mine.kv.vectors.npy").unlink()
    with pytest.raises(
        SegueError, match=r"mine\.kv\.vectors\.npy: is missing; gensim keeps the vectors of mine\.kv there"
    ):
        read_vectors(path)


def test_a_whole_model_is_refused_with_the_line_that_saves_its_vectors(tmp_path: Path) -> None:
    model = gensim_models.Word2Vec([KEYS] * 3, vector_size=4, min_count=1, epochs=1)
    model.save(str(tmp_path / "mine.model"))
    with pytest.raises(
        SegueError, match=r"asks for 'gensim.models.word2vec.Word2Vec'.*save_word2vec_format\("
    ):
        read_vectors(tmp_path / "mine.model")
