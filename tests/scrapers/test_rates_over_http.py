"""Every source of rates against another server of the same shape, by its base URL alone: asked, kept, read again."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Asked
from werkzeug import Response as Answer

from remitwatch.sources import SourceKind
from scrapers import cases, registry
from scrapers.archive import Archive
from scrapers.http import ClientSettings, HttpClient
from scrapers.runner import collect, reparse

CASES = Path(__file__).parents[1] / "cases"
NOW = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)
RATES = sorted(key for key, one in registry.definitions().items() if one.kind is SourceKind.RATES)
TOKEN = "canary-5c1f"


@contextmanager
def client_of(server: HTTPServer, key: str, **changes: object) -> Iterator[HttpClient]:
    settings = ClientSettings(
        contact="https://statistics.example/contact",
        version="0.1.0",
        allow_private=True,
        base_urls={key: server.url_for("")},
        pauses={key: 0},
        retries=0,
    )
    client = HttpClient(replace(settings, **changes), now=lambda: NOW)  # type: ignore[arg-type]
    try:
        yield client
    finally:
        client.close()


def serve(server: HTTPServer, case: Path) -> list[Asked]:
    """Answer as the case does. Returns the list in which the questions will be."""
    asked: list[Asked] = []
    server.expect_request("/robots.txt").respond_with_data("", status=404)
    for exchange in cases.read_case(case).exchanges:
        snapshot = exchange.snapshot
        parts = urlsplit(snapshot.url)

        def answer(request: Asked, body: bytes = exchange.body, kind: str = snapshot.headers["content-type"]) -> Answer:
            asked.append(request)
            return Answer(body, content_type=kind)

        query = parts.query.encode()
        expected = server.expect_oneshot_request(parts.path, method=snapshot.method, query_string=query)
        expected.respond_with_handler(answer)
    return asked


@pytest.mark.parametrize("key", RATES)
def test_a_source_is_asked_at_another_address_and_its_archive_reads_the_same(
    key: str, httpserver: HTTPServer, tmp_path: Path
) -> None:
    case = CASES / key / ("daily" if key == "ecb" else "normal")
    asked = serve(httpserver, case)
    ask = cases.read_case(case).notes.ask
    assert ask is not None
    archive = Archive(tmp_path)
    label = f"2026-11-20/{key}-1"
    with client_of(httpserver, key) as client:
        harvest = collect(
            registry.scraper(key),
            (),
            client=client,
            archive=archive,
            now=lambda: NOW,
            world="real",
            since=ask.since,
            until=ask.until,
            run_label=label,
        )
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    rates = [one for one in expected if one["type"] == "ReferenceRate"]
    assert [str(one.value.rate) for one in harvest.rates] == [one["rate"] for one in rates]
    assert (harvest.issues, harvest.failures) == ([], {})
    assert harvest.requests == harvest.answered == len(asked) == len(harvest.snapshots)
    again = reparse(registry.scraper(key), archive.snapshots(label), archive, lambda: NOW)
    assert (again.rates, again.repairs, again.issues) == (harvest.rates, harvest.repairs, [])


def test_a_form_is_sent_as_a_browser_sends_it_and_kept(httpserver: HTTPServer, tmp_path: Path) -> None:
    (request,) = registry.scraper("cbk").requests_between(NOW.date(), NOW.date(), NOW.date())
    (sent,) = serve_and_ask(httpserver, "cbk", tmp_path)
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert dict(sent.form) == request.form == {"draw": "1", "start": "0", "length": "-1"}
    assert sent.full_path == "/wp-admin/admin-ajax.php?action=get_wdtable&table_id=193"
    (snapshot,) = Archive(tmp_path).snapshots("2026-11-20/x-1")
    assert (snapshot.method, snapshot.request_body) == ("POST", "draw=1&start=0&length=-1")
    assert snapshot.url.endswith("table_id=193#since=2026-11-13&until=2026-11-20")
    kept = Archive(tmp_path).response(snapshot).request
    assert (kept.form, kept.context) == (request.form, {"since": "2026-11-13", "until": "2026-11-20"})


def serve_and_ask(server: HTTPServer, key: str, folder: Path, **changes: object) -> list[Asked]:
    asked = serve(server, CASES / key / "normal")
    with client_of(server, key, **changes) as client:
        collect(
            registry.scraper(key),
            (),
            client=client,
            archive=Archive(folder),
            now=lambda: NOW,
            world="real",
            run_label="2026-11-20/x-1",
        )
    return asked


def test_the_operators_key_goes_in_its_header_and_nowhere_else(
    httpserver: HTTPServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (sent,) = serve_and_ask(httpserver, "banxico", tmp_path, tokens={"banxico": TOKEN, "ecb": "another"})
    assert sent.headers["Bmx-Token"] == TOKEN
    robots = [request for request, _ in httpserver.log if request.path == "/robots.txt"]
    assert robots
    assert all("Bmx-Token" not in request.headers for request in robots)
    assert TOKEN not in caplog.text
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*.jsonl"))
    assert kept
    assert TOKEN.encode() not in kept
    assert TOKEN not in repr(ClientSettings(contact="x", version="1", tokens={"banxico": TOKEN}))


def test_the_key_of_one_source_is_not_sent_to_another(httpserver: HTTPServer, tmp_path: Path) -> None:
    (sent,) = serve_and_ask(httpserver, "fbil", tmp_path, tokens={"banxico": TOKEN})
    assert TOKEN not in str(sent.headers)
