"""The walk of scrapers/README.md, taken literally: two files and one case, found, asked over HTTP, replayed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from remitwatch.corridors import corridor
from remitwatch.quotes import Inquiry
from scrapers import cases, registry
from scrapers.archive import Archive
from scrapers.http import ClientSettings, HttpClient
from scrapers.runner import collect

README = Path(registry.__file__).with_name("README.md")
KEY = "example_remit"


def now() -> datetime:
    return datetime(2026, 11, 20, 6, 20, tzinfo=UTC)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with nothing but the files that the README shows, each where the README says."""
    blocks = re.findall(r"^`([\w/.-]+)`:\n\n```\w+\n(.*?)^```", README.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert [Path(name).suffix for name, _ in blocks] == [".toml", ".py", ".toml", ".json", ".json"]
    for name, content in blocks:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return tmp_path


def test_the_two_files_make_a_source(checkout: Path) -> None:
    found = registry.definitions(extra=[checkout / "scrapers"])
    assert KEY in found
    assert found[KEY].terms.redistribution == "derived"
    assert not found[KEY].verified
    assert type(registry.scraper(KEY, extra=[checkout / "scrapers"])).__name__ == "ExampleRemit"


def test_the_commands_of_the_readme_write_and_check_the_case(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = re.findall(r"^python -m scrapers\.cases (.*)$", README.read_text("utf-8"), re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        folder, *options = command.split()
        status = cases.main([str(checkout / folder), *options, "--scrapers", str(checkout / "scrapers")])
        assert status == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("2 records as expected")
    folder = checkout / "tests/cases" / KEY / "normal"
    quote, refused = cases.replay(registry.scraper(KEY, extra=[checkout / "scrapers"]), folder)
    assert (quote["type"], quote["fee"], quote["pickup_method"]) == ("Quote", "1.90", "bank_account")
    assert (refused["type"], refused["why"]) == ("Refused", "unknown or missing 'pigeon'")
    assert cases.evidence(cases.find_cases(checkout / "tests/cases")) == "documented"


def test_the_source_is_asked_over_http(checkout: Path, tmp_path: Path, httpserver: HTTPServer) -> None:
    body = (checkout / "tests/cases" / KEY / "normal/0001.body.json").read_bytes()
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    query = {"from": "GBR", "to": "IND", "amount": "120"}
    httpserver.expect_request("/v1/prices", query_string=query).respond_with_data(body, content_type="application/json")
    settings = ClientSettings(
        contact="https://statistics.example/contact",
        version="0.1.0",
        allow_private=True,
        base_urls={KEY: httpserver.url_for("")},
        pauses={KEY: 0},
    )
    client = HttpClient(settings, now=now)
    archive = Archive(tmp_path / "archive")
    try:
        harvest = collect(
            registry.scraper(KEY, extra=[checkout / "scrapers"]),
            [Inquiry(corridor=corridor("GBR-IND"), send_amount=120, tier=200)],
            client=client,
            archive=archive,
            now=now,
            world="real",
            run_label=f"2026-11-20/{KEY}-1",
        )
    finally:
        client.close()
    httpserver.check_assertions()
    assert (harvest.requests, harvest.answered, len(harvest.quotes), harvest.refused) == (1, 1, 1, 1)
    quote = harvest.quotes[0].value
    assert (quote.provider.key, str(quote.rate), quote.inquiry.tier) == (KEY, "114.31", 200)
    assert archive.body(harvest.snapshots[0].body_sha256) == body
