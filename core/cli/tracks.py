"""What is known of tracks: `segue search`, `segue titles` and `segue files`."""

import argparse
from dataclasses import asdict
from pathlib import Path

from segue.core.cli import add
from segue.core.cli.exploring import described
from segue.core.cli.output import note, print_json, progress, say, table
from segue.core.errors import SegueError, UsageError
from segue.core.library import Library
from segue.core.text import counted


def configure_search(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.option(
        parser,
        "words",
        "WORD",
        "beginnings of words, in any order; `a:`, `t:` and `al:` search artist, title or album only",
        nargs="+",
    )
    add.library(parser)
    add.number(parser, "-n", "number of tracks", default=20)
    add.json(parser)


def run_search(args: argparse.Namespace) -> int:
    """Print what was found; exit code 1 when nothing was."""
    library = Library.open(args.library)
    catalogue = library.catalogue
    hits = catalogue.search(" ".join(args.words), limit=args.n)
    infos = catalogue.infos(hit.row for hit in hits)
    plays = catalogue.counts(hit.row for hit in hits).tolist() if library.knows_plays else [None] * len(hits)
    if args.json:
        found = zip(hits, infos, plays, strict=True)
        print_json(
            [described(info, hit.row) | {"why": hit.why, "plays": count} for hit, info, count in found]
        )
    elif hits:
        columns = ("title", "artist", "album", "id", "plays")[: None if library.knows_plays else -1]
        rows = [
            (info.title, info.artist, info.album, info.track_id, count)[: len(columns)]
            for info, count in zip(infos, plays, strict=True)
        ]
        table(columns, rows, right=(4,))
    else:
        note("nothing found; try fewer words or only their beginnings")
    return 0 if hits else 1


def configure_titles(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.library(parser)
    add.number(parser, "--top", "only the N most played tracks (default: all)")
    add.json(parser)


def run_titles(args: argparse.Namespace) -> int:
    """Ask by plays, within Deezer's rate limit; what was asked before is not asked again."""
    from segue.core.catalogue.overlay import title_overlay
    from segue.core.explore.titles import DeezerTitles, ask_all, is_deezers, untitled
    from segue.core.http import HttpError

    library = Library.open(args.library)
    without = untitled(library, args.top)
    titles = DeezerTitles(offline=args.offline)
    wanted = titles.to_ask(without)
    if wanted and args.offline:
        raise UsageError("segue titles needs the network; run without --offline")
    learned = unknown = 0
    with progress("asking Deezer for titles", len(wanted), "tracks", quiet=args.json) as advance:
        try:
            for has_title in ask_all(titles, wanted, advance):
                learned += has_title
                unknown += not has_title
        except HttpError as error:
            raise SegueError(
                f"{error}; kept {learned:,} of {counted(len(wanted), 'title')}; run the same command to "
                "ask for the others"
            ) from None
    overlay = title_overlay()
    others = sum(not is_deezers(track_id) for track_id in without)
    known_unknown = len(without) - len(wanted) - others
    if args.json:
        print_json(
            {
                "learned": learned,
                "unknown": unknown + known_unknown,
                "not_deezers": others,
                "path": str(overlay.path),
            }
        )
        return 0
    if not without:
        which = "every track" if args.top is None else f"each of the {args.top:,} most played tracks"
        say(f"{which} of {library.name} has a title")
        return 0
    parts = [f"learned {counted(learned, 'title')}"]
    if unknown + known_unknown:
        parts.append(f"{unknown + known_unknown:,} that Deezer does not know")
    if others:
        parts.append(f"{others:,} whose ids are not Deezer's")
    say(f"{library.name}: {', '.join(parts)}; kept in {overlay.path}")
    return 0


def configure_files(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.option(
        parser, "folders", "FOLDER", "folders of music (default: those indexed before)", of=Path, nargs="*"
    )
    add.json(parser)


def run_files(args: argparse.Namespace) -> int:
    """Read the tags of what is new or has changed; the rest is known."""
    from segue.core.own_files import file_index

    index = file_index()
    folders = args.folders or index.folders()
    if not folders:
        raise UsageError("no folder has been indexed yet; pass one, as in: segue files ~/Music")
    for folder in folders:
        with progress(f"reading tags in {folder}", None, "files", quiet=args.json) as advance:
            report = index.scan(folder, advance)
        if args.json:
            problems = [{"path": path, "reason": reason} for path, reason in report.problems]
            print_json(
                asdict(report) | {"problems": problems, "folder": str(folder), "index": str(index.path)}
            )
            continue
        for path, reason in report.problems:
            note(f"{path}: {reason}")
        if report.unreadable > len(report.problems):
            note(f"and {counted(report.unreadable - len(report.problems), 'more file')} that can't be read")
        parts = [counted(report.files, "audio file"), f"{report.read:,} read now"]
        parts += [f"{report.unreadable:,} that can't be read"] if report.unreadable else []
        parts += [f"{report.skipped:,} links or special files left out"] if report.skipped else []
        parts += [f"{report.gone:,} gone"] if report.gone else []
        say(f"{folder}: {', '.join(parts)}")
    return 0
