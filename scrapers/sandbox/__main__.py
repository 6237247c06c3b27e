"""Run the sandbox by itself: `python -m scrapers.sandbox [--day D] [--port-base N] [--seed N]`.

Prints the settings that point remitwatch at it, ready to be pasted into a shell, and answers until interrupted.
"""

from __future__ import annotations

import argparse
import signal
import sys
from datetime import UTC, date, datetime, time
from threading import Event
from types import FrameType

from scrapers.sandbox import MARK, SandboxServer, World


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM. Exit code 0, or 2 with one line when a port or the day cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m scrapers.sandbox", description=f"A pretend outside world: {MARK}.")
    parser.add_argument("--day", type=date.fromisoformat, help="the day that the market shows (default: today)")
    parser.add_argument("--port-base", type=int, default=0, help="the first of three ports (default: free ones)")
    parser.add_argument("--seed", type=int, default=7, help="another number makes another market")
    options = parser.parse_args(arguments)
    shown = None if options.day is None else datetime.combine(options.day, time(12), UTC)
    server = SandboxServer(World(options.seed), lambda: shown or datetime.now(UTC), port_base=options.port_base)
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
        sys.stderr.write(f"{MARK}; answers until interrupted\n")
        ended.wait()
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
