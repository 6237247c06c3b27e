"""What the terms of a source keep from being asked, and how much of it is asked a day."""

import pytest
from pytest_httpserver import HTTPServer

from remitwatch.indicators import Columns
from remitwatch.pipeline import looking
from scrapers import registry
from tests.remitwatch.conftest import observation_rows

CONTESTED = ("western_union", "xe")


@pytest.fixture
def real(remitwatch, monkeypatch):  # type: ignore[no-untyped-def]
    """A real home whose operator can be reached; nothing of it is asked here."""
    monkeypatch.setenv("REMITWATCH_CONTACT", "ops@example.org")
    remitwatch("init")
    return remitwatch


@pytest.mark.parametrize("key", CONTESTED)
def test_a_source_that_asks_for_permission_is_off(real, key: str) -> None:  # type: ignore[no-untyped-def]
    assert registry.definitions()[key].terms.verdict == "ask"
    for command in (["collect", key], ["collect", key, "--dry-run"], ["sources", "verify", key, "--yes"]):
        refused = real(*command, code=2)
        assert f"{key}: is off: its terms say to ask first" in refused.err
        assert f"sources.{key}.permission" in refused.err
    listed = {row["source"]: row for row in real("sources", "list", "--json").json}[key]
    assert (listed["state"], listed["enabled"], listed["verdict"]) == ("off", False, "ask")
    assert "ask first" in listed["note"]
    assert "ask first" in real("sources", "show", key, "--json").json["off"]
    assert "ask first" in real("sources", "show", key).out
    plan = real("schedule", "--dry-run").out
    assert f"collect {key}" in plan
    assert "not scheduled: is off" in plan
    assert not [run for run in real("runs", "list", "--json").json if run["source"] == key]
    assert "western_union, xe: is off" in real("run", code=2).err


def test_a_stated_permission_turns_it_on_and_a_blank_one_does_not(real, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_SOURCES__XE__PERMISSION", "  ")
    assert "is off" in real("collect", "xe", "--dry-run", code=2).err
    monkeypatch.setenv("REMITWATCH_SOURCES__XE__PERMISSION", "letter of their pricing team, 2026-11-03")
    plan = real("collect", "xe", "--dry-run", "--corridor", "GBR-IND").out
    assert 'xe: POST https://launchpad-api.xe.com/v2/quotes {"sellCcy":"GBP","buyCcy":"INR",' in plan
    assert {row["source"]: row["state"] for row in real("sources", "list", "--json").json}["xe"] == "never"
    assert "off" not in real("sources", "show", "xe").out.split("expect:")[1]
    assert "has not been verified" in real("schedule", "--dry-run").out  # a permission verifies nothing
    monkeypatch.setenv("REMITWATCH_SOURCES__XE__ENABLED", "false")
    assert "switched off" in real("collect", "xe", code=2).err


def test_every_unverified_source_does_not_mean_those_that_are_off(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    remitwatch("sources", "verify", "--yes")
    assert not [run for run in remitwatch("runs", "list", "--json").json if run["source"] in CONTESTED]


def test_terms_of_every_source_are_stated() -> None:
    for definition in registry.definitions().values():
        assert definition.terms.owner
        assert definition.terms.licence
        assert definition.terms.attribution
        if definition.kind == "quotes" and definition.method != "file":
            assert definition.daily_budget
            assert definition.pause >= 1
            assert definition.terms.verdict == "open" or not definition.terms.permission


def _play(server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a server of our own be Sendwave in a sandbox."""
    price = {
        "sendAmount": "120.00",
        "payAmount": "120.99",
        "receiveAmount": "9360.00",
        "baseExchangeRate": "78.0000",
        "effectiveExchangeRate": "78.0000",
        "baseFeeAmount": "0.99",
        "effectiveFeeAmount": "0.99",
        "campaignsApplied": [],
    }
    server.expect_request("/robots.txt").respond_with_data("", status=404)
    server.expect_request("/v2/pricing-public").respond_with_json(price, headers={"Remitwatch-Sandbox": "pretended"})
    monkeypatch.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
    monkeypatch.setenv("REMITWATCH_SOURCES__SENDWAVE__BASE_URL", server.url_for(""))
    monkeypatch.setenv("REMITWATCH_SOURCES__SENDWAVE__PAUSE", "0")
    monkeypatch.setenv("REMITWATCH_SOURCES__SENDWAVE__DAILY_BUDGET", "6")
    monkeypatch.setenv("REMITWATCH_COLLECT__CORRIDORS", "GBR-PHL,GBR-KEN,GBR-IND,GBR-NGA")


def _asked(server: HTTPServer) -> int:
    return sum(request.path == "/v2/pricing-public" for request, _ in server.log)


def test_the_day_s_budget_is_one_over_all_runs(remitwatch, today, httpserver, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    _play(httpserver, monkeypatch)
    remitwatch("init", "--sandbox")
    (remitwatch.home / "remitwatch.toml").write_text("[collect]\nsend_amounts = [200]\n")
    first = remitwatch("collect", "sendwave", "--json", code=None).json
    assert (first[0]["status"], first[0]["requests"], first[0]["quotes"], _asked(httpserver)) == ("ok", 4, 4, 4)
    plan = remitwatch("collect", "sendwave", "--dry-run").out
    assert "sendwave: 2 of 4 requests are over the day's budget, of which 2 are left: not asked" in plan
    assert plan.count("GET http") == 2
    second = remitwatch("collect", "sendwave", "--json", code=None).json
    assert (second[0]["status"], _asked(httpserver)) == (
        "held",
        6,
    )  # half of the answers are missing: that is not passed
    third = remitwatch("collect", "sendwave", "--json", code=None).json
    assert (third[0]["status"], third[0]["reason"], _asked(httpserver)) == ("failed", "budget", 6)
    issues = remitwatch("issues", "list", "--json").json
    assert any("daily_budget" in issue["message"] for issue in issues)
    today.move(1)
    remitwatch("collect", "sendwave", "--json", code=None)
    assert _asked(httpserver) == 10


def test_prices_that_are_for_checks_only_are_in_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    known = registry.definitions()
    terms = known["transfergo"].terms.model_copy(update={"redistribution": "none"})
    changed = {**known, "transfergo": known["transfergo"].model_copy(update={"terms": terms})}
    monkeypatch.setattr(looking.registry, "definitions", lambda: changed)
    frame = observation_rows({"source": "transfergo"}, {"source": "sendwave"}, basis="standard")
    assert list(looking.prepared(Columns.of_frame(frame)).columns.labels("source").names) == ["sendwave"]
    assert len(looking.prepared(Columns.of_frame(frame), for_checks=True).columns) == 2
