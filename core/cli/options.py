"""Options that several verbs share: how playlist files are read, and hyperparameters by their own types."""

import argparse
import difflib
from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from segue.core.cli import add
from segue.core.corpus.readers import FORMATS, Columns
from segue.core.errors import UsageError

if TYPE_CHECKING:
    from segue.core.track2vec import FastConfig, NotebookConfig, TrainConfig


ROLES = ("playlist", "track", "position", "artist", "title")
_WORDS = {int: "a whole number", float: "a number"}


def add_reading(parser: argparse._ActionsContainer) -> None:
    """Add the options on how playlist files are read: `--format` and `--columns`."""
    parser.add_argument(
        "--format", choices=sorted(FORMATS), help="format of the files (default: detected from their content)"
    )
    parser.add_argument(
        "--columns",
        metavar="ROLE=NAME,...",
        type=parse_columns,
        default=Columns(),
        help=f"the columns of a table; roles: {', '.join(ROLES)} (default: recognised by name)",
    )


def add_min_count(parser: argparse._ActionsContainer) -> None:
    """Add `--min-count`."""
    add.number(parser, "--min-count", "drop tracks at fewer than N positions", default=2)


def parse_columns(text: str) -> Columns:
    """The columns named in `playlist=pid,track=uri`.

    Raises `argparse.ArgumentTypeError` when a part is not `ROLE=NAME` of a known role, each once.
    """
    named: dict[str, str] = {}
    for part in text.split(","):
        role, equals, name = part.partition("=")
        if role.strip() not in ROLES or not equals or not name.strip():
            raise argparse.ArgumentTypeError(f"{text!r}: write ROLE=NAME,... with roles {', '.join(ROLES)}")
        if role.strip() in named:
            raise argparse.ArgumentTypeError(f"{text!r}: names {role.strip()} twice")
        named[role.strip()] = name.strip()
    return Columns(**named)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add `--recipe`, `--epochs`, `--dim` and `--set NAME=VALUE`."""
    add.choice(parser, "--recipe", ("fast", "notebook"), "how to train")
    add.number(parser, "--epochs", "number of passes over the playlists (default: see --set)")
    add.number(parser, "--dim", "dimensions of the vectors (default: see --set)")
    add.several(parser, "--set", "NAME=VALUE", f"any other hyperparameter of the recipe: {_known()}")


def _known() -> str:
    from segue.core.track2vec import FastConfig, NotebookConfig

    lists = (
        f"{kind.recipe} has {', '.join(f'{one.name} ({one.default})' for one in fields(kind))}"
        for kind in (FastConfig, NotebookConfig)
    )
    return "; ".join(lists).replace("(None)", "(by corpus size)")


def config_of(args: argparse.Namespace) -> "TrainConfig":
    """Build the recipe's configuration from the arguments of `add_settings`.

    Raises `UsageError` for a name that the recipe does not know, or a value that does not fit.
    """
    from segue.core.track2vec import FastConfig, NotebookConfig

    kind = NotebookConfig if args.recipe == "notebook" else FastConfig
    values: dict[str, Any] = {}
    for text in args.set:
        name, value = _split("--set", text, kind)
        values[name] = _value(f"--set {text}", value, get_type_hints(kind)[name])
    if args.epochs is not None:
        values["epochs"] = args.epochs
    if args.dim is not None:
        values["vector_dim" if kind is NotebookConfig else "dim"] = args.dim
    return kind(**values)


def grid_values(texts: Sequence[str], recipe: str) -> dict[str, list[Any]]:
    """The values of `--grid NAME=VALUE,VALUE`, each of its hyperparameter's own type.

    Raises `UsageError` for a name that the recipe does not know, or a value that does not fit.
    """
    from segue.core.track2vec import FastConfig, NotebookConfig

    kind = NotebookConfig if recipe == "notebook" else FastConfig
    values: dict[str, list[Any]] = {}
    for text in texts:
        name, listed = _split("--grid", text, kind)
        if name in values:
            raise UsageError(f"--grid {text}: {name} is given twice; write {name}=VALUE,VALUE")
        hint = get_type_hints(kind)[name]
        values[name] = list(
            dict.fromkeys(_value(f"--grid {text}", value, hint) for value in listed.split(","))
        )
        for value in values[name]:
            kind(**{name: value})  # which checks its range
            if isinstance(value, float) and value != float(f"{value:.3g}"):
                raise UsageError(f"--grid {text}: {value} must have at most three significant digits")
    return values


def _split(option: str, text: str, kind: "type[NotebookConfig | FastConfig]") -> tuple[str, str]:
    """The name and the value in `NAME=VALUE`, where the recipe knows the name."""
    known = [name.name for name in fields(kind)]
    name, equals, value = text.partition("=")
    if name in known and not equals:
        raise UsageError(f"{option} {text}: must be NAME=VALUE")
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise UsageError(f"{option} {text}: the recipe {kind.recipe} knows {', '.join(known)}{hint}")
    return name, value


def _value(option: str, text: str, hint: Any) -> Any:  # noqa: ANN401 - a type and a value of it
    kinds = (
        [kind for kind in get_args(hint) if kind is not type(None)]
        if get_origin(hint) is not Literal
        else [hint]
    )
    kind = kinds[0] if kinds else hint
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise UsageError(f"{option}: use one of {', '.join(map(str, get_args(kind)))}")
        return text
    if kind is bool:
        if text not in {"true", "false"}:
            raise UsageError(f"{option}: use true or false")
        return text == "true"
    try:
        return kind(text)
    except ValueError:
        raise UsageError(f"{option}: {text!r} is not {_WORDS.get(kind, kind.__name__)}") from None
