"""How the radio is steered: every knob with its keys, its value, and what that value does."""

from textual.app import RenderResult
from textual.content import Content
from textual.reactive import reactive

from segue.core.text import printable
from segue.tui.model.values import Dials, Radio
from segue.tui.widgets.base import SegueWidget
from segue.tui.widgets.cells import bar, fit, wrapped

FAMILIARITY = {
    "any": "known and unknown tracks alike",
    "familiar": "rather much played tracks",
    "mixed": "neither hits nor rarities",
    "deep": "rather seldom played tracks",
}
STEP = 10
"""Tracks a radio draws from: a step of the distance passes over them, the next over twice as many."""


class Knobs(SegueWidget):
    """The radio's knobs, explained where there is room."""

    radio: reactive[Radio] = reactive(Radio)
    radio_dials: reactive[Dials] = reactive(Dials)

    def render(self) -> RenderResult:
        """Draw two lines a knob, or one where the pane is low."""
        radio, dials = self.radio, self.radio_dials
        seed = self.segue.tracks.info(radio.seed).label if radio.seed is not None and radio.on else "none"
        walk = radio.mode == "walk"
        passed = STEP * (2**radio.distance - 1)
        knobs = [
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
        explained = self.size.height > 2 * len(knobs)
        lines = [Content.styled("How the radio is steered", "bold $quiet")]
        for line, meaning in knobs:
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
