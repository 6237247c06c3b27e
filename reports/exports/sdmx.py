"""SDG 10.c.1 as observations of the SDG dataflow (METHODOLOGY section 6): what SDMX-CSV and SDMX-ML write.

The annual value of a country or corridor is its third-quarter value. The dataflow has no dimension for the basis, so a
file holds the figures of one basis: the first that has any (survey before collected prices). Figures without a value
are left out: a missing row is said by its absence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from remitwatch.countries import KOSOVO_AREA, area_number, countries
from remitwatch.figures import rounded
from reports import numbers, wording
from reports.exports.inputs import ExportInput
from reports.held import part_of
from reports.inputs import cells
from reports.site import BasisView

DIMENSIONS = (
    "FREQ", "REPORTING_TYPE", "SERIES", "REF_AREA", "SEX", "AGE", "URBANISATION", "INCOME_WEALTH_QUANTILE",
    "EDUCATION_LEV", "OCCUPATION", "CUST_BREAKDOWN", "COMPOSITE_BREAKDOWN", "DISABILITY_STATUS", "ACTIVITY", "PRODUCT",
    "TIME_PERIOD",
)  # fmt: skip
ATTRIBUTES = (
    "OBS_STATUS", "UNIT_MULT", "UNIT_MEASURE", "BASE_PER", "NATURE", "TIME_DETAIL", "COMMENT_OBS", "TIME_COVERAGE",
    "UPPER_BOUND", "LOWER_BOUND", "SOURCE_DETAIL", "COMMENT_TS", "GEO_INFO_URL", "GEO_INFO_TYPE", "CUST_BREAKDOWN_LB",
    "DATA_LAST_UPDATE",
)  # fmt: skip
COLUMNS = ("DATAFLOW", *DIMENSIONS, "OBS_VALUE", *ATTRIBUTES)
"""The columns of the dataflow, in its order."""
_UNTOLD = {name: "_T" if name in DIMENSIONS else "" for name in COLUMNS}
"""What stands in a column that says nothing."""

WORLD_AREA = "1"
PLACES = 4
FEW_SERVICES = 3
"""Fewer services behind a figure make it one of low reliability."""
_SERIES = {
    # indicator and scope -> series, and what its figures are
    ("average_total_cost", "world"): ("SI_RMT_COST", "all services but those from Russia"),
    ("average_total_cost", "receiver"): ("SI_RMT_COST", "all services to the country"),
    ("average_total_cost", "sender"): ("SI_RMT_COST_SND", "all services from the country"),
    ("average_total_cost", "corridor"): ("SI_RMT_COST_BC", "all services of the corridor"),
    ("smart", "corridor"): ("SI_RMT_COST_SC", "the corridor's three cheapest qualifying services"),
}
_NATURE = {"N": "C", "G": "G"}  # country data; global monitoring data


@dataclass(frozen=True)
class Reported:
    """Observations, each by COLUMNS as text, ordered by series, area, breakdown and year; the basis they are of, and
    the countries that have figures but no number, whose observations are left out."""

    rows: list[tuple[str, ...]]
    basis: str | None
    without_number: tuple[str, ...] = ()


def reported(export: ExportInput) -> Reported:
    """The annual figures as observations. Figures of the world are the custodian's to report: they are left out of
    national ones."""
    annual = export.data.annual
    held = annual[annual["value"].notna()]
    view = next((view for view in export.site.views if (held["basis"] == view.basis).any()), None)
    if view is None:
        return Reported([], None)
    rows: list[tuple[str, ...]] = []
    missing: set[str] = set()
    chosen = held[held["basis"] == view.basis]
    names = chosen.columns.tolist()
    for record in zip(*(cells(chosen[name]) for name in names), strict=True):
        named = zip(names, record, strict=True)
        figure: dict[str, Any] = {name: None if cell != cell else cell for name, cell in named}  # NaN
        series = _SERIES.get((figure["indicator"], figure["scope"]))
        if series is None or (figure["scope"] == "world" and export.data.sdmx.reporting_type == "N"):
            continue
        unknown = [code for code in (figure["sender"], figure["receiver"]) if code and area_number(code) is None]
        missing.update(unknown)
        if not unknown:
            rows.append(_row(export, view, figure, *series))
    order = [COLUMNS.index(name) for name in ("SERIES", "REF_AREA", "CUST_BREAKDOWN", "TIME_PERIOD")]
    rows.sort(key=lambda row: [_in_order(row[at]) for at in order])
    return Reported(rows, view.basis, tuple(sorted(missing)))


def left_out(export: ExportInput) -> list[str]:
    """What was asked for and is in no row, in sentences."""
    found, told = reported(export), []
    others = sorted({view.basis for view in export.site.views} - {found.basis})
    if found.basis is not None and others:
        told.append(f"figures of the basis {found.basis}; the dataflow holds one: for {', '.join(others)} use --basis")
    if found.without_number:
        told.append(f"left out, there is no M49 number: {', '.join(found.without_number)}")
    return told


@lru_cache(maxsize=1 << 14)
def _in_order(code: str) -> tuple[str, int]:
    """Numbers in the order of their size."""
    letters = code.rstrip("0123456789")
    return letters, int(code[len(letters) :] or 0)


def _row(export: ExportInput, view: BasisView, figure: Mapping[str, Any], series: str, meaning: str) -> tuple[str, ...]:
    flow = export.data.sdmx
    corridor = figure["scope"] == "corridor"
    year = figure["period"][:4]
    status, reason = _status(view, figure)
    value: Decimal = figure["value"]
    written = {
        "DATAFLOW": f"{flow.dataflow}({flow.version})",
        "FREQ": "A",
        "REPORTING_TYPE": flow.reporting_type,
        "SERIES": series,
        "REF_AREA": _area(figure["sender"] or figure["receiver"]),
        "CUST_BREAKDOWN": f"C{_area(figure['receiver'])}" if corridor else "_T",
        "TIME_PERIOD": year,
        "OBS_VALUE": f"{rounded(value, PLACES):f}",
        "OBS_STATUS": status,
        "UNIT_MULT": "0",
        "UNIT_MEASURE": "PT",
        "NATURE": _NATURE[flow.reporting_type],
        "TIME_DETAIL": f"{year}-Q3",
        "COMMENT_OBS": _comment(figure, reason),
        "SOURCE_DETAIL": _sources(export, figure["sources"]),
        "COMMENT_TS": _series_comment(export, view, meaning),
        "CUST_BREAKDOWN_LB": f"To {countries()[figure['receiver']].name}" if corridor else "",
        "DATA_LAST_UPDATE": figure["as_of"].isoformat()[:19],
    }
    return tuple((_UNTOLD | written).values())


def _area(code: str | None) -> str:
    number = WORLD_AREA if code is None else area_number(code)
    assert number is not None
    return number


def _status(view: BasisView, figure: Mapping[str, Any]) -> tuple[str, str]:
    """The code of CL_OBS_STATUS, and why in words: U low reliability, P provisional, A normal."""
    reasons = []
    thin = figure["services"] < FEW_SERVICES or "fewer_than_three" in figure["flags"]
    if thin:
        reasons.append(f"low reliability: fewer than {FEW_SERVICES} services are behind it")
    quarter = f"{figure['period'][:4]}-Q3"
    if view.as_of <= numbers.period_days(quarter)[1]:
        reasons.append("provisional: the third quarter is not over")
    elif view.basis != "survey":
        reasons.append("provisional: prices collected day by day, not surveyed")
    part = part_of(view.data.days, quarter, view.as_of)
    if part is not None:
        reasons.append(f"prices are held on {part.held} of {part.days} days")
    status = "U" if thin else "P" if any(reason.startswith("provisional") for reason in reasons) else "A"
    return status, "; ".join(reasons)


def _comment(figure: Mapping[str, Any], reason: str) -> str:
    """What stands behind a figure, and the id with which `remitwatch trace` leads to it."""
    counts = [
        f"{figure[name]} {name if figure[name] != 1 else name[:-1]}"
        for name in ("services", "providers", *(["corridors"] if figure["scope"] != "corridor" else []))
    ]
    flags = [flag for flag in figure["flags"] if flag not in ("third_quarter", "fewer_than_three")]
    parts = [
        f"Third quarter of {figure['period'][:4]}: {', '.join(counts)}",
        reason,
        f"flags: {', '.join(flags)}" if flags else "",
        f"{KOSOVO_AREA} is the SDG database's number for Kosovo, M49 has none"
        if "XKX" in (figure["sender"], figure["receiver"])
        else "",
        f"figure {figure['id']}",
    ]
    return "; ".join(filter(None, parts))


def _series_comment(export: ExportInput, view: BasisView, meaning: str) -> str:
    parts = [
        wording.SANDBOX_WORDS if export.sandbox else "",
        f"USD 200, third quarter: mean total cost (fee and margin) of {meaning}, {PLACES} decimals, half up",
        f"basis {view.basis}",
        f"method {export.data.method}",
    ]
    return "; ".join(filter(None, parts))


def _sources(export: ExportInput, keys: str) -> str:
    """Whom the prices are owed to."""
    named = []
    for key in filter(None, keys.split("+")):
        line = export.site.source(key)
        named.append(wording.clean_text(line.attribution if line else key))
    words = "; ".join(sorted(set(named)))
    return f"{wording.SANDBOX_WORDS}: {words}" if export.sandbox else words
