"""`segue evaluate`: score a library's rankers on held-out pairs and keep the report in the library."""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import note, print_json, progress

PAUSE = 0.25
"""Seconds between two lines of progress."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_library(parser)
    parser.add_argument(
        "--pairs",
        choices=("validation", "test"),
        default="validation",
        help="validation pairs to choose by (default), test pairs to report once, at the end",
    )
    parser.add_argument(
        "--ranker", action="append", metavar="NAME", help="only this ranker; may be given several times"
    )
    parser.add_argument("--k", type=int, default=10, metavar="N", help="length of the lists (default: 10)")
    parser.add_argument(
        "--paper",
        action="store_true",
        help="show the scores as the 2018 paper counts them (HR@10 is 100 x hit@10)",
    )
    parser.add_argument("--no-save", action="store_true", help="leave the library's report as it is")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Rank, score, save and show."""
    from segue.core.cli.metrics import show
    from segue.core.errors import UsageError
    from segue.core.evaluation import evaluate, save_report, scoring
    from segue.core.evaluation.report import held_out_pairs
    from segue.core.library import Library
    from segue.core.rankers import available_rankers

    if args.k < 1:
        raise UsageError(f"--k {args.k}: lists have at least one place")
    library = Library.open(args.library)
    names = tuple(dict.fromkeys(args.ranker or available_rankers(library)))
    seeds = len(set(held_out_pairs(library, args.pairs)[:, 0].tolist()))
    total = seeds * len(names)
    with (
        nullcontext() if args.no_save else scoring(library),
        _told(total) if args.json else progress("ranking", total, "seeds") as advance,
    ):
        report = evaluate(library, pairs=args.pairs, rankers=names, k=args.k, on_progress=advance)
        if not args.no_save:
            save_report(library, report)
    if args.json:
        print_json(report.to_json())
    else:
        show(report, paper=args.paper)
        if not args.no_save:
            note(f"kept in {library.path / 'report.json'}")
    return 0


@contextmanager
def _told(total: int) -> Iterator[Callable[[float], None]]:
    """Tell a machine on standard error how many seeds are ranked: JSON lines, a few a second and the last."""
    done, last = 0, -PAUSE

    def advance(amount: float) -> None:
        nonlocal done, last
        done += round(amount)
        if time.monotonic() - last >= PAUSE or done >= total:
            last = time.monotonic()
            note(json.dumps({"event": "progress", "done": done, "total": total}))

    yield advance
