"""One round as tasks: who needs which rows, the rows, the training, the averages, the scores."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segue.core.cluster.blocks import Piece, State, average, take
from segue.core.cluster.learning import Taught, train_shard
from segue.core.cluster.scoring import Question, nearer
from segue.core.cluster.session import RETRIES
from segue.core.cluster.shards import Order, Shard, rows_needed

if TYPE_CHECKING:
    from segue.core.cluster.blocks import Ints
    from segue.core.track2vec.epoch import Law

Ref = Any
"""A result to come, of Ray's; Ray has no types."""


class Tasks:
    """Hands the calls of a round to Ray, which moves what each needs to where it runs.

    Parameters
    ----------
    ray : the module, connected (or `core.cluster.inline`, which does everything at once and here).
    order : what all tasks are told.
    law : the law of the negatives; the shards' playlists.
    shards : in their order; each is handed over before the next is made.
    """

    def __init__(self, ray: Any, order: Order, law: "Law", shards: Iterable[Shard]) -> None:  # noqa: ANN401 - Ray has no types
        self._ray, self._n_blocks = ray, order.layout.n_blocks
        self._order, self._law = ray.put(order), ray.put(law)
        self._shards: list[Ref] = [ray.put(shard) for shard in shards]

    def teach(self, number: int, blocks: Sequence[Ref]) -> tuple[list[Ref], list[list[Ref]]]:
        """Train every shard on its rows of the blocks; returns what each says, and its pieces by block."""
        told = [(self._order, shard, self._law, number) for shard in self._shards]
        needs = [self._call(_rows_needed, self._n_blocks, *each) for each in told]
        rows = [
            self._call(_take, len(self._shards), block, *(need[index] for need in needs))
            for index, block in enumerate(blocks)
        ]
        taught, pieces = [], []
        for index, each in enumerate(told):
            said, *made = self._call(_train, self._n_blocks + 1, *each, *(row[index] for row in rows))
            taught.append(said)
            pieces.append(made)
        return taught, pieces

    def average(self, blocks: Sequence[Ref], pieces: Sequence[Sequence[Ref]]) -> list[Ref]:
        """The blocks after a round."""
        return [
            self._call(_average, 1, block, *(made[index] for made in pieces))[0]
            for index, block in enumerate(blocks)
        ]

    def nearer(self, blocks: Sequence[Ref], question: Question) -> list[Ref]:
        """How many tracks of each block are nearer than the targets."""
        asked = self._ray.put(question)
        return [
            self._call(_nearer, 1, block, index, self._order, asked)[0] for index, block in enumerate(blocks)
        ]

    def _call(self, function: Callable[..., list[Any]], returns: int, *arguments: Any) -> list[Ref]:  # noqa: ANN401 - of any task
        if returns == 1:
            task = self._ray.remote(_only).options(num_cpus=1, max_retries=RETRIES)
            return [task.remote(function, *arguments)]
        task = self._ray.remote(function).options(num_cpus=1, max_retries=RETRIES, num_returns=returns)
        return list(task.remote(*arguments))


def _only(function: Callable[..., list[Any]], *arguments: Any) -> Any:  # noqa: ANN401 - of any task
    """The one result of a list: Ray would take the list itself for it."""
    return function(*arguments)[0]


def _rows_needed(order: Order, shard: Shard, law: "Law", number: int) -> "list[Ints]":
    return rows_needed(order, shard, law, number)


def _take(state: State, *rows: "Ints") -> list[State]:
    return take(state, rows)


def _train(order: Order, shard: Shard, law: "Law", number: int, *came: State) -> "list[Taught | Piece]":
    taught, pieces = train_shard(order, shard, law, number, came)
    return [taught, *pieces]


def _average(state: State, *pieces: Piece) -> list[State]:
    return [average(state, pieces)]


def _nearer(state: State, block: int, order: Order, question: Question) -> list[npt.NDArray[np.int64]]:
    return [nearer(state, block, order.layout, question)]
