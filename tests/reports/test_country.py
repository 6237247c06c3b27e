"""Country pages: both ways of a country's money, judged, compared and honest about what is not held."""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from lxml import html

from remitwatch.events import Event
from remitwatch.flows import FlowTable
from remitwatch.targets import find_target
from reports import numbers
from reports.country.listing import listed_countries, render_countries
from reports.country.pace import progress_of
from reports.country.page import render_country
from reports.country.path import path_of
from reports.country.review import country_tables
from reports.country.view import CountryView, Side, country_view
from reports.country_inputs import OFFICIAL_COLUMNS, CountryInput
from reports.inputs import EditionInput
from reports.lookup import Figure
from reports.site import BasisView, Site, make_site
from tests.reports.made_up import edition

FLOWS = FlowTable(
    "bilateral_matrix",
    2017,
    {"TZA-KEN": Decimal("143.2"), "GBR-KEN": Decimal(600), "USA-KEN": Decimal("56.8"), "KEN-UGA": Decimal(100)},
    7,
)
EVENTS = (
    Event(("KEN",), "2023-07-01", "Excise duty on transfer fees set to 15%", "tax", "Finance Act 2023", False),
    Event(("KEN", "UGA"), "2009-03", "<b>Far</b> before", "other", "=cmd", True, own=True),
    Event(("IND",), "2024-01", "Elsewhere", "tax", "Act", False),
)
OFFICIAL = pd.DataFrame(
    [
        ("worldbank", "SI.RMT.COST.IB.ZS", "receiver", "", "KEN", "2025", Decimal("9.9")),
        ("worldbank", "SI.RMT.COST.OB.ZS", "sender", "KEN", "", "2019", Decimal("8.1")),
    ],
    columns=list(OFFICIAL_COLUMNS),
)


def data(**changes: Any) -> EditionInput:
    about = CountryInput(FLOWS, "World Bank, estimates", OFFICIAL, EVENTS)
    made = edition(bases=("survey", "standard"), **{"about_countries": about, **changes})
    return dataclasses.replace(made, annual=_annual(made))


def _annual(made: EditionInput) -> pd.DataFrame:
    """The third quarters of the survey, as the pipeline gathers them."""
    survey = made.bases[0]
    rows = pd.concat([survey.indicators, survey.history]).drop_duplicates(
        ["indicator", "scope", "sender", "receiver", "region", "breakdown", "group", "period", "amount"]
    )
    wanted = rows["indicator"].isin(["average_total_cost", "smart"]) & rows["breakdown"].isna()
    wanted &= rows["scope"].isin(["sender", "receiver", "corridor"]) & (rows["amount"] == 200)
    wanted &= rows["period"].astype(str).str.endswith("-Q3")
    return rows[wanted].assign(sources="worldbank_survey")


@pytest.fixture(scope="module")
def site() -> Site:
    return make_site(data())


@pytest.fixture(scope="module")
def kenya(site: Site) -> CountryView:
    return country_view(site, site.views[0], "KEN")


@pytest.fixture(scope="module")
def page(site: Site) -> html.HtmlElement:
    return html.document_fromstring(render_country(site, site.views[0], "KEN"))


def side(country: CountryView, way: str) -> Side:
    return next(one for one in country.sides if one.way == way)


def text_of(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().split())


def value(view: BasisView, place: tuple[str, str, str], indicator: str = "average_total_cost") -> Decimal:
    found = view.figures.value(indicator, place)
    assert found is not None
    return found


def test_every_end_of_a_corridor_has_a_page_on_every_basis_that_holds_it(site: Site) -> None:
    survey, standard = site.views
    ends = {code for key in survey.corridors for code in key.split("-")}
    assert set(survey.countries) == ends
    assert site.country_link("KEN") == "countries/KEN.html"
    assert site.country_link("KEN", standard) == "countries/KEN.standard.html"
    assert site.country_link("FRA") is None
    chosen = make_site(data(countries=("KEN",)))
    assert list(chosen.views[0].countries) == ["KEN"]
    assert chosen.country_link("UGA") is None


def test_the_way_with_more_corridors_leads_and_inbound_where_they_are_even(site: Site, kenya: CountryView) -> None:
    survey = site.views[0]
    assert [one.way for one in kenya.sides] == ["inbound", "outbound"]
    assert [one.way for one in country_view(site, survey, "GBR").sides] == ["outbound", "inbound"]
    assert [one.way for one in country_view(site, survey, "IND").sides] == ["inbound", "outbound"]


def test_the_headline_judges_both_ways_and_the_lead_says_the_size(site: Site, kenya: CountryView) -> None:
    assert kenya.headline == "None of the 2 corridors to or from Kenya judged here costs less than 5% on average"
    assert kenya.lead == (
        "Sending USD 200 to Kenya costs 53.1% on average, as a year earlier. It rests on 12 services in 1 corridor."
    )
    india = country_view(site, site.views[0], "IND")
    assert india.headline == "All 3 corridors to India judged here cost less than 5% on average"
    assert india.lead == (
        "Sending USD 200 to India costs 3.2% on average, down from 3.4% a year earlier. "
        "It rests on 36 services in 3 corridors. "
        "It is cheapest from United Kingdom, at 2.8%, and dearest from Germany, at 3.9%."
    )
    germany = country_view(site, site.views[0], "DEU")
    assert germany.headline == "1 of 2 corridors from Germany judged here costs less than 5% on average"
    turkey = country_view(site, site.views[0], "TUR")
    assert turkey.headline == "The only corridor to Türkiye here, from Germany, costs 5.7% on average"


def test_what_is_not_judged_is_not_in_every_and_none(site: Site) -> None:
    spain = country_view(site, site.views[0], "ESP")  # Colombia has two services
    assert spain.headline == "The one corridor from Spain judged here does not cost less than 5% on average"
    assert spain.lead == (
        "Sending USD 200 from Spain costs 6.0% on average, down from 6.3% a year earlier. "
        "It rests on 7 services in 2 corridors. "
        "1 corridor has fewer than three services or no figure: it is not judged."
    )


def test_the_corridors_stand_on_one_scale_with_their_verdicts(site: Site, kenya: CountryView) -> None:
    (row,) = side(kenya, "inbound").table.rows
    view, place = site.views[0], ("corridor", "TZA", "KEN")
    assert (row.key, row.name, row.href) == ("TZA-KEN", "Tanzania", "corridors/TZA-KEN.html")
    assert row.average == value(view, place)
    smart = value(view, place, "smart")
    assert row.smart == f"{smart:.1f}%"
    assert row.smart_tag == (("none", "within 5%") if smart <= 5 else ("warn", "above 5%"))
    assert row.services == "12"


def test_fewer_than_three_services_are_shown_and_not_judged(site: Site) -> None:
    colombia = country_view(site, site.views[0], "COL")
    (row,) = side(colombia, "inbound").table.rows
    assert (row.tag, row.smart_tag, row.judged) == ("2 services", ("none", "not judged"), False)
    assert "costs" in colombia.headline
    assert "5%" not in colombia.headline
    assert side(colombia, "inbound").below == ""


def test_a_way_without_corridors_says_so_and_keeps_its_section(site: Site) -> None:
    page = html.document_fromstring(render_country(site, site.views[0], "IND"))
    (section,) = page.xpath("//section[@id='outbound']")
    assert "No corridor of this way has a figure or a listed service." in text_of(section)
    assert not page.xpath("//section[@id='outbound-path']")
    assert page.xpath("//section[@id='inbound-path']")


def test_the_path_counts_from_the_first_period_that_may_be_compared(site: Site, kenya: CountryView) -> None:
    inbound = side(country_view(site, site.views[0], "IND"), "inbound")
    found = inbound.progress
    assert found is not None
    assert found.value == value(site.views[0], ("receiver", "IND", ""))
    assert found.period == "2026-Q3"
    steady = site.views[0].figures.steady("average_total_cost", ("receiver", "IND", ""))
    assert found.baseline_period == steady[0].period
    assert inbound.path is not None
    assert inbound.path.svg is not None
    first = inbound.targets[0]
    assert (first.what, first.owner, first.limit, first.deadline) == (
        "Sending to India", "SDG 10.c", "under 3%", "2030",
    )  # fmt: skip
    assert first.so_far.startswith("−")
    assert first.needed_now.startswith("−")
    assert [row.what for row in inbound.targets[1:]] == [
        "Germany → India", "United Arab Emirates → India", "United Kingdom → India",
    ]  # fmt: skip
    assert {row.limit for row in inbound.targets[1:]} == {"5% or less"}


def test_a_cost_that_does_not_fall_is_said_to_need_a_pace(kenya: CountryView) -> None:
    path = side(kenya, "inbound").path
    assert path is not None
    assert path.finding == "Costs do not fall; they must fall by 11.45 points a year from now"
    assert (path.facts[-1].name, path.facts[-1].value) == ("Target met at this pace", "never")


def test_a_target_that_is_met_has_no_way_to_it_left(site: Site) -> None:
    figures, place = site.views[0].figures, ("receiver", "IND", "")
    target = find_target("sdg_10c_average").model_copy(update={"value": Decimal(50)})
    path = path_of(figures, "inbound", "IND", progress_of(figures, "survey", target, place))
    assert path is not None
    assert path.svg is not None
    steady = figures.steady("average_total_cost", place)
    assert steady[0].value is not None
    assert path.title == (
        f"Line chart: the average went from {numbers.percent(steady[0].value)} in {steady[0].period} to "
        f"{numbers.percent(value(site.views[0], place))} in 2026-Q3. It meets the target, under 50%."
    )
    assert "at the pace so far" not in path.svg
    assert 'class="pace"' not in path.svg
    assert 'class="need"' not in path.svg
    assert "Target: under 50%" in path.svg


def test_the_narrow_history_names_its_lines_above_and_keeps_every_word_inside(site: Site) -> None:
    for view, code in itertools.product(site.views, site.views[0].countries):
        if code in view.countries and (drawn := country_view(site, view, code).history.svg):
            narrow = html.fragments_fromstring(drawn)[-1]
            named = [text for text in narrow.iter("text") if text.text.startswith(("To ", "From "))]
            assert named
            assert all(text.get("x") == "36" for text in named)
            width = float(narrow.get("viewbox").split()[2])
            assert all(
                float(text.get("x")) + 6 * len(text.text) <= width
                for text in narrow.iter("text")
                if not text.get("text-anchor")
            )


def test_a_mark_of_a_service_is_not_told_twice(site: Site) -> None:
    made = data()
    survey = made.bases[0]
    services = survey.services.copy()
    free = services.index[services["receiver"] == "KEN"]
    services.loc[free, "fee_e8"] = 0
    services.loc[free, "flags"] = "promotion_suspected"
    site = make_site(dataclasses.replace(made, bases=(dataclasses.replace(survey, services=services), *made.bases[1:])))
    rows = side(country_view(site, site.views[0], "KEN"), "inbound").cheapest.first
    assert rows
    assert {row.tags for row in rows} == {(("warn", "no fee: check for promotion"),)}


def test_the_way_to_the_page_is_told_in_the_words_of_the_menu(page: html.HtmlElement) -> None:
    steps = [text_of(step) for step in page.xpath("//nav[@class='crumbs']//li")]
    assert steps == ["Overview", "Countries", "Sub-Saharan Africa", "Kenya"]


def test_weeks_give_no_pace_a_year(site: Site) -> None:
    uganda = side(country_view(site, site.views[1], "UGA"), "inbound")
    assert uganda.progress is not None
    assert uganda.progress.actual_pace is None
    assert uganda.path is not None
    assert uganda.path.svg is None
    assert uganda.path.why == "Less than a year may be compared: too short for a pace."
    assert uganda.targets[0].status[0] == "Not met so far"


def test_savings_are_flows_times_what_the_cost_is_above_the_level(site: Site, kenya: CountryView) -> None:
    worth = side(kenya, "inbound").worth
    cost = value(site.views[0], ("corridor", "TZA", "KEN"))
    assert worth.levels == (Decimal(5), Decimal(3))
    for level, total in zip(worth.levels, worth.total, strict=True):
        assert abs(total - Decimal("143.2") * (cost - level) / 100) < Decimal("1e-9")
    assert [row.key for row in worth.rows] == ["TZA-KEN"]
    assert worth.coverage == Decimal("17.9")  # 143.2 of 800
    assert (worth.covered, worth.known) == (1, 3)
    assert [(row.key, row.flow, row.share) for row in worth.uncovered] == [
        ("GBR-KEN", "600", "75.0%"),
        ("USA-KEN", "57", "7.1%"),
    ]


def test_a_national_target_has_its_own_row_and_its_own_savings() -> None:
    national = {
        "code": "kenya_7", "owner": "Treasury", "name": "Sending to Kenya at 7%", "scope": "receiver", "subject": "KEN",
        "sender": None, "receiver": "KEN", "national": True, "basis": "survey", "indicator": "average_total_cost",
        "operator": "le", "target": Decimal(7), "deadline": 2028, "value": Decimal("41.0"), "status": "improving",
        "actual_pace": Decimal("-0.4"), "required_pace": Decimal("-9"), "required_from_now": Decimal("-12"),
        "projected_year": 2090, "window": "2021-Q1 to 2026-Q3, 5.5 years", "why": "", "flags": (),
    }  # fmt: skip
    made = data()
    site = make_site(dataclasses.replace(made, targets=[*made.targets, national]))
    kenya = side(country_view(site, site.views[0], "KEN"), "inbound")
    row = next(one for one in kenya.targets if one.national)
    assert (row.what, row.owner, row.limit, row.deadline, row.value) == (
        "Sending to Kenya at 7%", "Treasury", "7% or less", "2028", "41.0%",
    )  # fmt: skip
    assert (row.so_far, row.needed, row.needed_now, row.met_in) == ("−0.40", "−9.00", "−12.00", "2090")
    assert kenya.worth.levels == (Decimal(5), Decimal(3), Decimal(7))
    assert not any(one.national for one in side(country_view(site, site.views[0], "KEN"), "outbound").targets)


def test_the_official_figure_stands_beside_ours_of_the_same_year(site: Site, kenya: CountryView) -> None:
    inbound, outbound = kenya.official
    ours = site.views[0].figures.at("average_total_cost", "2025-Q3", ("receiver", "KEN", ""))
    assert ours is not None
    assert ours.value is not None
    assert (inbound.series, inbound.year, inbound.theirs, inbound.verdict) == (
        "SI.RMT.COST.IB.ZS", "2025", "9.90%", "differs",
    )  # fmt: skip
    assert inbound.ours == f"{ours.value.quantize(Decimal('0.01'))}%"
    assert (outbound.ours, outbound.verdict, outbound.words) == ("", "alone", "no figure of ours for that year")
    other = country_view(site, site.views[1], "KEN")
    assert {row.verdict for row in other.official} == {"other_basis"}


def test_an_official_figure_within_five_hundredths_agrees() -> None:
    made = data()
    site = make_site(made)
    ours = site.views[0].figures.at("average_total_cost", "2025-Q3", ("receiver", "KEN", ""))
    assert isinstance(ours, Figure)
    assert ours.value is not None
    near = OFFICIAL.assign(value=[ours.value + Decimal("0.05"), Decimal(1)])
    about = dataclasses.replace(made.about_countries, official=near)
    site = make_site(dataclasses.replace(made, about_countries=about))
    assert country_view(site, site.views[0], "KEN").official[0].verdict == "agrees"


def test_measures_stand_on_the_chart_only_within_its_periods_and_are_text(
    kenya: CountryView, page: html.HtmlElement
) -> None:
    assert [(row.number, row.date, row.title) for row in kenya.history.events] == [
        ("", "March 2009", "<b>Far</b> before"),
        ("1", "1 July 2023", "Excise duty on transfer fees set to 15%"),
    ]
    (section,) = page.xpath("//section[@id='history']")
    assert "1 July 2023: Excise duty on transfer fees set to 15%" in text_of(section.xpath(".//svg")[0])
    assert "<b>Far</b> before" in text_of(section)
    assert not section.xpath(".//th//b")
    assert "because" not in text_of(section).lower()
    assert text_of(section).count("not verified") == 1


def test_neighbours_are_compared_where_they_have_a_figure(site: Site, kenya: CountryView) -> None:
    found = side(kenya, "inbound").compared
    assert found is not None
    assert [(row.kind, row.name) for row in found.near[:-1]] == sorted(
        [("me", "Kenya"), ("neighbour", "Uganda")],
        key=lambda one: value(site.views[0], ("receiver", {"Kenya": "KEN", "Uganda": "UGA"}[one[1]], "")),
    )
    assert (found.near[-1].kind, found.near[-1].name) == ("region", "Sub-Saharan Africa")
    assert found.without == ("Ethiopia", "Somalia", "South Sudan", "Tanzania")
    assert (found.ranked, found.region) == (3, "Sub-Saharan Africa")  # Kenya, Nigeria, Uganda
    philippines = side(country_view(site, site.views[0], "PHL"), "inbound").compared
    assert philippines is not None
    assert [row.kind for row in philippines.near] == ["me", "region"]


def test_the_table_for_a_plan_has_the_third_quarters_and_the_csv_all_of_it(site: Site, kenya: CountryView) -> None:
    averages = [row for row in kenya.review.rows if row.series == "SI_RMT_COST"]
    assert [row.year for row in averages] == ["2026", "2025", "2024", "2023", "2021"]  # 2022-Q3 is not held
    assert {row.series for row in kenya.review.rows} == {
        "SI_RMT_COST", "SI_RMT_COST_SND", "SI_RMT_COST_BC", "SI_RMT_COST_SC",
    }  # fmt: skip
    text = country_tables(site)["csv/countries/KEN.csv"]
    rows = list(csv.DictReader(io.StringIO(text)))
    mine = [row for row in rows if row["sdg_series"] == "SI_RMT_COST" and row["year"] == "2026"]
    assert len(mine) == 1
    assert Decimal(mine[0]["value"]) == value(site.views[0], ("receiver", "KEN", ""))
    assert (mine[0]["period"], mine[0]["sdg_indicator"], mine[0]["direction"], mine[0]["data"]) == (
        "2026-Q3", "10.c.1", "inbound", "sandbox",
    )  # fmt: skip
    assert {row["basis"] for row in rows} == {"survey"}  # weeks have no third quarter
    assert {(row["sender"], row["receiver"]) for row in rows if row["indicator"] == "smart"} == {
        ("TZA", "KEN"), ("KEN", "UGA"),
    }  # fmt: skip


def test_what_is_missing_is_said(site: Site) -> None:
    bare = make_site(data(about_countries=CountryInput(), targets=[]))
    pakistan = country_view(bare, bare.views[0], "PAK")
    assert pakistan.gaps == (
        "No corridor from Pakistan has a figure or a listed service here.",
        "No flows are imported: savings and coverage cannot be counted.",
        "Market coverage is unknown: no market shares of providers are on record.",
        "No official SDG figure of this country is imported.",
        "No national target is on record.",
    )
    page = text_of(html.document_fromstring(render_country(bare, bare.views[0], "PAK")))
    assert "No flows between countries are imported" in page
    assert "No official figure of this country is held." in page
    assert "No policy measure of this country is on record." in page
    mexico = country_view(bare, bare.views[1], "MEX")
    assert "1 price was handed in privately: it is in averages and in no list." in mexico.gaps
    assert side(mexico, "inbound").private == 1


def test_services_of_sources_that_forbid_it_are_not_listed(site: Site) -> None:
    found = side(country_view(site, site.views[0], "IND"), "inbound").cheapest
    totals = [float(row.total.rstrip("%").replace("−", "-")) for row in found.first]
    assert totals == sorted(totals)
    assert len(found.first) == 6
    assert {row.corridor for row in found.each} == {"GBR-IND", "DEU-IND", "ARE-IND"}
    none = dataclasses.replace(data(), sources=tuple(
        dataclasses.replace(line, redistribution="none") for line in data().sources
    ))  # fmt: skip
    closed = make_site(none)
    hidden = side(country_view(closed, closed.views[0], "IND"), "inbound")
    assert hidden.cheapest.first == ()
    assert hidden.value
    text = text_of(html.document_fromstring(render_country(closed, closed.views[0], "IND")))
    assert "No service with a disclosed and fresh price may be listed." in text


def test_the_page_is_whole_and_small(site: Site) -> None:
    for view in site.views:
        for code in view.countries:
            text = render_country(site, view, code)
            assert len(text.encode()) < 200_000
            made = html.document_fromstring(text)
            ids = made.xpath("//@id")
            assert len(ids) == len(set(ids)), code
            assert len(made.xpath("//h1")) == 1
            assert not made.xpath("//*[@style]")
            for anchor in made.xpath("//main//a[starts-with(@href, '#')]/@href"):
                assert made.xpath("//*[@id=$name]", name=anchor[1:]), f"{code}: {anchor}"


def test_the_list_names_every_country_with_both_ways(site: Site) -> None:
    rows = listed_countries(site, site.views[0])
    assert [row.name for row in rows] == sorted((row.name for row in rows), key=lambda name: name.replace("ü", "u"))
    kenya = next(row for row in rows if row.code == "KEN")
    assert kenya.href == "countries/KEN.html"
    assert kenya.inbound.value == f"{value(site.views[0], ('receiver', 'KEN', '')):.1f}%"
    assert kenya.outbound.value == f"{value(site.views[0], ('sender', 'KEN', '')):.1f}%"
    india = next(row for row in rows if row.code == "IND")
    assert india.outbound.value == ""
    page = html.document_fromstring(render_countries(site))
    assert page.xpath("//h1")[0].text.startswith("Of the ")
    assert len(page.xpath("//section[@id='survey']//tbody/tr")) == len(rows)


def test_the_same_data_gives_the_same_page(site: Site) -> None:
    again = make_site(data())
    assert render_country(site, site.views[0], "KEN") == render_country(again, again.views[0], "KEN")
