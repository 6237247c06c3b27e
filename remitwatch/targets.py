"""Targets: what was promised, and how a series moves towards it (METHODOLOGY section 4).

Pace is linear, in percentage points a year: the actual one over a stated window against the one that the target needed
from the window's start. Both ends of the window are periods of the series; a period stands for its middle, a deadline
for the end of its year. As a named option the pace is compound, in per cent a year of the value itself:

    linear      actual = (value - first) / years                required = (target - first) / years to the deadline
    compound    actual = (value / first) ^ (1 / years) - 1      required = (target / first) ^ (1 / years to it) - 1
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from decimal import ROUND_CEILING, Context, Decimal
from enum import StrEnum
from functools import cache
from typing import Literal

from remitwatch.errors import InputError
from remitwatch.fields import CountryCode, ExactDecimal, Key, Value
from remitwatch.figures import IndicatorRow, Scope
from remitwatch.periods import parse_period
from remitwatch.quotes import Basis, Tier
from remitwatch.reference import read_toml

ON_TRACK_SHARE = Decimal("0.95")
"""The share of the required pace from which a series counts as on track (UN SDG Progress Chart)."""
STAGNANT_SHARE = Decimal("0.1")
"""Within this share of the required pace, either way, a series stands still."""
NOT_ASSESSABLE_FLAGS = frozenset({"fewer_than_three", "private_suppressed"})
LONG_ENOUGH = Decimal(1)
"""A window under one year is flagged: a pace a year drawn from it says little."""

_CALM = Context(prec=28)
Pace = Literal["linear", "compound"]

_MEETS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


class Target(Value):
    """A promise about an indicator. `value` in per cent; `deadline` a year, to its end.

    `operator`: lt less than, le at most, gt more than, ge at least. `scope` lists the scopes it is about.
    `baseline` names the period from which progress is counted; without one it is the first of the series.
    `part_of` names the target that this is a half of: both must be met. `historic` ones are past. `national` ones were
    added by an operator, and may name the `sender` and `receiver` (ISO alpha-3) they are about.
    """

    code: Key
    owner: str
    name: str
    scope: tuple[Scope, ...]
    indicator: str
    amount: Tier
    operator: Literal["lt", "le", "gt", "ge"]
    value: ExactDecimal
    deadline: int
    baseline: str | None = None
    part_of: Key | None = None
    historic: bool = False
    national: bool = False
    sender: CountryCode | None = None
    receiver: CountryCode | None = None

    def is_about(self, row: IndicatorRow) -> bool:
        """Whether a figure is one that the target speaks of: its indicator, amount, scope and subject."""
        fits = (row.indicator, row.amount, row.breakdown) == (self.indicator, self.amount, None)
        ends = self.sender in (None, row.sender) and self.receiver in (None, row.receiver)
        return fits and ends and row.scope in self.scope

    def is_met_by(self, value: Decimal) -> bool:
        """Whether a value meets the target, on the value as it is: 5.00 is at most 5 and not less than 5."""
        return _MEETS[self.operator](value, self.value)


class Status(StrEnum):
    """How a series stands towards its target."""

    MET = "met"
    ON_TRACK = "on_track"
    IMPROVING = "improving"
    STAGNANT = "stagnant"
    DETERIORATING = "deteriorating"
    NOT_ASSESSABLE = "not_assessable"


class Progress(Value):
    """How one series stands. Paces negative = falling, None where there is none: of the linear `pace` in percentage
    points a year, of the compound one in per cent a year.

    `met` is None when the newest figure cannot be judged. `reason` says why a status is `not_assessable`. `gap` is the
    newest value less the target's. `required_pace` counts from the window's start, `required_from_now` from its end.
    `projected_year` is the year in which the actual pace would meet the target, None when it never would.
    """

    target: Target
    basis: Basis
    scope: Scope
    subject: str
    status: Status
    reason: str = ""
    met: bool | None = None
    period: str | None = None
    value: Decimal | None = None
    gap: Decimal | None = None
    baseline_period: str | None = None
    baseline_value: Decimal | None = None
    window: str = ""
    window_years: Decimal | None = None
    pace: Pace = "linear"
    actual_pace: Decimal | None = None
    required_pace: Decimal | None = None
    required_from_now: Decimal | None = None
    projected_year: int | None = None
    flags: tuple[str, ...] = ()


@cache
def targets() -> tuple[Target, ...]:
    """The shipped targets (reference/targets.toml)."""
    return tuple(Target(**entry) for entry in read_toml("targets.toml")["target"])


def find_target(code: str) -> Target:
    """The shipped target with this code. Raises InputError."""
    for target in targets():
        if target.code == code:
            return target
    raise InputError(f"target {code!r}: expected one of {', '.join(target.code for target in targets())}")


def series_of(rows: Iterable[IndicatorRow], target: Target) -> list[list[IndicatorRow]]:
    """The series of a history that a target is about: one for each basis, scope and subject, oldest period first.

    Rows of `latest`, which has no date, and breakdowns are left out.
    """
    found: dict[tuple[str, str, str], list[IndicatorRow]] = {}
    for row in rows:
        if target.is_about(row) and row.period != "latest":
            found.setdefault((row.basis, row.scope, row.subject), []).append(row)
    return [sorted(found[key], key=lambda row: parse_period(row.period).middle) for key in sorted(found)]


def progress_of_all(rows: Iterable[IndicatorRow], wanted: Iterable[Target] | None = None) -> list[Progress]:
    """The progress of every series of a history towards every target (the shipped ones unless named)."""
    history = list(rows)
    return [
        progress(series, target)
        for target in (targets() if wanted is None else wanted)
        for series in series_of(history, target)
    ]


def progress(series: Iterable[IndicatorRow], target: Target, pace: Pace = "linear") -> Progress:
    """How one series (one basis, scope and subject; quarters, or years, or months ...) stands towards a target.

    The newest period decides whether it is met. Periods whose figure is None or flagged as thin end no window. A
    compound pace needs values above 0; where one is not, the status is `not_assessable`, reason `not_positive`.
    Raises ValueError for an empty series and for rows of different kinds.
    """
    rows = sorted(series, key=lambda row: parse_period(row.period).middle)
    if not rows:
        raise ValueError("progress of an empty series")
    _check_one_series(rows)
    last = rows[-1]
    known = {"target": target, "basis": last.basis, "scope": last.scope, "subject": last.subject, "period": last.period}
    known |= {"pace": pace}
    if last.value is None or NOT_ASSESSABLE_FLAGS.intersection(last.flags):
        why = sorted(NOT_ASSESSABLE_FLAGS.intersection(last.flags)) or list(last.flags) or ["no_value"]
        return Progress(**known, value=last.value, status=Status.NOT_ASSESSABLE, reason=why[0])
    met = target.is_met_by(last.value)
    proxies = tuple(flag for flag in last.flags if flag == "services_not_payments")
    known |= {"flags": proxies, "value": last.value, "gap": last.value - target.value, "met": met}
    now = parse_period(last.period).middle
    deadline = Decimal(target.deadline + 1)  # the end of its year
    first = _baseline(rows, target)
    ends = [last.value, target.value, *([] if first is None or first.value is None else [first.value])]
    if pace == "compound" and min(ends) <= 0:
        return Progress(**known, status=Status.MET if met else Status.NOT_ASSESSABLE, reason="not_positive")
    a_year = _linear if pace == "linear" else _compound
    if not met and deadline > now:
        known["required_from_now"] = a_year(last.value, target.value, deadline - now)
    if first is None:
        if met:
            return Progress(**known, status=Status.MET)
        reason = "one_period" if target.baseline is None else "no_baseline"
        return Progress(**known, status=Status.NOT_ASSESSABLE, reason=reason)
    assert first.value is not None  # _baseline chooses a period with a value
    start = parse_period(first.period).middle
    years = now - start
    actual = a_year(first.value, last.value, years)
    required = a_year(first.value, target.value, deadline - start) if deadline > start else None
    known |= {
        "baseline_period": first.period,
        "baseline_value": first.value,
        "window": f"{first.period} to {last.period}, {years:.1f} years",
        "window_years": years,
        "actual_pace": actual,
        "required_pace": required,
        "flags": (*proxies, *_doubts(first, last, years)),
    }
    if met:
        return Progress(**known, status=Status.MET)
    known["projected_year"] = _projected_year(target.value, last.value, actual, now, pace)
    return Progress(**known, status=_status(target, first.value, actual, required, deadline <= now))


def _doubts(first: IndicatorRow, last: IndicatorRow, years: Decimal) -> list[str]:
    """What a pace between two figures suffers from: `corridors_differ` where they rest on different numbers of them,
    `short_window`."""
    found = ["corridors_differ"] if first.corridors != last.corridors else []
    return found if years >= LONG_ENOUGH else [*found, "short_window"]


def _check_one_series(rows: list[IndicatorRow]) -> None:
    kinds = {(row.indicator, row.basis, row.amount, row.scope, row.subject, row.breakdown, row.group) for row in rows}
    if len(kinds) > 1 or len({parse_period(row.period).kind for row in rows}) > 1:
        raise ValueError("progress of rows that are not one series: one indicator, basis, amount, subject, period kind")


def _baseline(rows: list[IndicatorRow], target: Target) -> IndicatorRow | None:
    """The row that the window starts with: the target's own baseline, else the first that can be judged."""
    earlier = [row for row in rows[:-1] if row.value is not None and not NOT_ASSESSABLE_FLAGS.intersection(row.flags)]
    if target.baseline is not None:
        key = parse_period(target.baseline).key
        return next((row for row in earlier if row.period == key), None)
    return earlier[0] if earlier else None


def _status(target: Target, baseline: Decimal, actual: Decimal, required: Decimal | None, too_late: bool) -> Status:
    """For a target that is not met: the actual pace against the required one."""
    wanted_sign = -1 if target.operator in ("lt", "le") else 1
    towards = actual * wanted_sign
    if target.is_met_by(baseline) or not required:
        # It was met and is no longer (or stood on the line): there is no pace to compare with, only a direction.
        return Status.DETERIORATING if towards < 0 else Status.STAGNANT if towards == 0 else Status.IMPROVING
    share = _CALM.divide(actual, required)
    if share >= ON_TRACK_SHARE and not too_late:
        return Status.ON_TRACK
    if share > STAGNANT_SHARE:
        return Status.IMPROVING
    return Status.STAGNANT if share >= -STAGNANT_SHARE else Status.DETERIORATING


def _linear(first: Decimal, last: Decimal, years: Decimal) -> Decimal:
    """Percentage points a year."""
    return _CALM.divide(last - first, years)


def _compound(first: Decimal, last: Decimal, years: Decimal) -> Decimal:
    """Per cent a year; both values above 0."""
    return 100 * (_CALM.power(_CALM.divide(last, first), _CALM.divide(Decimal(1), years)) - 1)


def _projected_year(line: Decimal, value: Decimal, actual: Decimal, now: Decimal, pace: Pace) -> int | None:
    """The year in which the actual pace crosses the line from the newest value; None when it moves away or stands."""
    missing = line - value
    if actual == 0 or (missing != 0 and (missing > 0) != (actual > 0)):
        return None
    if pace == "linear":
        years = _CALM.divide(missing, actual)
    else:
        years = _CALM.divide(_CALM.divide(line, value).ln(_CALM), (1 + actual / 100).ln(_CALM))
    if years > 1000:
        return None
    # A crossing at the very end of a year belongs to that year.
    return int((now + years).to_integral_value(rounding=ROUND_CEILING)) - 1
