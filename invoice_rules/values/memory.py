"""Memory that is free again goes back to the system between the stages of a large file."""

import ctypes
import sys
from functools import cache
from typing import Any

import pyarrow as pa

_LITTLE = 1 << 26


def give_back(least: int = _LITTLE) -> None:
    """Return what Arrow and the C library keep for later; they would add it to the peak of the next stage.

    While Arrow holds less than `least` bytes nothing is done: asking for the same memory again would cost more than it is worth.
    """
    if pa.total_allocated_bytes() < least:
        return
    pa.default_memory_pool().release_unused()
    if trim := _trim():
        trim(0)


@cache
def _trim() -> Any:
    """glibc's malloc_trim, None elsewhere."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
