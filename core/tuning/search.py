"""Search for better hyperparameters on validation pairs, then score the winner on test pairs, once.

The search can't see a test pair: the split it trains on holds none. Only `Tuner.finish` is ever handed them,
and asks for them after it has closed the study for good and trained the winner again from every seed.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from segue.core.corpus import Split
from segue.core.corpus.split import PairFacts, SplitFacts
from segue.core.errors import SegueError
from segue.core.evaluation.evaluate import pair_ranks
from segue.core.evaluation.metrics import hit_at_k, ndcg_at_k, spread
from segue.core.evaluation.report import held_out_pairs
from segue.core.files import atomic_file
from segue.core.library import Library
from segue.core.neighbours import ExactIndex
from segue.core.rankers.vector import NearestRanker
from segue.core.text import counted
from segue.core.track2vec.config import TrainConfig
from segue.core.track2vec.training import Progress, train
from segue.core.tuning.render import Leaderboard, Retrained, write_leaderboard
from segue.core.tuning.space import Preset, config_of
from segue.core.tuning.study import (
    Attempt,
    entries_of,
    importance_of,
    leaderboard_of,
    open_study,
    readable,
    revive,
)

if TYPE_CHECKING:
    from optuna import Study

Pairs = npt.NDArray[np.int32]
Vectors = npt.NDArray[np.float32]
What = Literal["epoch", "trial", "retraining", "retrained", "scored"]

K = 10
MARGIN = 1.2
"""The winner's trainings are given this many times the seconds of its trial."""


@dataclass(frozen=True)
class Event:
    """Something happened in a search."""

    what: What
    """An epoch or the end of a trial, an epoch or the end of a training of the winner, the test score."""
    number: int
    """The trial, or the winner's training seed."""
    progress: Progress | None
    """How far the training is; None at its end."""
    board: Leaderboard


def split_without_test(library: Library) -> Split:
    """The split of a library with its validation pairs and without any test pair.

    Raises `SegueError` when the library holds no playlists or no validation pairs.
    """
    validation = held_out_pairs(library, "validation")
    if library.corpus is None or library.held_out is None:
        raise SegueError(f"{library.path}: holds no playlists to train on; train a library from playlists")
    nothing = PairFacts(0, 0.0, 0.0, 0)
    return Split(
        train=library.corpus,
        validation=validation,
        test=np.empty((0, 2), np.int32),
        validation_playlists=library.held_out.validation_playlists,
        test_playlists=np.empty(0, np.int64),
        choosing=library.held_out.choosing,
        choosing_playlists=library.held_out.choosing_playlists,
        protocol="notebook",
        seed=0,
        facts=SplitFacts(nothing, nothing),
    )


class Tuner:
    """A search over one split, kept in a folder. The same call in another process joins it.

    Test pairs in the split are refused. `folder` has journal and leaderboard, which names `library`. Trials
    train from `seed`, the winner from those after it; `fixed` settings, such as `epochs`, are the same in
    every trial. `on_event` is called for every epoch and every trial. Once `should_stop`, which is asked
    often, answers True, `search` and `finish` return. `clock` gives seconds.
    """

    def __init__(
        self,
        split: Split,
        folder: Path,
        preset: Preset,
        *,
        library: str = "",
        seed: int = 0,
        fixed: Mapping[str, Any] | None = None,
        on_event: Callable[[Event], None] | None = None,
        should_stop: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if len(split.test):
            raise SegueError("a search must not see test pairs; use split_without_test")
        self.split, self.folder, self.preset, self.seed = split, folder, preset, seed
        self.fixed = dict(fixed or {})
        self._tell = on_event or (lambda _event: None)
        self._should_stop, self._clock = should_stop, clock
        self.study: Study = open_study(folder, preset, library=library, seed=seed, purpose=self._purpose())
        self._importance: tuple[int, dict[str, float]] = (0, {})

    def _purpose(self) -> dict[str, Any]:
        pairs = hashlib.sha256(np.ascontiguousarray(self.split.validation, "<i4").data).hexdigest()
        return {
            "preset": self.preset.name,
            "seed": self.seed,
            "settings": self.fixed,
            "corpus": self.split.train.fingerprint,
            "validation": pairs,
            "validation pairs": len(self.split.validation),
        }

    @property
    def board(self) -> Leaderboard:
        """The search as it stands."""
        with readable(self.folder):
            entries = entries_of(self.study)
            n_done = sum(entry.state == "done" for entry in entries)
            if n_done != self._importance[0]:  # 20 ms, and it only changes with a finished trial
                self._importance = (n_done, importance_of(self.study))
            return leaderboard_of(self.study, entries, self._importance[1])

    @property
    def closed(self) -> bool:
        """Whether the winner has been chosen. A closed study takes no more trials."""
        return self.study.user_attrs.get("closed") is not None

    def search(self, *, trials: int | None = None, seconds: float | None = None, seeds: int = 3) -> bool:
        """Try configurations until there are enough, the time is over, or somebody asks to stop.

        There are `trials` of them, by default the preset's own number. The `seconds` are for this search and
        as many trainings of the winner as there are `seeds`. Returns whether the search is complete: the
        study is closed, or enough trials are finished and none runs.
        """
        begun, enough = self._clock(), trials or self.preset.size
        deadline = inf if seconds is None else begun + seconds

        def over() -> bool:
            return self._should_stop() or self._clock() > deadline

        while not self.closed and not over():
            if not self._wants_another(enough):
                return self._is_settled()
            deadline = self._deadline(begun, seconds, seeds)
            self._try(over)
        return self.closed

    def _wants_another(self, enough: int) -> bool:
        """Whether another trial may begin, after those whose process has died went back into the queue."""
        revive(self.study, self.folder, self._clock())
        states = [entry.state for entry in self.board.entries]
        finished, running = states.count("done") + states.count("pruned"), states.count("running")
        return finished + running < enough and not (self.preset.grid and "waiting" not in states)

    def _is_settled(self) -> bool:
        """Publish where the search stands once no trial is to begin; whether none runs elsewhere."""
        self._publish("trial", -1, None)
        return not any(entry.state == "running" for entry in self.board.entries)

    def _deadline(self, begun: float, seconds: float | None, seeds: int) -> float:
        """When trials must end for the winner's trainings to have their time."""
        if seconds is None:
            return inf
        best = self.board.best()
        return begun + seconds - (0 if best is None else MARGIN * seeds * best.seconds)

    def _try(self, over: Callable[[], bool]) -> None:
        """Take one trial and run it to its end, or give it back to the queue."""
        from optuna import TrialPruned
        from optuna.trial import TrialState

        attempt = self._begin()
        if attempt is None:
            return

        def follow(progress: Progress) -> None:
            if self._is_to_be_pruned(attempt, progress):
                raise TrialPruned

        state, scores, cut_short = TrialState.FAIL, None, False
        try:
            trained = train(self.split, attempt.config, seed=self.seed, on_progress=follow, should_stop=over)
            cut_short = trained.stopped_early
            if not cut_short:
                state, scores = TrialState.COMPLETE, self._validate(trained.vectors)
        except TrialPruned:
            state = TrialState.PRUNED
        except KeyboardInterrupt:
            cut_short = True
            raise
        finally:
            attempt.end(state, scores, cut_short=cut_short)
        self._publish("trial", attempt.trial.number, None)

    def _begin(self) -> Attempt | None:
        with readable(self.folder):
            return Attempt.begin(self.study, self.folder, self.preset, self.fixed, self._clock)

    def _is_to_be_pruned(self, attempt: Attempt, progress: Progress) -> bool:
        """Note how far a trial is, and tell whether it has fallen behind."""
        attempt.keep_alive()
        if progress.hit_at_10 is None:
            return False
        attempt.note(progress)
        self._publish("epoch", attempt.trial.number, progress)
        return attempt.has_fallen_behind(progress)

    def finish(
        self, test_pairs: Callable[[], Pairs], *, seeds: int = 3, seconds: float | None = None
    ) -> bool:
        """Close the search, train the winner again from several seeds, and only then score it on test pairs.

        Whatever was trained before a stop or a kill is kept, so that a second call goes on from there.
        `test_pairs` gives the test pairs, int32 (n, 2); it is called once, after the last training. `seconds`
        is the time that is left. Returns whether the test score is there: False when it was stopped before.
        Raises `SegueError` when no trial is done, or some still run.
        """
        begun = self._clock()
        if self.study.user_attrs.get("result"):
            return True
        winner = self._close()

        def over() -> bool:
            return self._should_stop() or (seconds is not None and self._clock() > begun + seconds)

        config = config_of(self.preset, self.study.trials[winner].params, self.fixed)
        numbers = range(self.seed + 1, self.seed + 1 + seeds)
        left = [number for number in numbers if not self._is_kept(number)]
        for number, vectors, taken in self._trainings(left, config, over):
            with atomic_file(self._kept(number)) as temporary, temporary.open("wb") as file:
                np.save(file, vectors, allow_pickle=False)
            hit, ndcg = self._validate(vectors)
            self.study.set_user_attr(
                f"retrained {number}", asdict(Retrained(number, hit, ndcg, round(taken, 3)))
            )
            self._publish("retrained", number, None)
        if not all(map(self._is_kept, numbers)):
            return False
        self._score(numbers, test_pairs())
        return True

    def _trainings(
        self, numbers: Sequence[int], config: TrainConfig, over: Callable[[], bool]
    ) -> Iterator[tuple[int, Vectors, float]]:
        """Train the winner from each seed: the seed, the vectors, the seconds it took; fewer once over."""
        for number in numbers:
            if over():
                return
            trained = train(
                self.split, config, seed=number, on_progress=self._follower(number), should_stop=over
            )
            if trained.stopped_early:
                return
            yield number, trained.vectors, trained.seconds

    def _close(self) -> int:
        """Choose the winner for good. From here on no trial can be added to the study."""
        if (closed := self.study.user_attrs.get("closed")) is not None:
            return int(closed)
        revive(self.study, self.folder, self._clock())
        board = self.board
        best, running = board.best(), sum(entry.state == "running" for entry in board.entries)
        if running:
            raise SegueError(
                f"{self.folder}: {counted(running, 'trial')} still running elsewhere; call again when done"
            )
        if best is None:
            raise SegueError(f"{self.folder}: no trial is done yet; give the search more time")
        self.study.set_user_attr("closed", best.number)
        return best.number

    def _score(self, numbers: range, test: Pairs) -> None:
        """Score the winner's trainings on the test pairs and write the end of the study."""
        attributes = self.study.user_attrs
        finished = []
        for number in numbers:
            vectors = np.load(self._kept(number), mmap_mode="r", allow_pickle=False)
            hit, ndcg = score_vectors(vectors, test)
            finished.append({**attributes[f"retrained {number}"], "test_hit": hit, "test_ndcg": ndcg})
        spreads = {
            name: spread(np.array([one[name] for one in finished]))
            for name in ("validation_hit", "validation_ndcg", "test_hit", "test_ndcg")
        }
        self.study.set_user_attr("result", {"n_test": len(test), "retrained": finished, "spreads": spreads})
        for number in numbers:
            self._kept(number).unlink()
        self._publish("scored", numbers[-1], None)

    def _follower(self, number: int) -> Callable[[Progress], None]:
        def follow(progress: Progress) -> None:
            if progress.hit_at_10 is not None:
                self._publish("retraining", number, progress)

        return follow

    def _is_kept(self, number: int) -> bool:
        return self._kept(number).exists() and f"retrained {number}" in self.study.user_attrs

    def _kept(self, number: int) -> Path:
        return self.folder / f"winner-{number}.npy"

    def _validate(self, vectors: Vectors) -> tuple[float, float]:
        return score_vectors(vectors, self.split.validation)

    def _publish(self, what: What, number: int, progress: Progress | None) -> None:
        board = self.board
        write_leaderboard(self.folder, board)
        self._tell(Event(what, number, progress, board))


def score_vectors(vectors: Vectors, pairs: Pairs) -> tuple[float, float]:
    """hit@10 and NDCG@10 of the nearest neighbours.

    `vectors`, float32 (V, d), are unit rows; `pairs`, int32 (n, 2), seeds and targets.
    """
    ranks = pair_ranks(NearestRanker(vectors, ExactIndex(vectors)), pairs, K)
    return float(hit_at_k(ranks, K).mean()), float(ndcg_at_k(ranks, K).mean())
