"""Briefs as PDF: tagged, with alternatives and embedded fonts, four to eight pages, the same bytes each time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from reports import pdf
from reports.briefs import brief_path, country_brief, overview_brief
from reports.language import languages, speaking
from reports.pdf import described
from reports.site import Site, make_site
from tests.reports.made_up import edition

pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed: pip install -e '.[dev]'")
needs_pango = pytest.mark.skipif(pdf.why_not() is not None, reason=f"no PDF can be made: {pdf.why_not()}")
slow = pytest.mark.slow


@pytest.fixture(scope="module")
def site() -> Site:
    return make_site(edition())


def read(body: bytes) -> Any:
    return pypdf.PdfReader(io.BytesIO(body))


def structure(node: Any) -> Iterator[Any]:
    """Every element of the structure tree."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from structure(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from structure(node["/K"])


@slow
@needs_pango
@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("name", ["overview", "KEN"])
def test_a_brief_is_a_tagged_pdf_of_a_few_pages_in_the_language(site: Site, name: str, code: str) -> None:
    view = site.views[0]
    with speaking(code):
        body = overview_brief(site, view) if name == "overview" else country_brief(site, view, name)
        assert brief_path(name) == f"briefs/{name}.{code}.pdf"
    document = read(body)
    root = document.trailer["/Root"]
    assert 4 <= len(document.pages) <= 8
    assert root["/MarkInfo"]["/Marked"] is True or bool(root["/MarkInfo"]["/Marked"])
    assert str(root["/Lang"]) == code
    assert b"http://www.aiim.org/pdfua/ns/id/" in root["/Metadata"].get_object().get_data()
    assert "remitwatch" in str(document.metadata.title)
    elements = list(structure(root["/StructTreeRoot"]))
    figures = [one for one in elements if one["/S"] == "/Figure"]
    assert len(figures) >= 5
    assert [one for one in figures if not str(one.get("/Alt", ""))] == []
    assert {"/H1", "/H2", "/Table", "/TH"} <= {str(one["/S"]) for one in elements}
    fonts = {
        str(font.get_object()["/BaseFont"]): font.get_object()
        for page in document.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert all("+Noto" in font for font in fonts), sorted(fonts)
    links = [
        str(note.get_object()["/A"]["/URI"])
        for page in document.pages
        for note in page.get("/Annots", [])
        if "/A" in note.get_object() and "/URI" in note.get_object()["/A"]
    ]
    assert all(link.startswith("https://") for link in links)


@slow
@needs_pango
def test_the_same_figures_give_the_same_bytes_and_hostile_names_are_text() -> None:
    hostile = make_site(edition(hostile=True))
    first = country_brief(hostile, hostile.views[0], "IND")
    assert country_brief(hostile, hostile.views[0], "IND") == first
    assert b"/JavaScript" not in first
    assert b"/JS" not in first
    assert b"/Launch" not in first


@slow
@needs_pango
def test_links_lead_to_where_the_edition_is_served(site: Site) -> None:
    body = country_brief(site, site.views[0], "KEN", "https://figures.example/remittances/")
    links = {
        str(note.get_object()["/A"]["/URI"])
        for page in read(body).pages
        for note in page.get("/Annots", [])
        if "/A" in note.get_object() and "/URI" in note.get_object()["/A"]
    }
    assert f"https://figures.example/remittances/{site.label}/corridors/KEN-UGA.html" in {
        link.replace("countries/../", "") for link in links
    }


def test_a_drawing_without_title_gets_the_words_of_its_row() -> None:
    page = described(
        '<table><tr><th>Kenya</th><td>8.8%</td><td><svg aria-hidden="true"><rect/></svg></td></tr></table>'
    )
    assert "<svg><title>Kenya 8.8%</title><rect></rect></svg>" in page.replace(" />", ">")


def test_a_drawing_with_a_title_keeps_it() -> None:
    page = described('<p>x <svg aria-labelledby="t"><title id="t">Line chart</title><rect/></svg></p>')
    assert '<title id="t">Line chart</title>' in page
    assert page.count("<title") == 1


def test_arabic_in_drawings_is_joined_and_in_the_order_seen() -> None:
    pytest.importorskip("arabic_reshaper", reason="the extra `pdf` is not installed")
    page = described("<p><svg><title>كينيا</title><text>كينيا 5\u200e%\u200e</text></svg></p>")
    assert "<title>كينيا</title>" in page
    assert "5% \ufe8e\ufef4\ufee8\ufef4\ufedb" in page.replace("\u200e", "")
