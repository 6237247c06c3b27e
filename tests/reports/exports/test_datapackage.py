"""The Data Package and the CSVW metadata, as their own tools read them."""

import csv
import json

import pytest

from reports.exports.columns import TABLES
from reports.exports.datapackage import package_files
from reports.exports.inputs import ExportInput
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
    assert [task.name for task in report.tasks] == [table.name for table in TABLES]
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
    csvw = pytest.importorskip("csvw", reason="needs the extra `validators`")
    group = csvw.TableGroup.from_file(package / "csv" / "csv-metadata.json")
    assert [str(table.url) for table in group.tables] == [f"{table.name}.csv" for table in TABLES]
    for table in group.tables:
        with (package / "csv" / str(table.url)).open(newline="", encoding="utf-8") as file:
            expected = len(list(csv.reader(file))) - 1
        problems: list = []
        assert len(list(table.iterdicts(log=_Log(problems)))) == expected
        assert problems == []
        assert table.check_primary_key()
    assert group.check_referential_integrity()


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
