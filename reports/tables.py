"""The csv tables of an edition: tidy, every decimal kept, safe to open in a spreadsheet.

Every table has the column `data` (`real`, or `sandbox data, not real prices`): a pretended figure cannot lose its mark.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from reports import movers, numbers, wording
from reports.findings import AVERAGE, FEE, MARGIN, SMART
from reports.inputs import INDICATOR_COLUMNS, RUN_COLUMNS
from reports.lookup import Offer
from reports.site import BasisView, Site, corridor_place

_SERVICE_HEAD = (
    "basis", "period", "corridor", "tier", "quote_id", "survey_row", "source", "provider", "provider_name",
    "provider_type", "payment_instrument", "access_point", "pickup_method", "speed", "day", "send_currency",
    "send_amount", "fee_pct", "fx_margin_pct", "total_cost_pct", "fee", "rate", "receive_currency",
    "receive_amount", "reference_rate",
    "reference_source", "reference_date", "smart_rank", "flags", "snapshot",
)  # fmt: skip


def csv_tables(site: Site) -> dict[str, str]:
    """Every table by its path in the edition."""
    # A row is often copied out of its table: each says in words what it is.
    data = wording.SANDBOX_WORDS.lower() if site.data.world == "sandbox" else site.data.world
    made = {
        "indicators": (INDICATOR_COLUMNS, _frames(site, "indicators")),
        "history": (INDICATOR_COLUMNS, _frames(site, "history")),
        "corridors": _corridors(site),
        "movers": _movers(site),
        "services": (_SERVICE_HEAD, _services(site, promotions=False)),
        "promotions": (_SERVICE_HEAD, _services(site, promotions=True)),
        "official_series": (
            ("sender", "receiver", "period", "value", "series"),
            (list(row) for row in site.data.benchmarks.itertuples(index=False)),
        ),
        "targets": _targets(site),
        "sources": _sources(site),
        "runs": (RUN_COLUMNS, (list(row) for row in site.data.runs[list(RUN_COLUMNS)].itertuples(index=False))),
    }
    return {f"csv/{name}.csv": _text(head, rows, data) for name, (head, rows) in made.items()}


def _text(head: Iterable[str], rows: Iterable[Iterable[Any]], data: str) -> str:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*head, "data"])
    for row in rows:
        writer.writerow([*(_cell(value) for value in row), data])
    return buffer.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple | list):
        return wording.csv_cell("+".join(str(part) for part in value))
    if isinstance(value, dt.datetime):
        return "" if pd.isna(value) else value.isoformat().replace("+00:00", "Z")
    return wording.csv_cell(value)


def _frames(site: Site, name: str) -> Iterable[list[Any]]:
    for view in site.views:
        frame: pd.DataFrame = getattr(view.data, name)
        for row in frame[list(INDICATOR_COLUMNS)].itertuples(index=False):
            yield list(row)


def _corridors(site: Site) -> tuple[tuple[str, ...], Iterable[list[Any]]]:
    head = ("basis", "period", "corridor", "sender", "receiver", "average_total_cost", "average_fee",
            "average_fx_margin", "average_total_cost_500", "smart", "smart_flags", "services", "providers")  # fmt: skip

    def rows() -> Iterable[list[Any]]:
        for view in site.views:
            figures = view.figures
            for key in view.corridors:
                place = corridor_place(key)
                average, smart = figures.get(AVERAGE, place), figures.get(SMART, place)
                yield [
                    view.basis, view.data.period, key, place[1], place[2],
                    *(figures.value(code, place) for code in (AVERAGE, FEE, MARGIN)),
                    figures.value(AVERAGE, place, 500), smart.value if smart else None, smart.flags if smart else (),
                    average.services if average else 0, average.providers if average else 0,
                ]  # fmt: skip

    return head, rows()


def _movers(site: Site) -> tuple[tuple[str, ...], Iterable[list[Any]]]:
    head = ("basis", "corridor", "from_period", "to_period", "from_average", "to_average", "change", "change_of_fee",
            "change_of_margin", "entry", "exit", "mix", "services_before", "services_now", "continuing", "entered",
            "left", "reason", "flags")  # fmt: skip

    def rows() -> Iterable[list[Any]]:
        for view in site.views:
            cheaper, dearer = movers.movers(view.data)
            for one in cheaper + dearer:
                yield [
                    view.basis, f"{one.place[1]}-{one.place[2]}", one.since, view.data.period, one.before, one.now,
                    one.change, one.fee, one.margin, one.entry, one.exit, one.mix, one.services_before,
                    one.services_now, one.continuing, one.entered, one.left, one.reason, one.flags,
                ]  # fmt: skip

    return head, rows()


def _services(site: Site, *, promotions: bool) -> Iterable[list[Any]]:
    for view in site.views:
        listed = view.promotions if promotions else view.offers
        for key in sorted(listed):
            for offer in listed[key]:
                yield _service(view, offer)


def _service(view: BasisView, offer: Offer) -> list[Any]:
    costs = [offer.fee_pct, offer.margin_pct, offer.total_pct]
    if offer.derived:  # with every digit, the fee and the rate themselves could be worked out from them
        costs = [None if cost is None else numbers.rounded(cost, 2) for cost in costs]
    return [
        view.basis, view.data.period, offer.corridor, offer.tier, offer.quote_id, offer.survey_row, offer.source,
        offer.provider, offer.name, offer.type, "+".join(offer.payment_codes), offer.access, offer.pickup, offer.speed,
        offer.day, offer.send_currency, offer.send_amount, *costs, offer.fee, offer.rate,
        offer.receive_currency, None if offer.received is None else numbers.rounded(offer.received, 4),
        offer.reference_rate,
        offer.reference_source, offer.reference_date, offer.smart_rank, offer.flags, offer.snapshot,
    ]  # fmt: skip


def _targets(site: Site) -> tuple[tuple[str, ...], Iterable[list[Any]]]:
    head = ("code", "owner", "name", "basis", "scope", "indicator", "operator", "target", "deadline", "value", "status",
            "required_pace", "actual_pace", "projected_year", "window", "why", "national", "subject")  # fmt: skip
    return head, ([_plain(target, name) for name in head] for target in site.data.targets)


def _plain(target: Mapping[str, Any], name: str) -> Any:
    return target.get(name)


def _sources(site: Site) -> tuple[tuple[str, ...], Iterable[list[Any]]]:
    head = ("key", "name", "kind", "attribution", "licence", "terms_url", "redistribution", "verified", "last_ok",
            "age_days", "state", "note")  # fmt: skip
    return head, ([getattr(line, name) for name in head] for line in site.data.sources)
