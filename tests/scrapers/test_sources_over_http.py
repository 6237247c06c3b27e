"""The sources through the whole collection engine: their documented answers, good and broken, served on loopback."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from pytest_httpserver import HTTPServer

from remitwatch.corridors import corridor
from remitwatch.countries import find_country
from remitwatch.quotes import Inquiry
from remitwatch.runs import Harvest
from scrapers import registry
from scrapers.archive import Archive
from scrapers.cases import read_case
from scrapers.http import ClientSettings, HttpClient
from scrapers.runner import collect, reparse

CASES = Path(__file__).parents[1] / "cases"
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


@pytest.fixture
def client(httpserver: HTTPServer) -> Iterator[HttpClient]:
    keys = tuple(registry.definitions())
    settings = ClientSettings(
        contact="https://statistics.example/contact",
        version="0.1.0",
        allow_private=True,
        base_urls=dict.fromkeys(keys, httpserver.url_for("")),
        pauses=dict.fromkeys(keys, 0),
        retries=0,
    )
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    made = HttpClient(settings, now=lambda: NOW)
    yield made
    made.close()


def body(case: str) -> bytes:
    (path,) = (CASES / case).glob("0001.body.*")
    return path.read_bytes()


def run(key: str, inquiries: list[Inquiry], client: HttpClient, archive: Archive) -> Harvest:
    return collect(
        registry.scraper(key),
        inquiries,
        client=client,
        archive=archive,
        now=lambda: NOW,
        world="real",
        since=date(2026, 11, 20),
        until=date(2026, 11, 20),
        run_label=f"2026-11-20/{key}-1",
    )


def test_wise_answers_of_every_kind_in_one_run(httpserver: HTTPServer, client: HttpClient, tmp_path: Path) -> None:
    """One issue each for what is broken, with the record; what the other answers hold is kept."""
    answers = {
        "GBR-IND": "wise_comparisons/broken_records",
        "ARE-IND": "wise_comparisons/empty",
        "DEU-IND": "wise_comparisons/several_quotes",
        "USA-MEX": "wise_comparisons/truncated",
        "USA-PHL": "wise_comparisons/blocked",
    }
    amounts = {"GBR-IND": "120", "ARE-IND": "735", "DEU-IND": "140"}
    for key, case in answers.items():
        pair = corridor(key)
        httpserver.expect_request(
            "/v4/comparisons",
            query_string={
                "sourceCurrency": pair.send_currency,
                "targetCurrency": pair.receive_currency,
                "sendAmount": amounts.get(key, "200"),
                "sourceCountry": find_country(pair.sender).iso2,
                "targetCountry": find_country(pair.receiver).iso2,
            },
        ).respond_with_data(body(case), content_type="application/json")
    inquiries = [Inquiry(corridor=corridor(key), send_amount=amounts.get(key, "200"), tier=200) for key in answers]
    archive = Archive(tmp_path)
    harvest = run("wise_comparisons", inquiries, client, archive)
    assert (harvest.requests, harvest.answered, len(harvest.not_offered)) == (5, 3, 1)
    assert len(harvest.quotes) == 2 + 3
    assert Counter(issue.code for issue in harvest.issues) == {"refused_record": 6, "truncated": 1, "blocked": 1}
    assert harvest.failures == {"truncated": 1, "blocked": 1}
    assert all(issue.record for issue in harvest.issues)
    kept = {archive.body(snapshot.body_sha256) for snapshot in harvest.snapshots}
    assert body("wise_comparisons/truncated") in kept, "what could not be read is archived too"
    again = reparse(registry.scraper("wise_comparisons"), harvest.snapshots, archive, lambda: NOW)
    assert again.quotes == harvest.quotes
    assert again.not_offered == harvest.not_offered
    assert again.rates == harvest.rates


def test_transfergo_promotions_and_closed_options(httpserver: HTTPServer, client: HttpClient, tmp_path: Path) -> None:
    for amount, case in (("140", "transfergo/promotions"), ("345", "transfergo/unavailable")):
        httpserver.expect_request(
            "/api/booking/quotes",
            query_string={
                "fromCurrencyCode": "EUR",
                "toCurrencyCode": "INR",
                "fromCountryCode": "DE",
                "toCountryCode": "IN",
                "amount": amount,
                "calculationBase": "sendAmount",
                "business": "0",
            },
        ).respond_with_data(body(case), content_type="application/json")
    inquiries = [Inquiry(corridor=corridor("DEU-IND"), send_amount=amount) for amount in ("140", "345")]
    harvest = run("transfergo", inquiries, client, Archive(tmp_path))
    assert Counter(item.value.basis.value for item in harvest.quotes) == {"promotional": 2, "standard": 2}
    assert [item.value.provider.key for item in harvest.not_offered] == ["transfergo"]
    assert (harvest.issues, harvest.duplicates, harvest.repairs) == ([], 0, {"unknown_speed": 1})


def serve_case(server: HTTPServer, case: str) -> list[Inquiry]:
    """Serve the exchanges of a case; returns what it asks for."""
    found = read_case(CASES / case)
    inquiries: dict[Inquiry, None] = {}
    for exchange in found.exchanges:
        snapshot, parts = exchange.snapshot, urlsplit(exchange.snapshot.url)
        wanted = {"query_string": dict(parse_qsl(parts.query))} if parts.query else {}
        if snapshot.request_body:
            wanted["json"] = json.loads(snapshot.request_body)
        server.expect_request(parts.path, method=snapshot.method, **wanted).respond_with_data(
            exchange.body, status=snapshot.status, content_type=snapshot.headers["content-type"]
        )
        inquiries.update(dict.fromkeys(snapshot.inquiries))
    return list(inquiries)


@pytest.mark.parametrize(
    ("case", "requests", "quotes", "not_offered", "failures"),
    [
        ("wise_quotes/normal", 2, 6, 0, {}),
        ("wise_quotes/no_route", 2, 0, 2, {}),
        ("wise_quotes/blocked", 1, 0, 0, {"blocked": 1}),
        ("sendwave/campaign", 1, 2, 0, {}),
        ("sendwave/over_the_limit", 2, 0, 1, {"changed": 1}),
        ("taptap_send/normal", 2, 6, 1, {}),
        ("taptap_send/bad_header", 2, 0, 0, {"changed": 1}),
        ("taptap_send/odd_schedules", 2, 1, 1, {}),
        ("instarem/promotion", 3, 3, 0, {}),
        ("instarem/refused", 3, 0, 0, {"refused": 2}),
        ("western_union/normal", 1, 6, 0, {}),
        ("western_union/not_sold", 2, 0, 1, {"refused": 1}),
        ("western_union/blocked", 1, 0, 0, {"blocked": 1}),
        ("xe/normal", 1, 4, 0, {}),
    ],
)
def test_a_case_through_the_engine_and_again_from_the_archive(
    httpserver: HTTPServer,
    client: HttpClient,
    tmp_path: Path,
    case: str,
    requests: int,
    quotes: int,
    not_offered: int,
    failures: dict[str, int],
) -> None:
    """Follow-ups are asked, refusals are kept, and what an earlier answer said comes back with the archived one."""
    key = case.split("/")[0]
    inquiries = serve_case(httpserver, case)
    archive = Archive(tmp_path)
    harvest = run(key, inquiries, client, archive)
    assert (harvest.requests, len(harvest.quotes), len(harvest.not_offered)) == (requests, quotes, not_offered)
    assert harvest.failures == failures
    assert len(harvest.snapshots) == requests
    again = reparse(registry.scraper(key), harvest.snapshots, archive, lambda: NOW)
    assert (again.quotes, again.not_offered, again.rates) == (harvest.quotes, harvest.not_offered, harvest.rates)
    assert again.refused == harvest.refused


def test_ecb_rates_of_the_day(httpserver: HTTPServer, client: HttpClient, tmp_path: Path) -> None:
    httpserver.expect_request("/stats/eurofxref/eurofxref-daily.xml").respond_with_data(
        body("ecb/daily"), content_type="text/xml"
    )
    harvest = run("ecb", [], client, Archive(tmp_path))
    assert {item.value.quote: str(item.value.rate) for item in harvest.rates} == {
        "USD": "1.1600",
        "GBP": "0.88213",
        "PHP": "68.324",
    }
