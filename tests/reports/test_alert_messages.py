"""The words of alerts: every kind in every language, groups, digests, corrections, hostile names, charts."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree
from matplotlib.image import imread

from remitwatch.alerts.kinds import BY_CODE, KINDS
from reports.alerts.chart import chart
from reports.alerts.feed import atom, lines
from reports.alerts.headlines import headline
from reports.alerts.message import SUBJECT_LENGTH, Message, render
from reports.alerts.told import Item, Told
from reports.language import languages, speaking

NOW = dt.datetime(2026, 11, 21, 18, 45, tzinfo=dt.UTC)
HOSTILE = "<script>alert(1)</script>\r\nBcc: all@example.org\u202e **@everyone** [x](http://evil) & {name}"
PLACE = {"sender": "GBR", "receiver": "IND", "page": "corridors/GBR-IND.html"}
FIGURE = {"indicator": "average_total_cost", "basis": "standard", "amount": 200, "period": "latest", "services": 12,
          "providers": 9, "flags": [], "figure": "abc"}  # fmt: skip
MOVED = {"from": "2026-11-14", "average_from": "5.4000", "average_to": "6.2300", "change": "0.8300", "fee": "0.2000",
         "margin": "0.6300", "entry": "0.0000", "exit": "0.0000", "services_from": 12, "services_to": 12,
         "continuing": 12, "entered": 0, "left": 0}  # fmt: skip
SERVICE = PLACE | {"name": "Acme", "provider": "acme", "source": "wise", "payment_instrument": "debit_card",
                   "access_point": "internet", "pickup_method": "bank_account", "product": "", "speed": ""}  # fmt: skip
SOURCE = {
    "source": "ecb",
    "name": "European Central Bank",
    "cadence": 1,
    "run": 7,
    "status": "failed",
    "reason": "slow",
}
FACTS: dict[str, dict[str, Any]] = {
    "cost_above": PLACE | FIGURE | {"moved": MOVED},
    "target_missed": {"country": "KEN", "side": "receiver", "page": "countries/KEN.html"} | FIGURE
    | {"cost": "6.2300", "target": {"code": "ken", "name": HOSTILE, "owner": "Kenya", "operator": "le",
                                    "value": "5.0000", "deadline": "2027-12-31"}},
    "cost_change": PLACE | {"moved": MOVED, "direction": "up", "basis": "standard", "amount": 200, "period": "latest"},
    "new_cheapest": PLACE | {"provider": "acme", "name": HOSTILE, "cost": "2.1000", "since": "2026-11-20",
                             "before": ["Old", HOSTILE], "cost_before": "2.9000", "basis": "standard", "amount": 200},
    "provider_vanished": SERVICE | {"last_day": "2026-11-01", "absent": 20, "basis": "standard"},
    "provider_appeared": SERVICE | {"first_day": "2026-11-20", "cost": None, "basis": "standard", "amount": 200},
    "service_vanished": SERVICE | {"last_day": "2026-11-01", "absent": 20, "basis": "standard"},
    "service_appeared": SERVICE | {"first_day": "2026-11-20", "cost": "3.1000", "basis": "standard", "amount": 200},
    "change_point": SERVICE | {"level_before": "3.1000", "level_now": "5.2000", "direction": "up", "basis": "standard",
                               "parted": {"from": {"day": "2026-11-17", "total": "3.1000", "fee": "1", "margin": "2.1"},
                                          "change": {"total": "2.1000", "fee": "0.0000", "margin": "2.1000"}}},
    "few_qualifying": PLACE | FIGURE | {"services": 2},
    "coverage_low": {"covered": 10, "watched": 34, "missing": ["USA-MEX"] * 20, "page": "index.html"},
    "benchmark_apart": {"country": "KEN", "side": "receiver", "page": "countries/KEN.html"} | FIGURE
    | {"series": "SI_RMT_COST", "source": "sdg_database", "published": "7.1000", "ours": "6.2300", "period": "2026-Q3"},
    "rates_apart": {"pair": "USD/KES", "date": "2026-11-20", "codes": ["rates_apart"], "words": ["129.1 and 139.2"]},
    "rate_stale": SOURCE | {"newest": "2026-11-10", "age": 11, "most": 5},
    "source_stale": SOURCE | {"last_ok": "2026-11-10", "age": 11, "words": "ecb: no accepted run for 11 days"},
    "source_failing": SOURCE | {"words": "ecb: the last two runs failed"},
    "source_held": SOURCE,
    "source_changed": SOURCE | {"answers": {"changed": 2}},
    "runs_missed": {"missed": 3, "sources": ["ecb"], "first_day": "2026-11-18", "last_day": "2026-11-20",
                    "reasons": ["gap"]},
    "disk_low": {"free": 900, "total": 50000, "folder": "/srv/home"},
    "database_unsound": {"problems": ["page 4 is damaged"], "number": 1},
}  # fmt: skip
VALUES = {"disk_low": "900", "few_qualifying": "2", "coverage_low": "29.4118", "target_missed": "1.23"}
SUBJECTS = {"rates_apart": "pair:USD/KES", "coverage_low": "world", "target_missed": "country:KEN/ken"}


def told(kind: str = "cost_above", turn: str = "opened", n: int = 1, **changes: Any) -> Told:
    facts = changes.pop("facts", FACTS[kind])
    subject = SUBJECTS.get(kind) or ("source:ecb" if "cadence" in facts else "home")
    subject = "corridor:GBR-IND" if "receiver" in facts else subject
    item = {"alert": 1, "subject": subject, "value": VALUES.get(kind, "6.2300"), "threshold": "5",
            "told_value": "6.9000" if turn != "opened" else None, "facts": facts, "day": "2026-11-21",
            "first_day": "2026-11-20", "opened_at": None, "closed_at": None, "told_day": "2026-11-20",
            "closed_why": "recovered" if turn == "closed" else None} | changes.pop("item", {})  # fmt: skip
    content = {"kind": turn, "rule": kind, "rule_kind": kind, "scope": "corridor", "title": "A title",
               "audience": "readers", "severity": "warning", "unit": BY_CODE[kind].unit,
               "threshold": "5", "clear": "4.8",
               "indicator": "average_total_cost", "basis": "standard", "amount": 200, "days": 7, "world": "real",
               "made_at": "2026-11-21T18:45:00Z", "n": n, "alert_ids": list(range(1, n + 1)),
               "items": [item | {"alert": number + 1} for number in range(min(n, 10))]} | changes  # fmt: skip
    return Told("k" * 64, content)


def link(page: str | None) -> str:
    return "" if page is None else f"https://example.org/latest/{page}"


def rendered(*several: Told, digest: bool = False) -> Message:
    return render(several, link=link, pictures={}, made_at=NOW, digest=digest)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("kind", [one.code for one in KINDS])
def test_every_kind_has_words_for_every_turn_in_every_language(kind: str, language: str) -> None:
    turns = ["opened", *([] if BY_CODE[kind].event else ["closed"]), *(["corrected"] if BY_CODE[kind].figure else [])]
    seen = set()
    with speaking(language):
        for turn in turns:
            made = rendered(told(kind, turn))
            seen.add(made.subject)
            for text in (made.subject, made.text, made.html):
                assert "{" not in text.replace("{name}", "")
                assert "None" not in text
            page = etree.HTML(made.html)
            assert page.get("lang") == language
            assert page.xpath("//h2")
    assert len(seen) == len(turns)


OPENED = {
    "cost_above": "United Kingdom → India: Average total cost 6.2%, above 5%",
    "target_missed": "Sending to Kenya: 6.2%, the national target of 5.0% is missed",
    "cost_change": "United Kingdom → India: average cost up 6.2 points",
    "change_point": "United Kingdom → India: a service of Acme costs 5.2%, 3.1% before",
    "few_qualifying": "United Kingdom → India: services that qualify for SmaRT: 2, fewer than 5",
    "coverage_low": "29.4% of the watched corridors have a price, below 5%",
    "source_stale": "European Central Bank: the source is stale",
    "runs_missed": "3 scheduled runs were missed",
    "disk_low": "The disk is nearly full: 900 MB free",
}


@pytest.mark.parametrize("kind", OPENED)
def test_headlines_say_what_happened(kind: str) -> None:
    one = told(kind)
    assert headline(one, one.shown[0]) == OPENED[kind]


def test_a_value_near_the_line_is_told_apart_from_it() -> None:
    one = told(item={"value": "5.0400000000"})
    assert headline(one, one.shown[0]) == "United Kingdom → India: Average total cost 5.04%, above 5%"


def test_the_reason_is_the_decomposition() -> None:
    text = rendered(told()).text
    assert "Reason: +0.8 points since 14 November 2026. Fees rose 0.2 points and the margin 0.6; services" in text
    text = rendered(told("change_point")).text
    assert "Reason: +2.10 points since 17 November 2026: fee ±0.00, exchange-rate margin +2.10." in text


def test_three_hundred_and_sixty_seven_at_once_are_ten_and_a_count() -> None:
    made = rendered(told(n=367))
    assert made.subject == "remitwatch: United Kingdom → India: Average total cost 6.2%, above 5% (and 366 more)"
    assert made.text.count("above 5%") == 10
    assert "\nand 357 more\n" in made.text
    assert len(etree.HTML(made.html).xpath("//ol/li")) == 9
    assert "and 357 more" in made.html


def test_a_correction_says_what_was_told_and_what_it_is() -> None:
    made = rendered(told(turn="corrected", item={"value": "4.7000", "closed_why": "corrected", "told_value": "5.4"}))
    assert made.subject == "remitwatch: United Kingdom → India: correction, 4.7% instead of 5.4%"
    assert "On 20 November 2026 we told you 5.4%; the figure of that day is 4.7% now." in made.text
    assert "The alert is closed." in made.text
    gone = rendered(told(turn="corrected", item={"value": None, "told_value": "5.4"}))
    assert gone.subject == "remitwatch: United Kingdom → India: correction, the figure of 5.4% is withdrawn"
    assert "There is no figure of that day any more." in gone.text


def test_an_end_without_a_figure_is_no_recovery() -> None:
    made = rendered(told(turn="closed", item={"closed_why": "not_judged"}))
    assert made.subject == "remitwatch: United Kingdom → India: no figure any more, so the alert is closed"


@pytest.mark.parametrize("language", languages())
def test_hostile_names_stay_text(language: str) -> None:
    with speaking(language):
        one = told("new_cheapest")
        made = rendered(one)
        feed = atom("readers", [one], link=link, world="real")
    assert "\n" not in made.subject
    assert "\r" not in made.subject + made.text
    assert "\u202e" not in made.subject + made.text + made.html + feed
    assert len(made.subject) <= SUBJECT_LENGTH
    page = etree.HTML(made.html)
    assert not page.xpath("//script")
    assert {str(href) for href in page.xpath("//a/@href")} == {"https://example.org/latest/corridors/GBR-IND.html"}
    assert "<script>alert(1)</script>" in "".join(page.itertext())
    entry = etree.fromstring(feed.encode()).find("{http://www.w3.org/2005/Atom}entry")
    assert entry is not None
    assert "<script>" in (entry.findtext("{http://www.w3.org/2005/Atom}title") or "")
    assert not [line for line in made.text.splitlines() if line.startswith("Bcc")]


def test_a_digest_is_in_the_order_of_severity_with_counts() -> None:
    several = [
        told("new_cheapest", severity="info"),
        told(turn="closed"),
        told(n=12),
        told("source_stale", severity="critical"),
        told(turn="corrected"),
    ]
    made = rendered(*several, digest=True)
    assert made.subject == "remitwatch: Critical: Alerts up to 21 November 2026: 14 new, 1 corrected, 1 over"
    heads = [str(text)[:40] for text in etree.HTML(made.html).xpath("//h2/text()")]
    assert [head.partition(": ")[2][:12] for head in heads] == [
        "the source i",
        "Average tota",
        "correction, ",
        "Average tota",
        "<script>aler",
    ]
    assert "12 new" not in made.text
    assert made.text.startswith("Alerts up to 21 November 2026\n14 new, 1 corrected, 1 over\n")


def test_sandbox_words_are_in_all_of_it() -> None:
    one = told(world="sandbox")
    made = rendered(one)
    for text in (made.subject, made.text, made.html, atom("readers", [one], link=link, world="sandbox")):
        assert "Sandbox data, not real prices" in text


def test_feeds_are_the_same_for_the_same_messages() -> None:
    several = [told(), told("new_cheapest")]
    assert atom("readers", several, link=link, world="real") == atom("readers", several, link=link, world="real")
    assert [line.count("\n") for line in lines(several).splitlines(keepends=True)] == [1, 1]
    assert etree.fromstring(atom("x", [], link=link, world="real").encode()).tag.endswith("feed")


@pytest.mark.parametrize("language", languages())
def test_a_chart_is_a_small_picture_with_the_same_bytes(language: str) -> None:
    item = Item(told().content["items"][0], "percent")
    days = [(f"2026-11-{day:02d}", Decimal(4) + Decimal(day) / 10) for day in (*range(1, 9), *range(12, 21))]
    with speaking(language):
        first = chart(item, "average_total_cost", days, world="sandbox")
        again = chart(item, "average_total_cost", days, world="sandbox")
        assert chart(item, "average_total_cost", days[:1], world="real") is None
    assert first is not None
    assert first == again
    assert len(first) < 150_000
    assert imread(io.BytesIO(first)).shape[:2] == (576, 1120)
