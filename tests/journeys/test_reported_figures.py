"""A statistical office reports SDG 10.c.1, a program reads the same figures, and both lead back to the prices."""

import csv
import hashlib
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from scrapers.sandbox import World, survey_workbook
from tests.journeys.test_compare import survey_csv


@pytest.fixture
def home(remitwatch: Any, tmp_path: Path) -> Any:
    """GBR-IND 2018-Q3 4.00 and 5.00, CHE-XKX 7.77; of 2019 the first quarter only."""
    file = tmp_path / "survey.csv"
    file.write_text(
        survey_csv(
            ("2018-Q3", "GBR-IND", "4.8", "4.00"),
            ("2018-Q3", "GBR-IND", "6", "5.00"),
            ("2018-Q3", "CHE-XKX", "9.324", "7.77"),
            ("2019-Q1", "GBR-IND", "9.6", "8.00"),
        )
    )
    remitwatch("import", file)
    return remitwatch


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(), newline="")))


def test_a_figure_of_the_file_leads_to_its_prices(home: Any, tmp_path: Path) -> None:
    out = tmp_path / "sdg.csv"
    assert home("export", "sdmx-csv", "--out", out).out.startswith(f"{out}\n")
    rows = _rows(out)
    assert {row["DATAFLOW"] for row in rows} == {"IAEG-SDGs:DF_SDG_GLC(1.24)"}
    assert [(row["SERIES"], row["REF_AREA"], row["CUST_BREAKDOWN"], row["OBS_VALUE"]) for row in rows] == [
        ("SI_RMT_COST", "356", "_T", "4.5000"),
        ("SI_RMT_COST", "412", "_T", "7.7700"),
        ("SI_RMT_COST_BC", "756", "C412", "7.7700"),
        ("SI_RMT_COST_BC", "826", "C356", "4.5000"),
        ("SI_RMT_COST_SC", "756", "C412", "7.7700"),
        ("SI_RMT_COST_SC", "826", "C356", "4.5000"),
        ("SI_RMT_COST_SND", "756", "_T", "7.7700"),
        ("SI_RMT_COST_SND", "826", "_T", "4.5000"),
    ]
    assert {row["OBS_STATUS"] for row in rows} == {"U"}
    for row in rows:
        figure = re.search(r"figure (\S+)$", row["COMMENT_OBS"])
        assert figure is not None
        traced = home("trace", figure[1], "--json").json
        assert traced["figure"]["value"] == row["OBS_VALUE"]
        assert f"{len(traced['evidence'])} service" in row["COMMENT_OBS"]


def test_what_is_reported_as_the_custodian_does_reads_back_equal(
    home: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMITWATCH_SDMX__REPORTING_TYPE", "G")
    out = tmp_path / "sdg.csv"
    home("export", "sdmx-csv", "--out", out)
    rows = _rows(out)
    assert {(row["DATAFLOW"], row["REPORTING_TYPE"], row["NATURE"]) for row in rows} == {
        ("IAEG-SDGs:DF_SDG_GLH(1.24)", "G", "G")
    }
    assert "1" in {row["REF_AREA"] for row in rows}
    home("import", out)
    compared = home("compare", "--json").json
    assert len(compared) == len(rows) == 9
    assert {row["verdict"] for row in compared} == {"equal"}


def test_only_what_is_asked_for_is_reported(home: Any, tmp_path: Path) -> None:
    out = tmp_path / "sdg.csv"
    home("export", "sdmx-csv", "--country", "GBR", "--period", "2018", "--out", out)
    assert {(row["REF_AREA"], row["TIME_PERIOD"]) for row in _rows(out)} == {("826", "2018")}
    none = tmp_path / "none.csv"
    refused = home("export", "sdmx-csv", "--period", "2019-Q1", "--out", none, code=2)
    assert "a year's value is its third quarter's" in refused.err
    assert not none.exists()


def test_settings_that_contradict_each_other_are_refused(home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMITWATCH_SDMX__REPORTING_TYPE", "G")
    monkeypatch.setenv("REMITWATCH_SDMX__DATAFLOW", "IAEG-SDGs:DF_SDG_GLC")
    assert "takes national figures only: expected reporting_type N" in home("export", "sdmx-csv", code=2).err
    monkeypatch.setenv("REMITWATCH_SDMX__DATAFLOW", "DF_SDG_GLH(1.24)")
    assert "sdmx.dataflow" in home("export", "sdmx-csv", code=2).err


def test_sdmx_ml_is_checked_before_it_leaves_and_names_the_extra_it_needs(
    home: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "sdg.xml"
    home("export", "sdmx-ml", "--out", out)
    assert out.read_bytes().startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<mes:StructureSpecificData ")
    monkeypatch.setitem(sys.modules, "pysdmx.io.xml.doc_validation", None)
    missing = home("export", "sdmx-ml", "--out", tmp_path / "other.xml", code=2)
    assert "pip install 'remitwatch[sdmx]'" in missing.err
    assert not (tmp_path / "other.xml").exists()


def test_an_edition_carries_both_and_its_manifest_vouches_for_them(remitwatch: Any, tmp_path: Path, today: Any) -> None:
    workbook = tmp_path / "survey.xlsx"
    workbook.write_bytes(survey_workbook(World(), "2026-Q3", quarters=2))
    remitwatch("init", "--sandbox")
    remitwatch("import", workbook)
    remitwatch("publish")
    edition = remitwatch.home / "editions" / "latest"
    manifest = json.loads((edition / "manifest.json").read_text())["files"]
    rows = _rows(edition / "sdmx" / "sdg-10c1.csv")
    assert {row["TIME_PERIOD"] for row in rows} == {"2026"}
    assert all(row["SOURCE_DETAIL"].startswith("Sandbox data, not real prices") for row in rows)
    index = json.loads((edition / "api" / "v1" / "index.json").read_text())
    for key in index["corridors"]:
        body = (edition / "api" / "v1" / "corridors" / f"{key}.json").read_bytes()
        assert manifest[f"api/v1/corridors/{key}.json"]["sha256"] == hashlib.sha256(body).hexdigest()
    corridor = json.loads(body)
    figure = corridor["bases"][0]["figures"][0]
    traced = remitwatch("trace", figure["id"], "--json").json
    assert traced["figure"]["value"] == figure["value"]
    assert len(traced["evidence"]) == figure["services"]
    quotes = {row["quote_id"] for row in corridor["bases"][0]["services"]}
    assert {str(row["quote"]) for row in traced["evidence"]} <= quotes
    smart = sorted(row["OBS_VALUE"] for row in rows if row["SERIES"] == "SI_RMT_COST_SC")
    listed = json.loads((edition / "api" / "v1" / "corridors.json").read_bytes())["corridors"]
    assert smart == sorted(one["smart"] for corridor in listed for one in corridor["bases"])
    out = tmp_path / "api"
    remitwatch("export", "api", "--out", out)
    assert {path.relative_to(out).as_posix() for path in out.rglob("*.json")} == {
        path.removeprefix("api/") for path in manifest if path.startswith("api/")
    }
