"""The survey workbook, as a statistician brings it: hostile ones hurt nobody, messy ones are accounted for."""

import io
import zipfile
from pathlib import Path

import xlsxwriter

FAR = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)


def hostile(path: Path, sheet: str) -> Path:
    """A workbook whose first sheet is replaced."""
    content = io.BytesIO()
    made = xlsxwriter.Workbook(content, {"in_memory": True})
    made.add_worksheet("Dataset (from Q2 2016)")
    made.close()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            part = member.filename == "xl/worksheets/sheet1.xml"
            new.writestr(member, sheet if part else old.read(member))
    return path


def test_a_hostile_workbook_is_one_line_and_nothing_is_stored(remitwatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    remitwatch("init")
    for name, sheet, words in (
        ("sparse.xlsx", FAR, "reaches over 1,048,576 rows and 16,384 columns"),
        ("bomb.xlsx", "<worksheet>" + " " * 60_000_000, "times its size"),
    ):
        refused = remitwatch("import", hostile(tmp_path / name, sheet), code=2)
        assert words in refused.err
        assert name in refused.err
        assert refused.err.count("\n") == 1
    assert remitwatch("runs", "list", "--json").json == []
    assert list((remitwatch.home / "archive").rglob("*.gz")) == []
