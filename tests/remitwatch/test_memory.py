"""Memory that nobody uses goes back."""

import gc
import weakref

from remitwatch import memory


class _Ring:
    """Refers to itself: it goes only when it is looked for."""

    def __init__(self) -> None:
        self.itself = self


def test_what_refers_to_itself_is_let_go() -> None:
    gc.collect()
    gc.disable()
    try:
        ring = weakref.ref(_Ring())
        assert ring() is not None
        memory.give_back()
        assert ring() is None
    finally:
        gc.enable()
