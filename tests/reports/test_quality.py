"""The page on the quality of the data: days, gaps, issues, marks and the 12 requirements, from the data alone."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest
from lxml import html

from reports.charts import calendar
from reports.inputs import DAY_COLUMNS, HEALTH_COLUMNS, ISSUE_COLUMNS, QualityInput
from reports.quality import render_quality
from reports.requirements import requirements
from reports.site import make_site
from tests.reports.made_up import edition

FIRST, LAST = dt.date(2026, 10, 24), dt.date(2026, 10, 30)


def _quality(**changes):
    days = [
        ("transfergo", dt.date(2026, 10, 24), "ok", "", 0),
        ("transfergo", dt.date(2026, 10, 25), "failed", "blocked", 0),
        ("transfergo", dt.date(2026, 10, 26), "partial", "few_answers", 3),
        ("transfergo", dt.date(2026, 10, 27), "none", "", 0),
        ("unheard", dt.date(2026, 10, 30), "held", "below_recent", 0),
    ]
    issues = [
        ("outlier", "warning", "transfergo", 4, dt.date(2026, 9, 3)),
        ("outlier", "warning", "unheard", 2, dt.date(2026, 8, 3)),
        ("refused_record", "error", "", 1, dt.date(2026, 10, 3)),
        ("brand_new", "error", "transfergo", 1, dt.date(2026, 10, 3)),
        ("blocked", "error", "transfergo", 1, dt.date(2026, 10, 3)),
        ("gave_up", "error", "transfergo", 1, dt.date(2026, 10, 3)),
    ]
    values = {
        "first": FIRST,
        "last": LAST,
        "days": pd.DataFrame(days, columns=list(DAY_COLUMNS)),
        "issues": pd.DataFrame(issues, columns=list(ISSUE_COLUMNS)),
        "health": pd.DataFrame([("transfergo", "ok", 9, 10, 28, 2, 100)], columns=list(HEALTH_COLUMNS), dtype=object),
        "watched": ("GBR-IND", "USA-MEX", "FRA-MAR"),
        "unpriced": 3,
        "released": 1,
        "rejected": 2,
    }
    return QualityInput(**{**values, **changes})


def _page(data):
    return html.document_fromstring(render_quality(make_site(data)))


def _text(node):
    return " ".join(" ".join(node.itertext()).split())


def _section(page, name):
    return page.xpath("//section[@id=$name]", name=name)[0]


def test_every_day_without_values_is_told_with_its_reason():
    section = _section(_page(edition(quality=_quality())), "days")
    rows = [_text(row) for row in section.xpath(".//tbody/tr")]
    assert len(rows) == 2
    assert "2 days without 25 Oct: blocked 27 Oct: not asked 2 of 4 3" in rows[0]
    assert "unheard 1 day without 30 Oct: far fewer prices than usual 0 of 1 0" in rows[1]
    assert "3 days of sources are without accepted values. 3 records were refused." in _text(section)
    assert [_text(item) for item in section.xpath(".//ul[@class='legend']/li")] == [
        "all read", "read in part", "held back until a person has looked", "nothing came", "due, and no run is known",
    ]  # fmt: skip


def test_the_days_begin_with_the_first_one_that_is_known():
    earlier = FIRST - dt.timedelta(days=60)
    page = _page(edition(quality=_quality(first=earlier)))
    assert "From 24 October 2026 to 30 October 2026." in _text(_section(page, "days"))
    assert page.xpath("//svg[@class='days']/@viewbox") == ["0 0 7 18"] * 2


def test_states_of_days_differ_by_shape_and_not_by_colour_alone():
    shapes = {}
    for state, (_colour, _plain, top, height, width) in calendar.KINDS.items():
        shapes.setdefault((top, height, width), set()).add(state)
    assert sorted(map(sorted, shapes.values())) == [
        ["empty"], ["failed", "missed"], ["held"], ["none"], ["ok"], ["partial"],
    ]  # fmt: skip


@pytest.mark.parametrize(("age", "told"), [(0, "today"), (1, "1 day old"), (2, "2 days old")])
def test_a_source_read_today_is_of_today(age, told):
    data = edition(quality=_quality())
    sources = tuple(dataclasses.replace(line, age_days=age) for line in data.sources)
    section = _section(_page(dataclasses.replace(data, sources=sources)), "sources")
    assert {_text(cell) for cell in section.xpath(".//td[2]/span[@class='sub']")} == {told}


def test_issues_are_told_by_kind_and_an_unknown_kind_by_its_code():
    rows = [_text(row) for row in _section(_page(edition(quality=_quality())), "issues").xpath(".//tbody/tr")]
    assert rows == [
        "blocked to be looked at · blocked 1 TransferGo quotes 3 October 2026",
        "brand new to be looked at · brand_new 1 TransferGo quotes 3 October 2026",
        "A source failed again and again and was not asked further in that run to be looked at · gave_up 1 "
        "TransferGo quotes 3 October 2026",
        "A record that could not be read was refused to be looked at · refused_record 1 – 3 October 2026",
        "A price far from what its corridor costs to be noted · outlier 6 TransferGo quotes, unheard 3 August 2026",
    ]


def test_without_days_or_issues_the_page_says_so():
    page = _page(edition(quality=None, issues_open=0))
    assert "No source was asked day by day" in _text(_section(page, "days"))
    assert "No issue is open." in _text(_section(page, "issues"))
    assert "Nothing is in quarantine" in _text(_section(page, "quarantine"))


def test_decisions_of_people_and_prices_without_a_rate_are_counted():
    text = _text(_section(_page(edition(quality=_quality())), "quarantine"))
    assert text.endswith(
        "People released 1 price. People rejected 2 prices: they stay out. "
        "3 prices had no reference rate in force and are in no figure."
    )


def test_coverage_counts_watched_corridors_of_collected_bases_only():
    rows = [_text(row) for row in _section(_page(edition(quality=_quality())), "coverage").xpath(".//tbody/tr")]
    assert [row.split()[0] for row in rows] == ["Survey", "Standard", "Estimates"]
    assert "2 of 3" in rows[1]
    assert "of 3" not in rows[0]


def test_the_twelve_requirements_are_judged_from_the_data():
    states = {check.code: check.state for check in requirements(make_site(edition()))}
    assert states == {
        "two_amounts": "met", "fees": "met", "rate": "partly", "total": "partly", "speed": "met", "service": "met",
        "coverage": "unknown", "independent": "unknown", "mystery": "partly", "advertising": "met",
        "funding": "partly", "links": "partly",
    }  # fmt: skip


def test_requirements_follow_the_rows():
    data = edition(bases=("standard",), corridors=("GBR-IND",), hostile=False)
    lead = data.bases[0]
    services = lead.services.assign(speed="unknown", access_point="unknown")
    one_amount = lead.indicators[lead.indicators["amount"] == 200]
    changed = dataclasses.replace(lead, services=services, indicators=one_amount)
    checks = {check.code: check for check in requirements(make_site(dataclasses.replace(data, bases=(changed,))))}
    assert checks["speed"].state == "not_met"
    assert checks["service"].state == "not_met"
    assert checks["two_amounts"].state == "not_met"
    assert checks["mystery"].state == "not_met"
    assert checks["speed"].why == ("Standard prices: 0 of 9 services state how fast they pay out.",)


def test_without_rows_nothing_is_claimed():
    data = edition(bases=("standard",), corridors=("GBR-IND",), hostile=False)
    empty = dataclasses.replace(data.bases[0], services=data.bases[0].services.iloc[:0])
    checks = {check.code: check.state for check in requirements(make_site(dataclasses.replace(data, bases=(empty,))))}
    assert {checks[code] for code in ("fees", "rate", "total", "speed", "service")} == {"unknown"}
