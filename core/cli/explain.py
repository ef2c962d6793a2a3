"""`segue explain`: why a track is near another."""

import argparse
from dataclasses import asdict

from segue.core.cli.exploring import TRACK_HELP
from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import print_json, say


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("seed", metavar="SEED", help=TRACK_HELP)
    parser.add_argument("track", metavar="TRACK", help="the track near it")
    add_library(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the evidence."""
    from segue.core.explore.explain import explain
    from segue.core.library import Library

    library = Library.open(args.library)
    seed, row = library.catalogue.resolve(args.seed), library.catalogue.resolve(args.track)
    explanation = explain(library, seed, row)
    if args.json:
        print_json(asdict(explanation) | {"sentences": explanation.sentences()})
        return 0
    one, other = library.catalogue.infos([seed, row])
    say(f"{other.label}, near {one.label}:")
    for sentence in explanation.sentences():
        say(f"  {sentence}")
    return 0
