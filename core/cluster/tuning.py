"""A search whose trainings are Ray's tasks; the study stays with the process that began it.

Only this process touches the journal: it asks for a trial, has it trained somewhere, and tells what came out.
A task whose worker dies is tried again by Ray. When this process dies its trials do so too, and the next
search over the same study puts them back into the queue.
"""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segue.core.cluster.session import result_of, task_of, workers_of
from segue.core.errors import SegueError
from segue.core.track2vec.training import Progress, Trained, train
from segue.core.tuning.search import Tuner, Vectors, score_vectors

if TYPE_CHECKING:
    from segue.core.corpus import Split
    from segue.core.track2vec.config import TrainConfig
    from segue.core.tuning.space import Preset
    from segue.core.tuning.study import Attempt

TICK = 0.5
"""Seconds until somebody who wants to stop is heard."""
PATIENCE = 0.2
"""Seconds until a task that is called off notices."""


@dataclass(frozen=True)
class Scored:
    """The end of a training."""

    hit: float
    """hit@10 on all validation pairs; `ndcg` is NDCG@10."""
    ndcg: float
    seconds: float
    vectors: npt.NDArray[np.float32] | None
    """Unit rows, float32 (V, d), where they were asked for."""


def train_and_score(
    split: "Split", config: "TrainConfig", seed: int, *, keeps_vectors: bool
) -> Iterator[Progress | Scored]:
    """Train, and score on the validation pairs.

    The training runs in a thread, so that what it tells can be handed on while it goes on. The arrays of
    `split` may be read-only. Yields the progress after each epoch, and the result last. Raises `SegueError`
    as `train`.
    """
    updates: queue.SimpleQueue[Progress | Trained | BaseException] = queue.SimpleQueue()
    cancelled = threading.Event()

    def work() -> None:
        try:
            updates.put(
                train(split, config, seed=seed, on_progress=updates.put, should_stop=cancelled.is_set)
            )
        except BaseException as error:  # noqa: BLE001 - raised where the task waits
            updates.put(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while True:
            try:
                update = updates.get(timeout=PATIENCE)  # a wait without end could not be cancelled
            except queue.Empty:
                continue
            if isinstance(update, BaseException):
                raise update
            if isinstance(update, Trained):
                hit, ndcg = score_vectors(update.vectors, split.validation)
                yield Scored(hit, ndcg, update.seconds, update.vectors if keeps_vectors else None)
                return
            if update.hit_at_10 is not None:
                yield update
    finally:
        cancelled.set()
        thread.join()


class Jobs:
    """Trainings of one split by number. One whose worker dies is begun again by Ray, and tells nothing twice.

    `split` has the playlists and the validation pairs; every node gets one copy.
    """

    def __init__(self, ray: Any, split: "Split") -> None:  # noqa: ANN401 - untyped
        self._ray = ray
        self._split = ray.put(split)
        self._task = task_of(ray, train_and_score, "streaming")
        self._streams: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self._streams)

    def start(self, number: int, config: "TrainConfig", seed: int, *, keeps_vectors: bool = False) -> None:
        """Begin a training."""
        self._streams[number] = self._task.remote(self._split, config, seed, keeps_vectors=keeps_vectors)

    def poll(self, seconds: float) -> list[tuple[int, "Progress | Scored | Exception"]]:
        """What trainings tell, once any does or some time has passed.

        A training that tells its result, or what it failed of, is over.
        """
        numbers = {stream: number for number, stream in self._streams.items()}
        ready, _ = self._ray.wait(list(numbers), num_returns=1, timeout=seconds)
        updates = [(numbers[stream], self._update_of(stream)) for stream in ready]
        for number, update in updates:
            if isinstance(update, Scored | Exception):
                del self._streams[number]
        return updates

    def _update_of(self, stream: Any) -> "Progress | Scored | Exception":  # noqa: ANN401 - Ray has no types
        update: Progress | Scored
        try:
            update = result_of(self._ray, next(stream))
        except (SegueError, OSError, self._ray.exceptions.RayError) as error:
            return error
        return update

    def cancel(self, number: int) -> None:
        """End a training."""
        with suppress(self._ray.exceptions.RayError):
            self._ray.cancel(self._streams.pop(number))

    def close(self) -> None:
        """End all trainings."""
        for number in list(self._streams):
            self.cancel(number)


class ClusterTuner(Tuner):
    """A `Tuner` with several trainings under way at once, on a cluster.

    `split`, `folder`, `preset` and `options` are as for `Tuner`; the folder is seen by this process alone.
    `at_once` is how many trainings, by default as many as the cluster has processors.
    """

    def __init__(
        self,
        ray: Any,  # noqa: ANN401 - untyped
        split: "Split",
        folder: Path,
        preset: "Preset",
        *,
        at_once: int | None = None,
        **options: Any,  # noqa: ANN401 - those of `Tuner`
    ) -> None:
        super().__init__(split, folder, preset, **options)
        self._ray, self._at_once = ray, at_once or workers_of(ray)

    def search(self, *, trials: int | None = None, seconds: float | None = None, seeds: int = 3) -> bool:
        """Try configurations as `Tuner.search` does, several at once."""
        begun, enough = self._clock(), trials or self.preset.size
        deadline = inf if seconds is None else begun + seconds
        attempts: dict[int, Attempt] = {}
        with closing(self._jobs()) as jobs:
            try:
                while not (self.closed or self._should_stop() or self._clock() > deadline):
                    if len(jobs) < self._at_once and self._wants_another(enough):
                        deadline = self._deadline(begun, seconds, seeds)
                        self._submit(jobs, attempts)
                    elif attempts:
                        self._poll(jobs, attempts)
                    else:
                        return self._is_settled()
                return self.closed
            finally:
                self._give_back(attempts)

    def _submit(self, jobs: Jobs, attempts: "dict[int, Attempt]") -> None:
        attempt = self._begin()
        if attempt is not None:
            attempts[attempt.trial.number] = attempt
            jobs.start(attempt.trial.number, attempt.config, self.seed)

    def _poll(self, jobs: Jobs, attempts: "dict[int, Attempt]") -> None:
        """Note what the trials under way tell, and end those that are done, fall behind or fail."""
        from optuna.trial import TrialState

        for number, update in jobs.poll(TICK):
            attempt = attempts[number]
            if isinstance(update, Scored):
                attempt.end(TrialState.COMPLETE, (update.hit, update.ndcg))
            elif isinstance(update, Exception):
                attempts.pop(number).end(TrialState.FAIL)
                raise update
            elif self._is_to_be_pruned(attempt, update):
                jobs.cancel(number)
                attempt.end(TrialState.PRUNED)
            else:
                continue
            del attempts[number]
            self._publish("trial", number, None)
        for attempt in attempts.values():
            attempt.keep_alive()

    def _give_back(self, attempts: "dict[int, Attempt]") -> None:
        """Put the trials that are still under way back into the queue."""
        from optuna.trial import TrialState

        for number, attempt in attempts.items():
            attempt.end(TrialState.FAIL, cut_short=True)
            self._publish("trial", number, None)

    def _trainings(
        self, numbers: Sequence[int], config: "TrainConfig", over: Callable[[], bool]
    ) -> Iterator[tuple[int, Vectors, float]]:
        """Train the winner from several seeds at once."""
        waiting = list(numbers)
        with closing(self._jobs()) as jobs:
            while (waiting or len(jobs)) and not over():
                if waiting and len(jobs) < self._at_once:
                    number = waiting.pop(0)
                    jobs.start(number, config, number, keeps_vectors=True)
                    continue
                for number, update in jobs.poll(TICK):
                    if isinstance(update, Exception):
                        raise update
                    if isinstance(update, Scored):
                        assert update.vectors is not None  # noqa: S101 - asked for above
                        yield number, update.vectors, update.seconds
                    else:
                        self._follower(number)(update)

    def _jobs(self) -> Jobs:
        corpus = self.split.train
        # what is mapped from a file of this machine is sent as it is
        items, offsets = np.asarray(corpus.items), np.asarray(corpus.offsets)
        return Jobs(self._ray, replace(self.split, train=replace(corpus, items=items, offsets=offsets)))
