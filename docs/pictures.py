"""Draw the README's pictures: `python docs/pictures.py [LIBRARY]`. The app itself draws them, on the demo."""

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.pilot import Pilot

from segue.core.audio import make_player
from segue.core.corpus import Vocabulary
from segue.core.deezer.client import DeezerClient
from segue.core.deezer.source import Covers, make_previews
from segue.core.library import Library, Manifest, write_library
from segue.core.neighbours import unit
from segue.core.state import State
from segue.tui.app import SegueApp
from segue.tui.model.settings import Settings
from segue.tui.model.values import Equipment

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


WALK = (
    ((), 2.0), (("slash", *"luna y"), 1.5), (("enter",), 2.0), (("j", "j"), 0.8), (("enter",), 2.0),
    (("j", "enter"), 2.0), (("K",), 2.0), (("j", "question_mark"), 3.0), (("escape", "M"), 3.0),
)  # fmt: skip
"""The walk that moves at the top of the README: keys, and the seconds that what they lead to is seen."""
WALK_SIZE = (100, 26)


async def draw_walk(library: Library) -> None:
    """Draw a walk as one picture that moves: a drawing for each step, shown in turn."""
    state, previews = State.in_memory(), make_previews(offline=True)
    app = SegueApp(library, Equipment(state, previews, lambda: make_player("silent"), seed=1), Settings())
    frames: list[str] = []
    async with app.run_test(size=WALK_SIZE) as pilot:
        await settle(pilot)
        await pilot.press("escape")  # the tour of the first run
        for keys, _ in WALK:
            for key in keys:
                await pilot.press(key)
                await settle(pilot)
            app.clear_notifications()
            await settle(pilot)
            frames.append(app.export_screenshot(title="segue"))
    previews.close()
    (FOLDER / "walk.svg").write_text(moving(frames, [seconds for _, seconds in WALK]), encoding="utf-8")


def moving(frames: Sequence[str], seconds: Sequence[float]) -> str:
    """Make one SVG that shows others in turn, for ever."""
    whole = sum(seconds)
    box = re.search(r'viewBox="([^"]+)"', frames[0])
    styles, bodies, start = [], [], 0.0
    for number, (frame, length) in enumerate(zip(frames, seconds, strict=True)):
        body = re.sub(r"@font-face \{.*?\}", "", frame, flags=re.DOTALL)  # the viewer's own monospace
        end = 100 * (start + length) / whole
        styles.append(
            f"@keyframes f{number} {{ 0% {{ visibility: hidden }} {100 * start / whole:.2f}% "
            f"{{ visibility: visible }} {end:.2f}%, 100% {{ visibility: hidden }} }} "
            f".f{number} {{ visibility: hidden; animation: f{number} {whole}s step-end infinite }}"
        )
        bodies.append(f'<g class="f{number}">{body}</g>')
        start += length
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box[1] if box else ""}">'
    return f"{head}<style>{' '.join(styles)}</style>{''.join(bodies)}</svg>\n"


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
        asyncio.run(draw_walk(library))
        for picture in PICTURES:
            asyncio.run(draw(library, picture))
    return 0


if __name__ == "__main__":
    sys.exit(main())
