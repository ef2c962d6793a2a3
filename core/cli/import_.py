"""`segue import`: the listener's own playlists and histories become a corpus, titles, journal and crates."""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from segue.core.cli import add
from segue.core.cli.options import add_reading
from segue.core.cli.output import note, print_json, progress, say
from segue.core.cli.sources import add_train, check_train, train_on
from segue.core.errors import SegueError, UsageError
from segue.core.text import counted

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from segue.core.corpus.own import OwnCorpus
    from segue.core.corpus.readers.batch import Entry
    from segue.core.corpus.readers.identities import OwnPlaylist
    from segue.core.library import Library
    from segue.core.state import State

JOURNAL = "import"
"""The source of imported lines in the journal."""
_MATCHED = 100
"""Tracks that are matched between two steps of the progress bar: up to a second."""


def configure_import(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.option(
        parser, "file", "FILE|FOLDER|ZIP", "an export from a service or a player (docs/playlists.md)", of=Path
    )
    parser.add_argument(
        "--library",
        "-l",
        metavar="NAME|PATH",
        help="match the tracks to this library, and use its ids in crates and journal",
    )
    add.option(
        parser,
        "--fold-in",
        "NAME|PATH",
        "write a library of that name that adds your tracks to those of --library; a new track gets a "
        "vector from the tracks it occurs with",
    )
    add.flag(parser, "--no-journal", "don't add to the journal")
    add.flag(parser, "--no-crates", "don't make crates")
    add.option(parser, "--to", "FOLDER", "folder for the corpus (default: Segue's data folder)", of=Path)
    add_reading(parser)
    add_train(parser)
    add.json(parser)


def run_import(args: argparse.Namespace) -> int:
    """Read, merge with what earlier imports have kept, and say what is new."""
    from segue.core.corpus.own import OwnCorpus, read_own
    from segue.core.explore.own_songs import one_song_each
    from segue.core.files import explained
    from segue.core.library import Library
    from segue.core.places import user_folder

    check_train(args)
    target = _fold_target(args)
    library = Library.open(args.library) if args.library else None
    folder = args.to or user_folder("data") / "own"
    with _claimed(folder):
        playlists, skipped = read_own(args.file, args.format, args.columns)
        entries = [entry for playlist in playlists for entry in playlist.entries]
        with explained(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        corpus = OwnCorpus.open(folder)
        in_crates = corpus.ids_in_crates()
        before = {song for playlist in corpus.playlists for song in playlist.track_ids}
        added = corpus.add(playlists)
        songs = corpus.take_songs(one_song_each)
        if library is None:
            ids = {song: in_crates[name] for song, name in songs.names if name in in_crates}
            changed: Sequence[OwnPlaylist] | None = [*added.changed, *songs.changed]
        else:
            ids, changed = _ids(library, songs.by_id, quiet=args.json), None
        renamed = {old: new for old, new in songs.before.items() if old in before and old not in songs.by_id}
        crates, lines = _keep(
            args, corpus, ids, changed, before=songs.before if library is None else None, renamed=renamed
        )
        _keep_titles(songs.by_id)
        corpus.save()
    folded = (
        None
        if target is None or library is None
        else _fold_in(target, library, corpus.playlists, songs.by_id, ids)
    )
    facts = {
        "playlists": added.playlists,
        "changed": len(added.changed),
        "sessions": added.sessions,
        "listens": added.listens,
        "tracks": len({entry.identity for entry in entries}),
        "joined": songs.joined,
        "crates": crates,
        "journal": lines,
        "matched": len(ids) if args.library else None,
        "folded": None if folded is None else len(folded.folded),
        "skipped": skipped,
        "path": str(corpus.path),
    }
    if args.json:
        print_json({"event": "imported", **facts})
    else:
        _describe(facts, args.library)
        if folded is not None:
            new = len(folded.folded)
            say(f"{folded.path}: a library of {counted(len(folded), 'track')}, {new:,} of them folded in")
    return train_on(corpus.path, args)


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """Have the folder of a corpus to oneself; a second import is refused before it reads anything."""
    from segue.core.files import explained, locked, refuse_link

    with ExitStack() as stack:
        with explained(folder):
            refuse_link(folder)
            folder.parent.mkdir(parents=True, exist_ok=True)
            mine = stack.enter_context(locked(folder.with_name(f".{folder.name}.lock")))
        if not mine:
            raise SegueError(f"{folder}: another import is running; wait until it has finished")
        yield


def _keep(
    args: argparse.Namespace,
    corpus: "OwnCorpus",
    ids: dict[str, str],
    changed: "Sequence[OwnPlaylist] | None",
    *,
    before: "Container[str] | None",
    renamed: dict[str, str],
) -> tuple[int, int]:
    """Make crates and lines of the journal; returns how many are new or changed, and how many are new.

    Those made before take new ids where their playlist is one of those `changed`, and where the line's id is
    one of those `before`; None stands for all. Loves and bans take those of songs that are `renamed`.
    """
    from segue.core.database import sync_database
    from segue.core.state import State

    crates = lines = 0
    with closing(State.open()) as state:
        state.rename_tracks(renamed)
        if not args.no_crates:
            crates = _make_crates(corpus, state, ids, changed)
        if not args.no_journal:
            listens = [
                (entry.time, ids.get(song, song), entry.duration or 0.0)
                for playlist in corpus.playlists
                for entry, song in zip(playlist.entries, playlist.track_ids, strict=True)
                if playlist.is_session and entry.time is not None
            ]
            lines = state.add_heard(JOURNAL, listens, rename=before)
    # the corpus notes which crates were made: after a loss of power it must know of none that is lost
    sync_database(state.path)
    return crates, lines


def _keep_titles(songs: "Mapping[str, Entry]") -> None:
    """Keep the titles of all ids of services."""
    from segue.core.catalogue.overlay import title_overlay
    from segue.core.database import sync_database
    from segue.core.tracks import service_id

    overlay = title_overlay()
    named = {
        name: song
        for song in songs.values()
        if song.title
        for name in filter(service_id, (song.track_id, *song.ids))
    }
    known = overlay.learned(named)
    overlay.keep((replace(named[name].info(), track_id=name), "") for name in named if name not in known)
    sync_database(overlay.path)


def _make_crates(
    corpus: "OwnCorpus", state: "State", ids: dict[str, str], changed: "Sequence[OwnPlaylist] | None"
) -> int:
    """Make a crate of each playlist, and note it in the corpus; returns how many are new or changed.

    Crates that were made before are made again of all playlists, or of those that have `changed`.
    """
    from segue.core.corpus.own import crate_names

    crates, before = 0, state.crates()
    again = None if changed is None else set(map(id, changed))
    playlists = [each for each in corpus.playlists if again is None or not each.crate or id(each) in again]
    changes = list(crate_names(playlists, before, ids))
    for playlist, name, track_ids in changes:
        crates += state.set_crate(name, track_ids) is not None
        playlist.crate, playlist.crated = name, tuple(track_ids)
    return crates


def _ids(library: "Library", songs: "Mapping[str, Entry]", *, quiet: bool) -> dict[str, str]:
    """The ids that a library has for the listener's songs, by theirs."""
    from segue.core.explore.matching import match_playlist

    catalogue = library.catalogue
    rows, keys = dict[str, int](), list(songs)
    with progress("matching tracks", len(keys), "tracks", quiet=quiet) as advance:
        for start in range(0, len(keys), _MATCHED):
            part = keys[start : start + _MATCHED]
            for key, match in zip(part, match_playlist(catalogue, map(songs.__getitem__, part)), strict=True):
                if match.row is not None:
                    rows[key] = match.row
            advance(len(part))
    infos = catalogue.infos(rows.values())
    return {key: info.track_id for key, info in zip(rows, infos, strict=True)}


def _fold_target(args: argparse.Namespace) -> Path | None:
    """The folder that `--fold-in` names, checked before any work."""
    if args.fold_in is None:
        return None
    from segue.core.places import OTHER_NAME, RECORD, find_library, new_library, require_writable

    if not args.library:
        raise UsageError("--fold-in needs --library, the library that your tracks are folded into")
    require_writable(path := new_library(args.fold_in))
    if path.resolve() == find_library(args.library).resolve():
        raise UsageError(f"--fold-in {args.fold_in}: --library stays as it is; take another name")
    if (path / RECORD).exists() and not args.replace:
        raise UsageError(f"{path}: already exists; add --replace to overwrite it, or {OTHER_NAME}")
    return path


def _fold_in(
    path: Path,
    library: "Library",
    playlists: "Sequence[OwnPlaylist]",
    songs: "Mapping[str, Entry]",
    ids: "Mapping[str, str]",
) -> "Library":
    """Write the library of the listener's tracks among another's."""
    from segue.core.explore.fold_in import fold_into_library
    from segue.core.libraries import claim

    tracks = {name: song.info() for name, song in songs.items()}
    lists = [[ids.get(song, song) for song in playlist.track_ids] for playlist in playlists]
    with claim(path):
        return fold_into_library(library, lists, tracks, path)


def _describe(facts: "Mapping[str, object]", library: str | None) -> None:
    skipped = facts["skipped"]
    for reason, times in skipped.items() if isinstance(skipped, dict) else ():
        note(f"left out {times:,} x {reason}")
    parts = [f"new playlists: {facts['playlists']:,}", f"new sessions: {facts['sessions']:,}"]
    if facts["changed"]:
        parts.append(f"playlists with other tracks than before: {facts['changed']:,}")
    say(f"{facts['path']}: {', '.join(parts)} (tracks read: {facts['tracks']:,})")
    if facts["joined"]:
        say(f"songs in several files or under several ids, each one track: {facts['joined']:,}")
    say(f"crates created or updated: {facts['crates']:,}; listens added to the journal: {facts['journal']:,}")
    if library is not None:
        say(f"of all songs imported so far, {facts['matched']:,} are in the library {library}")
