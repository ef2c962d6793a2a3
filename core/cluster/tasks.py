"""One round as tasks: who needs which rows, the rows, the training, the averages, the scores."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from segue.core.cluster.blocks import Question, average, nearer, take
from segue.core.cluster.learning import train_shard
from segue.core.cluster.session import task_of
from segue.core.cluster.shards import Shard, TrainSpec, rows_needed

if TYPE_CHECKING:
    from segue.core.track2vec.epoch import Distribution

Ref = Any
"""A result to come, of Ray's; Ray has no types."""


class Tasks:
    """Hands the calls of a round to Ray, which moves what each needs to where it runs.

    Parameters
    ----------
    ray : the module, connected (or what does the same at once and here, as in the tests).
    spec : what all tasks are given.
    distribution : the negative-sampling distribution; the shards' playlists.
    shards : in their order; each is handed over before the next is made.
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
