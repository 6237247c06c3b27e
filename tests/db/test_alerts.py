"""Alerts in the database: one standing alert of a rule and subject, and a step whole or not at all."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from db.queries import Queries
from db.store import Store
from remitwatch.alerts import life
from remitwatch.alerts.alert import Step
from remitwatch.alerts.readings import Reading, State
from remitwatch.alerts.rules import Rule
from remitwatch.errors import StorageError

DAY = dt.date(2026, 10, 30)
NOW = dt.datetime(2026, 10, 30, 18, 45, tzinfo=dt.UTC)
ABOVE = Rule(
    key="above",
    kind="cost_above",
    title="t",
    scope="corridor",
    indicator="smart",
    threshold="5",
    inhibited_by=["source_stale"],
)
STALE = Rule(key="stale", kind="source_stale", title="t", scope="source", audience="operators")


def first_step() -> Step:
    cost = Decimal("5.000000000001")
    child = Reading("above", "corridor:GBR-IND", DAY, State.BREACH, cost, {"cost": cost}, ("source:acme",))
    other = Reading("above", "corridor:GBR-KEN", DAY, State.BREACH, Decimal("7"))
    cause = Reading("stale", "source:acme", DAY, State.BREACH)
    return life.step([ABOVE, STALE], [], [child, other, cause], now=NOW, today=DAY)


def test_a_step_comes_back_as_it_was_kept(store: Store, queries: Queries) -> None:
    step = first_step()
    made = store.alert_step(step, NOW, evaluated="mark", addressed=lambda message: [("mail", NOW)])
    kept = {one.name: replace(one, id=None) for one in queries.alerts()}
    assert kept == {one.name: one for one in step.alerts}
    assert kept["above", "corridor:GBR-IND"].cause == ("stale", "source:acme")
    assert [(one.kind, one.content["rule"], one.content["n"]) for one in made] == [
        ("opened", "above", 1),
        ("opened", "stale", 1),
    ]
    assert queries.alert_messages() == made[::-1]
    assert queries.alerts_evaluated() == "mark"
    assert queries.counts()["alert_delivery"] == 2


def test_the_same_step_again_is_refused_whole(store: Store, queries: Queries) -> None:
    store.alert_step(first_step(), NOW)
    before = queries.counts()
    with pytest.raises(StorageError):
        store.alert_step(first_step(), NOW, evaluated="never")
    assert queries.counts() == before
    assert queries.alerts_evaluated() is None


def test_an_ended_alert_leaves_its_place_to_the_next(store: Store, queries: Queries) -> None:
    store.alert_step(first_step(), NOW)
    days = [DAY + dt.timedelta(days=number) for number in (1, 2)]
    readings = [
        Reading("above", "corridor:GBR-KEN", days[0], State.CLEAR, Decimal("4")),
        Reading("above", "corridor:GBR-KEN", days[1], State.BREACH, Decimal("6")),
    ]
    later = NOW + dt.timedelta(days=2)
    step = life.step([ABOVE, STALE], queries.alerts(states=("open",)), readings, now=later, today=days[1])
    made = store.alert_step(step, later)
    assert [one.state for one in queries.alerts(subject="corridor:GBR-KEN")] == ["open", "closed"]
    assert [one.kind for one in made] == ["opened", "closed"]


def test_a_cause_that_came_to_nothing_is_forgotten_and_its_consequence_is_told(store: Store, queries: Queries) -> None:
    slow = STALE.model_copy(update={"runs": 2})
    child = Reading("above", "corridor:GBR-IND", DAY, State.BREACH, Decimal("6"), {}, ("source:acme",))
    cause = Reading("stale", "source:acme", DAY, State.BREACH)
    store.alert_step(life.step([ABOVE, slow], [], [child, cause], now=NOW, today=DAY), NOW)
    assert queries.alert_messages() == []
    next_day = DAY + dt.timedelta(days=1)
    later = NOW + dt.timedelta(days=1)
    readings = [replace(child, day=next_day), replace(cause, day=next_day, state=State.CLEAR)]
    step = life.step([ABOVE, slow], queries.alerts(), readings, now=later, today=next_day)
    store.alert_step(step, later)
    assert [(one.rule, one.state, one.cause) for one in queries.alerts()] == [("above", "open", None)]
    assert [one.kind for one in queries.alert_messages()] == ["opened"]
