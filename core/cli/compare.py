"""`segue compare`: two libraries, or two rankers, on the same held-out pairs."""

import argparse
from typing import TYPE_CHECKING

from segue.core.cli.options import add_json
from segue.core.cli.output import print_json, say, table

if TYPE_CHECKING:
    from segue.core.evaluation.compare import Comparison
    from segue.core.library import Library


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    what = "a library by name or path, and a ranker: demo, demo:next, models/mine:cooccurrence, demo:continue"
    parser.add_argument("one", metavar="A[:RANKER]", help=what)
    parser.add_argument(
        "other", metavar="B[:RANKER]", help="likewise; the ranker is nearest where none is named"
    )
    parser.add_argument(
        "--pairs",
        choices=("validation", "test"),
        default="validation",
        help="which pairs (default: validation)",
    )
    parser.add_argument("--k", type=int, default=10, metavar="N", help="length of the lists (default: 10)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Rank both, pair by pair, and show the difference with its interval."""
    from segue.core.errors import UsageError
    from segue.core.evaluation.compare import compare

    if args.k < 1:
        raise UsageError(f"--k must be at least 1, not {args.k}")
    opened: dict[str, Library] = {}
    sides = [_side(text, opened) for text in (args.one, args.other)]
    found = compare(sides[0], sides[1], pairs=args.pairs, k=args.k)
    if args.json:
        print_json(found.to_json())
    else:
        _show(found)
    return 0


def _side(text: str, opened: "dict[str, Library]") -> "tuple[Library, str]":
    from segue.core.evaluation.compare import CONTINUE
    from segue.core.library import Library
    from segue.core.rankers import RANKERS

    name, colon, ranker = text.rpartition(":")
    if not colon or ranker not in (*RANKERS, CONTINUE):
        name, ranker = text, "nearest"
    if name not in opened:
        opened[name] = Library.open(name)
    return opened[name], ranker


def _show(found: "Comparison") -> None:
    from segue.core.evaluation.compare import CONTINUE
    from segue.core.evaluation.metrics import decision
    from segue.core.evaluation.render import signed, with_margin

    one, other = found.one, found.other
    columns = ["", f"A  {one.library}:{one.ranker}", f"B  {other.library}:{other.ranker}", "A - B"]
    rows = [
        [name, with_margin(left), with_margin(right), signed(difference)]
        for name, left, right, difference in (
            (f"hit@{found.k}", one.scores.hit, other.scores.hit, found.hit),
            (f"NDCG@{found.k}", one.scores.ndcg, other.scores.ndcg, found.ndcg),
            (f"MRR@{found.k}", one.scores.mrr, other.scores.mrr, found.mrr),
        )
    ]
    table(columns, rows, right=range(1, 4))
    say(
        f"{one.scores.pairs:,} {found.pairs} pairs; "
        f"{found.only_one:,} hit by A alone, {found.only_other:,} by B alone"
    )
    if CONTINUE in (one.ranker, other.ranker):
        say("both continue whole playlists, given all but the last track")
    if found.left_out:
        say(f"{found.left_out:,} pairs are left out: one of the libraries has no vector of their tracks")
    if ahead := decision(found.hit):
        better = "A" if ahead > 0 else "B"
        say(f"{better} hits more often, and would on other pairs too: the 95 % interval leaves out 0")
    else:
        say("these pairs don't tell the two apart: the 95 % interval of the difference holds 0")
