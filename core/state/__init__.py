"""What a listener did and wants kept: loves, bans, journal, places, stations, and where they left off."""

from segue.core.state.state import Bans, Change, Listen, State

__all__ = ["Bans", "Change", "Listen", "State"]
