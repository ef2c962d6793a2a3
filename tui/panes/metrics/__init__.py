"""Metrics: how well the next track is foretold, and every held-out playlist behind the figures."""
