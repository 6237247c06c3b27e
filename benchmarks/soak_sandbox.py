"""The sandbox for `benchmarks.soak`, in a process of its own: `python -m benchmarks.soak_sandbox FIRST CYCLES EVERY`.

Prints `source=address` of each source, then shows the day of each line that it reads and answers with the day. Every
EVERY days TransferGo is down for a day, thirty days later Wise's comparison is a challenge page for a day.
"""

from __future__ import annotations

import datetime as dt
import sys

from scrapers.sandbox import Event, SandboxServer, World


def faults(first: dt.date, cycles: int, every: int) -> tuple[Event, ...]:
    """The days on which a source fails."""
    found = []
    for number in range(every // 2, cycles, every // 2):
        day = first + dt.timedelta(days=number)
        if number % every:
            found.append(Event("blocked", day, day, "a challenge page", source="wise_comparisons", reason="blocked"))
        else:
            found.append(Event("down", day, day, "answers 503", source="transfergo", reason="unreachable"))
    return tuple(found)


def main() -> None:
    """The command."""
    first, cycles, every = dt.date.fromisoformat(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    today = [first]
    world = World(last_day=first + dt.timedelta(days=cycles))
    world.script += faults(first, cycles, every)

    def now() -> dt.datetime:
        return dt.datetime.combine(today[0], dt.time(17), tzinfo=dt.UTC)

    with SandboxServer(world, now) as server:
        print(*(f"{key}={url}" for key, url in server.base_urls.items()), flush=True)
        for line in sys.stdin:
            today[0] = dt.date.fromisoformat(line.strip())
            print(line.strip(), flush=True)


if __name__ == "__main__":
    main()
