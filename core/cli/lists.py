"""Verbs that list tracks: `segue neighbours`, `segue path`, `segue blend`, `segue surprise`, `segue artist`.

`segue complete` continues or changes a playlist. `segue explain` says why one track is near another, or goes
with a playlist.
"""

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from segue.core.cli import add
from segue.core.cli.exploring import (
    TRACK_HELP,
    add_filters,
    add_listing,
    described,
    filters_of,
    matched,
    open_state,
    opened,
    save,
    show,
    weighted,
)
from segue.core.cli.output import note, print_json, say, table
from segue.core.errors import SegueError, UsageError
from segue.core.library import Library
from segue.core.text import counted

if TYPE_CHECKING:
    from segue.core.explore.explain import Explanation
    from segue.core.explore.explain_playlist import PlaylistExplanation


def configure_neighbours(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("track", metavar="TRACK", help=TRACK_HELP)
    add_listing(parser)
    add.choice(parser, "--index", ("exact", "kdtree"), "how --ranker nearest searches")
    add.number(
        parser,
        "--fewer-hubs",
        "0 to 1: how strongly to push back hubs, tracks that are near everything",
        default=0.0,
        of=float,
        metavar="S",
    )


def run_neighbours(args: argparse.Namespace) -> int:
    """List the neighbours."""
    from segue.core.explore.neighbours import neighbourhood

    library = opened(args)
    seed = library.catalogue.resolve(args.track)
    found = neighbourhood(
        library,
        seed,
        args.n,
        ranker=args.ranker,
        index=args.index,
        fewer_hubs=args.fewer_hubs,
        filters=filters_of(args, library),
    )
    info = library.catalogue.info(seed)
    if not args.json:
        note(f"near {info.label}, by {found.ranker}")
    show(args, library, found.rows, found.hidden, seed=info.track_id, ranker=found.ranker)
    return 0


def configure_path(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.option(parser, "tracks", "TRACK", f"two or more, in order; each {TRACK_HELP}", nargs="+")
    add.library(parser)
    add.number(parser, "--between", "tracks on each leg", default=8, of=int)
    parser.add_argument(
        "--variance",
        type=float,
        default=0.0,
        metavar="V",
        help="0: always the same path; up to 1: a different path for each --seed",
    )
    add_filters(parser)
    add.seed(parser)
    add.json(parser)


def run_path(args: argparse.Namespace) -> int:
    """Print the steps."""
    import numpy as np

    from segue.core.explore.path import find_path

    library = opened(args)
    stops = [library.catalogue.resolve(track) for track in args.tracks]
    found = find_path(
        library,
        stops,
        between=args.between,
        filters=filters_of(args, library),
        variance=args.variance,
        rng=np.random.default_rng(args.seed),
    )
    infos = library.catalogue.infos(step.row for step in found.steps)
    pairs = list(zip(found.steps, infos, strict=True))
    if args.json:
        steps = [
            described(info, step.row) | {"similarity": round(step.similarity, 4), "stop": step.stop}
            for step, info in pairs
        ]
        print_json({"steps": steps, "missing": found.missing})
    else:
        rows = [
            [
                at,
                "●" if step.stop else "",
                info.title or info.track_id,
                info.artist,
                f"{step.similarity:.3f}" if at else "",
            ]
            for at, (step, info) in enumerate(pairs)
        ]
        table(("", "", "title", "artist", "step"), rows, right=(0, 4))
        if found.missing:
            note(f"{found.missing} of the tracks between could not be found under these rules")
    save(args, infos)
    return 0


def configure_blend(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("plus", nargs="+", metavar="TRACK", help=f"{TRACK_HELP}; `TRACK*2` counts twice")
    add.several(parser, "--minus", "TRACK", "a track to stay away from")
    add_listing(parser)


def run_blend(args: argparse.Namespace) -> int:
    """List the blend; exit code 1 when the rules left nothing."""
    from segue.core.explore.path import blend

    library = opened(args)
    plus, minus = (
        {library.catalogue.resolve(name): weight for name, weight in map(weighted, side)}
        for side in (args.plus, args.minus)
    )
    filters = filters_of(args, library)
    found = blend(library, plus, minus, args.n, ranker=args.ranker, filters=filters)
    removed = library.catalogue.infos(removed.row for removed in found.removed)
    more = {"removed": [info.track_id for info in removed], "emptied_by": found.emptied_by}
    show(args, library, found.rows, found.hidden, **more)
    if removed and not args.json:
        note("removed by --minus: " + " · ".join(info.label for info in removed[:10]))
    if not found.rows:
        note(f"nothing is left; most tracks were removed by the rule: {found.emptied_by}")
    return 0 if found.rows else 1


def configure_complete(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    from segue.core.cli.options import add_reading  # 60 ms, with NumPy

    add.option(
        parser,
        "playlist",
        "PLAYLIST",
        "a playlist file, folder or zip archive (docs/playlists.md), a Deezer playlist or "
        "album link, or `-` for standard input",
    )
    parser.add_argument(
        "--ask",
        choices=("continue", "missing", "woven", "in-flow", "outliers"),
        default="continue",
        help="what comes next (continue), what the playlist is missing (missing), the playlist with a "
        "new track after every few of its own (woven), reordered so that each track follows from the last "
        "(in-flow), or which tracks do not belong and why (outliers); default: continue",
    )
    add.number(parser, "--every", "woven: own tracks between new ones", default=3, metavar="K")
    add_listing(parser)
    add_reading(parser)


def run_complete(args: argparse.Namespace) -> int:
    """List what to add, and say which lines of the playlist were not found."""
    from segue.core.explore import surgeon

    library = opened(args)
    source = sys.stdin.buffer.read() if args.playlist == "-" else args.playlist
    matches = matched(library, source, args)
    rows = [match.row for match in matches if match.row is not None]
    unmatched = [match.entry.label for match in matches if match.row is None]
    if not rows:
        raise SegueError(
            f"none of the {len(matches)} tracks is in the library {library.name}; train one that has them"
        )
    if not args.json:
        note(f"{len(rows)} of {counted(len(matches), 'track')} found in {library.name}")
        for match in matches:
            if match.row is None:
                note(f"  not found: {match.entry.label}")
            elif match.how in {"words", "similar"}:
                label = library.catalogue.info(match.row).label
                note(f"  {match.entry.label}: matched to {label} (by {match.how})")
    if args.ask in {"woven", "in-flow", "outliers"}:
        return _rearranged(args, library, rows, unmatched)
    filters = filters_of(args, library)
    found = surgeon.complete(library, rows, args.n, ask=args.ask, ranker=args.ranker, filters=filters)
    show(args, library, found.rows, found.hidden, matched=len(rows), unmatched=unmatched)
    return 0


def _rearranged(args: argparse.Namespace, library: Library, rows: list[int], unmatched: list[str]) -> int:
    """Print the playlist woven or in flow, all of it, or what belongs to it least."""
    from segue.core.explore import surgeon

    if args.ranker:
        raise UsageError(f"--ranker does not apply to --ask {args.ask}")
    more: list[dict[str, object]]
    if args.ask == "outliers":
        doubts = surgeon.outliers(library, rows)[: args.n]
        found = [(doubt.row, doubt.similarity) for doubt in doubts]
        columns = ("place", "title", "artist", "doubt", "why")
        places = [doubt.at + 1 for doubt in doubts]
        ends = [(f"{doubt.score:.2f}", doubt.reason) for doubt in doubts]
        more = [
            {"place": doubt.at + 1, "score": round(doubt.score, 4), "reason": doubt.reason}
            for doubt in doubts
        ]
    else:
        placed = (
            surgeon.in_flow(library, rows)
            if args.ask == "in-flow"
            else surgeon.woven(library, rows, every=args.every, filters=filters_of(args, library))
        )
        found = [(track.row, track.similarity) for track in placed]
        columns = ("", "title", "artist", "similarity", "fresh")
        places = list(range(1, len(placed) + 1))
        ends = [(f"{track.similarity:.3f}", "" if track.own else "+") for track in placed]
        more = [{"own": track.own} for track in placed]
    infos = library.catalogue.infos(row for row, _ in found)
    if args.json:
        tracks = [
            described(info, row) | {"similarity": round(similarity, 4)} | facts
            for info, (row, similarity), facts in zip(infos, found, more, strict=True)
        ]
        print_json({"matched": len(rows), "unmatched": unmatched, args.ask.replace("-", "_"): tracks})
    else:
        cells = [
            (place, info.title or info.track_id, info.artist, *end)
            for place, info, end in zip(places, infos, ends, strict=True)
        ]
        table(columns, cells, right=(0, 3))
    save(args, infos)
    return 0


def configure_surprise(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("track", nargs="?", metavar="TRACK", help=f"{TRACK_HELP} (default: a random track)")
    add.library(parser)
    parser.add_argument(
        "--farther",
        type=int,
        default=0,
        choices=range(6),
        metavar="N",
        help="0 to 5: how much farther to jump (default: 0)",
    )
    add.number(parser, "--seed", "random seed (default: another jump each time)", of=add.whole)
    add.json(parser)


def run_surprise(args: argparse.Namespace) -> int:
    """Print where the jump leads; exit code 1 when nothing qualifies."""
    from contextlib import closing

    import numpy as np

    from segue.core.explore.path import surprise
    from segue.core.explore.variety import Taste

    library = Library.open(args.library)
    rng = np.random.default_rng(args.seed)
    seed = int(rng.integers(len(library))) if args.track is None else library.catalogue.resolve(args.track)
    with closing(open_state()) as state:
        banned = Taste.of(library, state).banned
    jump = surprise(library, seed, farther=args.farther, rng=rng, without=banned)
    if jump is None:
        note("no distant track has this one among its neighbours; try another")
        return 1
    start, end = library.catalogue.infos([seed, jump.row])
    if args.json:
        about = {"similarity": round(jump.similarity, 4), "rank": jump.rank, "rank_back": jump.rank_back}
        print_json({"seed": start.track_id} | described(end, jump.row) | about)
        return 0
    say(f"{start.label} -> {end.label}")
    say(f"  similarity {jump.similarity:.2f}: rank {jump.rank}, reverse rank {jump.rank_back}")
    return 0


def configure_artist(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("artist", metavar="ARTIST", help="a name or an id")
    add.library(parser)
    add.number(parser, "-n", "number of nearest artists", default=20)
    add.json(parser)


def run_artist(args: argparse.Namespace) -> int:
    """Print the artist's page."""
    from segue.core.explore.artists import artist_page

    library = Library.open(args.library)
    page = artist_page(library, args.artist, n=args.n)
    ids = dict(zip(page.rows, library.catalogue.infos(page.rows), strict=True))
    if args.json:
        print_json(
            {
                "artist": page.artist.name,
                "artist_id": page.artist.artist_id,
                "tracks": [info.track_id for info in ids.values()],
                "clusters": [
                    {
                        "tracks": [ids[row].track_id for row in cluster.rows],
                        "tightness": round(cluster.tightness, 4),
                    }
                    for cluster in page.clusters
                ],
                "nearest": [
                    {"artist": near.artist.name, "artist_id": near.artist.artist_id}
                    | {"similarity": round(near.similarity, 4), "tracks": near.tracks}
                    for near in page.nearest
                ],
            }
        )
        return 0
    say(f"{page.artist.label}: {counted(len(page.rows), 'track')}")
    for at, cluster in enumerate(page.clusters, start=1):
        if len(page.clusters) > 1:
            say(f"corner {at} ({counted(len(cluster.rows), 'track')}, {cluster.tightness:.2f} tight)")
        columns = ("title", "album", "plays")[: None if library.knows_plays else -1]
        rows = [
            (ids[row].title or ids[row].track_id, ids[row].album, library.counts[row])[: len(columns)]
            for row in cluster.rows
        ]
        table(columns, rows, right=(2,))
    table(
        ("near artist", "similarity", "tracks"),
        [[near.artist.label, f"{near.similarity:.3f}", near.tracks] for near in page.nearest],
        right=(1, 2),
    )
    return 0


def configure_explain(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("seed", metavar="SEED|PLAYLIST", help=f"{TRACK_HELP}; with --ask, a playlist file")
    parser.add_argument("track", metavar="TRACK", help="the track to explain")
    parser.add_argument(
        "--ask",
        choices=("continue", "missing"),
        help="explain a suggestion of `segue complete PLAYLIST --ask ...`",
    )
    add.library(parser)
    add.json(parser)


def run_explain(args: argparse.Namespace) -> int:
    """Print the evidence."""
    from segue.core.explore.explain import explain

    library = Library.open(args.library)
    row = library.catalogue.resolve(args.track)
    explanation: Explanation | PlaylistExplanation
    if args.ask:
        from segue.core.explore.explain_playlist import explain_in_playlist

        playlist = [match.row for match in matched(library, args.seed, args) if match.row is not None]
        explanation = explain_in_playlist(library, playlist, row, ask=args.ask)
        beside = f"for {args.seed}"
    else:
        seed = library.catalogue.resolve(args.seed)
        explanation = explain(library, seed, row)
        beside = f"near {library.catalogue.info(seed).label}"
    if args.json:
        print_json(asdict(explanation) | {"sentences": explanation.sentences()})
        return 0
    say(f"{library.catalogue.info(row).label}, {beside}:")
    for sentence in explanation.sentences():
        say(f"  {sentence}")
    return 0
