"""The track that plays: title, where it came from, why, and its waveform as the progress."""

from textual import events
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive

from segue.core.explore.variety import Taste
from segue.core.text import printable
from segue.tui.model.values import Playing, Radio
from segue.tui.model.words import clock
from segue.tui.widgets.bars import playing_keys
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.cells import bar, fit, waveform, wrapped

OFF = "Nothing plays. Enter starts one of these; Space plays any list from the cursor, T trails it."
PLANNING = "Planning the next tracks."
WAITS = "It waits where you left it. P resumes it."
TALL = 10
"""Lines from which on there is room for a waveform of two lines and for the keys."""


class NowPlaying(SegueWidget):
    """The track that plays, and how far it is."""

    playing: reactive[Playing | None] = reactive(None)
    position: reactive[float] = reactive(0.0)
    radio: reactive[Radio] = reactive(Radio)
    taste: reactive[Taste] = reactive(Taste)
    volume: reactive[float] = reactive(0.0)
    busy: reactive[str] = reactive("")

    _progress = range(0)
    """The lines of the progress, as drawn last."""

    def on_click(self, event: events.Click) -> None:
        """Go on where the progress was clicked."""
        playing, width = self.playing, self.size.width
        if playing is not None and event.y in self._progress and width:
            self.segue.seek_to(event.x / width * playing.duration)

    def render(self) -> RenderResult:
        """Draw what plays, or what is being done before it does."""
        self._progress = range(0)
        if self.playing is None:
            return self._silence()
        width, height = self.size.width, self.size.height
        lines = self._words(self.playing, width, height)
        progress = self._wave(self.playing, width, 2 if height >= TALL else 1)
        foot = [self._times(self.playing, width)]
        if height >= TALL:
            foot.append(Content.styled(fit(playing_keys(self.segue).strip(), width), "$faint"))
        room = height - len(progress) - len(foot)
        lines = [*lines[:room], *[Content("")] * (room - len(lines))]
        self._progress = range(room, room + len(progress))
        return Content("\n").join([*lines, *progress, *foot])

    def _silence(self) -> Content:
        radio, busy = self.radio, printable(self.busy)
        if busy:
            return Content.styled(f"{busy} {self.segue.glyphs.ellipsis}", "bold")
        if radio.on and radio.paused:
            return Content.assemble((printable(radio.source or "The radio"), "bold"), "\n", (WAITS, "$quiet"))
        if radio.on:
            return Content.styled(PLANNING, "bold")
        first, rest = OFF.split(". ", 1)
        return Content.assemble((f"{first}.", "bold"), "\n", (rest, "$quiet"))

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
        lines += [self._line(line, "$quiet", width) for line in wrapped(why, width - 2)[: 2 if tall else 1]]
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
