"""The editions of months and quarters: made once each, on their day or as soon as the clock runs again."""

import datetime as dt

from remitwatch import jobs
from remitwatch.pipeline import workspace
from tests.journeys.test_clock import _home, _loaded, _work


def _to(today, day: str, hour: int = 12) -> None:  # type: ignore[no-untyped-def]
    when = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), tzinfo=dt.UTC)
    today.move((when - today.now) / dt.timedelta(days=1))


def _editions(remitwatch) -> list[str]:  # type: ignore[no-untyped-def]
    return sorted(path.name for path in (remitwatch.home / "editions").glob("20*"))


def test_a_run_makes_the_edition_of_the_month_once_from_day_2_and_of_the_quarter_from_day_5(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, today, monkeypatch
) -> None:
    monkeypatch.setenv("REMITWATCH_PUBLISH__LANGUAGES", "en")
    monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", "GBR-IND")
    _to(today, "2026-09-30")
    assert remitwatch("run", "--json").json["editions_of_periods"] == []
    _to(today, "2026-10-01")
    assert remitwatch("run", "--json").json["editions_of_periods"] == []
    _to(today, "2026-10-03")  # the second was missed
    done = remitwatch("run", "--json").json
    assert [one.rpartition("/")[2] for one in done["editions_of_periods"]] == ["2026-09-1"]
    assert done["gaps"] == 3  # of the second, a Friday: each of the sources
    assert (remitwatch.home / "editions" / "latest").resolve().name == "2026-10-03-1"
    assert remitwatch("run", "--json").json["editions_of_periods"] == []
    _to(today, "2026-10-05")
    assert [one.rpartition("/")[2] for one in remitwatch("run", "--json").json["editions_of_periods"]] == ["2026-Q3-1"]
    _to(today, "2026-10-06")
    assert remitwatch("run", "--json").json["editions_of_periods"] == []
    assert [one for one in _editions(remitwatch) if one.count("-") == 2] == ["2026-09-1", "2026-Q3-1"]


def test_the_clock_makes_them_too_and_0_makes_none(remitwatch, sandbox, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_PUBLISH__LANGUAGES", "en")
    monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", "GBR-IND")
    monkeypatch.setenv("REMITWATCH_SCHEDULE__MONTHLY_DAY", "0")
    monkeypatch.setenv("REMITWATCH_SCHEDULE__QUARTERLY_DAY", "0")
    remitwatch("collect")
    remitwatch("observe")
    assert "publish month" not in remitwatch("schedule", "--dry-run").out
    _to(today, "2026-11-02", 19)
    assert _work(remitwatch, "publish")().message == "edition 2026-10-30-1"
    monkeypatch.setenv("REMITWATCH_SCHEDULE__MONTHLY_DAY", "2")
    assert _work(remitwatch, "publish month")() == jobs.Done("ok", "edition 2026-10-1")
    assert _work(remitwatch, "publish month")() == jobs.Done("ok", "")


def test_a_start_publishes_what_was_missed_and_nothing_that_stands(remitwatch, sandbox, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_PUBLISH__LANGUAGES", "en")

    def at_start() -> list[str]:
        due, _ = jobs.jobs(_home(remitwatch), _loaded())
        with workspace.reading(_home(remitwatch), _loaded()) as open_home:
            return jobs.at_start(open_home, due)

    remitwatch("run")  # noon
    assert at_start() == ["try again", "observe", "check"]
    _to(today, "2026-10-30", 18)
    assert at_start() == ["try again", "observe", "check"]
    _to(today, "2026-10-30", 20)  # 19:00 has passed
    assert at_start() == ["try again", "observe", "check", "publish"]
    remitwatch("run")
    _to(today, "2026-11-03", 20)
    assert at_start() == ["try again", "observe", "check", "publish"]
