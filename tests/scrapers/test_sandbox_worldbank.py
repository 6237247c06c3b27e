"""The sandbox's World Bank: every scenario ends as it says, and nothing is invented."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from scrapers.sandbox import World
from scrapers.sandbox.marks import HEADER, MARK
from scrapers.sandbox.worldbank import SCENARIOS
from tests.scrapers.loopback import raw_server, reply


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_ends_as_it_says(name: str, remitwatch: Any, today: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    played, world = SCENARIOS[name], World()

    def answer(connection: Any, number: int) -> None:
        parts = urlsplit(server.heads[number].split(b" ")[1].decode())
        right = played.answer(world, parts.path, dict(parse_qsl(parts.query)), today.now.date())
        status = f"{right.status} {'OK' if right.status == 200 else 'Not Found'}"
        headers = (f"Content-Type: {right.content_type}", f"{HEADER}: {MARK}")
        connection.sendall(reply(right.body, *headers, status=status))

    with raw_server(answer) as server:
        key = played.source.upper()
        monkeypatch.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
        monkeypatch.setenv(f"REMITWATCH_SOURCES__{key}__BASE_URL", server.url)
        monkeypatch.setenv(f"REMITWATCH_SOURCES__{key}__PAUSE", "0")
        remitwatch("init", "--sandbox")
        for time in range(played.times):
            last = time == played.times - 1
            remitwatch("collect", played.source, code=played.exit_code if last else None)
    run = remitwatch("runs", "list", "--json").json[0]
    assert (run["status"], run["reason"]) == (played.status, played.reason)
    values = run["quotes"] + run["flows"] + run["benchmarks"]
    assert (values > 0) == (played.status in ("ok", "held") and played.reason != "nothing_new")
