"""`segue libraries`: what can be opened by name."""

import argparse
from typing import Any

from segue.core.cli.options import add_json
from segue.core.cli.output import note, print_json, table
from segue.core.errors import SegueError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """List the libraries; one that is damaged is named with what is wrong."""
    from segue.core.library import Library
    from segue.core.places import all_libraries

    found: list[dict[str, Any]] = []
    for path in all_libraries():
        try:
            library = Library.open(path)
        except SegueError as error:
            note(f"segue: {error}")
            continue
        manifest = library.manifest
        found.append(
            {
                "name": path.name,
                "tracks": len(library),
                "dimensions": library.dimensions,
                "recipe": manifest.recipe,
                "created": manifest.created,
                "scores": manifest.scores,
                "path": str(path),
            }
        )
    if args.json:
        print_json(found)
        return 0
    rows = [
        [
            entry["name"],
            f"{entry['tracks']:,}",
            entry["dimensions"],
            entry["recipe"],
            _hit(entry["scores"]),
            entry["created"][:10],
            entry["path"],
        ]
        for entry in found
    ]
    table(("name", "tracks", "d", "recipe", "hit@10", "made", "path"), rows, right=(1, 2, 4))
    return 0


def _hit(scores: dict[str, Any]) -> str:
    """The best ranker's score on the validation pairs."""
    rankers = scores.get("validation", {}).values()
    return f"{max(ranker['hit@10'] for ranker in rankers):.4f}" if rankers else "-"
