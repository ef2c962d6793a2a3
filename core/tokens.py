"""Tokens and passwords: in the environment, or in a file that only the listener can read."""

import os
import secrets
import stat
from pathlib import Path

from segue.core.errors import UsageError
from segue.core.files import atomic_file, read_regular
from segue.core.places import user_folder

_LONGEST = 1024


def token_path(name: str) -> Path:
    """The file that holds the token called `name`."""
    return user_folder("config") / f"{name}.token"


def variable(name: str) -> str:
    """The environment variable that holds it in the file's stead."""
    return f"SEGUE_{name.upper()}_TOKEN"


def read_token(name: str) -> str:
    """The token in the environment, else in its file.

    Raises
    ------
    UsageError
        When there is none, it is not one line of plain characters, or others can read the file.
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
            raise UsageError(f"{path}: others can read this token; run: chmod 600 {path}")
    if not named or not named.isprintable() or len(named) > _LONGEST:
        raise UsageError(f"{where}: must hold one line of text")
    return named


def make_token(name: str) -> tuple[str, bool]:
    """The token, and whether it was made now, of 32 random bytes, because there was none."""
    path = token_path(name)
    if os.environ.get(variable(name), "").strip() or path.exists():
        return read_token(name), False
    token = secrets.token_urlsafe(32)
    with atomic_file(path) as temporary:
        temporary.touch(mode=0o600)
        temporary.write_text(f"{token}\n", encoding="ascii")
    return token, True
