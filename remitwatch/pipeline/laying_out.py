"""The rows of the survey's layout, from the survey's own rows and from collected prices of a quarter."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from math import isnan
from typing import Any

import pandas as pd

from remitwatch.errors import InputError
from remitwatch.indicators import Observations, service_table
from remitwatch.periods import Period, PeriodKind
from remitwatch.pipeline.workspace import Workspace
from remitwatch.quotes import Basis, Tier
from reports.exports.layout_rows import Layout, LayoutPrice, LayoutRow
from reports.exports.survey_labels import survey_labels
from scrapers import registry

_TIERS: tuple[Tier, ...] = (200, 500)
TERMS = "the terms of their source allow cost percentages only"
PRIVATE = "handed in privately"
QUARTERS = "the survey's layout has quarters only, such as 2025-Q3"


def layouts(
    workspace: Workspace,
    held: Observations,
    wanted: Mapping[Basis, Sequence[Period]],
    as_of: dt.datetime,
    keeps: Callable[[str], bool] | None,
) -> tuple[Layout, ...]:
    """One layout a basis that has rows. `wanted`: the quarters of each basis. Raises InputError for other periods."""
    made = []
    for basis, periods in wanted.items():
        rows: list[LayoutRow] = []
        left_out: Counter[str] = Counter()
        for period in periods:
            if period.kind is not PeriodKind.QUARTER:
                raise InputError(f"period {period.key!r}: {QUARTERS}")
            table = _services(held, basis, period, as_of, keeps)
            table = _allowed(table, left_out)
            lay_out = _survey_rows if basis is Basis.SURVEY else _collected_rows
            rows += lay_out(workspace, table, period.key)
        if rows:
            rows.sort(key=lambda row: (row.period, len(row.id), row.id))
            made.append(Layout(basis.value, tuple(rows), left_out))
    return tuple(made)


def _services(
    held: Observations, basis: Basis, period: Period, as_of: dt.datetime, keeps: Callable[[str], bool] | None
) -> pd.DataFrame:
    """The services of a quarter at both amounts."""
    tables = [
        service_table(held, period=period, amount=amount, basis=basis, as_of=as_of)
        for amount in _TIERS
        if basis in held.bases(amount)
    ]
    table = pd.concat(tables, ignore_index=True)
    return table if keeps is None else table.loc[[keeps(str(key)) for key in table["corridor"]]]


def _allowed(table: pd.DataFrame, left_out: Counter[str]) -> pd.DataFrame:
    """The services that may be given away with their amounts; the others are counted, by USD 200."""
    private = table["private"].to_numpy(dtype=bool)
    derived = table["source"].isin(_limited()).to_numpy(dtype=bool) & ~private
    first = (table["tier"] == 200).to_numpy(dtype=bool)
    for why, some in ((PRIVATE, private), (TERMS, derived)):
        if number := int((some & first).sum()):
            left_out[why] += number
    kept: pd.DataFrame = table.loc[~private & ~derived]
    return kept


def _limited() -> set[str]:
    """The sources of which no amount or rate may be given away; what is no source of ours was handed in."""
    return {key for key, one in registry.definitions().items() if one.terms.redistribution != "full"}


def _survey_rows(workspace: Workspace, table: pd.DataFrame, _period: str) -> Iterator[LayoutRow]:
    """The survey's rows as they were published, both amounts of a row together."""
    rows: dict[tuple[str, str, str], LayoutRow] = {}
    for stored in workspace.queries.stored_quotes(int(number) for number in table["quote_id"]):
        quote = stored.quote
        survey = quote.survey
        assert survey is not None
        assert quote.inquiry.tier is not None
        lane = quote.inquiry.corridor
        row = rows.setdefault(
            (stored.source, survey.period, survey.row),
            LayoutRow(
                id=survey.row,
                period=survey.period,
                sender=lane.sender,
                receiver=lane.receiver,
                sender_region=survey.sender_region,
                receiver_region=survey.receiver_region,
                receiver_income_group=survey.receiver_income_group,
                firm=quote.provider.name,
                labels=survey.labels,
                send_currency=lane.send_currency,
                interbank_rate=survey.interbank_rate,
                transparent=quote.transparent,
                note=quote.note,
                day=survey.observed_on,
            ),
        )
        row.prices[quote.inquiry.tier] = LayoutPrice(
            quote.inquiry.send_amount, quote.fee, quote.rate, survey.fx_margin_pct, survey.total_cost_pct
        )
    yield from rows.values()


def _collected_rows(workspace: Workspace, table: pd.DataFrame, period: str) -> Iterator[LayoutRow]:
    """A row a service: its means over the quarter's days, the rest as on its newest day."""
    stored = {one.id: one.quote for one in workspace.queries.stored_quotes(int(n) for n in table["quote_id"])}
    limited = _limited()
    rows: dict[tuple[str, str, bool], LayoutRow] = {}
    for cell in table.to_dict("records"):
        quote = stored[int(cell["quote_id"])]
        used = str(cell["reference_source"]).split("+")
        amount, fee = quote.inquiry.send_amount, _percent(cell["fee_e8"])
        assert fee is not None
        lane = quote.inquiry.corridor
        row = rows.setdefault(
            (str(cell["source"]), str(cell["service"]), quote.transparent),
            LayoutRow(
                id=str(cell["quote_id"]),
                period=period,
                sender=lane.sender,
                receiver=lane.receiver,
                sender_region=cell["sender_region"] or None,
                receiver_region=cell["region"] or None,
                receiver_income_group=cell["income_group"] or None,
                firm=quote.provider.name,
                labels=_labels(cell),
                send_currency=lane.send_currency,
                interbank_rate=None if limited.intersection(used) else _decimal(cell["reference_rate"]),
                transparent=quote.transparent,
                note="",
                day=cell["day"].date(),
            ),
        )
        row.prices[int(cell["tier"])] = LayoutPrice(
            amount, fee * amount / 100, quote.rate, _percent(cell["margin_e8"]), _percent(cell["total_e8"])
        )
    yield from rows.values()


def _labels(cell: Mapping[Any, Any]) -> dict[str, str]:
    names = ("provider_type", "payment_instrument", "access_point", "speed", "coverage", "pickup_method")
    return survey_labels(**{name: str(cell[name]) for name in names})


def _percent(e8: float) -> Decimal | None:
    return None if isnan(e8) else Decimal(int(e8)).scaleb(-8)


def _decimal(value: float) -> Decimal | None:
    return None if value is None or isnan(value) else Decimal(repr(float(value)))
