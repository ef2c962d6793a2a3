"""`segue tune`: search for better hyperparameters, and watch."""

import argparse
import re
import time
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segue.core.cli import add
from segue.core.cli.output import console, note, notes, print_json, say, table
from segue.core.errors import SegueError, UsageError
from segue.core.text import counted, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from segue.core.tuning.render import Leaderboard
    from segue.core.tuning.search import Event, Tuner

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verb's arguments."""
    add.library(parser)
    parser.add_argument(
        "--preset",
        default="fast",
        metavar="NAME",
        help="what to search: notebook (a grid of ten) or fast (a free search, the default)",
    )
    add.several(
        parser, "--grid", "NAME=VALUE,VALUE", "try every combination of these values with the preset's recipe"
    )
    add.number(parser, "--trials", "number of trials (default: 40, or the whole grid)")
    add.number(
        parser,
        "--budget",
        "time limit, including the winner's trainings: 90s, 10m, 2h",
        of=seconds_of,
        metavar="TIME",
    )
    add.number(parser, "--epochs", "number of epochs of every trial")
    add.several(parser, "--set", "NAME=VALUE", "fix a hyperparameter in every trial")
    add.number(
        parser,
        "--seeds",
        "how often to train the winner, each with another seed, for the test score",
        default=3,
    )
    add.option(parser, "--study", "FOLDER", "folder of the search (default: tuning/ in the library)", of=Path)
    add.option(
        parser,
        "--cluster",
        "ADDRESS",
        "train on a Ray cluster, one trial per core: HOST:PORT, or `local` to start one on this machine",
    )
    add.flag(parser, "--search-only", "search without choosing a winner, so that the search can be continued")
    add.flag(parser, "--show", "only show the results so far")
    add.several(parser, "--plot", "FILE", "draw the results: FILE.png or FILE.html", of=Path)
    add.flag(parser, "--markdown", "print the leaderboard as Markdown")
    add.seed(parser)
    add.json(parser)


def run(args: argparse.Namespace) -> int:
    """Search, finish, show."""
    from segue.core.library import Library
    from segue.core.tuning.render import read_leaderboard, study_of

    library = Library.open(args.library)
    folder = args.study or study_of(library.path)
    code = 0
    if args.show:
        board = read_leaderboard(folder)
        if board is None:
            raise SegueError(f"{folder}: no search there yet; run: segue tune --library {args.library}")
    else:
        board, code = _search(args, library_folder=library.path, folder=folder)
    if args.json:
        print_json({"event": "done", "stopped": code != 0, **asdict(board)})
    elif args.markdown:
        show_markdown(board)
    else:
        show(board)
    for path in args.plot:
        from segue.core.tuning.render import plot

        plot(board, path)
        note(f"drawn: {path}")
    return code


def _search(args: argparse.Namespace, *, library_folder: Path, folder: Path) -> "tuple[Leaderboard, int]":
    """Search and finish; returns the leaderboard and the exit code."""
    from segue.core.cli.main import stop_on_interrupt
    from segue.core.cli.options import grid_values
    from segue.core.evaluation.report import held_out_pairs
    from segue.core.files import explained, refuse_link
    from segue.core.libraries import searched
    from segue.core.library import Library
    from segue.core.track2vec.model import import_without_extras
    from segue.core.tuning.search import split_without_test
    from segue.core.tuning.space import grid_of, preset_of

    import_without_extras()

    begun = time.monotonic()
    preset = preset_of(args.preset)
    fixed = _fixed(args, preset.recipe)
    if args.grid:
        values = grid_values(args.grid, preset.recipe)
        if twice := sorted(fixed.keys() & values.keys()):
            raise UsageError(f"{twice[0]} is in --grid and in --set; remove one of them")
        preset = grid_of(preset, values)
    inside = folder.parent == library_folder
    if args.study is None:
        refuse_link(folder)
    with (
        searched(library_folder) if inside else nullcontext(),
        explained(folder),
        stop_on_interrupt("stopping; the trial under way goes back into the queue") as stopped,
        _display(as_json=args.json) as follow,
        _tuner_on(args.cluster) as tuner_of,
    ):
        library = Library.open(library_folder)
        tuner = tuner_of(
            split_without_test(library),
            folder,
            preset,
            library=library.name,
            seed=args.seed,
            fixed=fixed,
            on_event=follow,
            should_stop=stopped.is_set,
        )
        if tuner.closed:
            note("this search is finished; choose another --study folder for a new one")
        done = tuner.search(trials=args.trials, seconds=args.budget, seeds=args.seeds)
        if not stopped.is_set() and not args.search_only and (done or args.budget is not None):
            left = None if args.budget is None else begun + args.budget - time.monotonic()
            done = tuner.finish(lambda: held_out_pairs(library, "test"), seeds=args.seeds, seconds=left)
    if not done or stopped.is_set():
        note("not finished; run the same command to continue")
    return tuner.board, stopped.exit_code


@contextmanager
def _tuner_on(cluster: str | None) -> "Iterator[Callable[..., Tuner]]":
    """What makes a search: one training after the other here, or several at once on a cluster."""
    from segue.core.tuning.search import Tuner

    if cluster is None:
        yield Tuner
        return
    from segue.core.cluster import connect
    from segue.core.cluster.tuning import ClusterTuner

    with connect(cluster) as ray:
        yield partial(ClusterTuner, ray)


def _fixed(args: argparse.Namespace, recipe: str) -> dict[str, Any]:
    """The settings that are the same in every trial, checked by the recipe's own types."""
    from segue.core.cli.options import config_of

    names = [text.partition("=")[0] for text in args.set] + (["epochs"] if args.epochs is not None else [])
    asked = argparse.Namespace(recipe=recipe, set=args.set, epochs=args.epochs, dim=None)
    config = config_of(asked)
    return {name: getattr(config, name) for name in names}


def seconds_of(text: str) -> float:
    """The seconds in `90s`, `10m`, `2h`, `1d` or a bare number of seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write 90s, 10m or 2h")
    return float(match[1]) * _UNITS[match[2] or "s"]


def show(board: "Leaderboard") -> None:
    """Print a search: its leaderboard, parallel coordinates, importance, and the end."""
    from segue.core.tuning.render import (
        importance_bars,
        leaderboard_table,
        parallel_coordinates,
        result_lines,
    )

    columns, rows = leaderboard_table(board)
    words = {"configuration", "state"}
    table(columns, rows, right=[number for number, name in enumerate(columns) if name not in words])
    for lines in (parallel_coordinates(board, width=console().width), importance_bars(board)):
        for line in lines:
            say(line)
        say()
    for line in result_lines(board):
        say(line)
    if board.result is not None:
        say(f"train it: segue train FILE --name NAME {settings(board)}")


def show_markdown(board: "Leaderboard") -> None:
    """Print the leaderboard and the end of a search as Markdown."""
    from segue.core.evaluation.render import markdown
    from segue.core.tuning.render import leaderboard_table, result_lines

    for line in [
        *markdown(leaderboard_table(board)),
        "",
        *(f"- {line.strip()}" for line in result_lines(board)),
    ]:
        say(line)


def settings(board: "Leaderboard") -> str:
    """The winner's hyperparameters as arguments of `segue train`."""
    number = board.result.winner if board.result else -1
    params = next(entry.params for entry in board.entries if entry.number == number)
    return " ".join(
        [f"--recipe {board.recipe}", *(f"--set {name}={value}" for name, value in params.items())]
    )


@contextmanager
def _display(*, as_json: bool) -> "Iterator[Callable[[Event], None]]":
    """What a person, a log or a machine sees while the search runs."""
    if as_json:
        yield lambda event: print_json(_as_json(event))
    elif notes().is_terminal:
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(20),
            TextColumn("{task.fields[facts]}", markup=False),
        )
        with Progress(*columns, console=notes(), transient=True) as bars:
            task = bars.add_task("searching", total=1.0, facts="")

            def follow(event: "Event") -> None:
                if event.progress is None:
                    bars.console.print(printable(_line(event)), markup=False)
                    return
                bars.update(
                    task,
                    completed=event.progress.fraction,
                    description=printable(_name(event)),
                    facts=f"hit@10 {event.progress.hit_at_10 or 0:.4f}  {_best(event)}",
                )

            yield follow
    else:
        yield lambda event: note(_line(event)) if event.progress is None else None


def _name(event: "Event") -> str:
    if event.what in {"retraining", "retrained"}:
        return f"winner, seed {event.number}"
    entry = next((one for one in event.board.entries if one.number == event.number), None)
    return f"trial {event.number} {entry.name if entry else ''}".strip()


def _best(event: "Event") -> str:
    best = event.board.best()
    return "" if best is None else f"best {best.hit:.4f} (trial {best.number})"


def _line(event: "Event") -> str:
    board = event.board
    if event.what == "scored":
        return f"test pairs scored: {board.n_test:,}"
    if event.what == "retrained":
        one = next(one for one in board.retrained if one.seed == event.number)
        return f"winner, seed {one.seed}: validation hit@10 {one.validation_hit:.4f}  {one.seconds:.0f} s"
    entry = next((one for one in board.entries if one.number == event.number), None)
    if entry is None:
        return f"{counted(sum(one.state == 'done' for one in board.entries), 'trial')} done"
    reached = f"hit@10 {entry.hit:.4f}" if entry.hit is not None else entry.state
    return f"{_name(event)}: {reached}  {entry.seconds:.0f} s  {_best(event)}"


def _as_json(event: "Event") -> dict[str, object]:
    progress, best = event.progress, event.board.best()
    printed: dict[str, object] = {"event": event.what, "number": event.number}
    if progress is not None:
        printed |= {"epoch": progress.epoch, "epochs": progress.epochs, "hit_at_10": progress.hit_at_10}
    entry = next((one for one in event.board.entries if one.number == event.number), None)
    if event.what in {"epoch", "trial"} and entry is not None:
        printed |= {
            "name": entry.name,
            "params": entry.params,
            "state": entry.state,
            "seconds": entry.seconds,
        }
        printed |= {} if progress is not None else {"hit_at_10": entry.hit}
    return printed | {"best": None if best is None else best.hit}
