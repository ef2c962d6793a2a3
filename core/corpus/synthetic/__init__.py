"""A synthetic world of music: invented artists and titles, and playlists with the habits of real ones."""

from core.corpus.synthetic.world import World, WorldSpec, make_world

__all__ = ["World", "WorldSpec", "make_world"]
