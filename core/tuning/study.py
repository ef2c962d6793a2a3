"""The journal of a search: an Optuna study in one file that survives kills and may be shared; its trials."""

import json
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from segue.core.arrays import one_line
from segue.core.errors import SegueError
from segue.core.files import explained, open_regular, process_lives, refuse_link, require_regular
from segue.core.manifest import parse_json
from segue.core.tuning.render import Entry, Leaderboard, Result, Retrained, Spread, State, TrialState
from segue.core.tuning.space import Params, Preset, config_of, preset_of, rounded

if TYPE_CHECKING:
    from optuna import Study
    from optuna.storages import JournalStorage
    from optuna.trial import FrozenTrial, Trial
    from optuna.trial import TrialState as EndState

    from segue.core.track2vec.config import TrainConfig
    from segue.core.track2vec.training import Progress

JOURNAL = "journal.log"
_DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What Optuna has been seen to raise over a damaged journal."""
HEARTBEAT = 20.0
"""Seconds between two signs of life of a trial."""
SILENCE = 600.0
"""Seconds without a sign of life after which a trial of another machine counts as dead."""


def open_study(
    folder: Path, preset: Preset, *, library: str, seed: int, purpose: Mapping[str, Any]
) -> "Study":
    """Open the study in a folder, or begin one there, for the library of that name.

    Several processes and machines may open the same one. `seed` is the sampler's. `purpose` is what the study
    is for: one that was begun for something else is refused. Raises `SegueError` when the folder holds
    another search, or a journal that can't be read.
    """
    import optuna  # 0.5 s

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    journal = folder / JOURNAL
    with readable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        study = optuna.create_study(
            study_name="segue", storage=open_journal(journal), direction="maximize", load_if_exists=True
        )
        known = study.user_attrs.get("purpose")
        n_trials = len(study.trials)
        if known == purpose:
            _check(study)
    if known is None:
        study.set_user_attr("purpose", dict(purpose))
        study.set_user_attr("library", library)
        study.set_user_attr("recipe", preset.recipe)
    elif known != purpose:
        other = known if isinstance(known, dict) else {}
        differing = ", ".join(key for key in purpose if other.get(key) != purpose[key])
        raise SegueError(
            f"{journal}: a search of another {differing}; use another --study folder, or remove it"
        )
    # a sampler that starts from the same number again would suggest the same trials again
    study.sampler = optuna.samplers.TPESampler(
        seed=seed + n_trials, n_startup_trials=8, multivariate=False, constant_liar=True
    )
    study.pruner = (
        optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=2)
        if preset.prunes
        else optuna.pruners.NopPruner()
    )
    with readable(folder):
        for name, params in preset.grid.items():
            study.enqueue_trial(params, user_attrs={"name": name}, skip_if_exists=True)
    return study


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Have whatever Optuna makes of a damaged journal become a `SegueError` that names the file.

    A disk that is full, or fails, has done the journal no harm, and is named as such.
    """
    try:
        with explained(folder / JOURNAL):
            yield
    except _DAMAGE as error:
        raise SegueError(
            f"{folder / JOURNAL}: can't be read ({type(error).__name__}: {one_line(error)}); "
            "remove it to start a new search"
        ) from error


def _check(study: "Study") -> None:
    """Raise one of `_DAMAGE` for a study whose values are not of their kinds, since a file may hold any."""
    board = leaderboard_of(study, entries_of(study), {})
    msgspec.convert(parse_json(json.dumps(asdict(board)).encode()), Leaderboard)
    for trial in study.get_trials(deepcopy=False):
        _dead(trial, 0.0)
        if not isinstance(trial.system_attrs.get("fixed_params", {}), dict):
            raise TypeError("the parameters of a trial are not an object")


def sign_of_life(trial: "Trial", now: float) -> None:
    """Note in the journal who runs a trial, and when it was last seen alive."""
    trial.set_user_attr("worker", {"host": socket.gethostname(), "process": os.getpid(), "seen": now})


def revive(study: "Study", folder: Path, now: float) -> int:
    """Put trials whose process has died back into the queue.

    `now` is in seconds since the epoch. Returns how many were put back.
    """
    from optuna.trial import TrialState

    with _taking(folder):
        dead = [trial for trial in study.get_trials(states=(TrialState.RUNNING,)) if _dead(trial, now)]
        for trial in dead:
            try:
                study.tell(trial.number, state=TrialState.FAIL)
            except (ValueError, RuntimeError):
                continue  # only silent, and it has just ended by itself
            queue_again(study, trial)
    return len(dead)


@contextmanager
def _taking(folder: Path) -> Iterator[None]:
    """Hold off others while a trial is taken and signed for, or while those of the dead are put back."""
    if os.name != "posix":
        yield
        return
    lock = JournalLock(folder / "trials")
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


def queue_again(study: "Study", trial: "FrozenTrial") -> None:
    """Let the configuration of a trial that was cut short be tried once more."""
    params = trial.system_attrs.get("fixed_params") or trial.params
    if params:
        study.enqueue_trial(params, user_attrs={"name": trial.user_attrs.get("name", "")})


def _dead(trial: "FrozenTrial", now: float) -> bool:
    worker = trial.user_attrs.get("worker")
    if worker is None:  # killed between taking the trial and signing it
        begun = trial.datetime_start
        return os.name == "posix" or begun is None or now - begun.timestamp() > SILENCE
    if worker["host"] == socket.gethostname() and not process_lives(worker["process"]):
        return True
    return bool(now - worker["seen"] > SILENCE)


def entries_of(study: "Study") -> tuple[Entry, ...]:
    """The trials of a study."""
    settings = study.user_attrs["purpose"]["settings"]
    return tuple(_entry(trial, settings) for trial in study.get_trials(deepcopy=False))


def leaderboard_of(study: "Study", entries: tuple[Entry, ...], importance: dict[str, float]) -> Leaderboard:
    """The study as it stands, with its `entries_of` and `importance_of`."""
    purpose, attributes = study.user_attrs["purpose"], study.user_attrs
    retrained = [Retrained(**attributes[key]) for key in sorted(attributes) if key.startswith("retrained ")]
    result = attributes.get("result")
    state: State = "finished" if result else "retraining" if "closed" in attributes else "searching"
    spreads = {}
    if result:
        retrained = [Retrained(**one) for one in result["retrained"]]
        spreads = {name: Spread(*values) for name, values in result["spreads"].items()}
    return Leaderboard(
        library=attributes["library"],
        preset=purpose["preset"],
        recipe=study.user_attrs.get("recipe") or preset_of(purpose["preset"]).recipe,
        state=state,
        n_validation=purpose["validation pairs"],
        n_test=result["n_test"] if result else 0,
        entries=entries,
        importance=importance,
        retrained=tuple(retrained),
        result=Result(winner=attributes["closed"], **spreads) if result else None,
    )


def _entry(trial: "FrozenTrial", fixed: Params) -> Entry:
    states: dict[str, TrialState] = {
        "COMPLETE": "done",
        "PRUNED": "pruned",
        "RUNNING": "running",
        "WAITING": "waiting",
        "FAIL": "stopped",
    }
    params = rounded(trial.params or trial.system_attrs.get("fixed_params", {}))
    params |= {name: value for name, value in fixed.items() if name in params}
    done = trial.state.name == "COMPLETE"
    return Entry(
        number=trial.number,
        name=trial.user_attrs.get("name", ""),
        state=states[trial.state.name],
        params=params,
        hit=trial.value if done else None,
        ndcg=trial.user_attrs.get("ndcg") if done else None,
        epochs=tuple(value for _, value in sorted(trial.intermediate_values.items())),
        seconds=trial.user_attrs.get("seconds", 0.0),
    )


def importance_of(study: "Study") -> dict[str, float]:
    """Share of the scores' variation that each hyperparameter explains; empty for fewer than four trials."""
    import optuna

    done = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,))
    if len(done) < 4:
        return {}
    evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    try:
        found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    except (RuntimeError, ValueError):
        return {}  # nothing varies yet
    return {name: float(value) for name, value in found.items()}


class JournalLock:
    """A lock on a journal that the system takes back when its holder dies.

    Optuna's own lock is a file. One left by a kill holds everybody up for 30 seconds.
    """

    def __init__(self, journal: Path) -> None:
        self._path = journal.with_name(journal.name + ".lock")
        self._file: BinaryIO | None = None

    def acquire(self) -> bool:
        """Wait for the lock and take it."""
        import fcntl  # not on Windows

        file = open_regular(self._path, "ab")
        fcntl.flock(file, fcntl.LOCK_EX)
        self._file = file
        return True

    def release(self) -> None:
        """Release the lock."""
        if self._file is not None:
            self._file.close()
            self._file = None


def open_journal(journal: Path) -> "JournalStorage":
    """The storage in a journal file, begun where there is none.

    Raises `SegueError` when it is a link, which would be written through, or no regular file.
    """
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    refuse_link(journal)
    require_regular(journal)
    if os.name != "posix":
        return JournalStorage(JournalFileBackend(str(journal)))
    lock = JournalLock(journal)
    lock.acquire()
    try:
        repair(journal)
    finally:
        lock.release()
    return JournalStorage(JournalFileBackend(str(journal), lock_obj=lock))  # type: ignore[arg-type]  # duck-typed


def repair(journal: Path) -> None:
    """Cut off a last line that was torn by a kill or a full disk; whatever follows it would be unreadable."""
    if not journal.exists() or not journal.stat().st_size:
        return
    with open_regular(journal, "r+b") as file:
        whole = file.read()
        if not whole.endswith(b"\n"):
            file.truncate(whole.rfind(b"\n") + 1)


class Attempt:
    """A trial that this process answers for, wherever it is trained."""

    def __init__(
        self, study: "Study", trial: "Trial", config: "TrainConfig", clock: Callable[[], float]
    ) -> None:
        self.trial, self.config = trial, config
        self._study, self._clock = study, clock
        self._begun = self._seen = clock()

    @classmethod
    def begin(
        cls,
        study: "Study",
        folder: Path,
        preset: Preset,
        fixed: Mapping[str, Any],
        clock: Callable[[], float],
    ) -> "Attempt | None":
        """Take a trial, sign for it and ask what it is to try; None where nothing is left to try."""
        from optuna.trial import TrialState

        with _taking(folder):
            trial = study.ask()
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
        """Send a heartbeat when it is time for one."""
        if self._clock() - self._seen > HEARTBEAT:
            self._seen = self._clock()
            sign_of_life(self.trial, self._seen)

    def note(self, progress: "Progress") -> None:
        """Report an epoch's hit@10."""
        if progress.hit_at_10 is not None:
            self.trial.report(progress.hit_at_10, progress.epoch)
        self._note_seconds()

    def has_fallen_behind(self, progress: "Progress") -> bool:
        """Whether the trial is to be pruned."""
        return self.trial.should_prune() and progress.epoch < progress.epochs

    def end(
        self, state: "EndState", scores: tuple[float, float] | None = None, *, cut_short: bool = False
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
