"""Draw the README's pictures: `python docs/pictures.py [LIBRARY]`. The app itself draws them, on the demo."""

import asyncio
import os
import re
import sys
import tempfile
from collections import Counter
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


CELL = 12.2
HEIGHT = 24.6
"""The width and height of a cell in Textual's drawings."""
TEXT = re.compile(r'<text class="(\S+)" x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"[^>]*>(.*?)</text>')
RECT = re.compile(r'<rect fill="(#\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"[^>]*/>')


@dataclass
class Drawing:
    """One of Textual's drawings, without what nobody sees: a third of its bytes draw the same."""

    box: str
    """The `viewBox`."""
    frame: str
    """The window around it."""
    place: str
    """The `transform` of the letters."""
    lines: list[str]
    """The grounds, and each line of letters."""


def compact(svg: str, styles: dict[str, str]) -> Drawing:
    """Take a drawing apart; `styles` collects the classes of letters by their style."""
    names: dict[str, str] = {}
    for name, style in re.findall(r"\.(terminal-\d+-r\d+) \{ (.*?) \}", svg):
        names[name] = styles.setdefault(style.strip(" ;"), f"s{len(styles)}")
    box = re.search(r'viewBox="([^"]+)"', svg)
    window = re.search(r'<rect fill="(#\w+)" stroke.*?/>', svg)
    place = re.search(r'<g transform="(translate\([^"]*\))" clip-path', svg)
    if box is None or window is None or place is None:
        raise ValueError("Textual draws in another way than this script knows")
    rects = [(fill, *map(float, numbers)) for fill, *numbers in RECT.findall(svg)]
    ground = Counter(fill for fill, *_ in rects).most_common(1)[0][0]
    right, bottom = max(x + width for _, x, _, width, _ in rects), max(y for _, _, y, _, _ in rects) + HEIGHT
    buttons = "".join(re.findall(r"<circle .*?/>", svg))
    frame = (
        f'{window[0]}<g transform="translate(26,22)">{buttons}</g>'
        f'<path fill="{ground}" transform="{place[1]}" d="M0 0H{short(right)}V{short(bottom)}H0z"/>'
    )
    grounds: dict[tuple[str, float], list[float]] = {}
    for fill, x, y, width, _ in rects:
        if fill != ground:
            cells = grounds.setdefault((fill, y), [])
            if cells and abs(cells[-1] - x) < 0.1:
                cells[-1] = x + width
            else:
                cells += [x, x + width]
    painted = "".join(
        f'<path fill="{fill}" d="M{short(x)} {short(y)}H{short(end)}v{HEIGHT}H{short(x)}z"/>'
        for (fill, y), cells in grounds.items()
        for x, end in zip(cells[::2], cells[1::2], strict=True)
    )
    rows: dict[float, list[str]] = {}
    for name, x, y, length, letters in TEXT.findall(svg):
        text = letters.replace("&#160;", "\u00a0")
        begun, shown = text.lstrip("\u00a0"), text.strip("\u00a0")
        if name not in names or (not shown and "underline" not in name):
            continue
        before, after = len(text) - len(begun), len(begun) - len(shown)
        start, width = float(x) + CELL * before, float(length) - CELL * (before + after)
        rows.setdefault(float(y), []).append(
            f'<text class="{names[name]}" x="{short(start)}" y="{short(y)}" textLength="{short(width)}">'
            f"{shown}</text>"
        )
    return Drawing(box[1], frame, place[1], [painted, *("".join(rows[y]) for y in sorted(rows))])


def short(number: float | str) -> str:
    """A number to a tenth."""
    return f"{float(number):.1f}".removesuffix(".0")


def svg_of(box: str, styles: dict[str, str], css: str, body: str) -> str:
    """One SVG with the styles of letters."""
    rules = "".join(f".{name}{{{style}}}" for style, name in styles.items())
    font = "text{font:20px Fira Code,monospace;white-space:pre}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">'
    return f"{head}<style>{font}{rules}{css}</style>{body}</svg>\n"


def still(svg: str) -> str:
    """Make a drawing smaller."""
    styles: dict[str, str] = {}
    drawing = compact(svg, styles)
    body = f'{drawing.frame}<g transform="{drawing.place}">{"".join(drawing.lines)}</g>'
    return svg_of(drawing.box, styles, "", body)


def moving(frames: Sequence[str], seconds: Sequence[float]) -> str:
    """Make one SVG that shows drawings in turn, for ever; lines that several share are drawn once."""
    styles: dict[str, str] = {}
    drawings = [compact(frame, styles) for frame in frames]
    shown = Counter(line for drawing in drawings for line in set(drawing.lines))
    shared = {line: f"l{number}" for number, line in enumerate(line for line, n in shown.items() if n > 1)}
    whole, start = sum(seconds), 0.0
    css, bodies = [], [drawings[0].frame]
    once = "".join(f'<g id="{name}">{line}</g>' for line, name in shared.items())
    bodies.append(f"<defs>{once}</defs>")
    for number, (drawing, length) in enumerate(zip(drawings, seconds, strict=True)):
        begins, ends = 100 * start / whole, 100 * (start + length) / whole
        css.append(
            f"@keyframes f{number}{{0%{{visibility:hidden}}{begins:.2f}%{{visibility:visible}}"
            f"{ends:.2f}%,100%{{visibility:hidden}}}}"
            f".f{number}{{visibility:hidden;animation:f{number} {whole}s step-end infinite}}"
        )
        lines = (f'<use href="#{shared[line]}"/>' if line in shared else line for line in drawing.lines)
        bodies.append(f'<g class="f{number}" transform="{drawing.place}">{"".join(lines)}</g>')
        start += length
    return svg_of(drawings[0].box, styles, "".join(css), "".join(bodies))


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
            drawing = still(app.export_screenshot(title="Segue"))
            (FOLDER / f"{picture.name}.svg").write_text(drawing, encoding="utf-8")
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
    os.environ["COLORTERM"] = "truecolor"  # whatever terminal this runs in
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
