"""Verbs that list tracks: `segue neighbours`, `segue path`, `segue blend`, `segue surprise`, `segue artist`.

`segue explain` says why one track is near another, or goes with a playlist.
"""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from segue.core.cli.exploring import (
    TRACK_HELP,
    add_filters,
    add_listing,
    described,
    filters_of,
    matched,
    open_state,
    opened,
    ranker_of,
    save,
    show,
    weighted,
)
from segue.core.cli.output import (
    add_json,
    add_library,
    add_seed,
    note,
    positive,
    print_json,
    say,
    table,
    whole,
)
from segue.core.text import counted

if TYPE_CHECKING:
    from segue.core.explore.explain import Explanation
    from segue.core.explore.explain_playlist import PlaylistExplanation


def configure_neighbours(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("track", metavar="TRACK", help=TRACK_HELP)
    add_listing(parser)
    parser.add_argument(
        "--index",
        choices=("exact", "kdtree"),
        default="exact",
        help="how --ranker nearest searches (default: exact)",
    )
    parser.add_argument(
        "--fewer-hubs",
        type=float,
        default=0.0,
        metavar="S",
        help="0 to 1: how strongly to push back hubs, tracks that are near everything (default: 0)",
    )


def run_neighbours(args: argparse.Namespace) -> int:
    """List the neighbours."""
    from segue.core.explore.neighbours import neighbourhood

    library = opened(args)
    seed = library.catalogue.resolve(args.track)
    filters = filters_of(args, library)
    found = neighbourhood(
        library,
        seed,
        args.n,
        ranker=ranker_of(args, library),
        index=args.index,
        fewer_hubs=args.fewer_hubs,
        **vars(filters),
    )
    info = library.catalogue.info(seed)
    if not args.json:
        note(f"near {info.label}, by {found.ranker}")
    show(args, library, found.rows, found.hidden, seed=info.track_id, ranker=found.ranker)
    return 0


def configure_path(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "tracks", nargs="+", metavar="TRACK", help=f"two or more, in order; each {TRACK_HELP}"
    )
    add_library(parser)
    parser.add_argument("--between", type=int, default=8, metavar="N", help="tracks on each leg (default: 8)")
    parser.add_argument(
        "--variance",
        type=float,
        default=0.0,
        metavar="V",
        help="0: always the same path; up to 1: a different path for each --seed",
    )
    add_filters(parser)
    add_seed(parser)
    add_json(parser)


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
    parser.add_argument(
        "--minus",
        action="append",
        default=[],
        metavar="TRACK",
        help="a track to stay away from; may be given several times",
    )
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
    found = blend(library, plus, minus, args.n, ranker=ranker_of(args, library), filters=filters)
    removed = library.catalogue.infos(removed.row for removed in found.removed)
    more = {"removed": [info.track_id for info in removed], "emptied_by": found.emptied_by}
    show(args, library, found.rows, found.hidden, **more)
    if removed and not args.json:
        note("removed by --minus: " + " · ".join(info.label for info in removed[:10]))
    if not found.rows:
        note(f"nothing is left; most tracks were removed by the rule: {found.emptied_by}")
    return 0 if found.rows else 1


def configure_surprise(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("track", nargs="?", metavar="TRACK", help=f"{TRACK_HELP} (default: a random track)")
    add_library(parser)
    parser.add_argument(
        "--farther",
        type=int,
        default=0,
        choices=range(6),
        metavar="N",
        help="0 to 5: how much farther to jump (default: 0)",
    )
    parser.add_argument(
        "--seed", type=whole, metavar="N", help="random seed (default: another jump each time)"
    )
    add_json(parser)


def run_surprise(args: argparse.Namespace) -> int:
    """Print where the jump leads; exit code 1 when nothing qualifies."""
    from contextlib import closing

    import numpy as np

    from segue.core.explore.path import surprise
    from segue.core.explore.variety import Taste
    from segue.core.library import Library

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
    add_library(parser)
    parser.add_argument(
        "-n", type=positive, default=20, metavar="N", help="number of nearest artists (default: 20)"
    )
    add_json(parser)


def run_artist(args: argparse.Namespace) -> int:
    """Print the artist's page."""
    from segue.core.explore.artists import artist_page
    from segue.core.library import Library

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
    add_library(parser)
    add_json(parser)


def run_explain(args: argparse.Namespace) -> int:
    """Print the evidence."""
    from segue.core.explore.explain import explain
    from segue.core.library import Library

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
