"""Collecting under load: `python -m benchmarks.collect [--quotes 2000] [--hosts 20] [--latency 50] [--faults 1]`.

The whole step that `remitwatch collect` does (ask, archive, read, judge, store) against hosts on this machine that
stand in a process of their own. It tells:

- wall time against the floor: what politeness and latency make of it, the most requests of one host times (latency +
  pause). A pause is kept with its jitter of 0 to 25 %, a retry with its wait: both are part of the wall time. Without a
  pause every answer's way to the disk counts, too; with one it is done meanwhile.
- processor time of this process a quote, and its peak memory.
- the same again with one dead host (it takes connections and never answers): that must cost no more than what one host
  may cost, its robots.txt asked for twice until the deadline; then nothing is asked of it.
- what reading one page costs, beside what HTML parsers take for the same prices as a page.

Goals: wall <= 1.2 x the floor, <= 5 ms of processor time a quote.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from benchmarks.collect_pages import parse_costs
from remitwatch.config import load
from remitwatch.corridors import corridor
from remitwatch.countries import countries
from remitwatch.errors import InputError
from remitwatch.home import Home
from remitwatch.pipeline import collecting, workspace
from scrapers import registry, scaffold

GOAL_WALL, GOAL_CPU_MS = 1.2, 5.0
DEADLINE = 3.0
"""Seconds for one request, in place of 20: so that the run with the dead host is measured in this lifetime."""


@dataclass(frozen=True)
class Load:
    """What is asked: prices in all, over so many hosts; latency and pause in seconds, faults in per cent."""

    quotes: int
    hosts: int
    latency: float
    faults: float
    pause: float
    dead: int = 0

    @property
    def each(self) -> int:
        """Requests of one host."""
        return self.quotes // self.hosts

    @property
    def floor(self) -> float:
        """Seconds that no client can go below: hosts side by side, the requests of one in sequence."""
        return self.each * (self.latency + self.pause)


@dataclass(frozen=True)
class Measured:
    """What it took: seconds, processor seconds of this process, peak memory in MiB, prices stored, runs by status."""

    wall: float
    cpu: float
    peak: float
    quotes: int
    statuses: dict[str, int]


@contextmanager
def _hosts(load: Load) -> Iterator[list[int]]:
    """The ports of the hosts, which run in a process of their own."""
    arguments = [load.hosts, load.latency * 1000, load.faults, load.dead]
    command = [sys.executable, "-m", "benchmarks.collect_hosts", *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield [int(process.stdout.readline()) for _ in range(load.hosts)]
        assert process.stdin is not None
        process.stdin.close()


def _corridors(count: int) -> list[str]:
    """So many corridors from the United States: its amounts are fixed without a rate."""
    found = []
    for code in sorted(countries()):
        try:
            lane = corridor(f"USA-{code}") if code != "USA" else None
        except InputError:
            continue
        if lane is not None and lane.receive_currency != "USD":
            found.append(lane.key)
    return found[:count]


def measure(load_: Load, room: Path) -> Measured:
    """Collect once into a new home under `room`."""
    keys = [f"host_{number:02}" for number in range(load_.hosts)]
    for key in keys:
        scaffold.write_source(room, key, "quotes", dt.date(2026, 11, 20))
    shipped = registry.files
    with patch.object(registry, "files", lambda extra=(): shipped([room / "scrapers", *extra])), _hosts(load_) as ports:
        environment = {
            "REMITWATCH_ALLOW_PRIVATE_ADDRESSES": "true",
            "REMITWATCH_COLLECT__CORRIDORS": ",".join(_corridors(load_.each // 2)),
            "REMITWATCH_COLLECT__DEADLINE_SECONDS": str(DEADLINE),
        }
        for key, port in zip(keys, ports, strict=True):
            environment[f"REMITWATCH_SOURCES__{key.upper()}__BASE_URL"] = f"http://127.0.0.1:{port}"
            environment[f"REMITWATCH_SOURCES__{key.upper()}__PAUSE"] = str(load_.pause)
        home = Home(room / "home", room / "remitwatch.toml")
        loaded = load(None, environment, {}, frozenset(registry.definitions()))
        with workspace.writing(home, loaded) as open_home:
            began, cpu = time.perf_counter(), time.process_time()
            collected = collecting.collect(open_home, keys)
            wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    statuses: dict[str, int] = {}
    for run in collected.runs:
        statuses[run.status.value] = statuses.get(run.status.value, 0) + 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(wall, cpu, peak, sum(run.quotes for run in collected.runs), statuses)


def _told(name: str, load_: Load, done: Measured) -> None:
    ratio, cpu_ms = done.wall / load_.floor, done.cpu / max(done.quotes, 1) * 1000
    print(f"{name}: {done.quotes} quotes; runs: {', '.join(f'{n} {status}' for status, n in done.statuses.items())}")
    print(f"  wall {done.wall:.2f} s, floor {load_.floor:.2f} s: {ratio:.2f} x (goal {GOAL_WALL})")
    print(f"  processor {cpu_ms:.2f} ms a quote (goal {GOAL_CPU_MS:.0f}), peak memory {done.peak:.0f} MiB")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.collect", description=__doc__.partition("\n")[0])
    parser.add_argument("--quotes", type=int, default=2000)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--latency", type=float, default=50, help="milliseconds")
    parser.add_argument("--faults", type=float, default=1, help="per cent of answers")
    parser.add_argument("--pause", type=float, default=0.25, help="seconds between two requests to a host")
    given = parser.parse_args()
    plain = Load(given.quotes, given.hosts, given.latency / 1000, given.faults, given.pause)
    print(
        f"{plain.quotes} quotes from {plain.hosts} hosts, {plain.each} requests each, {given.latency:.0f} ms, "
        f"{given.faults:g} % faults, deadline {DEADLINE:.0f} s a request"
    )
    loads = (
        ("no pause (servers of our own)", Load(plain.quotes, plain.hosts, plain.latency, plain.faults, 0)),
        (f"pause {given.pause:g} s", plain),
        ("no pause, one host dead", Load(plain.quotes, plain.hosts, plain.latency, plain.faults, 0, dead=1)),
    )
    for name, load_ in loads:
        with tempfile.TemporaryDirectory(prefix="remitwatch-collect-") as room:
            _told(name, load_, measure(load_, Path(room)))
    print(f"  a dead host may cost {2 * DEADLINE:.0f} s: robots.txt is asked for twice, then nothing")
    for line in parse_costs():
        print(line)


if __name__ == "__main__":
    main()
