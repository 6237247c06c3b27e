"""The HTTP client and time: retries, waits, pauses, and the deadline of one request."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Asked

from remitwatch.errors import FetchError
from scrapers.base import Request
from scrapers.http import HttpClient, RefusedAnswer
from tests.scrapers.loopback import OK, Clock, client, definition, own, raw_server, reply

URL = "https://api.acme.test/prices"


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


# --- statuses, retries, Retry-After


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        *((status, "refused") for status in (401, 403, 429)),
        *((status, "status") for status in (400, 404, 410, 422, 204)),
        (304, "changed"),  # nobody said that an answer is known
        *((status, "unreachable") for status in (500, 502, 503, 504, 522, 524, 505)),
    ],
)
def test_a_status_has_its_class(httpserver: HTTPServer, acme: HttpClient, status: int, reason: str) -> None:
    httpserver.expect_request("/prices").respond_with_data("no" if status not in (204, 304) else "", status=status)
    with pytest.raises(RefusedAnswer) as error:
        acme.fetch(definition(), Request(URL), OK)
    assert (error.value.reason, error.value.status) == (reason, status)
    assert len(asked(httpserver)) == (3 if status in (429, 500, 502, 503, 504, 522, 524) else 1)


def test_a_source_can_say_which_statuses_are_answers(httpserver: HTTPServer, acme: HttpClient) -> None:
    httpserver.expect_request("/prices").respond_with_data('{"code": "NO_ROUTE"}', status=422)
    assert acme.fetch(definition(), Request(URL), frozenset({200, 422})).response.status == 422


def test_tries_again_and_counts_its_attempts() -> None:
    statuses = ["500 Internal Server Error", "503 Service Unavailable", "200 OK"]
    clock = Clock()
    with raw_server(lambda connection, number: connection.sendall(reply(b"{}", status=statuses[number]))) as server:
        one = client(clock, pauses={"acme": 0})
        fetched = one.fetch(definition((f"127.0.0.1:{server.port}",)), Request(f"{server.url}/prices"), OK)
        one.close()
    assert fetched.attempts == 3
    waits = [wait for wait in clock.sleeps if wait > 0.5]
    assert len(waits) == 2
    assert 0.9 < waits[0] < 1.6
    assert 1.9 < waits[1] < 3.1


@pytest.mark.parametrize(
    ("retry_after", "low", "high"),
    [
        ("2", 1.9, 2.0),
        ("0", 0.0, 0.0),
        ("Fri, 30 Oct 2026 06:10:05 GMT", 4.9, 5.0),
        ("Fri, 30 Oct 2026 06:00:00 GMT", 0.0, 0.0),
        ("soon", 0.9, 1.6),
        ("-5", 0.9, 1.6),
        ("2.5", 0.9, 1.6),
        ("60", 59.9, 60.0),
    ],
)
def test_waits_as_long_as_it_is_asked_to(retry_after: str, low: float, high: float) -> None:
    def answer(connection: socket.socket, number: int) -> None:
        busy = reply(b"", f"Retry-After: {retry_after}", status="503 Service Unavailable")
        connection.sendall(busy if number == 0 else reply(b"{}"))

    clock = Clock()
    with raw_server(answer) as server:
        host = f"127.0.0.1:{server.port}"
        one = client(clock, pauses={"acme": 0})
        assert one.fetch(definition((host,)), Request(f"{server.url}/prices"), OK).attempts == 2
        one.close()
    assert low <= max(clock.sleeps, default=0.0) <= high


@pytest.mark.parametrize("retry_after", ["3600", "99999999999", "61", "Fri, 30 Oct 2026 08:00:00 GMT"])
def test_gives_up_when_asked_to_wait_long(retry_after: str) -> None:
    clock = Clock()
    with raw_server(reply(b"", f"Retry-After: {retry_after}", status="503 Service Unavailable")) as server:
        one = client(clock, **own(server.url))
        with pytest.raises(FetchError, match="asks to wait") as error:
            one.fetch(definition(), Request(URL), OK)
        one.close()
        assert error.value.reason == "refused"
        assert len(server.heads) == 1
    assert max(clock.sleeps, default=0) <= 60


def test_too_many_requests_slow_the_host_down() -> None:
    def answer(connection: socket.socket, number: int) -> None:
        connection.sendall(reply(b"{}", status="429 Too Many Requests") if number == 0 else reply(b"{}"))

    clock = Clock()
    with raw_server(answer) as server:
        source = definition((f"127.0.0.1:{server.port}",), pause=4)
        one = client(clock)
        for _ in range(3):
            one.fetch(source, Request(f"{server.url}/prices"), OK)
        one.close()
    assert clock.sleeps[-1] > 7.9


# --- politeness


def test_pauses_between_requests_with_jitter(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/prices").respond_with_data("{}")
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    clock = Clock()
    host = f"127.0.0.1:{httpserver.port}"
    one = client(clock)
    for _ in range(12):
        one.fetch(definition((host,), pause=3.0), Request(f"http://{host}/prices"), OK)
    one.close()
    assert len(clock.sleeps) == 12  # the first follows robots.txt
    assert all(2.9 < wait <= 3.75 for wait in clock.sleeps)
    assert max(clock.sleeps) - min(clock.sleeps) > 0.05


def test_one_host_in_sequence_two_hosts_side_by_side() -> None:
    busy: dict[str, int] = {"a": 0, "b": 0}
    most: dict[str, int] = {"a": 0, "b": 0, "both": 0}
    lock = threading.Lock()

    def answer(name: str):
        def send(connection: socket.socket, number: int) -> None:
            with lock:
                busy[name] += 1
                most[name] = max(most[name], busy[name])
                most["both"] = max(most["both"], sum(busy.values()))
            time.sleep(0.03)
            with lock:
                busy[name] -= 1
            connection.sendall(reply(b"{}"))

        return send

    with raw_server(answer("a")) as a, raw_server(answer("b")) as b:
        one = client(pauses={"acme": 0})
        source = definition((f"127.0.0.1:{a.port}", f"127.0.0.1:{b.port}"))

        def ask(url: str) -> None:
            for _ in range(3):
                one.fetch(source, Request(f"{url}/prices"), OK)

        threads = [threading.Thread(target=ask, args=(server.url,)) for server in (a, b) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        one.close()
        assert len(a.heads) == len(b.heads) == 9
    assert most == {"a": 1, "b": 1, "both": 2}


# --- time


def trickle_body(connection: socket.socket, number: int) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def trickle_head(connection: socket.socket, number: int) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(100):
        connection.sendall(b"X")
        time.sleep(0.05)


def trickle_chunks(connection: socket.socket, number: int) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(100):
        connection.sendall(b"1\r\nx\r\n")
        time.sleep(0.05)


def say_nothing(connection: socket.socket, number: int) -> None:
    time.sleep(1.5)


@pytest.mark.parametrize("answer", [trickle_body, trickle_head, trickle_chunks, say_nothing])
def test_the_deadline_is_wall_clock_time(answer) -> None:
    with raw_server(answer) as server:
        one = client(deadline=0.4, retries=0, **own(server.url))
        started = time.monotonic()
        with pytest.raises(FetchError) as error:
            one.fetch(definition(), Request(URL), OK)
        assert time.monotonic() - started < 1.2
        one.close()
        assert error.value.reason == "slow"
        assert len(server.heads) == 1


@pytest.mark.parametrize("seconds_late", [0.6, 0.0])
def test_a_slow_answer_is_asked_for_once_more(seconds_late: float) -> None:
    def answer(connection: socket.socket, number: int) -> None:
        time.sleep(0.6 if number == 0 else seconds_late)
        connection.sendall(reply(b"{}"))

    clock = Clock()
    with raw_server(answer) as server:
        one = client(clock, deadline=0.3, retries=5, pauses={"acme": 0})
        source = definition((f"127.0.0.1:{server.port}",))
        if seconds_late:
            with pytest.raises(FetchError) as error:
                one.fetch(source, Request(f"{server.url}/prices"), OK)
            assert error.value.reason == "slow"
        else:
            assert one.fetch(source, Request(f"{server.url}/prices"), OK).attempts == 2
        one.close()
        assert len(server.heads) == 2
    assert [0.9 < wait < 1.6 for wait in clock.sleeps if wait > 0.1] == [True]  # waits before it asks again


def test_the_deadline_counts_what_was_already_used() -> None:
    def stall(connection: socket.socket, number: int) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        time.sleep(0.6)
        connection.sendall(b"x")
        time.sleep(1.5)

    with raw_server(stall) as server:
        one = client(deadline=0.8, retries=0, **own(server.url))
        started = time.monotonic()
        with pytest.raises(FetchError):
            one.fetch(definition(), Request(URL), OK)
        assert time.monotonic() - started < 1.2
        one.close()


def test_redirects_share_one_deadline() -> None:
    def answer(connection: socket.socket, number: int) -> None:
        time.sleep(0.2)
        connection.sendall(reply(b"", f"Location: /step{number}", status="302 Found"))

    with raw_server(answer) as server:
        one = client(deadline=0.5, **own(server.url))
        with pytest.raises(FetchError) as error:
            one.fetch(definition(), Request(URL), OK)
        one.close()
        assert error.value.reason == "slow"
