"""What else comes with status 200: other encodings are read, other content has its class and its first bytes shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response as Answered

from tests.scrapers.acme import Source, codes

OFFERS = {"offers": [{"product": "Zoë"}]}


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


@pytest.fixture
def source(httpserver: HTTPServer, tmp_path: Path) -> Source:
    return Source(httpserver, tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("content_type", ["application/json", "text/html; charset=latin-1", "image/png", ""])
def test_json_is_read_whatever_it_is_called(source: Source, encoding: str, content_type: str) -> None:
    body = json.dumps(OFFERS, ensure_ascii=False).encode(encoding)
    source.answers["GBR-IND"] = Answered(body, content_type=content_type)
    harvest = source.collect()
    assert harvest.quotes[0].value.product == "Zoë"
    assert not harvest.issues


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (json.dumps(OFFERS, ensure_ascii=False).encode("latin-1"), "changed"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "changed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "changed"),
        (b"\x00" * 100, "changed"),
        (b'{"offers": [\x00]}', "changed"),
        (b"", "empty"),
        (b"\r\n \t", "empty"),
        (b"<!doctype html><html><body>We use cookies. Accept?</body></html>", "blocked"),
        (b"<html lang='de'><body>Willkommen</body></html>", "blocked"),
        (b'{"offers": [{"fee": "free"}]}', "refused_record"),
        (b"<?xml version='1.0'?><offers/>", "changed"),
    ],
)
def test_other_content_has_its_class_and_its_start_is_kept(source: Source, body: bytes, code: str) -> None:
    source.answers["GBR-IND"] = Answered(body, content_type="application/json")
    harvest = source.collect()
    assert len(harvest.quotes) == 3
    assert harvest.failures == {code: 1}
    assert codes(harvest) == [code]
    assert harvest.issues[0].record is not None
    assert "\x00" not in harvest.issues[0].record
    assert source.archive.body(harvest.snapshots[0].body_sha256) == body


def test_a_redirect_to_a_page_for_people_is_no_answer(source: Source, httpserver: HTTPServer) -> None:
    moved = Answered(status=302, headers={"Location": "/de-de/"})
    page = Answered(b"<!doctype html><html lang='de'><body>Geld senden</body></html>", content_type="text/html")
    for answer in (moved, page):
        answer.headers.update(source.headers)
    httpserver.clear()
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/prices").respond_with_response(moved)
    httpserver.expect_request("/de-de/").respond_with_response(page)
    harvest = source.collect()
    assert not harvest.quotes
    assert harvest.failures == {"blocked": 4}
    assert len(httpserver.log) == 1 + 2 * 3  # robots.txt, then three questions, and the host is left alone
