"""The Radio view: the current track, the queue with reasons, the dials, and the listening history."""
