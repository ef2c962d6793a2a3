"""Strangers' bytes at every door: whatever comes in, only a one-line error may come out."""
