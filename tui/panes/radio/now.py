"""The track that plays with cover and waveform, and the radio's dials."""

from typing import TYPE_CHECKING, Any

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult, RenderResult
from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip

from segue.core.explore.variety import Taste
from segue.core.text import printable
from segue.tui.model.glyphs import bar, clock, fit, waveform, wrapped
from segue.tui.model.values import COVER_COLUMNS, Dials, Playing, Radio
from segue.tui.widgets.bars import playing_keys
from segue.tui.widgets.base import SegueWidget

if TYPE_CHECKING:
    from segue.core.deezer.source import Covers, Pixels


OFF = "What would you like to hear? Enter starts one of these; in any list space plays it and T trails it."
PLANNING = "Planning the next tracks."
WAITS = "It waits where you left it. P resumes it."
TALL = 6
"""Lines from which on there is room for the artist and the album in lines of their own."""


class NowPlaying(SegueWidget):
    """The track that plays."""

    playing: reactive[Playing | None] = reactive(None)
    radio: reactive[Radio] = reactive(Radio)
    taste: reactive[Taste] = reactive(Taste)
    busy: reactive[str] = reactive("")

    def render(self) -> RenderResult:
        """Draw what plays, or what is being done before it does."""
        if self.playing is None:
            return self._silence()
        width, height = self.size
        return Content("\n").join(self._words(self.playing, width, height)[:height])

    def _silence(self) -> Content:
        radio, busy = self.radio, printable(self.busy)
        if busy:
            return Content.styled(f"{busy} {self.segue.glyphs.ellipsis}", "bold")
        if radio.on and radio.paused:
            return Content.assemble((printable(radio.source or "The radio"), "bold"), "\n", (WAITS, "$quiet"))
        if radio.on:
            return Content.styled(PLANNING, "bold")
        first, rest = OFF.split("? ", 1)
        return Content.assemble((f"{first}?", "bold"), "\n", (rest, "$quiet"))

    def _words(self, playing: Playing, width: int, height: int) -> list[Content]:
        app, tall = self.segue, height >= TALL
        info = app.tracks.info(playing.row) if playing.row is not None else None
        title = info.title or info.track_id if info else playing.label
        sign = app.glyphs.paused if playing.paused else app.glyphs.playing
        loved = f" {app.glyphs.love}" if playing.row in self.taste.loved else ""
        titles = wrapped(title, max(width - 4, 10))[: 2 if tall else 1]
        lines = [
            Content.assemble((f"{sign} " if not at else "  ", "$accent"), (line, "bold"))
            for at, line in enumerate(titles)
        ]
        lines[-1] = Content.assemble(lines[-1], (loved, "$error"))
        if info is not None:
            year = f"({info.release_date[:4]})" if info.release_date else ""
            album = " ".join(part for part in (info.album, year) if part)
            if tall:
                lines += [self._line(info.artist, "", width), self._line(album, "$quiet", width)]
            else:
                both = f" {app.glyphs.dot} ".join(part for part in (info.artist, album) if part)
                lines.append(self._line(both, "", width))
        why, source = self._came_from(playing)
        if tall:
            lines.append(Content(""))
        first, *rest = wrapped(why, width - 2) or [""]
        reasons = [first, " ".join(rest)] if tall and rest else [why]  # the last is cut where it doesn't fit
        lines += [self._line(line, "$quiet", width) for line in reasons if line]
        if source:
            lines.append(self._line(source, "$faint", width))
        return lines

    def _line(self, text: str, style: str, width: int) -> Content:
        return Content.styled(f"  {fit(text, width - 2, self.segue.glyphs.ellipsis).rstrip()}", style)

    def _came_from(self, playing: Playing) -> tuple[str, str]:
        """Why it plays, and where it came from."""
        if playing.by != "radio":
            return "", f"a single track; {self.radio.source or 'the radio'} waits" if self.radio.on else ""
        source, seed = self.radio.source, self.radio.seed
        if not source and seed is not None:
            source = f"Radio from {self.segue.tracks.info(seed).label}"
        return playing.reason.removesuffix(f", {source}"), f"From: {source}" if source else ""


class Progress(SegueWidget):
    """How far the track is: apart from its words, so that a tick of the clock draws these lines alone."""

    playing: reactive[Playing | None] = reactive(None)
    position: reactive[float] = reactive(0.0)
    volume: reactive[float] = reactive(0.0)

    _wave_lines = range(0)
    """The lines to click, as drawn last."""

    def on_click(self, event: events.Click) -> None:
        """Go on where the progress was clicked."""
        playing, width = self.playing, self.size.width
        if playing is not None and event.y in self._wave_lines and width:
            self.segue.seek_to(event.x / width * playing.duration)

    def render(self) -> RenderResult:
        """Draw the waveform above the times and, where there is room, the keys."""
        self._wave_lines = range(0)
        if self.playing is None:
            return Content("")
        width, height = self.size
        tall = height > 2
        wave = self._wave(self.playing, width, 2 if tall else 1)
        foot = [self._times(self.playing, width)]
        if tall:
            foot.append(Content.styled(fit(playing_keys(self.segue).strip(), width), "$faint"))
        above = max(height - len(wave) - len(foot), 0)
        self._wave_lines = range(above, above + len(wave))
        return Content("\n").join([*[Content("")] * above, *wave, *foot])

    def _wave(self, playing: Playing, width: int, rows: int) -> list[Content]:
        share = min(self.position / playing.duration, 1.0) if playing.duration else 0.0
        if any(playing.envelope):
            at = round(share * width)
            drawn = waveform(playing.envelope, width, self.segue.glyphs, rows=rows)
            return [Content.assemble((line[:at], "$accent"), (line[at:], "$line")) for line in drawn]
        done = bar(share, width, self.segue.glyphs).rstrip()
        return [Content.assemble((done, "$accent"), (self.segue.glyphs.rest * (width - len(done)), "$line"))]

    def _times(self, playing: Playing, width: int) -> Content:
        glyphs = self.segue.glyphs
        left = f"{clock(self.position)} / {clock(playing.duration)}"
        volume = f"volume {self.volume:.0%}" if self.volume else "muted"
        credit = "  ".join(printable(word) for word in (playing.credit, playing.link, playing.note) if word)
        room = width - len(left) - len(volume) - 6
        credit = fit(credit, min(room, len(credit) + 2), glyphs.ellipsis).rstrip() if room > 8 else ""
        return Content.assemble((left, "bold $quiet"), (f"   {volume}", "$quiet"), (f"   {credit}", "$faint"))


FAMILIARITY = {
    "any": "known and unknown tracks alike",
    "familiar": "rather much played tracks",
    "mixed": "neither hits nor rarities",
    "deep": "rather seldom played tracks",
}
STEP = 10
"""Tracks a radio draws from: a step of the distance passes over them, the next over twice as many."""


class DialsTable(SegueWidget):
    """The radio's dials, explained where there is room."""

    radio: reactive[Radio] = reactive(Radio)
    radio_dials: reactive[Dials] = reactive(Dials)

    def render(self) -> RenderResult:
        """Draw two lines a dial, or one where the pane is low."""
        radio, dials = self.radio, self.radio_dials
        seed = self.segue.tracks.info(radio.seed).label if radio.seed is not None and radio.on else "none"
        walk = radio.mode == "walk"
        passed = STEP * (2**radio.distance - 1)
        lines_of = [
            (self._words("W", "mode", "random walk" if walk else "steered"),
             "goes to any near track, step by step" if walk else "follows the seed, loves and skips"),
            (self._words("=", "seed", seed), "= takes the track under the cursor"),
            (self._scale("< >", "farther", radio.distance / 6, str(radio.distance)),
             f"passes over the {passed:,} nearest tracks" if passed else "takes the nearest tracks"),
            (self._scale("{ }", "drift", radio.drift, f"{radio.drift:.0%}"), _drift(radio.drift)),
            (self._words("F", "familiarity", dials.familiarity), FAMILIARITY.get(dials.familiarity, "")),
            (self._words("U", "unheard", "only" if dials.unheard else "or not"),
             "only tracks that are not in your journal" if dials.unheard else "heard tracks may come again"),
            (self._words("V", "guard", "on" if dials.variety else "off"),
             "keeps an artist's tracks apart" if dials.variety else "one artist may fill the radio"),
        ]  # fmt: skip
        explained = self.size.height > 2 * len(lines_of)
        lines = [Content.styled("How the radio is steered", "bold $quiet")]
        for line, meaning in lines_of:
            lines.append(line)
            if explained:
                meant = fit(meaning, max(self.size.width - 4, 4), self.segue.glyphs.ellipsis)
                lines.append(Content.styled(f"    {meant}", "$faint"))
        if walk:
            lines.append(Content.styled("In a random walk only the mode applies.", "$faint"))
        return Content("\n").join(lines)

    def _words(self, keys: str, name: str, value: str) -> Content:
        value = fit(value, max(self.size.width - 16, 4), self.segue.glyphs.ellipsis)
        return Content.assemble((f"{keys:<4}", "bold $primary"), (f"{name:<12}", "$quiet"), value)

    def _scale(self, keys: str, name: str, share: float, value: str) -> Content:
        glyphs = self.segue.glyphs
        done = bar(share, 6, glyphs).rstrip()
        return Content.assemble(
            (f"{keys:<4}", "bold $primary"), (f"{name:<12}", "$quiet"), (done, "$primary"),
            (glyphs.rest * (6 - len(done)), "$line"), f" {value}",
        )  # fmt: skip


def _drift(drift: float) -> str:
    if drift in {0.0, 1.0}:
        return "stays near the seed" if drift == 0.0 else "follows the last track wherever it goes"
    return f"{1 - drift:.0%} the seed, {drift:.0%} the last track"


class Remarks(SegueWidget):
    """What was skipped, and why."""

    radio: reactive[Radio] = reactive(Radio)

    def render(self) -> RenderResult:
        """Draw the latest remarks."""
        if not self.radio.remarks:
            return Content("")
        lines = [
            Content.styled(line, "$faint")
            for remark in self.radio.remarks
            for line in wrapped(printable(remark), max(self.size.width, 10))
        ]
        return Content("\n").join(
            [Content.styled("Passed over", "bold $quiet"), *lines[: self.size.height - 1]]
        )


SHARPNESS = 10
"""Pixels across a cell, where the terminal draws real ones."""


class Cover(SegueWidget):
    """Draws the cover with half blocks: the upper pixel is the letter, the lower its ground.

    A terminal that draws pictures gets one, in a widget of textual-image's inside.

    It is in the layout only while there is a cover to be seen, so nothing is left blank.
    """

    DEFAULT_CSS = """
    Cover { width: 24; height: 12; margin-right: 2; }
    Cover > * { width: 100%; height: 100%; }
    """

    playing: reactive[Playing | None] = reactive(None)

    def __init__(self) -> None:
        super().__init__(id="cover")
        self.display = False
        self._covers: Covers | None = None
        self._pixels: Pixels | None = None
        self._picture: Any = None
        self._lines: dict[int, Strip] = {}
        self._shown: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay the picture, where the terminal draws one."""
        if (make := self.segue.equipment.make_picture) is not None:
            self._picture = make()
            yield self._picture

    def bring(self) -> None:
        """Bring the cover of what plays, unless it is already shown in this size."""
        app, playing = self.segue, self.playing
        make, plain = app.equipment.make_covers, app.glyphs.ascii_only or app.ansi_color
        narrow = app.size.width < COVER_COLUMNS
        if playing is None or playing.row is None or make is None or plain or narrow:
            self._show((), None)
            return
        track = app.tracks.info(playing.row)
        height = int(self.styles.height.value) if self.styles.height else 12
        width = 2 * height
        wanted = (track.track_id, playing.cover, width, height)
        if wanted == self._shown:
            return
        self._shown = wanted

        def bring() -> "Pixels | None":
            if self._covers is None:
                self._covers = make()
            fine = 1 if self._picture is None else SHARPNESS
            return self._covers.cover(track, playing.cover, fine * width, fine * 2 * height)

        self.work("cover", bring, lambda pixels: self._show(wanted, pixels), what="The cover")

    watch_playing = bring

    def _show(self, wanted: tuple[object, ...], pixels: "Pixels | None") -> None:
        self._shown, self._pixels, self._lines = wanted, pixels, {}
        self.display = pixels is not None
        if self._picture is not None:
            from PIL import Image  # textual-image has loaded it

            self._picture.image = None if pixels is None else Image.fromarray(pixels)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw two lines of pixels; each line is kept, since a tick of the clock changes none."""
        if self._pixels is None or self._picture is not None or not 0 <= 2 * y + 1 < len(self._pixels):
            return Strip.blank(self.size.width)
        if y not in self._lines:
            upper, lower = self._pixels[2 * y].tolist(), self._pixels[2 * y + 1].tolist()
            cells = [
                Segment("▀", Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below)))
                for above, below in zip(upper, lower, strict=True)
            ]
            self._lines[y] = Strip(cells).simplify()
        return self._lines[y]

    def on_unmount(self) -> None:
        """End what is still being brought."""
        if self._covers is not None:
            self._covers.close()
