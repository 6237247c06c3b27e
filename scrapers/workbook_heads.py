"""What a workbook is, told from the first rows of its sheets, without reading it: for recognising a file.

Of an xlsx only the first bytes of each sheet are unpacked, so a survey of 50 MB is recognised in a moment. The texts
are found here for telling files apart, nothing more: what is stored is read by `scrapers.workbook`.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice

from lxml import etree  # type: ignore[import-untyped]

from scrapers.base import AnswerError
from scrapers.tables import is_workbook
from scrapers.workbook import check_package, is_old_workbook, workbook_parts

HEAD_ROWS = 30
"""So many rows of each sheet are looked at: notes above the header have been seen in copies."""
_SHEET_BYTES = 256 * 2**10
_TEXTS_BYTES = 64 * 2**20  # of the texts that cells share, up to the last one that a head needs
_BLOCK = 64 * 2**10
_FAULTS = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)

Head = list[list[str]]


def workbook_heads(body: bytes) -> dict[str, Head]:
    """The first rows of each sheet of a workbook by the sheet's name, in their order: the cells as text, '' for an
    empty one. {} for a file that is no workbook. An .xls (BIFF) is read whole, in the process that reads workbooks.

    Raises AnswerError (`invalid`) for a workbook that cannot be read.
    """
    if is_old_workbook(body):
        heads: dict[str, Head] = {}
        for part in workbook_parts(body):
            head = heads.setdefault(part.sheet, [])
            head += [[_text(cell) for cell in cells] for _, cells in islice(part.rows(), HEAD_ROWS - len(head))]
        return heads
    if not is_workbook(body):
        return {}
    check_package(body)
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return _heads(archive)
    except (*_FAULTS, struct.error, etree.XMLSyntaxError) as error:
        raise AnswerError("invalid", f"not readable as an xlsx workbook: {error}") from None


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _heads(archive: zipfile.ZipFile) -> dict[str, Head]:
    targets = {
        part.get("Id"): part.get("Target", "")
        for part in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    found = {}
    for sheet in _elements(archive, "xl/workbook.xml", "sheet"):
        number = next((value for name, value in sheet.items() if _local(name) == "id"), None)
        target = targets.get(number, "")
        path = target.removeprefix("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
        if path.startswith("xl/worksheets/"):  # a sheet that is only a chart has no rows
            found[str(sheet.get("name", ""))] = [list(map(_cell, row)) for row in _rows(archive, path)]
    shared = {text for rows in found.values() for row in rows for is_shared, text in row if is_shared}
    texts = _shared_texts(archive, {int(number) for number in shared if number.isdigit()})
    return {
        name: [[texts.get(text, "") if is_shared else text for is_shared, text in row] for row in rows]
        for name, rows in found.items()
    }


def _rows(archive: zipfile.ZipFile, path: str) -> Iterator[list[etree._Element | None]]:
    """The cells of the first rows, each at its place."""
    for row in islice(_elements(archive, path, "row", most=_SHEET_BYTES), HEAD_ROWS):
        cells: list[etree._Element | None] = []
        for cell in row:
            place = _column(cell.get("r", ""))
            if place is not None and len(cells) < place < 1000:
                cells += [None] * (place - len(cells))
            cells.append(cell)
        yield cells


def _column(address: str) -> int | None:
    letters = re.match("[A-Z]{1,3}", address)
    if letters is None:
        return None
    place = 0
    for letter in letters[0]:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _cell(cell: etree._Element | None) -> tuple[bool, str]:
    """Whether a cell's text is one of the shared ones, and its text (or that one's number)."""
    if cell is None:
        return False, ""
    kind = cell.get("t")
    text = "".join(part.text or "" for part in cell.iter() if _local(part.tag) in ("v", "t"))
    return kind == "s", text


def _shared_texts(archive: zipfile.ZipFile, wanted: set[int]) -> dict[str, str]:
    if not wanted:
        return {}
    found, last = {}, max(wanted)
    for number, item in enumerate(_elements(archive, "xl/sharedStrings.xml", "si", most=_TEXTS_BYTES)):
        if number in wanted:
            found[str(number)] = "".join(part.text or "" for part in item.iter() if _local(part.tag) == "t")
        if number >= last:
            break
    return found


def _elements(archive: zipfile.ZipFile, path: str, name: str, *, most: int = 2**20) -> Iterator[etree._Element]:
    """The whole elements of a name in the first bytes of a part, one after the other."""
    parser = etree.XMLPullParser(events=("end",), resolve_entities=False, no_network=True, load_dtd=False)
    left = most
    with archive.open(path) as content:
        while left > 0 and (block := content.read(min(left, _BLOCK))):
            if left == most and b"<!DOCTYPE" in block:
                raise ValueError(f"{path} declares a document type: such a workbook is not read")
            left -= len(block)
            parser.feed(block)
            for _, element in parser.read_events():
                if _local(element.tag) == name:
                    yield element
                    element.clear()


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
