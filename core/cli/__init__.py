"""The command `segue`: every capability without the TUI."""

from segue.core.cli.main import main

__all__ = ["main"]
