"""The life of alerts: opened once, refreshed quietly, closed on recovery; what is told, and what is not."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from remitwatch.alerts import life
from remitwatch.alerts.alert import Alert, Message, Silence, Step
from remitwatch.alerts.life import Correction
from remitwatch.alerts.readings import Reading, State, state_of
from remitwatch.alerts.rules import Rule

START = dt.date(2026, 10, 1)


def rule(key: str = "above", **changes: Any) -> Rule:
    plain = {"kind": "cost_above", "title": "t", "scope": "corridor", "indicator": "smart", "threshold": "5"}
    return Rule(key=key, **{**plain, "clear": "4.8", **changes})


class Home:
    """What a home keeps of its alerts, without a database."""

    def __init__(self, *rules: Rule) -> None:
        self.rules = rules
        self.alerts: dict[int, Alert] = {}
        self.messages: list[Message] = []

    @property
    def standing(self) -> list[Alert]:
        return [one for one in self.alerts.values() if one.state != "closed"]

    def evaluate(
        self,
        day: dt.date,
        *readings: Reading,
        silences: Sequence[Silence] = (),
        corrections: Sequence[Correction] = (),
        hour: int = 18,
    ) -> Step:
        now = dt.datetime.combine(day, dt.time(hour), tzinfo=dt.UTC)
        step = life.step(
            self.rules, self.standing, readings, silences=silences, corrections=corrections, now=now, today=day
        )
        for gone in step.forgotten:
            assert gone.id is not None
            del self.alerts[gone.id]
        for one in step.alerts:
            kept = one if one.id is not None else replace(one, id=max(self.alerts, default=0) + 1)
            assert kept.id is not None
            self.alerts[kept.id] = kept
        names = [one.name for one in self.standing]
        assert len(names) == len(set(names)), "two standing alerts of a rule and subject"
        self.messages += step.messages
        return step

    @property
    def told(self) -> list[tuple[str, int]]:
        return [(one.kind, len(one.alerts)) for one in self.messages]


def reading(of: Rule, day: dt.date, value: str | None, subject: str = "corridor:GBR-IND", **more: Any) -> Reading:
    number = None if value is None else Decimal(value)
    return Reading(of.key, subject, day, state_of(of, number), number, **more)


def days(number: int) -> list[dt.date]:
    return [START + dt.timedelta(days=at) for at in range(number)]


def play(of: Rule, values: Sequence[str | None]) -> Home:
    home = Home(of)
    for day, value in zip(days(len(values)), values, strict=True):
        home.evaluate(day, reading(of, day, value))
    return home


def test_the_line_is_crossed_above_it_and_left_at_the_recovery() -> None:
    of = rule()
    states = {text: state_of(of, Decimal(text)).value for text in ("5.00", "5.000000000001", "4.8", "4.80000001")}
    assert states == {"5.00": "between", "5.000000000001": "breach", "4.8": "clear", "4.80000001": "between"}
    below = rule(kind="few_qualifying", indicator=None, threshold="3", clear=None)
    assert [state_of(below, Decimal(number)).value for number in (2, 3)] == ["breach", "clear"]
    assert state_of(of, None) is State.UNKNOWN


def test_ten_days_around_the_line_are_one_alert_and_one_recovery() -> None:
    home = play(rule(), ["5.01", "4.99"] * 5 + ["4.79"])
    assert home.told == [("opened", 1), ("closed", 1)]
    assert [one.state for one in home.alerts.values()] == ["closed"]


def test_of_two_days_in_a_row_a_change_of_side_every_day_opens_nothing() -> None:
    home = play(rule(runs=2), ["5.01", "4.99"] * 5)
    assert home.told == []
    assert home.alerts == {}


def test_runs_count_for_opening_and_for_recovery() -> None:
    home = play(rule(runs=2), ["5.2", "5.3", "4.7", "5.1", "4.7", "4.6"])
    (alert,) = home.alerts.values()
    assert home.told == [("opened", 1), ("closed", 1)]
    assert (alert.first_day, alert.told_day, alert.told_value) == (days(1)[0], days(2)[1], Decimal("5.3"))
    assert (alert.closed_why, alert.day) == ("recovered", days(6)[5])


def test_a_day_judged_twice_counts_once() -> None:
    of = rule(runs=2)
    home = Home(of)
    first, second = days(2)
    home.evaluate(first, reading(of, first, "5.2"), hour=8)
    home.evaluate(first, reading(of, first, "5.2"), hour=9)
    assert home.told == []
    home.evaluate(second, reading(of, second, "5.2"))
    assert home.told == [("opened", 1)]


def test_without_a_figure_nothing_changes_and_after_a_month_it_ends() -> None:
    of = rule()
    home = play(of, ["5.2", None, None])
    assert [one.state for one in home.alerts.values()] == ["open"]
    home.evaluate(START + dt.timedelta(days=life.NOT_JUDGED_DAYS))
    assert home.told == [("opened", 1)]
    home.evaluate(START + dt.timedelta(days=life.NOT_JUDGED_DAYS + 1))
    assert home.told == [("opened", 1), ("closed", 1)]
    assert [one.closed_why for one in home.alerts.values()] == ["not_judged"]


def test_a_rule_that_is_switched_off_closes_its_alerts_unheard() -> None:
    home = play(rule(), ["5.2"])
    home.rules = ()
    home.evaluate(days(2)[1])
    assert home.told == [("opened", 1)]
    assert [one.closed_why for one in home.alerts.values()] == ["rule_off"]


def test_a_silenced_opening_is_told_when_the_silence_is_over_if_it_still_stands() -> None:
    of = rule()
    home = Home(of)
    first, second, third = days(3)
    end = dt.datetime.combine(third, dt.time(), tzinfo=dt.UTC)
    quiet = [Silence(None, "corridor:GBR-*", end, "ann", "promotions", end)]
    home.evaluate(first, reading(of, first, "5.2"), silences=quiet)
    home.evaluate(second, reading(of, second, "5.3"), silences=quiet)
    assert (home.told, [one.state for one in home.alerts.values()]) == ([], ["open"])
    home.evaluate(third, silences=quiet)
    assert home.told == [("opened", 1)]
    assert home.messages[0].items[0]["value"] == "5.3"


def test_one_that_recovers_in_silence_is_never_heard_of() -> None:
    of = rule()
    home = Home(of)
    first, second = days(2)
    end = dt.datetime.combine(second, dt.time(23), tzinfo=dt.UTC)
    quiet = [Silence("above", None, end, "ann", "known", end)]
    home.evaluate(first, reading(of, first, "5.2"), silences=quiet)
    home.evaluate(second, reading(of, second, "4.2"), silences=quiet)
    home.evaluate(days(3)[2])
    assert home.told == []


def test_an_acknowledged_one_is_not_told_any_more_and_its_end_is() -> None:
    of = rule()
    home = play(of, ["5.2"])
    home.alerts[1] = replace(home.alerts[1], acked_at=dt.datetime(2026, 10, 1, 20, tzinfo=dt.UTC), acked_by="ann")
    second, third = days(3)[1:]
    home.evaluate(second, reading(of, second, "5.4"))
    home.evaluate(third, reading(of, third, "4.4"))
    assert home.told == [("opened", 1), ("closed", 1)]


def test_a_cause_keeps_its_consequences_from_being_told_until_it_is_over() -> None:
    child = rule(inhibited_by=("source_stale",))
    dead = Rule(key="stale", kind="source_stale", title="t", scope="source", audience="operators")
    home = Home(child, dead)
    first, second = days(2)
    stale = Reading("stale", "source:acme", first, State.BREACH)
    rests = {"depends": ("source:acme",)}
    home.evaluate(first, reading(child, first, "9", **rests), reading(child, first, "8", "corridor:USA-MEX"), stale)
    assert [(one.rule.key, [name[1] for name in one.alerts]) for one in home.messages] == [
        ("above", ["corridor:USA-MEX"]),
        ("stale", ["source:acme"]),
    ]
    held = next(one for one in home.standing if one.subject == "corridor:GBR-IND")
    assert (held.state, held.told_at, held.cause) == ("open", None, ("stale", "source:acme"))
    clear = Reading("stale", "source:acme", second, State.CLEAR)
    home.evaluate(second, reading(child, second, "7", **rests), clear)
    assert [(one.kind, one.rule.key) for one in home.messages[2:]] == [("opened", "above"), ("closed", "stale")]


def test_a_correction_is_told_once_and_ends_what_was_no_breach() -> None:
    of = rule()
    home = play(of, ["5.4"])
    second, third = days(3)[1:]
    home.evaluate(second, corrections=[Correction(home.alerts[1], Decimal("4.1"), State.CLEAR)])
    (alert,) = home.alerts.values()
    assert (alert.state, alert.closed_why, alert.told_value) == ("closed", "corrected", Decimal("4.1"))
    assert home.told == [("opened", 1), ("corrected", 1)]
    assert (home.messages[1].items[0]["told_value"], home.messages[1].items[0]["value"]) == ("5.4", "4.1")
    home.evaluate(third, reading(of, third, "4.1"))
    assert home.told == [("opened", 1), ("corrected", 1)]


def test_a_corrected_figure_that_is_still_a_breach_stays_open() -> None:
    of = rule()
    home = play(of, ["5.4"])
    second = days(2)[1]
    told = Correction(home.alerts[1], Decimal("5.2"), State.BREACH)
    home.evaluate(second, reading(of, second, "5.2"), corrections=[told])
    assert home.told == [("opened", 1), ("corrected", 1)]
    assert [one.state for one in home.alerts.values()] == ["open"]


def test_367_corridors_at_once_are_one_message_with_the_ten_worst() -> None:
    of = rule()
    home = Home(of)
    day = START
    home.evaluate(
        day, *(reading(of, day, f"{5 + number / 100:.2f}", f"corridor:C{number:03}") for number in range(1, 368))
    )
    (message,) = home.messages
    assert (len(message.alerts), len(message.items)) == (367, 10)
    assert [item["subject"] for item in message.items] == [f"corridor:C{number}" for number in range(367, 357, -1)]


costs = st.lists(st.one_of(st.none(), st.decimals("4.5", "5.5", places=2).map(str)), min_size=1, max_size=30)


@given(costs, st.integers(1, 3))
def test_openings_and_recoveries_take_turns_and_each_has_its_days(values: list[str | None], runs: int) -> None:
    of = rule(runs=runs)
    home = play(of, values)
    kinds = [one.kind for one in home.messages]
    assert kinds == ["opened", "closed"] * (len(kinds) // 2) + ["opened"] * (len(kinds) % 2)
    known = [Decimal(value) for value in values if value is not None]
    assert len(kinds) <= len(known) // runs
    for message in home.messages:
        assert message.items[0]["value"] is not None
    breaches = [value > 5 for value in known]
    in_a_row = any(all(breaches[at : at + runs]) for at in range(len(breaches) - runs + 1))
    assert bool(kinds) == in_a_row


@given(st.lists(st.sampled_from(["5.01", "4.99"]), min_size=1, max_size=20))
def test_between_the_line_and_the_recovery_there_is_at_most_one_opening(values: list[str]) -> None:
    assert play(rule(), values).told in ([], [("opened", 1)])
