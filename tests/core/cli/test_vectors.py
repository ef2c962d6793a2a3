"""Vectors in and out on the command line: exact where they are Segue's own, and nobody's row is guessed."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segue.core.cli import main
from segue.core.evaluation import evaluate
from segue.core.library import Library
from segue.core.synthetic import make_world

Output = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def segue(capsys: pytest.CaptureFixture[str]) -> Output:
    """Run a verb; give its exit code, its last line as JSON, and what it wrote for people."""

    def run(*arguments: object) -> tuple[int, dict[str, Any], str]:
        capsys.readouterr()
        code = main([*map(str, arguments)])
        shown = capsys.readouterr()
        lines = [line for line in shown.out.splitlines() if line.startswith("{")]
        return code, json.loads(lines[-1]) if lines else {}, shown.out + shown.err

    return run


@pytest.fixture(scope="session")
def playlists(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The playlists of `tiny_library` as a file; some also hold a track that occurs once and is dropped."""
    path = tmp_path_factory.mktemp("playlists") / "tiny.jsonl"
    rows = make_world("tiny", seed=0).playlists.lists()
    rows[:30] = [[f"track_{number}", *row] for number, row in enumerate(rows[:30])]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def hits(library: Library) -> float:
    return evaluate(library, rankers=["nearest"]).rankers[0].all.hit.mean


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".bin", ".txt", ".parquet", ".tsv"])
def test_a_library_comes_back_from_any_format_as_it_was(
    suffix: str, tiny_library: Library, playlists: Path, tmp_path: Path, segue: Output
) -> None:
    assert len(np.unique(tiny_library.counts)) < len(tiny_library) / 2, "there are ties, which fall anyhow"
    out = tmp_path / f"vectors{suffix}"
    assert segue("export-vectors", "-l", tiny_library.path, "--out", out)[0] == 0
    code, printed, _ = segue(
        "import-vectors", out, "--playlists", playlists, "--name", tmp_path / "again", "--json"
    )
    assert code == 0
    assert printed["playlists"]["tracks_without_vector"] == printed["playlists"]["tracks_without_plays"] == 0
    assert not printed["scaled"]
    again = Library.open(tmp_path / "again")
    assert list(again.track_ids) == list(tiny_library.track_ids)
    assert again.vectors.tobytes() == tiny_library.vectors.tobytes()
    assert again.counts.tolist() == tiny_library.counts.tolist()
    assert again.held_out is not None
    assert tiny_library.held_out is not None
    assert again.held_out.validation.tolist() == tiny_library.held_out.validation.tolist()
    assert hits(again) == hits(tiny_library) > 0.1
    if suffix in {".parquet", ".tsv"}:
        assert again.catalogue.info(3).title == tiny_library.catalogue.info(3).title != ""


class Notebook:
    """What the notebook's cells hold, for playlists whose ties fell as on some machine."""

    def __init__(self, library: Library, playlists: Path) -> None:
        self.playlists = playlists
        rows = [json.loads(line) for line in playlists.read_text("utf-8").splitlines()]
        tracks, counts = np.unique([track for row in rows for track in row], return_counts=True)
        mixed = np.random.default_rng(5).permutation(len(tracks))
        order = mixed[np.argsort(-counts[mixed], kind="stable")]
        self.tracks_list_ordered = tracks[order]
        self.Vt = int(np.count_nonzero(counts > 1))
        row_of = {track_id: row for row, track_id in enumerate(library.track_ids)}
        rows_of = [row_of[str(track_id)] for track_id in self.tracks_list_ordered[: self.Vt]]
        self.vectors_tracks = 3 * np.asarray(library.vectors)[rows_of]


@pytest.fixture
def notebook(tiny_library: Library, playlists: Path, tmp_path: Path) -> Notebook:
    notebook = Notebook(tiny_library, playlists)
    np.save(tmp_path / "latent_positions.npy", notebook.vectors_tracks)
    return notebook


def test_the_notebooks_order_is_not_guessed(
    notebook: Notebook, playlists: Path, tmp_path: Path, segue: Output
) -> None:
    vectors = tmp_path / "latent_positions.npy"
    line = 'np.save("tracks_list_ordered.npy", tracks_list_ordered[:Vt])'
    for options in (["--playlists", playlists], []):
        code, _, shown = segue("import-vectors", vectors, *options, "--name", tmp_path / "nb")
        assert code == 1
        assert line in shown
        assert not (tmp_path / "nb").exists()
    # that line, run where the vectors were trained, beside the vectors
    exec(line, {"np": _Saves(tmp_path), **vars(notebook)})  # noqa: S102 - the line that the error names
    code, printed, _ = segue(
        "import-vectors", vectors, "--playlists", playlists, "--name", tmp_path / "nb", "--json"
    )
    assert code == 0
    assert printed["ids"] == "tracks_list_ordered.npy"
    assert printed["scaled"]


class _Saves:
    """NumPy, with a folder to save into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, name: str, array: object) -> None:
        np.save(self.folder / name, np.asarray(array))


@pytest.mark.parametrize("form", ["npy", "objects", "bytes", "json", "text", "whole"])
def test_the_notebooks_vectors_score_as_the_library_they_are_of(
    form: str, notebook: Notebook, tiny_library: Library, tmp_path: Path, segue: Output
) -> None:
    ids, listed = notebook.tracks_list_ordered[: notebook.Vt], tmp_path / "listed"
    with listed.open("wb") as file:
        match form:
            case "npy":
                np.save(file, ids)
            case "objects":
                np.save(file, ids.astype(object), allow_pickle=True)
            case "bytes":
                np.save(file, ids.astype("S"))
            case "json":
                file.write(json.dumps(ids.tolist()).encode())
            case "text":
                file.write("\r\n".join(ids.tolist()).encode())
            case _:
                np.save(file, notebook.tracks_list_ordered)
    options = ("--tracks", listed, "--playlists", notebook.playlists, "--name", tmp_path / "nb")
    assert segue("import-vectors", tmp_path / "latent_positions.npy", *options)[0] == 0
    assert hits(Library.open(tmp_path / "nb")) == pytest.approx(hits(tiny_library), abs=0.02)


def test_a_list_that_goes_on_is_cut_only_where_the_playlists_prove_it(
    notebook: Notebook, playlists: Path, tmp_path: Path, segue: Output
) -> None:
    ids = notebook.tracks_list_ordered.tolist()
    assert len(ids) > notebook.Vt, "some tracks occur once"
    vectors, listed = tmp_path / "latent_positions.npy", tmp_path / "listed.json"
    listed.write_text(json.dumps(ids))
    code, _, shown = segue("import-vectors", vectors, "--tracks", listed, "--name", tmp_path / "nb")
    assert (code, "tracks_list_ordered[:Vt]" in shown) == (1, True)
    listed.write_text(json.dumps(ids[::-1]))
    code, _, shown = segue(
        "import-vectors", vectors, "--tracks", listed, "--playlists", playlists, "--name", tmp_path / "nb"
    )
    assert (code, "tracks_list_ordered[:Vt]" in shown) == (1, True)


def test_playlists_without_ties_prove_the_order(tmp_path: Path, segue: Output) -> None:
    rows = [["a", "b", "c", "d"], ["b", "c", "d", "a"], ["c", "d", "b"], ["d", "c"], ["d", "e"]]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    np.save(tmp_path / "v.npy", np.eye(4))
    code, printed, _ = segue(
        "import-vectors",
        tmp_path / "v.npy",
        "--playlists",
        tmp_path / "p.jsonl",
        "--name",
        tmp_path / "l",
        "--json",
    )
    assert (code, printed["ids"]) == (0, "p.jsonl")
    assert Library.open(tmp_path / "l").track_ids == ["d", "c", "b", "a"]


def test_vectors_made_elsewhere_can_be_judged(
    tiny_library: Library, playlists: Path, tmp_path: Path, segue: Output
) -> None:
    ids, vectors = list(tiny_library.track_ids), np.asarray(tiny_library.vectors)
    order = np.random.default_rng(2).permutation(len(ids))[20:]  # twenty tracks have no vector
    listed = [ids[row] for row in order] + ["another"]  # and one has no plays
    np.savez(tmp_path / "v.npz", vectors=np.vstack([vectors[order], vectors[:1]]), ids=listed)
    command = ("import-vectors", tmp_path / "v.npz", "--playlists", playlists, "--name", tmp_path / "mine")
    code, printed, _ = segue(*command, "--json")
    assert code == 0
    lacking = [row for row in range(len(ids)) if row not in order]
    assert printed["playlists"]["tracks_without_vector"] == 20
    assert printed["playlists"]["positions_without_vector"] == int(tiny_library.counts[lacking].sum())
    assert printed["playlists"]["tracks_without_plays"] == 1
    library = Library.open(tmp_path / "mine")
    assert library.counts[library.track_ids.index("another")] == 0
    row = {track_id: at for at, track_id in enumerate(library.track_ids)}
    assert library.vectors[row[listed[7]]].tobytes() == vectors[order[7]].tobytes()

    # what the whole playlists hold out is held out, but for the pairs of tracks without a vector
    assert library.held_out is not None
    assert tiny_library.held_out is not None
    pairs = [(ids[seed], ids[target]) for seed, target in tiny_library.held_out.validation.tolist()]
    kept = [pair for pair in pairs if set(pair) <= row.keys()]
    names = library.track_ids
    assert [(names[seed], names[target]) for seed, target in library.held_out.validation.tolist()] == kept
    assert 0 < len(pairs) - len(kept) <= printed["playlists"]["pairs_without_vector"]

    report = evaluate(library)
    assert {scores.ranker for scores in report.rankers} >= {"next", "nearest", "popularity", "cooccurrence"}
    assert report.rankers[0].all.hit.mean > 0.1
    assert segue("neighbours", listed[7], "-l", library.path, "--ranker", "next", "--json")[0] == 0
    code, compared, _ = segue("compare", f"{library.path}:next", f"{tiny_library.path}:next", "--json")
    assert code == 0
    assert compared["left_out"] == len(pairs) - len(kept)
    assert compared["one"]["scores"]["pairs"] == compared["other"]["scores"]["pairs"] == len(kept)
    shown = segue("compare", str(library.path), str(tiny_library.path))[2]
    assert f"left out {len(pairs) - len(kept)} pairs" in shown

    shown = segue(*command, "--replace")[2]
    assert "left out 20 tracks of the playlists without a vector" in shown
    assert "kept 1 track without plays: in the playlists fewer than 2 times" in shown


def test_vectors_and_playlists_of_other_ids_are_refused(
    playlists: Path, tmp_path: Path, segue: Output
) -> None:
    np.savez(tmp_path / "v.npz", vectors=np.eye(2), ids=["x", "y"])
    code, _, shown = segue(
        "import-vectors", tmp_path / "v.npz", "--playlists", playlists, "--name", tmp_path / "l"
    )
    assert code == 1
    assert "is among the 2 that have a vector: the ids look like 'track_" in shown
    assert not (tmp_path / "l").exists()


# warnings are errors here, NumPy's of an overflow too
def test_vectors_as_long_as_numbers_go_are_scaled(tmp_path: Path, segue: Output) -> None:
    rows = np.random.default_rng(0).normal(size=(80, 16))
    sizes = np.geomspace(1e-300, 1e300, 80)[:, None]
    np.save(tmp_path / "v.npy", rows * sizes)
    (tmp_path / "v.tracks.txt").write_text("".join(f"t{row}\n" for row in range(80)))
    code, _, shown = segue("import-vectors", tmp_path / "v.npy", "--name", tmp_path / "l")
    assert code == 0
    assert "scaled the vectors to length 1 (they were " in shown
    expected = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    np.testing.assert_allclose(Library.open(tmp_path / "l").vectors, expected, atol=1e-6)


def test_vectors_of_zeros_are_left_out_and_counted(tmp_path: Path, segue: Output) -> None:
    np.savez(tmp_path / "v.npz", vectors=np.array([[1.0, 0], [0, 0], [0, 2]]), ids=["a", "b", "c"])
    code, _, shown = segue("import-vectors", tmp_path / "v.npz", "--name", tmp_path / "l")
    assert code == 0
    assert "left out zero vectors: 1" in shown
    assert Library.open(tmp_path / "l").track_ids == ["a", "c"]
    np.savez(tmp_path / "v.npz", vectors=np.zeros((2, 2)), ids=["a", "b"])
    code, _, shown = segue("import-vectors", tmp_path / "v.npz", "--name", tmp_path / "none")
    assert code == 1
    assert "every vector is zero" in shown


def test_titles_come_from_a_parquet_file_without_playlists(
    tiny_library: Library, tmp_path: Path, segue: Output
) -> None:
    out = tmp_path / "v.parquet"
    segue("export-vectors", "-l", tiny_library.path, "--out", out)
    assert segue("import-vectors", out, "--name", tmp_path / "l")[0] == 0
    found = Library.open(tmp_path / "l")
    assert found.catalogue.info(3).label == tiny_library.catalogue.info(3).label
    assert found.positions is not None
    assert tiny_library.positions is not None
    assert found.positions.tolist() == tiny_library.positions.tolist()


@pytest.mark.parametrize("out", ["v.npy", "vectors.tsv", "v.parquet"])
def test_nothing_is_replaced_unless_asked(
    out: str, tiny_library: Library, tmp_path: Path, segue: Output
) -> None:
    command = ("export-vectors", "-l", tiny_library.path, "--out", tmp_path / out)
    assert segue(*command)[0] == 0
    for file in sorted(tmp_path.iterdir()):
        kept = {other: other.read_bytes() for other in tmp_path.iterdir()}
        for other in set(kept) - {file}:
            other.unlink()
        file.write_text("mine")
        code, _, shown = segue(*command)
        assert code == 1
        assert f"{file.name}: can't be written, it exists; choose another name or add --replace" in shown
        assert [(left.name, left.read_text()) for left in tmp_path.iterdir()] == [(file.name, "mine")]
        assert segue(*command, "--replace")[0] == 0
        assert {other: other.read_bytes() for other in tmp_path.iterdir()} == kept


def test_the_list_of_ids_is_not_written_over(tiny_library: Library, tmp_path: Path, segue: Output) -> None:
    segue("export-vectors", "-l", tiny_library.path, "--out", tmp_path / "rt.npy")
    ids = (tmp_path / "rt.tracks.txt").read_bytes()
    assert segue("export-vectors", "-l", tiny_library.path, "--out", tmp_path / "rt.tracks.txt")[0] == 1
    assert (tmp_path / "rt.tracks.txt").read_bytes() == ids


def test_a_suffix_of_no_format_is_wrong_use(tiny_library: Library, tmp_path: Path, segue: Output) -> None:
    code, _, shown = segue("export-vectors", "-l", tiny_library.path, "--out", tmp_path / "v.kv")
    assert code == 2
    assert ".bin (word2vec-binary)" in shown


def test_plays_that_nobody_knows_are_not_shown(tiny_library: Library, tmp_path: Path, segue: Output) -> None:
    out, bare = tmp_path / "v.parquet", tmp_path / "bare"
    segue("export-vectors", "-l", tiny_library.path, "--out", out)
    assert "plays are unknown" in segue("import-vectors", out, "--name", bare)[2]
    track, other = tiny_library.track_ids[:2]
    title, artist = (getattr(tiny_library.catalogue.info(0), name) for name in ("title", "artist"))
    for verb in (["search", title], ["neighbours", track], ["artist", artist], ["explain", track, other]):
        code, _, shown = segue(*verb, "-l", bare)
        assert code == 0
        assert "play" not in shown
        assert "play" in segue(*verb, "-l", tiny_library.path)[2]
    assert '"plays": null' in segue("search", title, "-l", bare, "--json")[2]
    explained = segue("explain", track, other, "-l", bare, "--json")[1]
    assert explained["track"]["plays"] is explained["track"]["popularity_rank"] is None


@pytest.mark.parametrize(
    "verb",
    [
        ["neighbours", "TRACK", "--familiarity", "deep"],
        ["evaluate"],
        ["neighbours", "TRACK", "--ranker", "popularity"],
    ],
)
def test_what_needs_playlists_says_how_to_bring_them(
    verb: list[str], tiny_library: Library, tmp_path: Path, segue: Output
) -> None:
    segue("export-vectors", "-l", tiny_library.path, "--out", tmp_path / "v.bin")
    segue("import-vectors", tmp_path / "v.bin", "--name", tmp_path / "bare")
    words = [tiny_library.track_ids[0] if word == "TRACK" else word for word in verb]
    code, _, shown = segue(*words, "-l", tmp_path / "bare")
    assert code in {1, 2}
    assert "import the vectors with --playlists" in shown


def test_vectors_as_trained_are_exported_raw(tiny_library: Library, tmp_path: Path, segue: Output) -> None:
    h5py = pytest.importorskip("h5py", reason="h5py comes with TensorFlow")
    out, trained = tmp_path / "raw.npy", tmp_path / "trained"
    command = ("export-vectors", "-l", trained, "--out", out, "--raw")
    shutil.copytree(tiny_library.path, trained)
    code, _, shown = segue(*command)
    assert (code, "only a library that was trained here has raw vectors" in shown) == (1, True)
    raw = 3 * np.asarray(tiny_library.vectors)
    with h5py.File(trained / "track2vec.weights.h5", "w") as file:
        file["layers/embedding/vars/0"] = raw
    assert segue(*command)[0] == 0
    assert np.load(out).tobytes() == raw.tobytes()
    out.unlink()
    shape, name = raw.shape, "layers/embedding/vars/0"
    other = tmp_path / "secret"
    other.write_bytes(raw.tobytes())
    for how in (
        {"external": [(str(other), 0, raw.nbytes)]},
        {"chunks": (1, 1), "compression": "gzip"},
        None,
    ):  # stored in another file, packed, and behind a link
        with h5py.File(trained / "track2vec.weights.h5", "w") as file:
            if how is None:
                file[name] = h5py.ExternalLink(str(other), name)
            else:
                file.create_dataset(name, shape, "f4", **how)
        code, _, shown = segue(*command)
        assert (code, "track2vec.weights.h5: is damaged" in shown) == (1, True)
        assert not out.exists()
    (trained / "track2vec.weights.h5").write_bytes(b"damaged")
    code, _, shown = segue(*command, "--replace")
    assert (code, "track2vec.weights.h5: is damaged" in shown) == (1, True)
    assert not out.exists()
