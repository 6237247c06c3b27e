"""The sandbox server: real HTTP on loopback, one host a source, the clock, faults, starting and stopping."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from protego import Protego

from scrapers.sandbox import (
    HEADER,
    LAST_DAY,
    MARK,
    SandboxServer,
    World,
)
from scrapers.sandbox.__main__ import main
from scrapers.sandbox.scenarios import SCENARIOS
from scrapers.sandbox.server import answer
from scrapers.sandbox.sources import DAILY, SOURCES

WORLD = World()
WISE = "/v4/comparisons"
TRANSFERGO = "/api/booking/quotes"
ECB = "/stats/eurofxref/"
WISE_QUERY = {
    "sourceCurrency": "GBP",
    "targetCurrency": "INR",
    "sendAmount": "120",
    "sourceCountry": "GB",
    "targetCountry": "IN",
}
TRANSFERGO_QUERY = {
    "fromCurrencyCode": "GBP",
    "toCurrencyCode": "INR",
    "fromCountryCode": "GB",
    "toCountryCode": "IN",
    "amount": "120",
    "calculationBase": "sendAmount",
    "business": "0",
}
DOWN, BLOCKED = WORLD.faults


class Clock:
    def __init__(self, day: date = LAST_DAY) -> None:
        self.day = day

    def __call__(self) -> datetime:
        return datetime.combine(self.day, time(6, 10), UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[SandboxServer]:
    with SandboxServer(WORLD, clock) as running:
        yield running


def cubes(body: bytes) -> dict[str, dict[str, str]]:
    name = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
    return {
        cube.attrib["time"]: {entry.attrib["currency"]: entry.attrib["rate"] for entry in cube}
        for cube in ET.fromstring(body).iter(name)
        if "time" in cube.attrib
    }


def test_an_unchanged_list_is_not_sent_again(server: SandboxServer) -> None:
    url = server.base_urls["ecb"] + ECB + "eurofxref-daily.xml"
    first = requests.get(url, timeout=5)
    again = requests.get(url, headers={"If-None-Match": first.headers["ETag"]}, timeout=5)
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers[HEADER] == MARK


def test_transfergo_is_down_for_two_days(server: SandboxServer, clock: Clock) -> None:
    url = server.base_urls["transfergo"]
    statuses = {}
    for number in range(-1, 3):
        clock.day = DOWN.first_day + timedelta(days=number)
        response = requests.get(url + TRANSFERGO, params=TRANSFERGO_QUERY, timeout=5)
        statuses[number] = response.status_code
        assert requests.get(url + "/robots.txt", timeout=5).status_code == 200
    assert statuses == {-1: 200, 0: 503, 1: 503, 2: 200}


def test_wise_is_blocked_for_one_day(server: SandboxServer, clock: Clock) -> None:
    url = server.base_urls["wise_comparisons"] + WISE
    (clock.day,) = BLOCKED.days
    response = requests.get(url, params=WISE_QUERY, timeout=5)
    assert response.status_code == 200
    assert "Just a moment" in response.text
    assert "_cf_chl_opt" in response.text
    clock.day += timedelta(days=1)
    assert requests.get(url, params=WISE_QUERY, timeout=5).json()["providers"]


def test_every_answer_carries_the_mark(server: SandboxServer) -> None:
    targets = ["/robots.txt", "/", "/nothing?here", WISE, TRANSFERGO, ECB + "eurofxref-daily.xml"]
    for url in server.base_urls.values():
        for target in targets:
            assert requests.get(url + target, timeout=5).headers[HEADER] == MARK
        posted = requests.post(url + WISE, json={"a": 1}, timeout=5)
        assert (posted.status_code, posted.headers[HEADER]) == (405, MARK)
        assert requests.put(url, timeout=5).headers[HEADER] == MARK


def test_robots_allow_what_is_collected(server: SandboxServer) -> None:
    paths = {
        "ecb": ECB + "eurofxref-daily.xml",
        "wise_comparisons": f"{WISE}?{urlencode(WISE_QUERY)}",
        "transfergo": f"{TRANSFERGO}?{urlencode(TRANSFERGO_QUERY)}",
    }
    for source, url in server.base_urls.items():
        rules = Protego.parse(requests.get(url + "/robots.txt", timeout=5).text)
        assert rules.can_fetch(url + paths[source], "RemitWatch/1.0 (+https://example.org)")
    assert not rules.can_fetch(server.base_urls["transfergo"] + "/api/admin/", "RemitWatch/1.0")


def test_one_host_a_source_kept_alive_counted_and_silent(
    server: SandboxServer, capfd: pytest.CaptureFixture[str]
) -> None:
    assert sorted(server.base_urls) == sorted(DAILY)
    assert len(set(server.base_urls.values())) == 3
    address = urlsplit(server.base_urls["transfergo"])
    target = f"{TRANSFERGO}?{urlencode(TRANSFERGO_QUERY)}"
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        for _ in range(3):  # three answers over one connection
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: sandbox\r\n\r\n".encode())
            head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert json.loads(body)["options"]
        assert server.requests_served == server.served("transfergo") == 3
        connection.sendall(b"GET / HTTP/1.1\r\n")  # and a client that goes away in the middle of a word
    server.stop()
    assert capfd.readouterr() == ("", "")


def test_many_threads_get_the_same_answers(server: SandboxServer) -> None:
    url = server.base_urls["wise_comparisons"] + WISE
    pairs = ("GBP INR", "GBP NGN", "USD MXN", "USD PHP", "EUR INR", "EUR TRY", "EUR MAD", "EUR COP", "KES UGX")
    queries = [
        urlencode({"sourceCurrency": pair[:3], "targetCurrency": pair[4:], "sendAmount": amount})
        for pair in pairs
        for amount in ("120", "345.5")
    ]

    def ask(query: str) -> tuple[str, bytes]:
        return query, requests.get(f"{url}?{query}", timeout=10).content

    found: dict[str, set[bytes]] = defaultdict(set)
    with ThreadPoolExecutor(8) as pool:
        for query, body in pool.map(ask, queries * 4):
            found[query].add(body)
    assert found == {q: {answer(World(), "wise_comparisons", f"{WISE}?{q}", LAST_DAY).body} for q in queries}


def test_the_clock_decides_the_day(server: SandboxServer, clock: Clock) -> None:
    url = server.base_urls["ecb"] + ECB + "eurofxref-daily.xml"
    clock.day = date(2026, 8, 3)
    response = requests.get(url, timeout=5)
    assert list(cubes(response.content)) == ["2026-08-03"]
    assert response.headers["Date"] == "Mon, 03 Aug 2026 06:10:00 GMT"
    clock.day = date(2026, 8, 4)
    assert list(cubes(requests.get(url, timeout=5).content)) == ["2026-08-04"]


def test_stopping_frees_the_ports_and_open_connections(clock: Clock) -> None:
    server = SandboxServer(WORLD, clock).start()
    url = server.base_urls["ecb"]
    with requests.Session() as session:  # its connection stays open
        assert session.get(url + "/robots.txt", timeout=5).ok
        server.stop()
        server.stop()
        assert server.base_urls == {}
        with pytest.raises(requests.ConnectionError):
            session.get(url + "/robots.txt", timeout=5)


def test_a_taken_port_and_a_day_out_of_range_are_refused(clock: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        SandboxServer(WORLD, clock, port_base=taken.getsockname()[1]).start()
    clock.day = date(2050, 1, 1)
    with pytest.raises(ValueError, match="2031"):
        SandboxServer(WORLD, clock).start()


def test_it_runs_by_itself_shows_the_day_asked_for_and_ends_cleanly() -> None:
    command = [sys.executable, "-m", "scrapers.sandbox", "--day", "2026-08-03", "--seed", "9"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        try:
            assert process.stderr is not None
            assert MARK in process.stderr.readline()  # said once it answers and all settings are printed
            assert process.stdout is not None
            lines = [process.stdout.readline().strip() for _ in range(2 + 2 * len(SOURCES))]
            exports = dict(line.removeprefix("export ").split("=", 1) for line in lines)
            body = requests.get(
                exports["REMITWATCH_SOURCES__ECB__BASE_URL"] + ECB + "eurofxref-daily.xml", timeout=5
            ).content
            process.send_signal(signal.SIGTERM)
            rest, errors = process.communicate(timeout=10)
        finally:
            process.kill()
    assert {f"REMITWATCH_SOURCES__{key.upper()}__BASE_URL" for key in SOURCES} <= set(exports)
    assert exports["REMITWATCH_COLLECT__CORRIDORS"].split(",") == list(WORLD.corridors)
    assert body == answer(World(9), "ecb", ECB + "eurofxref-daily.xml", date(2026, 8, 3)).body
    assert (process.returncode, rest, errors) == (0, "", "")


def test_its_command_line_refuses_a_day_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--day", "1999-01-01"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_it_lists_its_scenarios_and_says_how_one_must_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == list(SCENARIOS)
    command = [
        sys.executable,
        "-m",
        "scrapers.sandbox",
        "--scenario",
        "ecb_na",
        "--source",
        "ecb",
        "--day",
        "2026-08-03",
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        try:
            assert process.stderr is not None
            said = [process.stderr.readline().rstrip() for _ in range(5)]
            process.send_signal(signal.SIGTERM)
            out, _ = process.communicate(timeout=10)
        finally:
            process.kill()
    assert said[0].startswith("ecb_na: N/A in the whole history")
    assert said[2:4] == [
        "    remitwatch collect ecb --from 2026-01-02 --to 2026-08-03",
        "the run must end ok, the command with exit code 0",
    ]
    assert next(line for line in out.splitlines() if "BASE_URL" in line).startswith("export REMITWATCH_SOURCES__ECB__")


def test_a_scenario_of_a_source_that_is_not_played_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--scenario", "ecb_na", "--source", "sendwave"])
    assert end.value.code == 2
    assert "ecb_na is about ecb" in capsys.readouterr().err


def test_a_question_by_post_is_read_and_one_too_long_is_not(clock: Clock) -> None:
    with SandboxServer(WORLD, clock, sources=["wise_quotes"]) as server:
        url = server.base_urls["wise_quotes"] + "/v3/quotes"
        asked = {"sourceCurrency": "GBP", "targetCurrency": "INR", "sourceAmount": 120, "targetAmount": None}
        with requests.Session() as session:  # one connection: no body is taken for the next question
            answers = [session.post(url, json=asked, timeout=5) for _ in range(2)]
            assert session.get(url, timeout=5).status_code == 405
        assert [one.json()["sourceAmount"] for one in answers] == [120, 120]
        assert requests.post(url, data=b" " * (2**20 + 1), timeout=5).status_code == 413


def test_what_a_client_has_already_is_not_sent_again_by_date_either(server: SandboxServer) -> None:
    url = server.base_urls["ecb"] + ECB + "eurofxref-daily.xml"
    first = requests.get(url, timeout=5)
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert requests.get(url, headers=since, timeout=5).status_code == 304
    assert requests.get(url, headers={**since, "If-None-Match": '"another"'}, timeout=5).status_code == 200
