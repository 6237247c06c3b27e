"""How the answers of the sandbox's World Bank are changed in scenarios."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache

from scrapers.sandbox import worldbank
from scrapers.sandbox.faults import Change, Play
from scrapers.sandbox.marks import MARK
from scrapers.sandbox.survey import COLUMNS, SHEET, survey_files, survey_rows
from scrapers.sandbox.wire import Answer, json_answer
from scrapers.sandbox.world import World


def new_number(play: Play) -> Answer:
    """The workbook under another resource id."""
    if play.question.path != worldbank.CATALOG:
        return play.answer()
    issued, name, _ = survey_files(play.world, play.day)[-1]
    return json_answer(worldbank.catalog(f"{issued}T09:00:00+00:00", name, "DR0101777"))


def _workbook(change: Callable[[World, date], bytes]) -> Change:
    def changed(play: Play) -> Answer:
        right = play.answer()
        return replace(right, body=change(play.world, play.day)) if right.content_type == worldbank.XLSX else right

    return changed


def _cut(world: World, day: date) -> bytes:
    return survey_files(world, day)[-1][2][:-2000]


@lru_cache(maxsize=2)
def _drifted(world: World, day: date) -> bytes:
    """The workbook with one of its columns under another name."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(survey_files(world, day)[-1][2])) as old,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            part = old.read(member)
            new.writestr(member, part.replace(b"<t>cc1 lcu amount</t>", b"<t>amount 1 (local)</t>"))
    return content.getvalue()


@lru_cache(maxsize=2)
def _as_text(world: World, day: date) -> bytes:
    """A workbook of one quarter, every number a text, as two quarters of the real one were published."""
    import xlsxwriter  # only who plays this waits for it

    quarter = survey_files(world, day)[-1][1].removeprefix("rpw_dataset_sandbox_").removesuffix(".xlsx")
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_properties({"subject": MARK, "created": datetime(day.year, 1, 1, tzinfo=UTC)})
    sheet = book.add_worksheet(SHEET)
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name)
    for place, row in enumerate(survey_rows(world, quarter.replace("_q", "-Q"), 1), start=1):
        for column, cell in enumerate(row.values()):
            sheet.write_string(place, column, cell.strftime("%d/%b/%Y") if isinstance(cell, date) else str(cell))
    book.close()
    return content.getvalue()


cut, drifted, as_text = _workbook(_cut), _workbook(_drifted), _workbook(_as_text)


def few_figures(play: Play) -> Answer:
    """Pages of ten rows, whatever is asked."""
    return worldbank.figures(play.world, play.question, play.day, most=10)


def few_flows(play: Play) -> Answer:
    """Eight rows an answer, whatever is asked."""
    return worldbank.flows(play.world, play.question, play.day, most=8)


def cut_list(play: Play) -> Answer:
    """No row beyond the eighth, whatever is asked: what a cap on rows does to those who page by it."""
    if int(play.question.query.get("skip", "0")) < 8:
        return few_flows(play)
    return json_answer({"count": len(worldbank.flow_rows(play.world)), "value": []})
