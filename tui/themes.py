"""The colours.

Each has a second sign (a letter, a shape, bold), so that none is needed to read the screen.
"""

from dataclasses import replace

from textual.theme import BUILTIN_THEMES, Theme


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
            "input-selection-background": colours["cursor"],
            "footer-background": colours["background"],
            "block-cursor-background": colours["primary"],
            "block-cursor-foreground": colours["background"],
            "block-cursor-text-style": "none",
            "scrollbar": colours["line"],
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
        "quiet": "#8f98a8", "faint": "#646d7c", "line": "#2d323c",
        "cursor": "#262d3a", "cursor-blurred": "#1d2129",
        "primary": "#8fb3e8", "accent": "#e6b873", "error": "#e88388", "success": "#9cc99a",
    },
)  # fmt: skip
LIGHT = _theme(
    "segue-light",
    {
        "background": "#faf8f4", "surface": "#f3f0ea", "panel": "#ebe7df", "foreground": "#2b2d33",
        "quiet": "#666a74", "faint": "#8b8e96", "line": "#dcd7cc",
        "cursor": "#e3e6ee", "cursor-blurred": "#f0ede6",
        "primary": "#2f5f9e", "accent": "#96600f", "error": "#b03a40", "success": "#3f7a3f",
    },
    dark=False,
)  # fmt: skip
CONTRAST = _theme(
    "segue-contrast",
    {
        "background": "#000000", "surface": "#000000", "panel": "#000000", "foreground": "#ffffff",
        "quiet": "#ffffff", "faint": "#d0d0d0", "line": "#ffffff",
        "cursor": "#00409a", "cursor-blurred": "#303030",
        "primary": "#66ccff", "accent": "#ffff00", "error": "#ff8080", "success": "#80ff80",
    },
)  # fmt: skip
ANSI = replace(
    BUILTIN_THEMES["ansi-dark"],
    name="segue-ansi",
    accent="ansi_yellow",
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "quiet": "ansi_default", "faint": "ansi_bright_black", "line": "ansi_bright_black",
        "cursor": "ansi_default", "cursor-blurred": "ansi_default",
        "footer-background": "ansi_default",
    },
)  # fmt: skip
"""The terminal's own 16 colours. The cursor's row is reversed there."""
THEMES = (DARK, LIGHT, CONTRAST, ANSI)
