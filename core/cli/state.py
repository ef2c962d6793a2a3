"""`segue state`: loves, bans, journal, places, stations and crates."""

import argparse
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from segue.core.cli.exploring import open_state
from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import note, print_json, say, table
from segue.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from segue.core.state import State

_TRACK_ACTIONS = ("love", "unlove", "ban", "unban", "ban-artist", "unban-artist")
CHANGES = ("undo", "redo", "forget-journal", *_TRACK_ACTIONS)
_ACTIONS = ("show", "journal", *CHANGES)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=_ACTIONS,
        default="show",
        metavar="ACTION",
        help=f"{', '.join(_ACTIONS)} (default: show)",
    )
    parser.add_argument("what", nargs="?", metavar="TRACK|ARTIST", help="what to love or ban")
    add_library(parser)
    parser.add_argument("-n", type=int, default=50, metavar="N", help="lines of the journal (default: 50)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Show or change the state."""
    from segue.core.state import State

    if (args.what is not None) != (args.action in _TRACK_ACTIONS):
        wanted = "a track or artist" if args.what is None else "nothing more"
        raise UsageError(f"`segue state {args.action}` takes {wanted}")
    with closing(open_state() if args.action in {"show", "journal"} else State.open()) as state:
        if args.action == "show":
            return _show(state, json=args.json)
        if args.action == "journal":
            return _journal(state, args)
        done = _change(state, args)
    if args.json:
        print_json({"done": done})
    else:
        say(done)
    return 0


def _change(state: "State", args: argparse.Namespace) -> str:
    if args.action in {"undo", "redo"}:
        change = state.undo() if args.action == "undo" else state.redo()
        return str(change) if change else f"nothing to {args.action}"
    if args.action == "forget-journal":
        return f"forgot {state.forget_journal()} lines"
    from segue.core.library import Library

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


def _show(state: "State", *, json: bool) -> int:
    bans = state.bans()
    kept: dict[str, Any] = {
        "loves": state.loves(),
        "banned tracks": sorted(bans.tracks),
        "banned artists": sorted(bans.artists),
        "places": state.places(),
        "stations": state.stations(),
        "crates": state.crates(),
    }
    if json:
        print_json(
            {name.replace(" ", "_"): value for name, value in kept.items()} | {"path": str(state.path)}
        )
        return 0
    for name, value in kept.items():
        say(f"{name}: {', '.join(value) if value else 'none'}")
    if not state.unkept:
        note(f"kept in {state.path}")
    return 0


def _journal(state: "State", args: argparse.Namespace) -> int:
    lines = state.journal(args.n)
    if args.json:
        print_json([{name: getattr(line, name) for name in line.__slots__} for line in lines])
        return 0
    rows = [
        (_local_time(line.at), line.track_id, f"{line.seconds:.0f}", line.outcome, line.source)
        for line in lines
    ]
    table(("when", "track", "seconds", "outcome", "from"), rows, right=(2,))
    return 0


def _local_time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone():%Y-%m-%d %H:%M}"
