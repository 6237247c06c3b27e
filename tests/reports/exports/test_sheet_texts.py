"""Texts of a workbook as its readers have them, whatever they look like."""

import io

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from reports.exports.sheet_texts import write_text

TEXTS = (
    "plain",
    "<r><t>rich</t></r>",
    "<r></r>",
    "<r>",
    "<r> a & b <c r='A9'><f>1+1</f></c> </r>",
    "<r><t>half",
    "  <r>later</r>",
)


@pytest.mark.parametrize("constant_memory", [True, False])
def test_every_text_is_read_back_though_it_look_like_xml(constant_memory):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"constant_memory": constant_memory}) as workbook:
        bold = workbook.add_format({"bold": True})
        sheet = workbook.add_worksheet()
        for row, text in enumerate(TEXTS):
            write_text(sheet, row, 0, text, bold)
            write_text(sheet, row, 1, text)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content.getvalue())).get_sheet_by_index(0).to_python()
    assert [[cell.strip() for cell in row] for row in rows] == [[text.strip()] * 2 for text in TEXTS]
