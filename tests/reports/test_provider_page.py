"""The page of a provider: its services beside their corridors, and what moved since the period before."""

import dataclasses
from decimal import Decimal

import pandas as pd
import pytest
from lxml import html

from reports.inputs import BEFORE_COLUMNS
from reports.provider import render_provider
from reports.provider_changes import changes
from reports.provider_list import render_providers
from reports.site import make_site
from tests.reports.made_up import edition


def _text(node):
    return " ".join(" ".join(node.itertext()).split())


def _page(site, key):
    return html.document_fromstring(render_provider(site, site.providers[key]))


def _site(services=None, before=None, **changes_of):
    data = edition(bases=("standard",), corridors=("GBR-IND", "USA-MEX"), hostile=False, **changes_of)
    lead = data.bases[0]
    lead = dataclasses.replace(
        lead,
        services=lead.services if services is None else services(lead.services),
        before=pd.DataFrame([], columns=list(BEFORE_COLUMNS)) if before is None else before,
    )
    return make_site(dataclasses.replace(data, bases=(lead,)))


@pytest.fixture(scope="module")
def site():
    return _site()


def test_means_count_every_service_once_and_name_how_many(site):
    provider = site.providers["swiftpath"]
    costs = [offer.total_pct for offer in provider.offers["standard"] if offer.tier == 200]
    mean = sum(costs, Decimal(0)) / len(costs)
    page = _page(site, "swiftpath")
    facts = [_text(fact) for fact in page.xpath("//dl[@class='facts']/div")]
    assert facts[0].startswith(f"Mean, USD 200 {mean.quantize(Decimal('0.1'))}% mean over {len(costs)} service")
    assert page.xpath("string(//h1)") == f"SwiftPath: {mean.quantize(Decimal('0.1'))}% on average"
    assert "not official indicators" in _text(page)


def test_every_service_stands_beside_its_corridor_and_leads_to_its_record(site):
    page = _page(site, "swiftpath")
    offers = [offer for offer in site.providers["swiftpath"].offers["standard"] if offer.tier == 200]
    rows = page.xpath("//section[@id='standard']//table[@data-sortable]/tbody/tr")
    assert [row.xpath("string(.//a/@href)") for row in rows] == [
        f"../corridors/{offer.corridor}.html#{offer.ref}" for offer in offers
    ]
    view = site.views[0]
    for row, offer in zip(rows, offers, strict=True):
        average = view.figures.value("average_total_cost", ("corridor", *offer.corridor.split("-")))
        place, of = view.ranks[offer.ref]
        assert Decimal(row.xpath("string(td[4]/@data-v)")) == offer.total_pct - average
        assert _text(row.xpath("td[5]")[0]) == f"{place} of {of}"
        assert of == len(view.listed(offer.corridor))


def test_prices_too_old_or_in_quarantine_are_shown_and_in_no_mean():
    def held(services):
        mine = services["provider"] == "swiftpath"
        first = services.index[mine & (services["tier"] == 200)][0]
        return services.assign(flags=services["flags"].mask(services.index == first, "quarantined+spike"))

    before, after = _page(_site(), "swiftpath"), _page(_site(held), "swiftpath")
    rows = "//section[@id='standard']//table[@data-sortable]/tbody/tr"
    assert len(before.xpath(rows)) == len(after.xpath(rows))
    marked = [row for row in after.xpath(rows) if "in quarantine" in _text(row)]
    assert len(marked) == 1
    assert _text(marked[0].xpath("td[5]")[0]) == "–"
    assert _text(before.xpath("//dl/div[1]")[0]) != _text(after.xpath("//dl/div[1]")[0])


def _before(site, change, provider="swiftpath"):
    """What the provider's services cost in the period before: `change` 1e-8 per cent more than now."""
    rows = site.views[0].data.services
    rows = rows[(rows["provider"] == provider) & (rows["tier"] == 200)]
    return rows.assign(total_e8=rows["total_e8"] + change, margin_e8=rows["margin_e8"] + change)[list(BEFORE_COLUMNS)]


def test_changes_compare_like_with_like_and_count_new_and_ended_services(site):
    was = _before(site, 50_000_000)
    gone = was.iloc[:1].assign(service="swiftpath:gone")
    before = pd.concat([was.iloc[1:], gone])
    changed = _site(before=before)
    found = changes(changed.views[0].data, changed.data.sources)
    assert set(found) >= {"swiftpath"}
    mine = found["swiftpath"]
    assert (len(mine.moves), mine.new, mine.ended) == (len(was) - 1, 1, 1)
    assert mine.mean == Decimal("-0.5")
    assert {(move.change, move.fee, move.margin) for move in mine.moves} == {
        (Decimal("-0.5"), Decimal(0), Decimal("-0.5"))
    }
    assert found["blue_heron"].moves == []
    text = _text(_page(changed, "swiftpath"))
    assert "Compared with the week of 28 September 2026." in text
    assert "1 service was not held then. 1 service is not held now." in text


def test_without_an_earlier_period_no_change_is_told(site):
    assert "No earlier period is held on this basis." in _text(_page(site, "swiftpath"))


def test_changes_of_sources_for_checks_only_are_told_nowhere(site):
    hidden = _before(site, 50_000_000).assign(source="checks_only")
    assert changes(_site(before=hidden).views[0].data, site.data.sources)["swiftpath"].moves == []


def test_a_provider_of_many_services_has_a_row_a_corridor(monkeypatch):
    monkeypatch.setattr("reports.provider.MOST_SERVICES", 1)
    page = _page(_site(), "swiftpath")
    rows = page.xpath("//section[@id='standard']//table[@data-sortable]/tbody/tr")
    corridors = [_text(row.xpath(".//a")[0]) for row in rows]
    assert len(corridors) == len(set(corridors))
    assert "Each corridor is shown with the cheapest service." in _text(page)


def test_hostile_names_are_text_on_their_pages():
    made = make_site(edition(bases=("survey",), corridors=("GBR-NGA",)))
    for provider in made.providers.values():
        raw = render_provider(made, provider)
        assert "<script>alert" not in raw
        assert "<img" not in raw
        assert "\u202e" not in raw
        assert "\x00" not in raw
        assert html.document_fromstring(raw).xpath("//h1/bdi/text()") == [provider.name]
    listed = html.document_fromstring(render_providers(made)).xpath("//tbody//bdi/text()")
    assert "<script>alert(1)</script>" in listed
    assert max(map(len, listed)) <= 80
    assert listed == sorted(listed, key=str.casefold)
