"""How long a process takes to stop, without what it waited for a processor: other work on the machine is none of its
own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

STOP_SECONDS = 5
_GIVE_UP = 60


def stops(child: subprocess.Popen[Any], number: signal.Signals = signal.SIGTERM) -> int:
    """Send a signal and return the exit code. Fails unless the process was gone within five seconds."""
    began, waited = time.monotonic(), _waited(child.pid)
    child.send_signal(number)
    took = lost = 0.0
    while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        took, lost = time.monotonic() - began, max(lost, _waited(child.pid) - waited)
        assert took < _GIVE_UP, "it does not stop"
        time.sleep(0.02)
    assert took - lost < STOP_SECONDS, f"stopped after {took:.1f} s, {lost:.1f} of them without a processor"
    return child.wait()


def _waited(pid: int) -> float:
    """For how many seconds a process was ready and had no processor (0 where the kernel does not say)."""
    with contextlib.suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0.0
