"""The lines around the list of the present place; beside it the radio, and what lies ahead, in short."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive

from segue.core.text import printable
from segue.tui.model.glyphs import fit
from segue.tui.model.listing import Listing
from segue.tui.model.values import Dials, Radio
from segue.tui.model.walk import Walk
from segue.tui.widgets.base import ClickableLine, SegueWidget

NARROWEST = 12
"""Cells that the name of a list needs beside what orders it."""
WITH_ARTISTS = 34
"""Cells from which on what lies ahead is listed with its artists."""


class Breadcrumb(ClickableLine):
    """The last hops of the walk. A click goes back to one."""

    walk: reactive[Walk] = reactive(Walk)

    def render(self) -> RenderResult:
        """Draw as many of the last hops as fit, the present one last."""
        walk, dots = self.walk, self.segue.glyphs.ellipsis
        hop = f" {self.segue.glyphs.hop} "
        ahead = len(walk.hops) - 1 - walk.at
        tail = f"{hop}{ahead} ahead" if ahead else ""
        room = self.size.width - 6 - len(tail)
        shown: list[tuple[int, str]] = []
        for number, place in reversed(walk.trail()):
            name = fit(place.short_name(self.segue.tracks), 28, dots).rstrip()
            room -= cell_len(name) + (len(hop) if shown else 0)
            if room < 0 and shown:
                break
            shown.insert(0, (number, name))
        lacks_room = shown and shown[0][0] > 0  # for earlier hops
        pieces = [(Content.styled(f" {dots}{hop}" if lacks_room else " ", "$faint"), "")]
        for number, name in shown:
            if len(pieces) > 1:
                pieces.append((Content.styled(hop, "$line"), ""))
            style = "$foreground" if number == walk.at else "$faint"
            pieces.append((Content.styled(name, style), f"app.jump({number})"))
        return self.joined([*pieces, (Content.styled(tail, "$faint"), "")])


class PlaceHeader(SegueWidget):
    """What the list is and what orders it, as a sentence, and the dials that shape it."""

    listing: reactive[Listing] = reactive(Listing)
    dials: reactive[Dials] = reactive(Dials)
    walk: reactive[Walk] = reactive(Walk)

    def render(self) -> RenderResult:
        """Draw the title on the left, and on the right the dials, where they shape the list."""
        dots, width = self.segue.glyphs.ellipsis, max(self.size.width - 3, 0)
        dials = self.dials.describe() if self.walk.here.has_dials else ""
        if cell_len(dials) > width // 2:
            dials = fit(dials, width // 2, dots).rstrip()
        room = width - cell_len(dials)
        order = self.listing.order if cell_len(self.listing.order) + NARROWEST <= room else ""
        title = fit(self.listing.title, room - cell_len(order), dots).rstrip()
        rest = " " * (room - cell_len(title) - cell_len(order))
        return Content.assemble((f" {title}", "bold"), (f"{order}{rest} ", "$quiet"), (f"{dials} ", "$faint"))


class SearchHeader(SegueWidget):
    """How many tracks a search found."""

    words: reactive[str] = reactive("Most played")
    place: reactive[str] = reactive("")

    def update_for(self, query: str, found: int) -> None:
        """Show how many tracks were found."""
        if not query.strip():
            self.words = "All tracks, the most played first"
        else:
            self.words = f"{found} found" if found < 200 else "The first 200; type more to narrow it down"

    def render(self) -> RenderResult:
        """Draw the line."""
        return _ends(self.words, "$quiet", self.place, self.size.width, self.segue.glyphs.ellipsis)


class ListSummary(SegueWidget):
    """What the list hides, or the matches in it, and where in the list the cursor is."""

    note: reactive[str] = reactive("")
    place: reactive[str] = reactive("")

    listing: reactive[Listing] = reactive(Listing)

    def render(self) -> RenderResult:
        """Draw the line."""
        text, style = self.note or self.listing.summary, "$accent" if self.note else "$faint"
        return _ends(text, style, self.place, self.size.width, self.segue.glyphs.ellipsis)


class RadioSummary(SegueWidget):
    """The radio's next tracks."""

    radio: reactive[Radio] = reactive(Radio, layout=True)

    def watch_radio(self, radio: Radio) -> None:
        """Take no room while there is no radio."""
        self.display = radio.on

    def render(self) -> RenderResult:
        """Draw one line per track, with the reason below where there is room."""
        radio, app = self.radio, self.segue
        width, dots = max(self.size.width, 10), app.glyphs.ellipsis
        head = Content.styled("Radio", "bold $quiet")
        if not radio.upcoming:
            return Content("\n").join([head, Content.styled("planning …", "$faint")])
        lines = [head]
        for number, planned in enumerate(radio.upcoming, 1):
            label = printable(app.tracks.info(planned.row).label)
            lines.append(Content.assemble((f"{number} ", "$faint"), fit(label, width - 2, dots)))
            if self.size.width >= 34:
                lines.append(Content.styled(f"  {fit(printable(planned.reason), width - 2, dots)}", "$faint"))
        return Content("\n").join(lines)


class Ahead(SegueWidget):
    """What is close to the track under the cursor: the list that Enter leads to, in short."""

    rows: reactive[Sequence[int]] = reactive(())

    def render(self) -> RenderResult:
        """Draw one line per track, as many as there is room for."""
        if not self.rows:
            return Content("")
        width, height = self.size
        infos, dots = self.segue.tracks.infos(self.rows[: height - 1]), self.segue.glyphs.ellipsis
        title = round(width * 0.6) if width >= WITH_ARTISTS else width
        lines = [Content.styled("Close to it", "bold $quiet")]
        for info in infos:
            name = fit(printable(info.title or info.track_id), title, dots)
            artist = fit(printable(info.artist), width - title - 1, dots)
            artist = f" {artist}" if title < width else ""
            lines.append(Content.assemble((name, "$quiet"), (artist, "$faint")))
        return Content("\n").join(lines)


def _ends(text: str, style: str, place: str, width: int, dots: str) -> Content:
    """Draw a text on the left, and the place of a cursor on the right."""
    room = width - 2 - (len(place) + 2 if place else 0)
    return Content.assemble((f" {fit(text, room, dots)}", style), (f"  {place} " if place else "", "$faint"))
