"""The regions of receivers: a table on one scale, and small multiples of their trends."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from reports import names, numbers
from reports.charts import bars, line
from reports.findings import AVERAGE, FEE, MARGIN, services_in_corridors
from reports.language import _, pgettext
from reports.lookup import Figure
from reports.site import BasisView


def regions(view: BasisView) -> dict[str, Any] | None:
    """The regions from the cheapest to the dearest; None where no region has an average."""
    figures = view.figures
    rows = []
    for place in figures.places("region"):
        figure = figures.get(AVERAGE, place)
        if figure is not None and figure.value is not None:
            rows.append((figure.value, place[1], place, figure))
    if not rows:
        return None
    rows.sort()
    held = {place: figures.steady(AVERAGE, place) for _, _, place, _ in rows}
    periods = sorted({figure.period for series in held.values() for figure in series}, key=numbers.period_days)
    scale = bars.BarScale(
        [value for value, *_ in rows], [figures.value(FEE, place) or Decimal(0) for *_, place, _ in rows]
    )
    table = []
    for value, name, place, figure in rows:
        bar = scale.bar(figures.value(FEE, place), figures.value(MARGIN, place), value)
        table.append({"name": names.region(name), "value": value, "bar": bar, "figure": figure})
    panels = []
    if len(periods) > 2:
        top = max(float(past.value) for series in held.values() for past in series if past.value is not None)
        panels = [
            _panel(number, names.region(name), figure, held[place], periods, max(top * 1.05, 5.5))
            for number, (_, name, place, figure) in enumerate(rows)
        ]
    return {"rows": table, "axis": scale.axis(), "panels": panels}


def _panel(
    number: int, name: str, figure: Figure, series: list[Figure], periods: list[str], top: float
) -> dict[str, Any]:
    """One panel of the small multiples of regions: a region without an earlier figure is a point at the end."""
    start, end = numbers.period_days(periods[0])[0], numbers.period_days(periods[-1])[1]
    held = line.without_gaps([(past.period, past.value) for past in series if past.value is not None])
    points = [
        [((line.middle(period) - start).days / max((end - start).days, 1), value) for period, value in run]
        for run in held
    ]
    behind = services_in_corridors(figure)
    if len(series) > 1 and figure.value is not None and series[0].value is not None:
        moved, since = numbers.change(figure.value - series[0].value), _short(series[0].period)
        sub = _("{change} points since {period} · {behind}", change=moved, period=since, behind=behind)
        title = _("{region}: {before} in {period}, {now} now", region=name, before=numbers.percent(series[0].value),
                  period=series[0].period, now=numbers.percent(figure.value))  # fmt: skip
    else:
        sub = _("no earlier figure · {behind}", behind=behind)
        title = pgettext("region", "{region}: {value}", region=name, value=numbers.percent(figure.value))
    points = points or [[(1.0, figure.value or Decimal(0))]]
    ends = (_short(periods[0]), _short(periods[-1]))
    return {"name": name, "sub": sub, "svg": bars.panel(f"region{number}t", title, points, top, ends)}


def _short(period: str) -> str:
    if numbers.period_kind(period) in ("day", "week"):
        return numbers.short_day(numbers.period_days(period)[0])
    return period
