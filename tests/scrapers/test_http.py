"""The HTTP client over real loopback connections: identity, limits, retries, redirects, and what a refusal means."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Asked
from werkzeug import Response as Answered

from remitwatch.errors import FetchError
from scrapers.base import Request
from scrapers.http import ClientSettings, HttpClient, RefusedAnswer
from tests.scrapers.loopback import CONTACT, NOW, OK, client, definition, own, raw_server, reply

URL = "https://api.acme.test/prices"
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>checking</body></html>"


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


@pytest.fixture
def acme(httpserver: HTTPServer) -> Iterator[HttpClient]:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    one = client(**own(httpserver.url_for("")))
    yield one
    one.close()


def asked(server: HTTPServer, path: str = "/prices") -> list[Asked]:
    return [request for request, _ in server.log if request.path == path]


def test_says_who_asks_and_returns_the_answer(httpserver: HTTPServer, acme: HttpClient) -> None:
    httpserver.expect_request("/prices").respond_with_data(b'{"rate": 1.5}', content_type="application/json")
    fetched = acme.fetch(definition(), Request(URL, {"from": "GBP", "to": "INR & more"}), OK)
    (request,) = asked(httpserver)
    assert request.headers["User-Agent"] == f"RemitWatch/1.2.3 (+{CONTACT})"
    assert dict(request.args) == {"from": "GBP", "to": "INR & more"}
    assert fetched.response.json() == {"rate": Decimal("1.5")}
    assert fetched.response.headers["content-type"] == "application/json"
    assert (fetched.response.status, fetched.response.fetched_at, fetched.attempts) == (200, NOW, 1)
    assert fetched.url == httpserver.url_for("/prices?from=GBP&to=INR+%26+more")


@pytest.mark.parametrize("contact", ["", "  ", "me\r\nX-Evil: 1", "a) (b"])
def test_a_contact_must_name_somebody(contact: str) -> None:
    with pytest.raises(ValueError, match="contact"):
        HttpClient(ClientSettings(contact=contact, version="1"), now=lambda: NOW)


def test_keeps_no_cookies_and_reads_no_environment(
    httpserver: HTTPServer, acme: HttpClient, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    httpserver.expect_request("/prices").respond_with_data(b"{}", headers={"Set-Cookie": "session=1; Path=/"})
    for _ in range(2):
        acme.fetch(definition(), Request(URL), OK)
    assert len(asked(httpserver)) == 2
    for request in asked(httpserver):
        assert "Cookie" not in request.headers
        assert "Authorization" not in request.headers


def test_keeps_its_connection() -> None:
    def answer(connection: socket.socket, number: int) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        for _ in range(2):
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")

    with raw_server(answer) as server:
        one = client(**own(server.url))
        for _ in range(3):
            assert one.fetch(definition(), Request(URL), OK).response.body == b"{}"
        one.close()
        assert server.connections == 2  # the robots.txt answer closes its own


def test_posts_json_once(httpserver: HTTPServer, acme: HttpClient) -> None:
    httpserver.expect_request("/prices", method="POST").respond_with_data("", status=503)
    with pytest.raises(FetchError) as error:
        acme.fetch(definition(), Request(URL, method="POST", json={"amount": "120.50"}), OK)
    assert error.value.reason == "unreachable"
    (request,) = asked(httpserver)
    assert request.get_json() == {"amount": "120.50"}


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (Request(URL, headers={"User-Agent": "Mozilla/5.0"}), ValueError),
        (Request(URL, headers={"cookie": "a=1"}), ValueError),
        (Request(URL, json={"a": 1}), ValueError),
        (Request(URL, method="DELETE"), ValueError),
        (Request(URL, method="POST", json={"amount": Decimal("1.5")}), TypeError),
    ],
)
def test_refuses_requests_that_must_not_be_sent(
    httpserver: HTTPServer, acme: HttpClient, request_: Request, error: type[Exception]
) -> None:
    with pytest.raises(error):
        acme.fetch(definition(), request_, OK)
    assert not asked(httpserver)


def test_the_context_of_a_request_is_never_sent(httpserver: HTTPServer, acme: HttpClient) -> None:
    httpserver.expect_request("/prices").respond_with_data("{}")
    fetched = acme.fetch(definition(), Request(URL, {"a": "1"}, context={"pay_in": "bank"}), OK)
    (request,) = asked(httpserver)
    assert "pay_in" not in f"{request.url}{request.headers}"
    assert fetched.response.request.context == {"pay_in": "bank"}


@pytest.mark.parametrize("host", ["api.remitly.io", "www.REVOLUT.com", "remittanceprices.worldbank.org"])
def test_a_host_on_the_list_is_refused_before_it_is_looked_up(host: str) -> None:
    """Whoever names it: a definition, an override, a redirect."""

    def resolve(*_: object) -> list[object]:
        raise AssertionError("looked up")

    for source, settings in (
        (definition((host,)), {}),
        (definition(), {"base_urls": {"acme": f"https://{host}"}}),
    ):
        one = client(resolve=resolve, **settings)
        with pytest.raises(FetchError, match="not collected") as error:
            one.fetch(source, Request(f"https://{source.hosts[0]}/prices"), OK)
        one.close()
        assert error.value.reason == "address"
    with raw_server(reply(b"", f"Location: https://{host}/", status="302 Found")) as server:
        one = client(pauses={"acme": 0})
        with pytest.raises(FetchError, match=r"not followed: .*not collected"):
            one.fetch(definition((f"127.0.0.1:{server.port}", host)), Request(server.url), OK)
        one.close()


def test_a_source_on_the_list_can_be_played_on_this_machine(httpserver: HTTPServer, acme: HttpClient) -> None:
    httpserver.expect_request("/prices").respond_with_data("{}")
    assert acme.fetch(definition(("api.remitly.io",)), Request("https://api.remitly.io/prices"), OK).attempts == 1


# --- redirects


def test_follows_redirects_on_its_host(httpserver: HTTPServer, acme: HttpClient) -> None:
    httpserver.expect_request("/prices").respond_with_data("", status=301, headers={"Location": "/v2/prices?a=1#top"})
    httpserver.expect_request("/v2/prices").respond_with_data("", status=307, headers={"Location": "final"})
    httpserver.expect_request("/v2/final").respond_with_data("{}")
    fetched = acme.fetch(definition(), Request(URL), OK)
    assert fetched.url == httpserver.url_for("/v2/final")
    assert fetched.attempts == 1


def test_links_to_the_real_host_follow_the_override(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/mirror/prices").respond_with_data("", status=302, headers={"Location": f"{URL}/new"})
    httpserver.expect_request("/mirror/prices/new").respond_with_data("{}")
    one = client(**own(httpserver.url_for("/mirror/")))
    assert one.fetch(definition(), Request(URL), OK).url == httpserver.url_for("/mirror/prices/new")
    one.close()


def test_a_redirect_loop_ends(httpserver: HTTPServer, acme: HttpClient) -> None:
    httpserver.expect_request("/prices").respond_with_data("", status=302, headers={"Location": "/prices"})
    with pytest.raises(FetchError) as error:
        acme.fetch(definition(), Request(URL), OK)
    assert error.value.reason == "redirect"
    assert len(asked(httpserver)) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{canary}/",
        "//127.0.0.1:{canary}/",
        "http://api.acme.test@127.0.0.1:{canary}/",
        "http://127.0.0.1:{canary}\\@api.acme.test/",
        "http://2130706433:{canary}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{canary}/",
        "http://[::1",
        "http://api.acme.test:99999/",
    ],
)
def test_redirects_elsewhere_are_not_followed(location: str) -> None:
    with raw_server(reply(b"{}")) as canary:
        where = location.format(canary=canary.port)
        with raw_server(reply(b"", f"Location: {where}", status="302 Found")) as server:
            one = client(**own(server.url))
            with pytest.raises(FetchError) as error:
                one.fetch(definition(), Request(URL), OK)
            one.close()
        assert error.value.reason == "redirect"
        assert canary.connections == 0


def test_secret_headers_stay_with_their_host() -> None:
    with raw_server(reply(b"{}")) as second:
        with raw_server(reply(b"", f"Location: {second.url}/b", status="302 Found")) as first:
            source = definition((f"127.0.0.1:{first.port}", f"127.0.0.1:{second.port}"))
            one = client(pauses={"acme": 0})
            headers = {"X-API-Key": "canary-key", "Authorization": "Bearer canary", "Accept-Language": "en"}
            one.fetch(source, Request(f"{first.url}/a", headers=headers), OK)
            one.close()
            assert b"canary-key" in first.heads[0]
        assert b"canary" not in second.heads[0]
        assert b"Accept-Language: en" in second.heads[0]


@pytest.mark.parametrize(("status", "method"), [("303 See Other", b"GET"), ("307 Temporary Redirect", b"POST")])
def test_a_redirected_post(status: str, method: bytes) -> None:
    def answer(connection: socket.socket, number: int) -> None:
        connection.sendall(reply(b"", "Location: /new", status=status) if number == 0 else reply(b"{}"))

    with raw_server(answer) as server:
        one = client(**own(server.url))
        one.fetch(definition(), Request(URL, method="POST", json={"a": 1}), OK)
        one.close()
        assert server.heads[1].startswith(method + b" /new ")


# --- challenge and block pages


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, CHALLENGE),
        ({}, b"<html><script>window._cf_chl_opt={}</script></html>"),
        ({}, b"\xef\xbb\xbf<html><body>Request unsuccessful. Incapsula incident ID: 123-456</body></html>"),
        ({}, b"<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD><BODY>Reference #18.2</BODY></HTML>"),
        ({"cf-mitigated": "challenge"}, b"{}"),
    ],
)
@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_challenge_page_is_no_answer(
    httpserver: HTTPServer, acme: HttpClient, headers: dict[str, str], body: bytes, status: int
) -> None:
    httpserver.expect_request("/prices").respond_with_data(body, status=status, headers=headers)
    with pytest.raises(RefusedAnswer) as error:
        acme.fetch(definition(), Request(URL), OK)
    assert error.value.reason == "blocked"
    assert error.value.body == body
    assert len(asked(httpserver)) == 1  # not hammered, whatever the status


@pytest.mark.parametrize(
    "body",
    [
        b"<html><title>Access denied to our branch?</title>cloudflare, captcha and incapsula are words</html>",
        b'{"note": "<html> cf_chl_opt <title>Access Denied</title>"}',
        b'<?xml version="1.0"?><a>Just a moment...</a>',
    ],
)
def test_an_answer_may_mention_a_challenge(httpserver: HTTPServer, acme: HttpClient, body: bytes) -> None:
    httpserver.expect_request("/prices").respond_with_handler(lambda request: Answered(body))
    assert acme.fetch(definition(), Request(URL), OK).response.body == body


# --- secrets


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense",
        reply(b"{}", status="404 Not Found"),
        reply(b"{}", status="401 Unauthorized"),
        reply(b"{}", "Retry-After: 7200", status="429 Too Many Requests"),
        reply(b"{}", length=50),
        reply(b"", "Location: http://other.test/?api_key=canary-secret", status="302 Found"),
        reply(b"", "Location: /prices", status="302 Found"),
        reply(CHALLENGE),
    ],
)
def test_secrets_are_in_no_message_and_no_log(answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with raw_server(answer) as server:
        one = client(**own(server.url))
        request = Request(URL, {"api_key": "canary-secret", "to": "INR"}, headers={"X-Key": "canary-secret"})
        with pytest.raises(FetchError) as error:
            one.fetch(definition(), request, OK)
        one.close()
    assert "canary-secret" not in f"{error.value}{error.value.__cause__}{caplog.text}"
    assert "INR" in str(error.value) or "redirect" in str(error.value)


def test_a_large_answer_may_have_limits_of_its_own() -> None:
    body = b"x" * 3000

    def answer(connection: socket.socket, number: int) -> None:
        time.sleep(0.4)
        connection.sendall(reply(body))

    with raw_server(answer) as server:
        asking = client(**own(server.url), deadline=0.2, max_bytes=1000, retries=0)
        large = Request("https://api.acme.test/file", max_bytes=5000, deadline=30)
        assert asking.fetch(definition(), large, OK).response.body == body
        for less, reason in ((replace(large, max_bytes=0), "too_large"), (replace(large, deadline=0), "slow")):
            with pytest.raises(FetchError) as failed:
                asking.fetch(definition(), less, OK)
            assert failed.value.reason == reason
        asking.close()
