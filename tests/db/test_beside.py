"""Work in a copy of this process: the same answer, whatever becomes of the copy."""

import os
import signal

import pytest

from db.beside import beside


def test_the_answer_comes_from_another_process() -> None:
    with beside(lambda: str(os.getpid())) as wait:
        other = wait()
    assert other.isdigit()
    assert other != str(os.getpid())


def test_where_there_can_be_no_copy_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    with beside(lambda: str(os.getpid())) as wait:
        assert wait() == str(os.getpid())


def test_a_system_without_room_for_a_copy_does_it_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise OSError("no memory")

    monkeypatch.setattr(os, "fork", refused)
    with beside(lambda: "here") as wait:
        assert wait() == "here"


def test_a_copy_that_is_killed_or_fails_leaves_the_work_to_this_process() -> None:
    me = os.getpid()

    def work() -> str:
        if os.getpid() != me:
            os.kill(os.getpid(), signal.SIGKILL)
        return "here"

    def fails() -> str:
        if os.getpid() != me:
            raise ValueError("only in the copy")
        return "here, too"

    for one, answer in ((work, "here"), (fails, "here, too")):
        with beside(one) as wait:
            assert wait() == answer


def test_nobody_waits_for_an_answer_that_is_not_wanted() -> None:
    with pytest.raises(KeyError), beside(lambda: signal.pause() or "never"):  # type: ignore[func-returns-value]
        raise KeyError
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)  # none is left behind
