"""The lines around the list of the present place, and the radio and scores in short beside it."""

from collections.abc import Mapping
from typing import Any

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive

from segue.core.text import printable
from segue.tui.model.listing import Listing
from segue.tui.model.values import Dials, Radio
from segue.tui.model.walk import Walk
from segue.tui.widgets.base import ClickableLine, SegueWidget
from segue.tui.widgets.cells import bar, fit

NARROWEST = 12
"""Cells that the name of a list needs beside what orders it."""


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

    def render(self) -> RenderResult:
        """Draw a line a track, with the reason below where there is room."""
        radio, app = self.radio, self.segue
        width, dots = max(self.size.width, 10), app.glyphs.ellipsis
        head = Content.styled("Radio", "bold $quiet")
        if not radio.on:
            return Content("\n").join([head, Content.styled("off; r starts it from here", "$faint")])
        if not radio.upcoming:
            return Content("\n").join([head, Content.styled("planning …", "$faint")])
        lines = [head]
        for number, planned in enumerate(radio.upcoming, 1):
            label = printable(app.tracks.info(planned.row).label)
            lines.append(Content.assemble((f"{number} ", "$faint"), fit(label, width - 2, dots)))
            if self.size.width >= 34:
                lines.append(Content.styled(f"  {fit(printable(planned.reason), width - 2, dots)}", "$faint"))
        return Content("\n").join(lines)


class ScoreSummary(SegueWidget):
    """How well the library predicts the next track, next to the baselines."""

    being_scored: reactive[bool] = reactive(False, layout=True)
    """Whether another process is scoring the library."""

    def on_mount(self) -> None:
        """Find out whether scores are to come, once the first frame is drawn."""
        library = self.segue.library
        if not headline(library.manifest.scores) and library.knows_plays:
            self.call_after_refresh(self._look_for_scoring)

    def _look_for_scoring(self) -> None:
        library = self.segue.library

        def job() -> bool:
            from segue.core.evaluation import is_being_scored  # 60 ms

            return is_being_scored(library)

        def show(being_scored: bool) -> None:
            self.being_scored = being_scored

        self.work("being-scored", job, show, what="Looking for scores")

    def render(self) -> RenderResult:
        """Draw hit@10 of each ranker that was scored."""
        scores = headline(self.segue.library.manifest.scores)
        head = Content.assemble(("Metrics", "bold $quiet"), ("  hit@10", "$faint"))
        if not scores:
            if not self.segue.library.knows_plays:
                advice = "no scores: the vectors came without playlists"
            elif self.being_scored:
                advice = "its scores are being computed"
            else:
                advice = f"not scored yet: segue evaluate --library {printable(str(self.segue.library.path))}"
            return Content("\n").join([head, Content.styled(advice, "$faint")])
        best = max(scores.values()) or 1.0
        lines, room = [head], max(self.size.width - 20, 2)
        for name, score in sorted(scores.items(), key=lambda item: -item[1])[:4]:
            drawn = bar(score / best, min(room, 10), self.segue.glyphs)
            lines.append(Content.assemble((fit(name, 13), "$quiet"), (drawn, "$primary"), f" {score:.3f}"))
        return Content("\n").join(lines)


def _ends(text: str, style: str, place: str, width: int, dots: str) -> Content:
    """Draw a text on the left, and the place of a cursor on the right."""
    room = width - 2 - (len(place) + 2 if place else 0)
    return Content.assemble((f" {fit(text, room, dots)}", style), (f"  {place} " if place else "", "$faint"))


def headline(scores: Mapping[str, Any]) -> dict[str, float]:
    """Return each ranker's hit@10 on the validation pairs, from the scores of a manifest."""
    rankers = scores.get("validation", {})
    return {name: float(values["hit@10"]) for name, values in rankers.items() if "hit@10" in values}
