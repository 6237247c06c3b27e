"""When to look for cycles of objects that nobody needs. Prices and figures are millions of objects and hold no cycle:
to look among them again and again takes a tenth of the time of an import or of an edition."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


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
