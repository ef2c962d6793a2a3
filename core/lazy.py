"""Work put off: modules imported when first used, and no search for cycles while many objects are made."""

import gc
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Lazy:
    """Stands for a module until then.

    Modules that must be there at once but compute only later put it in NumPy's place:

        if TYPE_CHECKING:
            import numpy as np
        else:
            np = Lazy("numpy")  # 45 ms

    What was looked up once is kept, so that later uses cost what a module's own attributes do.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:  # noqa: ANN401 - a module holds anything
        value = getattr(importlib.import_module(self._name), attribute)
        setattr(self, attribute, value)
        return value


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
