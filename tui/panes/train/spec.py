"""What to train, as the listener filled it in."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from segue.core.errors import SegueError
from segue.core.places import new_library, refuse_shipped, require_writable

RECIPES = ("fast", "notebook")


@dataclass(frozen=True)
class TrainSpec:
    """A filled-in form. Every field is text, as it was typed."""

    file: str = ""
    name: str = ""
    titles: str = ""
    """Metadata files, separated by spaces; quotes keep one with spaces together."""
    recipe: str = "fast"
    epochs: str = ""
    dim: str = ""
    settings: str = ""
    """`NAME=VALUE` pairs, separated by spaces."""

    def problem(self) -> tuple[str, str] | None:
        """Return the first field that is wrong and why, or None."""
        return next(self._problems(), None)

    def _problems(self) -> Iterator[tuple[str, str]]:
        if not self.file.strip():
            yield "file", "Enter a playlist file, or a corpus made by segue prepare."
        elif not self.source.exists():
            yield "file", f"{self.source} does not exist."
        if not self.name.strip():
            yield "name", "Enter a name for the library."
        try:
            refuse_shipped(self.target)
            require_writable(self.target)
        except SegueError as error:
            yield "name", str(error)
        yield from self._wrong_words()
        for name in ("epochs", "dim"):
            text = getattr(self, name).strip()
            if text and not (text.isdecimal() and int(text) > 0):
                yield name, "Enter a whole number above 0, or leave it empty for the recipe's default."

    def _wrong_words(self) -> Iterator[tuple[str, str]]:
        for name in ("titles", "settings"):
            try:
                shlex.split(getattr(self, name))
            except ValueError as error:
                yield name, f"{error}."
        yield from (("titles", f"{file} does not exist.") for file in self.metadata if not file.exists())
        pairs = shlex.split(self.settings)
        yield from (("settings", f"{pair!r} is not NAME=VALUE.") for pair in pairs if "=" not in pair)

    @property
    def source(self) -> Path:
        """The playlists."""
        return Path(self.file.strip()).expanduser()

    @property
    def metadata(self) -> list[Path]:
        """The files with titles."""
        return [Path(file).expanduser() for file in shlex.split(self.titles)]

    @property
    def target(self) -> Path:
        """The folder of the library."""
        return new_library(self.name.strip())

    def arguments(self, *, resume: bool = False, replace: bool = False) -> tuple[str, ...]:
        """Return the arguments for `segue`."""
        found = ["train", str(self.source), "--name", self.name.strip(), "--recipe", self.recipe, "--json"]
        for file in self.metadata:
            found += ["--metadata", str(file)]
        for name in ("epochs", "dim"):
            if text := getattr(self, name).strip():
                found += [f"--{name}", text]
        for pair in shlex.split(self.settings):
            found += ["--set", pair]
        flags = {"--resume": resume, "--replace": replace}
        return (*found, *(flag for flag, wanted in flags.items() if wanted))
