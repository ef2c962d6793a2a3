"""The public Python API: what it holds, what importing it costs, and its page of documentation."""

import ast
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

import segue
from segue.core.synthetic import make_world
from segue.core.synthetic.world import write_metadata, write_npy
from tests.core.test_imports import HEAVY, modules_after
from tests.end_to_end.deezer_server import FakeDeezer

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "python.md"


def test_importing_segue_imports_nothing_heavy() -> None:
    assert modules_after("import segue") & (HEAVY | {"numpy", "textual", "requests"}) == set()


@pytest.mark.parametrize("name", segue.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(segue, name) is not None
    assert name in dir(segue)


def test_what_type_checkers_see_is_what_is_imported() -> None:
    tree = ast.parse(Path(segue.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        name.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert seen == segue._MODULE_OF
    assert set(segue.__all__) == {*seen, "__version__"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        _ = segue.trian


@pytest.mark.slow
def test_where_tensorflow_was_imported_first_the_missing_full_text_search_is_explained(
    tmp_path: Path,
) -> None:
    program = (
        "import tensorflow, sys; from pathlib import Path; from segue.core.catalogue import Catalogue\n"
        "from segue.core.errors import SegueError\n"
        "try: Catalogue.create(Path(sys.argv[1]), [], [])\n"
        "except SegueError as error: print(error)\n"
        "else: print('import segue before tensorflow: not needed here')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "catalogue.sqlite")],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "import segue before tensorflow" in done.stdout
    assert list(tmp_path.iterdir()) == [] or "not needed" in done.stdout


@pytest.mark.slow
def test_the_page_of_the_python_api_runs_from_top_to_bottom(tmp_path: Path) -> None:
    with FakeDeezer() as deezer:
        _write_data(tmp_path, deezer)
        page = PAGE.read_text(encoding="utf-8")
        program = "\n".join(re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
        home = {name: str(tmp_path / name) for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env=os.environ | home | {"SEGUE_DEEZER_API": deezer.base_url, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=230,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Track2Vec" in done.stdout
    scores = dict(re.findall(r"^(hit@10|NDCG@10)\s+([\d.]+)$", done.stdout, re.MULTILINE))
    assert 0.05 < float(scores["NDCG@10"]) <= float(scores["hit@10"]) <= 1
    assert done.stdout.count("NowPlaying(") == 2


def _write_data(folder: Path, deezer: FakeDeezer) -> None:
    """Write the two files that the page reads, and introduce their tracks to Deezer."""
    invented = make_world("tiny")
    table = invented.playlists
    numbers = {track_id: f"track_{3_000_000 + place}" for place, track_id in enumerate(table.track_ids)}
    write_npy(
        replace(table, track_ids=list(numbers.values()), tracks={}, artist_ids=table.artist_ids),
        folder / "music_2.npy",
    )
    most_played = max(set(table.codes.tolist()), key=table.codes.tolist().count)
    titled = table.track_ids[most_played]
    tracks = [
        structs.replace(
            track,
            track_id=numbers[track.track_id],
            title="Grenade" if track.track_id == titled else track.title,
        )
        for track in invented.tracks
    ]
    write_metadata(tracks, folder / "TracksArtists.csv")
    for track in tracks:
        deezer.add(int(track.track_id.removeprefix("track_")), track.title, track.artist)
