"""The sandbox's answers: their shapes, their sums, and the script of events."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remitwatch.corridors import corridor as find_corridor
from scrapers.sandbox import (
    LAST_DAY,
    World,
    handin_csv,
)
from scrapers.sandbox.fx import PUBLISHED, is_business_day
from scrapers.sandbox.server import answer

WORLD = World()
WISE = "/v4/comparisons"
TRANSFERGO = "/api/booking/quotes"
ECB = "/stats/eurofxref/"
CENT = Decimal("0.01")


def wise_query(corridor: str, amount: Any) -> dict[str, str]:
    pair = find_corridor(corridor)
    iso2 = {"GBR": "GB", "USA": "US", "DEU": "DE", "ESP": "ES", "ARE": "AE", "KEN": "KE", "IND": "IN", "NGA": "NG"}
    iso2 |= {"MEX": "MX", "PHL": "PH", "TUR": "TR", "MAR": "MA", "COL": "CO", "PAK": "PK", "UGA": "UG", "TZA": "TZ"}
    return {
        "sourceCurrency": pair.send_currency,
        "targetCurrency": pair.receive_currency,
        "sendAmount": str(amount),
        "sourceCountry": iso2[pair.sender],
        "targetCountry": iso2[pair.receiver],
    }


def transfergo_query(corridor: str, amount: Any) -> dict[str, str]:
    asked = wise_query(corridor, amount)
    return {
        "fromCurrencyCode": asked["sourceCurrency"],
        "toCurrencyCode": asked["targetCurrency"],
        "fromCountryCode": asked["sourceCountry"],
        "toCountryCode": asked["targetCountry"],
        "amount": str(amount),
        "calculationBase": "sendAmount",
        "business": "0",
    }


def wise(corridor: str, amount: Any, day: date = LAST_DAY, world: World = WORLD) -> Any:
    result = answer(world, "wise_comparisons", f"{WISE}?{urlencode(wise_query(corridor, amount))}", day)
    assert result.status == 200
    return json.loads(result.body, parse_float=Decimal)


def transfergo(corridor: str, amount: Any, day: date = LAST_DAY) -> Any:
    result = answer(WORLD, "transfergo", f"{TRANSFERGO}?{urlencode(transfergo_query(corridor, amount))}", day)
    assert result.status == 200
    return json.loads(result.body, parse_float=Decimal)["options"]


def event(kind: str) -> Any:
    (found,) = [event for event in WORLD.script if event.kind == kind]
    return found


# -- the same seed and day, the same bytes


def all_bytes(world: World, days: list[date], *, backwards: bool) -> dict[tuple[str, str, date], bytes]:
    targets = [("ecb", ECB + "eurofxref-daily.xml"), ("ecb", ECB + "eurofxref-hist-90d.xml")]
    for key in world.corridors:
        targets.append(("wise_comparisons", f"{WISE}?{urlencode(wise_query(key, world.basket(key)[0]))}"))
        targets.append(("transfergo", f"{TRANSFERGO}?{urlencode(transfergo_query(key, world.basket(key)[1]))}"))
    asked = [(source, target, day) for day in days for source, target in targets]
    return {key: answer(world, *key).body for key in (reversed(asked) if backwards else asked)}


def test_same_seed_and_day_give_the_same_bytes_in_any_order() -> None:
    days = [LAST_DAY, LAST_DAY - timedelta(days=45)]
    first = all_bytes(World(3), days, backwards=False)
    assert all_bytes(World(3), days, backwards=True) == first
    other = all_bytes(World(4), days, backwards=False)
    assert sum(other[key] != first[key] for key in first) > len(first) / 2


def test_prices_move_from_day_to_day_and_firms_keep_their_fees_for_weeks() -> None:
    days = [WORLD.first_day(90) + timedelta(days=number) for number in range(90)]
    sold = next(s for s in WORLD.services("USA-MEX", LAST_DAY) if s.firm.key == "pellworth_national_bank")
    prices = [WORLD.price(sold, day, Decimal(200)) for day in days]
    assert len({price.rate for price in prices}) > 60
    assert 1 <= len({price.fee for price in prices}) <= 6


# -- Wise


@pytest.mark.parametrize("corridor", [key for key in WORLD.corridors if key[:3] not in ("ARE", "KEN")])
def test_wise_compares_banks_and_others_in_the_documented_shape(corridor: str) -> None:
    result = wise(corridor, WORLD.basket(corridor)[0])
    assert list(result) == [
        *("sourceCurrency", "targetCurrency", "sourceCountry", "targetCountry", "providerCountry", "providerTypes"),
        *("amount", "amountType", "providers"),
    ]
    assert result["amountType"] == "SEND"
    assert len(result["providers"]) >= 5
    assert {provider["type"] for provider in result["providers"]} == {"bank", "moneyTransferProvider"}
    mids = [(p["alias"], q) for p in result["providers"] for q in p["quotes"] if q["isConsideredMidMarketRate"]]
    assert [alias for alias, _ in mids] == ["wise"]
    assert mids[0][1]["markup"] == 0
    for provider in result["providers"]:
        assert list(provider) == ["id", "alias", "name", "type", "partner", "logos", "quotes"]
        for quote in provider["quotes"]:
            assert set(quote) == {
                *("rate", "fee", "dateCollected", "sourceCountry", "targetCountry", "markup", "receivedAmount"),
                *("sendAmount", "isConsideredMidMarketRate", "deliveryEstimation"),
            }
            collected = datetime.fromisoformat(quote["dateCollected"])
            age = datetime.combine(LAST_DAY, time(6), UTC) - collected
            assert timedelta(0) < age < timedelta(hours=24)


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["GBR-IND", "USA-MEX", "DEU-IND", "ESP-COL", "GBR-NGA"]),
    st.decimals("0.01", "1000000", places=2),
    st.integers(0, 89),
)
def test_any_amount_is_answered_and_adds_up(corridor: str, amount: Decimal, back: int) -> None:
    day = LAST_DAY - timedelta(days=back)
    if WORLD.fault("wise_comparisons", day) is None:
        for provider in wise(corridor, amount, day)["providers"]:
            for quote in provider["quotes"]:
                assert 0 <= quote["fee"] < amount
                assert abs((amount - quote["fee"]) * quote["rate"] - quote["receivedAmount"]) <= CENT / 2
    if WORLD.fault("transfergo", day) is None:
        for option in transfergo(corridor, amount, day):
            if option["availability"]["isAvailable"]:
                fee, rate = Decimal(option["fee"]["value"]), Decimal(option["rate"]["value"])
                received = Decimal(option["receivingAmount"]["value"])
                assert Decimal(option["sendingAmount"]["value"]) == amount
                assert abs((amount - fee) * rate - received) <= CENT / 2


def test_wise_has_nothing_from_the_gulf_or_east_africa() -> None:
    for corridor in ("ARE-IND", "ARE-PAK", "KEN-UGA", "KEN-TZA"):
        assert wise(corridor, WORLD.basket(corridor)[0])["providers"] == []


def test_one_provider_carries_a_general_and_a_specific_quote() -> None:
    (zephyrel,) = [p for p in wise("DEU-IND", 140)["providers"] if p["alias"] == "zephyrel-remit"]
    assert [(q["sourceCountry"], q["targetCountry"]) for q in zephyrel["quotes"]] == [(None, None), ("DE", None)]
    assert zephyrel["quotes"][0]["rate"] < zephyrel["quotes"][1]["rate"]


def test_delivery_estimates_are_missing_for_some_and_fractional_for_others() -> None:
    found = [
        quote["deliveryEstimation"]["duration"]
        for corridor in ("GBR-IND", "USA-PHL", "ESP-MAR")
        for provider in wise(corridor, WORLD.basket(corridor)[0])["providers"]
        for quote in provider["quotes"]
    ]
    assert None in found
    assert any(duration and "." in duration["max"] for duration in found)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"sourceCurrency": ""}, "sourceCurrency"),
        ({"targetCurrency": "rupee"}, "targetCurrency"),
        ({"sourceCountry": "GBR"}, "sourceCountry"),
        ({"sendAmount": "-5"}, "sendAmount"),
        ({"sendAmount": "many"}, "sendAmount"),
        ({"sendAmount": "1e999"}, "sendAmount"),
        ({"recipientGetsAmount": "5"}, "sendAmount"),
    ],
)
def test_wise_refuses_a_wrong_query(change: dict[str, str], name: str) -> None:
    query = wise_query("GBR-IND", 120) | change
    result = answer(WORLD, "wise_comparisons", f"{WISE}?{urlencode(query)}", LAST_DAY)
    assert result.status == 400
    assert json.loads(result.body)["errors"][0]["path"] == name


def test_wise_answers_without_countries_and_filters_by_provider() -> None:
    query = {"sourceCurrency": "EUR", "targetCurrency": "INR", "sendAmount": "140"}
    everyone = json.loads(answer(WORLD, "wise_comparisons", f"{WISE}/?{urlencode(query)}", LAST_DAY).body)
    assert len(everyone["providers"]) > 4
    query["providers"] = "wise"
    only = json.loads(answer(WORLD, "wise_comparisons", f"{WISE}?{urlencode(query)}", LAST_DAY).body)
    assert [provider["alias"] for provider in only["providers"]] == ["wise"]


# -- TransferGo


def test_transfergo_offers_bank_and_card() -> None:
    options = transfergo("DEU-IND", "140")
    assert [(o["code"], o["payIn"]["code"], o["payOut"]["code"]) for o in options] == [
        ("standard", "bank", "bankAccount"),
        ("now", "card", "bankAccount"),
    ]
    assert not any(option["promotion"]["isApplied"] for option in options)
    assert Decimal(options[0]["rate"]["value"]) > 80


def test_transfergo_says_where_it_does_not_send() -> None:
    (option,) = transfergo("KEN-UGA", "18000")
    assert option["availability"] == {"isAvailable": False}


@pytest.mark.parametrize(
    "change",
    [{"fromCountryCode": "GBR"}, {"calculationBase": "x"}, {"amount": "0"}, {"amount": "1.234"}, {"business": "yes"}],
)
def test_transfergo_refuses_a_wrong_query(change: dict[str, str]) -> None:
    query = transfergo_query("GBR-IND", 120) | change
    result = answer(WORLD, "transfergo", f"{TRANSFERGO}?{urlencode(query)}", LAST_DAY)
    assert result.status == 400
    assert json.loads(result.body)["errors"][0]["field"] == next(iter(change))


# -- the central bank


def cubes(body: bytes) -> dict[str, dict[str, str]]:
    name = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
    return {
        cube.attrib["time"]: {entry.attrib["currency"]: entry.attrib["rate"] for entry in cube}
        for cube in ET.fromstring(body).iter(name)
        if "time" in cube.attrib
    }


def test_the_daily_list_has_the_published_currencies_and_stands_still_at_weekends() -> None:
    lists = {day: answer(WORLD, "ecb", ECB + "eurofxref-daily.xml", day).body for day in map(date.fromisoformat, (
        "2026-10-23", "2026-10-24", "2026-10-25", "2026-10-26"
    ))}  # fmt: skip
    friday, saturday, sunday, monday = lists.values()
    assert friday == saturday == sunday != monday
    assert list(cubes(friday)) == ["2026-10-23"]
    assert set(cubes(friday)["2026-10-23"]) == set(PUBLISHED)
    assert len(PUBLISHED) == 29


def test_the_lists_and_the_history_agree() -> None:
    daily = cubes(answer(WORLD, "ecb", ECB + "eurofxref-daily.xml", LAST_DAY).body)
    ninety = cubes(answer(WORLD, "ecb", ECB + "eurofxref-hist-90d.xml", LAST_DAY).body)
    packed = answer(WORLD, "ecb", ECB + "eurofxref-hist.zip", LAST_DAY).body
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        text = archive.read("eurofxref-hist.csv").decode()
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:2] == ["Date", "USD"]
    assert rows[0][-1] == ""
    history = {row[0]: dict(zip(rows[0][1:-1], row[1:-1], strict=True)) for row in rows[1:]}
    assert list(history) == sorted(history, reverse=True)
    assert list(ninety) == list(history)[: len(ninety)]
    assert 60 <= len(ninety) <= 66
    assert history["2026-10-30"]["RUB"] == "N/A"
    assert all(history[day][code] == rate for day in ninety for code, rate in ninety[day].items())
    assert daily["2026-10-30"] == ninety["2026-10-30"]


def test_rates_stay_near_their_levels_and_never_jump() -> None:
    for currency, (level, _) in PUBLISHED.items():
        day, before = date(2024, 1, 2), None
        while day <= LAST_DAY:
            rate = WORLD.rates.per_euro(currency, day)
            assert abs(rate / Decimal(level) - 1) < Decimal("0.12"), (currency, day)
            if before is not None:
                assert abs(rate / before - 1) < Decimal("0.02"), (currency, day)
            before, day = rate, day + timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "open_"),
    [("2026-04-03", False), ("2026-04-06", False), ("2026-05-01", False), ("2026-12-24", True), ("2025-04-18", False)],
)
def test_closing_days_of_the_central_bank(day: str, open_: bool) -> None:
    assert is_business_day(date.fromisoformat(day)) is open_


# -- the script


def test_the_script_is_dated_from_the_last_day_and_lies_within_the_ninety_days() -> None:
    moved = World(last_day=date(2027, 3, 5))
    assert [e.kind for e in moved.script] == [e.kind for e in WORLD.script]
    assert all(e.first_day >= WORLD.first_day(90) for e in WORLD.script)
    assert [(e.source, e.reason, len(e.days)) for e in WORLD.faults] == [
        ("transfergo", "unreachable", 2),
        ("wise_comparisons", "blocked", 1),
    ]
    with pytest.raises(ValueError, match="no end"):
        _ = event("provider_leaves").days


def test_promotions_show_the_standard_price_only_where_the_fee_is_waived() -> None:
    waived, before = transfergo("GBR-IND", "120"), transfergo("GBR-IND", "120", event("fee_promotion").first_day)
    assert {o["fee"]["value"] for o in waived} == {"0.00"} == {o["fee"]["value"] for o in before}
    assert all(Decimal(o["fee"]["valueBeforeDiscount"]) > 0 for o in waived)
    assert all(o["promotion"] == {"isApplied": True, "isFxDiscountApplied": False} for o in waived)
    better = transfergo("DEU-TUR", "140")
    assert [o["promotion"]["isFxDiscountApplied"] for o in better] == [True, False]
    sold = next(s for s in WORLD.services("DEU-TUR", LAST_DAY) if s.firm.key == "transfergo")
    standard = WORLD.price(sold, LAST_DAY, Decimal(140)).rate
    assert abs(Decimal(better[0]["rate"]["value"]) / standard - Decimal("1.008")) < Decimal("0.00002")
    day_before = event("fee_promotion").first_day - timedelta(days=1)
    assert not any(o["promotion"]["isApplied"] for o in transfergo("GBR-IND", "120", day_before))


def test_a_provider_leaves_every_source() -> None:
    leaves = event("provider_leaves")
    gone, there = leaves.first_day, leaves.first_day - timedelta(days=1)

    def seen(day: date) -> tuple[bool, bool]:
        aliases = {provider["alias"] for provider in wise("USA-MEX", 200, day)["providers"]}
        return "halcombe-remit" in aliases, b"Halcombe Remit" in handin_csv(WORLD, day + timedelta(days=1))

    assert seen(there) == (True, True)
    assert seen(gone) == (False, False)


def test_a_firm_raises_its_fees_for_good() -> None:
    change = next(e for e in WORLD.script if e.kind == "price_change" and e.factor > 1)
    sold = next(s for s in WORLD.services("GBR-IND", LAST_DAY) if s.firm.key == change.provider)
    before = WORLD.price(sold, change.first_day - timedelta(days=1), Decimal(120)).fee
    after = WORLD.price(sold, change.first_day, Decimal(120)).fee
    assert Decimal("1.25") < after / before < Decimal("1.6")
