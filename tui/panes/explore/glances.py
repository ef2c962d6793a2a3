"""The radio and the scores at a glance, beside the list."""

from textual.app import RenderResult
from textual.content import Content

from core.text import printable
from tui.panes.base import SegueWidget
from tui.widgets.cells import bar, fit


class RadioGlance(SegueWidget):
    """The radio's next tracks."""

    def on_mount(self) -> None:
        """Follow the radio."""
        self.watch(self.segue, "radio", self._follow, init=False)

    def _follow(self) -> None:
        self.refresh(layout=True)

    def render(self) -> RenderResult:
        """Draw a line a track, with the reason below where there is room."""
        radio, app = self.segue.radio, self.segue
        width, dots = max(self.size.width, 10), app.glyphs.ellipsis
        head = Content.styled("Radio", "bold $quiet")
        if not radio.on:
            return Content("\n").join([head, Content.styled("off; r starts one from here", "$faint")])
        if not radio.upcoming:
            return Content("\n").join([head, Content.styled("planning …", "$faint")])
        lines = [head]
        for number, planned in enumerate(radio.upcoming, 1):
            label = printable(app.tracks.info(planned.row).label)
            lines.append(Content.assemble((f"{number} ", "$faint"), fit(label, width - 2, dots)))
            if self.size.width >= 34:
                lines.append(Content.styled(f"  {fit(printable(planned.reason), width - 2, dots)}", "$faint"))
        return Content("\n").join(lines)


class ScoreGlance(SegueWidget):
    """How well the library predicts the next track, against the baselines."""

    def render(self) -> RenderResult:
        """Draw hit@10 of each ranker that was scored."""
        scores = headline(self.segue.library.manifest.scores)
        head = Content.assemble(("Metrics", "bold $quiet"), ("  hit@10", "$faint"))
        if not scores:
            advice = f"not scored yet: segue evaluate --library {printable(self.segue.library.name)}"
            return Content("\n").join([head, Content.styled(advice, "$faint")])
        best = max(scores.values()) or 1.0
        lines, room = [head], max(self.size.width - 20, 2)
        for name, score in sorted(scores.items(), key=lambda item: -item[1])[:4]:
            drawn = bar(score / best, min(room, 10), self.segue.glyphs)
            lines.append(Content.assemble((fit(name, 13), "$quiet"), (drawn, "$primary"), f" {score:.3f}"))
        return Content("\n").join(lines)


def headline(scores: dict[str, object]) -> dict[str, float]:
    """Give each ranker's hit@10 of the manifest's scores."""
    found: dict[str, float] = {}
    for name, value in scores.items():
        figure = value.get("hit@10") if isinstance(value, dict) else value
        if isinstance(figure, int | float):
            found[name] = float(figure)
    return found
