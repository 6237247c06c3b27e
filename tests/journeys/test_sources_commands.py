"""The commands about sources: health, check, new, case, off and on."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.journeys.faults import Spoiler

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


def _row(remitwatch, key: str):  # type: ignore[no-untyped-def]
    return next(row for row in remitwatch("sources", "list", "--json").json if row["source"] == key)


def test_list_is_the_health_of_every_source_on_one_screen(remitwatch, sandbox, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("collect")
    row = _row(remitwatch, "wise_comparisons")
    assert (row["state"], row["age_cadences"], row["succeeded"], row["counted"]) == ("ok", "0.0", 1, 1)
    assert row["last_ok"] == str(today.now.date())
    assert row["values"] > row["expected"]["least"] > 0
    assert dt.datetime.fromisoformat(row["next_run"]) > today.now
    today.move(days=3)
    assert _row(remitwatch, "wise_comparisons")["age_cadences"] == "3.0"
    shown = remitwatch("sources", "list").out.splitlines()
    assert max(map(len, shown)) <= 120
    assert any("wise_comparisons: no accepted run for 3 days" in line for line in shown)
    assert " ".join(shown[0].split()) == "source gives state last ok age brought good next (UTC) terms verified"


def test_show_tells_the_terms_the_expectations_and_the_last_runs(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    assert "attribution" in remitwatch("sources", "show", "ecb").out  # before there is a home
    remitwatch("collect", "ecb")
    shown = remitwatch("sources", "show", "ecb").out
    for words in ("owner ", "licence ", "attribution ", "min_quotes ", "evidence ", "last runs:", "succeeded "):
        assert words in shown
    content = remitwatch("sources", "show", "ecb", "--json").json
    assert content["runs"][0]["status"] == "ok"
    assert content["health"]["succeeded"] == 1


def test_a_source_switched_off_is_asked_by_nobody_until_it_is_on_again(remitwatch, sandbox) -> None:  # type: ignore[no-untyped-def]
    remitwatch("sources", "off", "transfergo", code=2)  # not without a reason
    remitwatch("sources", "off", "transfergo", "--why", "the owner asked us", "--who", "ana")
    assert "is off already" in remitwatch("sources", "off", "transfergo", "--why", "again").out
    assert "switched off by ana" in remitwatch("collect", "transfergo", code=2).err
    assert {run["source"] for run in remitwatch("collect", "--json").json} == {"ecb", "wise_comparisons"}
    assert "transfergo" not in {run["source"] for run in remitwatch("run", "--json").json["runs"]}
    plan = {job["job"]: job for job in remitwatch("schedule", "--dry-run", "--json").json}
    assert plan["collect transfergo"]["next_run"] is None
    row = _row(remitwatch, "transfergo")
    assert (row["state"], row["enabled"], row["next_run"]) == ("off", False, None)
    assert (row["switched_off"]["who"], row["switched_off"]["why"]) == ("ana", "the owner asked us")
    assert "the owner asked us" in remitwatch("status").out
    remitwatch("sources", "on", "transfergo", "--why", "they agreed", "--who", "ben")
    assert [run["source"] for run in remitwatch("collect", "transfergo", "--json").json] == ["transfergo"]
    said = [
        (one["enabled"], one["who"]) for one in remitwatch("sources", "show", "transfergo", "--json").json["switches"]
    ]
    assert said == [(True, "ben"), (False, "ana")]


def test_the_settings_switch_a_source_off_too(remitwatch, sandbox, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_SOURCES__TRANSFERGO__ENABLED", "false")
    remitwatch("init", "--sandbox")
    assert "switched off in the settings" in remitwatch("collect", "transfergo", code=2).err
    assert _row(remitwatch, "transfergo")["state"] == "off"
    assert (
        "it stays off all the same: it is switched off in the settings" in remitwatch("sources", "on", "transfergo").err
    )


def test_check_passes_here_and_tells_what_fails(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    assert all(row["ok"] for row in remitwatch("sources", "check", "--json").json)
    (only,) = remitwatch("sources", "check", "ecb", "--json").json
    assert only["source"] == "ecb"
    assert only["records"] > 10
    shutil.copytree(ROOT / "tests/cases/ecb/daily", tmp_path / "ecb/daily")
    expected = tmp_path / "ecb/daily/expected.json"
    expected.write_text(expected.read_text().replace("1.1", "9.9", 1))
    failed = remitwatch("sources", "check", "ecb", "--cases", tmp_path, code=1).out
    assert "FAILS" in failed
    assert "expected '9.9" in failed
    without = remitwatch("sources", "check", "transfergo", "--cases", tmp_path, "--json", code=1).json
    assert "no case under" in without[0]["problems"][0]
    assert "unknown source" in remitwatch("sources", "check", "nobody", code=2).err
    assert "no such folder" in remitwatch("sources", "check", "--cases", tmp_path / "none", code=2).err


@pytest.mark.parametrize("kind", ["quotes", "rates", "benchmarks", "flows"])
def test_a_new_source_passes_its_check_at_once(remitwatch, tmp_path, kind: str) -> None:  # type: ignore[no-untyped-def]
    made = remitwatch("sources", "new", "acme_pay", "--kind", kind, "--dir", tmp_path).out.splitlines()
    assert len(made) == 6
    (row,) = remitwatch("sources", "check", "acme_pay", "--dir", tmp_path, "--json").json
    assert (row["ok"], row["cases"], row["records"]) == (True, 1, 2)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    assert "one of this key already" in remitwatch("sources", "new", "acme_pay", "--dir", tmp_path, code=2).err
    (tmp_path / f"scrapers/{kind}/acme_pay.toml").unlink()
    assert (
        "nothing is written over"
        in remitwatch("sources", "new", "acme_pay", "--kind", kind, "--dir", tmp_path, code=2).err
    )
    assert all(path.read_bytes() == content for path, content in before.items() if path.exists())


@pytest.mark.parametrize("key", ["Acme", "acme-pay", "../x", "1a", "", "a" * 50, "ecb"])
def test_a_key_that_is_none_or_taken_is_refused(remitwatch, tmp_path, key: str) -> None:  # type: ignore[no-untyped-def]
    remitwatch("sources", "new", key, "--dir", tmp_path, code=2)
    remitwatch("sources", "new", "fine", "--kind", "surveys", "--dir", tmp_path, code=2)
    assert not any(tmp_path.rglob("*.toml"))


def test_a_new_source_is_found_asked_and_checked_with_no_wiring(tmp_path: Path, httpserver: HTTPServer) -> None:
    """In a copy of this checkout, by the commands alone: new, check, collect, case, check."""
    for name in ("remitwatch", "scrapers", "db", "reports"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests" / "cases").mkdir(parents=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "REMITWATCH_HOME": str(tmp_path / "home"),
        "REMITWATCH_ALLOW_PRIVATE_ADDRESSES": "true",
        "REMITWATCH_COLLECT__CORRIDORS": "GBR-IND",
    }

    def command(*arguments: str, code: int = 0) -> str:
        done = subprocess.run(  # its exit code is looked at below
            [sys.executable, "-c", "from remitwatch.cli import main; main()", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout

    command("sources", "new", "acme_pay")
    body = (tmp_path / "tests/cases/acme_pay/documented/0001.body.json").read_text()
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request(
        "/v1/prices", query_string={"from": "GBR", "to": "IND", "amount": "120"}
    ).respond_with_data(
        body.replace('"asOf"', '"sessionToken": "abc123", "contact": "ana@acme.test", "asOf"'),
        content_type="application/json",
    )
    httpserver.expect_request("/v1/prices").respond_with_json({"asOf": "2026-11-20T06:00:00Z", "options": []})
    environment["REMITWATCH_SOURCES__ACME_PAY__BASE_URL"] = httpserver.url_for("").rstrip("/")
    environment["REMITWATCH_SOURCES__ACME_PAY__PAUSE"] = "0"
    assert json.loads(command("sources", "check", "acme_pay", "--json"))[0]["ok"]
    (run,) = json.loads(command("collect", "acme_pay", "--json"))
    assert (run["status"], run["quotes"], run["not_offered"]) == ("ok", 2, 1)
    made = json.loads(command("sources", "case", str(run["id"]), "--json"))
    assert (made["answers"], made["records"], made["reads_the_same"]) == (2, 3, True)
    assert made["masked"] == {"secret field": 1, "e-mail": 1}
    folder = Path(made["folder"])
    kept = (folder / "0001.body.json").read_text() + (folder / "0002.body.json").read_text()
    assert "abc123" not in kept
    assert "ana@acme.test" not in kept
    assert '"https://api.example.com/v1/prices?' in (folder / "0001.meta.json").read_text()
    (row,) = json.loads(command("sources", "check", "acme_pay", "--json"))
    assert (row["ok"], row["cases"]) == (True, 2)


def test_a_broken_run_becomes_a_case_too(remitwatch, sandbox, monkeypatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    page = b"<html><head><title>Just a moment...</title></head><body>from 41.90.64.12</body></html>"
    remitwatch("collect", "ecb")
    with Spoiler(sandbox.base_urls["transfergo"], lambda path, body: page) as blocked:
        monkeypatch.setenv("REMITWATCH_SOURCES__TRANSFERGO__BASE_URL", blocked.url)
        (run,) = remitwatch("collect", "transfergo", "--json", code=1).json
    assert (run["status"], run["reason"]) == ("failed", "blocked")
    made = remitwatch("sources", "case", str(run["id"]), "--name", "blocked_live", "--out", tmp_path, "--json").json
    assert made["masked"]["IP address"] == made["answers"] == 3  # then the host was left alone
    folder = tmp_path / "transfergo" / "blocked_live"
    assert b"41.90" not in next(folder.glob("0001.body.*")).read_bytes()
    expected = json.loads((folder / "expected.json").read_text())
    assert {(one["type"], one["reason"]) for one in expected} == {("AnswerError", "blocked")}
    (row,) = remitwatch("sources", "check", "transfergo", "--cases", tmp_path, "--json").json
    assert row["ok"]
    assert (
        "exists already"
        in remitwatch("sources", "case", str(run["id"]), "--name", "blocked_live", "--out", tmp_path, code=2).err
    )
    shown = remitwatch("runs", "show", str(run["id"])).out
    assert "x blocked: a challenge, block, login or consent page came in place of the answer" in shown
    assert "three in a row stop the host" in shown


def test_a_run_of_rates_becomes_a_case_with_the_span_it_was_asked_for(remitwatch, sandbox, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (run,) = remitwatch("collect", "ecb", "--json").json
    made = remitwatch("sources", "case", str(run["id"]), "--out", tmp_path, "--json").json
    assert made["reads_the_same"]
    assert made["records"] == run["rates"]
    assert "[ask]" in (Path(made["folder"]) / "case.toml").read_text()
    assert "there is none of this number" in remitwatch("sources", "case", "99", "--out", tmp_path, code=2).err
