"""What is to be trained, as the listener filled it in."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from core.errors import SegueError
from core.places import new_library

RECIPES = ("fast", "notebook")


@dataclass(frozen=True)
class Order:
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
        """Give the first field that will not do and what is wrong with it, or None."""
        if not self.file.strip():
            return "file", "Which playlists? Give a file, or a corpus made by segue prepare."
        if not self.source.exists():
            return "file", f"There is no {self.source}."
        if not self.name.strip():
            return "name", "What will the library be called?"
        try:
            new_library(self.name.strip())
        except SegueError as error:
            return "name", str(error)
        for name in ("titles", "settings"):
            try:
                shlex.split(getattr(self, name))
            except ValueError as error:
                return name, f"{error}."
        missing = next((file for file in self.metadata if not file.exists()), None)
        if missing is not None:
            return "titles", f"There is no {missing}."
        for name in ("epochs", "dim"):
            text = getattr(self, name).strip()
            if text and not (text.isdecimal() and int(text) > 0):
                return name, "Give a whole number above 0, or nothing for the recipe's own."
        wrong = next((pair for pair in shlex.split(self.settings) if "=" not in pair), None)
        return None if wrong is None else ("settings", f"{wrong!r} is no NAME=VALUE.")

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

    def arguments(self, *, resume: bool = False) -> tuple[str, ...]:
        """Give the arguments for `segue`."""
        found = ["train", str(self.source), "--name", self.name.strip(), "--recipe", self.recipe, "--json"]
        for file in self.metadata:
            found += ["--metadata", str(file)]
        for name in ("epochs", "dim"):
            if text := getattr(self, name).strip():
                found += [f"--{name}", text]
        for pair in shlex.split(self.settings):
            found += ["--set", pair]
        return (*found, "--resume") if resume else tuple(found)
