"""What is kept on this machine: `segue libraries`, `segue locate` and `segue state`."""

import argparse
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.core.cli import add
from segue.core.cli.exploring import open_state
from segue.core.cli.output import answer, note, print_json, say, table
from segue.core.errors import SegueError, UsageError
from segue.core.library import Library
from segue.core.places import library_home, library_roots, user_folder
from segue.core.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from segue.core.state import State


def configure_libraries(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=("list", "show", "rename", "remove"),
        default="list",
        metavar="ACTION",
        help="list (default), show NAME, rename OLD NEW, remove NAME...",
    )
    parser.add_argument("names", nargs="*", metavar="NAME|PATH", help="libraries")
    parser.add_argument("--yes", "-y", action="store_true", help="remove without asking")
    add.json(parser)


def run_libraries(args: argparse.Namespace) -> int:
    """List, describe, rename or remove."""
    run, names, fewest, most = _ACTIONS[args.action]
    if not fewest <= len(args.names) <= most:
        raise UsageError(f"`segue libraries {args.action}` takes {names} name(s)")
    return run(args)


def _list(args: argparse.Namespace) -> int:
    """List the libraries; one that is damaged is named with what is wrong."""
    from segue.core.evaluation import best_of_model
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


def _facts(library: Library) -> dict[str, Any]:
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
    from segue.core.evaluation.evaluate import seed_lines

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
    answer({"path": str(new)}, f"renamed: {new}", as_json=args.json)
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
        answer({"removed": str(path)}, f"removed: {path}", as_json=args.json)
    return 0


def _agreed(path: Path) -> bool:
    if not sys.stdin.isatty():
        raise UsageError(f"{path}: would be deleted permanently; add --yes to confirm")
    search = " and the search for hyperparameters in it" if (path / "tuning").exists() else ""
    note(f"Remove {path}{search} permanently? [y/N]")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


_ACTIONS: "dict[str, tuple[Callable[[argparse.Namespace], int], str, int, int]]" = {
    "list": (_list, "no", 0, 0),
    "show": (_show, "one", 1, 1),
    "rename": (_rename, "an old and a new", 2, 2),
    "remove": (_remove, "one or more", 1, sys.maxsize),
}
"""What can be done, and the names that it takes: in words, and the fewest and the most."""


def places() -> dict[str, list[str]]:
    """Return every folder and file by name. The libraries are looked up in several folders, in that order."""
    return {
        "settings": [str(user_folder("config") / "settings.toml")],
        "state": [str(user_folder("state") / "state.sqlite")],
        "logs": [str(user_folder("state"))],
        "libraries": [str(root) for root in library_roots()],
        "new-libraries": [str(library_home())],
    }


def configure_locate(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add.option(parser, "what", "WHAT", f"one of {', '.join(places())} (default: all)", nargs="?")
    add.json(parser)


def run_locate(args: argparse.Namespace) -> int:
    """Print the places: one path a line for a single one, so that a shell can use it."""
    found = places()
    if args.what is not None and args.what not in found:
        raise UsageError(f"no place called {args.what!r}; the places are {', '.join(found)}")
    if args.json:
        print_json(found if args.what is None else found[args.what])
        return 0
    for name, paths in found.items() if args.what is None else ():
        for number, path in enumerate(paths):
            say(f"{name if number == 0 else '':<15}{path}")
    for path in found[args.what] if args.what is not None else ():
        say(path)
    return 0


_TRACK_ACTIONS = ("love", "unlove", "ban", "unban", "ban-artist", "unban-artist")
CHANGES = ("undo", "redo", "forget-journal", *_TRACK_ACTIONS)
_STATE_ACTIONS = ("show", "journal", *CHANGES)


def configure_state(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=_STATE_ACTIONS,
        default="show",
        metavar="ACTION",
        help=f"{', '.join(_STATE_ACTIONS)} (default: show)",
    )
    parser.add_argument("what", nargs="?", metavar="TRACK|ARTIST", help="what to love or ban")
    add.library(parser)
    add.number(parser, "-n", "number of journal entries", default=50)
    add.json(parser)


def run_state(args: argparse.Namespace) -> int:
    """Show or change the state."""
    from segue.core.state import State

    if (args.what is not None) != (args.action in _TRACK_ACTIONS):
        wanted = "a track or artist" if args.what is None else "nothing more"
        raise UsageError(f"`segue state {args.action}` takes {wanted}")
    with closing(open_state() if args.action in {"show", "journal"} else State.open()) as state:
        if args.action == "show":
            return _show_state(state, json=args.json)
        if args.action == "journal":
            return _journal(state, args)
        done = _change(state, args)
    answer({"done": done}, done, as_json=args.json)
    return 0


def _change(state: "State", args: argparse.Namespace) -> str:
    if args.action in {"undo", "redo"}:
        change = state.undo() if args.action == "undo" else state.redo()
        return str(change) if change else f"nothing to {args.action}"
    if args.action == "forget-journal":
        return f"forgot {counted(state.forget_journal(), 'line')} of the journal"

    library = Library.open(args.library)
    actions: dict[str, Callable[[str], object]] = {
        "love": state.love,
        "unlove": state.unlove,
        "ban": state.ban_track,
        "unban": state.unban_track,
        "ban-artist": state.ban_artist,
        "unban-artist": state.unban_artist,
    }
    if args.action.endswith("artist"):
        found = library.catalogue.artists(args.what, limit=1)
        key = (found[0].artist_id or found[0].name) if found else args.what
        label = found[0].label if found else args.what
    else:
        info = library.catalogue.info(library.catalogue.resolve(args.what))
        key, label = info.track_id, info.label
    actions[args.action](key)
    return f"{args.action} {label}"


def _show_state(state: "State", *, json: bool) -> int:
    bans = state.bans()
    kept: dict[str, Any] = {
        "loves": state.loves(),
        "banned_tracks": sorted(bans.tracks),
        "banned_artists": sorted(bans.artists),
        "places": state.places(),
        "stations": state.stations(),
        "crates": state.crates(),
    }
    if json:
        print_json(kept | {"path": str(state.path)})
        return 0
    for name, value in kept.items():
        say(f"{name.replace('_', ' ')}: {', '.join(value) if value else 'none'}")
    if not state.unkept:
        note(f"kept in {state.path}")
    return 0


def _journal(state: "State", args: argparse.Namespace) -> int:
    lines = state.journal(args.n)
    if args.json:
        print_json([{name: getattr(line, name) for name in line.__struct_fields__} for line in lines])
        return 0
    rows = [
        (_local_time(line.at), line.track_id, f"{line.seconds:.0f}", line.outcome, line.source)
        for line in lines
    ]
    table(("when", "track", "seconds", "outcome", "from"), rows, right=(2,))
    return 0


def _local_time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone():%Y-%m-%d %H:%M}"
