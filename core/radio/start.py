"""Play a radio or a list with everything it needs, from a library."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, TypedDict, Unpack

import numpy as np

from segue.core.audio import AnyPlayer, make_player
from segue.core.catalogue.overlay import title_overlay
from segue.core.deezer.previews import PreviewSource
from segue.core.errors import SegueError
from segue.core.explore.radio import Mode, RadioDials, RadioPlanner
from segue.core.own_files import make_source
from segue.core.radio.parts import FOREVER, Limits, Notice, RadioEvent, Scrobbler
from segue.core.radio.queue import TRAILER_SECONDS, Queue, cut_note, in_order
from segue.core.radio.session import RadioSession
from segue.core.state import State

if TYPE_CHECKING:
    from segue.core.library import Library


class Playing(TypedDict, total=False):
    """How a radio or a list is played: the options that `start_radio` and `play_list` share."""

    limits: Limits
    """When it ends, and how many seconds of each track are played; by default at its own end."""
    crossfade: float
    """Seconds in which one track gives way to the next (default: 3)."""
    sound: bool
    """False plays to no device, on a clock."""
    offline: bool
    """Make no network requests: only tracks that need none can be played."""
    state: State | None
    """The listener's loves, bans and journal; by default those of this user."""
    scrobbler: Scrobbler | None
    """Notified of what plays and what was heard."""
    speaker: tuple[PreviewSource, AnyPlayer] | None
    """Where tracks are found and what plays them, closed at the end; by default the listener's own files and
    Deezer's previews, and the best sound device of this machine."""
    on_event: Callable[[RadioEvent], None]
    """Called with every event, on the radio's own thread."""


def start_radio(
    library: "Library",
    track: str | int | Sequence[int],
    *,
    mode: Mode = "steer",
    dials: RadioDials | None = None,
    seed: int | None = None,
    **playing: Unpack[Playing],
) -> AbstractContextManager[RadioSession]:
    """Play a radio from a track, or near the middle of several, until it ends or the `with` block is left.

    The track is a title, `title — artist`, a track id, a Deezer link, a row of the library, or several rows.
    The mode `walk` is the notebook's radio, each track drawn among the nearest of the one before; with
    `steer`, skips, loves and the dials steer it. The options are those of `Playing`. Raises `SegueError` when
    there is no such track.
    """
    start = library.catalogue.resolve(track) if isinstance(track, str) else track

    def queue(listener: State) -> Queue:
        rng = np.random.default_rng(seed)
        return Queue(
            radio=RadioPlanner(
                library,
                start,
                mode=mode,
                dials=dials or RadioDials(),
                rng=rng,
                state=listener,
                limit=playing.get("limits", FOREVER).tracks,
            )
        )

    return _playing(library, queue, **playing)


def play_list(
    library: "Library",
    rows: Sequence[int],
    source: str,
    *,
    trailer: bool = False,
    flow: bool = False,
    seed: int | None = None,
    **playing: Unpack[Playing],
) -> AbstractContextManager[RadioSession]:
    """Play tracks in their order until the last has ended or the `with` block is left.

    `source` is what the list is, for the journal and the reasons. A `trailer` plays 6 seconds of each; `flow`
    goes on with a radio near the last tracks. The options are those of `Playing`.
    """
    if not len(rows):
        raise SegueError(f"{source} has no tracks to play")

    def queue(listener: State) -> Queue:
        def radio(seeds: Sequence[int]) -> RadioPlanner:
            return RadioPlanner(library, seeds, rng=np.random.default_rng(seed), state=listener)

        tracks = in_order(library, rows, source, seconds=TRAILER_SECONDS if trailer else None)
        return Queue(tracks, source=source, flow=radio if flow else None)

    return _playing(library, queue, cut_note(len(rows)), **playing)


@contextmanager
def _playing(
    library: "Library",
    make_queue: Callable[[State], Queue],
    notice: str = "",
    *,
    limits: Limits = FOREVER,
    crossfade: float = 3.0,
    sound: bool = True,
    offline: bool = False,
    state: State | None = None,
    scrobbler: Scrobbler | None = None,
    speaker: tuple[PreviewSource, AnyPlayer] | None = None,
    on_event: Callable[[RadioEvent], None] = lambda _event: None,
) -> Iterator[RadioSession]:
    """Play a queue with everything it needs."""
    with ExitStack() as stack:
        listener = state or stack.enter_context(closing(State.open_anyway()))
        for each in (listener.unkept, notice):
            if each:
                on_event(Notice(each))
        queue = make_queue(listener)
        if speaker is None:
            learn, folder = title_overlay().learn, library.folder
            source = make_source(chosen=listener.recording, offline=offline, learn=learn, folder=folder)
            speaker = source, make_player(None if sound else "silent")
        previews, player = speaker
        for part in speaker:
            stack.enter_context(closing(part))
        session = RadioSession(
            queue,
            library.catalogue.info,
            previews,
            player,
            on_event,
            journal=listener,
            scrobbler=scrobbler,
            source_name=lambda: queue.source or "radio",
            limits=limits,
            crossfade=crossfade,
        )
        yield stack.enter_context(closing(session))
