"""The demo: the whole job on the sandbox world, its faults as scripted, a second run that adds nothing."""

import json
import re
from collections import Counter

import pytest

from remitwatch.demo import serve
from reports.language import _, speaking
from reports.wording import SANDBOX_WORDS


def test_three_days_end_in_a_report_and_a_second_run_adds_nothing(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    first = remitwatch("demo", "--days", "3", "--out", tmp_path / "report").out
    home = remitwatch.home / "demo"
    assert f"report: {home / 'editions' / '2026-10-30-1' / 'index.html'}" in first
    for basis in ("survey", "standard", "estimate"):
        assert re.search(rf"^{basis} +sending USD 200 costs \d+\.\d\d % on average", first, re.MULTILINE)
    remitwatch.home = home
    runs = remitwatch("runs", "list", "--limit", "1000", "--json").json
    asked = Counter(run["source"] for run in runs if run["kind"] == "collect")
    assert asked == {"ecb": 3, "wise_comparisons": 3, "transfergo": 3, "knomad": 1, "worldbank": 1}
    remitwatch.home = home.parent
    second = remitwatch("demo", "--days", "3").out
    assert "edition 2026-10-30-1 (unchanged)" in second
    remitwatch.home = home
    assert remitwatch("runs", "list", "--limit", "1000", "--json").json == runs
    pages = [*(tmp_path / "report").rglob("*.html")]
    assert len(pages) > 10
    for page in pages:
        text = page.read_text("utf-8")
        assert '<meta name="remitwatch-data" content="sandbox">' in text
        with speaking(re.search(r'<html lang="(\w+)"', text)[1]):
            assert _(SANDBOX_WORDS) in text
    for table in (tmp_path / "report" / "csv").glob("*.csv"):
        if table.name == "columns.csv":  # it says what the columns mean: no figure is in it
            continue
        head, *rows = table.read_text("utf-8").splitlines()
        assert "data" in head.split(",")
        assert all(row.endswith('"sandbox data, not real prices"') for row in rows)
    manifest = json.loads((tmp_path / "report" / "manifest.json").read_text())
    assert manifest["world"] == "sandbox"
    corridors = {page.stem for page in (tmp_path / "report" / "corridors").glob("*.html")}
    assert {key[:7] for key in corridors} >= {"GBR-IND", "USA-MEX", "KEN-UGA"}
    overview = (tmp_path / "report" / "index.html").read_text("utf-8")
    assert "The average in the 12 corridors held is" in overview
    assert "Weighted by what migrants send, the average is" in overview
    india = (tmp_path / "report" / "countries" / "IND.html").read_text("utf-8")
    for shown in (
        "Made-up target, 3.5% or less on average",  # a national target
        "Saved at 3.5%",  # what it is worth, by the flows
        "Saudi Arabia",  # a corridor of the flows that nobody prices
        "SI.RMT.COST.IB.ZS",  # the official figure beside ours
        "agrees",
    ):
        assert shown in india


def test_the_languages_of_the_pages_are_chosen_as_everywhere(remitwatch, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_PUBLISH__LANGUAGES", "fr,en")
    remitwatch("demo", "--days", "1", "--out", tmp_path / "report")
    assert '<html lang="fr"' in (tmp_path / "report" / "index.html").read_text("utf-8")
    assert (tmp_path / "report" / "en" / "index.html").is_file()
    assert not (tmp_path / "report" / "ar").exists()


def test_a_language_without_a_catalogue_is_refused_before_anything_is_simulated(remitwatch, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("REMITWATCH_PUBLISH__LANGUAGES", "en,xx")
    refused = remitwatch("demo", "--days", "1", code=2)
    assert "language 'xx': expected one of en, ar, es, fr" in refused.err
    assert not (remitwatch.home / "demo").exists()


def test_a_folder_that_is_there_is_not_overwritten(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "report").mkdir()
    refused = remitwatch("demo", "--days", "1", "--out", tmp_path / "report", code=2)
    assert "it is already there" in refused.err
    assert not (remitwatch.home / "demo").exists()


def test_serve_shows_the_edition_on_loopback(tmp_path) -> None:  # type: ignore[no-untyped-def]
    import threading
    import urllib.request

    (tmp_path / "index.html").write_text("the report")
    seen: list[str] = []
    stop = threading.Event()

    def look(url: str) -> None:
        with urllib.request.urlopen(url, timeout=5) as answer:
            seen.append(answer.read().decode())

    threads: list[threading.Thread] = []

    def announce(url: str) -> None:
        threads.append(threading.Thread(target=lambda: (look(url), stop.set())))
        threads[0].start()

    serve(tmp_path, announce=announce, stop=stop)
    threads[0].join()
    assert seen == ["the report"]


@pytest.mark.slow
def test_ninety_days_are_what_the_script_says(remitwatch, today) -> None:  # type: ignore[no-untyped-def]
    out = remitwatch("demo").out
    assert out.count("as scripted") == 3
    remitwatch.home /= "demo"
    runs = remitwatch("runs", "list", "--limit", "10000", "--json").json
    collected = [run for run in runs if run["kind"] == "collect"]
    asked = Counter(run["source"] for run in collected)
    assert all(asked[source] == 90 for source in ("ecb", "wise_comparisons", "transfergo"))
    assert 0 < asked["knomad"] < asked["worldbank"] < 10  # as their schedules say
    failed = {(run["source"], run["logical_date"], run["reason"]) for run in collected if not run["accepted"]}
    assert failed == {
        ("transfergo", "2026-09-22", "unreachable"),
        ("transfergo", "2026-09-23", "unreachable"),
        ("wise_comparisons", "2026-10-08", "blocked"),
    }
    assert {row["basis"] for row in remitwatch("indicators", "--json").json} == {
        "survey", "standard", "promotional", "estimate",
    }  # fmt: skip
    (world,) = remitwatch("indicators", "--indicator", "smart", "--basis", "survey", "--json").json
    assert world["value"] is not None
