"""Editions of handed-in prices: of a day, a month, a quarter; unchanged, corrected, and never from damaged data."""

import csv
import datetime as dt
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from lxml import html

ROW = (
    "{day},KEN,UGA,{name},money_transfer_operator,cash,agent,cash,within_hour,high,18000,KES,"
    "{fee},KES,added,28.10,505800,UGX,28.50,true,false,false,\n"
)


@pytest.fixture(autouse=True)
def _no_figures(monkeypatch):
    """Publication figures have tests of their own, and take long."""
    monkeypatch.setattr("reports.figures.draw_figures", lambda site: {})


@pytest.fixture
def hand_in(remitwatch, tmp_path):
    """Hands in the price of three services on these days."""

    def give(*days, fee=500, source="partners"):
        rows = [
            ROW.format(day=day, name=f"Firm {number}", fee=fee + 10 * number) for day in days for number in range(3)
        ]
        prices = tmp_path / f"prices-{source}-{len(list(tmp_path.glob('prices-*')))}.csv"
        prices.write_text(remitwatch("import", "--template").out.splitlines()[0] + "\n" + "".join(rows), "utf-8")
        return remitwatch("import", prices, "--source", source)

    return give


def _edition(remitwatch, *options):
    return remitwatch("publish", "--json", "--lang", "en", *options).json


def _words(page):
    """What a reader sees of a page."""
    return " ".join(html.document_fromstring(page.read_text("utf-8")).text_content().split())


def _tree(folder):
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    manifest = json.loads(found.pop("manifest.json"))
    manifest.pop("made_at")
    return found, manifest


def test_editions_of_a_day_a_month_and_a_quarter_stand_side_by_side(remitwatch, hand_in, today) -> None:
    hand_in("2026-08-12", "2026-08-13", "2026-09-28", "2026-10-28")
    names = [
        _edition(remitwatch, *options)["edition"]
        for options in ((), ("--period", "2026-10"), ("--period", "2026-Q3"), ("--period", "2026-Q4"))
    ]
    assert names == ["2026-10-28-1", "2026-10-1", "2026-Q3-1", "2026-Q4-1"]
    editions = remitwatch.home / "editions"
    manifests = {name: json.loads((editions / name / "manifest.json").read_text("utf-8")) for name in names}
    assert {name: one["provisional"] for name, one in manifests.items()} == {
        "2026-10-28-1": [], "2026-10-1": ["standard"], "2026-Q3-1": [], "2026-Q4-1": ["standard"]}  # fmt: skip
    for name, one in manifests.items():
        files = {str(path.relative_to(editions / name)) for path in (editions / name).rglob("*") if path.is_file()}
        assert files == {*one["files"], "manifest.json"}
        assert [run["source"] for run in one["runs"]] == ["partners"]
    assert "so far" in (editions / "2026-Q4-1" / "index.html").read_text("utf-8")
    index = (editions / "index.html").read_text("utf-8")
    assert index.index("2026-Q4-1/") < index.index("2026-Q3-1/") < index.index("2026-10-1/")
    assert (editions / "latest").resolve().name == "2026-Q4-1"
    # the same figures are the editions that stand
    assert [_edition(remitwatch, "--period", period)["new"] for period in ("latest", "2026-Q3")] == [False, False]
    assert sorted(path.name for path in editions.iterdir() if path.is_dir() and not path.is_symlink()) == sorted(names)


def test_prices_that_come_later_correct_the_next_edition_and_say_why(remitwatch, hand_in, today) -> None:
    hand_in("2026-08-12", "2026-08-13")
    first = Path(_edition(remitwatch, "--period", "2026-Q3")["path"])
    before = _tree(first)
    hand_in("2026-09-14", fee=900)
    second = _edition(remitwatch, "--period", "2026-Q3")
    assert (second["edition"], second["new"]) == ("2026-Q3-2", True)
    assert _tree(first) == before
    page = _words(Path(second["path"]) / "corrections.html")
    assert "figures of 2026-Q3-1 are corrected" in page
    assert "Prices of partners came in later (run 2)." in page
    counts = json.loads((Path(second["path"]) / "manifest.json").read_text("utf-8"))["corrections"]
    assert counts["since"] == "2026-Q3-1"
    assert counts["changed"] > 10
    assert "It corrects" in (remitwatch.home / "editions" / "feed.xml").read_text("utf-8")


def test_prices_that_left_quarantine_by_themselves_are_told_as_the_reason(remitwatch, hand_in, today) -> None:
    hand_in("2026-10-22", "2026-10-23", "2026-10-24", fee=500)
    hand_in("2026-10-25", fee=5000)  # ten times the fee of the day before: it waits in quarantine
    first = _edition(remitwatch, "--period", "2026-W43")
    today.move(1)
    hand_in("2026-10-31", fee=5000)  # and this confirms it
    second = _edition(remitwatch, "--period", "2026-W43")
    assert (first["edition"], second["edition"]) == ("2026-W43-1", "2026-W43-2")
    reasons = {row["reasons"] for row in _corrections(second) if row["period"] == "2026-W43"}
    assert reasons == {"confirmed"}
    page = (Path(second["path"]) / "corrections.html").read_text("utf-8")
    assert "Prices of partners left quarantine: the next prices confirmed them (run 2)." in page
    assert "Not recorded" not in page


def _corrections(edition):
    text = (Path(edition["path"]) / "csv" / "corrections.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_built_from_what_is_kept_and_anew_elsewhere_it_is_the_same(remitwatch, hand_in, today, tmp_path) -> None:
    hand_in("2026-08-12", "2026-08-13", "2026-10-28")
    _edition(remitwatch)
    hand_in("2026-10-29", "2026-10-30", fee=700)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(remitwatch.home, elsewhere, symlinks=True)
    shutil.rmtree(elsewhere / "cache")
    made = Path(_edition(remitwatch)["path"])
    moved = type(remitwatch)(elsewhere)
    today.now += dt.timedelta(minutes=5)
    today.traveller.move_to(today.now)
    anew = Path(_edition(moved)["path"])
    assert anew != made
    assert _tree(anew) == _tree(made)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "gone"])
def test_past_figures_that_are_damaged_are_computed_again(remitwatch, hand_in, today, damage) -> None:
    hand_in("2026-08-12", "2026-08-13", "2026-10-28")
    made = Path(_edition(remitwatch)["path"])
    before = _tree(made)
    for path in (remitwatch.home / "cache" / "past").iterdir():
        content = path.read_bytes()
        damaged = {"truncated": content[:-9], "flipped": content.replace(b"0", b"1"), "gone": b""}[damage]
        path.write_bytes(damaged)
    again = _edition(remitwatch)
    assert (again["new"], _tree(made)) == (False, before)


def test_nothing_is_published_from_a_run_whose_rows_are_not_those_stored(remitwatch, hand_in, today) -> None:
    hand_in("2026-10-28")
    with closing(sqlite3.connect(remitwatch.home / "remitwatch.sqlite")) as connection:
        connection.execute("UPDATE quote SET fee = '501' WHERE id = 1")
        connection.commit()
    result = remitwatch("publish", code=None)
    assert result.code != 0
    assert "run 1 (partners" in result.err
    assert "rows are not those that were stored" in result.err
    assert list((remitwatch.home / "editions").glob("*-*")) == []


def test_an_unknown_language_is_one_line_and_exit_2(remitwatch, hand_in, today) -> None:
    hand_in("2026-10-28")
    result = remitwatch("publish", "--lang", "xx", code=2)
    assert "language 'xx': expected one of en" in result.err
    assert list((remitwatch.home / "editions").iterdir()) == []
