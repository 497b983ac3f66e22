"""Python's search for garbage, put off while objects are made by the million."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Within, nothing that becomes garbage in a circle is looked for: none does, and the look through millions of new objects would be for nothing."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()
