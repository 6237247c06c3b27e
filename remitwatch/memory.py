"""How the memory of this process is looked after where prices and figures are millions of objects.

They hold no cycle: to look for cycles of objects that nobody needs among them again and again takes a tenth of the time
of an import or of an edition. After a large job there are some elsewhere; and glibc keeps what lies between blocks that
are in use: a clock that runs for years would grow to the sum of its worst days.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def end_without_search() -> None:
    """Look for no cycles when this process ends: all goes with it, and to look takes a third of a second."""
    atexit.register(gc.freeze)


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


def give_back(*, with_cycles: bool = False) -> None:
    """Give memory that is free back to the system; where the C library is not glibc, nothing. `with_cycles`: look for
    cycles that nobody needs before, which takes a few tenths of a second."""
    if with_cycles:
        gc.collect()
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
