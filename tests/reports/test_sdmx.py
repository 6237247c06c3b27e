"""SDMX: the dataflow's columns and codes, exact values, and what is said of a figure that is not firm."""

import csv
import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from lxml import etree
from pysdmx.io.xml.doc_validation import validate_doc
from pysdmx.model import Code, Codelist, Component, Components, Concept, Role, Schema

from remitwatch.errors import InputError
from reports.exports import FORMATS, ExportInput
from reports.exports.sdmx import reported
from reports.exports.sdmx_ml import sdmx_ml
from reports.inputs import ANNUAL_COLUMNS, SdmxFlow
from reports.site import make_site
from tests.reports.made_up import edition

COLUMNS = (
    "DATAFLOW,FREQ,REPORTING_TYPE,SERIES,REF_AREA,SEX,AGE,URBANISATION,INCOME_WEALTH_QUANTILE,EDUCATION_LEV,OCCUPATION,"
    "CUST_BREAKDOWN,COMPOSITE_BREAKDOWN,DISABILITY_STATUS,ACTIVITY,PRODUCT,TIME_PERIOD,OBS_VALUE,OBS_STATUS,UNIT_MULT,"
    "UNIT_MEASURE,BASE_PER,NATURE,TIME_DETAIL,COMMENT_OBS,TIME_COVERAGE,UPPER_BOUND,LOWER_BOUND,SOURCE_DETAIL,"
    "COMMENT_TS,GEO_INFO_URL,GEO_INFO_TYPE,CUST_BREAKDOWN_LB,DATA_LAST_UPDATE"
)
"""As METHODOLOGY section 6 has them."""
GLOBAL = SdmxFlow("IAEG-SDGs:DF_SDG_GLH", "1.22", "G", "NSO")
AS_OF = dt.datetime(2026, 10, 30, 6, tzinfo=dt.UTC)


def figure(place: str, value: str | None, **changes: Any) -> dict[str, Any]:
    """A row of the annual figures. `place` is `world`, `to KEN`, `from GBR`, `GBR-IND` or `smart GBR-IND`."""
    first, _, last = place.partition(" ")
    code = "smart" if first == "smart" else "average_total_cost"
    corridor = (last or first).split("-") if "-" in place else None
    scope = {"world": "world", "to": "receiver", "from": "sender"}.get(first, "corridor")
    row = {
        "indicator": code, "scope": scope, "region": None, "breakdown": None, "group": None, "period": "2025-Q3",
        "sender": corridor[0] if corridor else last if scope == "sender" else None,
        "receiver": corridor[1] if corridor else last if scope == "receiver" else None,
        "amount": 200, "basis": "survey", "unit": "percent", "value": None if value is None else Decimal(value),
        "services": 31, "providers": 14, "corridors": 1, "flags": (), "method": "1", "as_of": AS_OF,
        "id": f"{code}:{place.removeprefix('smart ')}", "sources": "worldbank_survey",
    } | changes  # fmt: skip
    return {name: row[name] for name in ANNUAL_COLUMNS}


def export(*rows: dict[str, Any], world: str = "real", **changes: Any) -> ExportInput:
    """An export of these annual figures."""
    annual = pd.DataFrame(list(rows), columns=list(ANNUAL_COLUMNS))
    small: dict[str, Any] = {"bases": ("survey", "standard"), "corridors": ("GBR-IND",), "hostile": False}
    return ExportInput.of_edition(make_site(edition(world=world, annual=annual, **small, **changes)))


def written(asked: ExportInput, form: str = "sdmx-csv") -> str:
    """The one file of a form."""
    (body,) = FORMATS[form].write(asked).values()
    return body.decode()


def rows_of(asked: ExportInput) -> list[dict[str, str]]:
    """The rows of the csv."""
    return list(csv.DictReader(io.StringIO(written(asked), newline="")))


def test_a_corridor_row_is_whole() -> None:
    head, row = written(export(figure("GBR-IND", "1.910000000000"))).splitlines()
    assert head == COLUMNS
    assert row == (
        "IAEG-SDGs:DF_SDG_GLC(1.24),A,N,SI_RMT_COST_BC,826,_T,_T,_T,_T,_T,_T,C356,_T,_T,_T,_T,2025,1.9100,A,0,PT,,C,"
        '2025-Q3,"Third quarter of 2025: 31 services, 14 providers; figure average_total_cost:GBR-IND",,,,'
        '"The World Bank, Remittance Prices Worldwide","USD 200, third quarter: mean total cost (fee and margin) of '
        'all services of the corridor, 4 decimals, half up; basis survey; method 1",,,To India,2026-10-30T06:00:00'
    )


def test_every_scope_has_its_series_and_areas_have_no_leading_zeros() -> None:
    made = rows_of(
        export(
            figure("world", "6.36"),
            figure("to AFG", "5.5"),
            figure("from GBR", "5.81"),
            figure("GBR-AFG", "4"),
            figure("smart GBR-AFG", "-4.43"),
            sdmx=GLOBAL,
        )
    )
    names = ("DATAFLOW", "REPORTING_TYPE", "NATURE", "SERIES", "REF_AREA", "CUST_BREAKDOWN", "OBS_VALUE")
    flow = ("IAEG-SDGs:DF_SDG_GLH(1.22)", "G", "G")
    assert [tuple(row[name] for name in names) for row in made] == [
        (*flow, "SI_RMT_COST", "1", "_T", "6.3600"),
        (*flow, "SI_RMT_COST", "4", "_T", "5.5000"),
        (*flow, "SI_RMT_COST_BC", "826", "C4", "4.0000"),
        (*flow, "SI_RMT_COST_SC", "826", "C4", "-4.4300"),
        (*flow, "SI_RMT_COST_SND", "826", "_T", "5.8100"),
    ]


def test_a_nation_reports_no_figure_of_the_world() -> None:
    made = rows_of(export(figure("world", "6.36"), figure("to KEN", "8")))
    assert [(row["SERIES"], row["REF_AREA"]) for row in made] == [("SI_RMT_COST", "404")]


@pytest.mark.parametrize(
    ("value", "shown"),
    [("3.18395", "3.1840"), ("-0.00004", "0.0000"), ("-4.43335", "-4.4334"), ("59.99333", "59.9933")],
)
def test_values_are_rounded_once_half_up(value: str, shown: str) -> None:
    assert [row["OBS_VALUE"] for row in rows_of(export(figure("to KEN", value)))] == [shown]


def test_a_figure_that_is_not_firm_says_so_and_why() -> None:
    collected = {"basis": "standard", "sources": "transfergo"}
    made = rows_of(
        export(
            figure("to KEN", "8", services=2, providers=1, **collected),
            figure("to IND", "7", period="2026-Q3", **collected),
            figure("smart GBR-IND", "2", flags=("fewer_than_three", "rate_advantage"), services=2, **collected),
        )
    )
    told = {row["REF_AREA"]: (row["OBS_STATUS"], row["COMMENT_OBS"]) for row in made}
    assert told == {
        "404": (
            "U",
            "Third quarter of 2025: 2 services, 1 provider, 1 corridor; low reliability: fewer than 3 services are "
            "behind it; provisional: prices collected day by day, not surveyed; figure average_total_cost:to KEN",
        ),
        "356": (
            "P",
            "Third quarter of 2026: 31 services, 14 providers, 1 corridor; provisional: prices collected day by day, "
            "not surveyed; prices are held on 50 of 92 days; figure average_total_cost:to IND",
        ),
        "826": (
            "U",
            "Third quarter of 2025: 2 services, 14 providers; low reliability: fewer than 3 services are behind it; "
            "provisional: prices collected day by day, not surveyed; flags: rate_advantage; figure smart:GBR-IND",
        ),
    }
    assert {row["SOURCE_DETAIL"] for row in made} == {"TransferGo"}


def test_a_third_quarter_that_is_not_over_is_provisional() -> None:
    asked = export(figure("to KEN", "8", period="2026-Q3"), as_of=dt.datetime(2026, 9, 30, 23, tzinfo=dt.UTC))
    (row,) = rows_of(asked)
    assert row["OBS_STATUS"] == "P"
    assert "provisional: the third quarter is not over" in row["COMMENT_OBS"]


def test_a_file_is_of_one_basis() -> None:
    """Two bases would be two rows of one key: the dataflow cannot tell them apart."""
    both = (figure("to KEN", "8", basis="standard", sources="transfergo"), figure("to KEN", "9"))
    assert [row["OBS_VALUE"] for row in rows_of(export(*both))] == ["9.0000"]
    assert reported(export(*both)).basis == "survey"
    assert reported(export(both[0])).basis == "standard"


def test_kosovo_has_the_number_of_the_database_and_a_country_without_one_is_left_out() -> None:
    found = reported(export(figure("CHE-XKX", "4.2"), figure("JPN-TWN", "5"), figure("to TWN", "5")))
    (cells,) = found.rows
    row = dict(zip(COLUMNS.split(","), cells, strict=True))
    assert row["CUST_BREAKDOWN"] == "C412"
    assert "412 is the SDG database's number for Kosovo, M49 has none" in row["COMMENT_OBS"]
    assert found.without_number == ("TWN",)
    told = FORMATS["sdmx-csv"].left_out(export(figure("CHE-XKX", "4.2"), figure("to TWN", "5")))
    assert told == [
        "figures of the basis survey; the dataflow holds one: for standard use --basis",
        "left out, there is no M49 number: TWN",
    ]


def test_nothing_to_say_is_an_error_in_an_export_and_a_bare_header_in_an_edition() -> None:
    with pytest.raises(InputError, match=r"a year's value is its third quarter's, .* TWN have no M49 number"):
        written(export(figure("to KEN", None), figure("to TWN", "5")))
    from reports.exports.folder import edition_exports

    assert edition_exports(make_site(edition(hostile=False)))["sdmx/sdg-10c1.csv"].decode() == COLUMNS + "\n"


def test_sandbox_data_says_so_in_every_row() -> None:
    asked = export(figure("to KEN", "8"), world="sandbox")
    (row,) = rows_of(asked)
    assert row["SOURCE_DETAIL"] == "Sandbox data, not real prices: The World Bank, Remittance Prices Worldwide"
    assert row["COMMENT_TS"].startswith("Sandbox data, not real prices; ")
    assert "<mes:Test>true</mes:Test>" in written(asked, "sdmx-ml")


MANY = (
    figure("to KEN", "8"),
    figure("to CIV", "7.12345"),
    figure("from GBR", "5", period="2024-Q3"),
    figure("from GBR", "5.5", services=1),
    figure("GBR-CIV", "-0.3"),
    figure("smart GBR-CIV", "2.5", flags=("fewer_than_three",)),
    figure("CHE-XKX", "4.2"),
)


def test_sdmx_ml_says_what_the_csv_says_and_fits_the_standards_schemas() -> None:
    asked = export(*MANY)
    text = written(asked, "sdmx-ml")
    validate_doc(text)
    message = etree.fromstring(text.encode())
    assert message.xpath("string(//*[local-name()='Sender']/@id)") == "remitwatch"
    assert dict(message.find(".//Ref").attrib) == {
        "agencyID": "IAEG-SDGs", "id": "DF_SDG_GLC", "version": "1.24", "class": "Dataflow",
    }  # fmt: skip
    found = [dict(row.attrib) for row in message.iter("Obs")]
    assert found == [
        {name: cell for name, cell in row.items() if cell and name != "DATAFLOW"} for row in rows_of(asked)
    ]
    assert {row["CUST_BREAKDOWN_LB"] for row in found if "CUST_BREAKDOWN_LB" in row} == {
        "To Côte d'Ivoire",
        "To Kosovo",
    }


def test_an_apostrophe_stays_one() -> None:
    """pysdmx 1.21 writes it as a quotation mark, and the file breaks."""
    asked = export(*MANY)
    asked = replace(asked, site=replace(asked.site, data=replace(asked.data, method='1+what\'s "that"<&')))
    validate_doc(sdmx_ml(asked).decode())
    message = etree.fromstring(sdmx_ml(asked))
    assert {row.get("COMMENT_TS").rpartition("method ")[2] for row in message.iter("Obs")} == {'1+what\'s "that"<&'}


def test_every_code_is_one_of_the_dataflows() -> None:
    """The part of the data structure that these series use, as pysdmx has it."""
    codes = {
        "FREQ": "A", "REPORTING_TYPE": "N", "SERIES": "SI_RMT_COST SI_RMT_COST_SND SI_RMT_COST_BC SI_RMT_COST_SC",
        "REF_AREA": "404 384 826 756", "CUST_BREAKDOWN": "_T C384 C412", "OBS_STATUS": "A P U", "UNIT_MULT": "0",
        "UNIT_MEASURE": "PT", "NATURE": "C", **dict.fromkeys(("SEX", "AGE", "ACTIVITY", "PRODUCT"), "_T"),
        **dict.fromkeys(("INCOME_WEALTH_QUANTILE", "EDUCATION_LEV", "OCCUPATION", "COMPOSITE_BREAKDOWN"), "_T"),
        **dict.fromkeys(("URBANISATION", "DISABILITY_STATUS"), "_T"),
    }  # fmt: skip
    lists = {
        name: Codelist(f"CL_{name}", agency="IAEG-SDGs", items=[Code(code) for code in known.split()])
        for name, known in codes.items()
    }
    names = COLUMNS.split(",")[1:]
    schema = Schema(
        "dataflow",
        "IAEG-SDGs",
        "DF_SDG_GLC",
        Components(
            [
                Component(
                    name,
                    at <= names.index("OBS_VALUE") or name in ("OBS_STATUS", "UNIT_MULT", "UNIT_MEASURE", "NATURE"),
                    role,
                    Concept(name),
                    local_codes=lists.get(name),
                    attachment_level="O" if role is Role.ATTRIBUTE else None,
                )
                for at, name in enumerate(names)
                for role in [
                    Role.MEASURE if name == "OBS_VALUE"
                    else Role.DIMENSION if at < names.index("OBS_VALUE")
                    else Role.ATTRIBUTE
                ]
            ]
        ),
        "1.24",
    )  # fmt: skip
    made = rows_of(export(*MANY))
    keys = set()
    for row in made:
        assert f"Dataflow={row.pop('DATAFLOW')}" == schema.short_urn
        assert list(row) == [component.id for component in schema.components]
        for component in schema.components:
            cell = row[component.id]
            assert cell or not component.required, component.id
            if component.enumeration is not None:
                assert cell in {code.id for code in component.enumeration.items}, (component.id, cell)
        keys.add(tuple(row[component.id] for component in schema.components.dimensions))
    assert len(keys) == len(made) == len(MANY)


def test_pysdmx_reads_both_files_as_the_dataflow() -> None:
    pytest.importorskip("pyarrow", reason="pysdmx reads data with pyarrow: pip install 'pysdmx[data]'")
    from pysdmx.io import read_sdmx

    asked = export(*MANY)
    for form in ("sdmx-csv", "sdmx-ml"):
        (dataset,) = read_sdmx(written(asked, form)).data
        assert dataset.short_urn == "Dataflow=IAEG-SDGs:DF_SDG_GLC(1.24)"
        assert [Decimal(value) for value in dataset.data["OBS_VALUE"]] == [
            Decimal(row["OBS_VALUE"]) for row in rows_of(asked)
        ]


def test_the_same_data_gives_the_same_bytes() -> None:
    for form in ("sdmx-csv", "sdmx-ml"):
        assert written(export(*MANY), form) == written(export(*reversed(MANY)), form)
