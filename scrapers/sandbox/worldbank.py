"""The sandbox's World Bank: data catalog and survey workbook, the matrix of flows of Data360, published figures.

Every figure is made up.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from remitwatch.countries import find_country
from scrapers.sandbox.market import ROUTES
from scrapers.sandbox.marks import MARK
from scrapers.sandbox.survey import survey_files, survey_rows
from scrapers.sandbox.wire import HTML, Answer, Question, json_answer
from scrapers.sandbox.world import World

CATALOG = "/datasets/0037898"
FILES = "/ddh-published/0037898/"
DOWNLOADS = "/resources/"
FLOWS = "/data360/data"
FIGURES = "/v2/country/all/indicator/"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
INVALID = json_answer(
    [{"message": [{"id": "120", "key": "Invalid value", "value": "The provided parameter value is not valid"}]}]
)
"""An error of the API: with status 200."""
_MOST_ROWS = 10_000
_TEN_THOUSANDTH = Decimal("0.0001")
_YEARS = 4
_INTO, _OUT_OF = "SI.RMT.COST.IB.ZS", "SI.RMT.COST.OB.ZS"
_GROUPS = (("1W", "WLD", "World"), ("ZG", "SSF", "Sub-Saharan Africa"))
_REVISED = ("IND", 2024, Decimal("0.31"))
"""One figure into a country that was revised since the survey came out: by so many points."""
_MILLIONS: dict[str, int] = {
    "ARE-IND": 14_200, "ARE-PAK": 5_800, "CAN-PHL": 900, "DEU-IND": 1_300, "DEU-TUR": 2_400, "ESP-COL": 1_700,
    "ESP-MAR": 1_900, "FRA-MAR": 2_600, "GBR-IND": 4_100, "GBR-NGA": 3_700, "GBR-PAK": 1_600, "KEN-TZA": 240,
    "KEN-UGA": 310, "SAU-IND": 9_700, "USA-COL": 3_300, "USA-MEX": 41_000, "USA-PHL": 11_500, "ZAF-NGA": 380,
}  # fmt: skip
"""About so many million US dollars a year are sent; a third of the corridors are outside the sandbox's market."""


def survey(world: World, question: Question, day: date) -> Answer:
    """The data catalog, which names the newest workbook, and that workbook under both its addresses."""
    issued, name, body = survey_files(world, day)[-1]
    if question.path == CATALOG:
        return json_answer(catalog(f"{issued}T09:00:00+00:00", name))
    if question.path.startswith((FILES, DOWNLOADS)):
        return Answer(200, XLSX, body)
    return _nothing()


def catalog(released: str, name: str, number: str = "DR0095523") -> dict[str, Any]:
    """The catalog's answer: `name` is the resource `number`; the others have no address, or are no workbook."""
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


def flows(world: World, question: Question, day: date, most: int = _MOST_ROWS) -> Answer:
    """The matrix, `skip` rows left out, never more rows than `most` or `top` (1,000 where it is not said)."""
    query = question.query
    if question.path != FLOWS:
        return _nothing()
    rows = flow_rows(world)
    skip, top = int(query.get("skip", "0")), int(query.get("top", "1000"))
    return json_answer({"count": len(rows), "value": rows[skip : skip + min(top, most)]})


def flow_rows(world: World) -> list[dict[str, Any]]:
    """A row a corridor, a total row a sending country."""
    rows = []
    pairs = [key.split("-") for key in _MILLIONS]
    for sender in sorted({sender for sender, _ in pairs}):
        values = {
            receiver: _MILLIONS[f"{sender}-{receiver}"]
            * Decimal(world.draws.between(9_000, 11_000, "flow", f"{sender}-{receiver}")).scaleb(-4)
            for from_, receiver in pairs
            if from_ == sender
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


def figures(world: World, question: Question, day: date, most: int = 20_000) -> Answer:
    """The published averages of a series by country and year, groups of countries among them, the newest year empty;
    pages of `per_page` rows, at most `most`."""
    series, query = question.path.removeprefix(FIGURES), question.query
    if not question.path.startswith(FIGURES) or series not in (_INTO, _OUT_OF):
        return INVALID
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
            "value": None if year == this_year else _average(world, series, iso3, year),
        }
        for iso2, iso3, name in places
        for year in range(this_year, this_year - _YEARS, -1)
    ]


def _average(world: World, series: str, place: str, year: int) -> Decimal:
    """The mean cost (per cent of USD 200) of the sandbox's survey in the third quarter, as the bank takes it; of a
    group of countries something made up."""
    costs = _costs(world, year)[series].get(place)
    if costs is None:
        return Decimal(world.draws.between(25_000, 120_000, series, place, year)).scaleb(-4)
    revised = _REVISED[2] if series == _INTO and (place, year) == _REVISED[:2] else Decimal(0)
    return (sum(costs, Decimal(0)) / len(costs) + revised).quantize(_TEN_THOUSANDTH)


@lru_cache(maxsize=8)
def _costs(world: World, year: int) -> dict[str, dict[str, list[Decimal]]]:
    """By series and country: what every service of a year's third quarter costs that discloses its rate."""
    found: dict[str, dict[str, list[Decimal]]] = {_INTO: {}, _OUT_OF: {}}
    for row in survey_rows(world, f"{year}-Q3", 1):
        if str(row["transparent"]).casefold() == "yes":
            cost = Decimal(str(row["cc1 total cost %"]))
            for series, end in ((_INTO, "destination_code"), (_OUT_OF, "source_code")):
                for place in (str(row[end]), "WLD"):
                    found[series].setdefault(place, []).append(cost)
    return found


def _nothing() -> Answer:
    return Answer(404, HTML, f"<!DOCTYPE html><html><!-- {MARK} --><body>Not found</body></html>".encode())
