"""When a delivery that failed is tried again."""

from __future__ import annotations

import datetime as dt
from random import Random

FIRST = dt.timedelta(minutes=1)
LONGEST = dt.timedelta(hours=1)


def next_attempt(attempts: int, now: dt.datetime, dice: Random) -> dt.datetime:
    """When to try again after `attempts` that failed: a minute, then twice as long each time up to an hour, and up to a
    quarter more by chance, so that routes that failed together do not come back together."""
    wait: dt.timedelta = min(FIRST * 2 ** min(attempts - 1, 10), LONGEST)
    longer: dt.timedelta = wait * (1 + dice.random() / 4)
    return now + longer


def is_given_up(failing_since: dt.datetime | None, now: dt.datetime, days: int) -> bool:
    """Whether a delivery has been failing for so many days that it is given up."""
    return failing_since is not None and now - failing_since >= dt.timedelta(days=days)
