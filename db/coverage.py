"""What is held: which providers, corridors and survey rows the quotes in force speak of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from db import decisions
from db.distinct import distinct_values
from db.frames import run_in_force
from db.tables import QuoteRow, RunRow, table
from remitwatch.quotes import Tier

if TYPE_CHECKING:
    import pandas as pd

_RUN, _QUOTE = table(RunRow), table(QuoteRow)


def survey_rows(connection: Connection, source: str, period: str | None) -> dict[str, int]:
    """By survey period: how many rows of this source are in force."""
    wanted = (
        select(_QUOTE.c.survey_period, _QUOTE.c.run_id, func.count(_QUOTE.c.survey_row.distinct()))
        .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
        .where(_QUOTE.c.source == source, _QUOTE.c.survey_period.is_not(None), run_in_force(None))
        .group_by(_QUOTE.c.survey_period, _QUOTE.c.run_id)
        .order_by(_QUOTE.c.survey_period, _QUOTE.c.run_id)  # the newest run comes last and so is the one kept
    )
    if period is not None:
        wanted = wanted.where(_QUOTE.c.survey_period == period)
    return {found_period: rows for found_period, _run, rows in connection.execute(wanted)}


def newest_in_force(connection: Connection) -> dt.datetime | None:
    """When a run came in force or was taken out, or a quote was decided on, last; None when none ever was."""
    wanted = select(func.max(_RUN.c.in_force_since), func.max(_RUN.c.in_force_until)).where(~_RUN.c.trial)
    moments = [*connection.execute(wanted).one(), decisions.newest(connection)]
    return max((moment for moment in moments if moment is not None), default=None)


def days_of_quotes(connection: Connection, ids: Sequence[int]) -> set[dt.date] | None:
    """The days of these collected quotes; None when a survey row is among them."""
    found: set[dt.date] = set()
    for start in range(0, len(ids), 500):
        wanted = select(_QUOTE.c.day, _QUOTE.c.survey_period.is_not(None)).distinct()
        for day, survey in connection.execute(wanted.where(_QUOTE.c.id.in_(ids[start : start + 500]))):
            if survey:
                return None
            found.add(day)
    return found


def days_of_run(connection: Connection, run_id: int) -> set[dt.date] | None:
    """The days of a run's collected quotes; None when it has survey rows."""
    of_run = _QUOTE.c.run_id == run_id
    survey = select(_QUOTE.c.id).where(of_run, _QUOTE.c.survey_period.is_not(None)).limit(1)
    if connection.execute(survey).first() is not None:
        return None
    return set(connection.execute(select(_QUOTE.c.day).distinct().where(of_run)).scalars())


def span_of_run(connection: Connection, run_id: int) -> tuple[tuple[str, ...], tuple[dt.date, dt.date] | None]:
    """The survey quarters of a run's prices, and the first and last day of its collected ones."""
    of_run = _QUOTE.c.run_id == run_id
    quarters = select(_QUOTE.c.survey_period).distinct().where(of_run, _QUOTE.c.survey_period.is_not(None))
    days = select(func.min(_QUOTE.c.day), func.max(_QUOTE.c.day)).where(of_run, _QUOTE.c.survey_period.is_(None))
    first, last = connection.execute(days).one()
    found = connection.execute(quarters.order_by(_QUOTE.c.survey_period)).scalars()
    return tuple(str(one) for one in found), None if first is None else (first, last)


def survey_vintages(connection: Connection) -> list[dict[str, Any]]:
    """Of every survey quarter in force the run and the file that it came from, the oldest quarter first."""
    each = distinct_values(_QUOTE.c.source, _QUOTE.c.survey_period, _QUOTE.c.run_id)
    newest = (
        select(each.c.source, each.c.survey_period, func.max(each.c.run_id).label("run_id"))
        .join(_RUN, _RUN.c.id == each.c.run_id)
        .where(run_in_force(None))
        .group_by(each.c.source, each.c.survey_period)
        .subquery()
    )
    wanted = (
        select(
            newest.c.survey_period.label("period"),
            newest.c.source,
            newest.c.run_id.label("run"),
            _RUN.c.file_name,
            _RUN.c.file_sha256,
        )
        .join(_RUN, _RUN.c.id == newest.c.run_id)
        .order_by(newest.c.survey_period, newest.c.source)
    )
    return [dict(row) for row in connection.execute(wanted).mappings()]


def survey_amounts(connection: Connection) -> dict[tuple[str, str, Tier], Decimal]:
    """By sender, currency and tier: the most frequent amount of the newest survey period in force for it (of equally
    frequent ones the smallest)."""
    wanted = (
        select(
            _QUOTE.c.sender,
            _QUOTE.c.send_currency,
            _QUOTE.c.tier,
            _QUOTE.c.send_amount,
            _QUOTE.c.survey_period,
            func.count(),
        )
        .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
        .where(_QUOTE.c.survey_period.is_not(None), _QUOTE.c.tier.is_not(None), run_in_force(None))
        .group_by(
            _QUOTE.c.sender,
            _QUOTE.c.send_currency,
            _QUOTE.c.tier,
            _QUOTE.c.send_amount,
            _QUOTE.c.survey_period,
        )
    )
    seen: dict[tuple[str, str, Tier], dict[tuple[str, Decimal], int]] = {}
    for sender, currency, tier, amount, period, count in connection.execute(wanted):
        amounts = seen.setdefault((sender, currency, tier), {})
        amounts[period, amount] = amounts.get((period, amount), 0) + count  # 120 and 120.00 are one amount
    return {key: max(amounts, key=lambda at: (at[0], amounts[at], -at[1]))[1] for key, amounts in seen.items()}


def providers(connection: Connection) -> pd.DataFrame:
    """Every provider with a quote in an accepted run: columns provider, name (the newest), types, quotes, corridors,
    sources, first_day, last_day. Ordered by provider. Private rows are left out: who hands them in is not told."""
    wanted = (
        select(
            _QUOTE.c.provider,
            _QUOTE.c.provider_name,
            _QUOTE.c.provider_type,
            _QUOTE.c.sender,
            _QUOTE.c.receiver,
            _QUOTE.c.source,
            func.count().label("quotes"),
            func.min(_QUOTE.c.day).label("first_day"),
            func.max(_QUOTE.c.day).label("last_day"),
        )
        .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
        .where(run_in_force(None), ~_QUOTE.c.private)
        .group_by(*(_QUOTE.c[name] for name in _BY_PROVIDER))
        .order_by(_QUOTE.c.provider, func.max(_QUOTE.c.day), _QUOTE.c.provider_name)
    )
    providers: dict[str, dict[str, Any]] = {}
    for row in connection.execute(wanted).mappings():
        one = providers.setdefault(
            row["provider"],
            {"provider": row["provider"], "types": set(), "quotes": 0, "corridors": set(), "sources": set(),
             "first_day": row["first_day"], "last_day": row["last_day"]},
        )  # fmt: skip
        one["name"] = row["provider_name"]
        one["types"] |= set(row["provider_type"].split("+"))
        one["quotes"] += row["quotes"]
        one["corridors"].add(f"{row['sender']}-{row['receiver']}")
        one["sources"].add(row["source"])
        one["first_day"] = min(one["first_day"], row["first_day"])
        one["last_day"] = max(one["last_day"], row["last_day"])
    rows = [
        one
        | {"corridors": len(one["corridors"])}
        | {name: "+".join(sorted(one[name])) for name in ("types", "sources")}
        for one in providers.values()
    ]
    import pandas as pd

    return pd.DataFrame(rows, columns=["provider", "name", "types", "quotes", "corridors", "sources",
                                       "first_day", "last_day"])  # fmt: skip


def corridors(connection: Connection) -> pd.DataFrame:
    """Every corridor with a quote in an accepted run: columns corridor, basis, quotes, providers, first_day,
    last_day. Ordered by corridor and basis."""
    wanted = (
        select(
            (_QUOTE.c.sender + "-" + _QUOTE.c.receiver).label("corridor"),
            _QUOTE.c.basis,
            func.count().label("quotes"),
            func.count(_QUOTE.c.provider.distinct()).label("providers"),
            func.min(_QUOTE.c.day).label("first_day"),
            func.max(_QUOTE.c.day).label("last_day"),
        )
        .join(_RUN, _RUN.c.id == _QUOTE.c.run_id)
        .where(run_in_force(None))
        .group_by(_QUOTE.c.sender, _QUOTE.c.receiver, _QUOTE.c.basis)
        .order_by(_QUOTE.c.sender, _QUOTE.c.receiver, _QUOTE.c.basis)
    )
    names = ["corridor", "basis", "quotes", "providers", "first_day", "last_day"]
    import pandas as pd

    return pd.DataFrame([tuple(row) for row in connection.execute(wanted)], columns=names)


_BY_PROVIDER = ("provider", "provider_name", "provider_type", "sender", "receiver", "source")
