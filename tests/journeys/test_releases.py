"""What the World Bank publishes whole now and then, collected: the survey's workbook, the flows, the figures."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.scrapers.loopback import RawServer, raw_server, reply

CASES = Path(__file__).parents[1] / "cases"
KEYS = ("worldbank_survey", "knomad", "worldbank")
CATALOG = "/datasets/0037898"
RELEASE = "2026-05-06T14:46:56+00:00"
Answers = dict[str, bytes]


def survey_rows() -> list[list[str]]:
    """Header and rows of the survey's documented csv."""
    text = (CASES / "worldbank_survey/sheet_csv/0001.body.csv").read_text("utf-8-sig")
    return [row for row in csv.reader(io.StringIO(text)) if any(row)]


def workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """The rows as the survey's sheet, every cell text: as in the quarters whose numbers came as text."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet("Dataset (from Q2 2016)")
    for at, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write_string(at, place, cell)
    book.close()
    return content.getvalue()


def copies(count: int) -> list[list[str]]:
    """The header, and the first row so many times under ids of its own."""
    header, first, *_ = survey_rows()
    at = header.index("id")
    return [header, *([*first[:at], str(9000 + number), *first[at + 1 :]] for number in range(count))]


def catalog(file: str = "rpw_dataset_2011_2025_q3.xlsx", number: str = "DR0095523", released: str = RELEASE) -> bytes:
    address = f"https://datacatalogfiles.worldbank.org/ddh-published/0037898/{number}/{file}"
    resources = [
        {"resource_unique_id": "DR0095524", "url": None, "format": "DATABANK"},
        {"resource_unique_id": number, "url": address, "format": "EXCEL"},
        {"resource_unique_id": "DR0095413", "url": address.replace(file, "report.pdf"), "format": "PDF"},
    ]
    return reply(json.dumps({"dataset_id": "0037898", "modified_on": released, "resources": resources}).encode())


def address(file: str = "rpw_dataset_2011_2025_q3.xlsx", number: str = "DR0095523") -> str:
    return f"/ddh-published/0037898/{number}/{file}"


@contextmanager
def bank(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """A server of the bank's shape that the three sources are pointed at. `answers` may change while it runs."""

    def answer(connection: Any, number: int) -> None:
        target = server.heads[number].split(b" ")[1].decode()
        connection.sendall(answers.get(target) or reply(b"no such thing", status="404 Not Found"))

    with raw_server(answer) as server:
        monkeypatch.setenv("REMITWATCH_ALLOW_PRIVATE_ADDRESSES", "true")
        monkeypatch.setenv("REMITWATCH_COLLECT__RETRIES", "0")
        for key in KEYS:
            monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__BASE_URL", server.url)
            monkeypatch.setenv(f"REMITWATCH_SOURCES__{key.upper()}__PAUSE", "0")
        yield server


def asked(server: RawServer) -> list[str]:
    """The paths that were asked since this was asked last."""
    paths = [head.split(b" ")[1].decode() for head in server.heads]
    del server.heads[:]
    return paths


def newest_run(remitwatch: Any) -> dict[str, Any]:
    return dict(remitwatch("runs", "list", "--json").json[0])


def test_a_release_is_downloaded_once_and_is_the_survey(remitwatch, today, monkeypatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    body = workbook(survey_rows())
    answers = {CATALOG: catalog(), address(): reply(body)}
    remitwatch("init")
    with bank(answers, monkeypatch) as server:
        remitwatch("collect", "worldbank_survey", code=None)
        run = newest_run(remitwatch)
        assert asked(server) == [CATALOG, address()]
        assert run["file_name"] == "rpw_dataset_2011_2025_q3.xlsx"
        remitwatch("collect", "worldbank_survey")
        again = newest_run(remitwatch)
        assert asked(server) == [CATALOG]
        assert (again["status"], again["reason"], again["quotes"], again["accepted"]) == ("ok", "nothing_new", 0, True)

        # the bank touched its catalog, and the file is the same: downloaded to see that, and no second vintage
        answers[CATALOG] = catalog(released="2026-05-07T08:00:00+00:00")
        remitwatch("collect", "worldbank_survey")
        assert asked(server) == [CATALOG, address()]
        assert newest_run(remitwatch)["reason"] == "nothing_new"
        remitwatch("collect", "worldbank_survey")
        assert asked(server) == [CATALOG]

    file = tmp_path / "by_hand.xlsx"
    file.write_bytes(body)
    already = remitwatch("import", file, "--json").json
    assert (already["already"], already["run"]) == (True, run["id"])
    other = remitwatch.__class__(remitwatch.home.parent / "other")
    other("import", file, code=None)
    imported = newest_run(other)
    for name in ("status", "reason", "quotes", "refused", "duplicates", "file_sha256"):
        assert imported[name] == run[name]
    for line in (remitwatch, other):
        line("run", code=None)
    costs, by_hand = (figures(line) for line in (remitwatch, other))
    assert costs == by_hand
    assert costs


def figures(remitwatch: Any) -> list[tuple[Any, ...]]:
    """The survey's figures of a home."""
    rows = remitwatch("indicators", "--basis", "survey", "--scope", "corridor", "--json").json
    return [(row["indicator"], row["sender"], row["receiver"], row["period"], row["value"]) for row in rows]


def test_the_next_release_under_another_number_is_a_new_vintage(remitwatch, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    answers = {CATALOG: catalog(), address(): reply(workbook(copies(3)))}
    remitwatch("init")
    with bank(answers, monkeypatch) as server:
        remitwatch("collect", "worldbank_survey")
        today.move(28)
        new = ("rpw_dataset_2011_2025_q4.xlsx", "DR0101777")
        answers[CATALOG] = catalog(*new, released="2026-11-18T09:03:11+00:00")
        answers[address(*new)] = reply(workbook(copies(4)))
        del server.heads[:]
        remitwatch("collect", "worldbank_survey")
        assert asked(server) == [CATALOG, address(*new)]
    first, second = reversed(remitwatch("runs", "list", "--json").json)
    assert [(run["status"], run["quotes"], run["file_name"][-12:]) for run in (first, second)] == [
        ("ok", 6, "2025_q3.xlsx"), ("ok", 8, "2025_q4.xlsx"),
    ]  # fmt: skip


CUT = workbook(copies(3))[:-900]
CHUNK = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n"


@pytest.mark.parametrize(
    ("download", "reason"),
    [
        (reply(CUT, length=len(CUT) + 900), "truncated"),
        (CHUNK % (len(CUT), CUT), "truncated"),
        (reply(CUT, length=-1), "truncated"),
        (reply(b"<!DOCTYPE html><html>Sign in</html>"), "changed"),
        (reply(workbook([["id", "period", "Source Country", "fee"], ["1", "2025_3Q", "GBR", "2"]])), "changed"),
    ],
)
def test_a_download_that_is_not_whole_or_not_the_survey_stores_nothing(
    remitwatch,
    today,
    monkeypatch,
    download,
    reason,  # type: ignore[no-untyped-def]
) -> None:
    answers = {CATALOG: catalog(), address(): download, "/resources/DR0095523/download": download}
    remitwatch("init")
    with bank(answers, monkeypatch):
        remitwatch("collect", "worldbank_survey", code=1)
        run = newest_run(remitwatch)
        assert (run["status"], run["reason"], run["quotes"], run["accepted"]) == ("failed", reason, 0, False)
        assert not list((remitwatch.home / "archive").rglob(".writing-*"))
        answers[address()] = reply(workbook(copies(3)))  # and the next time it is asked for again
        remitwatch("collect", "worldbank_survey")
        assert newest_run(remitwatch)["quotes"] == 6


def test_the_catalogs_own_address_stands_in(remitwatch, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    answers = {CATALOG: catalog(), "/resources/DR0095523/download": reply(workbook(copies(3)))}
    remitwatch("init")
    with bank(answers, monkeypatch) as server:
        remitwatch("collect", "worldbank_survey", code=None)
        assert asked(server) == [CATALOG, address(), "/resources/DR0095523/download"]
        run = newest_run(remitwatch)
        assert (run["status"], run["reason"], run["quotes"]) == ("partial", "status", 6)
        remitwatch("collect", "worldbank_survey")
        assert asked(server) == [CATALOG]


def test_the_workbook_has_a_limit_of_its_own(remitwatch, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    body = workbook(copies(3))
    assert len(body) > 4000
    monkeypatch.setenv("REMITWATCH_COLLECT__MAX_MEGABYTES", "0.003")
    answers = {CATALOG: catalog(), address(): reply(body)}
    remitwatch("init")
    with bank(answers, monkeypatch):
        monkeypatch.setattr("scrapers.surveys.worldbank_survey.MAX_BYTES", 4000)
        remitwatch("collect", "worldbank_survey", code=1)
        assert newest_run(remitwatch)["reason"] in ("status", "too_large")
        issues = remitwatch("issues", "list", "--json").json
        assert any(f"the answer is {len(body)} bytes: the limit is 4000" in issue["message"] for issue in issues)


def test_a_release_that_would_take_most_away_waits_for_a_person(remitwatch, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    answers = {CATALOG: catalog(), address(): reply(workbook(copies(5)))}
    remitwatch("init")
    with bank(answers, monkeypatch) as server:
        remitwatch("collect", "worldbank_survey")
        answers[CATALOG] = catalog(released="2026-06-01T00:00:00+00:00")
        answers[address()] = reply(workbook(copies(2)))
        remitwatch("collect", "worldbank_survey", code=3)
        held = newest_run(remitwatch)
        assert (held["status"], held["reason"], held["accepted"]) == ("held", "replaces_most", False)
        (issue,) = remitwatch("issues", "list", "--json").json
        assert "it would replace 5 rows in force by 2" in issue["message"]
        del server.heads[:]
        remitwatch("collect", "worldbank_survey", code=1)
        assert asked(server) == [CATALOG]
        waiting = newest_run(remitwatch)
        assert (waiting["status"], waiting["reason"]) == ("empty", "release_held")
        remitwatch("runs", "reject", str(held["id"]), "--why", "rows are missing")
        remitwatch("collect", "worldbank_survey")
        assert asked(server) == [CATALOG]  # what a person rejected does not come back by itself
        assert newest_run(remitwatch)["reason"] == "nothing_new"


def test_verify_shows_the_release_beside_what_is_held(remitwatch, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    answers = {CATALOG: catalog(), address(): reply(workbook(copies(3)))}
    answers |= of_cases("knomad/normal", "worldbank/asked")
    remitwatch("init")
    with bank(answers, monkeypatch):
        remitwatch("collect", "worldbank_survey", "knomad", "worldbank", code=None)
        remitwatch("run", code=None)
        answers[address()] = reply(workbook(copies(4)))
        shown = remitwatch("sources", "verify", *KEYS, "--yes").out
    words = [line.split() for line in shown.splitlines()]
    assert ["rpw_dataset_2011_2025_q3.xlsx", "4", "3", "-", "-"] in words
    (quarter,) = [line for line in words if len(line) == 5 and line[1:3] == ["4", "3"] and line[3] != "-"]
    assert quarter[3] == quarter[4]  # the cost of the same row, ours and as published
    assert ["knomad_bre:2021", "4", "60330.205", "4", "60330.205"] in words
    assert ["USA-MEX", "-", "51876.125", "-", "51876.125"] in words
    assert ["world", "2023", "-", "-", "6.18", "6.18"] in words


def of_cases(*names: str) -> Answers:
    """The answers of documented cases by what is asked."""
    answers = {}
    for name in names:
        for meta in sorted((CASES / name).glob("*.meta.json")):
            url = json.loads(meta.read_text())["url"]
            (body,) = meta.parent.glob(f"{meta.name[:4]}.body.*")
            answers["/" + url.split("/", 3)[3]] = reply(body.read_bytes(), "Content-Type: application/json")
    return answers


def test_flows_come_page_by_page_and_weigh(remitwatch, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    answers = of_cases("knomad/normal")
    answers |= {CATALOG: catalog(), address(): reply(workbook(survey_rows()))}
    remitwatch("init")
    with bank(answers, monkeypatch) as server:
        remitwatch("collect", "knomad", "worldbank_survey", code=None)
        first, second = [path for path in asked(server) if path.startswith("/data360")]
        assert ("skip=0&top=1000" in first, "skip=4&top=1000" in second) == (True, True)
        remitwatch("run", code=None)
        rows = remitwatch("indicators", "--indicator", "weighted_average", "--json").json
        (world,) = [row for row in rows if row["basis"] == "survey"]
        assert world["method"] == "1+flows_knomad_bre_2021"
        traced = remitwatch("trace", world["id"], "--json").json["flows"]
        assert (traced["series"], traced["year"], len(traced["further_bodies"])) == ("knomad_bre", 2021, 1)
        assert "weighted by knomad_bre:2021: run " in remitwatch("trace", world["id"]).out

        # a list that ends early is no matrix: the one before stays in force
        answers |= of_cases("knomad/cut_list")
        remitwatch("collect", "knomad", code=3)
        run = newest_run(remitwatch)
        assert (run["status"], run["reason"], run["flows"], run["accepted"]) == ("held", "few_answers", 3, False)
        # nor is one of less than half
        (path,) = [path for path in answers if "skip=0" in path]
        (row,) = [one for one in json.loads((CASES / "knomad/normal/0001.body.json").read_text())["value"]
                  if one["COMP_BREAKDOWN_1"] == "WB_KNOMAD_IND"]  # fmt: skip
        answers[path] = reply(json.dumps({"count": 1, "value": [row]}).encode())
        remitwatch("collect", "knomad", code=3)
        assert newest_run(remitwatch)["reason"] == "replaces_most"
        assert remitwatch("trace", world["id"], "--json").json["flows"]["run"] == traced["run"]


def test_published_figures_are_collected_and_an_error_with_status_200_is_none(remitwatch, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    answers = of_cases("worldbank/asked")
    remitwatch("init")
    with bank(answers, monkeypatch):
        remitwatch("collect", "worldbank")
        run = newest_run(remitwatch)
        assert (run["status"], run["benchmarks"], run["requests"]) == ("ok", 4, 3)
        answers |= of_cases("worldbank/asked_error")
        remitwatch("collect", "worldbank", code=1)
        assert newest_run(remitwatch)["status"] == "failed"
        issues = remitwatch("issues", "list", "--json").json
        assert any("The provided parameter value is not valid" in issue["message"] for issue in issues)


def test_what_comes_now_and_then_is_not_asked_for_every_day(remitwatch, today, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """The sandbox's last day is a Friday: none of the three is due, so the first look stands for its cadence."""
    answers = {CATALOG: catalog(), address(): reply(workbook(copies(3)))} | of_cases("knomad/normal", "worldbank/asked")
    remitwatch("init")
    with bank(answers, monkeypatch) as server:
        remitwatch("run", code=None)
        assert len(asked(server)) == 7
        today.move(1)
        remitwatch("run", code=None)
        assert asked(server) == []
        today.move(2)  # Monday
        remitwatch("run", code=None)
        assert asked(server) == [CATALOG]
        plan = remitwatch("schedule", "--dry-run", "--json").json
        listed = {row["source"]: row["next_run"] for row in remitwatch("sources", "list", "--json").json}
    times = {row["job"]: row["next_run"] for row in plan}
    assert times["collect worldbank_survey"].startswith("2026-11-09T05:20")
    assert times["collect worldbank"].startswith("2026-11-04T05:40")
    assert times["collect knomad"].startswith("2026-11-11T05:50")
    assert [listed[key] for key in KEYS] == [times[f"collect {key}"] for key in KEYS]


def test_a_plan_shows_what_is_asked_and_what_follows(remitwatch, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_CONTACT", "ops@example.org")
    remitwatch("init")
    plan = remitwatch("collect", *KEYS, "--dry-run").out
    assert "worldbank_survey: GET https://ddh-openapi.worldbank.org/datasets/0037898\n" in plan
    assert "worldbank_survey: and the workbook of the newest release, about 50 MB, where it is not held yet" in plan
    assert "knomad: GET https://data360api.worldbank.org/data360/data?DATABASE_ID=WB_KNOMAD" in plan
    assert "worldbank: GET https://api.worldbank.org/v2/country/all/indicator/SI.RMT.COST.OB.ZS?format=json" in plan
