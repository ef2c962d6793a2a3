"""Radio: what plays, the next five with reasons, how it is steered, and what was heard."""

from textual import events
from textual.app import ComposeResult, RenderResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from segue.core.text import printable
from segue.tui.listing import Listing
from segue.tui.look import look
from segue.tui.messages import PlaceListed
from segue.tui.panes.base import BaseView, SegueWidget, style_beside
from segue.tui.values import Radio
from segue.tui.walk import Place
from segue.tui.widgets.cells import bar, clock, fit
from segue.tui.widgets.track_list import TrackList

OFF = "The radio is off. Go to Explore with F2, choose a track and press r."
PLANNING = "Planning the next tracks."


class RadioView(BaseView):
    """The radio."""

    DEFAULT_CSS = style_beside(__file__)

    def compose(self) -> ComposeResult:
        """Lay what plays over what comes and what was, with the dials beside."""
        yield NowPlaying(id="now")
        with Horizontal(id="halves"):
            with Vertical(id="lists"):
                yield Static("Next", classes="head")
                yield self._list("upcoming", numbered=True)
                yield Static(id="why", markup=False)
                yield Static("Heard", classes="head")
                yield self._list("heard")
            with Vertical(id="desk"):
                yield Knobs(id="knobs")
                yield Remarks(id="remarks")

    def on_mount(self) -> None:
        """Follow the radio and the journal."""
        self.watch(self.segue, "radio", self._show_plan)
        self.watch(self.segue, "taste", self._read_journal, init=False)

    def on_resize(self, event: events.Resize) -> None:
        """Take the layout that fits the width."""
        self.set_class(event.size.width < 100, "narrow")

    def _list(self, name: str, *, numbered: bool = False) -> TrackList:
        app = self.segue
        return TrackList(
            app.tracks,
            sign=app.desk.taste.sign,
            glyphs=app.glyphs,
            numbered=numbered,
            long_notes=numbered,
            id=name,
        )

    def focus_first(self) -> None:
        """Give the focus to what comes next."""
        self.query_one("#upcoming").focus()

    def current_row(self) -> int | None:
        """Give the track under the cursor of the list of what comes next."""
        return self.query_one("#upcoming", TrackList).row

    def _show_plan(self, radio: Radio) -> None:
        tracks = self.query_one("#upcoming", TrackList)
        rows = [planned.row for planned in radio.upcoming]
        listing = Listing(
            rows,
            [planned.similarity for planned in radio.upcoming],
            {at: planned.reason for at, planned in enumerate(radio.upcoming)},
            empty=PLANNING if radio.on else OFF,
        )
        same = bool(rows) and rows == tracks.listing.rows
        tracks.show(listing, tracks.cursor if same else 0)

    def opened(self) -> None:
        """Show what was heard until now."""
        self._read_journal()

    def _read_journal(self) -> None:
        place, question = Place("journal"), self.segue.question()
        self.segue.work(
            "journal", lambda: PlaceListed(place, look(place, question)), what="The journal", to=self
        )

    def on_place_listed(self, message: PlaceListed) -> None:
        """Show the journal."""
        message.stop()
        tracks = self.query_one("#heard", TrackList)
        tracks.show(message.listing, tracks.cursor)

    def on_track_list_moved(self, event: TrackList.Moved) -> None:
        """Say why the track under the cursor comes; let the sound follow, when audition is on."""
        if event.tracks.id == "upcoming":
            why = event.tracks.listing.notes.get(event.tracks.cursor, "")
            self.query_one("#why", Static).update(printable(why))
        if event.tracks.has_focus:
            self.segue.desk.sound.rested(event.row)

    def on_track_list_chosen(self, event: TrackList.Chosen) -> None:
        """Go to the chosen track."""
        self.segue.desk.walk.go(Place("track", (event.row,)))


class NowPlaying(SegueWidget):
    """The track that plays, and how far it is."""

    def on_mount(self) -> None:
        """Follow the sound."""
        for name in ("playing", "position", "radio", "taste"):
            self.watch(self.segue, name, self._follow, init=False)

    def _follow(self) -> None:
        self.refresh()

    def render(self) -> RenderResult:
        """Draw title, artist, progress and credit."""
        app, playing, width = self.segue, self.segue.playing, max(self.size.width, 20)
        if playing is None:
            word = (
                "The radio waits; P goes on."
                if app.radio.paused
                else PLANNING
                if app.radio.on
                else "Silence."
            )
            return Content.assemble((word, "bold"), "\n", (OFF if not app.radio.on else "", "$quiet"))
        info = app.tracks.info(playing.row) if playing.row is not None else None
        title, artist = (info.title or info.track_id, info.artist) if info else (playing.label, "")
        sign = app.glyphs.paused if playing.paused else app.glyphs.playing
        loved = f"  {app.glyphs.love}" if playing.row in app.taste.loved else ""
        length = max(width - 14, 10)
        done = bar(app.position / playing.duration if playing.duration else 0.0, length, app.glyphs).rstrip()
        rest = app.glyphs.rest * (length - len(done))
        times = f"  {clock(app.position)}/{clock(playing.duration)}"
        credit = "  ".join(printable(word) for word in (playing.credit, playing.link, playing.note) if word)
        by = "" if playing.by == "radio" else "heard alone; the radio waits"
        return Content("\n").join([
            Content.assemble((f"{sign} ", "$accent"), (printable(title), "bold"), (loved, "$error")),
            Content.assemble("  ", printable(artist), (f"  {by}" if app.radio.on else "", "$faint")),
            Content.assemble((done, "$accent"), (rest, "$line"), (times, "$quiet")),
            Content.styled(f"  {credit}", "$faint"),
        ])  # fmt: skip


class Knobs(SegueWidget):
    """How the radio is steered, with the keys that steer."""

    def on_mount(self) -> None:
        """Follow the radio and the dials."""
        for name in ("radio", "dials"):
            self.watch(self.segue, name, self._follow, init=False)

    def _follow(self) -> None:
        self.refresh()

    def render(self) -> RenderResult:
        """Draw a line a dial."""
        radio, dials = self.segue.radio, self.segue.dials
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
            *([Content.styled("the walk heeds only W", "$faint")] if walk else []),
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

    def on_mount(self) -> None:
        """Follow the radio."""
        self.watch(self.segue, "radio", self._follow, init=False)

    def _follow(self) -> None:
        self.refresh()

    def render(self) -> RenderResult:
        """Draw the latest remarks."""
        remarks = self.segue.radio.remarks
        if not remarks:
            return Content("")
        lines = [
            Content.styled(printable(remark), "$faint") for remark in remarks[: max(self.size.height - 1, 1)]
        ]
        return Content("\n").join([Content.styled("Remarks", "bold $quiet"), *lines])
