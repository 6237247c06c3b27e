"""Reference rates as an operator meets them: pegs, the order of preference, a source that wants a key, rates apart."""

from __future__ import annotations

from pathlib import Path

import pytest


def test_pegs_are_shown_by_name_and_used_by_preference(remitwatch, tmp_path: Path, today) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "eurofxref-hist.csv"
    rows = [f"2026-10-{day},1.16,0.88,103.1,\n" for day in range(29, 19, -1)]
    file.write_text("Date,USD,GBP,INR,\n" + "".join(rows))
    remitwatch("import", file, "--as", "ecb-history")
    assert remitwatch("rates", "--source", "peg", "--quote", "AED", "--json").json == [
        {"base": "USD", "quote": "AED", "date": "1997-11-01", "rate": "3.6725", "source": "peg", "derived": False}
    ]
    assert remitwatch("rates", "--base", "GBP", "--quote", "AED", "--on", "2026-10-30", "--json").json == [
        {
            "base": "GBP",
            "quote": "AED",
            "date": "2026-10-29",
            "rate": "4.8410227272727272727",
            "source": "peg+ecb",
            "derived": True,
        }
    ]
    refused = remitwatch("rates", "--source", "pge", code=2)
    assert "open_er_api" in refused.err
    assert refused.err.strip().endswith("or peg")


def test_a_source_that_wants_a_key_says_which_setting(remitwatch, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_CONTACT", "ops@example.org")
    remitwatch("init")
    for command in (("collect", "banxico", "--dry-run"), ("collect", "banxico"), ("sources", "verify", "banxico")):
        refused = remitwatch(*command, code=2)
        setting = "sources.banxico.token or REMITWATCH_SOURCES__BANXICO__TOKEN"
        line = f"remitwatch: banxico: needs a key of your own: set {setting}"
        assert refused.err.strip().splitlines() == [line]
    skipped = remitwatch("collect", "--dry-run")
    assert "not asked: banxico: needs a key of your own" in skipped.out
    monkeypatch.setenv("REMITWATCH_SOURCES__BANXICO__TOKEN", "canary-5c1f")
    plan = remitwatch("collect", "banxico", "--dry-run")
    assert "banxico: GET https://www.banxico.org.mx/SieAPIRest/service/v1/series/SF43718/datos/" in plan.out
    assert "canary" not in plan.out + plan.err + remitwatch("config", "show").out


def test_a_plan_shows_what_is_sent(remitwatch, monkeypatch: pytest.MonkeyPatch, today) -> None:  # type: ignore[no-untyped-def]
    """The note of a span that is kept with an answer is no part of the address."""
    monkeypatch.setenv("REMITWATCH_CONTACT", "ops@example.org")
    remitwatch("init")
    plan = remitwatch("collect", "cbn", "cbk", "nbu", "--dry-run").out.splitlines()
    assert plan[:2] == [
        "cbn: GET https://www.cbn.gov.ng/api/GetAllExchangeRates",
        "cbk: POST https://www.centralbank.go.ke/wp-admin/admin-ajax.php?action=get_wdtable&table_id=193 "
        "draw=1&start=0&length=-1",
    ]
    assert plan[2].startswith("nbu: GET https://bank.gov.ua/NBU_Exchange/exchange_site?json&start=")


def test_rates_apart_are_one_issue(remitwatch, httpserver, monkeypatch: pytest.MonkeyPatch, today) -> None:  # type: ignore[no-untyped-def]
    bodies = {
        "/api/GetAllExchangeRates": '[{"id":1,"currency":"US DOLLAR","ratedate":"2026-10-30","buyingrate":"1439.5",'
        '"centralrate":"1440.0","sellingrate":"1440.5"}]',
        "/v2/rates": '[{"date":"2026-10-30","base":"USD","quote":"NGN","rate":1481.4,"providers":[]}]',
    }
    for path, body in bodies.items():
        httpserver.expect_request(path).respond_with_data(body, content_type="application/json")
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    monkeypatch.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
    for key in ("CBN", "FRANKFURTER"):
        monkeypatch.setenv(f"REMITWATCH_SOURCES__{key}__BASE_URL", httpserver.url_for(""))
        monkeypatch.setenv(f"REMITWATCH_SOURCES__{key}__PAUSE", "0")
    remitwatch("collect", "cbn", "frankfurter", code=None)
    for run in remitwatch("runs", "list", "--json").json:  # fewer rates than a whole list has: a person lets them in
        remitwatch("runs", "accept", str(run["id"]), "--why", "a short list for this test")
    for _ in range(2):
        remitwatch("check", code=None)
    found = [one["message"] for one in remitwatch("issues", "list", "--json").json if one["code"] == "rates_apart"]
    assert found == [
        "USD/NGN on 2026-10-30: cbn 1440, frankfurter 1481.4: 2.9 % apart (a currency with a parallel market: the "
        "official rate may not be the one people get)"
    ]
    in_force = remitwatch("rates", "--base", "USD", "--quote", "NGN", "--on", "2026-10-30", "--json").json
    assert [(row["source"], row["rate"]) for row in in_force] == [("cbn", "1440.0")]
