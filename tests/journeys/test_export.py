"""Figures out, in the forms that other tools read."""

import csv
import io
import re
import shutil
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.workbook import write_workbook
from remitwatch.figures import rounded
from reports.exports import FORMATS
from scrapers.sandbox import World, survey_workbook

CASE = Path(__file__).parents[1] / "cases" / "worldbank_survey" / "sheet_csv" / "0001.body.csv"
SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "rpw_service_rows_sample.csv"
ALL = "2011-Q1..2026-Q3"
HOSTILE = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://evil.example";"x")',
    "+1-2 Remit",
    "@SUM(A1:A9)",
    r"Bank $\frac{1",
    "Evil \u202egnikcah\u202c Ltd",
    "Long " + "name " * 30,
    "\"quotes\" 'and' &amp; more",
    "<r><f>1+1</f></r>",
)


def figures(remitwatch: Any, *options: str, period: str = ALL) -> list[dict[str, Any]]:
    """Every figure of the periods, without when and from what it was made."""
    asked = [("--amount", "500"), ("--scope", "corridor"), ("--scope", "receiver"), ("--by", "provider_type")]
    asked += [("--scope", "corridor", "--by", "speed"), ("--by", "pickup_method"), ("--by", "payment_instrument"), ()]
    found = [
        row for more in asked for row in remitwatch("indicators", "--period", period, *options, *more, "--json").json
    ]
    return [{name: value for name, value in row.items() if name not in ("id", "as_of")} for row in found]


@pytest.fixture
def surveyed(remitwatch, tmp_path, today):  # type: ignore[no-untyped-def]
    """A sandbox home with two quarters of the sandbox's survey."""
    remitwatch("init", "--sandbox")
    (tmp_path / "survey.xlsx").write_bytes(survey_workbook(World(), "2026-Q3", quarters=2))
    remitwatch("import", tmp_path / "survey.xlsx")
    return remitwatch


def another(remitwatch: Any, folder: Path) -> Any:
    """Another home of the same kind."""
    made = type(remitwatch)(folder)
    made("init", "--sandbox")
    return made


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.csv"))}


# -- csv ---------------------------------------------------------------------------------------------------------------


def test_csv_holds_everything_and_describes_every_column(surveyed, tmp_path) -> None:  # type: ignore[no-untyped-def]
    out = tmp_path / "out"
    said = surveyed("export", "csv", "--out", out).out
    assert said.splitlines()[0] == str(out)
    files = texts(out)
    described = list(csv.DictReader(io.StringIO(files.pop("columns.csv"))))
    for name, text in files.items():
        assert not text.startswith("\ufeff")
        rows = list(csv.DictReader(io.StringIO(text)))
        told = [row["column"] for row in described if f"{row['table']}.csv" == name]
        assert text.splitlines()[0].split(",") == told, name
        assert {row["data"] for row in rows} <= {"sandbox data, not real prices"}
        assert f"{name}  " in said
    rows = list(csv.DictReader(io.StringIO(files["indicators.csv"])))
    mine = {
        (row["indicator"], row["sender"], row["receiver"], row["period"]): (row["value"], row["services"])
        for row in rows
        if row["scope"] == "corridor" and not row["breakdown"] and row["amount"] == "200"
    }
    shown = surveyed("indicators", "--period", ALL, "--scope", "corridor", "--json").json
    assert len(mine) == len(shown) > 100
    for row in shown:
        value, services = mine[row["indicator"], row["sender"], row["receiver"], row["period"]]
        assert int(services) == row["services"]
        assert (value == "") == (row["value"] is None)
        assert not value or rounded(Decimal(value)) == Decimal(row["value"])
    assert "Sandbox data, not real prices" in (out / "README.md").read_text("utf-8")


def test_the_same_data_gives_the_same_bytes_and_nothing_is_written_over(surveyed, tmp_path) -> None:  # type: ignore[no-untyped-def]
    for form, kind in FORMATS.items():
        first, second = (tmp_path / f"{name}-{form}{kind.suffix or ''}" for name in ("one", "two"))
        for out in (first, second):
            surveyed("export", form, "--period", "2026-Q3", "--out", out)
        if kind.suffix:
            assert first.read_bytes() == second.read_bytes(), form
        else:
            names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
            assert names
            assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names), form
        before = sorted(tmp_path.iterdir())
        refused = surveyed("export", form, "--period", "2026-Q3", "--out", first, code=2)
        assert "is already there: nothing is written over" in refused.err
        assert sorted(tmp_path.iterdir()) == before


def test_one_country_gives_the_figures_that_name_it(surveyed, tmp_path) -> None:  # type: ignore[no-untyped-def]
    countries = {
        row["receiver"] for row in surveyed("indicators", "--period", "2026-Q3", "--scope", "receiver", "--json").json
    }
    code = min(countries)
    surveyed("export", "csv", "--country", code.lower(), "--period", "2026-Q3", "--out", tmp_path / "out")
    files = texts(tmp_path / "out")
    rows = list(csv.DictReader(io.StringIO(files["indicators.csv"])))
    assert rows
    assert all(code in (row["sender"], row["receiver"]) for row in rows)
    assert {row["scope"] for row in rows} <= {"sender", "receiver", "corridor"}
    services = list(csv.DictReader(io.StringIO(files["services.csv"])))
    assert services
    assert all(code in row["corridor"].split("-") for row in services)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["excel"], "export 'excel': expected one of csv, xlsx"),
        (["csv", "--country", "XYZ"], "unknown country 'XYZ'"),
        (["csv", "--period", "2025-Q9"], "period '2025-Q9'"),
        (["csv", "--basis", "pooled"], "--basis 'pooled'"),
        (["csv", "--period", "1999-Q1"], "no figure is in force for what is asked"),
        (["survey-layout", "--period", "2026-05"], "the survey's layout has quarters only"),
    ],
)
def test_a_wrong_wish_is_one_line_and_writes_nothing(surveyed, tmp_path, arguments, words) -> None:  # type: ignore[no-untyped-def]
    refused = surveyed("export", *arguments, "--out", tmp_path / "out", code=2)
    assert words in refused.err
    assert refused.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_help_names_every_form(remitwatch) -> None:  # type: ignore[no-untyped-def]
    told = remitwatch("export", "--help").out
    assert all(form in told for form in FORMATS)


# -- the workbook ------------------------------------------------------------------------------------------------------


def hand_in(remitwatch: Any, tmp_path: Path, names: tuple[str, ...] = HOSTILE) -> None:
    """Prices of providers with these names, in a home of its own kind."""
    head = remitwatch("import", "--template").out.splitlines()[0]
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    for number, name in enumerate(names):
        fee = f"{500 + number * 7}.5"
        row = [
            "2026-10-28",
            "KEN",
            "UGA",
            name,
            "money_transfer_operator",
            "cash",
            "agent",
            "cash",
            "within_hour",
            "high",
        ]
        row += ["18000", "KES", fee, "KES", "added", "28.10", "505800", "UGX", "28.50", "true", "false", "false"]
        writer.writerow([*row, name])
    prices = tmp_path / "prices.csv"
    prices.write_text(f"{head}\n{lines.getvalue()}", "utf-8")
    remitwatch("import", prices, "--as", "quotes", "--source", "team")


def test_no_cell_of_any_workbook_is_live(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init")
    hand_in(remitwatch, tmp_path)
    remitwatch("export", "xlsx", "--out", tmp_path / "book.xlsx")
    remitwatch("export", "survey-layout", "--out", tmp_path / "layout")
    for path in (tmp_path / "book.xlsx", tmp_path / "layout" / "rpw_layout_standard.xlsx"):
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name).decode("utf-8") for name in archive.namelist()}
        cells = "".join(text for name, text in parts.items() if "worksheets" in name)
        assert "<f>" not in cells
        assert "<f " not in cells
        assert "HYPERLINK(" in cells  # it is there, as a text
        assert "<script" not in "".join(parts.values())
        assert not any("externalLink" in name or "vba" in name.lower() for name in parts)
        assert "http://evil" not in "".join(text for name, text in parts.items() if name.endswith(".rels"))
    book = zipfile.ZipFile(tmp_path / "book.xlsx")
    assert "\u202e" not in "".join(book.read(name).decode("utf-8") for name in book.namelist())


def test_the_workbook_says_what_it_is_and_shows_it(surveyed, tmp_path) -> None:  # type: ignore[no-untyped-def]
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra `validators`")
    surveyed("export", "xlsx", "--period", "2026-Q3", "--out", tmp_path / "book.xlsx")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert book.sheetnames == [
        "readme", "findings", "charts", "indicators", "groups", "trend", "corridors", "matrix", "corridor history",
        "services", "metadata",
    ]  # fmt: skip
    assert [cell.value for cell in book["readme"]["A"]][1].startswith("Sandbox data, not real prices")
    assert len(book["charts"]._charts) >= 2
    for name in ("indicators", "trend", "corridors", "services"):
        sheet = book[name]
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet.print_title_rows == "$1:$1"
    corridors = [[cell.value for cell in row] for row in book["corridors"].iter_rows()]
    head, rows = corridors[0], corridors[1:]
    shown = surveyed(
        "indicators", "--period", "2026-Q3", "--scope", "corridor", "--indicator", "average_total_cost", "--json"
    )
    values = {f"{row['sender']}-{row['receiver']}": row["value"] for row in shown.json}
    cost = head.index("Average cost, USD 200, %")
    assert {row[head.index("Corridor")] for row in rows} == set(values)
    for row in rows:
        expected = values[row[head.index("Corridor")]]
        assert (row[cost] is None) == (expected is None)
        assert expected is None or abs(Decimal(repr(row[cost])) - Decimal(expected)) < Decimal("0.0001")
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    sentences = [cell.value for cell in book["findings"]["B"] if cell.value]
    average = surveyed("indicators", "--period", "2026-Q3", "--indicator", "average_total_cost", "--json").json[0]
    assert any(f"{Decimal(average['value']):.1f}%" in sentence for sentence in sentences)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_the_workbook_opens_in_libreoffice_and_prints(surveyed, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    surveyed("export", "xlsx", "--period", "2026-Q3", "--out", tmp_path / "book.xlsx")
    for kind in ("pdf", "ods"):
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", kind,
             "--outdir", tmp_path, tmp_path / "book.xlsx"],
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip
    assert (tmp_path / "book.pdf").read_bytes().startswith(b"%PDF")
    with zipfile.ZipFile(tmp_path / "book.ods") as archive:
        content = archive.read("content.xml").decode("utf-8")
        assert sum("Object" in name and name.endswith("content.xml") for name in archive.namelist()) >= 2  # charts
    assert "table:formula=" not in content
    assert content.count("Sandbox data, not real prices") >= 2


# -- the survey's layout -----------------------------------------------------------------------------------------------


def test_a_messy_survey_goes_through_its_own_layout_to_identical_figures(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init", "--sandbox")
    remitwatch("import", write_workbook(tmp_path / "messy.xlsx", rows=300).path, code=3)
    remitwatch("export", "survey-layout", "--out", tmp_path / "layout")
    back = another(remitwatch, tmp_path / "back")
    brought = back("import", tmp_path / "layout" / "rpw_layout_survey.xlsx", "--json", code=None).json
    assert brought["reconciliation"]["refused"] == 0
    ours = figures(remitwatch)
    assert len(ours) > 3000
    assert figures(back) == ours
    again = tmp_path / "again"
    back("export", "survey-layout", "--out", again)
    first, second = (folder / "rpw_layout_survey.xlsx" for folder in (tmp_path / "layout", again))
    assert sheets(first) == sheets(second)


def sheets(path: Path) -> dict[str, Any]:
    """The rows of each data sheet."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names if name.startswith("Dataset")}


def test_the_layout_is_the_surveys_column_by_column(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("import", CASE, code=None)
    remitwatch("export", "survey-layout", "--out", tmp_path / "layout")
    with CASE.open(encoding="utf-8-sig", newline="") as file:
        published = {(row["period"], row["id"]): row for row in csv.DictReader(file)}
    written = sheets(tmp_path / "layout" / "rpw_layout_survey.xlsx")["Dataset (from Q2 2016)"]
    head = written[0]
    assert len(head) == 42
    rows = [dict(zip(head, cells, strict=True)) for cells in written[1:]]
    assert rows
    for row in rows:
        of = published[row["period"], str(int(row["id"]))]
        for name in ("source_code", "destination_code", "firm", "firm_type", "payment instrument", "access point",
                     "speed actual", "receiving network coverage", "pickup method", "cc1 lcu code"):  # fmt: skip
            assert row[name] == " ".join(of[name].split()), name
        if row["transparent"] == "yes":
            for name in ("cc1 lcu amount", "cc1 lcu fee", "cc1 lcu fx rate", "cc1 fx margin", "cc1 total cost %",
                         "cc2 lcu amount", "cc2 lcu fee", "cc2 total cost %", "inter lcu bank fx"):  # fmt: skip
                assert row[name] == "" or Decimal(str(row[name])) == Decimal(of[name]), name
    back = type(remitwatch)(tmp_path / "back")
    back("import", tmp_path / "layout" / "rpw_layout_survey.xlsx", code=None)
    assert figures(back) == figures(remitwatch) != []


@pytest.mark.skipif(not SAMPLE.exists(), reason="needs the real files of ../shared/data")
def test_real_survey_rows_go_through_the_layout_to_identical_figures(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("import", SAMPLE)
    remitwatch("export", "survey-layout", "--out", tmp_path / "layout")
    back = type(remitwatch)(tmp_path / "back")
    brought = back("import", tmp_path / "layout" / "rpw_layout_survey.xlsx", "--json").json
    assert (brought["reconciliation"]["read"], brought["reconciliation"]["refused"]) == (72, 0)
    assert figures(back) == figures(remitwatch)


def test_collected_prices_read_as_a_survey_give_the_same_averages(remitwatch, today, tmp_path) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init")
    head = remitwatch("import", "--template").out.splitlines()[0]
    firms = (
        ("Example Bank", "bank", "bank_account+debit_card", "internet", "bank_account", "next_day", "high"),
        ("Example Joint", "money_transfer_operator+post_office", "debit_card+credit_card", "post_office_branch+agent",
         "partner_bank_account", "same_day", ""),
        ("Example Mobile", "mobile_operator", "mobile_money", "mobile_phone", "mobile_wallet", "within_hour", "medium"),
        ("Example Slow", "non_bank_fi", "cash", "", "home_delivery", "six_days_or_more", "low"),
        ("Example Silent", "credit_union", "cash", "bank_branch", "atm", "two_days", ""),
    )  # fmt: skip
    lines = []
    for day in (6, 13, 20):
        for number, firm in enumerate(firms):
            for amount in (18000, 45000):
                shown = firm[0] != "Example Silent"
                rate = f"28.{100 + 7 * number + day}" if shown else ""
                fee = f"{300 + number * 33 + day}.{day:02d}"
                lines.append(
                    f"2026-10-{day:02d},KEN,UGA,{','.join(firm)},{amount},KES,{fee},KES,added,{rate},,UGX,28.50,"
                    f"{str(shown).lower()},false,false,"
                )
    prices = tmp_path / "prices.csv"
    prices.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    remitwatch("import", prices, "--as", "quotes", "--source", "team")
    remitwatch("export", "survey-layout", "--period", "2026-Q4", "--out", tmp_path / "layout")
    assert "means over the days of the quarter" in (tmp_path / "layout" / "README.md").read_text("utf-8")
    rows = sheets(tmp_path / "layout" / "rpw_layout_standard.xlsx")["Dataset (from Q2 2016)"]
    assert [row[rows[0].index("payment instrument")] for row in rows[1:]] == [
        "Bank account transfer, Debit card", "Debit/credit card", "Mobile money", "Cash", "Cash",
    ]  # fmt: skip
    back = type(remitwatch)(tmp_path / "back")
    back("import", tmp_path / "layout" / "rpw_layout_standard.xlsx")
    ours, theirs = (
        [
            {name: row[name] for name in ("indicator", "scope", "group", "amount", "value", "services", "providers")}
            for row in figures(home, "--basis", basis, period="2026-Q4")
        ]
        for home, basis in ((remitwatch, "standard"), (back, "survey"))
    )
    assert len(ours) > 50
    assert ours == theirs


def test_private_prices_do_not_leave_in_any_form(remitwatch, tmp_path, today) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init")
    head = remitwatch("import", "--template").out.splitlines()[0]
    rows = "".join(
        f"2026-09-28,KEN,UGA,{name},bank,cash,agent,cash,within_hour,high,18000,KES,{fee},KES,added,28.10,505800,UGX,"
        f"28.50,true,false,{private},\n"
        for name, fee, private in (
            ("Open One", "501.25", "false"), ("Open Two", "502.25", "false"), ("Secret Bank", "517.77", "true"),
        )
    )  # fmt: skip
    prices = tmp_path / "prices.csv"
    prices.write_text(f"{head}\n{rows}", "utf-8")
    remitwatch("import", prices, "--as", "quotes", "--source", "team")
    for form, kind in FORMATS.items():
        if form.startswith("sdmx"):  # a figure with one private row behind it is withheld: there is none to report
            assert "nothing to export" in remitwatch("export", form, "--period", "2026-Q3", code=2).err
            continue
        out = tmp_path / f"{form}{kind.suffix or ''}"
        remitwatch("export", form, "--out", out, "--period", "2026-Q3")
        bodies = [content(path) for path in ([out] if out.is_file() else out.rglob("*")) if path.is_file()]
        assert bodies
        if form != "api":  # it lists no services
            assert any("Open One" in body for body in bodies), form
        assert not any(re.search(r"[Ss]ecret|517\.77", body) for body in bodies), form


def content(path: Path) -> str:
    """All of a file as text, a workbook's parts unpacked."""
    if path.suffix != ".xlsx":
        return path.read_text("utf-8")
    with zipfile.ZipFile(path) as archive:
        return "".join(archive.read(name).decode("utf-8") for name in archive.namelist())
