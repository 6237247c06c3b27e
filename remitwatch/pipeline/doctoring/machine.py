"""Is the machine fit: its clock, the parts of the program that are installed, the scheduler?"""

from __future__ import annotations

import datetime as dt
import platform
import statistics
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec

from db.queries import Queries
from remitwatch import heartbeat
from remitwatch.config import Settings
from remitwatch.home import Home
from remitwatch.pipeline.doctoring.checks import Check, fault, ok, warning
from reports import pdf

SKEW = dt.timedelta(minutes=5)
_ANSWERS = 50
EXTRAS = {"postgres": "psycopg", "sdmx": "pysdmx"}


def check_program() -> Check:
    """Which remitwatch runs on which Python."""
    return ok("program", f"remitwatch {version('remitwatch')} on Python {platform.python_version()}")


def check_extras(settings: Settings) -> Check:
    """Which optional parts are installed; one that the settings need must be."""
    missing_pdf = pdf.why_not()
    there = {name: find_spec(module) is not None for name, module in EXTRAS.items()} | {"pdf": missing_pdf is None}
    url = "" if settings.database_url is None else settings.database_url.get_secret_value()
    if url.startswith("postgresql") and not there["postgres"]:
        return fault("extras", "the figures are in PostgreSQL and the extra `postgres` is not installed",
                     "pip install 'remitwatch[postgres]'")  # fmt: skip
    has = ", ".join(sorted(name for name, is_there in there.items() if is_there)) or "none"
    lacks = ", ".join(sorted(name for name, is_there in there.items() if not is_there))
    return ok("extras", f"installed: {has}" + (f"; not installed: {lacks}" if lacks else ""))


def check_fonts() -> Check:
    """Whether the fonts that briefs and figures carry are there."""
    folder = files("reports").joinpath("fonts")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".ttf"))
    if not names:
        return fault("fonts", "the package has lost its fonts", "install remitwatch again")
    return ok("fonts", f"{len(names)} in the package; the system's own are not needed")


def check_clock(queries: Queries, world: str) -> Check:
    """Whether this machine's clock agrees with those of the servers that answered last."""
    if world == "sandbox":
        return ok("clock", "a sandbox home: its time is made up")
    apart = [at - sent for at, date in queries.recent_dates(_ANSWERS) if (sent := _parsed(date)) is not None]
    if not apart:
        return ok("clock", "no answer yet to compare with")
    middle = statistics.median_high(one.total_seconds() for one in apart)
    seconds = abs(round(middle))
    if seconds > SKEW.total_seconds():
        way = "ahead of" if middle > 0 else "behind"
        return warning("clock", f"{seconds} s {way} the servers that answered last", "set it: timedatectl set-ntp true")
    return ok("clock", f"within {seconds} s of the servers that answered last")


def _parsed(date: str) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(date)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)


def check_scheduler(home: Home, now: dt.datetime) -> Check:
    """Whether the clock runs, where one ever ran."""
    beat = heartbeat.read(home)
    if beat is None:
        return ok("scheduler", "none has run here: `remitwatch schedule`, or `remitwatch run` daily by cron")
    if beat.is_alive(now):
        if beat.last_outcome not in (None, "ok"):
            return warning(
                "scheduler", f"it runs; {beat.last_job} {beat.last_outcome}: {beat.last_message}", "see the log"
            )
        return ok("scheduler", f"it runs: process {beat.pid} on {beat.host}; next: {beat.next_job}")
    if beat.stopped:
        return warning("scheduler", f"it was stopped at {beat.at:%Y-%m-%d %H:%M} UTC", "start it: remitwatch schedule")
    return fault("scheduler", f"its last sign is of {beat.at:%Y-%m-%d %H:%M} UTC", "start it: remitwatch schedule")
