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
        assert ring() is not None
        memory.give_back(with_cycles=True)
        assert ring() is None
    finally:
        gc.enable()


def test_no_cycle_is_looked_for_meanwhile() -> None:
    assert gc.isenabled()
    with memory.cycles_left_alone():
        with memory.cycles_left_alone():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_objects_are_set_apart_meanwhile() -> None:
    assert gc.get_freeze_count() == 0
    with memory.objects_set_apart():
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0
