"""The lines above and below the list of the present place."""

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive

from segue.core.text import printable
from segue.core.tracks import TrackInfo
from segue.tui.panes.base import SegueWidget
from segue.tui.walk import KINDS, Place
from segue.tui.widgets.cells import fit
from segue.tui.widgets.spots import Spots


class Breadcrumb(Spots):
    """The last hops of the walk. A click goes back to one."""

    def on_mount(self) -> None:
        """Follow the walk."""
        self.watch(self.segue, "walk", self._follow, init=False)

    def _follow(self) -> None:
        self.refresh()

    def render(self) -> RenderResult:
        """Draw as many of the last hops as fit, the present one last."""
        walk, dots = self.segue.walk, self.segue.glyphs.ellipsis
        hop = f" {self.segue.glyphs.hop} "
        ahead = len(walk.hops) - 1 - walk.at
        tail = f"{hop}{ahead} ahead" if ahead else ""
        room = self.size.width - 6 - len(tail)
        shown: list[tuple[int, str]] = []
        for number, place in reversed(walk.trail()):
            name = fit(self._named(place), 28, dots).rstrip()
            room -= cell_len(name) + (len(hop) if shown else 0)
            if room < 0 and shown:
                break
            shown.insert(0, (number, name))
        self.forget_spots()
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

    def _named(self, place: Place) -> str:
        return place_name(place, self.segue.tracks.info(place.rows[0]) if place.rows else None)


def place_name(place: Place, first: TrackInfo | None) -> str:
    """Name a place in a few words; `first` is its first track."""
    word = KINDS[place.kind]
    if place.name or first is None:
        return printable(place.name or word)
    named = {"track": first.title or first.track_id, "artist": first.artist, "album": first.album}
    return printable(named.get(place.kind, "")) or word


HEED_DIALS = frozenset({"track", "blend", "playlist", "path"})
"""The kinds of places whose lists the dials shape."""


class PlaceHead(SegueWidget):
    """What the list is, and the dials that shape it."""

    def on_mount(self) -> None:
        """Follow the list and the dials."""
        for name in ("listing", "dials"):
            self.watch(self.segue, name, self._follow, init=False)

    def _follow(self) -> None:
        self.refresh()

    def render(self) -> RenderResult:
        """Draw the title on the left, and on the right the dials, where they shape the list."""
        dots, width = self.segue.glyphs.ellipsis, max(self.size.width - 3, 0)
        heeded = self.segue.walk.here.kind in HEED_DIALS
        dials = self.segue.dials.told() if heeded else ""
        if cell_len(dials) > width // 2:
            dials = fit(dials, width // 2, dots).rstrip()
        title = fit(self.segue.listing.title, width - cell_len(dials), dots)
        return Content.assemble((f" {title} ", "bold"), (f"{dials} ", "$faint"))


class FinderHead(SegueWidget):
    """What was searched for, and how much was found."""

    words: reactive[str] = reactive("Most played")

    def update_for(self, query: str, found: int) -> None:
        """Say how much was found."""
        if not query.strip():
            self.words = "All tracks, the most played first"
        else:
            self.words = f"{found} found" if found < 200 else "The first 200; more letters narrow it"

    def render(self) -> RenderResult:
        """Draw the line."""
        return Content.styled(f" {self.words}", "$quiet")


class Summary(SegueWidget):
    """What the list leaves out, or what is being found in it."""

    note: reactive[str] = reactive("")

    def on_mount(self) -> None:
        """Follow the list."""
        self.watch(self.segue, "listing", self._follow, init=False)

    def _follow(self) -> None:
        self.refresh()

    def render(self) -> RenderResult:
        """Draw the line."""
        text, dots = self.note or self.segue.listing.summary, self.segue.glyphs.ellipsis
        return Content.styled(
            f" {fit(text, self.size.width - 2, dots)}", "$accent" if self.note else "$faint"
        )
