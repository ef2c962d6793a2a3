"""The map: all tracks on a plane."""
