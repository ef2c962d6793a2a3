"""`segue artist`: an artist's tracks, the corners they lie in, and the nearest artists."""

import argparse

from segue.core.cli.options import add_json, add_library
from segue.core.cli.output import print_json, say, table


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument("artist", metavar="ARTIST", help="a name or an id")
    add_library(parser)
    parser.add_argument("-n", type=int, default=20, metavar="N", help="how many near artists (default: 20)")
    add_json(parser)


def run(args: argparse.Namespace) -> int:
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
    say(f"{page.artist.label}: {len(page.rows)} tracks")
    for at, cluster in enumerate(page.clusters, start=1):
        if len(page.clusters) > 1:
            say(f"corner {at} ({len(cluster.rows)} tracks, {cluster.tightness:.2f} tight)")
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
