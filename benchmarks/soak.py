"""A thousand days in one process: `python -m benchmarks.soak [--cycles 1000] [--publish-every 50]`.

The jobs of the clock (collect each source, observe, check with its alerts, deliver, tidy; now and then publish and the
metrics) are done day after day by one process in one home, as `remitwatch schedule` does them, on a clock that goes on
by a day a cycle.
The sources are the sandbox's, in a process of its own; some days one of them is down or blocked. Alerts go to a folder.

It tells at some cycles what the process holds: resident memory, file descriptors, threads, and how large the database
is; then the slope of the memory (least squares) from cycle 200 (or a fifth of the cycles) on. Goals: memory grows by no
more than 10 % from there to the end, descriptors not at all. Ends with 1 where they do.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression
from typing import IO

from remitwatch import jobs
from remitwatch.cli import logs
from remitwatch.config import Loaded, load
from remitwatch.home import Home
from remitwatch.pipeline import metrics, workspace
from remitwatch.runs import RunStatus
from scrapers import registry

FIRST = dt.date(2024, 1, 15)
ASKED_AT = dt.time(17, 0)
CORRIDORS = "GBR-IND"
MOST_GROWTH = 0.10
FAULT_EVERY = 60
"""Days between two faults of the sandbox's sources, down and blocked in turn."""


@dataclass(frozen=True)
class Held:
    """What this process holds after a cycle: resident bytes, descriptors, threads; the bytes of its database."""

    cycle: int
    resident: int
    descriptors: int
    threads: int
    database: int


@dataclass(frozen=True)
class Soaked:
    """What came of it: the looks in their order, runs by status, the seconds it took."""

    looks: tuple[Held, ...]
    statuses: dict[str, int]
    seconds: float

    def settled(self, from_cycle: int) -> list[Held]:
        """The looks from a cycle on: by then every module is imported and every cache filled."""
        return [look for look in self.looks if look.cycle >= from_cycle]

    def slope(self, from_cycle: int) -> float:
        """Bytes of memory that a cycle adds, by least squares over the looks from a cycle on."""
        looks = self.settled(from_cycle)
        return linear_regression([look.cycle for look in looks], [look.resident for look in looks]).slope

    def faults(self, from_cycle: int) -> list[str]:
        """What grew that may not, from a cycle on; none is well."""
        looks = self.settled(from_cycle)
        grown, most = looks[-1].resident / looks[0].resident - 1, looks[0].resident * (1 + MOST_GROWTH)
        more = max(look.descriptors for look in looks) - looks[0].descriptors
        return [
            *([f"memory grew by {grown:.1%} (at most {MOST_GROWTH:.0%})"] if looks[-1].resident > most else []),
            *([f"{more} file descriptors more than at cycle {looks[0].cycle}"] if more > 0 else []),
        ]


class _Clock:
    """The day of the cycle, at the time of asking; milliseconds pass, so that times differ."""

    def __init__(self, day: dt.date) -> None:
        self.day = day
        self._ticks = 0
        self._lock = threading.Lock()

    def __call__(self) -> dt.datetime:
        with self._lock:
            self._ticks += 1
            return dt.datetime.combine(self.day, ASKED_AT, tzinfo=dt.UTC) + dt.timedelta(milliseconds=self._ticks)


def looks_at(cycles: int) -> tuple[int, ...]:
    """After which cycles it is looked: 50, 100, 200, ... and the last; every tenth part where there are few."""
    step = 100 if cycles >= 300 else max(1, cycles // 10)
    return tuple(sorted({cycles, step // 2 or 1, *range(step, cycles, step)}))


def soak(room: Path, cycles: int, publish_every: int, progress: IO[str] | None = None) -> Soaked:
    """Do so many days in a new home under `room`. `progress`: where each look is told at once."""
    clock, began = _Clock(FIRST), time.perf_counter()
    home = Home(room / "home", room / "home" / "remitwatch.toml")
    looks: list[Held] = []
    with _sandbox(cycles) as sandbox:
        loaded = _settings(sandbox.urls, room)
        logs.begin(logging.CRITICAL)
        logs.follow(home, loaded)
        sandbox.turn_to(clock.day)
        with workspace.writing(home, loaded, clock, sandbox=True):
            pass
        due, _ = jobs.jobs(home, loaded, clock)
        work = {job.name: job.work for job in due}
        daily = [*(name for name in work if name.startswith("collect ")), "observe", "check", "deliver", "tidy"]
        for cycle in range(1, cycles + 1):
            clock.day = FIRST + dt.timedelta(days=cycle - 1)
            sandbox.turn_to(clock.day)
            for name in (*daily, *(["publish"] if cycle % publish_every == 0 else [])):
                done = work[name]()
                if done.outcome != "ok":
                    raise SystemExit(f"cycle {cycle} ({clock.day}): {name}: {done.message}")
            if cycle % publish_every == 0:
                with workspace.reading(home, loaded, clock) as open_home:
                    metrics.write(open_home, room / "remitwatch.prom")
            if cycle in looks_at(cycles):
                looks.append(_look(cycle, home))
                if progress is not None:
                    print(_line(looks[-1], time.perf_counter() - began), file=progress, flush=True)
        with workspace.reading(home, loaded, clock) as open_home:
            runs = open_home.queries.runs(limit=cycles * 10)
    statuses = {one.value: sum(run.status is one for run in runs) for one in RunStatus}
    return Soaked(tuple(looks), {key: count for key, count in statuses.items() if count}, time.perf_counter() - began)


def _settings(urls: dict[str, str], room: Path) -> Loaded:
    environment = {
        "REMITWATCH_ALLOW_PRIVATE_ADDRESSES": "true",
        "REMITWATCH_COLLECT__CORRIDORS": CORRIDORS,
        "REMITWATCH_PUBLISH__LANGUAGES": "en",
        "REMITWATCH_LOG__FILE": "remitwatch.log",
        "REMITWATCH_ALERTS__ROUTES__READERS__URL": f"file:{room / 'readers'}",
        "REMITWATCH_ALERTS__ROUTES__OPERATORS__URL": f"file:{room / 'operators'}",
        "REMITWATCH_ALERTS__ROUTES__OPERATORS__AUDIENCE": "operators",
    }
    for key, url in urls.items():
        environment[f"REMITWATCH_SOURCES__{key.upper()}__BASE_URL"] = url
        environment[f"REMITWATCH_SOURCES__{key.upper()}__PAUSE"] = "0"
    return load(None, environment, {}, frozenset(registry.definitions()))


def _look(cycle: int, home: Home) -> Held:
    gc.collect()  # what waits to be collected is no leak
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Held(
        cycle,
        pages * os.sysconf("SC_PAGE_SIZE"),
        len(os.listdir("/proc/self/fd")),
        threading.active_count(),
        sum(path.stat().st_size for path in home.root.glob("remitwatch.sqlite*")),
    )


def _line(look: Held, seconds: float) -> str:
    return (
        f"cycle {look.cycle:5}: {look.resident / 2**20:7.1f} MiB, {look.descriptors:3} descriptors, "
        f"{look.threads:2} threads, database {look.database / 2**20:6.1f} MiB, {seconds:6.1f} s"
    )


@dataclass(frozen=True)
class _Sandbox:
    """The sandbox in its own process: where its sources are, and how it is told the day."""

    urls: dict[str, str]
    process: subprocess.Popen[str]

    def turn_to(self, day: dt.date) -> None:
        """Have it show another day."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{day}\n")
        self.process.stdin.flush()
        self.process.stdout.readline()


@contextmanager
def _sandbox(cycles: int) -> Iterator[_Sandbox]:
    command = [sys.executable, "-m", "benchmarks.soak_sandbox", str(FIRST), str(cycles), str(FAULT_EVERY)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield _Sandbox(dict(one.split("=", 1) for one in process.stdout.readline().split()), process)
        assert process.stdin is not None
        process.stdin.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Returns its exit code: 1 where something grew."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--cycles", type=int, default=1000)
    parser.add_argument("--publish-every", type=int, default=50, help="cycles")
    given = parser.parse_args(arguments)
    settled_at = min(200, max(1, given.cycles // 5))
    with tempfile.TemporaryDirectory(prefix="remitwatch-soak-") as folder:
        soaked = soak(Path(folder), given.cycles, given.publish_every, sys.stdout)
    print(
        f"runs: {', '.join(f'{count} {status}' for status, count in soaked.statuses.items())}; {soaked.seconds:.0f} s"
    )
    print(f"memory from cycle {settled_at} on: {soaked.slope(settled_at) / 2**10:+.1f} KiB a cycle")
    faults = soaked.faults(settled_at)
    print("\n".join(faults) or "flat: nothing grew")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
