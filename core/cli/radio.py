"""`segue radio`: play a radio from a track, without the explorer."""

import argparse
import queue
from typing import TYPE_CHECKING, Any

from segue.core.cli.options import add_json, add_library, add_seed
from segue.core.cli.output import note, print_json, say
from segue.core.cli.starting_points import add_starting_points, rows_of
from segue.core.errors import UsageError
from segue.core.waiting import take

if TYPE_CHECKING:
    from segue.core.library import Library
    from segue.core.radio.events import RadioEvent
    from segue.core.radio.parts import Limits, Planned
    from segue.core.tracks import TrackInfo

SHOWN = 5
"""Tracks to come that are shown to a person."""
FARTHEST = 6
"""The last step of `--distance`, `core.explore.radio.FARTHEST`, which imports NumPy."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_starting_points(parser)
    add_limits(parser)
    parser.add_argument(
        "--mode",
        choices=("walk", "steer"),
        default="steer",
        help="the notebook's walk, or a steered radio (default: steer)",
    )
    parser.add_argument(
        "--candidates", type=int, default=10, metavar="N", help="draw from so many nearest (default: 10)"
    )
    parser.add_argument(
        "--distance",
        type=int,
        choices=range(FARTHEST + 1),
        default=0,
        metavar="D",
        help=f"pass over the nearest tracks, 0 to {FARTHEST} steps (default: 0)",
    )
    parser.add_argument(
        "--drift",
        type=float,
        default=0.5,
        metavar="SHARE",
        help="0 stays near the start, 1 follows the last track (default: 0.5)",
    )


def add_limits(parser: argparse.ArgumentParser) -> None:
    """Add the options of everything that plays: where, how long, how it fades."""
    add_library(parser)
    parser.add_argument("--minutes", type=float, metavar="M", help="stop after so many minutes")
    parser.add_argument("--tracks", type=int, metavar="N", help="stop after so many tracks")
    parser.add_argument(
        "--duration",
        type=float,
        metavar="S",
        help="play so many seconds of each (default: the whole preview)",
    )
    parser.add_argument("--crossfade", type=float, default=3.0, metavar="S", help="seconds (default: 3)")
    add_seed(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Play until the limit, the end or Ctrl-C; exit code 1 when nothing could be played."""
    from segue.core.explore.radio import Knobs
    from segue.core.library import Library
    from segue.core.radio.start import start_radio

    check_limits(args)
    if not args.candidates > 0:
        raise UsageError(f"--candidates must be above 0, not {args.candidates}")
    if not 0 <= args.drift <= 1:
        raise UsageError(f"--drift must be between 0 and 1, not {args.drift:g}")
    library = Library.open(args.library)
    rows, _ = rows_of(args, library)
    events: queue.SimpleQueue[RadioEvent] = queue.SimpleQueue()
    with start_radio(
        library,
        rows,
        mode=args.mode,
        knobs=Knobs(candidates=args.candidates, distance=args.distance, drift=args.drift),
        limits=limits_of(args),
        crossfade=args.crossfade,
        sound=not args.no_sound,
        offline=args.offline,
        seed=args.seed,
        on_event=events.put,
    ):
        return follow(events, library, as_json=args.json)


def limits_of(args: argparse.Namespace) -> "Limits":
    """When to end, as the options say."""
    from segue.core.radio.parts import Limits

    return Limits(args.duration, args.tracks, None if args.minutes is None else args.minutes * 60)


def check_limits(args: argparse.Namespace) -> None:
    """Check the options of `add_limits`.

    Raises
    ------
    UsageError
        When one is out of its range.
    """
    for name in ("minutes", "tracks", "duration"):
        value = getattr(args, name)
        if value is not None and not value > 0:
            raise UsageError(f"--{name} must be above 0, not {value}")
    if not 0 <= args.crossfade <= 10:
        raise UsageError(f"--crossfade must be between 0 and 10 seconds, not {args.crossfade:g}")


def follow(events: "queue.SimpleQueue[RadioEvent]", library: "Library", *, as_json: bool) -> int:
    """Tell every event until the radio is over; 1 when it ended without having played."""
    from segue.core.radio.events import NowPlaying, Stopped

    played, tell = False, _tell_machine if as_json else _tell_person
    while True:
        event = take(events)
        tell(event, library)
        played = played or isinstance(event, NowPlaying)
        if isinstance(event, Stopped):
            return 0 if played else 1


def _tell_person(event: "RadioEvent", library: "Library") -> None:
    from segue.core.radio.events import Notice, NowPlaying, Replanned, Skipped, Stopped

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
        case Notice(text):
            note(f"    {text}")
        case Stopped(reason):
            note(f"the end: {reason}")
        case _:
            pass


def _tell_machine(event: "RadioEvent", library: "Library") -> None:
    from segue.core.radio.events import Notice, NowPlaying, Played, Replanned, Skipped, Stopped

    match event:
        case NowPlaying(planned, track, seconds, credit, link, remark, _):
            about = {"seconds": seconds, "credit": credit, "link": link, "note": remark}
            print_json({"event": "playing"} | _track(track) | _plan(planned) | about)
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
