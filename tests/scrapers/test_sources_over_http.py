"""The sources through the whole collection engine: their documented answers, good and broken, served on loopback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from remitwatch.corridors import corridor
from remitwatch.countries import find_country
from remitwatch.quotes import Inquiry
from remitwatch.runs import Harvest
from scrapers import registry
from scrapers.archive import Archive
from scrapers.http import ClientSettings, HttpClient
from scrapers.runner import collect, reparse

CASES = Path(__file__).parents[1] / "cases"
NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


@pytest.fixture
def client(httpserver: HTTPServer) -> Iterator[HttpClient]:
    keys = ("ecb", "wise_comparisons", "transfergo")
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
