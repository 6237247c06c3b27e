"""The charts of the workbook: real ones, drawn from its sheets, so that they can be changed and copied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports import names, wording
from reports.exports.inputs import ExportInput
from reports.exports.sheets import INK, RULE, Book

FEE_COLOUR, MARGIN_COLOUR = "#28579a", "#cb7413"
_SHOWN = 25
_PAGE = 36
"""Rows of the sheet that a chart takes."""
PERCENT = "per cent of the amount sent"
AVERAGE_COLUMN = 4
_LINES = {
    "world": (
        (AVERAGE_COLUMN, "average total cost", INK),
        (5, "of which fee", FEE_COLOUR),
        (6, "of which margin", MARGIN_COLOUR),
    ),
    "receiver": ((AVERAGE_COLUMN, "sending to it", FEE_COLOUR),),
    "sender": ((AVERAGE_COLUMN, "sending from it", MARGIN_COLOUR),),
}
"""The lines of each scope: column of the sheet `trend`, name, colour."""
Rows = Sequence[Sequence[Any]]


def draw_charts(book: Book, sheet: Any, export: ExportInput, *, trend: Rows, corridors: Rows, groups: Rows) -> None:
    """Draw the charts of the lead basis. The rows are those of the sheets of the same names, in their order."""
    basis = export.site.views[0].basis
    sheet.set_column(0, 20, 9)
    at = 0
    for chart in (
        _over_time(book, basis, trend, export),
        _corridors(book, basis, corridors, dearest=True),
        _corridors(book, basis, corridors, dearest=False),
        _groups(book, basis, groups),
    ):
        if chart is not None:
            sheet.insert_chart(at, 0, chart, {"object_position": 1, "description": chart.title.name})
            at += _PAGE
    sheet.set_h_pagebreaks(range(_PAGE, at, _PAGE))
    if at == 0:
        book.text(sheet, 0, 0, "There are too few figures for a chart.")
    book.text(sheet, max(at - 1, 1), 0, _source(export))


def _source(export: ExportInput) -> str:
    names = sorted({wording.clean_text(line.attribution) for line in export.site.sources_of(export.site.views[0])})
    return f"Source: {'; '.join(names)}. Calculations: remitwatch, method {export.data.method}."


def _chart(book: Book, kind: dict[str, str], title: str, unit: str, height: int = 620) -> Any:
    chart = book.workbook.add_chart(kind)
    mark = f" ({book.mark.split(':')[0]})" if book.mark else ""
    chart.set_title({"name": title + mark, "name_font": {"size": 13, "color": INK}, "overlay": False})
    chart.set_size({"width": 1100, "height": height})
    chart.set_legend({"position": "bottom"})
    chart.set_chartarea({"border": {"none": True}})
    axis = {"name": unit, "num_format": "0", "major_gridlines": {"visible": True, "line": {"color": RULE}}, "min": 0}
    chart.set_y_axis(axis)
    return chart


def _over_time(book: Book, basis: str, rows: Rows, export: ExportInput) -> Any:
    """The average of the world (of a country: to it, from it) period by period."""
    wanted = ("world",) if export.country is None else ("receiver", "sender")
    series: dict[str, list[int]] = {}
    for at, row in enumerate(rows, start=1):
        if row[0] == basis and row[1] in wanted and row[2] in ("world", export.country):
            series.setdefault(row[1], []).append(at)
    lines = [(scope, places, *line) for scope, places in series.items() if len(places) > 1 for line in _LINES[scope]]
    if not lines:
        return None
    what = "Average cost" if export.country is None else f"Average cost, {names.country(export.country)}"
    chart = _chart(book, {"type": "line"}, f"{what} of sending USD 200", PERCENT, 520)
    for scope, places, column, name, colour in lines:
        whole = column == AVERAGE_COLUMN
        chart.add_series(
            {
                "name": name,
                "categories": ["trend", places[0], 3, places[-1], 3],
                "values": ["trend", places[0], column, places[-1], column],
                "line": {"color": colour, "width": 2.25, "dash_type": "solid" if whole else "dash"},
                "marker": {
                    "type": "circle" if scope != "sender" else "square",
                    "size": 4,
                    "fill": {"color": colour},
                    "border": {"color": colour},
                }
                if whole
                else {"type": "none"},
            }
        )
    chart.show_blanks_as("gap")
    return chart


def _corridors(book: Book, basis: str, rows: Rows, *, dearest: bool) -> Any:
    """Corridors by cost, fee and margin stacked. The rows come dearest first."""
    priced = [at for at, row in enumerate(rows, start=1) if row[0] == basis and row[6] is not None]
    if not priced or (not dearest and len(priced) <= _SHOWN):
        return None
    places = priced[:_SHOWN] if dearest else priced[-_SHOWN:]
    if len(priced) <= _SHOWN:
        title = "Corridors by cost of sending USD 200"
    else:
        title = f"The {_SHOWN} {'dearest' if dearest else 'cheapest'} of {len(priced)} corridors, USD 200"
    chart = _chart(book, {"type": "bar", "subtype": "stacked"}, title, "", 660)
    for column, name, colour in ((7, "fee", FEE_COLOUR), (8, "exchange-rate margin", MARGIN_COLOUR)):
        chart.add_series(
            {
                "name": name,
                "categories": ["corridors", places[0], 3, places[-1], 3],
                "values": ["corridors", places[0], column, places[-1], column],
                "fill": {"color": colour},
                "gap": 40,
            }
        )
    chart.set_x_axis(
        {"name": PERCENT, "num_format": "0", "major_gridlines": {"visible": True,
         "line": {"color": RULE}}}
    )  # fmt: skip
    chart.set_y_axis({"reverse": True, "crossing": "max", "label_position": "low", "interval_unit": 1})
    return chart


def _groups(book: Book, basis: str, rows: Rows) -> Any:
    """Average costs by provider type."""
    places = [at for at, row in enumerate(rows, start=1) if row[0] == basis and row[2] == "provider_type"]
    if len(places) < 2:
        return None
    chart = _chart(
        book, {"type": "column", "subtype": "stacked"}, "Average cost by provider type, USD 200",
        PERCENT, 480,
    )  # fmt: skip
    for column, name, colour in ((5, "fee", FEE_COLOUR), (6, "exchange-rate margin", MARGIN_COLOUR)):
        chart.add_series(
            {
                "name": name,
                "categories": ["groups", places[0], 3, places[-1], 3],
                "values": ["groups", places[0], column, places[-1], column],
                "fill": {"color": colour},
                "gap": 80,
            }
        )
    chart.set_x_axis({"label_position": "low"})
    return chart
