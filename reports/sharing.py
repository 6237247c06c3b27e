"""Work shared between this process and a copy of it (fork), where there is much of it and a second processor.

The copy sees what this process holds; only what it found out comes back. Whatever the number of processes, the results
are the same and in the same order. Which process does what is settled as they go: each takes the next piece when it is
done with its last, by reading its number from a file whose place both share. Or a copy does one thing while this
process goes on (`beside`).
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, NoReturn, TypeVar

from remitwatch.errors import StorageError
from remitwatch.memory import give_back

Piece = TypeVar("Piece")
Result = TypeVar("Result")
WORTH = 2_000
"""From so many listed services on, what an edition is made from and made of is worth a second process."""
_WIDTH = 8
"""Bytes of the number of a piece."""


def can_share() -> bool:
    """Whether a copy of this process may be made: there is a second processor, and no other thread of ours, which the
    copy would find stopped in the middle of what it did."""
    if not hasattr(os, "fork") or threading.active_count() > 1:
        return False
    return len(os.sched_getaffinity(0)) > 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) > 1


def shared(pieces: Sequence[Piece], work: Callable[[Piece], Result], *, alone: bool) -> list[Result]:
    """What `work` makes of each piece, in their order; pieces that take long stand first. `alone`: by this process.

    Raises what `work` raises, StorageError when the copy of this process ends before its time.
    """
    if alone or len(pieces) < 2 or not can_share():
        return [work(piece) for piece in pieces]
    with tempfile.TemporaryFile() as waiting:
        waiting.write(b"".join(number.to_bytes(_WIDTH, "big") for number in range(len(pieces))))
        waiting.flush()
        os.lseek(waiting.fileno(), 0, os.SEEK_SET)
        reading, writing = os.pipe()
        parent, copy = os.getpid(), _copied()
        if copy == 0:
            os.close(reading)
            _tell(writing, lambda: _found_by_copy(parent, waiting, pieces, work))
        os.close(writing)
        try:
            found = {number: work(pieces[number]) for number in _taken(waiting)}
        except BaseException:  # what happened is raised again
            _stop(copy, reading)
            raise
    found.update(_answer(copy, reading))
    return [found[number] for number in range(len(pieces))]


@contextmanager
def beside(work: Callable[[], Result], *, alone: bool) -> Iterator[Callable[[], Result]]:
    """Begin work in a copy of this process, where one may be made, and go on meanwhile; with `alone`, or without a
    copy, it is done first. Gives what to ask, once, for what `work` made. `work` must use no database: what this
    process has open is not the copy's.

    Raises what `work` raises, StorageError when the copy ends before its time; of a copy when it is asked.
    """
    if alone or not can_share():
        made = work()
        del work
        yield lambda: made
        return
    reading, writing = os.pipe()
    copy = _copied()
    if copy == 0:
        os.close(reading)
        _tell(writing, work)
    os.close(writing)
    del work  # what it holds need not be there twice
    asked = False

    def found() -> Result:
        nonlocal asked
        asked = True
        told: Result = _answer(copy, reading)
        return told

    try:
        yield found
    finally:
        if not asked:
            _stop(copy, reading)


def _answer(copy: int, reading: int) -> Any:
    """What the copy tells. Raises what it raises, StorageError when it ends before its time."""
    with os.fdopen(reading, "rb") as answer:
        told = answer.read()
    _, status = os.waitpid(copy, 0)
    if status != 0:
        raise StorageError(f"a helping process ended before its time (status {os.waitstatus_to_exitcode(status)})")
    error, found = pickle.loads(told)  # noqa: S301 - written by a copy of this process
    if error is not None:
        raise error
    return found


def _stop(copy: int, reading: int) -> None:
    """End the copy: it must not go on, nor be waited for."""
    os.kill(copy, signal.SIGKILL)
    os.close(reading)
    os.waitpid(copy, 0)


def _copied() -> int:
    give_back()  # what is free need not be there twice
    with warnings.catch_warnings():
        # Python warns of threads of libraries, too (numpy's, which stand still); those of ours were looked for.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _taken(waiting: BinaryIO) -> Iterator[int]:
    """The numbers of the pieces that this process takes, one when it asks for the next, until none waits."""
    while taken := os.read(waiting.fileno(), _WIDTH):
        yield int.from_bytes(taken, "big")


def _found_by_copy(
    parent: int, waiting: BinaryIO, pieces: Sequence[Piece], work: Callable[[Piece], Result]
) -> dict[int, Result]:
    """What the copy makes of the pieces that it takes."""
    found: dict[int, Result] = {}
    try:
        for number in _taken(waiting):
            found[number] = work(pieces[number])
            if os.getppid() != parent:  # it was killed: nobody waits for the rest
                os.lseek(waiting.fileno(), 0, os.SEEK_END)
    except Exception:  # nobody waits for the rest
        os.lseek(waiting.fileno(), 0, os.SEEK_END)
        raise
    return found


def _tell(writing: int, find: Callable[[], Any]) -> NoReturn:
    """As the copy: tell what is found, or what is raised, and end. Nothing that the other process would do at its end
    is done twice, nor to what it let go of."""
    gc.freeze()
    status = 1
    try:
        error: Exception | None = None
        found = None
        try:
            found = find()
        except Exception as raised:  # it is raised again where it is waited for
            error = raised
        with os.fdopen(writing, "wb") as answer:
            pickle.dump((error, found), answer)
        status = 0
    finally:
        os._exit(status)
