"""Bars that say how far they can be trusted."""

from segue.tui.glyphs import Glyphs


def interval_bar(
    mean: float, low: float, high: float, *, top: float, width: int, glyphs: Glyphs
) -> tuple[str, str]:
    """Draw a mean with its interval: thick up to the interval, thin along it, a cross at the mean.

    Parameters
    ----------
    mean, low, high
        The figure and the ends of its interval, 0 or more.
    top
        The figure that fills the whole width.
    width
        Cells.
    glyphs
        The signs to draw with.

    Returns
    -------
    The thick part and the rest, `width` cells together.
    """
    if width < 1 or top <= 0:
        return "", " " * max(width, 0)
    cross = "+" if glyphs.ascii_only else "┼"
    thin = "-" if glyphs.ascii_only else "─"

    def cell(figure: float) -> int:
        return min(round(min(max(figure / top, 0.0), 1.0) * (width - 1)), width - 1)

    begin, middle, end = cell(low), cell(mean), cell(high)
    line = thin * (middle - begin) + cross + thin * (end - middle)
    return glyphs.full * begin, line + " " * (width - begin - len(line))
