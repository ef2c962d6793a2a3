"""`segue train`: playlists in, a library out.

The verb with the most options; its checks and its lines of progress go with them, in one file.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.core.cli import add
from segue.core.cli.main import stop_on_interrupt
from segue.core.cli.options import add_min_count, add_reading, add_settings, config_of
from segue.core.cli.output import note, notes, print_json, progress, say
from segue.core.errors import SegueError, UsageError
from segue.core.places import new_library
from segue.core.text import counted

if TYPE_CHECKING:
    from segue.core.catalogue.aside import CatalogueProcess
    from segue.core.cli.main import Stop
    from segue.core.evaluation.beside import BaselineProcess
    from segue.core.library import Library
    from segue.core.pipeline import Fit, Source
    from segue.core.track2vec import Progress, TrainConfig

SHARDS = 8
"""Default number of shards on a cluster: the most whose scores equalled those of one process."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.option(
        parser, "file", "FILE", "playlists in any format that Segue reads, or a prepared corpus", of=Path
    )
    parser.add_argument("--name", required=True, metavar="NAME|PATH", help="name of the new library")
    add.several(
        parser,
        "--metadata",
        "FILE",
        "titles and artists: TracksArtists.csv, Tracks.csv, ..., or a table with the columns track_id, "
        "title and artist",
        of=Path,
    )
    parser.add_argument(
        "--with",
        dest="together_with",
        type=Path,
        metavar="FILE",
        help="train together with these other playlists; tracks that are the same take the ids used there",
    )
    add_reading(parser)
    add_min_count(parser)
    add.held_out(parser)
    add.flag(
        parser,
        "--leak-free",
        "count the vocabulary on the training positions only, so that held-out pairs leak nothing",
    )
    add_settings(parser)
    add.choice(parser, "--map", ("pca", "umap"), "how to lay out the map")
    add.flag(parser, "--replace", "replace an existing library of that name, or its unfinished training")
    add.flag(parser, "--resume", "continue a stopped or killed training")
    _add_cluster(parser)
    add.flag(parser, "--no-evaluate", "skip the evaluation at the end")
    add.seed(parser)
    add.number(
        parser,
        "--seeds",
        "train N times with consecutive seeds, and report mean and s.d.; the first is kept",
        default=1,
    )
    add.json(parser)


def _add_cluster(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("on a cluster (docs/scale.md)")
    add.option(
        group,
        "--cluster",
        "ADDRESS",
        "train on the Ray cluster at HOST:PORT, or `local` to start one on this machine",
    )
    add.number(group, "--shards", f"number of data shards (default: {SHARDS})")
    add.number(
        group,
        "--rounds",
        "number of passes over the playlists, each followed by averaging (in place of --epochs)",
    )


def run(args: argparse.Namespace) -> int:
    """Read, train, write the library and score it on its validation pairs."""
    from segue.core.track2vec.model import import_without_extras

    import_without_extras()
    from segue.core.catalogue.aside import catalogue_process
    from segue.core.evaluation.beside import baseline_process
    from segue.core.libraries import claim, is_resumable

    _check_cluster(args)
    if args.seeds > 1 and (args.no_evaluate or args.cluster):
        raise UsageError("--seeds above 1 can't be combined with --no-evaluate or --cluster")
    config = config_of(args)
    path = new_library(args.name)
    with claim(path):
        if is_resumable(path) and not (args.resume or args.replace):
            raise SegueError(
                f"{path}: has an unfinished training; add --resume to continue it or --replace to start "
                "again, or choose another --name"
            )
        # trainings that are several or reduce the vocabulary write their own catalogues
        alone = args.seeds > 1 or args.cluster is not None or args.leak_free
        unscored = args.cluster is not None or args.no_evaluate
        with (
            nullcontext() if alone else catalogue_process(path, args.metadata) as catalogue,
            nullcontext() if unscored else baseline_process(path) as baselines,
        ):
            return _run(args, path, config, catalogue, baselines)


def _run(
    args: argparse.Namespace,
    path: Path,
    config: "TrainConfig",
    catalogue: "CatalogueProcess | None",
    baselines: "BaselineProcess | None",
) -> int:
    from segue.core.libraries import library_at
    from segue.core.pipeline import read_source, train_library

    with progress(f"reading {args.file.name}", None, "tracks", quiet=args.json) as advance:
        source = read_source(
            args.file,
            metadata_files=args.metadata,
            file_format=args.format,
            columns=args.columns,
            min_count=args.min_count,
            progress=advance,
            catalogue=catalogue,
            together_with=args.together_with,
        )
    _tell_source(source, as_json=args.json)
    before = library_at(path)
    with (
        _cluster(args) as fit,
        stop_on_interrupt(
            "stopping after this batch" if fit is None else "stopping; the last whole round is kept"
        ) as stopped,
        _display(as_json=args.json, unit="epoch" if fit is None else "round") as show,
    ):
        library = train_library(
            source,
            path,
            config,
            seed=args.seed,
            split_seed=args.split_seed,
            protocol=args.protocol,
            leak_free=args.leak_free,
            map_method=args.map,
            resume=args.resume,
            replace=args.replace,
            on_progress=show,
            should_stop=stopped.is_set,
            baselines=baselines,
            **({} if fit is None else {"fit": fit}),
        )
    if not args.no_evaluate and not stopped.is_set():
        scored = _evaluate(library, baselines, as_json=args.json)
        if scored and args.seeds > 1:
            with stop_on_interrupt("stopping; the first training is kept") as stopped:
                _repeat(args, source, config, library, stopped)
            if stopped.is_set():
                note(f"{library.path}: holds no mean and s.d., since not all {args.seeds} seeds were trained")
                return stopped.exit_code
    replaced = before is None or library.manifest != before
    _tell_library(library, stopped=stopped.is_set(), replaced=replaced, as_json=args.json)
    return stopped.exit_code


def _check_cluster(args: argparse.Namespace) -> None:
    """Refuse what can't be, before hours of reading; `--rounds` becomes `--epochs`."""
    if args.cluster is None:
        if args.shards is not None or args.rounds is not None:
            raise UsageError("--shards and --rounds are for a cluster: add --cluster ADDRESS")
        return
    from segue.core.cluster.session import LOCAL, check_address, find_ray

    if args.recipe != "fast":
        raise UsageError(f"--cluster trains only the recipe fast, not {args.recipe}; leave one of them out")
    if args.rounds is not None:
        if args.epochs not in {None, args.rounds}:
            raise UsageError(
                f"--rounds {args.rounds} and --epochs {args.epochs}: a round is an epoch; pass one"
            )
        args.epochs = args.rounds
    find_ray(local=args.cluster == LOCAL)
    if args.cluster != LOCAL:
        check_address(args.cluster)


@contextmanager
def _cluster(args: argparse.Namespace) -> "Iterator[Fit | None]":
    """How to train on the cluster that is asked for, if one is."""
    if args.cluster is None:
        yield None
        return
    from segue.core.cluster import connect
    from segue.core.cluster.rounds import train_in_rounds

    with connect(args.cluster) as ray:
        yield partial(train_in_rounds, ray, shards=args.shards or SHARDS)


def _evaluate(library: "Library", baselines: "BaselineProcess | None", *, as_json: bool) -> bool:
    """Score the library, unless it has too few pairs; returns whether it was scored."""
    from segue.core.corpus.split import FEWEST_PAIRS
    from segue.core.evaluation import evaluate, save_report, scoring

    held = library.held_out
    pairs = 0 if held is None else len(held.validation)
    if pairs < FEWEST_PAIRS:
        few = counted(pairs, "validation pair")
        note(f"too few playlists to score: {few}; the library can still be explored")
        return False
    if as_json:
        print_json({"event": "written", "library": str(library.path)})
    else:
        note(f"{library.path}: can be opened now; its scores are being computed")
    with scoring(library):
        ranked = None if baselines is None else baselines.ranked
        save_report(library, evaluate(library, ranked_already=ranked))
    return True


def _repeat(
    args: argparse.Namespace, source: "Source", config: "TrainConfig", library: "Library", stopped: "Stop"
) -> None:
    """Train from the other seeds, and write the scores of all into the library that is kept."""
    from segue.core.evaluation.evaluate import note_seeds, seed_scores
    from segue.core.pipeline import train_library

    scores = [seed_scores(library)]
    with tempfile.TemporaryDirectory(prefix=f".{library.path.name}.", dir=library.path.parent) as folder:
        for seed in range(args.seed + 1, args.seed + args.seeds):
            note(f"training again from seed {seed}")
            with _display(as_json=args.json, unit="epoch") as show:
                other = train_library(
                    source,
                    Path(folder) / f"seed-{seed}",
                    config,
                    seed=seed,
                    split_seed=args.split_seed,
                    protocol=args.protocol,
                    leak_free=args.leak_free,
                    on_progress=show,
                    should_stop=stopped.is_set,
                )
            if stopped.is_set():
                return
            scores.append(seed_scores(other))
    note_seeds(library, args.seed, scores)


def _tell_source(source: "Source", *, as_json: bool) -> None:
    corpus = source.corpus
    facts = {
        "playlists": corpus.n_playlists,
        "positions": corpus.n_positions,
        "tracks": len(corpus.vocabulary),
        "described": source.titles,
        "dropped": source.dropped,
        "skipped": source.description.get("skipped", {}),
    }
    if as_json:
        print_json({"event": "corpus", **facts})
        return
    note(
        f"{counted(facts['playlists'], 'playlist')}, {counted(facts['positions'], 'position')}, "
        f"{counted(facts['tracks'], 'track')} "
        f"({facts['described']:,} with a title)"
    )
    if shared := source.description.get("together"):
        note(f"{shared['matched']:,} of the {shared['tracks']:,} tracks of the first file are in the other")
    if source.dropped:
        least = source.description["min_count"]
        dropped = counted(source.dropped, "track")
        note(f"dropped {dropped} with fewer than {counted(least, 'play')} (--min-count)")
    for reason, number in facts["skipped"].items():
        note(f"skipped {number:,}: {reason}")


def _tell_library(library: "Library", *, stopped: bool, replaced: bool, as_json: bool) -> None:
    manifest = library.manifest
    if as_json:
        print_json(
            {
                "event": "done",
                "library": str(library.path),
                "stopped": stopped,
                "replaced": replaced,
                "training": manifest.training,
                "scores": manifest.scores,
            }
        )
        return
    if stopped and not replaced:
        say(f"stopped: {library.path} is unchanged, since it was trained for longer")
        say("continue with the same command and --resume; with --replace it replaces that library")
        return
    from segue.core.evaluation.evaluate import seed_lines

    for ranker, scores in manifest.scores.get("validation", {}).items():
        say(f"{ranker:<14} hit@10 {scores['hit@10']:.4f}  NDCG@10 {scores['ndcg@10']:.4f}")
    for line in seed_lines(manifest):
        say(line)
    verb = "stopped and kept" if stopped else "written"
    say(
        f"{verb}: {library.path} ({len(library):,} tracks, {manifest.training['seconds']:,.1f} s of training)"
    )
    if stopped:
        from segue.core.libraries import aside_of

        say("continue with the same command and --resume")
        if aside_of(library.path).exists():
            say(f"the previous library is kept: {aside_of(library.path)}")
    say(f"explore it: segue --library {library.path}")


@contextmanager
def _display(*, as_json: bool, unit: str) -> Iterator[Callable[["Progress"], None]]:
    if as_json:
        yield lambda progress: print_json({"event": "progress", **_rounded(progress)})
        return
    if not notes().is_terminal:
        yield partial(_line_each_epoch, unit)
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[facts]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=notes()) as bar:
        task = bar.add_task("training", total=1.0, facts="")
        hits = ""

        def show(progress: "Progress") -> None:
            nonlocal hits
            if progress.hit_at_10 is not None:
                hits = f"  hit@10 {progress.hit_at_10:.4f}"
            facts = f"{progress.pairs_per_second:,.0f} positives/s  loss {progress.loss:.4f}{hits}"
            bar.update(
                task,
                completed=progress.fraction,
                description=f"{unit} {progress.epoch}/{progress.epochs}",
                facts=facts,
            )

        yield show


def _line_each_epoch(unit: str, progress: "Progress") -> None:
    if progress.hit_at_10 is not None:
        note(
            f"{unit} {progress.epoch}/{progress.epochs}  {progress.pairs_per_second:,.0f} positives/s  "
            f"loss {progress.loss:.4f}  hit@10 {progress.hit_at_10:.4f}  {progress.seconds_left:,.0f} s left"
        )


def _rounded(progress: "Progress") -> dict[str, Any]:
    return {
        name: round(value, 6) if isinstance(value, float) else value
        for name, value in asdict(progress).items()
    }
