"""Learn a vector for every track from the playlists it is in. The only package that imports TensorFlow."""

from segue.core.track2vec.config import FastConfig, NotebookConfig, TrainConfig
from segue.core.track2vec.training import Progress, Trained, train

__all__ = ["FastConfig", "NotebookConfig", "Progress", "TrainConfig", "Trained", "train"]
