"""Beside the list: the radio and the scores in short."""

from collections.abc import Mapping
from typing import Any

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive

from segue.core.text import printable
from segue.tui.model.values import Radio
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.cells import bar, fit


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


def headline(scores: Mapping[str, Any]) -> dict[str, float]:
    """Return each ranker's hit@10 on the validation pairs, from the scores of a manifest."""
    rankers = scores.get("validation", {})
    return {name: float(values["hit@10"]) for name, values in rankers.items() if "hit@10" in values}
