"""`segue evaluate`: score a library's rankers on held-out pairs and keep the report in the library."""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import note, print_json, progress, say
from segue.core.files import UnwritableError
from segue.core.places import is_shipped

PAUSE = 0.25
"""Seconds between two lines of progress."""
K = 10
"""Length of the lists of a report that is kept."""


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
        "--ranker",
        action="append",
        metavar="NAME",
        help="only this ranker, again for more; not kept",
    )
    parser.add_argument(
        "--k",
        type=int,
        default=K,
        metavar="N",
        help="length of the lists (default: 10); no other is kept",
    )
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
    from segue.core.evaluation.repeat import seed_lines
    from segue.core.evaluation.report import FEWEST, held_out_pairs
    from segue.core.library import Library
    from segue.core.rankers import available_rankers

    if args.k < 1:
        raise UsageError(f"--k must be at least 1, not {args.k}")
    library = Library.open(args.library)
    names = tuple(dict.fromkeys(args.ranker or available_rankers(library)))
    pairs = held_out_pairs(library, args.pairs)
    total = len(set(pairs[:, 0].tolist())) * len(names)
    unkept = _why_not_kept(args, library.path)
    with (
        nullcontext() if unkept else scoring(library),
        _reported(total) if args.json else progress("ranking", total, "seeds") as advance,
    ):
        report = evaluate(library, pairs=args.pairs, rankers=names, k=args.k, on_progress=advance)
        if not unkept:
            try:
                save_report(library, report)
            except UnwritableError as error:  # minutes of work, which can be shown all the same
                unkept = str(error)
    if args.json:
        print_json(report.to_json())
        return 0
    show(report, paper=args.paper)
    for line in seed_lines(library.manifest):
        say(line)
    if len(pairs) < FEWEST:
        note(f"{len(pairs)} {args.pairs} pairs are too few for these scores to mean anything")
    note(f"not kept: {unkept}" if unkept else f"kept in {library.path / 'report.json'}")
    return 0


def _why_not_kept(args: argparse.Namespace, path: Path) -> str:
    """Why the scores are only shown; empty where they are kept in the library."""
    if args.no_save:
        return "--no-save"
    if args.ranker or args.k != K:
        return f"the library keeps a report of all rankers with lists of {K}"
    return f"{path} comes with Segue and stays as it is" if is_shipped(path) else ""


@contextmanager
def _reported(total: int) -> Iterator[Callable[[float], None]]:
    """Tell a machine on standard error how many seeds are ranked: JSON lines, a few a second and the last."""
    done, last = 0, -PAUSE

    def advance(amount: float) -> None:
        nonlocal done, last
        done += round(amount)
        if time.monotonic() - last >= PAUSE or done >= total:
            last = time.monotonic()
            note(json.dumps({"event": "progress", "done": done, "total": total}))

    yield advance
