"""The survey read by columns gives exactly what the reader of record gives, row by row."""

import csv
import datetime as dt
import io
from decimal import Decimal
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.workbook import write_workbook
from remitwatch.identity import total_gap
from remitwatch.quotes import Quote, quote_key
from remitwatch.reconciliation import reconcile
from remitwatch.runs import Harvest
from remitwatch.survey_identity import Agreement
from scrapers import registry
from scrapers.base import Refused, Repaired, Request, Response
from scrapers.runner import read_file
from scrapers.sandbox import World, survey_workbook
from scrapers.surveys.survey_row import VOCABULARIES

NOW = dt.datetime(2026, 10, 30, 12, tzinfo=dt.UTC)
CASES = Path(__file__).parents[1] / "cases" / "worldbank_survey"
SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "rpw_service_rows_sample.csv"
SURVEY = registry.scraper("worldbank_survey")


def digits(quote: Quote) -> list[str]:
    """Its numbers as written: 120 and 120.00 are equal, and not the same."""
    row = quote.survey
    assert row is not None
    numbers = (quote.inquiry.send_amount, quote.fee, quote.rate, row.fx_margin_pct, row.total_cost_pct)
    return [str(number) for number in (*numbers, row.interbank_rate, row.observed_on)]


def both(path: Path) -> tuple[Harvest, Harvest]:
    one, other = (read_file(SURVEY, path, archive=None, now=lambda: NOW, tables=tables) for tables in (False, True))
    return one, other


def assert_equal(path: Path) -> Harvest:
    """Compare everything that the two readers say of a file."""
    single, table = both(path)
    assert table.quotes == []
    quotes = [one.value for one in single.quotes]
    read = [quote for one in table.tables for quote in one.value.quotes()]
    assert read == quotes
    assert list(map(digits, read)) == list(map(digits, quotes))
    assert [key for one in table.tables for key in one.value.natural_keys()] == list(map(quote_key, quotes))
    assert table.issues == single.issues
    same = ("repairs", "rows_read", "duplicates", "answered", "failures", "snapshots", "stored", "refused")
    for name in same:
        assert getattr(table, name) == getattr(single, name), name
    return table


def test_the_sandbox_s_workbook(tmp_path: Path) -> None:
    path = tmp_path / "survey.xlsx"
    path.write_bytes(survey_workbook(World(), "2026-Q2", quarters=9))
    table = assert_equal(path)
    assert table.prices > 4000
    assert table.repairs["text_number"] > 1000


@pytest.mark.slow
def test_the_messy_workbook(tmp_path: Path) -> None:
    table = assert_equal(write_workbook(tmp_path / "messy.xlsx", rows=6000).path)
    assert table.refused > 0
    (one,) = table.tables
    account = one.value.account
    assert sum(account.rows.values()) == table.rows_read
    assert sum(map(len, account.refused.values())) == sum(account.refused_rows.values()) == 32
    repaired: dict[str, int] = {}
    for kinds in account.repairs.values():
        for kind, count in kinds.items():
            repaired[kind] = repaired.get(kind, 0) + count
    assert repaired == table.repairs


def test_parts_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrapers.workbook_child.parts.__defaults__", (3,))
    assert_equal(CASES / "odd_rows" / "0001.body.csv")


@pytest.mark.parametrize("path", sorted(CASES.glob("*/0001.body.*")), ids=lambda path: path.parent.name)
def test_every_case(path: Path) -> None:
    single, table = both(path)
    if table.tables:
        assert_equal(path)
    else:
        assert (table.issues, table.failures) == (single.issues, single.failures)


@pytest.mark.skipif(not SAMPLE.exists(), reason="needs the real files of ../shared/data")
def test_the_real_sample() -> None:
    assert assert_equal(SAMPLE).prices == 144


def test_statements_that_are_there_twice(tmp_path: Path) -> None:
    head, first, *_ = (CASES / "sheet_csv" / "0001.body.csv").read_text("utf-8").splitlines(keepends=True)
    other = first.replace("3.99", "4.99")
    assert other != first
    path = tmp_path / "survey.csv"
    path.write_text(head + first + first + other + first, "utf-8")
    table = assert_equal(path)
    assert (table.prices, table.duplicates, len(table.issues)) == (2, 4, 2)


CELLS = st.sampled_from(
    [
        *("", " ", "..", "N/A", "Not available", "#N/A", "0", "-0", "0.0", "-1", "1", "1.0", "1.50", "1e3", "1,234.5"),
        *("1e-7", "9" * 25, "0." + "0" * 20 + "1", "1e30", "-0.0", "007", "+5", "inf", "nan", "\u0661", "twelve"),
        *("yes", "YES ", "no", "maybe", "KSV", "XKX", "gbr", "CFA", "XOF", "usd", "QQQ", "2025_3Q", "2025-Q3", "2025"),
        *("Cash, Bank account transfer", "cash ", "Barter", "Wise", "Transferwise", "!!!", "x" * 400, "x" * 2500),
        *("18/Aug/2025", "12/03/2026", "2025-08-18 00:00:00", "KSVIND", "USA-MEX", "A\u202eB"),
    ]
)


def agreement_of(quotes: list[Any]) -> Agreement:
    """How far the totals of rows agree, each price computed alone."""
    worst: dict[tuple[str, str], Decimal] = {}
    for quote in quotes:
        row, amount = quote.survey, quote.inquiry.send_amount
        if row.fx_margin_pct is not None and row.total_cost_pct is not None:
            gap = total_gap(quote.fee, amount, row.fx_margin_pct, row.total_cost_pct)
            key = (row.period, row.row)
            worst[key] = max(gap, worst.get(key, gap))
    near, close = (sum(gap <= Decimal(limit) for gap in worst.values()) for limit in ("0.05", "0.01"))
    return Agreement(checked=len(worst), within_0_01=close, within_0_05=near, apart=len(worst) - near)


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_whatever_a_cell_holds_both_say_the_same(data: st.DataObject) -> None:
    rows = list(csv.reader(io.StringIO((CASES / "sheet_csv" / "0001.body.csv").read_text("utf-8"))))
    for _ in range(data.draw(st.integers(1, 4))):
        row = data.draw(st.integers(1, len(rows) - 1))
        rows[row][data.draw(st.integers(0, len(rows[0]) - 1))] = data.draw(CELLS)
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    response = Response(Request("file:survey.csv"), 200, {}, text.getvalue().encode(), NOW, "survey.csv")
    plain = list(SURVEY.parse(response))
    *counted, table = SURVEY.parse_table(response)
    quotes = [one for one in plain if not isinstance(one, Refused | Repaired)]
    assert list(table.quotes()) == quotes  # type: ignore[union-attr]
    assert list(map(digits, table.quotes())) == list(map(digits, quotes))  # type: ignore[union-attr]
    assert counted == [one for one in plain if isinstance(one, Refused | Repaired)]
    account = reconcile(table, {})  # type: ignore[arg-type]
    assert account.read == len(rows) - 1
    assert account.id_repeated == account.read - len({(one.survey.period, one.survey.row) for one in quotes}) - (  # type: ignore[union-attr]
        account.refused - account.partly_refused + account.without_price
    )
    assert account.id_repeated >= 0
    assert account.total == agreement_of(quotes)


PAID_WITH = {
    "Cash": {"cash"},
    "Bank account transfer": {"bank_account"},
    "Debit card": {"debit_card"},
    "Credit Card": {"credit_card"},
    "Debit/credit card": {"debit_card", "credit_card"},
    "Mobile money": {"mobile_money"},
}


def test_joint_labels_are_sets_in_whatever_order_they_come() -> None:
    """The real file has 26 combinations of instruments and 22 of access points."""
    read = VOCABULARIES["payment instrument"].read
    together = [some for size in (1, 2, 3) for some in combinations(PAID_WITH, size)]
    assert len(together) > 26
    for labels in together:
        for ordered in permutations(labels):
            codes, known = read(", ".join(ordered))
            assert known
            assert set(codes) == set().union(*(PAID_WITH[label] for label in labels))
            assert len(codes) == len(set(codes))


def test_joint_provider_types_count_as_both() -> None:
    for label in ("Money Transfer Operator / Post office", "Post Office/money transfer operator "):
        codes, known = VOCABULARIES["firm_type"].read(label)
        assert (set(codes), known) == ({"money_transfer_operator", "post_office"}, True)
