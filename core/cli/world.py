"""`segue world --scale demo|deezer|tiny --out FOLDER`."""

import argparse
from pathlib import Path

from segue.core.cli.options import add_json, add_seed
from segue.core.cli.output import print_json, progress, say
from segue.core.errors import UsageError
from segue.core.synthetic.spec import SPECS
from segue.core.synthetic.world import make_world, measure, write_json_lines, write_metadata, write_npy

PLAYLISTS, ARRAY, METADATA = "playlists.jsonl", "playlists.npy", "TracksArtists.csv"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "--scale",
        default="demo",
        metavar="|".join((*SPECS, "NUMBER")),
        help="how large: demo (3,000 tracks), deezer (like the real file of 100,000 playlists), tiny, or a "
        "number of times the size of deezer (default: demo)",
    )
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="where the files go")
    parser.add_argument("--npy", action="store_true", help=f"write {ARRAY} as well, in music_2.npy's form")
    add_seed(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Make the world, write it, and say what it holds."""
    with progress("making a world", 3 + args.npy, "steps", quiet=args.json) as advance:
        world = make_world(_scale(args.scale), seed=args.seed)
        advance(1)
        write_json_lines(world.playlists, args.out / PLAYLISTS)
        advance(1)
        if args.npy:
            write_npy(world.playlists, args.out / ARRAY)
            advance(1)
        write_metadata(world.tracks, args.out / METADATA)
        advance(1)
    facts = measure(world.playlists)
    files = [PLAYLISTS, *[ARRAY] * args.npy, METADATA]
    if args.json:
        print_json({"folder": str(args.out), "files": files, "seed": args.seed, "facts": facts})
        return 0
    say(f"{args.out}: {', '.join(files)}")
    for name, value in facts.items():
        say(f"{name:<34}{value:>12,.{0 if float(value).is_integer() else 2}f}")
    return 0


def _scale(text: str) -> str | float:
    if text in SPECS:
        return text
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--scale {text}: choose {', '.join(SPECS)} or a number") from None
