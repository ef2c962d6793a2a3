"""Fixtures for the faults: those of the explorer's tests."""

from tests.tui.conftest import _no_waiting_for_the_processor, _plain_terminal, pytest_pyfunc_call

__all__ = ["_no_waiting_for_the_processor", "_plain_terminal", "pytest_pyfunc_call"]
