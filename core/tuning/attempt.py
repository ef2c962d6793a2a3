"""One trial under way: signed for, reported on, and ended or given back."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from segue.core.track2vec.config import TrainConfig
from segue.core.track2vec.training import Progress
from segue.core.tuning.space import Preset, config_of
from segue.core.tuning.study import queue_again, sign_of_life

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import Trial, TrialState

HEARTBEAT = 20.0
"""Seconds between two signs of life of a trial."""


class Attempt:
    """A trial that this process answers for, wherever it is trained."""

    def __init__(
        self, study: "Study", trial: "Trial", config: TrainConfig, clock: Callable[[], float]
    ) -> None:
        self.trial, self.config = trial, config
        self._study, self._clock = study, clock
        self._begun = self._seen = clock()

    @classmethod
    def begin(
        cls,
        study: "Study",
        trial: "Trial",
        preset: Preset,
        fixed: Mapping[str, Any],
        clock: Callable[[], float],
    ) -> "Attempt | None":
        """Sign for a trial and ask what it is to try; None where nothing is left to try."""
        from optuna.trial import TrialState

        sign_of_life(trial, clock())
        if preset.grid and "name" not in trial.user_attrs:
            # another process took the last of the grid a moment ago
            study.tell(trial, state=TrialState.FAIL)
            return None
        try:
            config = config_of(preset, preset.suggest(trial), fixed)
        except BaseException:
            study.tell(trial, state=TrialState.FAIL)
            raise
        return cls(study, trial, config, clock)

    def keep_alive(self) -> None:
        """Give a sign of life when it is time for one."""
        if self._clock() - self._seen > HEARTBEAT:
            self._seen = self._clock()
            sign_of_life(self.trial, self._seen)

    def note(self, progress: Progress) -> None:
        """Report an epoch's hit@10."""
        if progress.hit_at_10 is not None:
            self.trial.report(progress.hit_at_10, progress.epoch)
        self._note_seconds()

    def has_fallen_behind(self, progress: Progress) -> bool:
        """Whether the trial is to be pruned."""
        return self.trial.should_prune() and progress.epoch < progress.epochs

    def end(
        self, state: "TrialState", scores: tuple[float, float] | None = None, *, cut_short: bool = False
    ) -> None:
        """Close the trial with its hit@10 and NDCG@10; one that was cut short goes back into the queue."""
        if scores is not None:
            self.trial.set_user_attr("ndcg", scores[1])
        self._note_seconds()
        self._study.tell(self.trial, None if scores is None else scores[0], state)
        if cut_short:
            queue_again(self._study, self._study.trials[self.trial.number])

    def _note_seconds(self) -> None:
        self.trial.set_user_attr("seconds", round(self._clock() - self._begun, 3))
