"""The life of an alert: pending, open, closed. Pure: earlier alerts and the readings of some days in, a step out.

- A breach makes an alert `pending`; breaches on `runs` evaluated days in a row open it. A day in the band between the
  threshold and the recovery, or a clear one, ends a pending alert: nobody ever hears of it.
- An open one is refreshed quietly, and closes when it is clear on `runs` evaluated days in a row. In the band it stays.
- Without a figure nothing changes; after NOT_JUDGED_DAYS without one it closes (`not_judged`).
- Of one rule and subject at most one alert is not closed.

What is told: an opening once, as soon as nothing inhibits or silences it and nobody has acknowledged it; a recovery
once, if the opening was told, no silence holds, and the kind is none of events; a correction always, to those who were
told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from remitwatch.alerts.alert import Alert, ClosedWhy, Name, Silence, Step
from remitwatch.alerts.grouping import Told, messages
from remitwatch.alerts.readings import Reading, State, plain
from remitwatch.alerts.rules import Rule

NOT_JUDGED_DAYS = 30
TOLD_PERIOD = "told_period"
"""The fact that keeps of which quarter the figure was that was told; collected prices are told as the latest."""
LATEST = "latest"


@dataclass(frozen=True)
class Correction:
    """A told alert whose figure of the day that was told is another one now (None: there is none any more)."""

    alert: Alert
    value: Decimal | None
    state: State


def step(
    rules: Iterable[Rule],
    earlier: Iterable[Alert],
    readings: Iterable[Reading],
    *,
    silences: Iterable[Silence] = (),
    corrections: Iterable[Correction] = (),
    now: dt.datetime,
    today: dt.date,
    world: str = "real",
) -> Step:
    """What the readings change. `rules` are those in force; alerts of others are closed (`rule_off`). `earlier` are the
    alerts that are not closed; `corrections` may be about closed ones too. Readings may be of several days."""
    life = _Life({rule.key: rule for rule in rules}, earlier, now)
    for reading in sorted(readings, key=lambda one: (one.day, one.rule, one.subject)):
        life.read(reading)
    life.end_what_is_not_judged(today)
    corrected = [life.correct(one) for one in corrections]
    life.find_causes()
    quiet = [one for one in silences if one.holds(now)]
    opened = life.tell_openings(quiet)
    closed = life.closings_to_tell(quiet)
    return Step(
        alerts=life.changed(),
        forgotten=life.forgotten(),
        messages=(
            *messages("opened", opened, life.rules, world),
            *messages("closed", closed, life.rules, world),
            *messages("corrected", corrected, life.rules, world),
        ),
    )


class _Life:
    """The alerts on their way through one step: `standing` are not closed, `ended` were closed now."""

    def __init__(self, rules: Mapping[str, Rule], earlier: Iterable[Alert], now: dt.datetime) -> None:
        self.rules = rules
        self._now = now
        self._before = {alert.name: alert for alert in earlier}
        self._standing = dict(self._before)
        self._ended: list[Alert] = []
        self._corrected: list[Alert] = []  # closed before
        self._states: dict[Name, State] = {}

    def read(self, reading: Reading) -> None:
        """Take in what a rule found."""
        name = (reading.rule, reading.subject)
        self._states[name] = reading.state
        alert = _advanced(self._standing.get(name), reading, self.rules[reading.rule], self._now)
        if alert is None:
            self._standing.pop(name, None)
        elif alert.state == "closed":
            self._end(alert)
        else:
            self._standing[name] = alert

    def end_what_is_not_judged(self, today: dt.date) -> None:
        """Close the alerts whose rule is off, and those that had no figure for long."""
        for name, alert in list(self._standing.items()):
            why: ClosedWhy | None = None
            if alert.rule not in self.rules:
                why = "rule_off"
            elif (today - alert.day).days > NOT_JUDGED_DAYS:
                why = "not_judged"
            if why is not None and alert.state == "open":
                self._end(_closed(alert, why, self._now))
            elif why is not None:
                del self._standing[name]

    def correct(self, one: Correction) -> Told:
        """Take over a correction. Where the day was no breach after all, and today is none, the alert is over."""
        was = one.alert
        known = [alert for alert in (*self._standing.values(), *self._ended) if alert.id == was.id]
        alert = replace(known[0] if known else was, told_value=one.value, corrected_at=self._now)
        over = one.state is not State.BREACH and self._states.get(alert.name) is not State.BREACH
        if over and alert.state != "closed":
            alert = _closed(alert, "corrected", self._now)
        elif over and known and alert.closed_at == self._now:
            alert = replace(alert, closed_why="corrected")
        self._ended = [other for other in self._ended if other.id != alert.id]
        if alert.state != "closed":
            self._standing[alert.name] = alert
        elif known:
            self._end(alert)
        else:
            self._corrected.append(alert)
        return Told(alert, one.value, was.told_value)

    def find_causes(self) -> None:
        """Say of every standing alert which other one it is a consequence of, if any."""
        for name, alert in self._standing.items():
            kinds = self.rules[alert.rule].inhibited_by
            causes = (
                (other.rule, other.subject)
                for kind in kinds
                for other in self._standing.values()
                if other.kind == kind and other.subject in alert.depends and other.name != name
            )
            cause = next(causes, None) if kinds and alert.depends else None
            if cause != alert.cause:
                self._standing[name] = replace(alert, cause=cause)

    def tell_openings(self, quiet: Sequence[Silence]) -> list[Told]:
        """The open alerts whose turn to be told it is; they are marked so."""
        chosen = [
            one
            for one in self._standing.values()
            if one.state == "open"
            and (one.told_at, one.acked_at, one.cause, one.clears) == (None, None, None, 0)
            and not _silenced(one, quiet)
        ]
        for one in chosen:
            period = one.facts.get("period", LATEST)
            facts = one.facts if period == LATEST else {**one.facts, TOLD_PERIOD: period}
            self._standing[one.name] = replace(
                one, told_at=self._now, told_day=one.day, told_value=one.value, facts=facts
            )
        return [Told(self._standing[one.name], one.value) for one in chosen]

    def closings_to_tell(self, quiet: Sequence[Silence]) -> list[Told]:
        """Those of the alerts that ended whose end is told."""
        return [
            Told(one, one.value, one.told_value)
            for one in self._ended
            if one.told_at is not None and _is_news(one, self.rules.get(one.rule)) and not _silenced(one, quiet)
        ]

    def changed(self) -> tuple[Alert, ...]:
        """The alerts that are not what they were: those that ended before those that may take their place."""
        now = [*self._ended, *self._corrected, *self._standing.values()]
        return tuple(one for one in now if one != self._before.get(one.name))

    def forgotten(self) -> tuple[Alert, ...]:
        """The pending ones that came to nothing."""
        kept = {one.id for one in (*self._standing.values(), *self._ended)}
        return tuple(one for one in self._before.values() if one.id not in kept)

    def _end(self, alert: Alert) -> None:
        self._ended.append(alert)
        self._standing.pop(alert.name, None)


def _advanced(alert: Alert | None, reading: Reading, rule: Rule, now: dt.datetime) -> Alert | None:
    """The alert after a reading: None where there is none (any more)."""
    breach = reading.state is State.BREACH
    if alert is None:
        return _opened(_new(reading, rule), rule, now) if breach else None
    if reading.state is State.UNKNOWN or reading.day < alert.day:
        return alert
    again = reading.day == alert.day  # a day that is judged twice counts once
    if alert.state == "pending" and not breach:
        return None
    if breach:
        another = not again or alert.clears > 0
        fresh = _refreshed(alert, reading, breaches=alert.breaches + another, clears=0)
        return _opened(fresh, rule, now) if alert.state == "pending" else fresh
    clears = 0
    if reading.state is State.CLEAR:
        clears = max(alert.clears, 1) if again else alert.clears + 1
    fresh = _refreshed(alert, reading, breaches=0, clears=clears)
    return _closed(fresh, "recovered", now) if clears >= rule.runs else fresh


def _new(reading: Reading, rule: Rule) -> Alert:
    return Alert(
        rule=rule.key,
        subject=reading.subject,
        kind=rule.kind,
        severity=rule.severity,
        audience=rule.audience,
        state="pending",
        first_day=reading.day,
        day=reading.day,
        breaches=1,
        value=reading.value,
        threshold=rule.threshold,
        facts=plain(reading.facts),
        depends=reading.depends,
    )


def _refreshed(alert: Alert, reading: Reading, *, breaches: int, clears: int) -> Alert:
    """What stands now; what explained the opening stays where nothing takes its place."""
    return replace(
        alert,
        day=reading.day,
        breaches=breaches,
        clears=clears,
        value=reading.value,
        facts={**alert.facts, **plain(reading.facts)},
        depends=reading.depends,
    )


def _opened(alert: Alert, rule: Rule, now: dt.datetime) -> Alert:
    return replace(alert, state="open", opened_at=now) if alert.breaches >= rule.runs else alert


def _closed(alert: Alert, why: ClosedWhy, now: dt.datetime) -> Alert:
    return replace(alert, state="closed", closed_at=now, closed_why=why, cause=None)


def _is_news(alert: Alert, rule: Rule | None) -> bool:
    """Whether the end of an alert is told: a recovery, and a figure that there is no more; of events neither."""
    if rule is None or rule.what.event:
        return False
    return alert.closed_why == "recovered" or (alert.closed_why == "not_judged" and rule.what.figure)


def _silenced(alert: Alert, quiet: Sequence[Silence]) -> bool:
    return any(silence.covers(alert.name) for silence in quiet)
