"""How the figures stand towards targets, and what meeting them would save."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from remitwatch.errors import InputError
from remitwatch.figures import IndicatorRow, rounded
from remitwatch.flows import FlowTable
from remitwatch.indicators import Observations, history, indicators
from remitwatch.indicators.selection import Selection, select
from remitwatch.periods import Period, PeriodKind, parse_period
from remitwatch.pipeline.looking import as_of_now, check_basis, flows_in_force, observations
from remitwatch.pipeline.targeting import all_targets
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from remitwatch.savings import Savings, savings
from remitwatch.targets import NOT_ASSESSABLE_FLAGS, Pace, Progress, Target, progress, series_of

_CORRIDOR_COST = {
    # indicator of a target -> the corridor's cost that its savings are counted from, and what that is the mean of
    "average_total_cost": ("average_total_cost", "the simple average of the corridor's services"),
    "weighted_average": ("average_total_cost", "the simple average of the corridor's services"),
    "median_total_cost": ("median_total_cost", "the median of the corridor's services"),
    "smart": ("smart", "the mean of the corridor's three cheapest qualifying services"),
}


@dataclass(frozen=True)
class Asked:
    """The choice of `remitwatch targets progress`, checked. `first` and `last` are the window asked for."""

    selection: Selection | None
    code: str | None
    basis: str | None
    amount: int | None
    first: Period | None
    last: Period | None
    pace: Pace
    flows: str | None

    @classmethod
    def read(
        cls,
        *,
        code: str | None,
        basis: str | None,
        amount: int | None,
        period: str | None,
        pace: str,
        flows: str | None,
        **places: str | None,
    ) -> Asked:
        """Raises InputError for anything unknown or that does not fit together."""
        check_basis(basis)
        if pace not in ("linear", "compound"):
            raise InputError(f"--pace {pace!r}: expected linear or compound")
        if amount not in (None, 200, 500):
            raise InputError(f"--amount {amount}: expected 200 or 500")
        first, last = _window(period)
        named = any(places.values())
        return cls(select(**places) if named else None, code, basis, amount, first, last, pace, flows)  # type: ignore[arg-type]


def _window(text: str | None) -> tuple[Period | None, Period | None]:
    """`2020-Q3..2025-Q3`: from a baseline to the period judged; one period alone is the one judged."""
    if text is None:
        return None, None
    ends = [parse_period(part) for part in text.split("..", 1)]
    if ends[0].kind is not ends[-1].kind or ends[0].first_day is None:
        raise InputError(f"--period {text!r}: expected two periods of one kind such as 2020-Q3..2025-Q3, or one")
    if len(ends) == 2 and ends[0].middle >= ends[1].middle:
        raise InputError(f"--period {text!r}: the window ends before it begins")
    return (ends[0] if len(ends) == 2 else None), ends[-1]


@dataclass(frozen=True)
class Standing:
    """How one series stands towards a target, and what meeting it would save, with its assumptions."""

    progress: Progress
    savings: Savings
    flows: FlowTable | None

    def as_json(self) -> dict[str, Any]:
        """The row of `remitwatch targets progress --json`: numbers as text with four decimals, rounded half-up once."""
        one, target = self.progress, self.progress.target
        place = dict.fromkeys(("sender", "receiver", "region"))
        if one.scope == "corridor":
            place |= dict(zip(("sender", "receiver"), one.subject.split("-"), strict=True))
        elif one.scope != "world":
            place[one.scope] = one.subject
        return {
            "code": target.code,
            "part_of": target.part_of,
            "owner": target.owner,
            "name": target.name,
            "national": target.national,
            "indicator": target.indicator,
            "amount": target.amount,
            "basis": one.basis.value,
            "scope": one.scope,
            **place,
            "operator": target.operator,
            "target": _text(target.value),
            "deadline": target.deadline,
            "period": one.period,
            "value": _text(one.value),
            "gap": _text(one.gap),
            "met": one.met,
            "status": one.status.value,
            "reason": one.reason or None,
            "window": one.window or None,
            "baseline_period": one.baseline_period,
            "baseline_value": _text(one.baseline_value),
            "pace": one.pace,
            "pace_unit": "percentage points a year" if one.pace == "linear" else "per cent a year",
            "actual_pace": _text(one.actual_pace),
            "required_pace": _text(one.required_pace),
            "required_from_now": _text(one.required_from_now),
            "projected_year": one.projected_year,
            "flags": list(one.flags),
            "savings_usd_million": _text(self.savings.value),
            "savings_coverage": _text(self.savings.coverage),
            "savings_reason": self.savings.reason or None,
            "savings_assumptions": self._assumptions(),
        }

    def _assumptions(self) -> dict[str, Any] | None:
        if self.savings.value is None or self.flows is None:
            return None
        one, target = self.progress, self.progress.target
        cost, like = _CORRIDOR_COST[target.indicator]
        coverage = _text(self.savings.coverage)
        return {
            "flows": self.flows.name,
            "flows_run": self.flows.run,
            "cost": cost,
            "amount": target.amount,
            "basis": one.basis.value,
            "period": one.period,
            "corridors": self.savings.corridors,
            "corridors_above": self.savings.above,
            "words": [
                f"Flows are those of {self.flows.series} for {self.flows.year} and would not change.",
                f"Every transfer of a corridor is priced like {like} at USD {target.amount} "
                f"({one.basis.value}, {one.period}).",
                f"Every corridor above {target.value:f} % comes down to it; corridors at or below it save nothing.",
                f"Corridors without such a cost are left out: {coverage} % of the flow is covered.",
            ],
        }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{rounded(value):f}"


def standings(workspace: Workspace, asked: Asked) -> list[Standing]:
    """How the figures stand, a row a target, basis and subject.

    Without a code or a place: the official targets for the world, and every national one. Historic ones only by their
    code. The window is the one asked for, else from the target's baseline, else from the first period held, to the
    newest. Raises InputError for an unknown code.
    """
    known = all_targets(workspace)
    if asked.code is None:
        chosen = [one for one in known if not one.historic]
    else:
        chosen = [one for one in known if asked.code in (one.code, one.part_of)]
    if not chosen:
        raise InputError(f"target {asked.code!r}: expected one of {', '.join(one.code for one in known)}")
    as_of = as_of_now(workspace)
    flows = flows_in_force(workspace, as_of, asked.flows)
    held = observations(workspace, as_of, asked.basis, flows)
    costs = _Costs(held, flows, as_of)
    return [
        Standing(one, costs.savings(one), flows)
        for target in chosen
        if asked.amount in (None, target.amount)
        for basis in held.bases(target.amount)
        for one in stand(held, basis, target, _scopes(target, asked), as_of=as_of, asked=asked)
    ]


def _scopes(target: Target, asked: Asked) -> tuple[str, ...]:
    if asked.selection is not None:
        return tuple(one for one in target.scope if one in asked.selection.scopes)
    if target.national or (asked.code is not None and "world" not in target.scope):
        return target.scope
    return ("world",) if "world" in target.scope else ()


def stand(
    held: Observations,
    basis: Basis,
    target: Target,
    scopes: Sequence[str],
    *,
    as_of: dt.datetime,
    asked: Asked | None = None,
    until: dt.date | None = None,
) -> list[Progress]:
    """The progress of every series of a basis towards a target, in some of its scopes."""
    first, last = (asked.first, asked.last) if asked else (None, None)
    kind = _kind(basis, target, last)
    if not scopes or (kind is None and last is not None):
        return []
    rows = history(
        held,
        basis=basis,
        amount=target.amount,
        scopes=scopes,
        codes=target.indicator,
        kind=kind,
        until=until,
        as_of=as_of,
    )
    rows = [row for row in rows if _between(row, first, last)]
    newest = rows[-1].period if rows else None
    keeps = _chosen(asked.selection if asked else None)
    wanted = target if first is None else target.model_copy(update={"baseline": first.key})
    found = [
        progress(series, wanted, asked.pace if asked else "linear") for series in series_of(filter(keeps, rows), wanted)
    ]
    return [one if one.period == newest else _flagged(one) for one in found]


def _flagged(one: Progress) -> Progress:
    """Of a subject that has no figure in the newest period, which others have."""
    return one.model_copy(update={"flags": (*one.flags, "no_newer_period")})


def _kind(basis: Basis, target: Target, last: Period | None) -> PeriodKind | None:
    """The kind of period to look at: of the window asked for, else of the target's baseline, else the usual one (None).
    The survey has quarters and years only."""
    kind = last.kind if last else parse_period(target.baseline).kind if target.baseline else None
    if basis is Basis.SURVEY and kind not in (PeriodKind.QUARTER, PeriodKind.YEAR):
        return None
    return kind


def _chosen(selection: Selection | None) -> Callable[[IndicatorRow], bool]:
    if selection is None:
        return lambda row: True
    ends = selection.corridor.split("-") if selection.corridor else [selection.sender, selection.receiver]
    wanted = {"sender": ends[0], "receiver": ends[1], "region": selection.region}
    return lambda row: all(value in (None, getattr(row, name)) for name, value in wanted.items())


def _between(row: IndicatorRow, first: Period | None, last: Period | None) -> bool:
    middle = parse_period(row.period).middle
    return (first is None or first.middle <= middle) and (last is None or middle <= last.middle)


class _Costs:
    """What corridors cost in a period, computed once each, and what meeting a target on it saves."""

    def __init__(self, held: Observations, flows: FlowTable | None, as_of: dt.datetime) -> None:
        self._held = held
        self._flows = flows
        self._as_of = as_of
        self._known: dict[tuple[Any, ...], dict[str, Decimal]] = {}

    def savings(self, one: Progress) -> Savings:
        """What senders would keep a year if the target were met, at the costs of the period that is judged."""
        target = one.target
        if target.indicator not in _CORRIDOR_COST or target.operator not in ("lt", "le"):
            return Savings(reason="not_a_cost")
        if self._flows is None:
            return Savings(reason="no_flows")
        corridors = self._flows.about(one.scope, one.subject)
        return savings(self._costs(one), target.value, self._flows, corridors)

    def _costs(self, one: Progress) -> dict[str, Decimal]:
        code = _CORRIDOR_COST[one.target.indicator][0]
        key = (code, one.basis, one.target.amount, one.period)
        if key not in self._known:
            rows = indicators(
                self._held,
                period=one.period or "latest",
                scope="corridor",
                amount=one.target.amount,
                basis=one.basis,
                codes=code,
                as_of=self._as_of,
            )
            self._known[key] = {
                row.subject: row.value
                for row in rows
                if row.value is not None and not NOT_ASSESSABLE_FLAGS.intersection(row.flags)
            }
        return self._known[key]
