"""The real recorded answers of ten rate publishers, read through our scrapers: whole summaries, not just "no error"."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from remitwatch.rates import ReferenceRate
from scrapers import registry
from scrapers.base import Refused, Repaired, Request, Response

RECORDED = Path(__file__).parents[3] / "shared" / "data" / "recorded" / "rates"
pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="needs the recorded answers of ../shared/data")


def read(folder: str, key: str, span: str = "") -> tuple[list[ReferenceRate], Counter[str], list[Any]]:
    """The rates of all answers in a folder, what was counted, and everything else that came."""
    scraper = registry.scraper(key)
    rates: list[ReferenceRate] = []
    counted: Counter[str] = Counter()
    others: list[Any] = []
    for meta in sorted((RECORDED / folder).glob("*.meta.json")):
        said = json.loads(meta.read_text("utf-8"))
        (body,) = meta.parent.glob(f"{meta.name[:4]}.body.*")
        url, _, query = said["url"].partition("?")
        context = dict(zip(("since", "until"), span.split("/"), strict=False))
        request = Request(url, dict(parse_qsl(query)), method=said["method"], context=context)
        answer = Response(request, said["status"], said["headers"], body.read_bytes(), datetime(2026, 6, 1, tzinfo=UTC))
        for record in scraper.parse(answer):
            match record:
                case ReferenceRate():
                    rates.append(record)
                case Repaired():
                    counted[record.kind] += record.count
                case _:
                    others.append(record)
    return rates, counted, others


def summary(rates: list[ReferenceRate]) -> dict[str, int]:
    """How many rates a day."""
    return dict(sorted(Counter(str(rate.date) for rate in rates).items()))


def rate_of(rates: list[ReferenceRate], base: str, quote: str, day: str) -> Decimal:
    (found,) = [one.rate for one in rates if (one.base, one.quote, str(one.date)) == (base, quote, day)]
    return found


def test_bank_of_canada() -> None:
    rates, counted, others = read("boc", "bank_of_canada")
    days = ("2026-03-12", "2026-03-13", "2026-03-16", "2026-03-17", "2026-03-18")
    assert summary(rates) == dict.fromkeys(days, 23)
    assert {one.quote for one in rates} == {"CAD"}
    assert rate_of(rates, "USD", "CAD", "2026-03-18") == Decimal("1.3706")
    assert rate_of(rates, "KRW", "CAD", "2026-03-18") == Decimal("0.000913")
    assert (counted, others) == ({}, [])


def test_banrep_gives_a_rate_for_each_day_of_a_row() -> None:
    rates, counted, others = read("banrep", "banrep")
    days = [f"2026-03-{day}" for day in range(17, 25)]
    assert [(str(one.date), str(one.rate)) for one in rates] == list(
        zip(days, ("3691.9", "3689.97", "3704.17", "3692.48", *["3704.87"] * 4), strict=True)
    )
    assert {(one.base, one.quote) for one in rates} == {("USD", "COP")}
    assert (counted, others) == ({}, [])


def test_bcra() -> None:
    rates, counted, others = read("bcra", "bcra")
    assert summary(rates) == {"2026-03-19": 32, "2026-03-20": 32}
    assert rate_of(rates, "USD", "ARS", "2026-03-20") == Decimal("1390.5")
    assert rate_of(rates, "MXN", "ARS", "2026-03-19") == Decimal("78.438321")
    assert rate_of(rates, "VND", "ARS", "2026-03-19") == Decimal("0.053040965")
    assert counted == {"not_money": 6, "not_iso": 6, "their_code": 2, "per_units": 2}
    assert others == []


def test_bceao() -> None:
    rates, counted, others = read("bceao", "bceao")
    assert summary(rates) == dict.fromkeys([f"2026-03-{day}" for day in range(16, 21)], 27)
    assert {one.rate for one in rates if one.base == "EUR"} == {Decimal("655.9570")}
    assert rate_of(rates, "KWD", "XOF", "2026-03-16") == Decimal("1953.0200")
    assert rate_of(rates, "KRW", "XOF", "2026-03-20") == Decimal("0.4102")
    assert (counted, others) == ({}, [])


def test_cbn_keeps_the_span_that_was_asked() -> None:
    rates, counted, others = read("cbn", "cbn", "2026-05-18/2026-05-21")
    assert summary(rates) == dict.fromkeys([f"2026-05-{day}" for day in range(18, 22)], 10)
    assert rate_of(rates, "USD", "NGN", "2026-05-21") == Decimal("1371.8079")
    assert rate_of(rates, "JPY", "NGN", "2026-05-21") == Decimal("8.6147")
    assert counted == {"which_cfa": 4, "not_money": 8, "not_asked": 26}
    assert others == []


def test_ecb_data_api_has_only_four_columns() -> None:
    rates, counted, others = read("ecb_recent", "ecb")
    assert len(rates) == 29 * 22
    assert set(summary(rates).values()) == {29}
    assert list(summary(rates))[::21] == ["2026-02-17", "2026-03-18"]
    assert rate_of(rates, "EUR", "ZAR", "2026-03-18") == Decimal("19.4174")
    assert rate_of(rates, "EUR", "AUD", "2026-03-05") == Decimal("1.649")
    assert (counted, others) == ({"rows_read": 29 * 22}, [])


def test_fbil() -> None:
    rates, counted, others = read("fbil", "fbil")
    assert summary(rates) == {"2026-03-17": 6, "2026-03-18": 6, "2026-03-20": 6}
    assert rate_of(rates, "USD", "INR", "2026-03-20") == Decimal("93.3483")
    assert rate_of(rates, "JPY", "INR", "2026-03-20") == Decimal("0.5894")
    assert rate_of(rates, "IDR", "INR", "2026-03-20") == Decimal("0.00551079")
    assert (counted, others) == ({"per_units": 6}, [])


def test_hkma() -> None:
    rates, counted, others = read("hkma", "hkma")
    assert summary(rates) == dict.fromkeys([f"2026-02-{day}" for day in range(25, 29)], 17)
    assert rate_of(rates, "USD", "HKD", "2026-02-28") == Decimal("7.8245000000000005")
    assert rate_of(rates, "IDR", "HKD", "2026-02-25") == Decimal("0.0004659")
    assert (counted, others) == ({}, [])


def test_nbp() -> None:
    rates, counted, others = read("nbp", "nbp")
    assert summary(rates) == {"2026-03-02": 31, "2026-03-03": 31, "2026-03-04": 147, "2026-03-05": 31}
    assert rate_of(rates, "USD", "PLN", "2026-03-04") == Decimal("3.6770")
    assert rate_of(rates, "IRR", "PLN", "2026-03-04") == Decimal("0.0000028")
    assert (counted, others) == ({"not_money": 4}, [])


def test_nrb() -> None:
    rates, counted, others = read("nrb", "nrb")
    assert summary(rates) == dict.fromkeys([f"2026-04-0{day}" for day in range(1, 6)], 22)
    assert rate_of(rates, "USD", "NPR", "2026-04-01") == Decimal("151.74")
    assert rate_of(rates, "INR", "NPR", "2026-04-01") == Decimal("1.60075")
    assert rate_of(rates, "JPY", "NPR", "2026-04-05") == Decimal("0.934")
    assert counted == {"mid_of_buy_and_sell": 110, "per_units": 15}
    assert others == []


@pytest.mark.parametrize(
    ("folder", "key"),
    [
        ("banrep", "banrep"),
        ("bceao", "bceao"),
        ("bcra", "bcra"),
        ("cbn", "cbn"),
        ("fbil", "fbil"),
        ("hkma", "hkma"),
        ("nbp", "nbp"),
        ("nrb", "nrb"),
    ],
)
def test_what_we_ask_has_the_form_that_was_answered(folder: str, key: str) -> None:
    """Addresses and names of parameters; the days are those of the recording only where a span was asked like ours."""
    for meta in (RECORDED / folder).glob("*.meta.json"):
        url = json.loads(meta.read_text("utf-8"))["url"]
        since, until = _days(unquote(url))
        asked = list(registry.scraper(key).requests_between(since, until, until))
        forms = {(urlsplit(one.url).netloc, _shape(urlsplit(one.url).path), frozenset(one.params)) for one in asked}
        parts = urlsplit(url)
        assert (parts.netloc, _shape(parts.path), frozenset(dict(parse_qsl(parts.query)))) in forms


def _shape(path: str) -> str:
    return "/".join("DATE" if part.startswith("2026-") else part for part in path.split("/"))


def _days(url: str) -> tuple[Any, Any]:
    import re
    from datetime import date

    found = sorted(date.fromisoformat(text) for text in re.findall(r"2026-\d\d-\d\d", url))
    return (found[0], found[-1]) if found else (date(2026, 5, 18), date(2026, 5, 21))


def test_nothing_of_the_recordings_is_refused() -> None:
    folders = {path.name for path in RECORDED.iterdir() if path.is_dir()}
    keys = {"boc": "bank_of_canada", "ecb_recent": "ecb"}
    for folder in folders:
        _, _, others = read(folder, keys.get(folder, folder), "2026-05-14/2026-05-21")
        assert not [one for one in others if isinstance(one, Refused)]
