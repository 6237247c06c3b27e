"""What a person looks at to verify a source of releases: a survey, flows or published figures beside what is held."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import Any

from remitwatch.benchmarks import Benchmark
from remitwatch.flows import Flow
from remitwatch.indicators import indicators
from remitwatch.pipeline.looking import observations
from remitwatch.pipeline.releases import released_file
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from remitwatch.runs import Harvest
from remitwatch.survey import SurveyTable

TIER = 200
NEWEST = 4
LARGEST = 5
_CENT = Decimal("0.01")


def release_rows(workspace: Workspace, harvest: Harvest) -> list[dict[str, Any]]:
    """The rows to look at; none for a source of prices or rates."""
    rows = [row for one in harvest.tables for row in _survey_rows(workspace, harvest, one.value)]
    if harvest.flows:
        rows += _flow_rows(workspace, [one.value for one in harvest.flows])
    if harvest.benchmarks:
        rows += _benchmark_rows(workspace, harvest.source, [one.value for one in harvest.benchmarks])
    return rows


def _survey_rows(workspace: Workspace, harvest: Harvest, table: SurveyTable) -> list[dict[str, Any]]:
    """The file, then its newest quarters: rows, and the mean of the published costs of sending USD 200 (per cent, of
    the rows that disclose their rate), beside the rows in force and the world's average of them."""
    brought, in_force = table.rows_by_period(), workspace.queries.survey_rows_in_force(harvest.source)
    means = _published_means(table)
    file = released_file(harvest)
    assert file is not None
    rows: list[dict[str, Any]] = [
        {"what": file[0], "rows": sum(brought.values()), "in force": sum(in_force.values())},
    ]
    held = observations(workspace, basis=Basis.SURVEY.value) if in_force else None
    for period in sorted(brought)[-NEWEST:]:
        ours = (
            indicators(
                held,
                scope="world",
                amount=TIER,
                basis=Basis.SURVEY.value,
                codes="average_total_cost",
                period=period,
                as_of=workspace.now(),
            )
            if held is not None and period in in_force
            else []
        )
        rows.append(
            {
                "what": period,
                "rows": brought[period],
                "in force": in_force.get(period),
                f"cost % at USD {TIER}": means.get(period),
                "in force %": next((_two(row.value) for row in ours), None),
            }
        )
    return rows


def _published_means(table: SurveyTable) -> dict[str, Decimal]:
    sums: dict[str, tuple[Decimal, int]] = {}
    names = ("period", "tier", "transparent", "total_cost_pct")
    for period, tier, transparent, cost in zip(*(table.columns[name].cells() for name in names), strict=True):
        if tier == TIER and transparent and cost is not None:
            total, count = sums.get(period, (Decimal(0), 0))
            sums[period] = total + Decimal(cost), count + 1
    return {period: (total / count).quantize(_CENT) for period, (total, count) in sums.items()}


def _flow_rows(workspace: Workspace, flows: list[Flow]) -> list[dict[str, Any]]:
    """Each matrix by series and year with its sum, then the largest flows of the newest one; million US dollars."""
    rows: list[dict[str, Any]] = []
    in_order = sorted(flows, key=lambda flow: (flow.series, flow.year))
    largest: list[Flow] = []
    for (series, year), some in groupby(in_order, key=lambda flow: (flow.series, flow.year)):
        matrix = list(some)
        held = workspace.queries.flows(series, year)
        rows.append(
            {
                "what": f"{series}:{year}",
                "flows": len(matrix),
                "US$ million": sum(flow.value for flow in matrix),
                "flows in force": None if held is None else len(held.values),
                "in force": None if held is None else sum(held.values.values()),
            }
        )
        largest = sorted(matrix, key=lambda flow: -flow.value)[:LARGEST]
    for flow in largest:
        held = workspace.queries.flows(flow.series, flow.year)
        lane = f"{flow.sender}-{flow.receiver}"
        rows.append(
            {"what": lane, "US$ million": flow.value, "in force": None if held is None else held.values.get(lane)}
        )
    return rows


def _benchmark_rows(workspace: Workspace, source: str, figures: list[Benchmark]) -> list[dict[str, Any]]:
    """Each series: how many figures of which years, then the newest of the world and of a few countries, per cent."""
    held = workspace.queries.benchmarks(source=source)
    known = {(row.series, row.sender, row.receiver, row.period): row.value for row in held.itertuples()}
    rows: list[dict[str, Any]] = []
    for series, some in groupby(sorted(figures, key=lambda one: (one.series, one.period)), key=lambda one: one.series):
        of_series = list(some)
        span = f"{of_series[0].period} to {of_series[-1].period}"
        in_force = sum(key[0] == series for key in known)
        rows.append({"what": series, "years": span, "figures": len(of_series), "in force": in_force})
        newest = [one for one in of_series if one.period == of_series[-1].period]
        for one in sorted(newest, key=lambda one: (one.scope != "world", one.sender or "", one.receiver or ""))[
            :NEWEST
        ]:
            key = (series, one.sender or "", one.receiver or "", one.period)
            place = one.sender or one.receiver or "world"
            rows.append({"what": place, "years": one.period, "cost %": one.value, "in force %": known.get(key)})
    return rows


def _two(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_CENT)
