"""Run the sandbox by itself: `python -m scrapers.sandbox [--scenario NAME] [--source KEY ...] [--day D]`.

Prints the settings that point remitwatch at it, ready to be pasted into a shell, and answers until interrupted. In a
scenario one source goes wrong, and what a collection of it must come to is said beside the settings.
"""

from __future__ import annotations

import argparse
import signal
import sys
from datetime import UTC, date, datetime, time
from threading import Event
from types import FrameType

from scrapers.sandbox import MARK, SandboxServer, World
from scrapers.sandbox.scenarios import SCENARIOS, Scenario
from scrapers.sandbox.sources import SOURCES


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM. Exit code 0, or 2 with one line when a port or the day cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m scrapers.sandbox", description=f"A pretend outside world: {MARK}.")
    parser.add_argument("--list", action="store_true", help="print the scenarios and stop")
    parser.add_argument("--scenario", choices=SCENARIOS, metavar="NAME", help="let one source go wrong: see --list")
    parser.add_argument(
        "--source", choices=SOURCES, metavar="KEY", action="append", help="play this source only (repeatable)"
    )
    parser.add_argument("--day", type=date.fromisoformat, help="the day that the market shows (default: today)")
    parser.add_argument("--port-base", type=int, default=0, help="the first port, one a source (default: free ones)")
    parser.add_argument("--seed", type=int, default=7, help="another number makes another market")
    options = parser.parse_args(arguments)
    if options.list:
        for one in SCENARIOS.values():
            sys.stdout.write(f"{one.name:26}{one.source:18}{one.shows}\n")
        return 0
    scenario = SCENARIOS.get(options.scenario)
    if scenario is not None and options.source and scenario.source not in options.source:
        parser.error(f"--scenario {scenario.name} is about {scenario.source}, which is not among the sources played")
    shown = None if options.day is None else datetime.combine(options.day, time(12), UTC)
    server = SandboxServer(
        World(options.seed),
        lambda: shown or datetime.now(UTC),
        sources=options.source or SOURCES,
        scenario=scenario,
        port_base=options.port_base,
    )
    ended = Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    try:
        server.start()
    except (OSError, OverflowError, ValueError) as error:
        sys.stderr.write(f"the sandbox cannot start: {error}\n")
        return 2
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    try:
        sys.stdout.write("export REMITWATCH_ALLOW_PRIVATE_ADDRESSES=true\n")
        sys.stdout.write(f"export REMITWATCH_COLLECT__CORRIDORS={','.join(server.world.corridors)}\n")
        for key, url in server.base_urls.items():
            sys.stdout.write(f"export REMITWATCH_SOURCES__{key.upper()}__BASE_URL={url}\n")
            sys.stdout.write(f"export REMITWATCH_SOURCES__{key.upper()}__PAUSE=0\n")
        sys.stdout.flush()
        for line in [] if scenario is None else _about(scenario, server.now().date()):
            sys.stderr.write(f"{line}\n")
        sys.stderr.write(f"{MARK}; answers until interrupted\n")
        ended.wait()
    finally:
        server.stop()
    return 0


def _about(scenario: Scenario, today: date) -> list[str]:
    """What a scenario shows, how to see it, and what must come of it."""
    span = "" if scenario.span is None else f" --from {scenario.span[0]} --to {scenario.span[1] or today}"
    again = "" if scenario.times == 1 else f", {scenario.times} times"
    end = f"{scenario.status} ({scenario.reason})" if scenario.reason else scenario.status
    marked = f"; then `remitwatch observe`: {', '.join(scenario.corridors)} carry {', '.join(sorted(scenario.flags))}"
    return [
        f"{scenario.name}: {scenario.shows}",
        "with these settings, in a sandbox home of its own (remitwatch init --sandbox; for prices also collect ecb):",
        f"    remitwatch collect {scenario.source}{span}{again}",
        f"the run must end {end}, the command with exit code {scenario.exit_code}{marked if scenario.flags else ''}",
    ]


if __name__ == "__main__":
    sys.exit(main())
