"""What the exploring verbs share: their options, the listener's filters, and how tracks are printed."""

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from segue.core.cli import add
from segue.core.cli.output import note, print_json, table
from segue.core.errors import SegueError, UsageError
from segue.core.explore.variety import FAMILIARITY
from segue.core.library import Library
from segue.core.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from segue.core.explore.matching import Match
    from segue.core.explore.neighbours import Filters, Neighbour
    from segue.core.explore.variety import Hidden
    from segue.core.state import State
    from segue.core.tracks import TrackInfo

TRACK_HELP = "a title, `title — artist`, an id or a Deezer link"


def add_listing(parser: argparse.ArgumentParser) -> None:
    """Add the options of a verb that lists suggestions."""
    add.library(parser)
    add.number(parser, "-n", "number of tracks", default=20)
    add.option(
        parser,
        "--ranker",
        "NAME",
        "next, like, nearest or a baseline (default: next; complete has a ranker of its own)",
    )
    add_filters(parser)
    add.json(parser)


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Add the options of the variety guard, the familiarity dial and the listener's state."""
    add.number(
        parser,
        "--artist-gap",
        "minimum number of tracks between two by the same artist",
        default=3,
        of=add.whole,
    )
    add.number(parser, "--per-album", "most tracks per album", default=2)
    add.flag(
        parser, "--no-guard", "no variety rules: keep other versions, and any number per album and artist"
    )
    add.option(
        parser,
        "--familiarity",
        "DIAL",
        "any (default), familiar, mixed or deep, or a number from 0 (least played) to 1 (most played)",
        of=_dial,
    )
    add.flag(parser, "--unheard", "leave out tracks you have already heard")
    add.flag(parser, "--no-state", "ignore bans and listening history")
    add.option(
        parser, "--save", "FILE", "write the list to a file: .m3u8, .jspf, .csv or .txt (links)", of=Path
    )
    add.flag(parser, "--replace", "let --save overwrite an existing file")


def opened(args: argparse.Namespace) -> Library:
    """Open the library of a verb that lists suggestions, once `--save` is known to lose nothing.

    Raises `SegueError` when the library can't be opened, or the file exists.
    """
    from segue.core.files import require_new

    if args.save is not None:
        require_new(args.save, replace=args.replace)
    return Library.open(args.library)


def filters_of(args: argparse.Namespace, library: Library) -> "Filters":
    """The filters that the options and the listener's state ask for."""
    from segue.core.explore.neighbours import Filters
    from segue.core.explore.variety import OFF, Guard, Taste

    if args.familiarity is not None and not library.knows_plays:
        raise UsageError(
            f"--familiarity: {library.path} holds vectors but no playlists, so that plays are unknown; "
            "import the vectors with --playlists"
        )
    guard = OFF if args.no_guard else Guard(args.artist_gap, args.per_album)
    if args.no_state:
        return Filters(guard, args.familiarity)
    try:
        with closing(open_state()) as state:
            taste = Taste.of(library, state, heard=args.unheard)
    except SegueError as error:
        note(f"ignoring bans and journal: {error}")
        taste = Taste()
    return Filters(guard, args.familiarity, taste.heard, taste.banned)


def matched(library: Library, playlist: str | bytes, args: argparse.Namespace) -> "list[Match]":
    """The tracks of a playlist: those that the listener has chosen in the explorer, the others as found."""
    from segue.core.explore.matching import match_playlist
    from segue.core.explore.playlist_files import read_playlist
    from segue.core.state import State

    entries = read_playlist(
        playlist,
        offline=args.offline,
        file_format=getattr(args, "format", None),
        columns=getattr(args, "columns", None),
    )
    chosen: dict[str, str] = {}
    if not getattr(args, "no_state", False):
        try:
            with closing(State.open_anyway()) as state:
                chosen = state.matches()
        except SegueError as error:
            note(f"without the matches you have chosen: {error}")
    return match_playlist(library.catalogue, entries, chosen)


def open_state() -> "State":
    """Open the listener's state, and report it where changes can't be saved."""
    from segue.core.state import State

    state = State.open_anyway()
    if state.unkept:
        note(state.unkept)
    return state


def described(info: "TrackInfo", row: int) -> dict[str, Any]:
    """A track as JSON."""
    return {
        "row": row,
        "track_id": info.track_id,
        "title": info.title,
        "artist": info.artist,
        "album": info.album,
    }


def show(
    args: argparse.Namespace, library: Library, rows: "Sequence[Neighbour]", hidden: "Hidden", **more: object
) -> None:
    """Print suggestions as a table, or as one JSON object, and save them where that was asked for."""
    infos = library.catalogue.infos(neighbour.row for neighbour in rows)
    if args.json:
        print_json({**more, "tracks": _json_rows(library, rows, infos), "hidden": asdict(hidden)})
    else:
        columns = ("", "title", "artist", "similarity", "plays")[: None if library.knows_plays else -1]
        table(
            columns,
            [
                (
                    at,
                    _titled(info, neighbour, thin=neighbour.row in library.folded),
                    info.artist,
                    f"{neighbour.similarity:.3f}",
                    library.counts[neighbour.row],
                )[: len(columns)]
                for at, (neighbour, info) in enumerate(zip(rows, infos, strict=True), start=1)
            ],
            right=(0, 3, 4),
        )
        if hidden.total:
            note(str(hidden))
    save(args, infos)


def save(args: argparse.Namespace, infos: "Iterable[TrackInfo]") -> None:
    """Write the list where `--save` asks for it."""
    if args.save is None:
        return
    from segue.core.explore.playlist_files import save_playlist

    tracks = list(infos)
    save_playlist(args.save, tracks, title=f"Segue: {args.save.stem}")
    note(f"written: {args.save} ({counted(len(tracks), 'track')})")


def _json_rows(
    library: Library, rows: "Sequence[Neighbour]", infos: "list[TrackInfo]"
) -> list[dict[str, Any]]:
    return [
        described(info, neighbour.row)
        | {
            "rank": neighbour.rank,
            "similarity": round(neighbour.similarity, 4),
            "score": round(neighbour.score, 4),
            "versions": [version.track_id for version in library.catalogue.infos(neighbour.versions)],
            "thin": neighbour.row in library.folded,
        }
        for neighbour, info in zip(rows, infos, strict=True)
    ]


def _titled(info: "TrackInfo", neighbour: "Neighbour", *, thin: bool) -> str:
    title = info.title or info.track_id
    more = len(neighbour.versions)
    notes = [f"+{counted(more, 'version')}"] if more else []
    notes += ["thin"] if thin else []
    return f"{title}  ({', '.join(notes)})" if notes else title


def _dial(text: str) -> float | None:
    if text in FAMILIARITY:
        return FAMILIARITY[text]
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{', '.join(FAMILIARITY)} or a number from 0 to 1, not {text!r}")
    return value


def weighted(text: str) -> tuple[str, float]:
    """Split `TRACK*2` into the track and its weight, 1 where none is given.

    Raises `UsageError` when the weight is not above 0.
    """
    name, star, weight = text.rpartition("*")
    try:
        value = float(weight) if star and name else 1.0
    except ValueError:
        return text, 1.0
    if not 0 < value < float("inf"):
        raise UsageError(f"the weight in {text!r} must be above 0")
    return (name if star and name else text), value
