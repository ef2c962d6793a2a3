"""Draw the README's pictures: `python docs/pictures.py [LIBRARY]`. The app itself draws them, on the demo."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from segue.core.audio import make_player
from segue.core.corpus import Vocabulary
from segue.core.deezer.client import DeezerClient
from segue.core.deezer.covers import Covers
from segue.core.deezer.source import make_previews
from segue.core.library import Library, Manifest, write_library
from segue.core.neighbours import unit
from segue.core.state import State
from segue.tui.app import SegueApp
from segue.tui.model.equipment import Equipment
from segue.tui.model.settings import Settings

FOLDER = Path(__file__).parent / "pictures"
SIZE = (120, 34)


@dataclass(frozen=True)
class Picture:
    """A view, and the keys that lead there."""

    name: str
    keys: Sequence[str]
    seconds: float = 0.0
    """How long to wait before the screen is saved."""


PICTURES = (
    Picture("explore", ["enter", "j", "j", "enter", "j"]),
    Picture("search", ["slash", *"live"]),
    Picture("radio", ["enter", "f", "r", "f3", "n"], seconds=4.0),
    Picture("start", ["enter", "f", "*", "j", "*", "f3"]),
    Picture("metrics", ["f4"]),
    Picture("map", ["enter", "M", "plus", "plus"]),
    Picture("train", ["f6"]),
    Picture("compare", ["enter", "C"], seconds=3.0),
    Picture("explain", ["enter", "j", "question_mark"]),
)


async def draw(library: Library, picture: Picture) -> None:
    """Open the app, press the keys, save the screen."""
    with tempfile.TemporaryDirectory() as folder:
        state = State.open(Path(folder) / "state.sqlite")
        previews = make_previews(offline=True)
        equipment = Equipment(
            state, previews, lambda: make_player("silent"), seed=1,
            make_covers=lambda: Covers(DeezerClient(offline=True)),
        )  # fmt: skip
        app = SegueApp(library, equipment, Settings())
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await pilot.press("escape")  # the tour of the first run
            for key in picture.keys:
                await pilot.press(key)
                await settle(pilot)
            await pilot.pause(picture.seconds)
            app.clear_notifications()
            await settle(pilot)
            app.save_screenshot(f"{picture.name}.svg", path=str(FOLDER))
        previews.close()
        state.close()


async def settle(pilot: Pilot[Path]) -> None:
    """Wait until the workers of the last key have answered."""
    for _ in range(3):
        await pilot.pause(0.1)
        await pilot.app.workers.wait_for_complete(
            [worker for worker in pilot.app.workers if worker.group != "radio"]
        )


def write_narrow(library: Library, folder: Path) -> None:
    """Write the library again with only its first twelve dimensions, to have something to compare with."""
    write_library(
        folder / "narrow",
        vectors=unit(library.vectors[:, :12]),
        vocabulary=Vocabulary(list(library.track_ids), library.counts, [""] * len(library)),
        tracks={info.track_id: info for info in library.catalogue.infos(range(len(library)))},
        manifest=Manifest("narrow", library.manifest.created),
    )


def main() -> int:
    """Draw them all."""
    FOLDER.mkdir(exist_ok=True)
    library = Library.open(sys.argv[1] if len(sys.argv) > 1 else "demo")
    with tempfile.TemporaryDirectory() as folder:
        write_narrow(library, Path(folder))
        os.environ["SEGUE_MODELS"] = folder
        for picture in PICTURES:
            asyncio.run(draw(library, picture))
    return 0


if __name__ == "__main__":
    sys.exit(main())
