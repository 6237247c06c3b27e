"""How the memory of this process is looked after where prices and figures are millions of objects.

They hold no cycle: to look for cycles of objects that nobody needs among them again and again takes a tenth of the time
of an import or of an edition.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def cycles_left_alone() -> Iterator[None]:
    """Look for no cycles meanwhile."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


@contextmanager
def objects_set_apart() -> Iterator[None]:
    """Look for no cycles, meanwhile, among the objects that are there now. A copy of this process (fork) then shares
    more of their memory: to be looked at, an object is written to."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def give_back() -> None:
    """Give the system what is free: the C library keeps what large tables took. Elsewhere than with glibc nothing."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
