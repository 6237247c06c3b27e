"""400 days of the clock, a leap day among them: its own triggers and bookkeeping on a given time, and a script of the
sandbox: every run, gap, edition, alert and message of it."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import NamedTuple

import pytest

from remitwatch import jobs
from remitwatch.jobs import Done, Job
from remitwatch.pipeline import publishing
from remitwatch.pipeline.publishing import Edition
from remitwatch.pipeline.workspace import Workspace
from scrapers import registry
from scrapers.sandbox import SandboxServer, World
from scrapers.sandbox.market import LEAVER
from scrapers.sandbox.script import Event
from tests.journeys.clockwork import Clockwork, only
from tests.journeys.receivers import route, webhook
from tests.journeys.test_clock import _home, _loaded

pytestmark = pytest.mark.slow

FIRST = dt.date(2024, 1, 15)
LAST = FIRST + dt.timedelta(days=399)
SOURCES = ("ecb", "transfergo", "wise_comparisons")
SERVICES = tuple(
    f"service:transfergo:USA-MEX:USD-MXN:{instruments}:internet:bank_account:{option}"
    for instruments, option in (("bank_account", "standard"), ("credit_card+debit_card", "now"))
)
"""What TransferGo sells there."""


def _at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=dt.UTC)


def _days(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]


# What happens to the clock.
DOWN = (dt.date(2024, 7, 2), dt.date(2024, 7, 4))
"""The scheduler is down: the day of the monthly edition passes meanwhile."""
OVERLAP, OVERLAP_ALL_DAY = dt.date(2024, 8, 7), dt.date(2024, 8, 14)
"""TransferGo's run of the day before still goes on at its time: for an hour, and until the day is over."""
ASLEEP = {dt.date(2024, 9, 3): 10, dt.date(2024, 9, 10): 15, dt.date(2024, 9, 17): 33}
"""The machine sleeps from 05:00 to this hour: within the grace, past it, and into the next day."""
BUSY = {("collect transfergo", OVERLAP), ("collect transfergo", OVERLAP_ALL_DAY), (jobs.TRY_AGAIN, OVERLAP_ALL_DAY)}
BROKEN = dt.date(2024, 7, 5)
"""The receiver of alerts takes nothing on this day: what is told on it arrives on the next, once."""

# What happens to the sources and in the market. One corridor is watched, of which three services have a price of their
# own (`standard`): Wise's, and two of TransferGo's. They cost about 2.6 % on average, and 6 % with TransferGo's fees
# five times as high.
DEAR = {"provider": "transfergo", "corridors": ("USA-MEX",), "factor": Decimal(5)}
SHUT = {"source": "transfergo", "reason": "unreachable"}
SCRIPT = (
    Event("price_change", dt.date(2024, 2, 19), dt.date(2024, 2, 28), "five times the fees", **DEAR),
    Event("down", dt.date(2024, 4, 8), dt.date(2024, 4, 13), "TransferGo answers 503", **SHUT),
    Event("provider_leaves", FIRST, dt.date(2024, 5, 5), "Halcombe Remit is not there yet", provider=LEAVER),
    Event("provider_leaves", dt.date(2024, 10, 1), dt.date(2024, 11, 10), "Halcombe Remit is away", provider=LEAVER),
    Event("price_change", dt.date(2024, 10, 21), dt.date(2024, 11, 5), "five times the fees again", **DEAR),
    Event("down", dt.date(2024, 10, 22), dt.date(2024, 10, 26), "TransferGo answers 503, its fees just up", **SHUT),
    Event("down", dt.date(2025, 1, 10), dt.date(2025, 1, 11), "TransferGo answers 503 for two days", **SHUT),
    Event(
        "blocked", dt.date(2025, 1, 26), dt.date(2025, 1, 26), "Wise's comparison answers with a challenge page",
        source="wise_comparisons", reason="blocked",
    ),
    Event("price_change", dt.date(2025, 2, 10), None, "five times the fees for good", **DEAR),
)  # fmt: skip
RULES = """
[rules.provider_appeared]
basis = "estimate"
[rules.provider_vanished]
basis = "estimate"
[rules.corridor_average_moved]
threshold = 2.5
clear = 2
[rules.world_average_moved]
threshold = 2.5
clear = 2
[rules.new_cheapest]
enabled = false
[rules.disk_low]
enabled = false
"""
"""The rules of this home. Providers come and go among those that Wise compares itself with. The exchange rates of two
days alone move the average of three services by a point and more: no move of the script. Two rules are left out: who is
the cheapest of services that cost nearly the same, and the disk of the machine that the test runs on."""

ABOVE = ("corridor_average_above_5", "corridor_smart_above_5")
"""Two days in a row above 5 % open them, two at 4.8 % or less close them."""
MOVED, WORLD_MOVED = "corridor_average_moved", "world_average_moved"
"""In 7 days the way up of the fees is one alert and their way down another, each for a week. In 30 days, which are more
than the fees last, it is one alert while they last, and one more 30 days later, when those days are compared with."""
LEVEL = "service_change_point"
"""The third cost on another level opens it, the first one back closes it; two services each time."""
TRANSFERGO, HOME, CORRIDOR = "source:transfergo", "home", "corridor:USA-MEX"


class Alerted(NamedTuple):
    """An alert of the script, by the days on which it opened, was told and closed ('': it was not)."""

    rule: str
    subject: str
    opened: str
    told: str
    closed: str


ALERTS = [
    # Fees up from 02-19 to 02-28.
    *(Alerted(rule, CORRIDOR, "2024-02-20", "2024-02-20", "2024-03-01") for rule in ABOVE),
    Alerted(MOVED, CORRIDOR, "2024-02-19", "2024-02-19", "2024-02-26"),
    Alerted(MOVED, CORRIDOR, "2024-02-29", "2024-02-29", "2024-03-07"),
    Alerted(WORLD_MOVED, "world", "2024-02-19", "2024-02-19", "2024-02-29"),
    Alerted(WORLD_MOVED, "world", "2024-03-20", "2024-03-20", "2024-03-30"),
    *(Alerted(LEVEL, service, "2024-02-21", "2024-02-21", "2024-02-29") for service in SERVICES),
    # No answer from 04-08 to 04-13: failing at once, stale when it is over two days old.
    Alerted("source_failing", TRANSFERGO, "2024-04-08", "2024-04-08", "2024-04-14"),
    Alerted("source_stale", TRANSFERGO, "2024-04-10", "2024-04-10", "2024-04-14"),
    # Halcombe Remit comes on 05-06, and is news for a week.
    Alerted("provider_appeared", f"{CORRIDOR}/{LEAVER}", "2024-05-06", "2024-05-06", "2024-05-13"),
    # No clock from 07-02 to 07-04. That the sources are stale says why they are failing. All are asked again on 07-05.
    Alerted("runs_missed", HOME, "2024-07-05", "2024-07-05", "2024-07-11"),
    *(Alerted("source_stale", f"source:{key}", "2024-07-05", "2024-07-05", "2024-07-05") for key in SOURCES),
    *(Alerted("source_failing", f"source:{key}", "2024-07-05", "", "2024-07-05") for key in SOURCES),
    # Of the overlaps the one of 08-14 is never made good; of the sleeps the one that takes the whole of 09-17.
    Alerted("runs_missed", HOME, "2024-08-14", "2024-08-14", "2024-08-21"),
    Alerted("runs_missed", HOME, "2024-09-18", "2024-09-18", "2024-09-24"),
    # Halcombe Remit has no price from 10-01 on; it is gone after 14 days, until 11-11.
    Alerted("provider_vanished", f"{CORRIDOR}/{LEAVER}", "2024-10-14", "2024-10-14", "2024-11-11"),
    # Fees up from 10-21 to 11-05, and no answer from 10-22 to 10-26: the second day above 5 % is one of a source that
    # fails, so it is told when that is over; so is the third cost of the services on their new level.
    *(Alerted(rule, CORRIDOR, "2024-10-22", "2024-10-27", "2024-11-07") for rule in ABOVE),
    Alerted(MOVED, CORRIDOR, "2024-10-21", "2024-10-21", "2024-10-28"),
    Alerted(MOVED, CORRIDOR, "2024-11-06", "2024-11-06", "2024-11-13"),
    Alerted(WORLD_MOVED, "world", "2024-10-21", "2024-10-21", "2024-11-06"),
    Alerted(WORLD_MOVED, "world", "2024-11-20", "2024-11-20", "2024-12-06"),
    *(Alerted(LEVEL, service, "2024-10-28", "2024-10-28", "2024-11-06") for service in SERVICES),
    Alerted("source_failing", TRANSFERGO, "2024-10-22", "2024-10-22", "2024-10-27"),
    Alerted("source_stale", TRANSFERGO, "2024-10-24", "2024-10-24", "2024-10-27"),
    # Two days and one day without an answer make no source stale.
    Alerted("source_failing", TRANSFERGO, "2025-01-10", "2025-01-10", "2025-01-12"),
    Alerted("source_failing", "source:wise_comparisons", "2025-01-26", "2025-01-26", "2025-01-27"),
    # Fees up for good from 02-10 on.
    *(Alerted(rule, CORRIDOR, "2025-02-11", "2025-02-11", "") for rule in ABOVE),
    Alerted(MOVED, CORRIDOR, "2025-02-10", "2025-02-10", "2025-02-17"),
    Alerted(WORLD_MOVED, "world", "2025-02-10", "2025-02-10", ""),
    *(Alerted(LEVEL, service, "2025-02-12", "2025-02-12", "") for service in SERVICES),
]
EVENTS = (MOVED, WORLD_MOVED, LEVEL, "provider_appeared")
"""Rules of what happens once: that it is over is not told."""
OF_READERS = (*ABOVE, *EVENTS, "provider_vanished")


def _told(alerts: Iterable[Alerted]) -> list[tuple[str, str, str, str, int]]:
    """Day, what, rule, to whom and of how many: the alerts of a rule that are told on a day are one message, and so are
    those whose end is."""
    count = Counter(
        [(one.told, "opened", one.rule) for one in alerts if one.told]
        + [(one.closed, "closed", one.rule) for one in alerts if one.told and one.closed and one.rule not in EVENTS]
    )
    return sorted(
        (day, what, rule, "readers" if rule in OF_READERS else "operators", number)
        for (day, what, rule), number in count.items()
    )


def _asleep(time: dt.datetime) -> dt.datetime | None:
    for day, hour in ASLEEP.items():
        if _at(day, 5) <= time < _at(day, 0) + dt.timedelta(hours=hour):
            return _at(day, 0) + dt.timedelta(hours=hour)
    return None


def _expected(world: World) -> dict[tuple[str, dt.date], list[tuple[str, str]]]:
    """Every run that there must be: by source and day its attempts, each with status and reason."""
    ok, runs = ("ok", ""), {}
    for key in SOURCES:
        schedule = registry.definitions()[key].schedule
        assert schedule is not None
        for day in _days(FIRST, LAST):
            if schedule.falls_on(day):
                runs[key, day] = [ok]
    for fault in world.faults:
        assert fault.source is not None
        for day in fault.days:
            runs[fault.source, day] = [("failed", fault.reason)] * jobs.ATTEMPTS_A_DAY
    for key in SOURCES:
        for day in _days(*DOWN):
            runs[key, day] = [("missed", "gap")]
    runs["transfergo", OVERLAP] = [("missed", "overlap"), ok]
    runs["transfergo", OVERLAP_ALL_DAY] = [("missed", "overlap")]
    for key in SOURCES:
        runs[key, dt.date(2024, 9, 17)] = [("missed", "gap")]
    return runs


def _alerts(remitwatch) -> list[Alerted]:  # type: ignore[no-untyped-def]
    """Every alert that there was."""

    def day(time: str | None) -> str:
        return (time or "")[:10]

    return sorted(
        Alerted(one["rule"], one["subject"], day(one["opened_at"]), day(one["told_at"]), day(one["closed_at"]))
        for one in remitwatch("alerts", "list", "--all", "--json").json
    )


@pytest.mark.long
def test_400_days(remitwatch, today, httpserver, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    world = World(last_day=LAST)
    world.script = SCRIPT
    published: dict[str, list[dt.datetime]] = defaultdict(list)

    def publish(open_home: Workspace, *, period: str = "latest") -> Edition:
        """In the place of the pages, which other tests make: a manifest."""
        now = open_home.now()
        key = str(now.date()) if period == "latest" else period
        folder = open_home.home.editions / f"{key}-1"
        folder.mkdir(exist_ok=True)
        content = {"period": key, "number": 1, "world": "", "made_at": now.isoformat(), "digest": "", "bases": []}
        (folder / "manifest.json").write_text(json.dumps(content))
        published[period].append(now)
        return Edition(folder.name, folder, new=True)

    monkeypatch.setattr(publishing, "publish", publish)
    faults = {day for fault in world.faults for day in fault.days}
    watched_closely = {*faults, *_days(DOWN[0], DOWN[1] + dt.timedelta(days=1)), OVERLAP, OVERLAP_ALL_DAY, *ASLEEP}

    def wanted(time: dt.datetime) -> bool:
        return time.hour in (0, 23) or time.date() in watched_closely

    hook = webhook(httpserver)

    def delivered(job: Job) -> Done:
        hook.broken = dt.datetime.now(dt.UTC).date() == BROKEN
        return job.work()

    def wrap(job: Job) -> Job:
        if job.name == "deliver":  # after all that is told on a day: that nothing waits needs no asking 288 times
            return replace(job, at="19:55", work=partial(delivered, job))
        return only(job, wanted) if job.name == jobs.TRY_AGAIN else job  # elsewhere it has nothing to do: half the time

    today.traveller.move_to(_at(FIRST, 0), tick=False)
    with SandboxServer(world, partial(dt.datetime.now, dt.UTC)) as server:
        monkeypatch.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
        monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", "USA-MEX")
        for key, url in server.base_urls.items():
            monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__BASE_URL", url)
            monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__PAUSE", "0")
        remitwatch("init", "--sandbox")
        for audience in ("readers", "operators"):
            route(monkeypatch, audience, url=hook.url, audience=audience, when="immediate")
        (remitwatch.home / "alerts.toml").write_text(RULES)
        clockwork = Clockwork(_home(remitwatch), _loaded(), today.traveller, BUSY, wrap)
        clockwork.run(_at(FIRST, 0), _at(DOWN[0], 0) - dt.timedelta(hours=4), _asleep)
        clockwork.run(_at(DOWN[1], 0) + dt.timedelta(hours=29), _at(LAST, 0) + dt.timedelta(days=1), _asleep)

    ledger: dict[tuple[str, dt.date], list[tuple[str, str]]] = defaultdict(list)
    runs = remitwatch("runs", "list", "--limit", "5000", "--json").json
    for run in reversed(runs):
        assert run["attempt"] == len(ledger[run["source"], dt.date.fromisoformat(run["logical_date"])]) + 1
        ledger[run["source"], dt.date.fromisoformat(run["logical_date"])].append((run["status"], run["reason"]))
    expected = _expected(world)
    assert ledger["transfergo", dt.date(2024, 2, 29)] == [("ok", "")]
    assert {key: ledger.get(key) for key in {*ledger, *expected} if ledger.get(key) != expected.get(key)} == {}
    sent = remitwatch("alerts", "deliveries", "--json").json
    messages = [(one["made_at"][:10], one["kind"], one["rule"], one["route"], one["alerts"]) for one in sent]
    assert (_alerts(remitwatch), sorted(messages)) == (sorted(ALERTS), _told(ALERTS))
    assert {one["state"] for one in sent} == {"sent"}
    assert sorted(hook.taken) == sorted(one["key"] for one in sent)  # each once
    # Of the messages of the day of the broken receiver the oldest was tried, and those behind it left alone.
    of_broken = sorted((one["id"], one["key"]) for one in sent if one["made_at"][:10] == str(BROKEN))
    assert hook.refused == [one["key"] for one in sent if one["attempts"] != 1] == [of_broken[0][1]]
    # An edition a day whenever a clock ran, one more when it started or woke again; of months and quarters one each.
    awake = {*_days(FIRST, LAST)} - {*_days(*DOWN), dt.date(2024, 9, 17)}
    assert {time.date() for time in published["latest"]} == awake
    twice = {dt.date(2024, 7, 5), dt.date(2024, 9, 18), FIRST}
    assert sorted(time.date() for time in published.pop("latest")) == sorted([*awake, *twice])
    assert {period: [f"{time:%Y-%m-%d %H}" for time in times] for period, times in published.items()} == {
        **{f"2024-{month:02}": [f"2024-{month + 1:02}-02 19"] for month in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11)},
        "2024-06": ["2024-07-05 05"],  # no clock ran from the second to the fourth
        "2024-12": ["2025-01-02 19"],
        "2025-01": ["2025-02-02 19"],
        "2024-Q1": ["2024-04-05 19"],
        "2024-Q2": ["2024-07-05 05"],
        "2024-Q3": ["2024-10-05 19"],
        "2024-Q4": ["2025-01-05 19"],
    }
