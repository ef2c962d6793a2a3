"""Hyper-parameters on the command line, checked by their own types."""

import argparse
import difflib
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from segue.core.errors import UsageError

if TYPE_CHECKING:
    from segue.core.track2vec import TrainConfig


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add `--recipe`, `--epochs`, `--dim` and `--set NAME=VALUE`."""
    parser.add_argument(
        "--recipe", choices=("fast", "notebook"), default="fast", help="how to train (default: fast)"
    )
    parser.add_argument("--epochs", type=int, metavar="N", help="passes over the playlists")
    parser.add_argument("--dim", type=int, metavar="N", help="length of a track's vector")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other hyper-parameter of the recipe; an unknown name lists them",
    )


def config_of(args: argparse.Namespace) -> "TrainConfig":
    """Build the recipe's configuration from the arguments of `add_settings`.

    Raises
    ------
    UsageError
        For a name that the recipe does not know, or a value that does not fit.
    """
    from segue.core.track2vec import FastConfig, NotebookConfig

    kind = NotebookConfig if args.recipe == "notebook" else FastConfig
    hints = get_type_hints(kind)
    known = [name.name for name in fields(kind)]
    values: dict[str, Any] = {}
    for text in args.set:
        name, equals, value = text.partition("=")
        if not equals or name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise UsageError(f"--set {text}: the recipe {args.recipe} knows {', '.join(known)}{hint}")
        values[name] = _value(name, value, hints[name])
    if args.epochs is not None:
        values["epochs"] = args.epochs
    if args.dim is not None:
        values["vector_dim" if kind is NotebookConfig else "dim"] = args.dim
    return kind(**values)


def _value(name: str, text: str, hint: Any) -> Any:  # noqa: ANN401 - a type and a value of it
    kinds = (
        [kind for kind in get_args(hint) if kind is not type(None)]
        if get_origin(hint) is not Literal
        else [hint]
    )
    kind = kinds[0] if kinds else hint
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise UsageError(f"--set {name}={text}: use one of {', '.join(map(str, get_args(kind)))}")
        return text
    if kind is bool:
        if text not in {"true", "false"}:
            raise UsageError(f"--set {name}={text}: use true or false")
        return text == "true"
    try:
        return kind(text)
    except ValueError:
        raise UsageError(f"--set {name}={text}: is no {kind.__name__}") from None
