"""Finding words within a list."""

from collections.abc import Iterable
from dataclasses import dataclass

from segue.core.text import fold
from segue.core.tracks import TrackInfo


@dataclass(frozen=True)
class Finding:
    """The lines of a list that hold every word of a text."""

    text: str
    lines: tuple[int, ...]

    @classmethod
    def of(cls, text: str, infos: Iterable[TrackInfo]) -> "Finding":
        """Find the words of `text`, without case and accents, in title, artist and album."""
        words = fold(text).split()
        found = [
            line
            for line, info in enumerate(infos)
            if words
            and all(
                word in fold(f"{info.title} {info.artist} {info.album} {info.track_id}") for word in words
            )
        ]
        return cls(text, tuple(found))

    def __contains__(self, line: int) -> bool:
        return line in self.lines

    def __bool__(self) -> bool:
        return True  # nothing found is still a finding

    def after(self, line: int, count: int = 1) -> int:
        """Give the find `count` finds after a line, and on from the top; the line itself if none."""
        for _ in range(min(count, len(self.lines))):
            line = next((find for find in self.lines if find > line), self.lines[0])
        return line

    def before(self, line: int, count: int = 1) -> int:
        """Give the find `count` finds before a line, and on from the bottom; the line itself if none."""
        for _ in range(min(count, len(self.lines))):
            line = next((find for find in reversed(self.lines) if find < line), self.lines[-1])
        return line

    def told(self, line: int) -> str:
        """Say how many there are, and which one the line is."""
        if not self.lines:
            return f"no {self.text!r} here"
        place = f"{self.lines.index(line) + 1} of " if line in self.lines else ""
        return f"{place}{len(self.lines)} with {self.text!r}"
