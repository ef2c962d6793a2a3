"""Radio: what plays, the next five with reasons, how it is steered, and what was heard."""

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive, var
from textual.widgets import Static

from segue.core.explore.taste import Taste
from segue.core.text import printable
from segue.tui.context import Explorer
from segue.tui.model.listing import Listing
from segue.tui.model.places import JournalPlace, TrackPlace
from segue.tui.model.values import Dials, Playing, Radio
from segue.tui.model.words import clock
from segue.tui.widgets.base import BaseView, SegueWidget, style_beside
from segue.tui.widgets.cells import bar, fit, waveform
from segue.tui.widgets.track_list import TrackList

OFF = (
    "Nothing plays. Space plays a list from the cursor, T trails it, r starts a radio from a track, O from a "
    "list; ! surprises, S opens a saved place."
)
PROGRESS_LINE = 2
"""The line of the progress within what plays."""
PLANNING = "Planning the next tracks."


class RadioView(BaseView):
    """The radio."""

    DEFAULT_CSS = style_beside(__file__)
    STATE = (Explorer.radio, Explorer.taste, Explorer.radio_dials, Explorer.playing, Explorer.position)

    radio: var[Radio] = var(Radio, init=False)
    taste: var[Taste] = var(Taste, init=False)
    radio_dials: var[Dials] = var(Dials)
    playing: var[Playing | None] = var(None)
    position: var[float] = var(0.0)

    def compose(self) -> ComposeResult:
        """Lay what plays over what comes and what was, with the dials beside."""
        view = RadioView
        yield NowPlaying(id="now").data_bind(view.playing, view.position, view.radio, view.taste)
        with Horizontal(id="halves"):
            with Vertical(id="lists"):
                yield Static("Next", classes="head")
                yield self._list("upcoming", numbered=True)
                yield Static(id="why", markup=False)
                yield Static("Heard", classes="head")
                yield self._list("heard")
            with Vertical(id="steering"):
                yield Knobs(id="knobs").data_bind(view.radio, view.radio_dials)
                yield Remarks(id="remarks").data_bind(view.radio)

    def on_mount(self) -> None:
        """Take the layout that fits the width."""
        self.on_resize()

    def on_resize(self) -> None:
        """Take the layout that fits the width."""
        self.set_class(self.app.size.width < 100, "narrow")

    def _list(self, name: str, *, numbered: bool = False) -> TrackList:
        app = self.segue
        return TrackList(
            app.tracks,
            sign=app.sign,
            glyphs=app.glyphs,
            numbered=numbered,
            long_notes=numbered,
            id=name,
        )

    def focus_first(self) -> None:
        """Focus what comes next."""
        self.query_one("#upcoming").focus()

    def current_row(self) -> int | None:
        """Return the track under the cursor of the list of what comes next."""
        return self.current_list().row

    def current_list(self) -> TrackList:
        """Return the list of what comes next."""
        return self.query_one("#upcoming", TrackList)

    def watch_radio(self, radio: Radio) -> None:
        """Show the next tracks."""
        tracks = self.query_one("#upcoming", TrackList)
        rows = [planned.row for planned in radio.upcoming]
        listing = Listing(
            rows,
            [planned.similarity for planned in radio.upcoming],
            {at: planned.reason for at, planned in enumerate(radio.upcoming)},
            empty=PLANNING if radio.on else OFF,
        )
        tracks.follow(listing)

    def came_into_sight(self) -> None:
        """Show what was heard so far."""
        self.watch_taste()

    def watch_taste(self) -> None:
        """Show the journal: it is longer when something was heard."""
        place, request = JournalPlace(), self.segue.listing_request()

        def show(listing: Listing) -> None:
            tracks = self.query_one("#heard", TrackList)
            tracks.show(listing, tracks.cursor)

        self.work("journal", lambda: place.list(request), show, what="Reading the journal")

    def on_track_list_moved(self, event: TrackList.Moved) -> None:
        """Show why the track under the cursor comes next."""
        if event.tracks.id == "upcoming":
            why = event.tracks.listing.notes.get(event.tracks.cursor, "")
            self.query_one("#why", Static).update(printable(why))
        if event.tracks.has_focus:
            self.segue.cursor_rested(event.row)

    def on_track_list_chosen(self, event: TrackList.Chosen) -> None:
        """Open the chosen track."""
        self.segue.go(TrackPlace((event.row,)))


class NowPlaying(SegueWidget):
    """The track that plays, and how far it is."""

    playing: reactive[Playing | None] = reactive(None)
    position: reactive[float] = reactive(0.0)
    radio: reactive[Radio] = reactive(Radio)
    taste: reactive[Taste] = reactive(Taste)

    @property
    def _length(self) -> int:
        """The cells of the progress."""
        return max(self.size.width - 14, 10)

    def on_click(self, event: events.Click) -> None:
        """Go on where the progress was clicked."""
        playing = self.playing
        if playing is not None and event.y == PROGRESS_LINE and event.x < self._length:
            self.segue.seek_to(event.x / self._length * playing.duration)

    def render(self) -> RenderResult:
        """Draw title, artist, progress and credit."""
        app, playing = self.segue, self.playing
        if playing is None:
            word = PLANNING if self.radio.on else "Nothing plays."
            if self.radio.paused:
                word = "The radio waits; P resumes it."
            return Content.assemble((word, "bold"), "\n", (OFF if not self.radio.on else "", "$quiet"))
        info = app.tracks.info(playing.row) if playing.row is not None else None
        title, artist = (info.title or info.track_id, info.artist) if info else (playing.label, "")
        sign = app.glyphs.paused if playing.paused else app.glyphs.playing
        loved = f"  {app.glyphs.love}" if playing.row in self.taste.loved else ""
        length = self._length
        share = min(self.position / playing.duration, 1.0) if playing.duration else 0.0
        if any(playing.envelope):
            drawn = waveform(playing.envelope, length, app.glyphs)
            done, rest = drawn[: round(share * length)], drawn[round(share * length) :]
        else:
            done = bar(share, length, app.glyphs).rstrip()
            rest = app.glyphs.rest * (length - len(done))
        times = f"  {clock(self.position)}/{clock(playing.duration)}"
        credit = "  ".join(printable(word) for word in (playing.credit, playing.link, playing.note) if word)
        by = playing.reason if playing.by == "radio" else "a single track; the radio waits"
        why = f"  {printable(by)}" if self.radio.on else ""
        return Content("\n").join([
            Content.assemble((f"{sign} ", "$accent"), (printable(title), "bold"), (loved, "$error")),
            Content.assemble("  ", printable(artist), (why, "$faint")),
            Content.assemble((done, "$accent"), (rest, "$line"), (times, "$quiet")),
            Content.styled(f"  {credit}", "$faint"),
        ])  # fmt: skip


class Knobs(SegueWidget):
    """How the radio is steered, with the keys that steer."""

    radio: reactive[Radio] = reactive(Radio)
    radio_dials: reactive[Dials] = reactive(Dials)

    def render(self) -> RenderResult:
        """Draw a line a dial."""
        radio, dials = self.radio, self.radio_dials
        seed = self.segue.tracks.info(radio.seed).label if radio.seed is not None and radio.on else "none"
        walk = radio.mode == "walk"
        return Content("\n").join([
            Content.styled("Steering", "bold $quiet"),
            self._words("W", "mode", "random walk" if walk else "steered"),
            self._words("=", "seed", seed),
            self._scale("< >", "farther", radio.distance / 6, str(radio.distance)),
            self._scale("{ }", "drift", radio.drift, f"{radio.drift:.0%}"),
            self._words("F", "familiarity", dials.familiarity),
            self._words("U", "unheard", "only" if dials.unheard else "or not"),
            self._words("V", "guard", "on" if dials.variety else "off"),
            *([Content.styled("in walk mode only W applies", "$faint")] if walk else []),
        ])  # fmt: skip

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


class Remarks(SegueWidget):
    """What was skipped, and why."""

    radio: reactive[Radio] = reactive(Radio)

    def render(self) -> RenderResult:
        """Draw the latest remarks."""
        remarks = self.radio.remarks
        if not remarks:
            return Content("")
        lines = [
            Content.styled(printable(remark), "$faint") for remark in remarks[: max(self.size.height - 1, 1)]
        ]
        return Content("\n").join([Content.styled("Remarks", "bold $quiet"), *lines])
