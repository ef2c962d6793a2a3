"""Search for better hyperparameters: trials, their journal, the leaderboard.

This package and the cluster that runs its trials import Optuna, inside functions.
"""
