"""Sound: decode, mix on a timeline, play through whatever device there is, or through none."""

from segue.core.audio.player import AnyPlayer, Player, PlayerEvent, TrackEnded, make_player
from segue.core.audio.sinks import SinkChanged

__all__ = ["AnyPlayer", "Player", "PlayerEvent", "SinkChanged", "TrackEnded", "make_player"]
