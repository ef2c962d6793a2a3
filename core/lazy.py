"""Modules that are imported when something of theirs is first used."""

import importlib
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
