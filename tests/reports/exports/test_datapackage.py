"""The Data Package and the CSVW metadata, as their own tools read them."""

import csv
import dataclasses
import datetime as dt
import gzip
import io
import json

import pytest

from reports.edition import build
from reports.exports.columns import COLUMNS, TABLES
from reports.exports.datapackage import package_files
from reports.exports.inputs import ExportInput
from reports.inputs import ANNUAL_COLUMNS, DataChange, PreviousEdition
from reports.published import published_figures
from reports.site import make_site
from tests.reports.made_up import edition


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The package of an edition with every kind of hostile name, on disk."""
    folder = tmp_path_factory.mktemp("package")
    (folder / "csv").mkdir()
    for path, body in package_files(ExportInput.of_edition(make_site(edition()))).items():
        (folder / path).write_bytes(body)
    return folder


def test_the_data_package_is_valid_for_frictionless(package):
    frictionless = pytest.importorskip("frictionless", reason="needs the extra `validators`")
    report = frictionless.Package(str(package / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "type", "note", "rowNumber", "fieldName"])[:20]
    assert [task.name for task in report.tasks] == [table.name for table in (*TABLES, COLUMNS)]
    assert sum(task.stats["rows"] for task in report.tasks) > 1000


def test_frictionless_finds_a_doubled_key_and_a_broken_reference(package, tmp_path):
    frictionless = pytest.importorskip("frictionless", reason="needs the extra `validators`")
    (tmp_path / "csv").mkdir()
    for file in package.rglob("*.*"):
        (tmp_path / file.relative_to(package)).write_bytes(file.read_bytes())
    services = tmp_path / "csv" / "services.csv"
    rows = services.read_text().splitlines(keepends=True)
    services.write_text("".join([*rows, rows[-1], rows[-1].replace(",transfergo,", ",nobody,")]))
    report = frictionless.Package(str(tmp_path / "datapackage.json")).validate()
    found = {error[0] for error in report.flatten(["type"])}
    assert {"primary-key", "hash-count"} <= found


def test_the_csvw_metadata_is_valid_and_its_tables_conform(package):
    held = _conforming(package / "csv" / "csv-metadata.json")
    assert held == [f"{table.name}.csv" for table in (*TABLES, COLUMNS)]


def _conforming(metadata):
    """The names of the tables of a CSVW description, after each was read by it without a fault."""
    csvw = pytest.importorskip("csvw", reason="needs the extra `validators`")
    group = csvw.TableGroup.from_file(metadata)
    for table in group.tables:
        with (metadata.parent / str(table.url)).open(newline="", encoding="utf-8") as file:
            expected = len(list(csv.reader(file))) - 1
        problems: list = []
        assert len(list(table.iterdicts(log=_Log(problems)))) == expected
        assert problems == []
        assert table.check_primary_key()
    assert group.check_referential_integrity()
    return [str(table.url) for table in group.tables]


class _Log:
    def __init__(self, problems):
        self.warning = self.warn = self.error = problems.append


def test_the_package_says_whose_data_it_is_and_that_it_is_made_up(package):
    told = json.loads((package / "datapackage.json").read_text("utf-8"))
    assert told["description"].startswith("Sandbox data, not real prices")
    assert {"name": "CC-BY-4.0", "path": "https://example.org/terms", "title": "CC BY 4.0"} in told["licenses"]
    assert "The World Bank, Remittance Prices Worldwide" in [source["title"] for source in told["sources"]]
    assert not any("checks" in source["title"].lower() for source in told["sources"])
    fields = {field["name"]: field for field in told["resources"][4]["schema"]["fields"]}
    assert fields["fee_pct"]["unit"] == "per cent of the amount sent"
    assert fields["provider_type"]["type"] == "string"


def test_the_same_data_gives_the_same_bytes():
    made = [package_files(ExportInput.of_edition(make_site(edition()))) for _ in range(2)]
    assert made[0] == made[1]


@pytest.fixture(scope="module")
def corrected(tmp_path_factory):
    """An edition with every table that only editions have: of countries, of SDG 10.c.1, of corrections and figures."""
    data = edition(corridors=("GBR-IND", "GBR-NGA", "USA-MEX", "KEN-UGA"))
    before = published_figures(data.bases)
    before["value"] = ["1.25" if place % 7 == 0 else value for place, value in enumerate(before["value"])]
    late = DataChange("late", {"source": "survey", "run": "3"}, "survey")
    previous = PreviousEdition("2026-10-29-1", dt.date(2026, 10, 29), lambda: before, (late,))
    made = dataclasses.replace(data, previous=previous, annual=_annual(data))
    return build(made, tmp_path_factory.mktemp("editions") / "2026-Q3-1")


def _annual(data):
    """The figures at USD 200 as annual ones, whatever their quarter."""
    rows = data.bases[0].indicators
    chosen = rows[rows["indicator"].isin(["average_total_cost", "smart"]) & (rows["amount"] == 200)]
    chosen = chosen[chosen["breakdown"].isna() & chosen["scope"].isin(["receiver", "sender", "corridor"])]
    return chosen.assign(sources="worldbank_survey")[list(ANNUAL_COLUMNS)].reset_index(drop=True)


def test_every_table_of_an_edition_is_described_and_by_its_own_columns(corrected):
    """Every csv, packed or not, is in the data package; every csv in the CSVW metadata of its folder as well."""
    package = json.loads((corrected / "datapackage.json").read_text("utf-8"))
    told = {resource["path"]: resource for resource in package["resources"]}
    held = {str(path.relative_to(corrected)): path for path in corrected.rglob("*.csv*") if path.suffix != ".json"}
    assert set(told) == set(held)
    assert {
        "figures.csv.gz",
        "csv/corrections.csv",
        "csv/columns.csv",
        "csv/countries/KEN.csv",
        "sdmx/sdg-10c1.csv",
    } < (set(held))
    assert len({resource["name"] for resource in told.values()}) == len(told)
    columns = set()
    for path, file in held.items():
        body = file.read_bytes()
        text = (gzip.decompress(body) if file.suffix == ".gz" else body).decode()
        head, *rows = csv.reader(io.StringIO(text, newline=""))
        assert rows, path
        schema = told[path]["schema"]
        fields = schema if isinstance(schema, dict) else json.loads((corrected / schema).read_text("utf-8"))
        assert [field["name"] for field in fields["fields"]] == head, path
        assert all(field["description"] for field in fields["fields"]), path
        assert told[path]["bytes"] == len(body)
        if file.suffix != ".gz":
            metadata = json.loads((file.parent / "csv-metadata.json").read_text("utf-8"))
            (table,) = [one for one in metadata["tables"] if one["url"] == file.name]
            assert [column["name"] for column in table["tableSchema"]["columns"]] == head, path
        table = told[path]["name"].partition("-")[0] if "countries/" in path else told[path]["name"]
        columns |= {(table, name) for name in head if table != "columns"}
    with (corrected / "csv" / "columns.csv").open(newline="", encoding="utf-8") as file:
        assert {(row["table"], row["column"]) for row in csv.DictReader(file)} == columns


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # it leaves a packed table open
def test_an_editions_package_is_valid_as_a_whole(corrected):
    frictionless = pytest.importorskip("frictionless", reason="needs the extra `validators`")
    report = frictionless.Package(str(corrected / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "type", "note", "rowNumber", "fieldName"])[:20]
    rows = {task.name: task.stats["rows"] for task in report.tasks}
    assert min(rows[name] for name in ("corrections", "country-ken", "figures", "sdg-10c1", "columns")) > 0
    for metadata in ("csv/countries", "sdmx"):
        assert _conforming(corrected / metadata / "csv-metadata.json")
