"""What a source does wrong is one issue with the offending record; the other requests' quotes are kept."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.faults import Spoiler

BLOCK_PAGE = b"<html><head><title>Just a moment...</title></head><body>cf_chl_opt</body></html>"


def _gbr_200(path: str) -> bool:
    return "sourceCountry=GB" in path and "sendAmount=120" in path


def _json(change: Callable[[Any], None]) -> Callable[[bytes], bytes]:
    def changed(body: bytes) -> bytes:
        content = json.loads(body)
        change(content)
        return json.dumps(content).encode()

    return changed


def _other(content: Any) -> Any:
    return next(one for one in content["providers"] if one["alias"] != "wise")


def _unknown_type(content: Any) -> None:
    _other(content)["type"] = "pigeonPost"


def _no_fee(content: Any) -> None:
    del _other(content)["quotes"][0]["fee"]


def _wrong_sum(content: Any) -> None:
    _other(content)["quotes"][0]["receivedAmount"] = 99999.0


@pytest.mark.parametrize(
    ("spoil", "code", "in_record"),
    [
        (lambda body: body[: len(body) // 2], "truncated", '{"'),
        (lambda body: BLOCK_PAGE, "blocked", "moment"),
        (_json(_unknown_type), "refused_record", "pigeonPost"),
        (_json(_no_fee), "refused_record", "receivedAmount"),
        (_json(_wrong_sum), "refused_record", "99999"),
    ],
    ids=["truncated", "block page with 200", "unknown category", "missing field", "sum that does not add up"],
)  # fmt: skip
def test_one_bad_answer_is_one_issue_and_the_rest_is_kept(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, monkeypatch, spoil, code: str, in_record: str
) -> None:
    name = "REMITWATCH_SOURCES__WISE_COMPARISONS__BASE_URL"
    remitwatch("collect", "ecb")
    with Spoiler(
        sandbox.base_urls["wise_comparisons"], lambda path, body: spoil(body) if _gbr_200(path) else None
    ) as bad:
        monkeypatch.setenv(name, bad.url)
        (run,) = remitwatch("collect", "wise_comparisons", "--json", code=3).json
    assert (run["status"], run["reason"]) == ("partial", code)
    assert run["quotes"] > 20
    (issue,) = [one for one in remitwatch("issues", "list", "--json").json if one["source"] == "wise_comparisons"]
    assert (issue["code"], issue["run_id"], issue["seen"]) == (code, run["id"], 1)
    assert in_record in issue["record"]
    assert "GBR-IND GBP 120" in (issue["inquiry"] or issue["message"])
    remitwatch("observe")
    rows = remitwatch("quotes", "--corridor", "USA-MEX", "--basis", "estimate", "--json").json
    assert len(rows) > 3
    shown = remitwatch("issues", "show", str(issue["id"])).out
    assert in_record in shown


def test_too_few_answers_are_held_until_a_person_accepts_them(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    remitwatch("collect", "ecb")
    few = Spoiler(sandbox.base_urls["transfergo"], lambda path, body: None if "toCurrencyCode=INR" in path else b"{}")
    with few:
        monkeypatch.setenv("REMITWATCH_SOURCES__TRANSFERGO__BASE_URL", few.url)
        (run,) = remitwatch("collect", "transfergo", "--json", code=3).json
    assert run["status"] == "held"
    assert run["quotes"] > 0
    remitwatch("observe")
    assert remitwatch("quotes", "--corridor", "GBR-IND", "--json").json == []
    assert remitwatch("indicators", "--json").json == []
    status = remitwatch("status", "--json", code=4).json
    assert ("transfergo", "held") in [(one["source"], one["code"]) for one in status["findings"]]
    remitwatch("runs", "accept", str(run["id"]), "--why", "checked by telephone", "--who", "ana")
    assert remitwatch("quotes", "--corridor", "GBR-IND", "--json").json != []
    accepted = remitwatch("runs", "show", str(run["id"]), "--json").json
    assert (accepted["accepted"], accepted["accepted_by"], accepted["accepted_why"]) == (
        True,
        "ana",
        "checked by telephone",
    )
    remitwatch("runs", "reject", str(run["id"]), "--why", "they called back", "--who", "ana")
    assert remitwatch("quotes", "--corridor", "GBR-IND", "--json").json == []


def test_a_source_that_is_down_fails_and_the_others_are_kept(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_SOURCES__TRANSFERGO__BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("REMITWATCH_COLLECT__RETRIES", "0")
    runs = {run["source"]: run for run in remitwatch("collect", "--json", code=3).json}
    assert (runs["transfergo"]["status"], runs["transfergo"]["quotes"]) == ("failed", 0)
    assert {runs[key]["status"] for key in ("ecb", "wise_comparisons")} == {"ok"}


def test_reparse_replaces_the_values_of_the_archived_answers_and_reports_it(  # type: ignore[no-untyped-def]
    remitwatch, sandbox, monkeypatch
) -> None:
    from scrapers.quotes import wise_comparisons

    remitwatch("collect")
    remitwatch("observe")
    assert " 0 new, 0 gone" in remitwatch("reparse", "wise_comparisons").out
    original = wise_comparisons.provider_key
    monkeypatch.setattr(wise_comparisons, "provider_key", lambda alias: "renamed_" + original(alias))
    report = remitwatch("reparse", "wise_comparisons").out
    assert " 0 values unchanged" not in report or "new" in report
    after = remitwatch("quotes", "--corridor", "GBR-IND", "--basis", "estimate", "--json").json
    assert all(row["provider"].startswith("renamed_") for row in after)
    monkeypatch.undo()


def test_every_figure_can_be_walked_back_to_its_archived_answer(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    from scrapers.archive import Archive

    remitwatch("collect")
    remitwatch("observe")
    rows = remitwatch("indicators", "--scope", "corridor", "--json").json
    archive = Archive(remitwatch.home / "archive")
    walked = 0
    for row in rows:
        if row["indicator"] != "average_total_cost":
            continue
        trace = remitwatch("trace", row["id"], "--json").json
        assert trace["figure"]["value"] == row["value"]
        assert len(trace["evidence"]) == row["services"]
        mean = sum(float(one["total_cost_pct"]) for one in trace["evidence"]) / len(trace["evidence"])
        assert mean == pytest.approx(float(row["value"]), abs=5e-5)
        for one in trace["evidence"]:
            assert json.loads(archive.body(one["body"]))
        walked += 1
    assert walked >= 6
