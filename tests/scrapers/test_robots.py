"""robots.txt is asked for, understood with its wildcards, and obeyed; what cannot be read forbids everything."""

from __future__ import annotations

import socket

import pytest

from remitwatch.errors import FetchError
from scrapers.base import Request
from scrapers.robots import read_robots
from tests.scrapers.loopback import OK, Clock, client, definition, own, raw_server, reply, robots_txt

# The shape of a real file: wide Disallow, and longer Allow rules with wildcards that win.
WILDCARDS = robots_txt(
    "User-agent: Wget",
    "Disallow: /",
    "",
    "User-agent: *",
    "Disallow: /gateway",
    "Allow: *gateway*sourceCurrency=*",
    "Disallow: /*/*/currency-converter/",
    "Disallow: /*.pdf$",
    "Allow: *comparisons*sourceCurrency=*",
)


def fetch_with(robots: bytes, path: str) -> bytes:
    with raw_server(reply(b"{}"), robots=robots) as server:
        one = client(**own(server.url))
        try:
            return one.fetch(definition(), Request(f"https://api.acme.test{path}"), OK).response.body
        finally:
            one.close()
            fetch_with.asked = len(server.heads)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/gateway/v4/comparisons?sourceCurrency=GBP", True),
        ("/gateway/v4/comparisons?targetCurrency=INR", False),
        ("/v4/comparisons/?sendAmount=1&sourceCurrency=GBP", True),
        ("/gb/en/currency-converter/gbp", False),
        ("/gb/currency-converter/gbp", True),
        ("/terms.pdf", False),
        ("/terms.pdf?v=2", True),
        ("/robots-and-more", True),
    ],
)
def test_the_longest_rule_wins_with_wildcards(path: str, allowed: bool) -> None:
    if allowed:
        assert fetch_with(WILDCARDS, path) == b"{}"
        return
    with pytest.raises(FetchError, match=r"robots\.txt of the host does not allow RemitWatch") as error:
        fetch_with(WILDCARDS, path)
    assert error.value.reason == "robots"
    assert fetch_with.asked == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("robots", "reason"),
    [
        (robots_txt("User-agent: RemitWatch", "Disallow: /", "", "User-agent: *", "Allow: /"), "robots"),
        (robots_txt("User-agent: remitwatch", "Disallow: /prices"), "robots"),
        (reply(b"", status="401 Unauthorized"), "robots"),
        (reply(b"", status="403 Forbidden"), "robots"),
        (reply(b"", status="429 Too Many Requests"), "robots"),
        (reply(b"<html><title>Just a moment...</title></html>"), "robots"),
        (reply(b"", "Location: http://other.test/robots.txt", status="302 Found"), "robots"),
        (reply(b"x" * 600_000), "robots"),
        (reply(b"", status="500 Internal Server Error"), "unreachable"),
        (reply(b"", status="503 Service Unavailable"), "unreachable"),
        (reply(b"User-agent: *\n", length=500), "truncated"),
        (b"nonsense", "robots"),
    ],
)
def test_what_forbids_everything(robots: bytes, reason: str) -> None:
    with pytest.raises(FetchError) as error:
        fetch_with(robots, "/prices")
    assert error.value.reason == reason
    assert "robots" in str(error.value)
    assert fetch_with.asked == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "robots",
    [
        reply(b"", status="404 Not Found"),
        reply(b"", status="410 Gone"),
        reply(b'{"error": "BAD_HEADER"}', status="400 Bad Request"),
        reply(b""),
        reply(b"<!doctype html><html><body>our shop</body></html>"),
        robots_txt("User-agent: RemitWatch", "Allow: /", "", "User-agent: *", "Disallow: /"),
        robots_txt("\ufeffUser-agent: *", "Disallow: /private"),
        robots_txt("User-agent: *", "Disallow:"),
    ],
)
def test_what_allows(robots: bytes) -> None:
    assert fetch_with(robots, "/prices") == b"{}"


def test_asked_for_once_a_day() -> None:
    clock = Clock()
    asked: list[int] = []

    def answer(connection: socket.socket, number: int) -> None:
        connection.sendall(reply(b"{}"))

    with raw_server(answer, robots=robots_txt("User-agent: *", "Allow: /")) as server:
        one = client(clock, **own(server.url))
        for _ in range(3):
            one.fetch(definition(), Request("https://api.acme.test/"), OK)
        asked.append(server.connections - len(server.heads))
        clock.sleep(24 * 3600 + 1)
        one.fetch(definition(), Request("https://api.acme.test/"), OK)
        asked.append(server.connections - len(server.heads))
        one.close()
    assert asked == [1, 2]


def test_a_host_that_was_down_is_asked_for_its_rules_again_later() -> None:
    clock = Clock()
    with raw_server(reply(b"{}"), robots=reply(b"", status="403 Forbidden")) as server:
        one = client(clock, **own(server.url))
        for _ in range(3):
            with pytest.raises(FetchError):
                one.fetch(definition(), Request("https://api.acme.test/"), OK)
        assert server.connections == 1
        clock.sleep(601)
        with pytest.raises(FetchError):
            one.fetch(definition(), Request("https://api.acme.test/"), OK)
        assert server.connections == 2
        one.close()


@pytest.mark.parametrize(
    ("line", "low", "high"),
    [("Crawl-delay: 7", 6.9, 8.75), ("Request-rate: 1/10s", 9.9, 12.5), ("Crawl-delay: 0.5", 1.9, 2.5)],
)
def test_the_hosts_own_pace_is_kept(line: str, low: float, high: float) -> None:
    clock = Clock()
    with raw_server(reply(b"{}"), robots=robots_txt("User-agent: *", line)) as server:
        source = definition((f"127.0.0.1:{server.port}",), pause=2)
        one = client(clock)
        for _ in range(3):
            one.fetch(source, Request(f"{server.url}/prices"), OK)
        one.close()
    assert len(clock.sleeps) == 3
    assert all(low <= pause <= high for pause in clock.sleeps)


def test_a_pause_of_zero_does_not_override_the_hosts_pace() -> None:
    """Only a server of our own (a base URL on loopback) is asked without a pause."""
    clock = Clock()
    with raw_server(reply(b"{}"), robots=robots_txt("User-agent: *", "Crawl-delay: 4")) as server:
        one = client(clock, pauses={"acme": 0})
        one.fetch(definition((f"127.0.0.1:{server.port}",)), Request(f"{server.url}/prices"), OK)
        one.close()
        assert 3.9 <= clock.sleeps[0] <= 5
        ours = client(clock, **own(server.url))
        ours.fetch(definition(), Request("https://api.acme.test/prices"), OK)
        ours.close()
    assert len(clock.sleeps) == 1


def test_a_pace_that_no_run_could_keep_is_a_refusal() -> None:
    with pytest.raises(FetchError, match="3600 s between requests") as error:
        fetch_with(robots_txt("User-agent: *", "Crawl-delay: 3600"), "/prices")
    assert error.value.reason == "robots"


def test_a_redirect_into_a_forbidden_path_is_not_followed() -> None:
    moved = reply(b"", "Location: /private/prices", status="302 Found")
    with raw_server(moved, robots=robots_txt("User-agent: *", "Disallow: /private")) as server:
        one = client(**own(server.url))
        with pytest.raises(FetchError) as error:
            one.fetch(definition(), Request("https://api.acme.test/prices"), OK)
        one.close()
        assert error.value.reason == "robots"
        assert len(server.heads) == 1


def test_a_byte_order_mark_does_not_hide_the_first_line() -> None:
    rules = read_robots(200, {}, b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n")
    with pytest.raises(FetchError):
        rules.check("https://api.acme.test/prices")
