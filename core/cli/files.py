"""`segue files`: index the audio files of a folder, to be played in place of previews."""

import argparse
from dataclasses import asdict
from pathlib import Path

from segue.core.cli.options import add_json
from segue.core.cli.output import note, print_json, progress, say
from segue.core.errors import UsageError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    parser.add_argument(
        "folders", nargs="*", type=Path, metavar="FOLDER",
        help="folders of music (default: those that were indexed before)",
    )  # fmt: skip
    add_json(parser)


def run(args: argparse.Namespace) -> int:
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
            note(f"and {report.unreadable - len(report.problems):,} more files that can't be read")
        parts = [f"{report.files:,} audio files", f"{report.read:,} read now"]
        parts += [f"{report.unreadable:,} that can't be read"] if report.unreadable else []
        parts += [f"{report.skipped:,} links or special files left out"] if report.skipped else []
        parts += [f"{report.gone:,} gone"] if report.gone else []
        say(f"{folder}: {', '.join(parts)}")
    return 0
