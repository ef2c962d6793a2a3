"""`docs/vectors.md` runs from top to bottom."""

import re
import shlex
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from segue.core.cli import main
from segue.core.library import Library
from segue.core.synthetic import make_world
from segue.core.synthetic.world import write_metadata, write_npy
from tests.libraries import make_library

PAGE = Path(__file__).parent.parent / "docs" / "vectors.md"


def test_every_block_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    world = make_world("tiny", seed=0)
    write_npy(world.playlists, tmp_path / "music_2.npy")
    write_metadata(world.tracks, tmp_path / "TracksArtists.csv")
    mine = make_library(tmp_path / "models" / "mine", world)
    names = {
        "vectors_tracks": 3 * np.asarray(mine.vectors)[::-1],
        "tracks_list_ordered": np.array(mine.track_ids[::-1]),
        "Vt": len(mine),
    }
    for language, block in re.findall(
        r"^```(python)?\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        if "gensim" in block and find_spec("gensim") is None:
            continue
        if language:
            exec(block, names)  # noqa: S102 - the page's own code
        else:
            for line in block.splitlines():
                assert main(shlex.split(line)[1:]) == 0, (line, capsys.readouterr().err)
    made = {path.name: Library.open(path) for path in (tmp_path / "models").iterdir()}
    assert made.keys() >= {"mine", "again", "titled", "notebook"}
    assert made["again"].vectors.tobytes() == mine.vectors.tobytes()
    row = made["notebook"].track_ids.index(mine.track_ids[3])
    np.testing.assert_allclose(made["notebook"].vectors[row], mine.vectors[3], atol=1e-6)
    assert made["notebook"].catalogue.info(row).title == mine.catalogue.info(3).title
