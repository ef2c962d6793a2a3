"""How good libraries are: `segue evaluate`, `segue metrics` and `segue compare`."""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from segue.core.cli import add
from segue.core.cli.output import note, print_json, progress, say, table
from segue.core.files import UnwritableError
from segue.core.library import Library
from segue.core.places import is_shipped
from segue.core.text import counted

if TYPE_CHECKING:
    from segue.core.evaluation import Measure, Report
    from segue.core.evaluation.compare import Comparison, MissingComparison


PAUSE = 0.25
"""Seconds between two lines of progress."""
K = 10
"""Length of the lists of a report that is kept."""


def _add_pairs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--pairs",
        choices=("validation", "test"),
        default="validation",
        help="validation pairs, for making choices (default), or test pairs, to report once at the end",
    )


def configure_evaluate(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.library(parser)
    _add_pairs(parser)
    add.several(parser, "--ranker", "NAME", "score only this ranker, without saving")
    add.number(parser, "--k", "length of the lists; other lengths are not saved", default=K)
    add.flag(parser, "--paper", "show the scores in the 2018 paper's units (HR@10 is 100 x hit@10)")
    add.flag(parser, "--no-save", "don't save the report in the library")
    add.json(parser)


def run_evaluate(args: argparse.Namespace) -> int:
    """Rank, score, save and show."""
    from segue.core.evaluation import evaluate, save_report, scoring
    from segue.core.evaluation.evaluate import seed_lines
    from segue.core.evaluation.report import held_out_pairs
    from segue.core.rankers import available_rankers

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
        print_json(asdict(report))
        return 0
    show(report, paper=args.paper)
    for line in seed_lines(library.manifest):
        say(line)
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
    """Report to a program, on standard error, how many seeds are ranked: JSON lines, a few a second."""
    done, last = 0, -PAUSE

    def advance(amount: float) -> None:
        nonlocal done, last
        done += round(amount)
        if time.monotonic() - last >= PAUSE or done >= total:
            last = time.monotonic()
            note(json.dumps({"event": "progress", "done": done, "total": total}))

    yield advance


def configure_metrics(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.library(parser)
    _add_pairs(parser)
    add.flag(parser, "--paper", "show the scores in the 2018 paper's units")
    add.flag(parser, "--markdown", "print Markdown, to paste into a document")
    add.json(parser)


def run_metrics(args: argparse.Namespace) -> int:
    """Show the report."""
    from segue.core.errors import SegueError
    from segue.core.evaluation import is_being_scored, read_report
    from segue.core.evaluation.evaluate import seed_lines
    from segue.core.evaluation.report import held_out_pairs

    library = Library.open(args.library)
    report = read_report(library, args.pairs)
    if report is None and is_being_scored(library):
        raise SegueError(f"{library.path}: its scores are being computed; run segue metrics again later")
    if report is None:
        held_out_pairs(library, args.pairs)  # raises where there are none to evaluate on
        raise SegueError(
            f"{library.path}: not evaluated on {args.pairs} pairs yet; "
            f"run: segue evaluate --library {args.library} --pairs {args.pairs}"
        )
    if args.json:
        print_json(asdict(report))
    elif args.markdown:
        show_markdown(report, paper=args.paper)
    else:
        show(report, paper=args.paper)
        for line in seed_lines(library.manifest):
            say(line)
    return 0


def show(report: "Report", *, paper: bool = False) -> None:
    """Print a report as tables and bars."""
    from segue.core.evaluation.render import bars, bucket_table, completion_tables, facts, score_table

    say(f"{report.library}: {report.pairs} pairs, {report.created}")
    columns, rows = score_table(report, paper=paper)
    table(columns, rows, right=range(1, len(columns)))
    if paper:
        say("in the paper's units: a target equal to the seed counts as rank 1; HR is 100 x the hit rate")
        return
    for line in bars(report):
        say(line)
    columns, rows = bucket_table(report)
    table(columns, rows, right=range(1, len(columns)))
    for columns, rows in completion_tables(report):
        table(columns, rows, right=range(1, len(columns)))
    for line in facts(report):
        say(line)


def show_markdown(report: "Report", *, paper: bool = False) -> None:
    """Print a report as Markdown."""
    from segue.core.evaluation.render import bucket_table, completion_tables, facts, markdown, score_table

    tables = [score_table(report, paper=paper, wide=True)]
    if not paper:
        tables += [bucket_table(report), *completion_tables(report, wide=True)]
    for one in tables:
        for line in markdown(one):
            say(line)
        say()
    for line in facts(report):
        say(f"- {line}")


def configure_compare(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    what = "a library by name or path, and a ranker: demo, demo:next, models/mine:rp3, demo:missing"
    parser.add_argument("one", metavar="A[:RANKER]", help=what)
    parser.add_argument("other", metavar="B[:RANKER]", help="likewise; the default ranker is nearest")
    _add_pairs(parser)
    add.number(parser, "--k", "length of the lists", default=K)
    add.json(parser)


def run_compare(args: argparse.Namespace) -> int:
    """Rank both, pair by pair, and show the difference with its interval."""
    from segue.core.evaluation.compare import MISSING, Comparison, compare, compare_missing

    opened: dict[str, Library] = {}
    sides = [_side(text, opened) for text in (args.one, args.other)]
    missing = MISSING in (sides[0][1], sides[1][1])
    found = (compare_missing if missing else compare)(sides[0], sides[1], pairs=args.pairs, k=args.k)
    if args.json:
        print_json(asdict(found))
    elif isinstance(found, Comparison):
        _show(found)
    else:
        _show_missing(found)
    return 0


def _side(text: str, opened: "dict[str, Library]") -> "tuple[Library, str]":
    from segue.core.evaluation.compare import CONTINUE, MISSING
    from segue.core.rankers import RANKERS

    name, colon, ranker = text.rpartition(":")
    if not colon or ranker not in (*RANKERS, CONTINUE, MISSING):
        name, ranker = text, "nearest"
    if name not in opened:
        opened[name] = Library.open(name)
    return opened[name], ranker


def _show(found: "Comparison") -> None:
    from segue.core.evaluation.compare import CONTINUE

    one, other = found.one, found.other
    _show_sides(
        found,
        (f"hit@{found.k}", one.scores.hit, other.scores.hit, found.hit),
        (f"NDCG@{found.k}", one.scores.ndcg, other.scores.ndcg, found.ndcg),
        (f"MRR@{found.k}", one.scores.mrr, other.scores.mrr, found.mrr),
    )
    say(
        f"{counted(one.scores.pairs, f'{found.pairs} pair')}; "
        f"{found.only_one:,} hit by A alone, {found.only_other:,} by B alone"
    )
    if CONTINUE in (one.ranker, other.ranker):
        say("both continue whole playlists, given all but the last track")
    if found.left_out:
        say(f"left out {counted(found.left_out, 'pair')}: one of the libraries has no vector of their tracks")
    _decide(f"hit@{found.k}", found.hit)


def _show_missing(found: "MissingComparison") -> None:
    one, other = found.one, found.other
    _show_sides(
        found,
        (f"recall@{found.k}", one.recall, other.recall, found.recall),
        ("R-precision", one.r_precision, other.r_precision, found.r_precision),
    )
    say(
        f"{found.playlists:,} {found.pairs} playlists; the last 20 to 50 % of each are hidden, "
        "and both rankers leave the playlist out of their counts"
    )
    _decide(f"recall@{found.k}", found.recall)


def _show_sides(
    found: "Comparison | MissingComparison", *measures: "tuple[str, Measure, Measure, Measure]"
) -> None:
    from segue.core.evaluation.render import signed, with_margin

    one, other = found.one, found.other
    columns = ["", f"A  {one.library}:{one.ranker}", f"B  {other.library}:{other.ranker}", "A - B"]
    rows = [[name, with_margin(a), with_margin(b), signed(difference)] for name, a, b, difference in measures]
    table(columns, rows, right=range(1, 4))


def _decide(measure: str, difference: "Measure") -> None:
    from segue.core.evaluation.metrics import decision

    if ahead := decision(difference):
        better = "A" if ahead > 0 else "B"
        say(f"by {measure}, {better} is significantly better: the 95 % interval of A - B excludes 0")
    else:
        say(f"by {measure}, no significant difference: the 95 % interval of A - B includes 0")
