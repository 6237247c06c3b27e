"""The sandbox's files and their mark, and that every answer and file reads through the real scrapers."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from python_calamine import CalamineWorkbook

from remitwatch.corridors import corridor as find_corridor
from remitwatch.quotes import Basis, Inquiry, NotOffered, Quote
from remitwatch.rates import ReferenceRate
from scrapers import registry
from scrapers.base import AnswerError, Refused, Request, Response
from scrapers.sandbox import (
    LAST_DAY,
    MARK,
    World,
    handed_in_files,
    handin_csv,
    is_sandbox_file,
    survey_files,
    survey_workbook,
)
from scrapers.sandbox.fx import PUBLISHED
from scrapers.sandbox.server import answer
from scrapers.sandbox.survey import COLUMNS, SHEET, survey_rows

WORLD = World()
ECB = "/stats/eurofxref/"
(BLOCKED,) = (fault for fault in WORLD.faults if fault.kind == "blocked")


# -- the survey


@pytest.fixture(scope="module")
def workbook() -> bytes:
    return survey_workbook(WORLD, "2026-Q3")


def test_the_workbook_has_the_real_layout_and_quirks(workbook: bytes) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    assert book.sheet_names == ["Terms of Use", SHEET]
    assert MARK in book.get_sheet_by_name("Terms of Use").to_python()[0]
    header, *rows = book.get_sheet_by_name(SHEET).to_python()
    assert tuple(header) == COLUMNS
    assert len(header) == 42
    records = [dict(zip(header, row, strict=True)) for row in rows]
    periods = Counter(record["period"] for record in records)
    assert list(periods) == ["2024_4Q", "2025_1Q", "2025_2Q", "2025_3Q", "2025_4Q", "2026_1Q", "2026_2Q", "2026_3Q"]
    assert all(isinstance(r["id"], str) == (r["period"] == "2024_4Q") for r in records)
    assert all(isinstance(r["cc1 lcu fee"], str) == (r["period"] == "2024_4Q") for r in records)
    assert all(isinstance(r["date"], str) == (r["period"] == "2024_4Q") for r in records)
    assert records[0]["date"][2:3] == "/"
    assert len({(r["period"], str(r["id"])) for r in records}) == len(records)
    assert any("," in r["payment instrument"] for r in records)
    assert any(" / " in r["firm_type"] for r in records)
    assert {r["note2"] for r in records} == {MARK}


def test_the_workbook_is_the_same_bytes_every_time(workbook: bytes) -> None:
    assert survey_workbook(World(), "2026-Q3") == workbook


def test_published_figures_follow_from_the_prices() -> None:
    rows = list(survey_rows(WORLD, "2026-Q3", 1))
    opaque = [row for row in rows if row["transparent"] == "no"]
    assert opaque
    for row in opaque:
        assert (row["cc1 lcu fx rate"], row["cc1 fx margin"], row["inter lcu bank fx"]) == (1, 0, 1)
        assert "not transparent" in str(row["Standard Note"])
    for row in rows:
        for tier in ("cc1", "cc2"):
            amount, fee, rate, margin, total = (
                Decimal(row[f"{tier} {name}"])  # type: ignore[arg-type]
                for name in ("lcu amount", "lcu fee", "lcu fx rate", "fx margin", "total cost %")
            )
            assert abs(total - fee / amount * 100 - margin) <= Decimal("0.005")
            if row["transparent"] != "no":
                mid = Decimal(row["inter lcu bank fx"])  # type: ignore[arg-type]
                assert abs((1 - rate / mid) * 100 - margin) <= Decimal("0.005")


def test_the_market_is_worth_a_report() -> None:
    """Plausible averages, slow improvement, SmaRT everywhere, all kinds of firms, an advantage and an opaque bank."""
    totals: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    services: Counter[str] = Counter()
    types = set()
    for row in survey_rows(WORLD, "2026-Q3"):
        if row["period"] == "2026_3Q":
            services[str(row["corridor"])] += 1
            types.add(row["firm_type"])
        if row["transparent"] != "no":
            totals[str(row["period"])][str(row["corridor"])].append(Decimal(row["cc1 total cost %"]))  # type: ignore[arg-type]

    def mean(values: list[Decimal]) -> Decimal:
        return sum(values, Decimal(0)) / len(values)

    world = [mean([value for corridor in quarter.values() for value in corridor]) for quarter in totals.values()]
    assert all(Decimal("5.5") < value < 7 for value in world)
    assert world[-1] < world[0] - Decimal("0.3")
    last = totals["2026_3Q"]
    assert len(last) == 12
    assert all(Decimal("2.2") < mean(values) < 12 for values in last.values())
    assert all(14 <= count <= 28 for count in services.values())
    smart = {corridor: mean(sorted(values)[:3]) for corridor, values in last.items()}
    assert 1 <= sum(value > 5 for value in smart.values()) <= 3
    assert sum(value < 3 for value in smart.values()) >= 3
    assert {"Bank", "Money Transfer Operator", "Mobile Operator", "Post office", "Non-Bank FI", "credit union"} <= types
    assert min(value for values in last.values() for value in values) < 0


def test_workbooks_come_out_twenty_days_after_the_quarter() -> None:
    both = survey_files(WORLD, LAST_DAY, date(2026, 7, 1))
    assert [(day, name) for day, name, _ in both] == [
        (date(2026, 7, 20), "rpw_dataset_sandbox_2026_q2.xlsx"),
        (date(2026, 10, 20), "rpw_dataset_sandbox_2026_q3.xlsx"),
    ]
    assert survey_files(WORLD, date(2026, 10, 19)) == both[:1]
    assert survey_files(WORLD, LAST_DAY) == both[1:]
    assert survey_files(WORLD, LAST_DAY, date(2026, 10, 21)) == []
    with pytest.raises(ValueError, match="expected a quarter"):
        survey_workbook(WORLD, "2026-Q5")


# -- the hand-in


def test_a_file_is_handed_in_every_thursday() -> None:
    days = [day for day, _, _ in handed_in_files(WORLD, LAST_DAY, WORLD.first_day())]
    assert days[-1] == date(2026, 10, 29)
    assert len(days) == 13
    assert {day.weekday() for day in days} == {3}
    assert [day for day, _, _ in handed_in_files(WORLD, date(2026, 10, 28))] == [date(2026, 10, 22)]
    assert handed_in_files(WORLD, LAST_DAY, LAST_DAY) == []


def test_the_hand_in_covers_every_corridor_and_kind() -> None:
    rows = list(csv.DictReader(io.StringIO(handin_csv(WORLD, date(2026, 10, 29)).decode())))
    providers: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        providers[f"{row['sender']}-{row['receiver']}"].add(row["provider"])
        assert row["note"] == MARK
        assert row["observed_at"].startswith("2026-10-28T")
    assert set(providers) == set(WORLD.corridors)
    assert all(len(names) >= 5 for names in providers.values())
    assert {row["pickup_method"] for row in rows} >= {"cash", "mobile_wallet", "bank_account", "atm"}
    private = {
        key: {r["provider"] for r in rows if r["private"] == "true" and f"{r['sender']}-{r['receiver']}" == key}
        for key in providers
    }
    assert {len(names) for names in private.values()} == {0, 3}  # else no average of the world could be shown
    assert any(row["promotional"] == "true" for row in rows)
    assert any(row["transparent"] == "false" and not row["rate"] for row in rows)
    for row in rows:  # a reference rate is stated exactly where the central bank publishes none
        missing = {row["send_currency"], row["receive_currency"]} - {"EUR", *PUBLISHED}
        assert bool(row["reference_rate"]) == bool(missing and row["rate"])


# -- the mark in files


def test_files_of_the_sandbox_are_known_by_their_mark(tmp_path: Path, workbook: bytes) -> None:
    ours = {
        "a.xlsx": workbook,
        "b.csv": handin_csv(WORLD, date(2026, 10, 29)),
        "c.zip": answer(WORLD, "ecb", ECB + "eurofxref-hist.zip", LAST_DAY).body,
        "d.xml": answer(WORLD, "ecb", ECB + "eurofxref-daily.xml", LAST_DAY).body,
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as book, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as saved:
        for name in book.namelist():  # saved again by a program that drops the properties
            if not name.startswith("docProps"):
                saved.writestr(name, book.read(name))
    ours["e.xlsx"] = packed.getvalue()
    others = {"f.csv": b"id,period\n1,2025_3Q\n", "g.xlsx": workbook[:20_000], "h": b"", "i.zip": b"PK\x03\x04 no zip"}
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("xl/sharedStrings.xml", "<sst>real</sst>")
    others["j.xlsx"] = empty.getvalue()
    for name, content in (ours | others).items():
        (tmp_path / name).write_bytes(content)
    assert {name: is_sandbox_file(tmp_path / name) for name in ours | others} == {
        **dict.fromkeys(ours, True),
        **dict.fromkeys(others, False),
    }
    with pytest.raises(FileNotFoundError):
        is_sandbox_file(tmp_path / "nothing")


# -- everything reads through the real scrapers


def inquiries() -> list[Inquiry]:
    return [
        Inquiry(corridor=find_corridor(key), send_amount=amount, tier=tier)
        for key in WORLD.corridors
        for amount, tier in zip(WORLD.basket(key), (200, 500), strict=True)
    ]


def read(source: str, asked: Request, day: date) -> list[Any]:
    target = f"{urlsplit(asked.url).path}?{urlencode(asked.params)}"
    result = answer(WORLD, source, target, day)
    assert result.status == 200
    response = Response(asked, 200, result.headers, result.body, datetime.combine(day, time(17), UTC))
    return list(registry.scraper(source).parse(response))


def test_every_answer_reads_through_the_real_scrapers() -> None:
    days = [WORLD.first_day() + timedelta(days=number) for number in range(0, 90, 8)] + [LAST_DAY]
    for source in ("wise_comparisons", "transfergo"):
        found: Counter[str] = Counter()
        for day in days:
            if WORLD.fault(source, day) is not None:
                continue
            for asked in registry.scraper(source).requests(inquiries()):
                records = read(source, asked, day)
                assert records
                assert not [record for record in records if isinstance(record, Refused)]
                found.update(r.basis if isinstance(r, Quote) else type(r).__name__ for r in records)
        if source == "wise_comparisons":
            assert found[Basis.ESTIMATE] > 4 * found[Basis.STANDARD] > 0
            assert found["ReferenceRate"] == found[Basis.STANDARD]
        else:
            assert found[Basis.STANDARD] > found[Basis.PROMOTIONAL] > 0
        assert found["NotOffered"] > 0


def test_the_scripted_block_is_read_as_one() -> None:
    (day,) = BLOCKED.days
    asked = next(registry.scraper("wise_comparisons").requests(inquiries()))
    with pytest.raises(AnswerError) as caught:
        read("wise_comparisons", asked, day)
    assert caught.value.reason == BLOCKED.reason


@pytest.mark.parametrize("since", [LAST_DAY, LAST_DAY - timedelta(days=60), LAST_DAY - timedelta(days=600)])
def test_the_three_lists_read_through_the_real_scraper(since: date) -> None:
    (asked,) = registry.scraper("ecb").requests_between(since, LAST_DAY, LAST_DAY)
    rates = [record for record in read("ecb", asked, LAST_DAY) if isinstance(record, ReferenceRate)]
    assert max(rate.date for rate in rates) == LAST_DAY
    assert min(rate.date for rate in rates) <= since
    assert {rate.quote for rate in rates} == set(PUBLISHED)


@pytest.mark.parametrize("source", ["worldbank_survey", "quotes_csv"])
def test_the_files_read_through_the_real_scrapers(source: str, workbook: bytes) -> None:
    if source == "worldbank_survey":
        name, body = "rpw.xlsx", workbook
    else:
        ((_, name, body),) = handed_in_files(WORLD, LAST_DAY)
    scraper = registry.scraper(source)
    assert scraper.recognises(body, name)  # type: ignore[attr-defined]
    at = datetime.combine(LAST_DAY, time(17), UTC)
    asked = Request(f"file:{name}", method="FILE")
    records = list(scraper.parse(Response(asked, 200, {}, body, at, file_name=name)))
    assert not [record for record in records if isinstance(record, Refused | NotOffered)]
    quotes = [record for record in records if isinstance(record, Quote)]
    assert len(quotes) > 300
    assert {quote.inquiry.tier for quote in quotes} == {200, 500}
    assert {str(quote.inquiry.corridor) for quote in quotes} == set(WORLD.corridors)
    assert not any("unknown" in quote.service.key for quote in quotes)
    assert any(not quote.transparent and quote.rate is None for quote in quotes)
