"""The colours.

Each has a second sign (a letter, a shape, bold), so that none is needed to read the screen. Every text has a
contrast of 4.5 to 1 on every ground, and every sign, hue of the map and scrollbar one of 3 to 1 (WCAG AA).
Four follow the moods of palettes that terminals are known for, in colours of Segue's own.
"""

from dataclasses import replace

from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

ON_DARK = (
    "#8db5e2", "#e2c38d", "#8de2b8", "#e28db8", "#b08de2", "#c0e28d", "#e2928d", "#8ddae2",
)  # fmt: skip
ON_LIGHT = (
    "#225187", "#73531d", "#1a6841", "#872254", "#4c2287", "#48681a", "#872822", "#1a6169",
)  # fmt: skip
"""The hues of the map's regions."""


def _theme(name: str, colours: dict[str, str], *, dark: bool = True) -> Theme:
    """Make a theme of the colours that Segue's styles use.

    `faint` is for what is seldom read, `quiet` for what comes second, `line` for rules and rests of bars,
    `cursor` for the row under the cursor.
    """
    own = {key: colours[key] for key in ("faint", "quiet", "line", "cursor", "cursor-blurred")}
    return Theme(
        name,
        primary=colours["primary"],
        secondary=colours["quiet"],
        accent=colours["accent"],
        warning=colours["accent"],
        error=colours["error"],
        success=colours["success"],
        foreground=colours["foreground"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["panel"],
        dark=dark,
        variables={
            **own,
            **{f"region-{number}": hue for number, hue in enumerate(ON_DARK if dark else ON_LIGHT)},
            "input-selection-background": colours["cursor"],
            "footer-background": colours["background"],
            "block-cursor-background": colours["primary"],
            "block-cursor-foreground": colours["background"],
            "block-cursor-text-style": "none",
            "box-line": colours["panel" if colours["panel"] != colours["background"] else "line"],
            "scrollbar": Color.parse(colours["line"]).blend(Color.parse(colours["faint"]), 0.7).hex,
            "scrollbar-hover": colours["quiet"],
            "scrollbar-active": colours["primary"],
            "scrollbar-background": colours["background"],
            "scrollbar-background-hover": colours["background"],
            "scrollbar-background-active": colours["background"],
            "scrollbar-corner-color": colours["background"],
        },
    )


DARK = _theme(
    "segue-dark",
    {
        "background": "#14161b", "surface": "#191c22", "panel": "#20242c", "foreground": "#dadee6",
        "quiet": "#a9b2c1", "faint": "#8e96a4", "line": "#2d323c",
        "cursor": "#262d3a", "cursor-blurred": "#1d2129",
        "primary": "#8fb3e8", "accent": "#e6b873", "error": "#e88388", "success": "#9cc99a",
    },
)  # fmt: skip
LIGHT = _theme(
    "segue-light",
    {
        "background": "#faf8f4", "surface": "#f3f0ea", "panel": "#ebe7df", "foreground": "#2b2d33",
        "quiet": "#474b55", "faint": "#60646d", "line": "#dcd7cc",
        "cursor": "#dfe4f0", "cursor-blurred": "#f0ede6",
        "primary": "#2f5f9e", "accent": "#8a560a", "error": "#b03a40", "success": "#2f6f35",
    },
    dark=False,
)  # fmt: skip
CONTRAST = _theme(
    "segue-contrast",
    {
        "background": "#000000", "surface": "#000000", "panel": "#000000", "foreground": "#ffffff",
        "quiet": "#ececec", "faint": "#d0d0d0", "line": "#ffffff",
        "cursor": "#00409a", "cursor-blurred": "#303030",
        "primary": "#66ccff", "accent": "#ffff00", "error": "#ff9898", "success": "#80ff80",
    },
)  # fmt: skip
EARTH = _theme(
    "segue-gruvbox",
    {
        "background": "#1f1b16", "surface": "#26211a", "panel": "#2f2920", "foreground": "#ead9b8",
        "quiet": "#ccbb9b", "faint": "#ab9d82", "line": "#473d2e",
        "cursor": "#3d3325", "cursor-blurred": "#2b251c",
        "primary": "#e0a34a", "accent": "#c4b454", "error": "#ed806a", "success": "#a7b55a",
    },
)  # fmt: skip
FJORD = _theme(
    "segue-nord",
    {
        "background": "#20262f", "surface": "#262d38", "panel": "#2d3542", "foreground": "#dfe6ef",
        "quiet": "#c0cad7", "faint": "#a6b2c0", "line": "#3d4756",
        "cursor": "#384354", "cursor-blurred": "#2b3340",
        "primary": "#86c5d2", "accent": "#e3c07d", "error": "#e39ea5", "success": "#a5c79b",
    },
)  # fmt: skip
PASTEL = _theme(
    "segue-catppuccin",
    {
        "background": "#1c1a2a", "surface": "#232033", "panel": "#2a273d", "foreground": "#dcdcf5",
        "quiet": "#bebddb", "faint": "#9f9ebd", "line": "#3f3b59",
        "cursor": "#37334f", "cursor-blurred": "#28253a",
        "primary": "#c3a8f2", "accent": "#f3c5a0", "error": "#f191ad", "success": "#a5dfb0",
    },
)  # fmt: skip
NIGHT = _theme(
    "segue-dracula",
    {
        "background": "#17141f", "surface": "#1e1a29", "panel": "#252033", "foreground": "#f4f2fb",
        "quiet": "#c6bfdd", "faint": "#a198bf", "line": "#3e3656",
        "cursor": "#372e52", "cursor-blurred": "#241f32",
        "primary": "#ff7ac8", "accent": "#8ff0c5", "error": "#ff7f7f", "success": "#b7f36b",
    },
)  # fmt: skip
ANSI = replace(
    BUILTIN_THEMES["ansi-dark"],
    name="segue-ansi",
    primary="ansi_bright_cyan",
    accent="ansi_bright_yellow",
    warning="ansi_bright_yellow",
    error="ansi_bright_red",
    success="ansi_bright_green",
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "quiet": "ansi_default", "faint": "ansi_default", "line": "ansi_bright_black",
        "cursor": "ansi_default", "cursor-blurred": "ansi_default",
        "footer-background": "ansi_default", "box-line": "ansi_bright_black",
        "scrollbar": "ansi_bright_black", "scrollbar-hover": "ansi_default",
        "scrollbar-active": "ansi_bright_cyan",
        "region-0": "ansi_bright_cyan", "region-1": "ansi_bright_yellow", "region-2": "ansi_bright_green",
        "region-3": "ansi_bright_magenta", "region-4": "ansi_bright_white", "region-5": "ansi_green",
        "region-6": "ansi_bright_red", "region-7": "ansi_cyan",
    },
)  # fmt: skip
"""The terminal's own 16 colours. The cursor's row is reversed there."""
THEMES = (DARK, LIGHT, CONTRAST, EARTH, FJORD, PASTEL, NIGHT, ANSI)
