"""Train in rounds, as tasks: shards train apart from one another, and the rows they touched are averaged."""

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segue.core.cluster.blocks import (
    BLOCK_ROWS,
    Gatherer,
    Layout,
    Question,
    Round,
    RoundFiles,
    State,
    average,
    first_block,
    hit_at_10,
    nearer,
    save_weights,
    take,
    unit_vectors,
)
from segue.core.cluster.session import task_of
from segue.core.cluster.shards import Shard, ShardResult, TrainSpec, deal, rows_needed, train_shard
from segue.core.corpus.split import FEWEST_PAIRS
from segue.core.errors import SegueError, UsageError
from segue.core.libraries import rounds_of
from segue.core.track2vec.config import FastConfig, TrainConfig, as_dict, batch_for
from segue.core.track2vec.epoch import smoothed
from segue.core.track2vec.training import VALIDATED, Progress

if TYPE_CHECKING:
    from segue.core.corpus import Corpus, Split
    from segue.core.track2vec.epoch import Distribution

Ref = Any
"""A result to come, of Ray's; Ray has no types."""


class Tasks:
    """Hands the calls of a round to Ray, which moves what each needs to where it runs.

    `ray` is the module, connected, or what does the same at once and here, as in the tests. All tasks are
    given `spec` and `distribution`, that of the negatives. The shards come in their order; each is handed
    over before the next is made.
    """

    def __init__(
        self,
        ray: Any,  # noqa: ANN401 - Ray has no types
        spec: TrainSpec,
        distribution: "Distribution",
        shards: Iterable[Shard],
    ) -> None:
        self._ray, self._layout, self._n_blocks = ray, spec.layout, spec.layout.n_blocks
        self._spec, self._distribution = ray.put(spec), ray.put(distribution)
        self._shards: list[Ref] = [ray.put(shard) for shard in shards]

    def train_round(self, number: int, blocks: Sequence[Ref]) -> tuple[list[Ref], list[list[Ref]]]:
        """Train every shard on its rows of the blocks; returns what each says, and its pieces by block."""
        arguments = [(self._spec, shard, self._distribution, number) for shard in self._shards]
        needs = [self._calls(rows_needed, self._n_blocks, *each) for each in arguments]
        rows = [
            self._calls(take, len(self._shards), block, *(need[index] for need in needs))
            for index, block in enumerate(blocks)
        ]
        results, pieces = [], []
        for index, each in enumerate(arguments):
            result, *made = self._calls(train_shard, self._n_blocks + 1, *each, *(row[index] for row in rows))
            results.append(result)
            pieces.append(made)
        return results, pieces

    def average(self, blocks: Sequence[Ref], pieces: Sequence[Sequence[Ref]]) -> list[Ref]:
        """The blocks after a round."""
        task = task_of(self._ray, average)
        return [task.remote(block, *(made[index] for made in pieces)) for index, block in enumerate(blocks)]

    def nearer(self, blocks: Sequence[Ref], question: Question) -> list[Ref]:
        """How many tracks of each block are nearer than the targets."""
        asked, task = self._ray.put(question), task_of(self._ray, nearer)
        return [task.remote(block, index, self._layout, asked) for index, block in enumerate(blocks)]

    def _calls(self, function: Callable[..., Sequence[Any]], returns: int, *arguments: Any) -> list[Ref]:  # noqa: ANN401 - of any task
        """Call a function that gives so many results, each of which is a result of its own."""
        if returns == 1:
            return [task_of(self._ray, _only).remote(function, *arguments)]
        return list(task_of(self._ray, function, returns).remote(*arguments))


def _only(function: Callable[..., Sequence[Any]], *arguments: Any) -> Any:  # noqa: ANN401 - of any task
    """The one result of a list: Ray would take the list itself for it."""
    (result,) = function(*arguments)
    return result


LOOK = 0.25
"""Seconds between two looks at whether to stop."""


@dataclass(frozen=True)
class TrainedInRounds:
    """The result of a training in rounds; its table stays on disk."""

    last: Round
    files: RoundFiles
    layout: Layout
    config: dict[str, Any]
    """The recipe's name and all its hyperparameters, nothing left None."""
    shards: int
    stopped_early: bool

    @property
    def history(self) -> list[dict[str, Any]]:
        """A line for each finished round: as for an epoch, with bytes moved and a task's peak memory."""
        return self.last.history

    @property
    def seconds(self) -> float:
        """Time spent training."""
        return self.last.seconds

    @property
    def vectors(self) -> npt.NDArray[np.float32]:
        """Unit rows, float32 (V, d), mapped from a file that is put together a block at a time."""
        return unit_vectors(self.files.folder / "vectors.npy", self.last, self.layout)

    @property
    def facts(self) -> dict[str, Any]:
        """Into how many shards the playlists were dealt, for how many rounds, by which Ray."""
        return {"shards": self.shards, "rounds": len(self.history), "ray": metadata.version("ray")}

    def discard(self) -> None:
        """Remove the folder of rounds, which a finished training needs no longer."""
        shutil.rmtree(self.files.folder, ignore_errors=True)

    def save_weights(self, path: Path) -> None:
        """Write the model's weights in Keras' own form."""
        save_weights(path, self.last, self.layout, self.config["temperature"])


def fitted(config: FastConfig, corpus: "Corpus", shards: int) -> FastConfig:
    """Fill in what is None, the steps by the size of a shard and the learning rate by their number."""
    batch = config.batch or batch_for(-(-corpus.n_positions // shards))
    return replace(config, batch=batch).fitted(corpus)


def train_in_rounds(
    ray: Any,  # noqa: ANN401 - untyped
    split: "Split",
    config: TrainConfig,
    *,
    shards: int,
    checkpoint: Path,
    seed: int = 0,
    resume: bool = False,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    block_rows: int = BLOCK_ROWS,
    clock: Callable[[], float] = time.perf_counter,
) -> TrainedInRounds:
    """Train Track2Vec on a cluster, a pass over the playlists per round.

    The same seed and shards give the same vectors, bit for bit on machines of one kind, whichever worker does
    what and whenever it is killed. `ray` comes from `core.cluster.connect`; the other arguments are as for
    `core.track2vec.train`, but that the recipe is the fast one, that the playlists are dealt out into
    `shards` parts, and that a folder beside `checkpoint`, `rounds_of`, holds the last finished round. A block
    has at most `block_rows` rows of the table.

    Raises `UsageError` for another recipe, and `SegueError` when there is nothing to learn, the checkpoint is
    of another training, or it is stopped before the end of the first round.
    """
    if shards < 1:
        raise UsageError(f"--shards {shards}: must be at least 1")
    if not isinstance(config, FastConfig):
        raise UsageError(f"--cluster trains the recipe fast, not {config.recipe}; leave one of them out")
    config = fitted(config, split.train, shards)
    layout = Layout.of(len(split.train.vocabulary), block_rows)
    spec = TrainSpec(config, seed, shards, layout)
    identity = {
        "configuration": as_dict(config), "seed": seed, "shards": shards, "blocks": layout.n_blocks,
        "corpus": split.train.fingerprint, "split seed": split.seed,
    }  # fmt: skip
    files = RoundFiles(rounds_of(checkpoint), identity)
    found = files.open(layout, config.dim) if resume else None
    run = _Run(
        ray, split, spec, files, found=found, on_progress=on_progress, should_stop=should_stop, clock=clock
    )
    last = run.to_the_end()
    return TrainedInRounds(last, files, layout, as_dict(config), shards, run.stopped)


class _StoppedError(Exception):
    """Somebody asked to stop within a round."""


class _Run:
    """One training, from its first round or the checkpoint's to its end."""

    def __init__(
        self,
        ray: Any,  # noqa: ANN401 - Ray has no types
        split: "Split",
        spec: TrainSpec,
        files: RoundFiles,
        *,
        found: Round | None,
        on_progress: Callable[[Progress], None] | None,
        should_stop: Callable[[], bool] | None,
        clock: Callable[[], float],
    ) -> None:
        assert spec.config.epochs is not None  # noqa: S101 - `fitted` has filled it in
        self.rounds = spec.config.epochs
        self.ray, self.spec, self.files, self.last = ray, spec, files, found
        self.on_progress, self.should_stop, self.clock = on_progress, should_stop, clock
        self.pairs = split.validation[:VALIDATED]
        self.stopped = False
        self.started = clock() - (found.seconds if found else 0.0)
        corpus = split.train
        distribution = smoothed(corpus.counts, spec.config.exponent)
        parts = (deal(corpus, spec.shards, number) for number in range(spec.shards))
        self.tasks = Tasks(ray, spec, distribution, parts)
        self.blocks = [ray.put(state) for state in self._states()]

    def _states(self) -> Iterator[State]:
        for block in range(self.spec.layout.n_blocks):
            if self.last is not None:
                yield np.asarray(self.last.block(block))
            else:
                dim, seed = self.spec.config.dim, self.spec.seed
                yield first_block(self.spec.layout, block, dim, seed)

    def to_the_end(self) -> Round:
        try:
            for number in range(len(self.last.history) if self.last else 0, self.rounds):
                self.last = self._round(number)
                if number + 1 < self.rounds:
                    self._look()
        except _StoppedError:
            self.stopped = True
        if self.last is None:
            raise SegueError("stopped before the end of the first round; there is nothing to keep yet")
        return self.last

    def _round(self, number: int) -> Round:
        begun = self.clock()
        refs, pieces = self.tasks.train_round(number, self.blocks)
        results = self._await_shards(number, refs, begun)
        merged = self.tasks.average(self.blocks, pieces)
        del pieces
        gatherer = Gatherer(self.pairs, self.spec.layout, self.spec.config.dim)
        history = [*(self.last.history if self.last else []), _line(number, results)]
        # the hit needs all blocks, so it is added once they have passed by and before the facts are written
        done = self.files.save(
            self._passing(merged, gatherer, history[-1], begun), history, self.clock() - self.started
        )
        self._report(number, results, 1.0, begun, history[-1]["hit_at_10"])
        return done

    def _passing(
        self, merged: list[Ref], gatherer: Gatherer, line: dict[str, Any], begun: float
    ) -> Iterator[State]:
        """Each new block for the disk; it is handed over again, so that no lost node costs an older round."""
        for block, ref in enumerate(merged):
            for _ in self._wait([ref]):
                state = self.ray.get(ref)
            gatherer.see(block, state)
            self.blocks[block] = self.ray.put(state)
            merged[block] = None
            yield state
        line["hit_at_10"] = self._hit(gatherer)
        line["pairs_per_second"] = line["positives"] / max(self.clock() - begun, 1e-9)
        line["seconds"] = self.clock() - self.started

    def _hit(self, gatherer: Gatherer) -> float | None:
        if len(self.pairs) < FEWEST_PAIRS:
            return None
        before = np.zeros(len(self.pairs), np.int64)
        for ref in self.tasks.nearer(self.blocks, gatherer.question()):
            before += self.ray.get(ref)
        return hit_at_10(self.pairs, before)

    def _await_shards(self, number: int, refs: list[Ref], begun: float) -> list[ShardResult]:
        results: list[ShardResult] = []
        for done in self._wait(refs):
            results += [self.ray.get(ref) for ref in done]
            if len(results) < len(refs):
                self._report(number, results, len(results) / len(refs), begun, None)
        return [self.ray.get(ref) for ref in refs]  # in the order of the shards

    def _wait(self, refs: list[Ref]) -> Iterator[list[Ref]]:
        """Yield results as they are ready, and check meanwhile whether to stop."""
        while refs:
            self._look()
            done, refs = self.ray.wait(refs, num_returns=1, timeout=LOOK, fetch_local=False)
            if done:
                yield done

    def _report(
        self, number: int, results: list[ShardResult], done: float, begun: float, hit: float | None
    ) -> None:
        if self.on_progress is None:
            return
        fraction = (number + done) / self.rounds
        seconds = self.clock() - self.started
        rate = sum(each.positives for each in results) / max(self.clock() - begun, 1e-9)
        left = seconds * (1 - fraction) / fraction
        self.on_progress(
            Progress(number + 1, self.rounds, fraction, rate, _loss(results), hit, seconds, left)
        )

    def _look(self) -> None:
        if self.should_stop is not None and self.should_stop():
            raise _StoppedError


def _loss(results: list[ShardResult]) -> float:
    weight = sum(each.weight for each in results)
    return sum(each.loss for each in results) / weight if weight else 0.0


def _line(number: int, results: list[ShardResult]) -> dict[str, Any]:
    return {
        "epoch": number + 1,
        "loss": _loss(results),
        "hit_at_10": None,
        "positives": sum(each.positives for each in results),
        "pairs_per_second": 0.0,
        "seconds": 0.0,
        "bytes_moved": sum(each.moved for each in results),
        "task_memory": max(each.memory for each in results),
    }
