"""The lines above and below the list of the present place."""

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive

from segue.tui.model.listing import Listing
from segue.tui.model.values import Dials
from segue.tui.model.walk import Walk
from segue.tui.widgets.base import ClickableLine, SegueWidget
from segue.tui.widgets.cells import fit


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
        self.clear_spots()
        drawn, start = [Content(" ")], 1
        if shown and shown[0][0] > 0:  # earlier hops have no room
            drawn, start = [Content.styled(f" {dots}{hop}", "$faint")], 2 + len(hop)
        for number, name in shown:
            if len(drawn) > 1:
                drawn.append(Content.styled(hop, "$line"))
                start += len(hop)
            self.spot(start, cell_len(name), f"app.jump({number})")
            drawn.append(Content.styled(name, "$foreground" if number == walk.at else "$faint"))
            start += cell_len(name)
        return Content("").join([*drawn, Content.styled(tail, "$faint")])


class PlaceHeader(SegueWidget):
    """What the list is, and the dials that shape it."""

    listing: reactive[Listing] = reactive(Listing)
    dials: reactive[Dials] = reactive(Dials)
    walk: reactive[Walk] = reactive(Walk)

    def render(self) -> RenderResult:
        """Draw the title on the left, and on the right the dials, where they shape the list."""
        dots, width = self.segue.glyphs.ellipsis, max(self.size.width - 3, 0)
        dials = self.dials.describe() if self.walk.here.has_dials else ""
        if cell_len(dials) > width // 2:
            dials = fit(dials, width // 2, dots).rstrip()
        title = fit(self.listing.title, width - cell_len(dials), dots)
        return Content.assemble((f" {title} ", "bold"), (f"{dials} ", "$faint"))


class SearchHeader(SegueWidget):
    """How many tracks a search found."""

    words: reactive[str] = reactive("Most played")

    def update_for(self, query: str, found: int) -> None:
        """Show how many tracks were found."""
        if not query.strip():
            self.words = "All tracks, the most played first"
        else:
            self.words = f"{found} found" if found < 200 else "The first 200; type more to narrow it down"

    def render(self) -> RenderResult:
        """Draw the line."""
        return Content.styled(f" {self.words}", "$quiet")


class ListSummary(SegueWidget):
    """What the list hides, or the matches in it."""

    note: reactive[str] = reactive("")

    listing: reactive[Listing] = reactive(Listing)

    def render(self) -> RenderResult:
        """Draw the line."""
        text, dots = self.note or self.listing.summary, self.segue.glyphs.ellipsis
        return Content.styled(
            f" {fit(text, self.size.width - 2, dots)}", "$accent" if self.note else "$faint"
        )
