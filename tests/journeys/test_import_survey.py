"""The survey workbook, as a statistician brings it: hostile ones hurt nobody, messy ones are accounted for."""

import csv
import io
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from benchmarks.workbook import write_workbook

CASE = Path(__file__).parents[1] / "cases" / "worldbank_survey" / "sheet_csv" / "0001.body.csv"
SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
FAR = f'{HEAD}<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
LAUGHS = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:9/secret">]><worksheet>&a;</worksheet>'


def with_part(name: str, text: str | bytes) -> bytes:
    """A workbook with one of its parts replaced or added."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    book.add_worksheet("Dataset (from Q2 2016)")
    book.close()
    content = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename != name:
                new.writestr(member, old.read(member))
        new.writestr(name, text)
    return content.getvalue()


def zipped(name: str, body: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, body)
    return content.getvalue()


def case_lines() -> tuple[str, str]:
    head, row, *_ = CASE.read_text("utf-8").splitlines(keepends=True)
    return head, row


def sheet_csv(second: str = "") -> bytes:
    """A csv of the sheet: its header, a good row and another one."""
    head, row = case_lines()
    return (head + row + (second or row)).encode()


HOSTILE = {
    "sparse.xlsx": (lambda: with_part(SHEET, FAR), "reaches over 1,048,576 rows and 16,384 columns"),
    "bomb.xlsx": (lambda: with_part(SHEET, "<worksheet>" + " " * 60_000_000), "times its size"),
    "laughs.xlsx": (lambda: with_part("xl/sharedStrings.xml", LAUGHS), "declares a document type"),
    "outside.xlsx": (lambda: with_part(SHEET, OUTSIDE), "declares a document type"),
    "macros.xlsm": (lambda: with_part("xl/vbaProject.bin", b"\0"), "holds macros"),
    "nested.zip": (lambda: zipped("survey.xlsx", with_part(SHEET, FAR)), "a zip archive that is no workbook"),
    "old.xlsx": (lambda: bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 2000, "an old .xls or an encrypted workbook"),
    "line.csv": (lambda: sheet_csv("x" * 3_000_000), "line 3: longer than 2,000,000 bytes"),
    "wide.csv": (lambda: sheet_csv("x" + ",x" * 100_000), "line 3: 100,001 columns: at most 2,000"),
    "quote.csv": (lambda: sheet_csv('"' + case_lines()[1]), "line 3: not readable as csv"),
    "semicolons.csv": (lambda: sheet_csv().replace(b",", b";"), "separated by semicolons: expected commas"),
    "tabs.csv": (lambda: sheet_csv().replace(b",", b"\t"), "separated by tabs: expected commas"),
    "mixed.csv": (lambda: sheet_csv() + "é".encode("latin-1"), "line 4: expected UTF-8"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_one_line_and_nothing_is_stored(remitwatch, tmp_path, name: str) -> None:  # type: ignore[no-untyped-def]
    body, words = HOSTILE[name]
    path = tmp_path / name
    path.write_bytes(body())
    refused = remitwatch("import", path, "--as", "survey", code=2)
    assert words in refused.err
    assert name in refused.err
    assert refused.err.count("\n") == 1
    assert remitwatch("runs", "list", "--json").json == []
    assert list((remitwatch.home / "archive").rglob("*.gz")) == []


def figures(remitwatch: Any) -> list[dict[str, Any]]:
    """Every figure of every quarter, without when and from what it was made."""
    asked = ("indicators", "--period", "2011-Q1..2025-Q3", "--json")
    others = (("--amount", "500"), ("--scope", "corridor"), ("--by", "provider_type"))
    found = [row for more in ((), *others) for row in remitwatch(*asked, *more).json]
    return [{name: value for name, value in row.items() if name not in ("id", "as_of")} for row in found]


def test_the_messy_workbook_and_its_clean_twin_give_the_same_figures(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    both = []
    for name, clean in (("messy", False), ("clean", True)):
        remitwatch = type(remitwatch)(tmp_path / name)
        remitwatch("init", "--sandbox")
        path = write_workbook(tmp_path / f"{name}.xlsx", rows=800, clean=clean).path
        brought = remitwatch("import", path, "--json", code=0 if clean else 3).json
        account = brought["reconciliation"]
        assert account["read"] == account["stored"] + account["refused"] + account["without_price"]
        assert (account["refused"], account["id_repeated"]) == (0 if clean else 32, 0)
        both.append(figures(remitwatch))
    assert len(both[0]) > 1000
    assert both[0] == both[1]


def observations(remitwatch: Any) -> list[Any]:
    with closing(sqlite3.connect(remitwatch.home / "remitwatch.sqlite")) as database:
        return database.execute("SELECT * FROM observation ORDER BY quote_id").fetchall()


def test_an_import_prices_exactly_what_is_priced_anew(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    remitwatch("import", write_workbook(tmp_path / "survey.xlsx", rows=800).path, code=3)
    priced = observations(remitwatch)
    assert len(priced) > 1500
    assert remitwatch("observe").out.startswith("priced 0 quotes")
    remitwatch("observe", "--rebuild")
    assert observations(remitwatch) == priced


def survey(path: Path, *changes: dict[str, str]) -> Path:
    """A csv of the sheet: the case's first row once for each of the changes."""
    head, row = (next(csv.reader([line])) for line in case_lines())
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, head)
        writer.writeheader()
        writer.writerows({**dict(zip(head, row, strict=True)), **one} for one in changes)
    return path


ROWS = (
    {"id": "1"},
    {"id": "2", "firm": "Example MTOs Ltd", "cc1 total cost %": "4.03", "source_code": "KSV", "cc1 lcu code": "EUR"},
    {"id": "3", "firm": "Example MTO Ltd", "cc2 total cost %": "9.5", "inter lcu bank fx": "0"},
    {"id": "4", "cc1 lcu fee": "free", "cc1 lcu fx rate": "20"},
    {"id": "5", "source_code": "QQQ"},
    {"id": "6", **{f"{tier} {name}": ".." for tier in ("cc1", "cc2") for name in ("lcu fee", "total cost %")}},
    {"id": "1"},
    {"id": "7", "period": "2021_4Q", "transparent": "no", "cc1 lcu fx rate": "1", "cc1 fx margin": "0"},
)
NONE = {"checked": 0, "within_0_01": 0, "within_0_05": 0, "apart": 0}
QUARTER = {
    "read": 7, "stored": 4, "refused": 2, "partly_refused": 1, "without_price": 1, "id_repeated": 1,
    "repaired": {"corridor_differs": 1, "country_code": 1, "interbank_rate_not_positive": 1, "tier_without_price": 2},
    "undisclosed": 0,
    "total": {"checked": 4, "within_0_01": 2, "within_0_05": 3, "apart": 1},
    "margin": {"checked": 3, "within_0_01": 3, "within_0_05": 3, "apart": 0},
}  # fmt: skip
HIDDEN = {
    "read": 1, "stored": 1, "refused": 0, "partly_refused": 0, "without_price": 0, "id_repeated": 0, "repaired": {},
    "undisclosed": 1, "total": NONE, "margin": NONE,
}  # fmt: skip


def test_the_account_of_every_row_is_printed_and_kept(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = survey(tmp_path / "survey.csv", *ROWS)
    brought = remitwatch("import", path, "--json", code=3).json
    account = brought["reconciliation"]
    assert account["quarters"] == [{**HIDDEN, "period": "2021-Q4"}, {**QUARTER, "period": "2025-Q3"}]
    assert {name: account[name] for name in QUARTER} == {**QUARTER, "read": 8, "stored": 5, "undisclosed": 1}
    assert account["refused_rows"] == {"survey.csv": [5, 6]}
    assert account["total_apart"] == [
        {"period": "2025-Q3", "row": "3", "gap": "6.6920", "over_0_05": True},
        {"period": "2025-Q3", "row": "2", "gap": "0.0250", "over_0_05": False},
    ]
    assert account["margin_apart"] == []
    assert account["near_matches"] == [
        {
            "firm": "example_mto_ltd", "name": "Example MTO Ltd", "like": "example_mtos_ltd",
            "like_name": "Example MTOs Ltd", "held": False,
        }
    ]  # fmt: skip
    run = str(brought["run"])
    assert remitwatch("runs", "show", run, "--json").json["reconciliation"] == account
    assert remitwatch("import", path, "--json").json["reconciliation"] == account  # already in
    shown = remitwatch("runs", "show", run).out
    assert (
        "rows: 8 read = 5 stored, 2 refused (1 of them at one amount only, and stored at the other), "
        "1 without a price, 1 under an id that their quarter had "
        "already; 1 do not disclose their rate" in shown
    )
    assert "refused in survey.csv: rows 5, 6" in shown
    assert (
        "fee + margin = total: of 4 rows 2 agree within 0.01 points, 3 within 0.05, 1 are apart: "
        "2025-Q3 3 (by 6.6920), 2025-Q3 2 (by 0.0250)" in shown
    )
    assert "perhaps one firm under two names: 'Example MTO Ltd' and 'Example MTOs Ltd' (also in the file)" in shown
    lines = {words[0]: words[1:] for words in map(str.split, shown.splitlines()) if words[0] in ("2025-Q3", "all")}
    assert lines == {
        "2025-Q3": ["7", "4", "2", "1", "5", "0", "2", "3", "1", "3", "3", "0"],
        "all": ["8", "5", "2", "1", "5", "1", "2", "3", "1", "3", "3", "0"],
    }


def test_a_check_prints_the_same_account_and_keeps_nothing(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = survey(tmp_path / "survey.csv", *ROWS)
    checked = remitwatch("import", path, "--dry-run", "--json", code=3).json
    assert checked["reconciliation"] == remitwatch("import", path, "--json", code=3).json["reconciliation"]


def test_firms_are_compared_with_those_held_already_and_nothing_is_joined(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    remitwatch("import", survey(tmp_path / "first.csv", {"id": "1", "firm": "Taptap Send"}))
    second = survey(tmp_path / "second.csv", *({"id": number, "firm": "TapTap Sent"} for number in ("1", "2")))
    told = remitwatch("import", second)
    assert "perhaps one firm under two names: 'TapTap Sent' and 'Taptap Send' (held already)" in told.out
    assert "nothing was joined" in told.out
    assert {row["provider"] for row in remitwatch("providers", "--json").json} == {"taptap_send", "taptap_sent"}


def test_a_firm_that_was_renamed_goes_on_under_one_key(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    names = ("Wise", "Transferwise", "wise ", "Wise (formerly TransferWise)")
    remitwatch("import", survey(tmp_path / "a.csv", *({"id": str(at), "firm": name} for at, name in enumerate(names))))
    assert [row["provider"] for row in remitwatch("providers", "--json").json] == ["wise"]


def average(remitwatch: Any, *more: str, period: str = "2025-Q3") -> tuple[str, int]:
    asked = ("--corridor", "USA-MEX", "--indicator", "average_total_cost", "--period", period)
    (row,) = remitwatch("indicators", *asked, *more, "--json").json
    return row["value"], row["services"]


def test_another_file_of_the_same_name_replaces_whole_periods_and_the_earlier_one_can_still_be_asked(  # type: ignore[no-untyped-def]
    remitwatch, tmp_path, today
) -> None:
    path = tmp_path / "rpw_dataset.csv"
    survey(path, *({"id": str(number), "cc1 total cost %": "4.00"} for number in range(1, 5)), {"period": "2025_1Q"})
    first = remitwatch("import", path, "--json").json
    today.move(1)
    between = today.now.isoformat()
    today.move(1)
    survey(path, *({"id": str(number), "cc1 total cost %": "4.01"} for number in (1, 2, 9)))
    second = remitwatch("import", path, "--json").json
    assert (first["already"], second["already"]) == (False, False)
    assert average(remitwatch) == ("4.0100", 3)  # rows 3 and 4 went with their vintage
    assert average(remitwatch, period="2025-Q1") == ("4.0000", 1)  # a period that the new file lacks stays
    assert average(remitwatch, "--as-of", between) == ("4.0000", 4)
    today.move(1)
    survey(path, {"id": "1", "cc1 total cost %": "4.005"})
    refused = remitwatch("import", path, code=2)
    assert "2025-Q3: it would replace 3 rows in force by 1: nothing stored; add --replace" in refused.err
    assert average(remitwatch) == ("4.0100", 3)
    remitwatch("import", path, "--replace")
    assert average(remitwatch) == ("4.0050", 1)
    assert average(remitwatch, "--as-of", between) == ("4.0000", 4)


@pytest.mark.slow
def test_either_sheet_alone_as_csv_gives_what_it_gives_in_the_workbook(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    from benchmarks.workbook import NEW_SHEET, OLD_SHEET
    from scrapers.sandbox.marks import MARK
    from scrapers.tables import workbook_sheets

    whole = write_workbook(tmp_path / "whole.xlsx", rows=600, clean=True).path
    remitwatch("init", "--sandbox")
    remitwatch("import", whole)
    expected = figures(remitwatch)
    other = type(remitwatch)(tmp_path / "sheets")
    other("init", "--sandbox")
    sheets = {sheet.name: list(sheet.rows) for sheet in workbook_sheets(whole.read_bytes())}
    for name in (NEW_SHEET, OLD_SHEET):
        text = io.StringIO()
        rows = [cells for _, cells in sheets[name]]
        csv.writer(text, lineterminator="\n").writerows([[*rows[0], MARK], *rows[1:]])
        (tmp_path / f"{name}.csv").write_text(text.getvalue(), "utf-8")
        other("import", tmp_path / f"{name}.csv")
    assert figures(other) == expected


def test_a_label_that_nobody_knows_is_located_and_rings(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = survey(tmp_path / "survey.csv", *ROWS[:1])
    text = path.read_text("utf-8")
    assert text.count("Cash") >= 1
    path.write_text(text.replace("Cash", "Gold", 1), "utf-8")
    brought = remitwatch("import", path)
    assert "unknown label in survey.csv: column " in brought.out
    (issue,) = [one for one in remitwatch("issues", "list", "--json").json if one["code"] == "unknown_label"]
    assert "unknown label 'Gold'" in issue["message"]
    assert issue["record"] == "1 rows, first 2"
    account = remitwatch("runs", "show", "1", "--json").json["reconciliation"]
    assert [(one["label"], one["count"], one["first_rows"]) for one in account["unknown_labels"]] == [("Gold", 1, [2])]
