"""The csv tables: tidy, exact, marked, safe."""

import csv
import io
from decimal import Decimal

import pytest

from reports.exports.inputs import ExportInput
from reports.exports.tables import csv_files
from reports.site import make_site
from tests.reports.made_up import edition


@pytest.fixture(scope="module")
def tables():
    made = csv_files(ExportInput.of_edition(make_site(edition())))
    return {
        path.removesuffix(".csv"): list(csv.DictReader(io.StringIO(body.decode(), newline="")))
        for path, body in made.items()
        if path.endswith(".csv") and path != "columns.csv"
    }


def test_every_table_is_there_and_every_row_is_marked(tables):
    assert set(tables) == {
        "indicators",
        "history",
        "corridors",
        "movers",
        "services",
        "promotions",
        "official_series",
        "targets",
        "sources",
        "runs",
    }
    for name, rows in tables.items():
        assert rows, name
        assert {row["data"] for row in rows} == {"sandbox data, not real prices"}, name


def test_values_keep_every_decimal(tables):
    data = edition().bases[0].indicators
    first = tables["indicators"][0]
    assert Decimal(first["value"]) == data["value"].iloc[0]
    assert first["basis"] == "survey"
    assert {row["basis"] for row in tables["indicators"]} == {"survey", "standard", "estimate"}


def test_an_id_is_looked_at_like_any_text():
    data = edition()
    frame = data.bases[0].indicators
    for at, text in enumerate(("=1+1", 'a,"b"', "two  spaces\u202e", "", None)):
        frame.loc[at, "id"] = text
    body = csv_files(ExportInput.of_edition(make_site(data)))["indicators.csv"].decode()
    ids = [row["id"] for row in csv.DictReader(io.StringIO(body, newline=""))]
    assert ids[:5] == ["'=1+1", 'a,"b"', "two spaces", "", ""]
    assert ids[5:] == [row["id"] for frame in (one.indicators for one in data.bases) for _, row in frame.iterrows()][5:]


def test_no_cell_is_a_formula(tables):
    for rows in tables.values():
        for row in rows:
            for cell in row.values():
                if cell[:1] in ("=", "@", "+"):
                    pytest.fail(cell)
                if cell[:1] == "-":
                    Decimal(cell)
    names = {row["provider_name"] for row in tables["services"]}
    assert '\'=HYPERLINK("http://evil.example","x")' in names


def test_terms_are_kept_in_downloads(tables):
    estimates = [row for row in tables["services"] if row["basis"] == "estimate"]
    assert estimates
    assert {(row["fee"], row["rate"], row["receive_amount"], row["reference_rate"]) for row in estimates} == {
        ("", "", "", "")
    }
    assert all(row["fee_pct"] for row in estimates)
    survey = [row for row in tables["services"] if row["basis"] == "survey"]
    assert any(row["fee"] and row["rate"] for row in survey)
    assert not any(row["source"] == "checks_only" for row in tables["services"])


def test_undisclosed_rates_are_empty_not_zero(tables):
    hidden = [row for row in tables["services"] if "undisclosed" in row["flags"]]
    assert hidden
    assert all(row["total_cost_pct"] == row["fx_margin_pct"] == row["rate"] == "" for row in hidden)
