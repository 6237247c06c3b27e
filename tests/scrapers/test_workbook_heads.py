"""What a workbook is, told without reading it."""

import io
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from scrapers import registry
from scrapers.base import AnswerError
from scrapers.tables import workbook_sheets
from scrapers.workbook_heads import HEAD_ROWS, workbook_heads

CASES = Path(__file__).parents[1] / "cases"
BOOKS = sorted(path for path in CASES.glob("*/*/0001.body.xls*"))


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_the_texts_that_are_read_stand_in_the_heads(path: Path) -> None:
    """Texts only: numbers and dates stand in the file in other forms. Rows without a text are left out."""
    body = path.read_bytes()
    heads = workbook_heads(body)
    for sheet in workbook_sheets(body):
        read = [[cell for cell in cells if isinstance(cell, str) and cell] for _, cells in sheet.rows]
        read = [cells for cells in read if cells][:HEAD_ROWS]
        head = [set(cells) for cells in heads[sheet.name] if any(cells)]
        assert len(head) >= len(read) > 0
        assert not [set(cells) - known for cells, known in zip(read, head, strict=False) if set(cells) - known]


def test_a_text_stands_at_its_place_whatever_stands_before_it() -> None:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet("A & B")
    sheet.write(0, 3, "id")
    sheet.write_rich_string(2, 1, "two ", book.add_format({"bold": True}), "parts")
    sheet.write(2, 2, 5)
    for row in range(HEAD_ROWS, 3 * HEAD_ROWS):
        sheet.write(row, 0, f"text {row}")
    book.add_worksheet("Empty")
    book.close()
    heads = workbook_heads(content.getvalue())
    assert list(heads) == ["A & B", "Empty"]
    assert heads["A & B"][0] == ["", "", "", "id"]
    assert heads["A & B"][1] == ["", "two parts", "5"]
    assert len(heads["A & B"]) == HEAD_ROWS
    assert heads["Empty"] == []


def test_what_is_no_workbook_has_no_head_and_a_broken_one_is_refused_in_one_line() -> None:
    assert workbook_heads(b"a,b\n") == {}
    body = (CASES / "worldbank/xlsx/0001.body.xlsx").read_bytes()
    for broken in (body[:3000], (CASES / "worldbank/xls/0001.body.xls").read_bytes()[:600]):
        with pytest.raises(AnswerError, match="not readable as an") as caught:
            registry.scraper("worldbank").recognises(broken, "file")
        assert "\n" not in str(caught.value)


@given(data=st.data())
def test_a_damaged_workbook_has_a_head_or_is_refused(data: st.DataObject) -> None:
    body = bytearray((CASES / "worldbank/xlsx/0001.body.xlsx").read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        heads = workbook_heads(bytes(body))
    except AnswerError:
        pass
    else:
        assert all(isinstance(text, str) for rows in heads.values() for cells in rows for text in cells)
