"""Small files that would become large ones, and JSON nested without end."""

import gzip
import io
import json
import resource
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zstandard

from segue.core import arrays
from segue.core.corpus.loading import load_corpus
from segue.core.corpus.readers import read_playlists
from segue.core.errors import SegueError
from segue.core.explore.playlist_files import read_playlist
from segue.core.library import Library
from segue.core.track2vec.recipes import Checkpoint
from segue.tui.model.settings import read_settings

DEEP = 200_000
HOLES = ("[" * DEEP, '{"a":' * DEEP, "[" * DEEP + "]" * DEEP)
MEMORY = 3 << 30
"""Bytes of address space that reading a bomb may take; unpacked it has 8 GB."""


def zip_bomb(megabytes: int) -> bytes:
    """An archive of an array of zeros, a thousand times as large as the archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole, whole.open("validation.npy", "w") as file:
        head = {"descr": "<i4", "fortran_order": False, "shape": (megabytes << 18,)}
        np.lib.format.write_array_header_1_0(file, head)
        file.write(bytes(megabytes << 20))
    return out.getvalue()


def test_an_archive_that_says_it_is_huge_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "ALWAYS_FINE", 8 << 20)
    path = tmp_path / "heldout.npz"
    path.write_bytes(zip_bomb(32))
    assert path.stat().st_size < 64_000
    with pytest.raises(SegueError, match=r"heldout\.npz: unpacks to more than 250 times its size"):
        arrays.read_archive(path, hint="train again")
    with pytest.raises(SegueError):
        Checkpoint.open(path, {"seed": 0})


BOMBS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zstd": zstandard.compress}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits address space")
@pytest.mark.parametrize("packer", sorted(BOMBS))
@pytest.mark.parametrize(
    "start", ["[", "\x93NUMPY", "a,b,c\n", "#EXTM3U\n"], ids=["json", "npy", "lines", "m3u"]
)
def test_a_packed_bomb_is_refused_within_little_memory(packer: str, start: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    pack, piece = BOMBS[packer], BOMBS[packer](bytes(1 << 26))
    with path.open("wb") as file:  # both formats may be joined piece by piece
        file.write(pack(start.encode("latin-1")))
        for _ in range(1 << 7):
            file.write(piece)
    script = (
        "import sys; from pathlib import Path; from segue.core.errors import SegueError\n"
        "from segue.core.corpus.readers import read_playlists\n"
        "try:\n    read_playlists(Path(sys.argv[1]))\n"
        "except SegueError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert "bomb" in done.stdout
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("text", HOLES, ids=["lists", "objects", "closed"])
@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".jspf"])
def test_playlists_without_a_bottom_are_refused(text: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"deep{suffix}"
    path.write_text(text)
    for read in (read_playlists, lambda path: read_playlist(str(path))):
        with pytest.raises(SegueError) as raised:
            read(path)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("form", ["json", "million", "jsonl"])
def test_depth_within_a_good_playlist_file(form: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    hole = HOLES[2]
    path.write_text(
        {
            "json": f'[["a","b"],{hole}]',
            "million": f'{{"playlists":[{{"tracks":[{{"track_uri":"a","x":{hole}}}]}}]}}',
            "jsonl": f'["a","b"]\n{hole}\n',
        }[form]
    )
    try:
        playlists = read_playlists(path, format=form)
    except SegueError as error:
        assert "deep.json" in str(error)  # noqa: PT017 - a reader may pass over what it does not need
    else:
        assert playlists.lists() in ([["a", "b"]], [["a"]])


@pytest.mark.parametrize("name", ["library.json", "report.json", "history.jsonl"])
@pytest.mark.parametrize("text", HOLES, ids=["lists", "objects", "closed"])
def test_a_library_without_a_bottom_is_refused(
    name: str, text: str, tiny_library: Library, tmp_path: Path
) -> None:
    path = Path(shutil.copytree(tiny_library.path, tmp_path / "copy"))
    path.joinpath(name).write_text(text)
    with pytest.raises(SegueError, match=name.replace(".", r"\.")) as raised:
        _read_all(path)
    assert "\n" not in str(raised.value)


def _read_all(path: Path) -> None:
    library = Library.open(path)
    _ = (library.report, library.history)


@pytest.mark.parametrize("name", ["corpus.json", "tracks.jsonl"])
def test_a_prepared_corpus_without_a_bottom_is_refused(name: str, tmp_path: Path) -> None:
    from segue.core.corpus.prepare import prepare
    from tests.core.corpus.test_prepare import write_slices

    write_slices(tmp_path / "slices", 1)
    prepare([tmp_path / "slices"], tmp_path / "corpus", processes=1)
    (tmp_path / "corpus" / name).write_text(HOLES[0])
    with pytest.raises(SegueError, match=name.replace(".", r"\.")):
        load_corpus(tmp_path / "corpus")


def test_settings_without_a_bottom_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f"theme = {HOLES[0]}")
    with pytest.raises(SegueError, match=r"settings\.toml"):
        read_settings(path)


def test_depth_is_no_size(tmp_path: Path) -> None:
    path = tmp_path / "wide.json"
    path.write_text(json.dumps([["a", "b"]] * 50_000))
    assert len(read_playlists(path).lists()) == 50_000
