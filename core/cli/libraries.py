"""`segue libraries`: list, describe, rename and remove what can be opened by name."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.core.cli.options import add_json
from segue.core.cli.output import note, print_json, say, table
from segue.core.errors import SegueError, UsageError

if TYPE_CHECKING:
    from segue.core.library import Library

_ACTIONS = {"list": "none", "show": "one", "rename": "an old and a new", "remove": "one or more"}
"""What can be done, and the names that it takes."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=tuple(_ACTIONS),
        default="list",
        metavar="ACTION",
        help="list (default), show NAME, rename OLD NEW, remove NAME...",
    )
    parser.add_argument("names", nargs="*", metavar="NAME|PATH", help="libraries")
    parser.add_argument("--yes", "-y", action="store_true", help="remove without asking")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """List, describe, rename or remove."""
    fits = {
        "list": not args.names,
        "show": len(args.names) == 1,
        "rename": len(args.names) == 2,
        "remove": bool(args.names),
    }
    if not fits[args.action]:
        raise UsageError(f"`segue libraries {args.action}` takes {_ACTIONS[args.action]} name(s)")
    return {"list": _list, "show": _show, "rename": _rename, "remove": _remove}[args.action](args)


def _list(args: argparse.Namespace) -> int:
    """List the libraries; one that is damaged is named with what is wrong."""
    from segue.core.evaluation import best_of_model
    from segue.core.library import Library
    from segue.core.places import all_libraries

    found: list[tuple[dict[str, Any], str]] = []
    for path in all_libraries():
        try:
            library = Library.open(path)
        except SegueError as error:
            note(f"segue: {error}")
            continue
        best = best_of_model(library.manifest)
        found.append((_facts(library), "-" if best is None else f"{best[1]['hit@10']:.4f}"))
    if args.json:
        print_json([entry for entry, _ in found])
        return 0
    rows = [
        [
            entry["name"],
            f"{entry['tracks']:,}",
            entry["dimensions"],
            entry["recipe"],
            hit,
            entry["created"][:10],
            entry["path"],
        ]
        for entry, hit in found
    ]
    table(("name", "tracks", "d", "recipe", "hit@10", "made", "path"), rows, right=(1, 2, 4))
    return 0


def _facts(library: "Library") -> dict[str, Any]:
    manifest = library.manifest
    return {
        "name": library.path.name,
        "tracks": len(library),
        "dimensions": library.vectors.shape[1],
        "recipe": manifest.recipe,
        "created": manifest.created,
        "scores": manifest.scores,
        "path": str(library.path),
    }


def _show(args: argparse.Namespace) -> int:
    """Describe a library: where it came from, its model layer by layer, and its scores."""
    from segue.core.evaluation import best_of_model
    from segue.core.evaluation.repeat import seed_lines
    from segue.core.library import Library

    library = Library.open(args.names[0])
    manifest = library.manifest
    layers = layers_of(len(library), library.vectors.shape[1])
    size = sum(file.lstat().st_size for file in library.path.rglob("*") if not file.is_dir())
    if args.json:
        print_json(
            _facts(library)
            | {
                "bytes": size,
                "corpus": manifest.corpus,
                "parameters": manifest.parameters,
                "training": manifest.training,
                "versions": manifest.versions,
                "layers": [
                    {"name": name, "type": kind, "shape": shape, "weights": weights}
                    for name, kind, shape, weights in layers
                ],
                "weights": sum(weights for *_, weights in layers),
            }
        )
        return 0
    corpus, training = manifest.corpus, manifest.training
    split = corpus["split"] if isinstance(corpus.get("split"), dict) else {}
    fingerprint = str(corpus.get("fingerprint", "unknown"))[:16]
    facts = {
        "made": f"{manifest.created}, {size / 1e6:,.1f} MB in {library.path}",
        "playlists": ", ".join(
            f"{corpus[name]:,} {name[2:]}"
            for name in ("n_playlists", "n_positions", "n_tracks")
            if isinstance(corpus.get(name), int)
        ),
        "source": f"{corpus.get('source', 'unknown')}, fingerprint {fingerprint}",
        "recipe": " ".join([manifest.recipe, *(f"{k}={v}" for k, v in manifest.parameters.items())]),
        "held out": f"protocol {split.get('protocol')}, split seed {split.get('seed')}" if split else "",
        "training": ", ".join(
            f"{name.replace('_', ' ')} {value}" for name, value in training.items() if name != "seeds"
        ),
        "versions": ", ".join(f"{name} {version}" for name, version in manifest.versions.items()),
    }
    say(library.path.name)
    for name, value in facts.items():
        if value:
            say(f"  {name:<10}{value}")
    rows = [[f"{name} ({kind})", shape, f"{weights:,}"] for name, kind, shape, weights in layers]
    table(("layer (type)", "output shape", "weights"), rows, right=(2,))
    total = sum(weights for *_, weights in layers)
    say(f"  total weights: {total:,} ({total * 4 / 1e6:,.2f} MB)")
    for line in seed_lines(manifest):
        say(f"  {line}")
    for pairs in manifest.scores:
        if best := best_of_model(manifest, pairs):
            figures = "  ".join(f"{name} {value:.4f}" for name, value in best[1].items())
            say(f"  best on {pairs} pairs: {best[0]}  {figures}")
    return 0


def layers_of(tracks: int, dimensions: int) -> list[tuple[str, str, str, int]]:
    """Name, type, output shape and weights of each layer of the model, as its Keras summary lists them."""
    return [
        ("target", "InputLayer", "(None, 1)", 0),
        ("context", "InputLayer", "(None, 1)", 0),
        ("embedding", "Embedding", f"(None, 1, {dimensions})", tracks * dimensions),
        ("cosine", "Dot", "(None, 1, 1)", 0),
        ("flat", "Flatten", "(None, 1)", 0),
        ("classif", "Dense", "(None, 1)", 2),
    ]


def _rename(args: argparse.Namespace) -> int:
    from segue.core.libraries import rename_library
    from segue.core.places import find_library

    old, name = args.names
    new = rename_library(find_library(old), name)
    if args.json:
        print_json({"path": str(new)})
    else:
        say(f"renamed: {new}")
    return 0


def _remove(args: argparse.Namespace) -> int:
    from segue.core.libraries import remove_library
    from segue.core.places import find_library

    paths = [find_library(name) for name in dict.fromkeys(args.names)]
    for path in paths:
        if not args.yes and not _agreed(path):
            say(f"kept: {path}")
            continue
        remove_library(path)
        if args.json:
            print_json({"removed": str(path)})
        else:
            say(f"removed: {path}")
    return 0


def _agreed(path: Path) -> bool:
    if not sys.stdin.isatty():
        raise UsageError(f"{path}: would be removed for good; add --yes to confirm")
    search = " and the search for hyper-parameters in it" if (path / "tuning").exists() else ""
    note(f"Remove {path}{search} for good? [y/N]")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
