"""Where Segue keeps and finds its files, and the tokens that a listener keeps there."""

import os
import re
import shlex
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from segue.core.errors import SegueError, UsageError
from segue.core.files import UnwritableError, atomic_file, read_regular, restore_folder

_NAME = re.compile(r"\w[\w.-]*")
BUNDLED = Path(__file__).resolve().parent.parent / "models"
"""The folder of the library that comes with Segue; in a checkout others may lie there too."""
SHIPPED = "demo"
"""The library that comes with Segue."""
RECORD = "library.json"
"""Its presence makes a folder a library."""
OTHER_NAME = "choose another --name"
_LONGEST_SUFFIX = 40
"""Bytes that the names of temporary files beside a folder are longer than its own, at most."""


def user_folder(kind: str) -> Path:
    """The user's `data`, `state`, `config` or `cache` folder for Segue. It may not exist yet."""
    import platformdirs  # 10 ms

    return Path(getattr(platformdirs, f"user_{kind}_dir")("segue", appauthor=False))


def control_socket() -> Path:
    """Name the socket at which a running explorer listens to `segue ctl`."""
    return user_folder("state") / "ctl.sock"


def library_home() -> Path:
    """The folder where new libraries are written.

    `$SEGUE_MODELS` where it is set, `models/` of the current folder where there is one, else the user's data.
    """
    if named := os.environ.get("SEGUE_MODELS"):
        return Path(named)
    here = Path("models")
    return here if here.is_dir() else user_folder("data") / "models"


def library_roots() -> list[Path]:
    """List the folders in which a library is looked up by name, in that order."""
    named = os.environ.get("SEGUE_MODELS")
    roots = [Path(named)] if named else []
    roots += [Path("models"), user_folder("data") / "models", BUNDLED]
    return list(dict.fromkeys(root.absolute() for root in roots))


def all_libraries() -> Iterator[Path]:
    """List the library folders that a name can open; of two with one name only the first can."""
    seen: set[str] = set()
    for root in library_roots():
        for path in sorted(root.glob("*/library.json")) if root.is_dir() else ():
            if path.parent.name not in seen and not path.parent.name.startswith("."):
                seen.add(path.parent.name)
                yield path.parent


def find_library(name_or_path: str | Path) -> Path:
    """The folder of a library by name or path; raises a `SegueError` that lists what there is."""
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or _is_path(text):
        path = Path(name_or_path)
        if _is_library(path):
            return path
        raise SegueError(
            f"{path}: no library there (no library.json); train one with: segue train FILE --name {path}"
        )
    for root in library_roots():
        path = root / text
        if _is_library(path):
            return path
    names = ", ".join(path.name for path in all_libraries()) or "none yet"
    raise SegueError(
        f"no library is named {text!r} (available: {names}); pass a name, or a path with a / in it"
    )


def library_argument(path: Path) -> str:
    """What `--library` takes for a library in a shell: its name where that finds it, else its path."""
    path = path.absolute()
    with suppress(SegueError):
        if find_library(path.name).absolute() == path:
            return shlex.quote(path.name)
    here = Path.cwd()
    return shlex.quote(f"./{path.relative_to(here)}" if path.is_relative_to(here) else str(path))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that no folder can have
        return False


def _is_library(path: Path) -> bool:
    """Whether a library is there; a path that can't be one, such as one of 5,000 letters, holds none."""
    try:
        if path.joinpath(RECORD).exists():
            return True
        # a write may have been killed between its two renames (see `core.files.atomic_folder`)
        return bool(path.name) and path.with_name(f".{path.name}.old").joinpath(RECORD).exists()
    except OSError:
        return False


def new_library(name_or_path: str) -> Path:
    """The folder that a new library of that name or path is written to.

    A path is absolute, begins with `./` or `../`, or leads into a folder that exists.

    Raises
    ------
    UsageError
        When it is neither a path nor a name.
    """
    path = Path(name_or_path)
    if _is_path(name_or_path) and (
        path.is_absolute() or name_or_path.startswith(".") or _is_folder(path.parent)
    ):
        return path
    if not _NAME.fullmatch(name_or_path):
        raise UsageError(
            f"{name_or_path!r} is not a name for a library: use letters, digits, dots, dashes and "
            f"underscores, or a path such as ./{name_or_path}"
        )
    if name_or_path == SHIPPED:  # a library of that name would hide it
        raise UsageError(f"{SHIPPED!r} is the library that comes with Segue; choose another name")
    return library_home() / name_or_path


def is_shipped(path: Path) -> bool:
    """Whether a library is the one that comes with Segue, which nothing writes to."""
    with suppress(OSError):
        return path.resolve() == (BUNDLED / SHIPPED).resolve()
    return False


def refuse_shipped(path: Path) -> None:
    """Raise a `SegueError` for the library that comes with Segue."""
    if is_shipped(path):
        raise SegueError(f"{path}: comes with Segue and can't be changed; {OTHER_NAME}")


def require_writable(
    path: Path, *, record: str = RECORD, what: str = "a library", change: str = OTHER_NAME
) -> None:
    """Refuse a folder that could not be written, before the work whose result it is for.

    The folder need not exist; an interrupted write of it is undone. One that holds files, but not `record`,
    which marks a folder of this kind, is refused. `what` is the kind and `change` what to do about it, for
    the error. Raises `UsageError` when the path names no folder of its own, and `SegueError` when something
    else is there, or the name can't be used.
    """
    if path.name in {"", ".."}:
        raise UsageError(f"{str(path)!r} is not a name for {what}; {change}")
    try:
        with suppress(FileNotFoundError):
            path.with_name(path.name + _LONGEST_SUFFIX * "x").lstat()
        restore_folder(path)
        if path.is_symlink() or path.exists():
            if not path.is_dir():
                raise UnwritableError(path, f"it is not a folder; {change}")
            if path.is_mount():
                raise UnwritableError(path, "it is a mount point; use a folder in it")
            if not (path / record).exists() and any(path.iterdir()):
                raise SegueError(f"{path}: is not {what} and not empty; {change}")
    except OSError as error:
        raise UnwritableError(path, f"{error.strerror}; {change}") from error


def _is_path(text: str) -> bool:
    return os.sep in text or (os.altsep is not None and os.altsep in text) or text in {"", ".", ".."}


_LONGEST = 1024


def token_path(name: str) -> Path:
    """The file that holds the token called `name`."""
    return user_folder("config") / f"{name}.token"


def variable(name: str) -> str:
    """The environment variable that holds it in the file's stead."""
    return f"SEGUE_{name.upper()}_TOKEN"


def read_token(name: str) -> str:
    """The token in the environment, else in its file.

    Raises `UsageError` when there is none, it is not one line of plain characters, or others can read the
    file.
    """
    path, named = token_path(name), os.environ.get(variable(name), "").strip()
    where = variable(name) if named else str(path)
    if not named:
        try:
            mode = path.stat().st_mode
            named = read_regular(path, _LONGEST).decode("utf-8", "replace").strip()
        except FileNotFoundError:
            raise UsageError(
                f"the token for {name} is missing: write it to {path} (chmod 600), or set {variable(name)}"
            ) from None
        except OSError as error:
            raise UsageError(f"{path}: can't be read ({error.strerror or error})") from None
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise UsageError(f"{path}: this token can be read by others; run: chmod 600 {path}")
    if not named or not named.isprintable() or len(named) > _LONGEST:
        raise UsageError(f"{where}: must hold one line of text")
    return named


def make_token(name: str) -> tuple[str, bool]:
    """The token, and whether it was made now, of 32 random bytes, because there was none."""
    path = token_path(name)
    if os.environ.get(variable(name), "").strip() or path.exists():
        return read_token(name), False
    import secrets  # 4 ms

    token = secrets.token_urlsafe(32)
    with atomic_file(path) as temporary:
        temporary.touch(mode=0o600)
        temporary.write_text(f"{token}\n", encoding="ascii")
    return token, True
