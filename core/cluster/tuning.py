"""A search whose trainings are Ray's tasks; the study stays with the process that began it.

Only this process touches the journal: it asks for a trial, has it trained somewhere, and tells what came out.
A task whose worker dies is tried again by Ray. When this process dies its trials do so too, and the next
search over the same study puts them back into the queue.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from segue.core.cluster.preparing_tasks import workers_of
from segue.core.cluster.tuning_flights import Flights
from segue.core.cluster.tuning_task import Scored
from segue.core.tuning.search import Tuner, Vectors

if TYPE_CHECKING:
    from segue.core.corpus import Split
    from segue.core.track2vec.config import TrainConfig
    from segue.core.tuning.attempt import Attempt
    from segue.core.tuning.space import Preset

TICK = 0.5
"""Seconds until somebody who wants to stop is heard."""


class ClusterTuner(Tuner):
    """A `Tuner` with several trainings under way at once, on a cluster.

    Parameters
    ----------
    ray
        What `connect` gives.
    split, folder, preset, options
        As for `Tuner`. The folder is seen by this process alone.
    at_once
        How many trainings; as many as the cluster has processors by default.
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
        with closing(self._flights()) as flights:
            try:
                while not (self.closed or self._should_stop() or self._clock() > deadline):
                    if len(flights) < self._at_once and self._wants_another(enough):
                        deadline = self._deadline(begun, seconds, seeds)
                        self._set_off(flights, attempts)
                    elif attempts:
                        self._follow(flights, attempts)
                    else:
                        return self._is_settled()
                return self.closed
            finally:
                self._give_back(attempts)

    def _set_off(self, flights: Flights, attempts: "dict[int, Attempt]") -> None:
        attempt = self._begin(self._ask())
        if attempt is not None:
            attempts[attempt.trial.number] = attempt
            flights.start(attempt.trial.number, attempt.config, self.seed)

    def _follow(self, flights: Flights, attempts: "dict[int, Attempt]") -> None:
        """Note what the trials under way tell, and end those that are done, fall behind or fail."""
        from optuna.trial import TrialState

        for number, said in flights.news(TICK):
            attempt = attempts[number]
            if isinstance(said, Scored):
                attempt.end(TrialState.COMPLETE, (said.hit, said.ndcg))
            elif isinstance(said, Exception):
                attempts.pop(number).end(TrialState.FAIL)
                raise said
            elif self._is_to_be_pruned(attempt, said):
                flights.call_off(number)
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
        with closing(self._flights()) as flights:
            while (waiting or len(flights)) and not over():
                if waiting and len(flights) < self._at_once:
                    number = waiting.pop(0)
                    flights.start(number, config, number, keeps_vectors=True)
                    continue
                for number, said in flights.news(TICK):
                    if isinstance(said, Exception):
                        raise said
                    if isinstance(said, Scored):
                        assert said.vectors is not None  # noqa: S101 - asked for above
                        yield number, said.vectors, said.seconds
                    else:
                        self._follower(number)(said)

    def _flights(self) -> Flights:
        corpus = self.split.train
        # what is mapped from a file of this machine is sent as it is
        items, offsets = np.asarray(corpus.items), np.asarray(corpus.offsets)
        return Flights(self._ray, replace(self.split, train=replace(corpus, items=items, offsets=offsets)))
