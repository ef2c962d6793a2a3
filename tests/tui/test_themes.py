"""The colours: every text can be read on every ground, in every theme."""

from itertools import combinations

import pytest
from textual.color import Color
from textual.theme import Theme

from segue.tui.model.settings import Settings
from segue.tui.themes import ANSI, THEMES

TEXT = ("quiet", "faint")
GROUNDS = ("cursor", "cursor-blurred")
XTERM = {
    "ansi_default": "#e5e5e5", "ansi_black": "#000000", "ansi_bright_black": "#7f7f7f",
    "ansi_bright_cyan": "#00ffff", "ansi_bright_yellow": "#ffff00", "ansi_bright_red": "#ff0000",
    "ansi_bright_green": "#00ff00", "ansi_blue": "#0000ee", "ansi_bright_blue": "#5c5cff",
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


def test_the_16_colours_can_be_read_on_black() -> None:
    for name, colour in texts(ANSI).items():
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
