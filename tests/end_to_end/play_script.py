"""A listener with quick fingers: plays noise through a real device and uses every control.

Run as `python -m tests.end_to_end.play_script SINK`. Prints a JSON object: the position at which each control
was used, and the events.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator

from segue.core.audio import Player, PlayerEvent, TrackEnded, make_player
from segue.core.audio.pcm import RATE
from tests.end_to_end.noise import noise

DEADLINE = 60.0


def until(player: Player, seconds: float) -> float:
    """Wait until the player is so far into its track; give where it is then."""
    end = time.monotonic() + DEADLINE
    while player.position < seconds and time.monotonic() < end:
        time.sleep(0.005)
    return player.position


def _watch(player: Player, seconds: float) -> Iterator[float]:
    """Read the position again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield player.position
        time.sleep(0.005)


def main(sink: str) -> None:
    """Play."""
    events: list[str] = []
    ended = threading.Event()

    def listen(event: PlayerEvent) -> None:
        events.append(str(event))
        if isinstance(event, TrackEnded):
            ended.set()

    used: dict[str, float] = {}
    player = make_player(sink)
    player.subscribe(listen)
    first, second = noise(8, seed=1), noise(8, seed=2)
    player.load(first, key="first")
    player.play()
    used["quieter"] = until(player, 1.0)
    player.set_volume(0.25)
    used["mute"] = until(player, 2.0)
    player.mute()
    used["loud"] = until(player, 2.5)
    player.mute(muted=False)
    player.set_volume(1.0)
    used["pause"] = until(player, 3.5)
    player.pause()
    used["lowest"] = min(_watch(player, 1.0))
    used["resume"] = player.position
    player.play()
    used["skip"] = until(player, 5.0)
    player.load(second, key="second", crossfade=1.0)
    used["seek"] = until(player, 2.0)
    player.seek(7.0)
    ended.wait(DEADLINE)
    sink = player.sink
    player.close()
    print(json.dumps({"used": used, "events": events, "sink": sink, "rate": RATE}))  # noqa: T201 - its answer


if __name__ == "__main__":
    main(sys.argv[1])
