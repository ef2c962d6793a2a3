"""`segue play`: play tracks, a playlist, a path, a blend, an artist or the loves, in order."""

import argparse
import queue
from typing import TYPE_CHECKING

from segue.core.cli.radio import add_limits, add_starting_points, check_limits, follow, limits_of, rows_of

if TYPE_CHECKING:
    from segue.core.radio.events import RadioEvent


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_starting_points(parser)
    parser.add_argument("--trailer", action="store_true", help="play 6 seconds of each track")
    parser.add_argument("--then-radio", action="store_true", help="go on with a radio near the last tracks")
    add_limits(parser)


def run(args: argparse.Namespace) -> int:
    """Play to the end, the limit or Ctrl-C; exit code 1 when nothing could be played."""
    from segue.core.library import Library
    from segue.core.radio.start import play_list

    check_limits(args)
    library = Library.open(args.library)
    rows, source = rows_of(args, library)
    events: queue.SimpleQueue[RadioEvent] = queue.SimpleQueue()
    with play_list(
        library,
        rows,
        source,
        trailer=args.trailer,
        flow=args.then_radio,
        limits=limits_of(args),
        crossfade=args.crossfade,
        sound=not args.no_sound,
        offline=args.offline,
        seed=args.seed,
        on_event=events.put,
    ):
        return follow(events, library, as_json=args.json)
