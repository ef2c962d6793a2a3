"""What a screen that has just opened has imported. Module lists do not flake as seconds do."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from segue.core.library import Library
from tests.tui.support import write_small_library

HEAVY = (
    "tensorflow", "keras", "sklearn", "pandas", "scipy", "optuna", "pyarrow", "requests", "pydub",
    "miniaudio",
)  # fmt: skip

OPEN = """
import asyncio, sys
sys.path.insert(0, {root!r})
from segue.core.library import Library
from segue.core.state import State
from segue.tui.app import SegueApp
from segue.tui.model.values import Equipment
from segue.tui.opening import PreviewsWhenAsked

async def main():
    state, previews = State.in_memory(), PreviewsWhenAsked(offline=False)
    app = SegueApp(Library.open({library!r}), Equipment(state, previews, make_player=lambda: None))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.press("escape", {keys})
        await pilot.pause()
        await app.workers.wait_for_complete()
        assert len(app.listing.rows) > 5, app.listing
        print(" ".join(name for name in {heavy!r} if name in sys.modules))

asyncio.run(main())
"""


@pytest.mark.parametrize("keys", ["'j'", "'j', 'enter', '/', 's', 'o', 'n', 'g'"])
def test_opening_walking_and_searching_import_nothing_heavy(keys: str, small_library: Library) -> None:
    root = str(Path(__file__).parents[2])
    code = OPEN.format(root=root, library=str(small_library.path), keys=keys, heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == ""


FIRST_FRAME = """
import asyncio, sys
sys.path.insert(0, {root!r})
from segue.core.library import Library
from segue.core.state import State
from segue.tui.app import SegueApp
from segue.tui.model.values import Equipment
from segue.tui.opening import PreviewsWhenAsked
from segue.tui.widgets.track_list import TrackList

draw, first = TrackList.render_line, []

def render_line(self, y):
    line = draw(self, y)
    if not first and y == 0:
        heavy = ("numpy", "rapidfuzz", "requests")
        first.append((line.text, [name for name in heavy if name in sys.modules]))
    return line

async def main():
    TrackList.render_line = render_line
    state, previews = State.in_memory(), PreviewsWhenAsked(offline=False)
    app = SegueApp(Library.open({library!r}), Equipment(state, previews, make_player=lambda: None))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        while "numpy" not in sys.modules:  # which is fetched meanwhile, for the first step into a track
            await asyncio.sleep(0.01)
        [(line, imported)] = first
        assert {title!r} in line, line
        print(*imported)

asyncio.run(main())
"""


@pytest.mark.parametrize("playlists", [True, False])
def test_the_first_list_is_drawn_without_numpy(playlists: bool, tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    library = write_small_library(tmp_path / "small", evaluated=playlists)
    if not playlists:  # as libraries of imported vectors are
        for part in ("corpus", "cooccurrence", "occurrences"):
            shutil.rmtree(library.path / part, ignore_errors=True)
    title = library.catalogue.info(0).title
    code = FIRST_FRAME.format(root=root, library=str(library.path), title=title)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == ""


def test_the_command_line_alone_imports_no_textual() -> None:
    root = str(Path(__file__).parents[2])
    code = f"import sys; sys.path.insert(0, {root!r}); from segue.tui.__main__ import main; main(['locate'])"
    code += "; assert 'textual' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
