"""A synthetic world of music: invented artists and titles, and playlists with the habits of real ones."""

from segue.core.synthetic.spec import SPECS, Habits, WorldSpec
from segue.core.synthetic.world import World, make_world

__all__ = ["SPECS", "Habits", "World", "WorldSpec", "make_world"]
