"""Benchmarks: each a script that measures a ratio against a peer in the same run."""
