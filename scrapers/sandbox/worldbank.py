"""The sandbox's World Bank: data catalog and survey workbook, the matrix of flows of Data360, published figures.

Each of `survey`, `flows` and `figures` answers a path and query on a day; SCENARIOS are the ways in which they go
wrong, with the end that a collection must have. Every figure is made up.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from remitwatch.countries import find_country
from scrapers.sandbox.market import ROUTES
from scrapers.sandbox.marks import MARK
from scrapers.sandbox.survey import COLUMNS, SHEET, survey_files, survey_rows
from scrapers.sandbox.wire import HTML, Answer, json_answer
from scrapers.sandbox.world import World

Answers = Callable[[World, str, Mapping[str, str], date], Answer]

CATALOG = "/datasets/0037898"
FILES = "/ddh-published/0037898/"
DOWNLOADS = "/resources/"
FLOWS = "/data360/data"
FIGURES = "/v2/country/all/indicator/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NUMBER, _LATER_NUMBER = "DR0095523", "DR0101777"
_MOST_ROWS = 10_000
_YEARS = 4
_INTO, _OUT_OF = "SI.RMT.COST.IB.ZS", "SI.RMT.COST.OB.ZS"
_GROUPS = (("1W", "WLD", "World"), ("ZG", "SSF", "Sub-Saharan Africa"))


def survey(world: World, path: str, query: Mapping[str, str], day: date) -> Answer:
    """The data catalog, which names the newest workbook, and that workbook under both its addresses."""
    issued, name, body = survey_files(world, day)[-1]
    if path == CATALOG:
        return json_answer(_catalog(f"{issued}T09:00:00+00:00", name, _NUMBER))
    if path.startswith((FILES, DOWNLOADS)):
        return Answer(200, XLSX, body)
    return _nothing()


def _catalog(released: str, name: str, number: str) -> dict[str, Any]:
    files = "https://datacatalogfiles.worldbank.org" + FILES
    return {
        "dataset_id": "0037898",
        "name": f"Remittance Prices Worldwide ({MARK})",
        "modified_on": released,
        "resources": [
            {"resource_unique_id": "DR0095524", "name": "Sending Countries", "url": None, "format": "DATABANK"},
            {"resource_unique_id": number, "name": "Complete Dataset", "url": f"{files}{number}/{name}"},
            {"resource_unique_id": "DR0095413", "name": "Report", "url": f"{files}DR0095413/RPW_main_report.pdf"},
        ],
    }


def flows(world: World, path: str, query: Mapping[str, str], day: date, most: int = _MOST_ROWS) -> Answer:
    """The matrix, `skip` rows left out, never more rows than `most` or `top` (1,000 where it is not said)."""
    if path != FLOWS:
        return _nothing()
    rows = _flow_rows(world)
    skip, top = int(query.get("skip", "0")), int(query.get("top", "1000"))
    return json_answer({"count": len(rows), "value": rows[skip : skip + min(top, most)]})


def _flow_rows(world: World) -> list[dict[str, Any]]:
    """A row a route, a total row a sending country."""
    rows = []
    for sender in sorted({route.corridor.sender for route in ROUTES}):
        values = {
            route.corridor.receiver: Decimal(world.draws.between(5_000, 5_000_000, "flow", route.key)).scaleb(-2)
            for route in ROUTES
            if route.corridor.sender == sender
        }
        for receiver, value in [*values.items(), ("WLD", sum(values.values(), Decimal(0)))]:
            rows.append(
                {
                    "OBS_VALUE": f"{value}",
                    "TIME_PERIOD": "2021",
                    "REF_AREA": sender,
                    "COMP_BREAKDOWN_1": f"WB_KNOMAD_{receiver}",
                    "INDICATOR": "WB_KNOMAD_BRE",
                    "DATABASE_ID": "WB_KNOMAD",
                    "FREQ": "A",
                    "UNIT_MEASURE": "USD_CUR",
                    "UNIT_MULT": "0",
                    "COMMENT_TS": MARK,
                }
            )
    return rows


def figures(world: World, path: str, query: Mapping[str, str], day: date, most: int = 20_000) -> Answer:
    """The published averages of a series by country and year, groups of countries among them, the newest year empty;
    pages of `per_page` rows, at most `most`."""
    series = path.removeprefix(FIGURES)
    if not path.startswith(FIGURES) or series not in (_INTO, _OUT_OF):
        return json_answer(_error("120", "Invalid value", "The provided parameter value is not valid"))
    rows = _figure_rows(world, series, day.year)
    per_page, page = min(int(query.get("per_page", "50")), most), int(query.get("page", "1"))
    meta = {
        "page": page,
        "pages": -(-len(rows) // per_page),
        "per_page": per_page,
        "total": len(rows),
        "sourceid": "2",
        "sourcename": MARK,
        "lastupdated": f"{day.year}-07-13",
    }
    return json_answer([meta, rows[(page - 1) * per_page : page * per_page]])


def _figure_rows(world: World, series: str, this_year: int) -> list[dict[str, Any]]:
    ends = {route.corridor.receiver if series == _INTO else route.corridor.sender for route in ROUTES}
    places = [*_GROUPS, *((found.iso2, found.code, found.name) for found in map(find_country, sorted(ends)))]
    return [
        {
            "indicator": {"id": series, "value": "Average transaction cost (%)"},
            "country": {"id": iso2, "value": name},
            "countryiso3code": iso3,
            "date": str(year),
            "value": None
            if year == this_year
            else Decimal(world.draws.between(25_000, 120_000, series, iso3, year)).scaleb(-4),
        }
        for iso2, iso3, name in places
        for year in range(this_year, this_year - _YEARS, -1)
    ]


def _error(number: str, key: str, value: str) -> list[dict[str, Any]]:
    return [{"message": [{"id": number, "key": key, "value": value}]}]


def _nothing() -> Answer:
    return Answer(404, HTML, f"<!DOCTYPE html><html><!-- {MARK} --><body>Not found</body></html>".encode())


# -- what goes wrong --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WorldBankScenario:
    """One source that goes wrong, and how a collection of it must end (`times`: the last of so many in a row). `line`
    is the place in the list of what was seen in the wild: 3 finding the workbook, 4 the API, 5 Data360."""

    name: str
    line: int
    source: str
    shows: str
    answer: Answers
    status: str
    reason: str = ""
    exit_code: int = 0
    times: int = 1


def _catalog_of(change: Callable[[World, date], Answer]) -> Answers:
    return lambda world, path, query, day: change(world, day) if path == CATALOG else survey(world, path, query, day)


def _workbook_of(change: Callable[[World, date], bytes]) -> Answers:
    def answer(world: World, path: str, query: Mapping[str, str], day: date) -> Answer:
        right = survey(world, path, query, day)
        return replace(right, body=change(world, day)) if right.content_type == XLSX else right

    return answer


def _new_number(world: World, day: date) -> Answer:
    issued, name, _ = survey_files(world, day)[-1]
    return json_answer(_catalog(f"{issued}T09:00:00+00:00", name, _LATER_NUMBER))


def _no_address(world: World, day: date) -> Answer:
    issued, name, _ = survey_files(world, day)[-1]
    catalog = _catalog(f"{issued}T09:00:00+00:00", name, _NUMBER)
    for resource in catalog["resources"]:
        resource["url"] = None
    return json_answer(catalog)


def _cut(world: World, day: date) -> bytes:
    return survey_files(world, day)[-1][2][:-2000]


def _drifted(world: World, day: date) -> bytes:
    """The workbook with one of its columns under another name."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(survey_files(world, day)[-1][2])) as old,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            part = old.read(member)
            new.writestr(member, part.replace(b"<t>cc1 lcu amount</t>", b"<t>amount 1 (local)</t>"))
    return content.getvalue()


@lru_cache(maxsize=2)
def _as_text(world: World, day: date) -> bytes:
    """A workbook of one quarter, every number a text, as two quarters of the real one were published."""
    import xlsxwriter  # only who plays this waits for it

    quarter = survey_files(world, day)[-1][1].removeprefix("rpw_dataset_sandbox_").removesuffix(".xlsx")
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_properties({"subject": MARK, "created": datetime(day.year, 1, 1, tzinfo=UTC)})
    sheet = book.add_worksheet(SHEET)
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name)
    for place, row in enumerate(survey_rows(world, quarter.replace("_q", "-Q"), 1), start=1):
        for column, cell in enumerate(row.values()):
            sheet.write_string(place, column, cell.strftime("%d/%b/%Y") if isinstance(cell, date) else str(cell))
    book.close()
    return content.getvalue()


def _cut_list(world: World, path: str, query: Mapping[str, str], day: date) -> Answer:
    """No row is given beyond the eighth, whatever is asked: what a cap on rows does to those who page by it."""
    if int(query.get("skip", "0")) < 8:
        return flows(world, path, query, day, most=8)
    return json_answer({"count": len(_flow_rows(world)), "value": []})


def _refused(world: World, path: str, query: Mapping[str, str], day: date) -> Answer:
    return json_answer(_error("120", "Invalid value", "The provided parameter value is not valid"))


SCENARIOS: Mapping[str, WorldBankScenario] = {
    one.name: one
    for one in (
        WorldBankScenario(
            "survey_normal", 3, "worldbank_survey",
            "The catalog with a resource without an address, then the workbook", survey, "ok",
        ),
        WorldBankScenario(
            "survey_unchanged", 3, "worldbank_survey",
            "The same release a second time: it is not downloaded again, and that is an answer",
            survey, "ok", "nothing_new", times=2,
        ),
        WorldBankScenario(
            "survey_new_id", 3, "worldbank_survey", "The workbook under another resource id",
            _catalog_of(_new_number), "ok",
        ),
        WorldBankScenario(
            "survey_no_address", 3, "worldbank_survey", "No resource has an address any more",
            _catalog_of(_no_address), "failed", "changed", 1,
        ),
        WorldBankScenario(
            "survey_cut", 3, "worldbank_survey", "The download ends early",
            _workbook_of(_cut), "failed", "truncated", 1,
        ),
        WorldBankScenario(
            "survey_header_drift", 3, "worldbank_survey", "A column has another name",
            _workbook_of(_drifted), "failed", "changed", 1,
        ),
        WorldBankScenario(
            "survey_text_numbers", 3, "worldbank_survey", "Every number is a text: read, and counted as repaired",
            _workbook_of(_as_text), "ok",
        ),
        WorldBankScenario(
            "figures_pages", 4, "worldbank", "Pages of ten rows, years without a value, groups of countries",
            lambda world, path, query, day: figures(world, path, query, day, most=10), "ok",
        ),
        WorldBankScenario(
            "figures_error_200", 4, "worldbank", "An error with status 200", _refused, "failed", "refused", 1,
        ),
        WorldBankScenario(
            "flows_pages", 5, "knomad", "Fewer rows an answer than asked for; a total row a sending country",
            lambda world, path, query, day: flows(world, path, query, day, most=8), "ok",
        ),
        WorldBankScenario(
            "flows_cap", 5, "knomad", "The list ends before its count: it is held, and no matrix is in force",
            _cut_list, "held", "few_answers", 3,
        ),
    )
}  # fmt: skip
