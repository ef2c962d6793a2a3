"""`segue metrics`: the scores that `segue evaluate` left in a library, at once."""

import argparse
from typing import TYPE_CHECKING

from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import print_json, say, table

if TYPE_CHECKING:
    from segue.core.evaluation import Report


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_library(parser)
    parser.add_argument(
        "--pairs",
        choices=("validation", "test"),
        default="validation",
        help="which report (default: validation)",
    )
    parser.add_argument("--paper", action="store_true", help="the scores as the 2018 paper counts them")
    parser.add_argument("--markdown", action="store_true", help="print Markdown, to paste into a document")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Show the report."""
    from segue.core.errors import SegueError
    from segue.core.evaluation import is_being_scored, read_report
    from segue.core.evaluation.repeat import seed_lines
    from segue.core.evaluation.report import held_out_pairs
    from segue.core.library import Library

    library = Library.open(args.library)
    report = read_report(library, args.pairs)
    if report is None and is_being_scored(library):
        raise SegueError(f"{library.path}: its scores are being computed; run segue metrics again in a while")
    if report is None:
        held_out_pairs(library, args.pairs)  # raises where there are none to evaluate on
        raise SegueError(
            f"{library.path}: not evaluated on {args.pairs} pairs yet; "
            f"run: segue evaluate --library {args.library} --pairs {args.pairs}"
        )
    if args.json:
        print_json(report.to_json())
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
        say("the paper's way: a target that is the seed counts as found at rank 1; HR is 100 x the hit rate")
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
