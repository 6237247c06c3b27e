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
_EVERY_SHARE = 0.25  # between two looks at shares, which hold the processes up


@dataclass(frozen=True)
class Measured:
    """What a command took: wall seconds, and the most memory in bytes that its processes held at one moment (0 where
    the system does not tell)."""

    seconds: float
    peak_bytes: int
    code: int
    out: str
    err: str


def measure(command: Sequence[str | Path], *, env: dict[str, str] | None = None, memory: bool = True) -> Measured:
    """Run a command to its end. Looking at the memory of several processes holds them up a little: without `memory`
    none is looked at."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [*map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    )
    watch = _Watch(process.pid) if memory else None
    if watch is not None:
        watch.start()
    out, err = process.communicate()
    seconds = time.perf_counter() - started
    return Measured(seconds, 0 if watch is None else watch.stop(), process.returncode, out, err)


class _Watch(threading.Thread):
    """Looks again and again how much memory a process and everything below it hold together."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._peak = 0
        self._ended = threading.Event()

    def run(self) -> None:
        pause = _EVERY
        while not self._ended.wait(pause):
            processes = _tree(self._pid)
            held = _resident(self._pid) if len(processes) == 1 else sum(map(_share, processes))
            self._peak = max(self._peak, held)
            pause = _EVERY if len(processes) == 1 else _EVERY_SHARE

    def stop(self) -> int:
        """The most that was seen."""
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


def _share(pid: int) -> int:
    """The memory of a process in which each page that others hold, too, counts in part (Pss): those of a tree add up to
    what it holds."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return _resident(pid)
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
