"""Python's search for objects that refer to one another in circles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_cycle_search() -> Iterator[None]:
    """Leave the search for cycles out while millions of objects are made that stay, such as texts or modules.

    It looks at all of them over and over: a quarter of the time. Objects without cycles are freed as ever. As
    a decorator it does the same for a function.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
