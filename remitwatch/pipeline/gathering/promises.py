"""How the figures of a basis stand towards the targets."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from remitwatch.figures import IndicatorRow
from remitwatch.periods import PeriodKind, parse_period, period_of
from remitwatch.pipeline.gathering.held import Held
from remitwatch.pipeline.standing import stand
from remitwatch.pipeline.targeting import all_targets
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from remitwatch.targets import Progress, progress_of_all
from reports.inputs import (
    BasisInput,
)


def targets(workspace: Workspace, held: Held, made: BasisInput) -> list[dict[str, Any]]:
    """How the figures of a basis stand: the world towards each official target that is not past, then the subjects of
    the national ones. A day's figure stands for the end of its week."""
    period = parse_period(made.period)
    if period.kind is PeriodKind.DAY and period.last_day is not None:
        period = period_of(period.last_day, PeriodKind.WEEK)
    known = all_targets(workspace)
    official = [one for one in known if "world" in one.scope and not one.national and not one.historic]
    promised = {one.indicator for one in official}
    newest = _of_world(made.indicators, promised).assign(period=period.key)
    rows = [row for row in _rows(_of_world(made.history, promised)) if row.period != period.key] + _rows(newest)
    found = progress_of_all(rows, official)
    for target in known:
        if target.national:
            found += stand(
                held.everything, Basis(made.basis), target, target.scope, as_of=held.as_of, until=period.last_day
            )
    return [_target(one) for one in found]


def _of_world(frame: pd.DataFrame, indicators: Collection[str]) -> pd.DataFrame:
    of_world = frame[frame["scope"] == "world"]
    return of_world[of_world["breakdown"].isna() & of_world["indicator"].isin(indicators)]


def _rows(frame: pd.DataFrame) -> list[IndicatorRow]:
    return [IndicatorRow(**_row_fields(row)) for row in frame.to_dict("records")]


def _row_fields(row: Mapping[Any, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in row.items() if name in IndicatorRow.model_fields}
    return {name: None if not isinstance(value, tuple) and pd.isna(value) else value for name, value in fields.items()}


def _target(one: Progress) -> dict[str, Any]:
    target = one.target
    return {
        "code": target.code,
        "owner": target.owner,
        "name": target.name,
        "indicator": target.indicator,
        "scope": one.scope,
        "sender": target.sender,
        "receiver": target.receiver,
        "subject": one.subject,
        "national": target.national,
        "basis": one.basis.value,
        "operator": target.operator,
        "target": target.value,
        "deadline": target.deadline,
        "value": one.value,
        "status": one.status.value,
        "required_pace": one.required_pace,
        "required_from_now": one.required_from_now,
        "actual_pace": one.actual_pace,
        "projected_year": one.projected_year,
        "window": one.window,
        "why": one.reason,
        "flags": one.flags,
    }
