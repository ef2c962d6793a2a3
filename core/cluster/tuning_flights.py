"""Trainings under way on a cluster, each of which tells how far it is."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from segue.core.cluster.preparing_tasks import result_of
from segue.core.cluster.session import RETRIES
from segue.core.cluster.tuning_task import Scored, train_and_score
from segue.core.errors import SegueError

if TYPE_CHECKING:
    from segue.core.corpus import Split
    from segue.core.track2vec.config import TrainConfig
    from segue.core.track2vec.training import Progress


class Flights:
    """Trainings of one split by number. One whose worker dies is begun again by Ray, and tells nothing twice.

    Parameters
    ----------
    ray
        What `connect` gives.
    split
        Playlists and validation pairs; every node gets one copy.
    """

    def __init__(self, ray: Any, split: "Split") -> None:  # noqa: ANN401 - untyped
        self._ray = ray
        self._split = ray.put(split)
        self._task = ray.remote(train_and_score).options(
            num_cpus=1, num_returns="streaming", max_retries=RETRIES
        )
        self._streams: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self._streams)

    def start(self, number: int, config: "TrainConfig", seed: int, *, keeps_vectors: bool = False) -> None:
        """Begin a training."""
        self._streams[number] = self._task.remote(self._split, config, seed, keeps_vectors=keeps_vectors)

    def news(self, seconds: float) -> list[tuple[int, "Progress | Scored | Exception"]]:
        """What trainings tell, once any does or some time has passed.

        A training that tells its result, or what it failed of, is over.
        """
        numbers = {stream: number for number, stream in self._streams.items()}
        ready, _ = self._ray.wait(list(numbers), num_returns=1, timeout=seconds)
        told = [(numbers[stream], self._said(stream)) for stream in ready]
        for number, said in told:
            if isinstance(said, Scored | Exception):
                del self._streams[number]
        return told

    def _said(self, stream: Any) -> "Progress | Scored | Exception":  # noqa: ANN401 - Ray has no types
        said: Progress | Scored
        try:
            said = result_of(self._ray, next(stream))
        except (SegueError, OSError, self._ray.exceptions.RayError) as error:
            return error
        return said

    def call_off(self, number: int) -> None:
        """End a training."""
        with suppress(self._ray.exceptions.RayError):
            self._ray.cancel(self._streams.pop(number))

    def close(self) -> None:
        """End all trainings."""
        for number in list(self._streams):
            self.call_off(number)
