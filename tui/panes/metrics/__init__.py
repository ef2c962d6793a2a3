"""Metrics: how well the next track is predicted, and every held-out playlist behind the figures."""
