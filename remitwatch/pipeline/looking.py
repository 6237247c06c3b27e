"""What the reading commands show: figures, comparison tables, rates, corridors, providers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from remitwatch.corridors import watched_corridors
from remitwatch.errors import InputError
from remitwatch.fields import utc_time
from remitwatch.figures import IndicatorRow
from remitwatch.flows import FlowTable, parse_flow_name
from remitwatch.indicators import Observations, indicators, quarantine_table, service_table
from remitwatch.pegs import PEG, pegs
from remitwatch.pipeline.inquiring import rate_book
from remitwatch.pipeline.marking import as_it_stood
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis
from scrapers import registry

COLUMNS = (
    "indicator", "scope", "sender", "receiver", "region", "breakdown", "group", "period", "amount", "basis", "unit",
    "value", "services", "providers", "corridors", "flags", "method", "as_of", "id", "coverage",
)  # fmt: skip
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
    frame = workspace.queries.observations(as_of=as_of, basis=basis)
    return prepared(frame if as_of is None else as_it_stood(workspace, frame, as_of), flows)


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


def prepared(frame: pd.DataFrame, flows: FlowTable | None = None) -> Observations:
    """A frame with the ages that its sources allow."""
    definitions = registry.definitions()
    ages = {
        key: max(LEAST_MAX_AGE_DAYS, 2 * one.schedule.cadence_days)
        for key, one in definitions.items()
        if one.schedule is not None
    }
    ages |= {key: HANDED_IN_MAX_AGE_DAYS for key in frame["source"].unique() if key not in definitions}
    return Observations(frame, max_age_days=ages, flows=flows)


@dataclass(frozen=True)
class Wanted:
    """The choice of `remitwatch indicators`, with its time read. `flows` names weights (`bilateral_matrix:2017`)."""

    choice: dict[str, Any]
    basis: str | None
    as_of: dt.datetime | None
    flows: str | None = None

    @classmethod
    def read(
        cls,
        *,
        indicator: str | None,
        basis: str | None,
        as_of: str | None,
        flows: str | None = None,
        **choice: Any,
    ) -> Wanted:
        """Raises InputError for a time that is none, and for an unknown basis."""
        try:
            time = None if as_of is None else utc_time(as_of)
        except (ValueError, OverflowError):
            raise InputError(f"--as-of {as_of!r}: expected a time with its offset: 2026-11-21T06:00:00Z") from None
        check_basis(basis)
        return cls({**choice, "codes": indicator}, basis, time, flows)


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
    held = observations(workspace, as_of, wanted.basis, flows)
    rows = indicators(held, basis=wanted.basis, as_of=as_of, **wanted.choice)
    return Found(rows, _too_old(held.frame, rows, wanted.choice))


def _too_old(frame: pd.DataFrame, rows: list[IndicatorRow], choice: Mapping[str, Any]) -> dict[str, dt.date]:
    if choice["period"].lower() != "latest":
        return {}
    asked = frame["tier"] == choice["amount"]
    for name in ("sender", "receiver", "region", "corridor"):
        if choice[name] is not None:
            asked &= frame[name] == choice[name]
    newest = frame.loc[asked].groupby("basis")["day"].max()
    counted = {row.basis.value for row in rows if row.services}
    return {str(basis): day.date() for basis, day in newest.items() if basis not in counted}


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
    held = prepared(workspace.queries.quotes_table(corridor, on))
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
    if pd.isna(row["fee_e8"]):
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
    return None if pd.isna(e8) else (Decimal(int(e8)) / 10**8).quantize(Decimal("0.0001"))


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
