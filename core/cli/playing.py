"""What plays without the explorer: `segue radio` and `segue play`."""

import argparse
import queue
import sys
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.core.cli import add
from segue.core.cli.exploring import TRACK_HELP, matched, weighted
from segue.core.cli.output import note, print_json, say
from segue.core.errors import SegueError, UsageError
from segue.core.library import Library
from segue.core.text import counted
from segue.core.waiting import take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from segue.core.audio.mpd import MPDPlayer
    from segue.core.explore.radio import Planned
    from segue.core.listenbrainz import ListenBrainz
    from segue.core.radio.parts import RadioEvent
    from segue.core.radio.session import RadioSession
    from segue.core.send.mpd import MPDFiles
    from segue.core.tracks import TrackInfo


LISTED = 20
"""Tracks of a blend."""


def add_starting_points(parser: argparse.ArgumentParser) -> None:
    """Add the options that name tracks; exactly one is given."""
    add.option(
        parser,
        "what",
        "TRACK",
        f"tracks, each {TRACK_HELP}; or one playlist: a file, a Deezer link, or `-` for standard input",
        nargs="*",
    )
    add.option(
        parser, "--path", "TRACK", "a path through two or more tracks, with 8 tracks on each leg", nargs="+"
    )
    add.option(parser, "--blend", "TRACK", "tracks near all of these; `TRACK*2` counts twice", nargs="+")
    parser.add_argument("--artist", metavar="ARTIST", help="the tracks of an artist, by name or id")
    parser.add_argument("--crate", metavar="NAME", help="one of your crates, in its order")
    add.flag(parser, "--loves", "the tracks you love, latest first")


def rows_of(args: argparse.Namespace, library: Library) -> tuple[list[int], str]:
    """Find the tracks, as rows of the library, and what they are, for the listener.

    Raises `UsageError` when not exactly one option names tracks, and `SegueError` when none of them is in the
    library.
    """
    ways = {
        "what": _named, "path": _path, "blend": _blend, "artist": _artist, "loves": _loves, "crate": _crate,
    }  # fmt: skip
    given = [find for name, find in ways.items() if getattr(args, name)]
    if len(given) != 1:
        raise UsageError("name tracks, a playlist, or one of --path, --blend, --artist, --crate and --loves")
    rows, source = given[0](args, library)
    if not rows:
        raise SegueError(f"{source} has no tracks in the library {library.name}")
    return rows, source


def _named(args: argparse.Namespace, library: Library) -> tuple[list[int], str]:
    first = args.what[0]
    is_link = "/playlist/" in first or "link.deezer." in first
    if len(args.what) > 1 or not (first == "-" or is_link or Path(first).is_file()):
        rows = [library.catalogue.resolve(track) for track in args.what]
        return rows, library.catalogue.info(rows[0]).label if len(rows) == 1 else counted(len(rows), "track")
    source = sys.stdin.buffer.read() if first == "-" else first
    matches = matched(library, source, args)
    for match in matches:
        if match.row is None:
            note(f"not found: {match.entry.label}")
    name = "standard input" if first == "-" else Path(first).name
    return [match.row for match in matches if match.row is not None], name


def _path(args: argparse.Namespace, library: Library) -> tuple[list[int], str]:
    import numpy as np

    from segue.core.explore.path import find_path

    if len(args.path) < 2:
        raise UsageError("--path needs at least two tracks")
    stops = [library.catalogue.resolve(track) for track in args.path]
    found = find_path(library, stops, between=8, rng=np.random.default_rng(args.seed))
    ends = (library.catalogue.info(row).label for row in (stops[0], stops[-1]))
    return [step.row for step in found.steps], "Path from {} to {}".format(*ends)


def _blend(args: argparse.Namespace, library: Library) -> tuple[list[int], str]:
    from segue.core.explore.path import blend

    plus = {library.catalogue.resolve(name): weight for name, weight in map(weighted, args.blend)}
    found = blend(library, plus, {}, LISTED)
    return [neighbour.row for neighbour in found.rows], f"Blend of {len(plus)}"


def _artist(args: argparse.Namespace, library: Library) -> tuple[list[int], str]:
    from segue.core.explore.artists import artist_page

    page = artist_page(library, args.artist, n=1)
    return [int(row) for row in page.rows], page.artist.label


def _loves(args: argparse.Namespace, library: Library) -> tuple[list[int], str]:  # noqa: ARG001 - as the others
    from segue.core.state import State

    with closing(State.open_anyway()) as state:
        loves = state.loves()
    return library.catalogue.rows_of_ids(loves), "Loved"


def _crate(args: argparse.Namespace, library: Library) -> tuple[list[int], str]:
    from segue.core.state import State

    with closing(State.open_anyway()) as state:
        crates = state.crates()
    if args.crate not in crates:
        known = f"; there are {', '.join(crates)}" if crates else "; Q in the explorer makes one"
        raise SegueError(f"no crate is named {args.crate!r}{known}")
    return library.catalogue.rows_of_ids(crates[args.crate]), args.crate


SHOWN = 5
"""Tracks to come that are shown to a person."""
FARTHEST = 6
"""The last step of `--distance`, `core.explore.radio.FARTHEST`, which imports NumPy."""


def configure_radio(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_starting_points(parser)
    add_limits(parser)
    add.choice(parser, "--mode", ("steer", "walk"), "a steered radio, or the notebook's walk")
    add.number(parser, "--candidates", "draw from the N nearest tracks", default=10)
    parser.add_argument(
        "--distance",
        type=int,
        choices=range(FARTHEST + 1),
        default=0,
        metavar="D",
        help=f"skip the nearest tracks, 0 to {FARTHEST} steps (default: 0)",
    )
    add.number(
        parser,
        "--drift",
        "0 stays near the start, 1 follows the last track",
        default=0.5,
        of=add.between(0, 1),
        metavar="SHARE",
    )


def add_limits(parser: argparse.ArgumentParser) -> None:
    """Add the options of everything that plays: where, how long, how it fades."""
    add.library(parser)
    add.number(parser, "--minutes", "stop after M minutes", of=add.above_zero, metavar="M")
    add.number(parser, "--tracks", "stop after N tracks")
    add.number(
        parser,
        "--duration",
        "play S seconds of each track (default: the whole preview)",
        of=add.above_zero,
        metavar="S",
    )
    add.number(
        parser, "--crossfade", "crossfade for S seconds", default=3.0, of=add.between(0, 10), metavar="S"
    )
    add.flag(
        parser,
        "--listenbrainz",
        "submit what plays to ListenBrainz, and listens of your own files; needs your token",
    )
    add.option(
        parser,
        "--mpd",
        "HOST[:PORT]",
        "play through an MPD server what it has, and follow what other clients do there",
    )
    add.seed(parser)
    add.json(parser)


def run_radio(args: argparse.Namespace) -> int:
    """Play until the limit, the end or Ctrl-C; exit code 1 when nothing could be played."""
    from segue.core.explore.radio import RadioDials
    from segue.core.radio.start import start_radio

    dials = RadioDials(candidates=args.candidates, distance=args.distance, drift=args.drift)
    return _play(
        args,
        lambda library, rows, _, **options: start_radio(
            library, rows, mode=args.mode, dials=dials, **options
        ),
    )


def _play(args: argparse.Namespace, start: "Callable[..., AbstractContextManager[RadioSession]]") -> int:
    """Start what the options name, and print its events until it is over.

    `start` is called with the library, the rows and what they are, and what `start_radio` and `play_list`
    share.
    """
    from segue.core.radio.parts import Limits

    library = Library.open(args.library)
    rows, source = rows_of(args, library)
    events: queue.SimpleQueue[RadioEvent] = queue.SimpleQueue()
    minutes = args.minutes
    with (
        _scrobbler(args) as scrobbler,
        start(
            library,
            rows,
            source,
            limits=Limits(args.duration, args.tracks, None if minutes is None else minutes * 60),
            crossfade=args.crossfade,
            sound=not args.no_sound,
            offline=args.offline,
            scrobbler=scrobbler,
            speaker=_speaker(args, library),
            seed=args.seed,
            on_event=events.put,
        ),
    ):
        return follow(events, library, as_json=args.json)


@contextmanager
def _scrobbler(args: argparse.Namespace) -> "Iterator[ListenBrainz | None]":
    """ListenBrainz, where the listener asks for it."""
    if not args.listenbrainz:
        yield None
        return
    if args.offline:
        raise UsageError("--listenbrainz needs the network; run without --offline")
    from segue.core.listenbrainz import make_listenbrainz

    with closing(make_listenbrainz()) as scrobbler:
        scrobbler.on_trouble = note
        yield scrobbler


def _speaker(args: argparse.Namespace, library: Library) -> "tuple[MPDFiles, MPDPlayer] | None":
    """The MPD that is to play; None for this machine."""
    if args.mpd is None:
        return None
    if args.offline or args.no_sound:
        raise UsageError("--mpd plays on the network; run without --offline and --no-sound")
    from segue.core.send.mpd import mpd_speaker

    return mpd_speaker(args.mpd, library)


def follow(events: "queue.SimpleQueue[RadioEvent]", library: Library, *, as_json: bool) -> int:
    """Print every event until the radio is over; 1 when it ended without having played."""
    from segue.core.radio.parts import NowPlaying, Stopped

    played, tell = False, _tell_machine if as_json else _tell_person
    while True:
        event = take(events)
        tell(event, library)
        played = played or isinstance(event, NowPlaying)
        if isinstance(event, Stopped):
            return 0 if played else 1


def _tell_person(event: "RadioEvent", library: Library) -> None:
    from segue.core.radio.parts import Notice, NowPlaying, Paused, Replanned, Skipped, Stopped

    match event:
        case NowPlaying(planned, track, seconds, credit, link, remark, _):
            say(f"{track.label}  ({seconds:.0f} s; {planned.reason})")
            about = "  ".join(part for part in (credit, link, remark) if part)
            if about:
                say(f"    {about}")
        case Replanned(plan) if plan:
            upcoming = library.catalogue.infos([planned.row for planned in plan])
            note("    next: " + " · ".join(track.label for track in upcoming[:SHOWN]))
        case Skipped(track, reason):
            note(f"    skipped {track.label}: {reason}")
        case Paused(paused):
            note(f"    {'paused' if paused else 'resumed'} by another player")
        case Notice(text):
            note(f"    {text}")
        case Stopped(reason):
            note(f"finished: {reason}")
        case _:
            pass


def _tell_machine(event: "RadioEvent", library: Library) -> None:
    from segue.core.radio.parts import Notice, NowPlaying, Paused, Played, Replanned, Skipped, Stopped

    match event:
        case NowPlaying(planned, track, seconds, credit, link, remark, _):
            about = {"seconds": seconds, "credit": credit, "link": link, "note": remark}
            print_json({"event": "playing"} | _track(track) | _plan(planned) | about)
        case Paused(paused):
            print_json({"event": "paused" if paused else "resumed"})
        case Played(track):
            print_json({"event": "played"} | _track(track))
        case Skipped(track, reason):
            print_json({"event": "skipped"} | _track(track) | {"reason": reason})
        case Replanned(plan):
            infos = library.catalogue.infos([planned.row for planned in plan])
            steps = [_track(info) | _plan(planned) for info, planned in zip(infos, plan, strict=True)]
            print_json({"event": "plan", "tracks": steps})
        case Notice(text):
            print_json({"event": "notice", "text": text})
        case Stopped(reason):
            print_json({"event": "stopped", "reason": reason})


def _track(track: "TrackInfo") -> dict[str, Any]:
    return {"track_id": track.track_id, "title": track.title, "artist": track.artist}


def _plan(planned: "Planned") -> dict[str, Any]:
    return {"row": planned.row, "reason": planned.reason, "similarity": round(planned.similarity, 4)}


def configure_play(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_starting_points(parser)
    add.flag(parser, "--trailer", "play 6 seconds of each track")
    add.flag(parser, "--then-radio", "continue with a radio near the last tracks")
    add_limits(parser)


def run_play(args: argparse.Namespace) -> int:
    """Play to the end, the limit or Ctrl-C; exit code 1 when nothing could be played."""
    from segue.core.radio.start import play_list

    return _play(args, partial(play_list, trailer=args.trailer, flow=args.then_radio))
