"""Fixtures for the faults: those of the explorer's tests."""

from tests.tui.conftest import (
    _few_drawings,
    _no_waiting_for_the_processor,
    _plain_terminal,
    _styles_read_once,
    pytest_pyfunc_call,
)

__all__ = [
    "_few_drawings",
    "_no_waiting_for_the_processor",
    "_plain_terminal",
    "_styles_read_once",
    "pytest_pyfunc_call",
]
