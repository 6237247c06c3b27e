"""A machine whose clock is set while it works, stands apart from the sources', or lives in a zone with summer time."""

import datetime as dt
import os
import time
from typing import get_args

import pytest

from remitwatch import jobs
from remitwatch.pipeline import collecting, workspace
from remitwatch.sources import Day
from tests.journeys.faults import Spoiler
from tests.journeys.test_clock import _home, _loaded, _runs, _work

ZONES = (
    "Europe/Berlin", "Europe/London", "America/New_York", "US/Pacific", "Australia/Sydney", "Pacific/Auckland",
    "Africa/Cairo", "Asia/Beirut", "Pacific/Chatham",
)  # fmt: skip


@pytest.mark.parametrize(("hours", "took"), [(-2, "back"), (24, "on")])
def test_a_clock_set_while_a_source_is_asked(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, today, monkeypatch, hours: int, took: str
) -> None:
    remitwatch("init", "--sandbox")
    is_set = False

    def set_clock(path: str, body: bytes) -> None:
        nonlocal is_set
        if not is_set:
            is_set = True
            today.move(hours / 24)

    with Spoiler(sandbox.base_urls["transfergo"], set_clock) as server:
        monkeypatch.setenv("REMITWATCH_SOURCES__TRANSFERGO__BASE_URL", server.url)
        _work(remitwatch, "collect transfergo")()
        (run,) = remitwatch("runs", "list", "--json").json
        began, ended = (dt.datetime.fromisoformat(run[name]) for name in ("started_at", "finished_at"))
        assert (run["status"], run["logical_date"]) == ("ok", "2026-10-30")
        assert dt.timedelta(0) <= ended - began < dt.timedelta(minutes=5)
        if took == "back":  # its time comes a second time
            _work(remitwatch, "collect transfergo")()
            jobs.try_again(_home(remitwatch), _loaded())
            assert len(_runs(remitwatch, "--source", "transfergo")) == 1
        else:  # the day after is asked once, and it is not asked again when it really comes
            for _ in range(2):
                _work(remitwatch, "collect transfergo")()
            today.move(-1)
            _work(remitwatch, "collect transfergo")()
            runs = remitwatch("runs", "list", "--source", "transfergo", "--json").json
            assert [(one["logical_date"], one["attempt"]) for one in runs] == [("2026-10-31", 1), ("2026-10-30", 1)]


@pytest.mark.parametrize(("minutes", "side"), [(-6, "behind"), (6, "ahead of"), (4, None), (-4, None)])
def test_a_clock_apart_from_the_sources_is_one_warning_a_source(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, today, minutes: int, side: str | None
) -> None:
    today.traveller.move_to(today.now + dt.timedelta(minutes=minutes))  # the sandbox stays where it was
    remitwatch("collect", "ecb")
    remitwatch("collect", "ecb")
    found = [one for one in remitwatch("issues", "list", "--json").json if one["code"] == "clock_apart"]
    words = f"this machine's clock is {side} that of ecb: check the time service of this machine"
    assert [(one["level"], one["message"], one["seen"]) for one in found] == ([("warning", words, 2)] if side else [])
    assert {status for _, status, _ in _runs(remitwatch)} == {"ok"}


@pytest.mark.parametrize("zone", ZONES)
def test_every_time_of_every_day_of_a_year_comes_once_wherever_the_machine_stands(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setitem(os.environ, "TZ", zone)
    time.tzset()
    try:
        for half_hour in range(48):
            at = f"{half_hour // 2:02}:{half_hour % 2 * 30:02}"
            trigger = jobs.Job("collect x", at, get_args(Day), jobs._nothing).trigger
            times, fired = [], dt.datetime(2025, 12, 31, 23, 59, tzinfo=dt.UTC)
            while (following := trigger.get_next_fire_time(None, fired + dt.timedelta(seconds=1))).year == 2026:
                times.append(following)
                fired = following
            assert [one.date() for one in times] == [dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(365)]
            assert {f"{one.astimezone(dt.UTC):%H:%M}" for one in times} == {at}
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_midnight_between_start_and_answer_belongs_to_the_day_of_the_start(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    times = iter([dt.datetime(2026, 10, 30, 23, 59, 58, tzinfo=dt.UTC)] * 40)
    after = dt.datetime(2026, 10, 31, 0, 0, 3, tzinfo=dt.UTC)
    today.traveller.move_to(after)
    with workspace.writing(_home(remitwatch), _loaded(), lambda: next(times, after)) as open_home:
        collecting.collect(open_home, ["transfergo"])
    (run,) = remitwatch("runs", "list", "--json").json
    assert run["logical_date"] == "2026-10-30"
