"""The few signs the explorer draws with, in Unicode and in plain ASCII."""

import locale
from dataclasses import dataclass


@dataclass(frozen=True)
class Glyphs:
    """Every sign is one cell wide, so that columns stay aligned in any terminal."""

    ellipsis: str = "…"
    cursor: str = "▌"
    full: str = "━"
    half: str = "╸"
    rest: str = "─"
    love: str = "♥"
    ban: str = "✕"
    heard: str = "✓"
    playing: str = "▶"
    paused: str = "‖"
    mark: str = "◆"
    silent: str = "○"
    here: str = "●"
    plus: str = "+"
    minus: str = "−"
    hop: str = "›"
    dot: str = "·"
    spark: str = "▁▂▃▄▅▆▇█"

    @property
    def ascii_only(self) -> bool:
        """Whether these are the signs for terminals that have ASCII alone."""
        return self.full.isascii()


UNICODE = Glyphs()
ASCII = Glyphs(
    ellipsis="~",
    cursor="|",
    full="=",
    half="-",
    rest=".",
    love="*",
    ban="x",
    heard="v",
    playing=">",
    paused="=",
    mark="A",
    silent="o",
    here="@",
    plus="+",
    minus="-",
    hop=">",
    dot="-",
    spark="_.-=+*#%",
)


def glyphs_for(choice: str) -> Glyphs:
    """Return the signs for the setting `auto`, `unicode` or `ascii`; `auto` follows the locale's encoding."""
    if choice == "auto":
        choice = (
            "unicode"
            if locale.getpreferredencoding(do_setlocale=False).lower().startswith("utf")
            else "ascii"
        )
    return UNICODE if choice == "unicode" else ASCII
