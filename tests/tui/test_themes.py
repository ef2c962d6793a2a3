"""The colours: every text can be read on every ground, in every theme."""

from itertools import combinations

import pytest
from rich.color import Color as RichColor
from textual.color import Color
from textual.theme import Theme

from segue.core.library import Library
from segue.tui.controllers.views import VIEWS
from segue.tui.model.settings import Settings
from segue.tui.panes.map.frame import MOST
from segue.tui.themes import ANSI, THEMES
from tests.tui.support import Stage, make_stage, settle

TEXT = ("quiet", "faint")
GROUNDS = ("cursor", "cursor-blurred")
XTERM = {
    "ansi_default": "#e5e5e5", "ansi_black": "#000000", "ansi_bright_black": "#7f7f7f",
    "ansi_bright_cyan": "#00ffff", "ansi_bright_yellow": "#ffff00", "ansi_bright_red": "#ff0000",
    "ansi_bright_green": "#00ff00", "ansi_green": "#00cd00", "ansi_cyan": "#00cdcd",
    "ansi_bright_magenta": "#ff00ff", "ansi_bright_white": "#ffffff",
    "ansi_blue": "#0000ee", "ansi_bright_blue": "#5c5cff",
}  # fmt: skip
"""The colours of xterm by name; its text stands on black."""


def contrast(one: str, other: str) -> float:
    """WCAG's contrast of two colours, from 1 to 21, computed here and by nothing of Textual's."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def texts(theme: Theme) -> dict[str, str]:
    named = {
        "foreground": theme.foreground,
        "primary": theme.primary,
        "accent": theme.accent,
        "error": theme.error,
        "success": theme.success,
        **{name: theme.variables[name] for name in TEXT},
    }
    return {name: str(colour) for name, colour in named.items()}


OWN = [theme for theme in THEMES if theme is not ANSI]


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
def test_every_text_can_be_read_on_every_ground(theme: Theme) -> None:
    grounds = [theme.background, theme.surface, theme.panel, *(theme.variables[name] for name in GROUNDS)]
    for name, colour in texts(theme).items():
        for ground in grounds:
            assert contrast(colour, str(ground)) >= 4.5, f"{name} on {ground}"


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
def test_the_names_of_regions_can_be_read_on_the_map_and_their_dots_and_scrollbars_seen_anywhere(
    theme: Theme,
) -> None:
    grounds = [theme.background, theme.surface, theme.panel, *(theme.variables[name] for name in GROUNDS)]
    for number in range(MOST):
        hue = theme.variables[f"region-{number}"]
        assert contrast(hue, str(theme.background)) >= 4.5, f"region {number}"
        for ground in grounds:
            assert contrast(hue, str(ground)) >= 3, f"region {number} on {ground}"
    for name in ("scrollbar", "scrollbar-hover", "scrollbar-active"):
        assert (
            contrast(theme.variables[name], theme.variables[f"{name.replace('bar', 'bar-background')}"]) >= 3
        )


async def test_every_style_of_every_list_has_a_colour_that_was_checked(stage: Stage) -> None:
    """Each sign and text of lists and of the map, as drawn on the row under the cursor and beside it."""
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        for view in ("map", "metrics", "radio"):
            stage.app.controllers.views.show(view)
            await settle(pilot)
        for theme in OWN:
            stage.app.theme = theme.name
            await settle(pilot)
            lists = [each for view in VIEWS for each in stage.app.query(f"#{view} *")]
            drawn = {
                (type(widget).__name__, name): widget.get_component_rich_style(name)
                for widget in lists
                for name in widget._get_component_classes()
                if name.startswith(("line--", "map--"))
            }
            assert len(drawn) > 30
            over = {hex_of(style.bgcolor) for (_, name), style in drawn.items() if "--cursor" in name}
            for (widget, name), style in drawn.items():
                if style.color is None or "--cursor" in name:
                    continue
                of_map = name.startswith("map--")
                grounds = {hex_of(style.bgcolor)} if of_map else {str(theme.background), *over}
                worst = min(contrast(hex_of(style.color), ground) for ground in grounds)
                least = 3 if "region" in name or "sign" in name else 4.5
                assert worst >= least, f"{name} of {widget} in {theme.name}"


def hex_of(colour: RichColor | None) -> str:
    assert colour is not None
    return colour.get_truecolor().hex


def test_the_16_colours_can_be_read_on_black() -> None:
    regions = {f"region-{number}": str(ANSI.variables[f"region-{number}"]) for number in range(MOST)}
    for name, colour in {**texts(ANSI), **regions}.items():
        assert contrast(XTERM[colour], "#000000") >= 4.5, name


def test_the_themes_are_eight_and_really_different() -> None:
    assert len(THEMES) == 8
    assert {theme.name for theme in THEMES} == set(Settings.__annotations__["theme"].__args__)
    assert any(not theme.dark for theme in THEMES)
    for one, other in combinations(OWN, 2):
        far = [distance(one.background, other.background), distance(one.primary, other.primary)]
        assert max(far) > 25, f"{one.name} and {other.name}"


def distance(one: str | None, other: str | None) -> float:
    pairs = zip(Color.parse(str(one)).rgb, Color.parse(str(other)).rgb, strict=True)
    return float(sum((a - b) ** 2 for a, b in pairs) ** 0.5)


def test_the_states_of_a_track_have_a_hue_each() -> None:
    for theme in THEMES:
        assert len({theme.error, theme.success, theme.variables["faint"], theme.accent}) == 4


@pytest.mark.parametrize(
    ("term", "colorterm", "theme"),
    [
        ("screen", "", "segue-ansi"), ("linux", "", "segue-ansi"), ("xterm", "", "segue-ansi"),
        ("screen-256color", "", "segue-dark"), ("xterm-kitty", "", "segue-dark"),
        ("screen", "truecolor", "segue-dark"),
    ],
)  # fmt: skip
def test_16_colours_get_those_of_the_terminal_unless_another_theme_was_chosen(
    small_library: Library, monkeypatch: pytest.MonkeyPatch, term: str, colorterm: str, theme: str
) -> None:
    """Ours would be rounded to greys there, and the accent to white."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLORTERM", colorterm)
    assert make_stage(small_library).app.theme == theme
    chosen = Settings(theme="segue-contrast")
    assert make_stage(small_library, settings=chosen).app.theme == "segue-contrast"
