"""Locks of files: the kernel frees them with the process that took them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from remitwatch.errors import BusyError
from remitwatch.locks import locked

HOLDS_AND_IS_COPIED = """
import os, sys, time
from pathlib import Path
from remitwatch.locks import locked
with locked(Path(sys.argv[1]), "home"):
    copy = os.fork()
    if copy == 0:
        time.sleep(60)
        os._exit(0)
    print(copy, flush=True)
    time.sleep(60)
"""


def test_a_copy_that_outlives_its_killed_process_holds_no_lock(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS_AND_IS_COPIED, str(lock)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        copy = int(holder.stdout.readline())
        try:
            with pytest.raises(BusyError, match=f"already in use by process {holder.pid}"), locked(lock, "home"):
                pass
            holder.send_signal(signal.SIGKILL)
            holder.wait(10)
            for _ in range(100):  # the copy lets go when it first runs
                try:
                    with locked(lock, "home"):
                        os.kill(copy, 0)  # it is still there
                    break
                except BusyError:
                    time.sleep(0.05)
            else:
                pytest.fail("the copy holds the lock")
        finally:
            os.kill(copy, signal.SIGKILL)
