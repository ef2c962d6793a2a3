"""Start a radio with everything it needs, from a library and a track."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

import numpy as np

from segue.core.audio import make_player
from segue.core.deezer.source import make_previews
from segue.core.explore.radio import Knobs, Mode, RadioPlanner
from segue.core.radio.events import Notice, RadioEvent
from segue.core.radio.parts import FOREVER, Limits
from segue.core.radio.session import RadioSession
from segue.core.state import State

if TYPE_CHECKING:
    from segue.core.library import Library


@contextmanager
def start_radio(
    library: "Library",
    track: str | int,
    *,
    mode: Mode = "steer",
    knobs: Knobs | None = None,
    limits: Limits = FOREVER,
    crossfade: float = 3.0,
    sound: bool = True,
    offline: bool = False,
    state: State | None = None,
    seed: int | None = None,
    on_event: Callable[[RadioEvent], None] = lambda _event: None,
) -> Iterator[RadioSession]:
    """Play a radio from a track until it ends or the `with` block is left.

    Parameters
    ----------
    track
        A title, `title — artist`, a track id, a Deezer link, or a row of the library.
    mode
        `walk`: the notebook's radio, each track drawn among the nearest of the one before. `steer`: skips,
        loves and the knobs steer it.
    limits
        When it ends, and how many seconds of each track are played.
    crossfade
        Seconds in which one track gives way to the next.
    sound
        False plays to no device, on a clock.
    offline
        Make no network requests: only tracks that need none can be played.
    state
        The listener's loves, bans and journal; by default those of this user.
    seed
        Random seed of the plan.
    on_event
        Called with every event, on the radio's own thread.

    Raises
    ------
    SegueError
        When there is no such track.
    """
    row = library.catalogue.resolve(track) if isinstance(track, str) else track
    with ExitStack() as stack:
        listener = state or stack.enter_context(closing(State.open_anyway()))
        if listener.unkept:
            on_event(Notice(listener.unkept))
        previews = stack.enter_context(closing(make_previews(offline=offline)))
        player = stack.enter_context(closing(make_player(None if sound else "silent")))
        planner = RadioPlanner(
            library,
            row,
            mode=mode,
            knobs=knobs or Knobs(),
            rng=np.random.default_rng(seed),
            state=listener,
            limit=limits.tracks,
        )
        session = RadioSession(
            planner,
            library.catalogue.info,
            previews,
            player,
            on_event,
            journal=listener,
            limits=limits,
            crossfade=crossfade,
        )
        yield stack.enter_context(closing(session))
