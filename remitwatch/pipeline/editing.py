"""What goes into an edition: the figures, services, sources and gaps of a period, gathered for the pages."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import pandas as pd

from remitwatch.errors import InputError
from remitwatch.figures import IndicatorRow
from remitwatch.indicators import (
    METHOD,
    Observations,
    history,
    indicators,
    periods_present,
    quarantine_table,
    service_table,
)
from remitwatch.periods import Period, PeriodKind, parse_period, period_of
from remitwatch.pipeline.annual import annual_figures
from remitwatch.pipeline.coverage import missing, source_lines
from remitwatch.pipeline.looking import as_of_now, flows_in_force, observations
from remitwatch.pipeline.standing import stand
from remitwatch.pipeline.targeting import all_targets
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis, Tier
from remitwatch.runs import RunStatus
from remitwatch.targets import Progress, progress_of_all
from reports.inputs import (
    BENCHMARK_COLUMNS,
    INDICATOR_COLUMNS,
    RUN_COLUMNS,
    SERVICE_COLUMNS,
    BasisInput,
    EditionInput,
    SdmxFlow,
    no_annual_figures,
)

LEAD = (Basis.SURVEY, Basis.STANDARD, Basis.ESTIMATE)
"""The bases that have pages, the lead first. Promotions are shown apart on the pages of the others."""
HISTORY_DAYS = 400
SHORT_CHANGE = dt.timedelta(weeks=4)
AMOUNTS: tuple[Tier, ...] = (200, 500)
SCOPES = ("world", "sender", "receiver", "region", "corridor")
BREAKDOWNS = ("provider_type", "payment_instrument", "pickup_method", "speed")


_HISTORY: tuple[tuple[tuple[str, ...], tuple[str, ...] | None, tuple[Tier, ...]], ...] = (
    (("world",), None, AMOUNTS),
    (("region", "corridor"), ("average_total_cost", "average_fee", "average_fx_margin", "smart"), (200,)),
    (("sender", "receiver"), ("average_total_cost", "average_fee", "average_fx_margin"), (200,)),
)
"""Scopes, indicators (None: every one) and amounts of which earlier periods are shown."""


class Nothing(InputError):
    """There is no figure to publish."""


@dataclass(frozen=True)
class Gathered:
    """The input of an edition without its number and time of making."""

    data: EditionInput

    @property
    def period(self) -> str:
        """The edition's period."""
        return self.data.period

    @property
    def digest(self) -> str:
        """What tells two editions' contents apart."""
        return self.data.digest

    def numbered(self, number: int, made_at: dt.datetime) -> EditionInput:
        """The input as the pages take it."""
        return replace(self.data, number=number, made_at=made_at)


def gather(workspace: Workspace, period: str, keeps: Callable[[str], bool] | None = None) -> Gathered:
    """Everything that an edition of `period` says. `keeps` chooses which corridors get a page (None: all).

    Raises Nothing when no figure is in force, InputError for a period that is none.
    """
    asked = parse_period(period)
    as_of = as_of_now(workspace)
    held = observations(workspace, as_of, flows=flows_in_force(workspace, as_of))
    bases = tuple(
        made for basis in LEAD if basis in held.bases(200) and (made := basis_input(held, basis, asked, as_of, keeps))
    )
    short = asked.kind in (PeriodKind.DAY, PeriodKind.WEEK, PeriodKind.MONTH)
    if not bases or (short and all(made.basis == Basis.SURVEY.value for made in bases)):
        raise Nothing(
            "nothing to publish: no figure is in force"
            + ("" if asked.kind is PeriodKind.LATEST else f" for {asked.key}")
            + " (collect or import first; `remitwatch runs list` says what is held)"
        )
    label = asked.key if asked.kind is not PeriodKind.LATEST else _newest_label(bases)
    annual = annual_figures(held, bases, as_of)
    return Gathered(assembled(workspace, held, bases, label, as_of, keeps, annual))


def assembled(
    workspace: Workspace,
    held: Observations,
    bases: tuple[BasisInput, ...],
    label: str,
    as_of: dt.datetime,
    keeps: Callable[[str], bool] | None = None,
    annual: pd.DataFrame | None = None,
) -> EditionInput:
    """The input of an edition or export of these bases, with what stands behind them and what is missing."""
    sdmx = workspace.settings.sdmx
    data = EditionInput(
        period=label,
        number=None,
        as_of=as_of,
        made_at=as_of,
        world=workspace.world,
        method=METHOD,
        version=version("remitwatch"),
        bases=bases,
        sources=source_lines(workspace, bases),
        missing=missing(workspace, bases),
        runs=_runs_behind(workspace, bases),
        issues_open=len(workspace.queries.issues()),
        targets=[one for made in bases for one in _targets(workspace, held, made, as_of)],
        digest="",
        benchmarks=workspace.queries.benchmarks(series="ATCR.CORR")[list(BENCHMARK_COLUMNS)],
        corridors=None if keeps is None else _chosen(bases, keeps),
        annual=no_annual_figures() if annual is None else annual,
        sdmx=SdmxFlow(sdmx.flow, sdmx.version, sdmx.reporting_type, sdmx.sender),
    )
    return replace(data, digest=_digest(data, workspace.today))


def _chosen(bases: tuple[BasisInput, ...], keeps: Callable[[str], bool]) -> tuple[str, ...]:
    """The corridors with figures that get a page. Raises Nothing when there is none."""
    known: set[str] = set()
    for made in bases:
        rows = made.indicators[made.indicators["scope"] == "corridor"]
        known |= set(rows["sender"] + "-" + rows["receiver"])
    chosen = tuple(sorted(key for key in known if keeps(key)))
    if not chosen:
        raise Nothing("nothing to publish: no figure of the corridors asked for is in force")
    return chosen


def basis_input(
    held: Observations,
    basis: Basis,
    asked: Period,
    as_of: dt.datetime,
    keeps: Callable[[str], bool] | None,
    *,
    with_history: bool = True,
) -> BasisInput | None:
    """The figures of one basis for the period asked, and of earlier ones unless they are not wanted; None when it has
    none."""
    period = _period_of_basis(held, basis, asked, as_of)
    if period is None:
        return None
    span = "latest" if period.kind is PeriodKind.DAY and asked.kind is PeriodKind.LATEST else period.key
    rows = [
        row
        for amount in AMOUNTS
        for row in indicators(held, period=span, scope=SCOPES, amount=amount, basis=basis, as_of=as_of)
    ]
    if not any(row.value is not None for row in rows):
        return None
    rows += [
        row
        for by in BREAKDOWNS
        for row in indicators(held, period=span, scope=("world", "corridor"), basis=basis, by=by, as_of=as_of)
    ]
    kind = _kind_of_history(basis, period)
    past = [
        row
        for scopes, codes, amounts in (_HISTORY if with_history else ())
        for amount in amounts
        for row in history(
            held,
            basis=basis,
            amount=amount,
            scopes=scopes,
            codes=codes,
            kind=kind,
            until=period.last_day,
            as_of=as_of,
        )
        if _within(row, period)
    ]
    services = [
        service_table(held, period=span, amount=amount, basis=basis, as_of=as_of, stale=True) for amount in AMOUNTS
    ]
    held_back = [quarantine_table(held, period=span, amount=amount, basis=basis, as_of=as_of) for amount in AMOUNTS]
    return BasisInput(
        basis=basis.value,
        period=period.key,
        previous_period=_previous(held, basis, period),
        indicators=_frame(rows, period.key),
        history=_frame(past),
        services=_services([*services, *held_back], keeps),
        promotions=_services(_promotions(held, basis, span, as_of), keeps),
        private=_private(services),
        days=_days_with_prices(held, basis, period),
    )


def _private(tables: list[pd.DataFrame]) -> dict[str, int]:
    """How many private services stand behind each corridor's figures at USD 200; no price and no name of them."""
    table = pd.concat(tables, ignore_index=True)
    counts = (table["tier"] == 200) & table["private"] & table["total_e8"].notna() & ~table["stale"].astype(bool)
    number = table.loc[counts.to_numpy(dtype=bool), "corridor"].value_counts()
    return {str(key): int(number[key]) for key in sorted(number.index)}


def _days_with_prices(held: Observations, basis: Basis, period: Period) -> tuple[dt.date, ...]:
    """Every day up to the period's end that has prices. The survey's quarters are published whole: none."""
    if basis is Basis.SURVEY:
        return ()
    days = held.panel(basis, 200).dates()
    return tuple(day for day in days if period.last_day is None or day <= period.last_day)


def _period_of_basis(held: Observations, basis: Basis, asked: Period, as_of: dt.datetime) -> Period | None:
    """The period that a basis is shown for. The survey has quarters only: for a shorter period the newest begun."""
    if basis is not Basis.SURVEY:
        if asked.kind is not PeriodKind.LATEST:
            return asked
        past = [day for day in held.panel(basis, 200).dates() if day <= as_of.date()]
        return parse_period(past[-1].isoformat()) if past else None
    quarters = periods_present(held, basis=basis)
    if asked.kind in (PeriodKind.QUARTER, PeriodKind.YEAR):
        return asked
    last = as_of.date() if asked.last_day is None else asked.last_day
    begun = [quarter for quarter in quarters if quarter.first_day is not None and quarter.first_day <= last]
    return begun[-1] if begun else None


def _kind_of_history(basis: Basis, period: Period) -> PeriodKind:
    """Trends are of one kind of period: quarters of the survey; weeks behind a day; else periods like the one shown."""
    if basis is Basis.SURVEY:
        return PeriodKind.YEAR if period.kind is PeriodKind.YEAR else PeriodKind.QUARTER
    return PeriodKind.WEEK if period.kind in (PeriodKind.DAY, PeriodKind.WEEK) else period.kind


def _within(row: IndicatorRow, period: Period) -> bool:
    ended = parse_period(row.period).last_day
    assert ended is not None
    assert period.last_day is not None
    return row.period != period.key and ended >= period.last_day - dt.timedelta(days=HISTORY_DAYS * 20)


def _previous(held: Observations, basis: Basis, period: Period) -> str | None:
    """The period that changes are counted from: the survey's quarter before, else the week four weeks earlier."""
    if basis is Basis.SURVEY:
        before = [one for one in periods_present(held, basis=basis) if one.key < period.key]
        return before[-1].key if before else None
    assert period.first_day is not None
    kind = _kind_of_history(basis, period)
    back = period.first_day - (SHORT_CHANGE if kind is PeriodKind.WEEK else dt.timedelta(days=1))
    earlier = period_of(back, kind)
    return earlier.key if earlier in periods_present(held, basis=basis, kind=kind) else None


def _newest_label(bases: tuple[BasisInput, ...]) -> str:
    """The name of the latest edition: the newest day collected, else the survey's quarter."""
    days = [made.period for made in bases if parse_period(made.period).kind is PeriodKind.DAY]
    return max(days) if days else bases[0].period


def _frame(rows: list[IndicatorRow], label: str | None = None) -> pd.DataFrame:
    """Rows of figures as a frame; `label` stands in for `latest`."""
    content = [{name: getattr(row, name) for name in INDICATOR_COLUMNS} for row in rows]
    frame = pd.DataFrame(content, columns=list(INDICATOR_COLUMNS))
    frame["basis"] = [row.basis.value for row in rows]
    if label is not None:
        frame["period"] = label
    return frame


def _services(tables: list[pd.DataFrame], keeps: Callable[[str], bool] | None) -> pd.DataFrame:
    """Service tables as the pages take them: private rows left out, stale ones flagged, amounts as numbers."""
    table = pd.concat(tables, ignore_index=True)
    table = table[~table["private"].to_numpy(dtype=bool)]
    if keeps is not None:
        table = table[table["corridor"].map(keeps).to_numpy(dtype=bool)]
    flags = table["flags"].astype(str)
    stale = table["stale"].to_numpy(dtype=bool)
    table = table.assign(flags=[_with_stale(flag) if old else flag for flag, old in zip(flags, stale, strict=True)])
    return table.reindex(columns=list(SERVICE_COLUMNS)).reset_index(drop=True)


def _with_stale(flags: str) -> str:
    return "+".join(filter(None, (flags, "stale")))


def _promotions(held: Observations, basis: Basis, span: str, as_of: dt.datetime) -> list[pd.DataFrame]:
    """Promotions are shown beside the standard prices, never averaged with them."""
    wanted = Basis.PROMOTIONAL if basis is Basis.STANDARD else basis
    tables = [
        service_table(held, period=span, amount=amount, basis=wanted, as_of=as_of)
        for amount in AMOUNTS
        if wanted in held.bases(amount)
    ]
    if basis is Basis.STANDARD and tables:
        return tables
    empty = service_table(held, period=span, amount=200, basis=basis, as_of=as_of).iloc[:0]
    return [empty]


def _runs_behind(workspace: Workspace, bases: tuple[BasisInput, ...]) -> pd.DataFrame:
    """The runs whose quotes are in the edition's tables of services and promotions."""
    listed = [frame for made in bases for frame in (made.services, made.promotions)]
    numbers = {int(number) for frame in listed for number in frame["run_id"]}
    runs = [run for run in workspace.queries.runs() if run.id in numbers]
    runs.sort(key=lambda run: run.id)
    content = [{name: _plain(getattr(run, name)) for name in RUN_COLUMNS} for run in runs]
    return pd.DataFrame(content, columns=list(RUN_COLUMNS))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, RunStatus) else value


def _targets(workspace: Workspace, held: Observations, made: BasisInput, as_of: dt.datetime) -> list[dict[str, Any]]:
    """How the figures of a basis stand: the world towards each official target that is not past, then the subjects of
    the national ones. A day's figure stands for the end of its week."""
    period = parse_period(made.period)
    if period.kind is PeriodKind.DAY and period.last_day is not None:
        period = period_of(period.last_day, PeriodKind.WEEK)
    newest = made.indicators.assign(period=period.key)
    rows = [row for row in _world_rows(made.history) if row.period != period.key] + _world_rows(newest)
    known = all_targets(workspace)
    official = [one for one in known if "world" in one.scope and not one.national and not one.historic]
    found = progress_of_all(rows, official)
    for target in known:
        if target.national:
            found += stand(held, Basis(made.basis), target, target.scope, as_of=as_of, until=period.last_day)
    return [_target(one) for one in found]


def _world_rows(frame: pd.DataFrame) -> list[IndicatorRow]:
    world = frame[(frame["scope"] == "world") & frame["breakdown"].isna()]
    return [IndicatorRow(**_row_fields(row)) for row in world.to_dict("records")]


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


def _digest(data: EditionInput, today: dt.date) -> str:
    """sha256 over everything that an edition says but its number and time of making."""
    parts: list[Any] = [
        data.period, data.as_of.isoformat(), data.world, data.method, data.version, today.isoformat(), data.corridors,
        [str(line) for line in data.sources], data.missing, data.issues_open, data.targets, str(data.sdmx),
    ]  # fmt: skip
    sha = hashlib.sha256(json.dumps(parts, default=str).encode())
    for made in data.bases:
        sha.update(f"{made.basis} {made.period} {made.previous_period} {made.private} {made.days}\n".encode())
        for frame in (made.indicators, made.history, made.services, made.promotions):
            sha.update(frame.to_csv(index=False).encode())
    for frame in (data.runs, data.benchmarks, data.annual):
        sha.update(frame.to_csv(index=False).encode())
    return sha.hexdigest()
