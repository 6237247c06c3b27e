"""The corridor page: every state in its words, SmaRT explained, daily changes, neighbours, the official figure."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gettext
import re
from decimal import Decimal

import pandas as pd
import pytest
from lxml import html

from reports import language
from reports.corridor import render_corridor
from reports.inputs import BENCHMARK_COLUMNS, CHANGE_COLUMNS, ChangeLog
from reports.site import make_site
from tests.reports import made_up
from tests.reports.made_up import edition


def page_of(data, key, basis=None):
    site = make_site(data)
    view = next(view for view in site.views if basis in (None, view.basis))
    return html.document_fromstring(render_corridor(site, view, key))


def changed(data, **changes):
    """The edition with its first basis changed."""
    return dataclasses.replace(data, bases=(dataclasses.replace(data.bases[0], **changes), *data.bases[1:]))


def services(data, key="GBR-IND"):
    """The services of the first basis, and which rows of them are of a corridor at USD 200, cheapest first."""
    frame = data.bases[0].services.copy()
    own = frame[(frame["corridor"] == key) & (frame["tier"] == 200)]
    return frame, own.sort_values("total_e8").index


def words(node):
    return " ".join(" ".join(node.itertext()).split())


def cells(page, section, place=0):
    table = page.xpath(f"//section[@id='{section}']//table")[place]
    return [[words(cell) for cell in row.xpath("./th|./td")] for row in table.xpath("./tbody/tr")]


def section(page, name):
    return words(page.xpath(f"//section[@id='{name}']")[0])


STANDARD = {"bases": ("standard",), "corridors": ("GBR-IND", "DEU-IND", "ARE-IND", "GBR-NGA"), "hostile": False}
SURVEY = {**STANDARD, "bases": ("survey",)}


def test_a_price_in_quarantine_does_not_stretch_the_bars_of_those_that_count():
    data = edition(**STANDARD)
    frame, own = services(data)
    plain = page_of(data, "GBR-IND")
    frame.loc[own[-1], ["fee_e8", "margin_e8", "total_e8"]] = [2e8, 90e8, 92e8]
    frame.loc[own[-1], "flags"] = "jump+quarantined"
    held = page_of(changed(data, services=frame), "GBR-IND")
    rows = held.xpath("//table[contains(@class, 'services')]/tbody/tr")
    assert words(rows[-1].xpath("td")[0]) == "92.0%"
    assert "in quarantine" in words(rows[-1].xpath("th")[0])
    ends = [
        max(float(box.get("x")[:-1]) + float(box.get("width")[:-1]) for box in row.xpath(".//rect")) for row in rows
    ]
    assert ends[-1] == 100
    assert 50 < max(ends[:-1]) < 100
    assert len(rows[-1].xpath(".//*[local-name()='path'][@class='ground']")) == 1
    assert not [row for row in rows[:-1] if row.xpath(".//*[@class='ground']")]
    assert "a bar with two slanted cuts is longer than the scale" in section(held, "services")
    assert "slanted" not in section(plain, "services")
    assert "1 price is in quarantine." in words(held.xpath("//p[contains(@class, 'note')]")[0])


def test_the_three_cheapest_are_named_and_the_others_told_why_not():
    data = edition(**SURVEY)
    frame, own = services(data)
    frame.loc[own[0], ["speed", "smart_rank"]] = ["six_days_or_more", 0]
    frame.loc[own[1], ["speed", "smart_rank"]] = ["unknown", 0]
    frame.loc[own[2], "smart_rank"] = 0
    frame.loc[own[2], "flags"] = "spike+quarantined"
    frame.loc[own[3], "smart_rank"] = 0
    frame.loc[own[3], "flags"] = "stale"
    for rank, place in enumerate(own[4:7], start=1):
        frame.loc[place, "smart_rank"] = rank
    frame.loc[own[7], ["total_e8", "margin_e8"]] = float("nan")
    frame.loc[own[7], "transparent"] = False
    page = page_of(changed(data, services=frame), "GBR-IND")
    assert len(cells(page, "smart")) == 3
    reasons = [row[2] for row in cells(page, "smart", 1)]
    assert reasons == [
        "It pays out after six days or more.",
        "It does not state its speed.",
        "It is in quarantine until a person has looked at it.",
        "Its price is too old to count.",
        "It does not disclose its rate: what it costs is not known.",
    ]
    assert "10 more services qualify and are dearer." in section(page, "smart")


def test_the_mean_of_the_three_is_written_out():
    page = page_of(edition(**SURVEY), "GBR-IND")
    costs = [Decimal(row[1].rstrip("%")) for row in cells(page, "smart")]
    sums = re.search(r"Their mean: \(([\d.]+)% \+ ([\d.]+)% \+ ([\d.]+)%\) ÷ 3 = ([\d.]+)%", section(page, "smart"))
    assert [Decimal(value) for value in sums.groups()[:3]] == costs
    assert abs(sum(costs) / 3 - Decimal(sums[4])) <= Decimal("0.01")


def test_speed_is_counted_over_the_services_that_count():
    data = edition(**SURVEY)
    page = page_of(data, "GBR-IND")
    rows = cells(page, "speed")
    frame, own = services(data)
    assert sum(int(row[1]) for row in rows) == len(own)
    assert rows[0][0] == "Within one hour"
    cheapest = frame.loc[own][frame.loc[own]["speed"] == "within_hour"]["total_e8"].min() / 1e8
    assert rows[0][4] == f"{cheapest:.1f}%"
    assert "The G20 aims at 75%" not in section(page, "speed")


def share(data, code, value):
    frame = data.bases[0].indicators
    like = frame[(frame["indicator"] == "average_total_cost") & (frame["sender"] == "GBR")]
    row = like[(like["receiver"] == "IND") & (like["amount"] == 200) & like["breakdown"].isna()].iloc[[0]]
    return row.assign(indicator=code, value=Decimal(value), flags=[()], id=code)


def test_published_shares_and_quartiles_are_told():
    data = edition(**SURVEY)
    more = {"share_services_within_hour": "44.4", "share_services_within_day": "61", "p25_total_cost": "1.5",
            "median_total_cost": "2.25", "p75_total_cost": "3.5"}  # fmt: skip
    frames = [data.bases[0].indicators, *(share(data, code, value) for code, value in more.items())]
    page = page_of(changed(data, indicators=pd.concat(frames)), "GBR-IND")
    assert "44% pay out within one hour and 61% within one business day." in section(page, "speed")
    assert "the middle half: 1.5% to 3.5%; median 2.3%" in section(page, "spread")
    drawing = page.xpath("//section[@id='spread']//svg[contains(@class, 'wide-only')]")[0]
    assert len(drawing.xpath("./rect[@class='lnp']")) == 1
    assert "median" not in section(page_of(data, "GBR-IND"), "spread")


def log(*rows, left=0):
    table = pd.DataFrame(
        [
            {
                **dict.fromkeys(CHANGE_COLUMNS, float("nan")),
                "corridor": "GBR-IND",
                "since": None,
                "until": None,
                "source": "transfergo",
                "provider": "swiftpath",
                "provider_name": "SwiftPath",
                "provider_type": "money_transfer_operator",
                "payment_instrument": "bank_account+debit_card",
                "access_point": "internet",
                "pickup_method": "cash",
                "flags": "",
                **row,
            }
            for row in rows
        ],
        columns=list(CHANGE_COLUMNS),
    )
    return ChangeLog(dt.date(2026, 8, 2), dt.date(2026, 10, 30), Decimal("0.5"), 3, 40, table,
                     {"GBR-IND": left} if left else {})  # fmt: skip


def day(number):
    return dt.date(2026, 10, number)


def change(number, kind, since=None, before=None, after=None, fee=None, margin=None, **more):
    """A row of the log; costs and changes in per cent."""
    costs = {"before_e8": before, "after_e8": after, "fee_e8": fee, "margin_e8": margin}
    known = {name: value * 1e8 for name, value in costs.items() if value is not None}
    return {"day": day(number), "kind": kind, "since": None if since is None else day(since), **known, **more}


CHANGES = (
    change(30, "dearer", 29, 2, 3, 0.25, 0.75),
    change(28, "cheaper", 21, 3, 2, 0, -1),
    change(27, "new", after=2),
    change(26, "again", 20, 1, 2),
    change(25, "gone", 22, 4),
    change(24, "quarantined", 23, 4, 92, 0, 88, flags="jump+decimal_slip+quarantined"),
    change(23, "released", 22, 4, 9, 0, 5),
    change(22, "confirmed", 21, 4, 9, 5, 0),
    change(20, "gap", 18, until=day(21), provider_name="", source=""),
)


def test_daily_changes_are_told_with_their_parts():
    data = changed(edition(**STANDARD), log=log(*CHANGES, left=7))
    page = page_of(data, "GBR-IND")
    service = "SwiftPath Bank account, debit card → cash"
    assert cells(page, "changes") == [
        ["30 October", service, "dearer by 1.0 points", "2.0% → 3.0%", "+0.3", "+0.8"],
        ["28 October since 21 October", service, "cheaper by 1.0 points", "3.0% → 2.0%", "±0.0", "−1.0"],
        ["27 October", service, "new service", "2.0%", "", ""],
        ["26 October since 20 October", service, "priced again", "1.0% → 2.0%", "", ""],
        ["25 October last on 22 October", service, "no price any more", "4.0%", "", ""],
        ["24 October", service, "in quarantine: jumped, decimal slip?", "4.0% → 92.0%", "±0.0", "+88.0"],
        ["23 October", service, "released: a person looked at it, and it counts", "4.0% → 9.0%", "±0.0", "+5.0"],
        ["22 October", service, "confirmed by its next price", "4.0% → 9.0%", "+5.0", "±0.0"],
        ["20 October", "", "no price of any service for 2 days", "", "", ""],
    ]
    said = section(page, "changes")
    assert (
        "In these days: 1 price went up, 1 price went down, 1 service is new, 1 service came back, 1 service went, "
        "1 price was put in quarantine, 1 price was released, 1 price was confirmed and 1 stretch is without prices."
    ) in said
    assert "2 August 2026 to 30 October 2026" in said
    assert "Changes of 0.5 points or more are listed, at USD 200. A service counts as gone after 3 days" in said
    assert "7 older changes of these days are not listed." in said


def test_many_changes_fold_and_no_change_is_said():
    many = changed(edition(**STANDARD), log=log(*([CHANGES[0]] * 25)))
    page = page_of(many, "GBR-IND")
    assert len(cells(page, "changes")) == 20
    assert len(cells(page, "changes", 1)) == 5
    assert words(page.xpath("//section[@id='changes']//summary")[0]) == "5 earlier changes"
    assert "Nothing changed in these days." in section(page_of(many, "DEU-IND"), "changes")
    assert "No daily collection stands behind these figures." in section(
        page_of(edition(**SURVEY), "GBR-IND"), "changes"
    )


def test_changes_of_sources_that_may_be_shown_nowhere_are_not_shown():
    data = changed(edition(**STANDARD), log=log({**CHANGES[0], "source": "checks_only"}))
    assert "Nothing changed in these days." in section(page_of(data, "GBR-IND"), "changes")


def test_neighbours_are_compared_on_one_scale_and_linked():
    page = page_of(edition(**SURVEY), "GBR-IND")
    rows = cells(page, "neighbours")
    assert rows[0] == ["To India"]
    assert [row[0] for row in rows[1:]] == ["United Kingdom", "United Arab Emirates", "Germany"]
    costs = [float(row[1].split("%")[0]) for row in rows[1:]]
    assert costs == sorted(costs)
    links = page.xpath("//section[@id='neighbours']//tbody//a/@href")
    assert links == ["../corridors/ARE-IND.html", "../corridors/DEU-IND.html"]
    assert words(page.xpath("//section[@id='neighbours']//tr[@class='me']/th")[0]) == "United Kingdom"
    alone = page_of(edition(**SURVEY), "GBR-NGA")
    assert "No figure is held of the other direction or of another corridor to Nigeria." in section(alone, "neighbours")


def test_the_other_direction_is_told_apart():
    made_up.CORRIDORS["IND-GBR"] = ("INR", "GBP", 0.0089, (17000, 42000), 7.5, 4)
    made_up.REGIONS["GBR"] = "Europe & Central Asia"
    try:
        data = edition(bases=("survey",), corridors=("GBR-IND", "IND-GBR", "DEU-IND"), hostile=False)
    finally:
        del made_up.CORRIDORS["IND-GBR"], made_up.REGIONS["GBR"]
    rows = cells(page_of(data, "GBR-IND"), "neighbours")
    assert [row[0] for row in rows[-2:]] == ["The other direction", "India → United Kingdom"]


@pytest.mark.parametrize(("apart", "word"), [("0.04", "agrees"), ("0.06", "differs")])
def test_the_official_figure_stands_beside_ours(apart, word):
    data = edition(**SURVEY)
    history = data.bases[0].history
    ours = history[(history["sender"] == "GBR") & (history["receiver"] == "IND") & (history["period"] == "2026-Q2")
                   & (history["indicator"] == "average_total_cost")]["value"].iloc[0]  # fmt: skip
    rows = [("GBR", "IND", "2026-Q2", ours + Decimal(apart), "x"), ("GBR", "IND", "2030-Q1", Decimal(9), "x")]
    official = pd.DataFrame(rows, columns=list(BENCHMARK_COLUMNS))
    newest, row = cells(page_of(dataclasses.replace(data, benchmarks=official), "GBR-IND"), "bases")[-2:]
    name = "Official corridor series (World Bank)"
    assert newest == [f"{name} we hold no survey figure of the same quarter", "2030-Q1", "9.00%", "–", "–"]
    assert row[0] == f"{name} our survey figure of the same quarter: {ours:.2f}% {word}"
    assert row[1:3] == ["2026-Q2", f"{ours + Decimal(apart):.2f}%"]
    none = page_of(dataclasses.replace(data, benchmarks=official.iloc[:0]), "GBR-IND")
    assert "No official figure of this corridor is held." in section(none, "bases")


def test_the_table_can_be_filtered_by_what_there_is_to_choose_from():
    page = page_of(edition(**SURVEY), "GBR-IND")
    assert page.xpath("//select[@data-filter]/@data-filter") == ["type", "payin", "payout", "speed"]
    assert len(page.xpath("//input[@type='search'][@data-search]")) == 1
    rows = page.xpath("//table[contains(@class, 'services')]/tbody/tr")
    for name in ("type", "payin", "payout", "speed"):
        offered = set(page.xpath(f"//select[@data-filter='{name}']/option/@value")) - {""}
        assert {code for row in rows for code in row.get(f"data-{name}").split()} == offered
    assert any(" " in row.get("data-payin") for row in rows)


def test_evidence_of_many_services_folds_and_every_row_can_be_reached():
    page = page_of(edition(**SURVEY), "GBR-IND")
    assert len(cells(page, "evidence")) == 12
    assert len(cells(page, "evidence", 1)) == 6
    assert words(page.xpath("//section[@id='evidence']//summary")[0]) == "Evidence of 6 more services"
    links = page.xpath("//table[contains(@class, 'services')]//a[starts-with(@href, '#e')]/@href")
    assert [link[1:] for link in links] == page.xpath("//section[@id='evidence']//tr[@id]/@id")
    assert "walks from quote" in section(page, "evidence")


def with_state(state):
    data = edition(**STANDARD)
    sources = tuple(
        dataclasses.replace(source, state=state, age_days=4) if source.key == "transfergo" else source
        for source in data.sources
    )
    return dataclasses.replace(data, sources=sources)


def test_a_source_that_is_held_or_late_says_so():
    held = page_of(with_state("held"), "GBR-IND")
    note = words(held.xpath("//p[contains(@class, 'note')]")[0])
    assert note == (
        "The newest run of TransferGo quotes is held. It brought less than it should. The last accepted prices stay in "
        "force, with their age."
    )
    tags = held.xpath("//table[contains(@class, 'services')]//span[@class='tag warn']/text()")
    assert set(tags) == {"newest run held"}
    late = page_of(with_state("failing"), "GBR-IND")
    note = words(late.xpath("//p[contains(@class, 'note')]")[0])
    assert note == "TransferGo quotes is late. No accepted answer for 4 days."


def figures_with(data, **flags):
    """The corridor's figures without value, each with a flag that says why."""
    frame = data.bases[0].indicators.copy()
    own = (frame["sender"] == "GBR") & (frame["receiver"] == "IND") & (frame["scope"] == "corridor")
    for code, flag in flags.items():
        rows = own & (frame["indicator"] == code)
        frame.loc[rows, "value"] = None
        frame.loc[rows, "flags"] = pd.Series([(flag,)] * int(rows.sum()), index=frame.index[rows])
    return changed(data, indicators=frame)


def test_a_figure_withheld_for_private_prices_says_why():
    data = figures_with(edition(**STANDARD), average_total_cost="private_suppressed", smart="private_suppressed")
    page = page_of(changed(data, private={"GBR-IND": 1}), "GBR-IND")
    why = "Withheld: it would tell prices that fewer than three providers handed in privately."
    facts = page.xpath("//dl[contains(@class, 'facts')]/div")
    assert [words(fact.xpath("dd")[0]) for fact in facts[:2]] == ["–", "–"]
    assert all(why in words(fact) for fact in facts[:2])
    assert why in section(page, "smart")
    assert why in cells(page, "bases")[0][2]


def test_a_corridor_that_another_basis_does_not_cover_says_so():
    data = edition(bases=("survey", "estimate"), corridors=("GBR-IND", "DEU-IND"), hostile=False)
    assert cells(page_of(data, "DEU-IND"), "bases")[1] == ["Estimates", "–", "No figure not covered", "–", "0"]


def test_the_way_to_the_page_leads_over_the_receiving_country():
    page = page_of(edition(**STANDARD), "GBR-IND")
    assert [words(step) for step in page.xpath("//nav[@class='crumbs']//li")] == [
        "Overview", "Countries", "India", "United Kingdom → India",
    ]  # fmt: skip
    assert page.xpath("//nav[@class='crumbs']//a/@href") == [
        "../index.html", "../countries.html#standard", "../countries/IND.html",
    ]  # fmt: skip


def test_market_coverage_and_reference_rates_are_told_before_quoting():
    data = edition(**STANDARD)
    page = page_of(data, "GBR-IND")
    assert "European Central Bank reference rates: the rate of 30 October 2026." in section(page, "method")
    assert "Not known: no file of market shares is supplied" in section(page, "method")
    assert "official and a market rate" not in section(page, "method")
    frame, own = services(data)
    frame.loc[own, "flags"] = "parallel_rate"
    parallel = page_of(changed(data, services=frame), "GBR-IND")
    assert "An official and a market exchange rate stand side by side here." in words(parallel.xpath("//main")[0])
    assert "margins are measured against the official one" in section(parallel, "method")


def test_a_page_of_sixty_services_with_evidence_and_log_is_light():
    made_up.CORRIDORS["GBR-PAK"] = ("GBP", "PKR", 356.0, (120, 300), 3.1, 120)
    try:
        data = edition(bases=("standard",), corridors=("GBR-PAK",), hostile=False)
    finally:
        del made_up.CORRIDORS["GBR-PAK"]
    rows = [{**row, "corridor": "GBR-PAK"} for row in (CHANGES * 5)[:40]]
    site = make_site(changed(data, log=log(*rows)))
    page = render_corridor(site, site.views[0], "GBR-PAK")
    assert page.count('<tr role="row" data-') == 60
    assert page.count('<tr id="e') == 60
    assert len(page.encode()) <= 200_000


class Marked(gettext.NullTranslations):
    """Every message between marks."""

    def gettext(self, message):
        return f"⟦{message}⟧"

    def pgettext(self, context, message):
        return f"⟦{message}⟧"

    def ngettext(self, one, many, n):
        return f"⟦{one if n == 1 else many}⟧"


LONG_WORDS = re.compile(r"[^\W\d]{4,}")


def test_every_word_of_the_page_is_a_message(monkeypatch):
    data = changed(edition(bases=("standard", "survey", "estimate")), log=log(*CHANGES))
    english = language.language("en")
    monkeypatch.setattr(language, "_messages", lambda code: Marked())
    language.language.cache_clear()
    try:
        site = make_site(data)
        pages = [render_corridor(site, view, key) for view in site.views for key in ("GBR-IND", "USA-MEX", "GBR-NGA")]
    finally:
        monkeypatch.undo()
        language.language.cache_clear()
    assert language.language("en").name == english.name
    names = [
        "United",
        "Kingdom",
        "States",
        "India",
        "Mexico",
        "Nigeria",
        "Germany",
        "Arab",
        "Emirates",
        "October",
        "August",
        "Sept",
        "Posta",
        "Joint",
    ]
    told = "|".join([*names, "remitwatch", "transfergo", "wise_", "worldbank_", "abab"])
    for page in pages:
        rest = page[page.index("<main") : page.index("</main>")]
        while (shorter := re.sub("⟦[^⟦⟧]*⟧", "", rest)) != rest:
            rest = shorter
        for node in html.fragment_fromstring(rest + "</main>").iter():
            texts = [node.get("aria-label"), node.get("data-l"), node.tail]
            if node.tag not in ("bdi", "text"):  # names of providers; in drawings they stand beside their costs
                texts.append(node.text)
            left = [
                word for text in filter(None, texts) for word in LONG_WORDS.findall(text) if not re.match(told, word)
            ]
            assert not left, (node.tag, left)
