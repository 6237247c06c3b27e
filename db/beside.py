"""Work beside this process: in a copy of it, where the system can make one, so that another processor does it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def beside(work: Callable[[], str]) -> Iterator[Callable[[], str]]:
    """Start `work` in a copy of this process, and give what waits for its answer. It must touch nothing that the two
    share: no database, no file. Where there can be no copy, or it ends without an answer, this process does the work
    when it is asked."""
    if not hasattr(os, "fork"):  # Windows
        yield work
        return
    answer, give = os.pipe()
    try:
        copy = os.fork()
    except OSError:  # no memory for another process
        os.close(answer)
        os.close(give)
        yield work
        return
    if copy == 0:
        try:
            os.write(give, work().encode())
        finally:
            os._exit(0)  # nothing of the process that this is a copy of may be ended here
    os.close(give)

    def wait() -> str:
        text = b""
        while some := os.read(answer, 4096):
            text += some
        return text.decode() or work()

    try:
        yield wait
    finally:
        os.close(answer)
        with suppress(ProcessLookupError):
            os.kill(copy, signal.SIGKILL)
        os.waitpid(copy, 0)
