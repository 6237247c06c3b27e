"""Commands as processes of their own: how long they take and how much memory they and their children hold."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REMITWATCH = (sys.executable, "-c", "from remitwatch.cli import main; main()")
_EVERY = 0.05  # seconds between two looks


@dataclass(frozen=True)
class Measured:
    """What a command took: wall seconds, and the most memory in bytes that its processes held at one moment (0 where
    the system does not tell)."""

    seconds: float
    peak_bytes: int
    code: int
    out: str
    err: str


def measure(command: Sequence[str | Path], *, env: dict[str, str] | None = None) -> Measured:
    """Run a command to its end."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [*map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    )
    watch = _Watch(process.pid)
    watch.start()
    out, err = process.communicate()
    seconds = time.perf_counter() - started
    return Measured(seconds, watch.stop(), process.returncode, out, err)


class _Watch(threading.Thread):
    """Adds up the resident memory of a process and everything below it, again and again."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._peak = 0
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(_EVERY):
            self._peak = max(self._peak, sum(map(_resident, _tree(self._pid))))

    def stop(self) -> int:
        """The highest sum seen."""
        self._ended.set()
        self.join()
        return self._peak


def _tree(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        try:
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
    return found


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
