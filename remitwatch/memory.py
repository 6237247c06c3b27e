"""Memory that was freed goes back to the system after the largest job. Python keeps what refers to itself until it
looks for it, which it does seldom in a large process, and glibc keeps what lies between blocks that are in use: a clock
that runs for years would grow to the sum of its worst days."""

from __future__ import annotations

import ctypes
import gc
import sys


def give_back() -> None:
    """Give memory that nobody uses back to the system; where the C library is not glibc, to the C library. Takes a few
    tenths of a second."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
