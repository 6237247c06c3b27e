"""The clock as a program: `python scheduler.py [--home DIR] [--dry-run]` is `remitwatch schedule`.

The jobs and their bookkeeping stand in remitwatch/clock.py; nothing imports this file.
"""

from __future__ import annotations

import sys

from remitwatch.cli import main as command_line

OF_THE_COMMAND = ("--dry-run", "--json")


def main() -> None:
    """Run `remitwatch schedule` with the options given here."""
    arguments = sys.argv[1:]
    sys.argv[1:] = [
        *(one for one in arguments if one not in OF_THE_COMMAND),
        "schedule",
        *(one for one in arguments if one in OF_THE_COMMAND),
    ]
    command_line()


if __name__ == "__main__":
    main()
