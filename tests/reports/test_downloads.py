"""The page of downloads lists the files that are in the edition, whatever they are."""

import dataclasses
import io
import re
from contextlib import redirect_stdout

import pytest
from lxml import html

from reports.downloads import render_downloads, size_words
from reports.edition import build
from reports.language import languages
from reports.site import make_site
from tests.reports.made_up import edition


def _page(files, **changes):
    site = dataclasses.replace(make_site(edition(bases=("survey",), **changes)), files=files)
    return html.document_fromstring(render_downloads(site))


def _files(page):
    return page.xpath("//table//a/@href")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(
        edition(bases=("survey",), corridors=("GBR-IND", "USA-MEX")), tmp_path_factory.mktemp("out") / "2026-Q3-1"
    )


def test_every_file_to_take_away_is_listed_and_is_there(built):
    page = html.document_fromstring((built / "downloads.html").read_text("utf-8"))
    listed = set(_files(page))
    held = {str(path.relative_to(built)) for path in built.rglob("*") if path.is_file()}
    parts = {path for path in held if path.endswith((".html", ".css", ".js")) or path == "icon.svg"}
    assert listed == held - parts
    sizes = {row.xpath("string(.//a/@href)"): row.xpath("string(td[last()])") for row in page.xpath("//tbody/tr[.//a]")}
    for path in listed - {"manifest.json"}:
        assert sizes[path] == size_words((built / path).stat().st_size), path


def test_files_of_every_kind_find_their_place_and_unknown_ones_stand_at_the_end():
    files = {
        "csv/indicators.csv": 10, "csv/columns.csv": 10, "csv/countries/KEN.csv": 999,
        "xlsx/remitwatch.xlsx": 1_234_567,
        "sdmx/sdg.csv": 10, "datapackage.json": 10, "csv/csv-metadata.json": 10,
        "api/v1/openapi.json": 10, "figures/GBR-IND.en.svg": 14_500,
        "briefs/KEN.en.pdf": 10, "style.css": 10, "new/thing.bin": 10,
    }  # fmt: skip
    page = _page(files)
    sections = {section.get("id"): section.xpath(".//table//a/@href") for section in page.xpath("//section")}
    assert list(sections) == [
        "tables", "workbook", "sdmx", "package", "api", "briefs", "figures", "manifest", "others", "cite", "load",
    ]  # fmt: skip
    assert sections["others"] == ["new/thing.bin"]
    assert sections["package"] == ["datapackage.json", "csv/csv-metadata.json"]
    assert "style.css" not in _files(page)
    text = " ".join(page.text_content().split())
    assert "1.2 MB" in text
    assert "15 kB" in text
    assert "999 bytes" in text
    assert text.count("columns.csv") == 2  # its line in the table, and the sentence that leads to it
    (described,) = page.xpath("//a[@href='csv/columns.csv'][not(ancestor::table)]")
    assert described.text == "Every column is described in columns.csv."
    assert "United Kingdom → India" in text
    assert page.xpath("//section[@id='load']//a/@href") == ["xlsx/remitwatch.xlsx"]


@pytest.mark.skipif("fr" not in languages(), reason="no catalogue of fr yet")
def test_of_files_in_several_languages_those_of_the_page_are_listed():
    files = {f"briefs/KEN.{code}.pdf": 10 for code in ("en", "fr")} | {"csv/indicators.csv": 10}
    assert _files(_page(files, languages=("en", "fr"))) == ["csv/indicators.csv", "briefs/KEN.en.pdf", "manifest.json"]


def test_of_many_files_the_first_are_listed_and_the_rest_counted():
    page = _page({f"api/v1/corridors/{number:03}.json": 10 for number in range(367)} | {"api/v1/openapi.json": 10})
    section = page.xpath("//section[@id='api']")[0]
    assert len(section.xpath(".//tbody/tr")) == 40
    assert section.xpath(".//tbody/tr[1]//a/@href") == ["api/v1/openapi.json"]
    assert "328 more files are in the folder." in section.text_content()


def test_an_edition_is_cited_with_its_number_and_says_when_it_is_pretended():
    assert "remitwatch, edition 2026-Q3-1, method version 1, figures as of 30 October 2026. Sandbox data" in " ".join(
        _page({}).text_content().split()
    )
    assert "Sandbox" not in _page({}, world="real").xpath("string(//section[@id='cite'])")


def test_the_lines_in_python_run_and_give_the_average(built, monkeypatch):
    page = html.document_fromstring((built / "downloads.html").read_text("utf-8"))
    code = next(block for block in page.xpath("//pre//code/text()") if "import pandas" in block)
    monkeypatch.chdir(built)
    said = io.StringIO()
    with redirect_stdout(said):
        exec(compile(code, "downloads.html", "exec"), {})
    shown = html.document_fromstring((built / "index.html").read_text("utf-8")).xpath("//span[@class='big']")[0].text
    value = re.search(r"2026-Q3\s+([\d.]+)", said.getvalue())
    assert value is not None
    assert f"{float(value[1]):.1f}" == shown
