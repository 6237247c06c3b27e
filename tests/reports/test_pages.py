"""The pages as a reader and a browser meet them."""

import dataclasses
import posixpath
import re
from decimal import Decimal

import pandas as pd
import pytest
from lxml import html

from reports.edition import html_pages
from reports.inputs import BENCHMARK_COLUMNS, SERVICE_COLUMNS, BasisInput
from reports.site import make_site
from tests.reports.made_up import edition

FILES = {"style.css", "table.js", "finder.js", "manifest.json"}


@pytest.fixture(scope="module")
def made():
    site = make_site(edition())
    return {path: html.document_fromstring(text) for path, text in html_pages(site).items()}, html_pages(site)


@pytest.fixture(scope="module")
def pages(made):
    return made[0]


def text_of(page):
    return " ".join(page.text_content().split())


def test_there_is_an_overview_a_basis_and_a_page_a_corridor_and_basis(pages):
    assert {"index.html", "overview-standard.html", "overview-estimate.html", "corridors.html", "quality.html"} <= set(
        pages
    )
    assert "corridors/GBR-IND.html" in pages
    assert "corridors/GBR-IND.standard.html" in pages
    assert "corridors/GBR-IND.estimate.html" in pages
    assert "corridors/DEU-TUR.estimate.html" not in pages


def test_every_page_is_strict_and_asks_nothing_of_the_network(pages):
    for path, page in pages.items():
        policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy
        assert policy[0].startswith("default-src 'none'")
        scripts = {posixpath.basename(script.get("src")) for script in page.iter("script")}
        assert scripts <= {"finder.js", "search-index.en.js", "table.js"}, path
        assert "finder.js" in scripts, path
        assert all(not script.text_content() for script in page.iter("script"))
        for node in page.iter():
            if not isinstance(node.tag, str):
                continue
            names = set(node.attrib)
            assert "style" not in names, path
            assert not any(name.lower().startswith("on") for name in names), path
            assert not re.match(r"\s*(javascript|data):", node.get("href", "") or ""), path
            if node.get("src"):
                assert not node.get("src").startswith(("http", "//")), path
        assert not page.xpath("//link[starts-with(@href, 'http')]|//img|//iframe|//object|//embed|//style"), path


def test_links_and_anchors_lead_somewhere(pages):
    for path, page in pages.items():
        for href in page.xpath("//a/@href"):
            if href.startswith("https://"):
                continue
            target, _, anchor = href.partition("#")
            full = posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) if target else path
            if full in FILES or full.startswith(("csv/", "figures/")):
                continue
            assert full in pages, f"{path}: {href}"
            if anchor:
                assert pages[full].xpath("//*[@id=$name]", name=anchor), f"{path}: {href}"


def test_every_page_is_accessible_in_the_ways_a_test_can_see(pages):
    for path, page in pages.items():
        assert page.get("lang") == "en"
        assert len(page.xpath("//h1")) == 1, path
        assert page.xpath("//main[@id='main']")
        assert page.xpath("//a[@class='skip']")
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids)), path
        assert not page.xpath("//th[not(@scope)]"), path
        assert not page.xpath("//*[@class='scroll'][not(@aria-label) or not(@tabindex)]"), path
        for section in page.iter("section"):
            assert page.xpath("//*[@id=$name]", name=section.get("aria-labelledby"))
        for svg in page.iter("svg"):
            if svg.get("aria-hidden") != "true":
                assert svg.get("aria-label") or svg.get("aria-labelledby"), path
                for name in (svg.get("aria-labelledby") or "").split():
                    assert page.xpath("//*[@id=$name]", name=name)[0].text
        names = [nav.get("aria-label") for nav in page.iter("nav")]
        assert len(names) == len(set(names))


def test_pages_are_small(made):
    for path, text in made[1].items():
        assert len(text.encode()) < (200_000 if path.startswith("corridors/") else 500_000), path


def test_sandbox_data_says_so_on_every_page_and_real_data_does_not(pages):
    for path, page in pages.items():
        assert page.xpath("//meta[@name='remitwatch-data']/@content") == ["sandbox"], path
        assert page.xpath("//body/@data-sandbox") == ["Sandbox data, not real prices"]
        assert "Sandbox data, not real prices" in text_of(page)
    for text in html_pages(make_site(edition(world="real", corridors=("GBR-IND",), bases=("survey",)))).values():
        page = html.document_fromstring(text)
        assert page.xpath("//meta[@name='remitwatch-data']/@content") == ["real"]
        assert "sandbox" not in text.lower().replace("style.css", "")


def test_each_basis_has_its_own_numbers(pages):
    data = {basis.basis: basis for basis in edition().bases}
    for path, basis in (
        ("index.html", "survey"),
        ("overview-standard.html", "standard"),
        ("overview-estimate.html", "estimate"),
    ):
        frame = data[basis].indicators
        world = frame[
            (frame["indicator"] == "average_total_cost") & (frame["scope"] == "world") & (frame["amount"] == 200)
        ]
        value = world[world["breakdown"].isna()]["value"].iloc[0]
        assert pages[path].xpath("//span[@class='big']")[0].text == f"{value.quantize(Decimal('0.1'))}", path
    bases = pages["index.html"].xpath("//section[@id='bases']//tbody/tr")
    assert bases[0].xpath("string(th)").startswith("Survey")
    assert len(bases) == 3


def test_a_service_shows_its_parts_and_the_way_to_its_evidence(pages):
    page = pages["corridors/GBR-IND.html"]
    rows = page.xpath("//table[contains(@class, 'services')]/tbody/tr")
    assert len(rows) == 18
    totals = [float(row.xpath("string(td[1]/@data-v)")) for row in rows]
    assert totals == sorted(totals)
    assert [tag.text for tag in page.xpath("//table[contains(@class, 'services')]//span[@class='tag smart']")] == [
        "SmaRT 1",
        "SmaRT 2",
        "SmaRT 3",
    ]
    for row in rows:
        assert page.xpath("//tr[@id=$name]", name=row.xpath(".//a[starts-with(@href, '#')]/@href")[0][1:])
    assert set(page.xpath("//section[@id='evidence']//span[contains(@class, 'status')]/text()")) == {"agrees"}


def test_hostile_names_are_text(made, pages):
    raw = made[1]["corridors/GBR-NGA.html"]
    assert "<script>alert" not in raw
    assert "<img" not in raw
    assert "\u202e" not in raw
    assert "\x00" not in raw
    names = pages["corridors/GBR-NGA.html"].xpath("//table[contains(@class, 'services')]//bdi/text()")
    assert "<script>alert(1)</script>" in names
    assert r"Bank $\frac{1" in names
    assert max(map(len, names)) <= 80


def test_terms_that_allow_percentages_only_are_kept(pages):
    page = pages["corridors/GBR-IND.estimate.html"]
    table = page.xpath("//table[contains(@class, 'services')]")[0]
    assert set(table.xpath(".//td[@data-l='Recipient gets']/text()")) == {"not shown"}
    assert not re.search(r"\b(GBP|INR) [\d.,]+", table.text_content())
    assert "allows percentages only" in text_of(page)
    assert "not shown: terms" in page.xpath("string(//section[@id='evidence'])")


def test_rows_that_must_not_be_shown_are_not(pages):
    data = edition()
    services = data.bases[1].services
    private = services[services["private"].astype(bool) & (services["tier"] == 200)]
    page = pages["corridors/USA-MEX.standard.html"]
    assert len(private) == 1
    assert str(private["quote_id"].iloc[0]) not in page.xpath("//section[@id='evidence']//th/text()")
    assert "1 price was handed in privately" in text_of(page)
    hidden = data.bases[0].services.assign(source="checks_only")
    changed = BasisInput(**{**vars(data.bases[0]), "services": hidden})
    only = html_pages(make_site(_with(data, changed)))
    assert 'class="services"' not in only["corridors/GBR-IND.html"]


def _with(data, basis):
    return dataclasses.replace(data, bases=(basis,))


def test_private_prices_behind_a_figure_are_counted_and_not_listed():
    """USA to Mexico: eleven services at USD 200, one of them private and among the three cheapest."""
    data = edition(bases=("standard",), corridors=("USA-MEX", "GBR-IND"), hostile=False)
    rows = data.bases[0].services
    tier = rows[(rows["tier"] == 200) & (rows["corridor"] == "USA-MEX")]
    services = rows.assign(private=rows.index == tier.index[tier["smart_rank"] == 2][0])
    for private, expected in ((True, "One of the three is a private price, not listed."), (False, "")):
        basis = dataclasses.replace(data.bases[0], services=services, private={"USA-MEX": 1} if private else {})
        page = html.document_fromstring(html_pages(make_site(_with(data, basis)))["corridors/USA-MEX.html"])
        facts = " ".join(page.xpath("//dl")[0].text_content().split())
        assert ("1 of them private" in facts) is private
        assert ("Cheapest listed" in facts) is private
        assert expected in facts
        note = "1 price was handed in privately. The average is of 11 services: 10 listed and 1 private."
        assert (note in text_of(page)) is private
        assert ("listed service" in page.xpath("string(//h1)")) is private


def test_three_private_services_leave_no_place_to_a_listed_one():
    data = edition(bases=("standard",), corridors=("USA-MEX",), hostile=False)
    services = data.bases[0].services.assign(smart_rank=0)
    basis = dataclasses.replace(data.bases[0], services=services, private={"USA-MEX": 3})
    page = html.document_fromstring(html_pages(make_site(_with(data, basis)))["corridors/USA-MEX.html"])
    assert "All of them are private prices, not listed." in text_of(page)


def test_a_period_that_is_not_over_says_how_much_of_it_is_held():
    data = edition(bases=("standard",), corridors=("GBR-IND", "USA-MEX"))
    lead = data.bases[0]
    frames = {name: getattr(lead, name).replace("2026-10-30", "2026-Q4") for name in ("indicators", "history")}
    basis = dataclasses.replace(lead, period="2026-Q4", previous_period=None, **frames)
    made = html_pages(make_site(_with(data, basis)))
    page = html.document_fromstring(made["index.html"])
    assert page.xpath("//div[@class='bigline']//span[@class='tag none']/text()") == ["30 of 92 days so far"]
    assert "2026-Q4 (30 of 92 days so far)" in text_of(page.xpath("//div[@class='strip']")[0])
    corridor = text_of(html.document_fromstring(made["corridors/GBR-IND.html"]))
    assert "2026-Q4: 30 of 92 days so far. The figures are provisional. Prices are held from 1 to" in corridor


def test_words_in_the_strip_stand_on_a_ground_of_paper(pages):
    """Where the names of the three cheapest cross the 3% and 5% lines, no line runs through the letters."""
    for drawing in pages["corridors/GBR-IND.html"].xpath("//section[@id='spread']//svg[contains(@class, 'chart')]"):
        grounds = [{name: float(box.get(name)) for name in ("x", "y", "width", "height")}
                   for box in drawing.xpath("./rect[@class='ground']")]  # fmt: skip
        names = drawing.xpath("./text[contains(@class, 'hd')]")
        assert len(names) == 3
        for name in names:
            x, y = float(name.get("x")), float(name.get("y"))
            end = name.get("text-anchor") == "end"
            assert any(
                box["y"] < y < box["y"] + box["height"]
                and abs(x - (box["x"] + box["width"] if end else box["x"])) < 4
                and box["width"] > len(name.text) * 6.5
                for box in grounds
            )


def test_undisclosed_stale_thin_negative_and_promoted_services_are_marked(pages):
    undisclosed = pages["corridors/USA-MEX.html"]
    assert "Rate not disclosed" in text_of(undisclosed)
    assert len(undisclosed.xpath("//table[contains(@class, 'services')]/tbody/tr")) == 21
    stale = pages["corridors/USA-PHL.standard.html"]
    assert "too old to count" in text_of(stale)
    assert stale.xpath("//span[@class='tag warn'][contains(., 'old')]")
    thin = text_of(pages["corridors/ESP-COL.html"])
    assert "only two services" in thin
    assert "Not assessable" in thin
    assert "Met: at or under 5%" not in thin
    negative = pages["corridors/ARE-PAK.html"]
    assert "rate better than interbank" in text_of(negative)
    assert negative.xpath("//table[contains(@class, 'services')]//rect[@class='neg']")
    apart = pages["corridors/GBR-IND.standard.html"].xpath("//section[@id='apart']//tbody/tr/td[1]")
    assert [cell.text_content() for cell in apart] == ["Promotion"] * 2 + ["Estimate"] * 9
    assert not pages["corridors/GBR-IND.standard.html"].xpath("//section[@id='apart']//span[@class='tag smart']")


def test_what_is_absent_is_said_in_words():
    empty = pd.DataFrame([], columns=list(SERVICE_COLUMNS))
    data = edition(targets=False, bases=("survey",), corridors=("GBR-IND", "ESP-COL"), missing=())
    lead = data.bases[0]
    whole = lead.indicators[lead.indicators["breakdown"].isna()]
    basis = dataclasses.replace(
        lead, services=empty, history=lead.history.iloc[:0], indicators=whole, moves=lead.moves.iloc[:0]
    )
    made = html_pages(make_site(_with(data, basis)))
    overview = html.document_fromstring(made["index.html"])
    assert "No target was held against these figures" in text_of(overview)
    assert "Nothing earlier is held to compare with" in text_of(overview)
    assert "Only 2026-Q3 is held" in text_of(overview)
    assert "No averages of groups are held" in text_of(overview)
    corridor = html.document_fromstring(made["corridors/GBR-IND.html"])
    assert "No service with a disclosed rate is listed" in text_of(corridor)
    assert "No promotion is held" in text_of(corridor)


def test_a_corridor_without_any_figure_still_has_a_page_that_says_so():
    data = edition(bases=("survey",), corridors=("GBR-IND", "GBR-NGA"))
    frame = data.bases[0].indicators
    gone = frame[~((frame["receiver"] == "NGA") & (frame["scope"] == "corridor"))]
    services = data.bases[0].services
    hidden = services.assign(transparent=False, total_e8=float("nan"), margin_e8=float("nan"), rate=None)
    keep = services["corridor"] == "GBR-IND"
    basis = BasisInput(**{**vars(data.bases[0]), "indicators": gone, "history": data.bases[0].history.iloc[:0],
                          "services": pd.concat([services[keep], hidden[~keep]])})  # fmt: skip
    page = html.document_fromstring(html_pages(make_site(_with(data, basis)))["corridors/GBR-NGA.html"])
    assert "no cost can be given" in page.xpath("string(//h1)")
    assert len(page.xpath("//section[@id='services']//tr[.//span[text()='rate not disclosed']]")) == 11


def test_only_chosen_corridors_get_a_page():
    data = edition(bases=("survey",), corridors=("GBR-IND", "USA-MEX"))
    made = html_pages(make_site(dataclasses.replace(data, corridors=("GBR-IND",))))
    assert [path for path in made if path.startswith("corridors/")] == ["corridors/GBR-IND.html"]
    overview = html.document_fromstring(made["index.html"])
    assert len(overview.xpath("//table[@class='rank']//tbody/tr")) == 2
    assert "these 2 corridors" in overview.xpath("string(//h1)")
    assert "of all corridors held; 1 corridor has a page here." in overview.xpath("string(//p[@class='lead'])")
    every = html.document_fromstring(made["corridors.html"])
    assert "1 corridor of 2 has a page in this edition." in every.xpath("string(//p[@class='lead'])")


def test_official_series_stands_beside_survey_figures_only(pages):
    assert "Official" in pages["corridors/GBR-IND.html"].xpath("//section[@id='trend']//th/text()")
    assert "Official" not in pages["corridors/GBR-IND.standard.html"].xpath("//section[@id='trend']//th/text()")


def test_a_difference_with_the_official_series_is_named_and_nothing_changed():
    data = edition(bases=("survey",), corridors=("GBR-IND",))
    figures = data.bases[0].history
    now = figures[
        (figures["scope"] == "corridor")
        & (figures["indicator"] == "average_total_cost")
        & (figures["period"] == "2026-Q3")
    ]["value"].iloc[0]
    for apart, expected in (("0.04", False), ("0.06", True)):
        rows = [("GBR", "IND", "2026-Q3", now + Decimal(apart), "x"), ("GBR", "IND", "2026-Q2", None, "x")]
        official = pd.DataFrame(rows, columns=list(BENCHMARK_COLUMNS))
        page = html_pages(make_site(dataclasses.replace(data, benchmarks=official)))["corridors/GBR-IND.html"]
        assert ("Neither is changed." in page) is expected


def test_the_trend_has_its_gaps_in_the_drawing_and_in_the_table(pages):
    section = pages["corridors/GBR-IND.html"].xpath("//section[@id='trend']")[0]
    rows = [row.xpath("string(th)") for row in section.xpath(".//tbody/tr")]
    assert "2022-Q3 – 2023-Q2" in rows
    assert rows[0] == "2026-Q3"
    assert section.xpath(".//rect[@class='gapr']")
