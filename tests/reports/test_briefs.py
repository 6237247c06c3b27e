"""Briefs as PDF: tagged, with alternatives and embedded fonts, four to eight pages, the same bytes each time."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import html

from reports import briefs, pdf
from reports.briefs import country_brief, overview_brief
from reports.edition import build
from reports.inputs import BriefsInput
from reports.language import languages, speaking
from reports.pdf import described
from reports.site import Site, brief_path, make_site
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


KEPT = ("GBR-IND", "KEN-UGA")


def with_briefs(countries: tuple[str, ...] | None, number: int = 1, base_url: str | None = None, **changes: Any) -> Any:
    return edition(
        corridors=KEPT, bases=("survey", "standard"), languages=("en", "fr"), number=number,
        briefs=BriefsInput(countries, base_url), **changes,
    )  # fmt: skip


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is printed, in place of PDF: the page that would be set."""
    pages: list[str] = []

    def note(page: str) -> bytes:
        pages.append(page)
        return page.encode()

    monkeypatch.setattr(briefs, "pdf", note)
    monkeypatch.setattr(briefs, "made_with", lambda: "a press")
    monkeypatch.setattr("reports.figures.draw_figures", lambda site: {})
    return pages


def test_briefs_lie_in_the_edition_are_in_its_manifest_and_linked_where_they_are(printed: list[str], tmp_path: Any):
    made = build(with_briefs(("KEN", "FRA")), tmp_path / "2026-Q3-1")
    laid = sorted(path.name for path in (made / "briefs").iterdir())
    assert laid == [f"{name}.{code}.pdf" for name in ("KEN", "overview") for code in ("en", "fr")]
    assert len(printed) == 4
    files = json.loads((made / "manifest.json").read_text("utf-8"))["files"]
    assert all(files[f"briefs/{name}"]["sha256"] and files[f"briefs/{name}"]["inputs"] for name in laid)
    for folder, code in (("", "en"), ("fr/", "fr")):
        links = {}
        for path in sorted((made / folder).rglob("*.html")):
            found = html.document_fromstring(path.read_text("utf-8")).xpath("//a[contains(@href, '.pdf')]/@href")
            assert all((path.parent / href).is_file() for href in found), path
            if found and (folder or not path.is_relative_to(made / "fr")):
                links[str(path.relative_to(made / folder))] = sorted(href.rpartition("/")[2] for href in found)
        # the brief is of the first basis; pages of others do not lead to it
        assert links == {
            "index.html": [f"overview.{code}.pdf"],
            "countries/KEN.html": [f"KEN.{code}.pdf"],
            "downloads.html": [f"KEN.{code}.pdf", f"overview.{code}.pdf"],
        }
    assert "edition 2026-Q3-1" in printed[0]
    assert not any(char in page for page in printed for char in "\ue000")


def test_all_or_the_overview_alone(printed: list[str], tmp_path: Any) -> None:
    everything = build(with_briefs(None), tmp_path / "all-1")
    assert {path.name.partition(".")[0] for path in (everything / "briefs").iterdir()} == {
        "overview", "GBR", "IND", "KEN", "UGA"}  # fmt: skip
    alone = build(with_briefs((), base_url="https://figures.example/"), tmp_path / "2026-Q3-7")
    assert {path.name.partition(".")[0] for path in (alone / "briefs").iterdir()} == {"overview"}
    assert 'href="https://figures.example/2026-Q3-1/' in (alone / "briefs" / "overview.en.pdf").read_text("utf-8")


def test_a_brief_is_taken_over_while_it_says_the_same(printed: list[str], tmp_path: Any) -> None:
    first = build(with_briefs(("KEN",), base_url="https://figures.example/"), tmp_path / "2026-Q3-1")
    printed.clear()
    same = build(with_briefs(("KEN",), 2, "https://figures.example/"), tmp_path / "2026-Q3-2", first)
    assert printed == []
    for path in sorted((first / "briefs").iterdir()):
        assert (same / "briefs" / path.name).read_bytes() == path.read_bytes()
        assert "2026-Q3-1" in path.read_text("utf-8")
    moved = with_briefs(("KEN",), 3, "https://elsewhere.example/")
    third = build(moved, tmp_path / "2026-Q3-3", same)
    assert len(printed) == 4
    assert "2026-Q3-3" in (third / "briefs" / "KEN.fr.pdf").read_text("utf-8")
    printed.clear()
    figures = moved.bases[0].indicators
    kenyan = (figures["scope"] == "sender") & (figures["sender"] == "KEN")
    assert kenyan.any()
    changed = dataclasses.replace(
        moved.bases[0], indicators=figures.assign(value=figures["value"].mask(kenyan, figures["value"] + 1))
    )
    build(dataclasses.replace(moved, number=4, bases=(changed, *moved.bases[1:])), tmp_path / "2026-Q3-4", third)
    assert len([page for page in printed if "Kenya" in page]) == len(printed) > 0


def test_an_edition_without_briefs_has_no_link_to_one(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.figures.draw_figures", lambda site: {})
    made = build(edition(corridors=KEPT, bases=("survey",)), tmp_path / "2026-Q3-1")
    assert not (made / "briefs").exists()
    assert [path.name for path in made.rglob("*.html") if ".pdf" in path.read_text("utf-8")] == []


@slow
@needs_pango
def test_briefs_of_an_edition_are_pdf_and_the_same_each_time(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.figures.draw_figures", lambda site: {})
    one, two = (build(with_briefs(("KEN",)), tmp_path / name / "2026-Q3-1") for name in "ab")
    laid = sorted((one / "briefs").iterdir())
    assert len(laid) == 4
    for path in laid:
        assert path.read_bytes().startswith(b"%PDF-1.7")
        assert (two / "briefs" / path.name).read_bytes() == path.read_bytes()
