"""What the reading commands show: figures, comparison tables, rates, corridors, providers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isnan
from typing import Any

import numpy as np

from db.frames import Need
from db.sidecar import Sidecar
from remitwatch.corridors import watched_corridors
from remitwatch.errors import InputError
from remitwatch.fields import utc_time
from remitwatch.figures import IndicatorRow
from remitwatch.flows import FlowTable, parse_flow_name
from remitwatch.indicators import Columns, Observations, indicators, quarantine_table, service_table
from remitwatch.method import DEFAULT_OPTIONS, Options, read_options
from remitwatch.pegs import PEG, pegs
from remitwatch.periods import PeriodKind, parse_periods
from remitwatch.pipeline.inquiring import rate_book
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from remitwatch.sources import SourceKind
from scrapers import registry

COLUMNS = (
    "indicator", "scope", "sender", "receiver", "region", "breakdown", "group", "period", "amount", "basis", "unit",
    "value", "services", "providers", "corridors", "flags", "method", "as_of", "id", "coverage",
)  # fmt: skip
"""The columns of `remitwatch indicators --csv`; those of a restricted population say `where` too."""
HANDED_IN_MAX_AGE_DAYS = 14
"""Handed-in prices come weekly: two of their cadences."""
LEAST_MAX_AGE_DAYS = 7


def as_of_now(workspace: Workspace) -> dt.datetime:
    """The time that stands for "now" in figures: when the newest accepted run came in force, but not before today.

    So the same data on the same day give the same figures with the same ids, and old prices still grow old.
    """
    start = dt.datetime.combine(workspace.today, dt.time(), tzinfo=dt.UTC)
    newest = workspace.queries.newest_in_force()
    if newest is None or newest < start:
        return start
    return newest if newest.microsecond == 0 else newest.replace(microsecond=0) + dt.timedelta(seconds=1)


def observations(
    workspace: Workspace,
    as_of: dt.datetime | None = None,
    basis: str | None = None,
    flows: FlowTable | None = None,
) -> Observations:
    """The observations in force, ready to compute with; each source's quotes count for two of its cadences. `flows`
    are the weights of the weighted average."""
    columns = workspace.queries.observation_columns(as_of=as_of, basis=basis)
    if as_of is not None and _has_changed_since(workspace, as_of):
        from remitwatch.pipeline.marking import as_it_stood

        columns = Columns.of_frame(as_it_stood(workspace, columns.frame(), as_of))
    return prepared(columns, flows)


def _has_changed_since(workspace: Workspace, as_of: dt.datetime) -> bool:
    newest = workspace.queries.newest_in_force()
    return newest is not None and as_of < newest


def flows_in_force(workspace: Workspace, as_of: dt.datetime | None, name: str | None = None) -> FlowTable | None:
    """The flows that weigh: those named (`bilateral_matrix:2017`), else of the newest year, and of several series of
    that year the one that came last. None when none are in force. Raises InputError for a name that is not in force.
    """
    held = workspace.queries.flow_tables(as_of)
    known = [(str(series), int(year)) for series, year in zip(held["series"], held["year"], strict=True)]
    if name is None:
        return workspace.queries.flows(*known[0], as_of) if known else None
    wanted = parse_flow_name(name)
    if wanted not in known:
        names = ", ".join(f"{series}:{year}" for series, year in known) or "none (remitwatch import --as flows FILE)"
        raise InputError(f"flows {name!r}: not in force here: expected one of {names}")
    return workspace.queries.flows(*wanted, as_of)


def observations_of(
    workspace: Workspace,
    period: str,
    as_of: dt.datetime,
    basis: str | None = None,
    amount: int = 200,
    flows: FlowTable | None = None,
) -> Observations:
    """The observations that figures of a period (or a range) rest on, and no others: from the sidecar where it has
    them, else from the database. They serve figures; tables of services need all columns (`observations`).

    What has changed since `as_of` is read from the database, with the marks that its prices had then.
    """
    if _has_changed_since(workspace, as_of):
        return observations(workspace, as_of, basis, flows)
    sidecar = Sidecar(workspace.home.cache)
    need = _need(period, as_of, basis)
    if need.quarters is not None or not need.survey:
        return prepared(workspace.queries.figure_columns(need, as_of, sidecar), flows)
    quarter = workspace.queries.survey_quarter_before(None, as_of)
    while True:  # of the survey, the newest quarter that has prices of this amount
        quarters = () if quarter is None else (quarter,)
        held = prepared(workspace.queries.figure_columns(replace(need, quarters=quarters), as_of, sidecar), flows)
        if quarter is None or Basis.SURVEY in held.bases(amount):  # type: ignore[arg-type]  # others have no rows
            return held
        quarter = workspace.queries.survey_quarter_before(quarter, as_of)


def _need(period: str, as_of: dt.datetime, basis: str | None) -> Need:
    """The rows that a period needs; `quarters` None where it is for the data to say which is the latest."""
    survey, collected = basis in (None, Basis.SURVEY), basis != Basis.SURVEY
    periods = parse_periods(period)
    if periods[0].kind is PeriodKind.LATEST:
        oldest = as_of.date() - dt.timedelta(days=max(_max_ages().values(), default=LEAST_MAX_AGE_DAYS))
        oldest = min(oldest, as_of.date() - dt.timedelta(days=HANDED_IN_MAX_AGE_DAYS))
        return Need(survey=survey, collected=collected, since=oldest, until=as_of.date())
    quarters: list[str] = []
    for one in periods:
        match one.kind:
            case PeriodKind.QUARTER:
                quarters.append(one.key)
            case PeriodKind.YEAR:
                quarters.append(f"{one.key}-Q3")
            case PeriodKind.POOLED_YEAR:
                quarters += [f"{one.key[:4]}-Q{number}" for number in range(1, 5)]
    return Need(survey, tuple(quarters), collected, periods[0].first_day, periods[-1].last_day)


def _max_ages() -> dict[str, int]:
    return {
        key: max(LEAST_MAX_AGE_DAYS, 2 * one.schedule.cadence_days)
        for key, one in registry.definitions().items()
        if one.schedule is not None
    }


def prepared(columns: Columns, flows: FlowTable | None = None, *, for_checks: bool = False) -> Observations:
    """Observations with the ages that their sources allow. Prices of sources whose terms allow no more than checks
    (redistribution `none`) are in no figure; `for_checks` keeps them, for the operator's own eyes."""
    definitions = registry.definitions()
    sources = columns.labels("source")
    hidden = [key in definitions and definitions[key].terms.redistribution == "none" for key in sources.names]
    if any(hidden) and not for_checks:
        columns = columns.taking(np.flatnonzero(~np.array(hidden)[sources.codes]))
    others = (key for key in columns.labels("source").names if key not in definitions)
    ages = _max_ages() | dict.fromkeys(others, HANDED_IN_MAX_AGE_DAYS)
    return Observations(columns, max_age_days=ages, flows=flows)


@dataclass(frozen=True)
class Wanted:
    """The choice of `remitwatch indicators`, with its time and options read. `flows` names weights
    (`bilateral_matrix:2017`)."""

    choice: dict[str, Any]
    basis: str | None
    as_of: dt.datetime | None
    options: Options = DEFAULT_OPTIONS
    flows: str | None = None

    @classmethod
    def read(
        cls,
        *,
        indicator: str | None,
        basis: str | None,
        as_of: str | None,
        option: Sequence[str] = (),
        flows: str | None = None,
        **choice: Any,
    ) -> Wanted:
        """Raises InputError for a time that is none, and for an unknown basis or option."""
        try:
            time = None if as_of is None else utc_time(as_of)
        except (ValueError, OverflowError):
            raise InputError(f"--as-of {as_of!r}: expected a time with its offset: 2026-11-21T06:00:00Z") from None
        check_basis(basis)
        try:
            options = read_options(option)
        except ValueError as error:
            raise InputError(f"--{error}") from None
        return cls({**choice, "codes": indicator}, basis, time, options, flows)


def check_basis(basis: str | None) -> None:
    """Raises InputError for an unknown basis."""
    if basis is not None and basis not in list(Basis):
        raise InputError(f"--basis {basis!r}: expected one of {', '.join(Basis)}")


@dataclass(frozen=True)
class Found:
    """The figures asked for, and the newest day of each basis whose every price is too old for `latest`."""

    rows: list[IndicatorRow]
    too_old: dict[str, dt.date]


def figures(workspace: Workspace, wanted: Wanted) -> Found:
    """The figures asked for. Raises InputError for anything unknown or that does not fit together."""
    as_of = wanted.as_of or as_of_now(workspace)
    weighed = wanted.choice["codes"] in (None, "weighted_average") or wanted.flows is not None
    flows = flows_in_force(workspace, as_of, wanted.flows) if weighed else None
    held = observations_of(workspace, wanted.choice["period"], as_of, wanted.basis, wanted.choice["amount"], flows)
    rows = indicators(held, basis=wanted.basis, as_of=as_of, options=wanted.options, **wanted.choice)
    return Found(rows, _too_old(workspace, rows, wanted, as_of))


def _too_old(workspace: Workspace, rows: list[IndicatorRow], wanted: Wanted, as_of: dt.datetime) -> dict[str, dt.date]:
    choice = wanted.choice
    if choice["period"].lower() != "latest" or choice["region"] is not None:
        return {}
    definitions = registry.definitions()
    collected = (definitions.get(key) for key in workspace.queries.sources_of_prices(as_of))
    if all(one is not None and one.kind is SourceKind.SURVEYS for one in collected):
        return {}  # a home of survey files only is not searched through
    counted = {row.basis.value for row in rows if row.services}
    asked = [basis for basis in Basis if basis is not Basis.SURVEY and wanted.basis in (None, basis.value)]
    sender, receiver = (choice["corridor"] or f"{choice['sender'] or ''}-{choice['receiver'] or ''}").upper().split("-")
    return {
        basis.value: day
        for basis in asked
        if basis.value not in counted
        and (day := workspace.queries.newest_day(basis, choice["amount"], sender or None, receiver or None, as_of))
    }


def comparison(
    workspace: Workspace, corridor: str, *, on: dt.date | None, amount: int, basis: str | None
) -> list[dict[str, Any]]:
    """The comparison table of a corridor, cheapest first, the bases apart. Percentages with four decimals.

    Private rows come last, without name, costs and place, and without the flags that say something of their price.
    Services whose newest quote is too old for the figures are listed with their age and the flag `stale`, those
    without a reference rate with the flag `no_reference_rate`, those in quarantine last with the flag `quarantined`.
    """
    check_basis(basis)
    if amount not in (200, 500):
        raise InputError(f"--amount {amount}: expected 200 or 500")
    as_of = as_of_now(workspace)
    held = prepared(Columns.of_frame(workspace.queries.quotes_table(corridor, on)), for_checks=True)
    rows: list[dict[str, Any]] = []
    for one in held.bases(amount):  # type: ignore[arg-type]  # checked above
        if basis not in (None, one):
            continue
        span = "latest" if on is None or one is Basis.SURVEY else on.isoformat()
        listed: dict[str, Any] = {"period": span, "amount": amount, "basis": one, "as_of": as_of}
        for table in (service_table(held, stale=True, **listed), quarantine_table(held, **listed)):
            rows += [_service_row(row) for row in table.to_dict("records")]
    return rows


def _service_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    private = bool(row["private"])
    flags = [flag for flag in str(row["flags"]).split("+") if flag and not private]
    if isnan(row["fee_e8"]):
        flags.append("no_reference_rate")
    if row["stale"]:
        flags.append("stale")
    if private:
        flags.append("private")
    shown = {
        "corridor": row["corridor"],
        "basis": row["basis"],
        "source": row["source"],
        "provider": row["provider"],
        "provider_name": row["provider_name"],
        "provider_type": row["provider_type"],
        "payment_instrument": row["payment_instrument"],
        "access_point": row["access_point"],
        "pickup_method": row["pickup_method"],
        "speed": row["speed"],
        "amount": int(row["tier"]),
        "fee_pct": percent(row["fee_e8"]),
        "fx_margin_pct": percent(row["margin_e8"]),
        "total_cost_pct": percent(row["total_e8"]),
        "received_cost_pct": percent(row["received_e8"]),
        "send_amount": row["send_amount"],
        "send_currency": row["send_currency"],
        "fee": row["fee"],
        "fee_model": row["fee_model"],
        "rate": row["rate"],
        "receive_amount": row["receive_amount"],
        "receive_currency": row["receive_currency"],
        "day": row["day"].date(),
        "survey_period": row["survey_period"] or None,
        "age_days": int(row["age_days"]),
        "smart_rank": int(row["smart_rank"]) or None,
        "flags": flags,
        "quote": int(row["quote_id"]),
    }
    if private:  # a partner's own prices are published in aggregates only
        hidden = ("provider", "provider_name", "fee_pct", "fx_margin_pct", "total_cost_pct", "received_cost_pct")
        shown |= dict.fromkeys((*hidden, "fee", "rate", "receive_amount"))
        shown["provider_name"] = "(private)"
    return shown


def percent(e8: float) -> Decimal | None:
    """Whole 1e-8 per cent as per cent with four decimals; None where there is none."""
    return None if isnan(e8) else (Decimal(int(e8)) / 10**8).quantize(Decimal("0.0001"))


def rates(
    workspace: Workspace, base: str | None, quote: str | None, *, on: dt.date | None, source: str | None
) -> list[dict[str, Any]]:
    """Reference rates, newest first: as published by `source`, else the one in force by preference for the pair."""
    from remitwatch.currencies import currency_code

    try:
        base, quote = (None if code is None else currency_code(code.strip().upper()) for code in (base, quote))
    except ValueError as error:
        raise InputError(str(error)) from None
    if source is not None or base is None or quote is None:
        if source == PEG:
            return _peg_rows(base, quote, on or workspace.today)
        if source is not None and source not in registry.definitions():
            raise InputError(f"unknown source {source!r}: expected one of {', '.join(registry.definitions())} or {PEG}")
        rows = workspace.queries.rates(base, quote, on, source)
        return [_rate_row(b, q, date, rate, key, derived=False) for key, b, q, date, rate in rows]
    if on is not None:
        days = [on]
    else:
        newest = workspace.queries.rates(limit=1)
        last = min(newest[0][3], workspace.today) if newest else workspace.today  # some rates are known a day before
        days = [last - dt.timedelta(days=back) for back in range(90)]
    book = rate_book(workspace, min(days), max(days))
    found: dict[tuple[dt.date, str], dict[str, Any]] = {}
    for day in days:
        used = book.find(base, quote, day)
        if used is not None:
            found[used.date, used.source] = _rate_row(base, quote, used.date, used.rate, used.source, used.derived)
    return list(found.values())


def _peg_rows(base: str | None, quote: str | None, on: dt.date) -> list[dict[str, Any]]:
    """The pegs in force on a day, dated by their first day."""
    return [
        _rate_row(peg.anchor, peg.currency, peg.since, peg.rate, PEG, derived=False)
        for peg in pegs()
        if peg.on(on) and base in (None, peg.anchor) and quote in (None, peg.currency)
    ]


def _rate_row(base: str, quote: str, date: dt.date, rate: Decimal, source: str, derived: bool) -> dict[str, Any]:
    return {"base": base, "quote": quote, "date": date, "rate": rate, "source": source, "derived": derived}


def covered_corridors(workspace: Workspace | None, asked: Sequence[str] | None) -> list[dict[str, Any]]:
    """Every corridor that is watched or has quotes: on which bases, how many services' quotes, the newest day."""
    watched = list(asked or watched_corridors())
    rows = {key: _corridor_row(key, watched=True) for key in watched}
    if workspace is not None:
        for held in workspace.queries.corridors().to_dict("records"):
            row = rows.setdefault(held["corridor"], _corridor_row(held["corridor"], watched=False))
            row["bases"] = [*row["bases"], held["basis"]]
            row["quotes"] += held["quotes"]
            row["newest"] = max(row["newest"] or held["last_day"], held["last_day"])
    return sorted(rows.values(), key=lambda row: str(row["corridor"]))


def _corridor_row(key: str, *, watched: bool) -> dict[str, Any]:
    return {"corridor": key, "watched": watched, "bases": [], "quotes": 0, "newest": None}


def providers(workspace: Workspace) -> list[dict[str, Any]]:
    """Every provider with a quote in force, without the rows that are private."""
    return [{str(name): cell for name, cell in row.items()} for row in workspace.queries.providers().to_dict("records")]
