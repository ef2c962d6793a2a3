"""Train: start a training or a search, watch it, and open what came of it."""
