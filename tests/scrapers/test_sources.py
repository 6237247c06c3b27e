"""The sources: what they ask, what tells their files apart, and that no damaged answer gets past their parsers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remitwatch.corridors import corridor
from remitwatch.quotes import Basis, FeeModel, Inquiry, Quote
from remitwatch.rates import ReferenceRate
from remitwatch.sources import OF_A_SPAN
from scrapers import cases, registry
from scrapers.archive import Archive
from scrapers.base import UNREADABLE, AnswerError, Record, Refused, Repaired, Request, Response, Scraper
from scrapers.runner import read_file
from scrapers.urls import full_url, request_body

CASES = Path(__file__).parents[1] / "cases"
NOW = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
FILES = {
    "quotes_csv": "quotes_csv/template/0001.body.csv",
    "databank_corridors": "databank_corridors/export/0001.body.csv",
    "worldbank_survey": "worldbank_survey/sheet_csv/0001.body.csv",
    "ecb": "ecb/history_file/0001.body.csv",
    "worldbank": "worldbank/csv/0001.body.csv",
    "sdg_database": "sdg_database/sdmx/0001.body.csv",
    "bilateral_matrix": "bilateral_matrix/flows_csv/0001.body.csv",
}
MORE_FILES = [
    ("worldbank_survey", "worldbank_survey/workbook/0001.body.xlsx"),
    ("ecb", "ecb/history/0001.body.zip"),
    ("ecb", "ecb/daily/0001.body.xml"),
    ("worldbank", "worldbank/api/0001.body.json"),
    ("worldbank", "worldbank/api_error/0001.body.json"),
    ("worldbank", "worldbank/xls/0001.body.xls"),
    ("worldbank", "worldbank/xlsx/0001.body.xlsx"),
    ("sdg_database", "sdg_database/download/0001.body.csv"),
    ("ecb", "ecb/data_api_all_columns/0001.body.csv"),
]


def inquiry(key: str = "GBR-IND", amount: str = "120") -> Inquiry:
    return Inquiry(corridor=corridor(key), send_amount=amount, tier=200)


def read(
    scraper: Scraper, body: bytes, asked: Inquiry | None = None, name: str | None = None, **context: str
) -> list[Record]:
    request = Request("https://api.example", {}, (asked,) if asked else (), context=context)
    return list(scraper.parse(Response(request, 200, {}, body, NOW, name)))


# -- what is asked ----------------------------------------------------------------------------------------------------


def test_wise_is_asked_for_a_corridor_with_its_countries() -> None:
    (request,) = registry.scraper("wise_comparisons").requests([inquiry("KEN-UGA", "18000")])
    assert request.url == "https://api.wise.com/v4/comparisons"
    assert request.params == {
        "sourceCurrency": "KES",
        "targetCurrency": "UGX",
        "sendAmount": "18000",
        "sourceCountry": "KE",
        "targetCountry": "UG",
    }
    assert request.inquiries == (inquiry("KEN-UGA", "18000"),)


def test_transfergo_is_asked_by_the_amount_sent() -> None:
    first, second = registry.scraper("transfergo").requests([inquiry(), inquiry("DEU-TUR", "1.4E+2")])
    assert first.params["calculationBase"] == "sendAmount"
    assert (second.params["fromCountryCode"], second.params["amount"]) == ("DE", "140")


def test_wise_s_own_quote_is_asked_by_currency() -> None:
    (request, odd) = registry.scraper("wise_quotes").requests(
        [inquiry("USA-MEX", "200.00"), inquiry("KWT-IND", "60.5")]
    )
    assert (request.method, full_url(request)) == ("POST", "https://api.wise.com/v3/quotes")
    assert request_body(request) == (
        b'{"sourceCurrency":"USD","targetCurrency":"MXN","sourceAmount":200,"targetAmount":null}'
    )
    assert b'"sourceAmount":60.5,' in request_body(odd)


def test_sendwave_is_asked_with_countries_in_small_letters() -> None:
    (request,) = registry.scraper("sendwave").requests([inquiry("ESP-PHL", "140")])
    assert full_url(request) == (
        "https://app.sendwave.com/v2/pricing-public?amountType=SEND&amount=140&sendCurrency=EUR&sendCountryIso2=es"
        "&receiveCurrency=PHP&receiveCountryIso2=ph"
    )


def test_taptap_is_asked_once_for_all_corridors_with_the_headers_that_it_demands() -> None:
    scraper = registry.scraper("taptap_send")
    asked = (inquiry("USA-PHL", "200"), inquiry("GBR-NGA"))
    (fees,) = scraper.requests(asked)
    assert (fees.url, fees.inquiries, fees.headers) == (
        "https://api.taptapsend.com/api/website/v1/provider-fees", asked, {},
    )  # fmt: skip
    (rates,) = scraper.parse(Response(fees, 200, {}, b"{}", NOW))
    assert isinstance(rates, Request)
    assert (full_url(rates), rates.inquiries) == ("https://api.taptapsend.com/api/fxRates", asked)
    assert rates.headers == {"Appian-Version": "web/2022-05-03.0", "X-Device-Id": "web", "X-Device-Model": "web"}
    assert list(scraper.requests([])) == []


def test_instarem_is_asked_for_ways_of_paying_in_and_then_for_each_price() -> None:
    scraper = registry.scraper("instarem")
    (first,) = scraper.requests([inquiry("SGP-PHL", "200")])
    assert full_url(first) == (
        "https://www.instarem.com/api/v1/public/payment-method/fee?source_currency=SGD&destination_currency=PHP"
        "&country_code=SG&source_amount=200"
    )
    body = b'{"success":true,"data":[{"key":85,"text":"Bank Transfer","code":"BT"}]}'
    (second,) = scraper.parse(Response(first, 200, {}, body, NOW))
    assert isinstance(second, Request)
    assert full_url(second) == (
        "https://www.instarem.com/api/v1/public/transaction/computed-value?source_currency=SGD"
        "&destination_currency=PHP&country_code=SG&source_amount=200&instarem_bank_account_id=85"
    )
    assert second.context == {"pay_in": "bank transfer"}


def test_western_union_and_xe_are_asked_as_documented() -> None:
    (catalog,) = registry.scraper("western_union").requests([inquiry("USA-MEX", "200")])
    assert (catalog.method, full_url(catalog)) == ("POST", "https://www.westernunion.com/wuconnect/prices/catalog")
    assert catalog.json == {
        "header_request": {"version": "0.5", "request_type": "PRICECATALOG"},
        "sender": {
            "client": "WUCOM", "channel": "WWEB", "funds_in": "*",
            "curr_iso3": "USD", "cty_iso2_ext": "US", "send_amount": "200.00",
        },
        "receiver": {"curr_iso3": "MXN", "cty_iso2_ext": "MX", "cty_iso2": "MX"},
    }  # fmt: skip
    (quotes,) = registry.scraper("xe").requests([inquiry("GBR-BGD")])
    assert (quotes.method, full_url(quotes)) == ("POST", "https://launchpad-api.xe.com/v2/quotes")
    assert quotes.json == {
        "sellCcy": "GBP", "buyCcy": "BDT", "userCountry": "GB", "amount": 120, "fixedCcy": "GBP", "countryTo": "BD",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("since", "file"),
    [
        (date(2026, 11, 20), "eurofxref-daily.xml"),
        (date(2026, 11, 19), "eurofxref-hist-90d.xml"),
        (date(2026, 8, 23), "eurofxref-hist-90d.xml"),
        (date(2026, 8, 22), "eurofxref-hist.zip"),
        (date(1999, 1, 4), "eurofxref-hist.zip"),
    ],
)
def test_the_smallest_list_that_holds_the_span_is_asked(since: date, file: str) -> None:
    today = date(2026, 11, 20)
    (request,) = registry.scraper("ecb").requests_between(since, today, today)
    assert request.url == f"https://www.ecb.europa.eu/stats/eurofxref/{file}"


def test_a_weekend_has_no_rates_so_the_daily_list_is_enough_on_a_monday() -> None:
    monday = date(2026, 11, 23)
    asked = [next(registry.scraper("ecb").requests_between(date(2026, 11, day), monday, monday)) for day in (21, 20)]
    assert [request.url.rpartition("/")[2] for request in asked] == ["eurofxref-daily.xml", "eurofxref-hist-90d.xml"]


def test_a_span_of_the_past_that_is_over_is_asked_of_the_data_api() -> None:
    """It gives that span and no more; a span up to today that is too long for the 90-day list is the whole history."""
    today = date(2026, 11, 20)
    (request,) = registry.scraper("ecb").requests_between(date(2024, 1, 1), date(2024, 3, 31), today)
    assert request.url == "https://data-api.ecb.europa.eu/service/data/EXR/D..EUR.SP00.A"
    assert request.params == {
        "startPeriod": "2024-01-01",
        "endPeriod": "2024-03-31",
        "detail": "dataonly",
        "format": "csvdata",
    }


def test_only_hosts_of_the_definition_are_asked() -> None:
    for key, definition in registry.definitions().items():
        if definition.method == "file":
            continue
        scraper = registry.scraper(key)
        if definition.kind in OF_A_SPAN:
            requests = list(scraper.requests_between(date(2000, 1, 1), date(2026, 1, 1), date(2026, 1, 1)))
        else:
            requests = list(scraper.requests([inquiry()]))
        assert requests
        assert {request.url.split("/")[2] for request in requests} <= set(definition.hosts)


def test_no_documented_source_passes_as_verified() -> None:
    unverified = {key for key, definition in registry.definitions().items() if not definition.verified}
    assert unverified == {key for key, one in registry.definitions().items() if one.method != "file"}
    for key in unverified:
        assert {cases.read_case(folder).notes.origin for folder in CASES.glob(f"{key}/*")} == {"documented"}


# -- which file is whose ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "file"), [*FILES.items(), *MORE_FILES])
def test_a_file_is_recognised_by_its_reader_alone(key: str, file: str) -> None:
    head = (CASES / file).read_bytes()
    known = [name for name in registry.definitions() if registry.scraper(name).recognises(head, "file")]
    assert known == [key]


@pytest.mark.parametrize("head", [b"", b"\0\0\0", b"a,b\n1,2\n", b"PK\x03\x04 a zip", b"%PDF-1.7", b"\xff\xfe\x00"])
def test_other_files_are_recognised_by_nobody(head: bytes) -> None:
    assert not [key for key in registry.definitions() if registry.scraper(key).recognises(head, "survey.csv")]


def test_import_kinds_are_the_documented_ones() -> None:
    kinds = {definition.import_kind for definition in registry.definitions().values()}
    assert kinds == {None, "quotes", "survey", "databank-corridors", "ecb-history", "wdi", "sdg", "flows"}


# -- damaged answers --------------------------------------------------------------------------------------------------

PARSED: dict[str, tuple[str, Inquiry, dict[str, str]]] = {
    "wise_comparisons": ("wise_comparisons/normal/0001.body.json", inquiry(), {}),
    "wise_quotes": ("wise_quotes/normal/0001.body.json", inquiry("USA-MEX", "200"), {}),
    "transfergo": ("transfergo/promotions/0001.body.json", inquiry("DEU-IND", "140"), {}),
    "sendwave": ("sendwave/campaign/0001.body.json", inquiry("ESP-PHL", "140"), {}),
    "taptap_send": ("taptap_send/normal/0002.body.json", inquiry("USA-PHL", "200"), {"fees": "{}"}),
    "instarem": ("instarem/promotion/0002.body.json", inquiry("AUS-PHL", "200"), {"pay_in": "bank transfer"}),
    "western_union": ("western_union/normal/0001.body.json", inquiry("USA-MEX", "200"), {}),
    "xe": ("xe/normal/0001.body.json", inquiry("GBR-BGD", "120"), {}),
}
STATED_ONCE = {
    "transfergo": {"valueBeforeDiscount", "fee.value"},  # an option with the fee on top
    "sendwave": {"baseFeeAmount"},
    "taptap_send": {"flatFee", "feePercent", "maxFee", "feeSchedule"},
    "instarem": {"regular_total_fee_amount"},
    "western_union": {"gross_fee"},
    "xe": {"totalFees", "isEnabled"},
}
"""The fees that nothing else in an answer says too, so that no sum tells when they are wrong, and the flag that opens
an offer whose price is stated all the same."""
SCRAPERS = {key: registry.scraper(key) for key in registry.definitions()}
JSON_VALUES = st.sampled_from([None, True, 0, -1, "", "x", "1,5", [], {}, [None], {"a": 1}, "9" * 40, 10**30])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside a JSON value."""
    found = [path] if path else []
    if isinstance(value, dict):
        return found + [place for name, inner in value.items() for place in places(inner, (*path, name))]
    if isinstance(value, list):
        return found + [place for number, inner in enumerate(value) for place in places(inner, (*path, number))]
    return found


@settings(max_examples=400, deadline=None)
@given(data=st.data(), key=st.sampled_from(sorted(PARSED)))
def test_a_field_of_another_shape_never_invents_a_price(data: st.DataObject, key: str) -> None:
    """Whatever one field turns into: no other exception than the contract's, and no price that the answer lacks."""
    file, asked, context = PARSED[key]
    answer = json.loads((CASES / file).read_bytes())
    records = read(SCRAPERS[key], json.dumps(answer).encode(), asked, **context)
    good = {price(quote) for quote in records if isinstance(quote, Quote)}
    *path, last = data.draw(st.sampled_from(places(answer)))
    holder = answer
    for step in path:
        holder = holder[step]
    if data.draw(st.booleans()):
        del holder[last]
    else:
        holder[last] = data.draw(JSON_VALUES)
    try:
        records = read(SCRAPERS[key], json.dumps(answer).encode(), asked, **context)
    except (AnswerError, *UNREADABLE):
        return
    for quote in records:
        if isinstance(quote, Quote) and price(quote) not in good:
            assert {str(last), f"{path[-1] if path else ''}.{last}"} & STATED_ONCE.get(key, set())


def price(quote: Quote) -> tuple[Decimal | None, ...]:
    return (quote.inquiry.send_amount, quote.fee, quote.rate, quote.receive_amount)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), key=st.sampled_from(sorted(FILES)))
def test_a_damaged_file_is_refused_in_the_contract_s_ways(data: st.DataObject, key: str) -> None:
    body = (CASES / FILES[key]).read_bytes()
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 40)))
    patch = data.draw(st.binary(max_size=8) | st.sampled_from([b'"', b",", b"\n", b";", b"\0", b"-", b"\xff"]))
    try:
        records = read(SCRAPERS[key], body[:start] + patch + body[end:], name="file.csv")
    except (AnswerError, *UNREADABLE):
        return
    assert all(isinstance(record, Record) for record in records)


@pytest.mark.parametrize("file", ["ecb/history/0001.body.zip", "ecb/daily/0001.body.xml"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_rates_are_refused_in_the_contract_s_ways(data: st.DataObject, file: str) -> None:
    body = bytearray((CASES / file).read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(body) - 1), min_size=1, max_size=4)):
        body[place] ^= data.draw(st.integers(1, 255))
    try:
        records = read(SCRAPERS["ecb"], bytes(body))
    except (AnswerError, *UNREADABLE):
        return
    assert all(record.rate > 0 for record in records if isinstance(record, ReferenceRate))


def test_an_xml_with_entities_is_refused_unread() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    with pytest.raises(AnswerError, match="document type"):
        read(SCRAPERS["ecb"], bomb)


def test_a_csv_cell_without_end_is_refused_with_its_line() -> None:
    body = (CASES / FILES["quotes_csv"]).read_bytes() + b'2026-11-20,"' + b"x" * 1_100_000
    with pytest.raises(AnswerError, match="line 4"):
        read(SCRAPERS["quotes_csv"], body)


def test_a_damaged_workbook_is_refused_in_one_line() -> None:
    body = (CASES / "worldbank_survey/workbook/0001.body.xlsx").read_bytes()
    for damaged in (body[: len(body) // 2], body[:60] + b"\0" * 200):
        with pytest.raises(AnswerError, match="not readable as an xlsx workbook") as caught:
            read(SCRAPERS["worldbank_survey"], damaged, name="survey.xlsx")
        assert "\n" not in str(caught.value)


def test_a_workbook_that_unpacks_too_far_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrapers.workbook.MAX_UNPACKED", 10_000)
    body = (CASES / "worldbank_survey/workbook/0001.body.xlsx").read_bytes()
    with pytest.raises(AnswerError, match="at most 10,000 are read"):
        read(SCRAPERS["worldbank_survey"], body, name="survey.xlsx")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.encode("utf-16"), "expected UTF-8 text"),
        (lambda text: (CASES / "worldbank_survey/workbook/0001.body.xlsx").read_bytes(), "a workbook: expected a csv"),
        (lambda text: text.replace("Remit", "R\xe9mit").encode("latin-1"), "line 3: expected UTF-8 text"),
        (lambda text: text.replace(",", "\t", 40).encode(), "separated by tabs"),
        (lambda text: text.replace("GBR", "G\0R").encode(), "line 2: .*NUL"),
        (lambda text: text.replace("fee,", "charge,", 1).encode(), "column fee is missing"),
        (lambda text: text.replace("note", "remarks", 1).encode(), "unknown column 'remarks'"),
        (lambda text: text.replace("note", "rate", 1).encode(), "column rate is there more than once"),
        (
            lambda text: text.replace("fee,", "charge,", 1).replace("note", "", 1).encode(),
            "fee is missing.*'charge'.*without a name",
        ),
        (lambda text: b"", "columns observed_at, sender, receiver, .* are missing"),
        (lambda text: text.partition("\n")[0].encode(), "no row under the header"),
    ],
)
def test_a_hand_in_with_a_wrong_frame_is_refused_in_one_line(change: Callable[[str], bytes], message: str) -> None:
    with pytest.raises(AnswerError, match=message) as caught:
        read(SCRAPERS["quotes_csv"], change((CASES / FILES["quotes_csv"]).read_text("utf-8")))
    assert "\n" not in str(caught.value)


# -- prices -----------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    fee=st.decimals(0, 20, places=2),
    rate=st.decimals("0.001", 30000, places=4),
    deducted=st.booleans(),
)
def test_the_fee_model_is_the_one_that_adds_up(fee: Decimal, rate: Decimal, deducted: bool) -> None:
    received = round((140 - fee if deducted else Decimal(140)) * rate, 2)
    option = {
        "code": "standard",
        "availability": {"isAvailable": True},
        "payIn": {"code": "bank"},
        "payOut": {"code": "bankAccount"},
        "sendingAmount": {"value": "140.00", "currency": "EUR"},
        "receivingAmount": {"value": str(received), "currency": "INR"},
        "fee": {"value": str(fee), "valueBeforeDiscount": str(fee), "currency": "EUR"},
        "rate": {"value": str(rate)},
        "promotion": {"isApplied": False, "isFxDiscountApplied": False},
    }
    (quote,) = read(SCRAPERS["transfergo"], json.dumps({"options": [option]}).encode(), inquiry("DEU-IND", "140"))
    if isinstance(quote, Refused):
        assert received == 0  # a received amount of nothing is no price
        return
    assert isinstance(quote, Quote)
    both_add_up = abs(fee * rate) <= Decimal("0.2") + rate / 50
    assert quote.fee_model is (FeeModel.DEDUCTED if deducted or both_add_up else FeeModel.ADDED) or both_add_up
    assert quote.basis is Basis.STANDARD


def test_wise_itself_is_standard_and_others_are_estimates() -> None:
    body = (CASES / "wise_comparisons/normal/0001.body.json").read_bytes()
    quotes = [record for record in read(SCRAPERS["wise_comparisons"], body, inquiry()) if isinstance(record, Quote)]
    assert {quote.provider.key: quote.basis.value for quote in quotes} == {
        "wise": "standard",
        "example_bank": "estimate",
        "example_remit": "estimate",
        "example_wallet": "estimate",
    }


# -- real files -------------------------------------------------------------------------------------------------------

DATA = Path(__file__).parents[3] / "shared" / "data"
real_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real files of ../shared/data are not there")


def harvest_of(key: str, name: str, tmp_path: Path) -> Any:
    return read_file(SCRAPERS[key], DATA / name, archive=Archive(tmp_path), now=lambda: NOW)


@real_data
def test_the_real_survey_sample(tmp_path: Path) -> None:
    harvest = harvest_of("worldbank_survey", "rpw_service_rows_sample.csv", tmp_path)
    quotes = [item.value for item in harvest.quotes]
    assert (harvest.rows_read, len(quotes), harvest.issues, harvest.duplicates) == (72, 144, [], 0)
    assert Counter(quote.inquiry.tier for quote in quotes) == {200: 72, 500: 72}
    hidden = [quote for quote in quotes if not quote.transparent]
    assert len(hidden) == 2
    assert all((quote.rate, quote.survey.fx_margin_pct, quote.survey.total_cost_pct) == (None,) * 3 for quote in hidden)
    totals: dict[str, list[Decimal]] = {}
    for quote in quotes:
        if quote.transparent and quote.inquiry.tier == 200 and quote.survey.period == "2025-Q3":
            totals.setdefault(quote.inquiry.corridor.key, []).append(quote.survey.total_cost_pct)
    means = {key: str(round(sum(values) / len(values), 4)) for key, values in totals.items()}
    assert means == {"RWA-KEN": "22.5643", "TZA-KEN": "59.9933", "TZA-RWA": "45.1050", "TZA-UGA": "62.6760"}
    wrong_currency = [quote for quote in quotes if quote.survey.row == "1212254601"]
    assert [str(quote.inquiry) for quote in wrong_currency] == ["RWA-KEN RWF 200", "RWA-KEN RWF 500"]


@real_data
def test_the_real_corridor_series(tmp_path: Path) -> None:
    harvest = harvest_of("databank_corridors", "worldbank_databank_corridors_2011Q1_2020Q3.csv", tmp_path)
    values = [item.value for item in harvest.benchmarks]
    assert (len(values), harvest.issues) == (10_417, [])
    assert {value.series for value in values} == {"ATCR.CORR"}
    assert len({value.period for value in values}) == 35
    assert "XKX" in {value.receiver for value in values}
    last = [value for value in values if (value.sender, value.receiver, value.period) == ("USA", "VNM", "2020-Q3")]
    assert [str(value.value) for value in last] == [real_cell("USA", "VNM", "2020Q3 [YR2020Q3]")]


@real_data
def test_the_real_bilateral_matrix(tmp_path: Path) -> None:
    harvest = harvest_of("bilateral_matrix", "bilateral_remittance_matrix_2017.xlsx", tmp_path)
    values = {(one.value.sender, one.value.receiver): one.value.value for one in harvest.flows}
    assert (harvest.rows_read, len(values), harvest.issues, harvest.duplicates) == (215, 11_896, [], 0)
    assert harvest.repairs == {
        "left_out_empty": 4, "left_out_no_code": 2, "left_out_own_country": 1, "left_out_total": 2,
        "left_out_zero": 33_468,
    }  # fmt: skip
    assert {one.value.year for one in harvest.flows} == {2017}
    assert values["TZA", "KEN"] == Decimal("143.22170344565188")
    # its own total is 613,465.84: 92.98 more for what is left out (Channel Islands, Vanuatu's own, four withheld cells)
    assert round(sum(values.values()), 2) == Decimal("613372.86")


def real_cell(sender: str, receiver: str, column: str) -> str:
    import csv

    with (DATA / "worldbank_databank_corridors_2011Q1_2020Q3.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if (row["Sending Countries Code"], row["Receiving Countries  Code"]) == (sender, receiver):
                return row[column]
    raise AssertionError("no such row")


def test_repairs_of_the_survey_are_counted_through_the_runner(tmp_path: Path) -> None:
    file = tmp_path / "survey.csv"
    file.write_bytes((CASES / "worldbank_survey/odd_rows/0001.body.csv").read_bytes())
    harvest = read_file(SCRAPERS["worldbank_survey"], file, archive=Archive(tmp_path / "archive"), now=lambda: NOW)
    assert (harvest.rows_read, harvest.refused) == (9, 5)
    assert harvest.repairs["unknown_label"] == 1
    assert harvest.issues[0].message.startswith("row 6: survey.csv: column destination_code: unknown country 'QQQ'")
    assert not [record for record in harvest.repairs if record == "rows_read"]
    assert isinstance(Repaired("x").count, int)
